"""Pins and the challenges to them; a pin also moves its stream's head."""

from collections.abc import Mapping
from typing import Final

from ledger_node.bindings.pin_registry import PinChallengeAnswered, PinChallenged, Pinned
from ledger_node.indexer.blocks import Place
from ledger_node.indexer.projections.handler import Handler
from ledger_node.indexer.rows import Rows, sql_integer
from ledger_node.store.projections import Pin, PinChallenge, Stream

OPEN: Final = 1
ANSWERED: Final = 2
FLAGGED: Final = 3


def set_challenge_state(rows: Rows, stream: bytes, sequence: int, state: int) -> None:
    """Moves the challenge to a pin on."""
    rows.change(PinChallenge, {"stream": stream, "sequence": sequence}, state=state)


def _pinned(rows: Rows, event: Pinned, place: Place) -> None:
    header = event.header
    rows.put(
        Pin,
        stream=event.stream,
        sequence=event.sequence,
        root=header.root,
        previous_root=header.previous_root,
        count=header.count,
        amount=header.amount,
        mass=header.mass,
        first_at=sql_integer(header.first_at),
        last_at=sql_integer(header.last_at),
        sealed_at=sql_integer(header.sealed_at),
        content=header.content,
        lots=header.lots,
        rules=header.rules,
        block_number=place.block_number,
        block_time=place.block_time,
        tx_hash=place.tx_hash,
        log_index=place.log_index,
    )
    rows.change(
        Stream,
        {"stream": event.stream},
        sequence=event.sequence,
        root=header.root,
        sealed_at=sql_integer(header.sealed_at),
    )


def _challenged(rows: Rows, event: PinChallenged, place: Place) -> None:
    rows.put(
        PinChallenge,
        stream=event.stream,
        sequence=event.sequence,
        challenger=event.challenger,
        answer_until=sql_integer(event.answer_until),
        state=OPEN,
    )


def _answered(rows: Rows, event: PinChallengeAnswered, place: Place) -> None:
    set_challenge_state(rows, event.stream, event.sequence, ANSWERED)


HANDLERS: Mapping[type, Handler] = {Pinned: _pinned, PinChallenged: _challenged, PinChallengeAnswered: _answered}
