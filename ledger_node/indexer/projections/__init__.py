"""What each event changes: functions of (rows before, event, its place), one file a noun, collected in `HANDLERS`.

No clock, no network, no table that events do not write. An event without a handler is kept and changes nothing.
"""

from collections.abc import Mapping

from ledger_node.indexer.projections import attestations, contracts, devices, lots, parties, pins, schemas, streams
from ledger_node.indexer.projections.handler import Handler

_NOUNS = (contracts, parties, devices, streams, pins, lots, schemas, attestations)

HANDLERS: Mapping[type, Handler] = {event: handler for noun in _NOUNS for event, handler in noun.HANDLERS.items()}
"""Event class of the bindings → what it changes."""
