"""Attestation schemas as they are registered."""

from collections.abc import Mapping

from ledger_node.bindings.schema_registry import Registered
from ledger_node.indexer.blocks import Place
from ledger_node.indexer.projections.handler import Handler
from ledger_node.indexer.rows import Rows
from ledger_node.store.projections import Schema


def _registered(rows: Rows, event: Registered, place: Place) -> None:
    # PostgreSQL keeps no NUL in text; anybody may register a schema, so it must not stop us.
    text = event.schema.schema.replace("\0", "\ufffd")
    rows.put(Schema, uid=event.uid, schema_text=text, resolver=event.schema.resolver, revocable=event.schema.revocable)


HANDLERS: Mapping[type, Handler] = {Registered: _registered}
