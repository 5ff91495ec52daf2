"""How far a record has come: kept, sealed, sent, pinned, final, proven; read from all three databases."""

from typing import Any, Literal

from sqlalchemy import Connection, RowMapping, select

from api.queries import tables
from api.services import Views
from api.wire import Decimal, Hex32, Moment, View, at_ms, at_s, hex_of
from ledger_node.domain.record import name_hash

Stage = Literal["kept", "sealed", "sent", "pinned", "final", "proven"]
STAGES: tuple[Stage, ...] = ("kept", "sealed", "sent", "pinned", "final", "proven")
_SENT_STATES = frozenset({"signed", "sent", "mined", "final"})


class PinPlace(View):
    """Where a pin stands on the chain."""

    stream: str
    sequence: int
    root: Hex32
    content: Hex32
    block: int
    block_at: Moment | None
    transaction: Hex32


class CheckpointPlace(View):
    """The published checkpoint that first covers a block."""

    size: Decimal
    block: int
    published_at: Moment


class Progress(View):
    """A record's way so far; what has not happened yet is null."""

    stage: Stage
    batch_sequence: int | None = None
    batch_count: int | None = None
    batch_index: int | None = None
    sealed_at: Moment | None = None
    pin: PinPlace | None = None
    checkpoint: CheckpointPlace | None = None


def progress_of(views: Views, stream: str, position: int) -> Progress:
    """The progress of the record at `position` of `stream`."""
    batch = batch_at(views.journal, stream, position)
    if batch is None:
        return Progress(stage="kept")
    known: dict[str, Any] = {
        "batch_sequence": batch["sequence"],
        "batch_count": batch["count"],
        "batch_index": position - batch["first_position"],
        "sealed_at": at_s(batch["sealed_at"]),
    }
    pin = pin_row(views.projections, stream, batch["sequence"])
    if pin is None or pin["root"] != batch["root"]:
        state = views.journal.execute(
            select(tables.tx.c.state).where(tables.tx.c.idempotency_key == batch["tx_key"])
        ).scalar()
        return Progress(stage="sent" if state in _SENT_STATES else "sealed", **known)
    known["pin"] = PinPlace(
        stream=stream,
        sequence=pin["sequence"],
        root=hex_of(pin["root"]),
        content=hex_of(pin["content"]),
        block=pin["block_number"],
        block_at=at_s(pin["block_time"]),
        transaction=hex_of(pin["tx_hash"]),
    )
    checkpoint = first_checkpoint_over(views.log, pin["block_number"])
    if checkpoint is not None:
        return Progress(stage="proven", checkpoint=checkpoint, **known)
    return Progress(stage="final" if is_final(views.projections, pin["block_number"]) else "pinned", **known)


def batch_at(journal: Connection, stream: str, position: int) -> RowMapping | None:
    """The batch that holds a position, or None while it is open."""
    batch = tables.batch.c
    row = (
        journal.execute(
            select(tables.batch)
            .where(batch.stream == stream, batch.first_position <= position, batch.count > 0)
            .order_by(batch.first_position.desc())
            .limit(1)
        )
        .mappings()
        .first()
    )
    return row if row is not None and position < row["first_position"] + row["count"] else None


def pin_row(projections: Connection, stream: str, sequence: int) -> RowMapping | None:
    """The pin as the chain holds it."""
    pin = tables.pin.c
    return (
        projections.execute(select(tables.pin).where(pin.stream == name_hash(stream), pin.sequence == sequence))
        .mappings()
        .first()
    )


def is_final(projections: Connection, block: int) -> bool:
    """Whether the block can no longer be undone."""
    return bool(projections.execute(select(tables.block.c.final).where(tables.block.c.number == block)).scalar())


def first_checkpoint_over(log: Connection, block: int) -> CheckpointPlace | None:
    """The oldest published checkpoint that has taken the block in."""
    note = tables.note.c
    row = (
        log.execute(
            select(note.size, note.block_number, note.published_at_ms)
            .where(note.block_number >= block, note.published_at_ms.is_not(None))
            .order_by(note.block_number, note.size)
            .limit(1)
        )
        .mappings()
        .first()
    )
    if row is None:
        return None
    return CheckpointPlace(size=str(row["size"]), block=row["block_number"], published_at=at_ms(row["published_at_ms"]))
