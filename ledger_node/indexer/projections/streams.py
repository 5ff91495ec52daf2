"""Streams as they are opened, handed to another pinner, and flagged for an unanswered challenge."""

from collections.abc import Mapping

from ledger_node.bindings.pin_registry import PinnerSet, StreamFlagged, StreamOpened
from ledger_node.domain.merkle import EMPTY_ROOT
from ledger_node.indexer.blocks import Place
from ledger_node.indexer.projections.handler import Handler
from ledger_node.indexer.projections.pins import FLAGGED, set_challenge_state
from ledger_node.indexer.rows import Rows
from ledger_node.store.projections import Stream


def _opened(rows: Rows, event: StreamOpened, place: Place) -> None:
    rows.put(
        Stream,
        stream=event.stream,
        owner=event.owner,
        market=event.market,
        pinner=event.pinner,
        flags=event.flags,
        sequence=0,
        root=EMPTY_ROOT,
        sealed_at=0,
        flagged=False,
    )


def _pinner(rows: Rows, event: PinnerSet, place: Place) -> None:
    rows.change(Stream, {"stream": event.stream}, pinner=event.pinner)


def _flagged(rows: Rows, event: StreamFlagged, place: Place) -> None:
    rows.change(Stream, {"stream": event.stream}, flagged=True)
    set_challenge_state(rows, event.stream, event.sequence, FLAGGED)


HANDLERS: Mapping[type, Handler] = {StreamOpened: _opened, PinnerSet: _pinner, StreamFlagged: _flagged}
