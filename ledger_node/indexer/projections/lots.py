"""The lot ledger: each lot's state, and what parties hold of it."""

from collections.abc import Mapping

from ledger_node.bindings.lot_ledger import LotHeldSet, LotStateSet
from ledger_node.indexer.blocks import Place
from ledger_node.indexer.projections.handler import Handler
from ledger_node.indexer.rows import Rows
from ledger_node.store.projections import LotHolding, LotState


def _state(rows: Rows, event: LotStateSet, place: Place) -> None:
    rows.put(LotState, lot_key=event.lot, state=event.state, cause=event.uid, block_number=place.block_number)


def _held(rows: Rows, event: LotHeldSet, place: Place) -> None:
    rows.put(LotHolding, lot_key=event.lot, party=event.party, held=event.held)


HANDLERS: Mapping[type, Handler] = {LotStateSet: _state, LotHeldSet: _held}
