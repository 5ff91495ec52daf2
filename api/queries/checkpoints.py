"""Checkpoints of the log, newest first."""

from sqlalchemy import Connection, RowMapping, select

from api.queries import tables
from api.wire import Decimal, Hex32, Moment, View, at_ms, hex_of
from ledger_node.errors import CheckpointNotFound


class CheckpointView(View):
    """A signed tree head; `note` is the text with its signature lines."""

    id: int
    origin: str
    size: Decimal
    root: Hex32
    block: int
    block_hash: Hex32
    subjects: Hex32
    signed_at: Moment
    published_at: Moment | None
    witnesses: int
    note: str


class LogStateView(View):
    """How far the log has come, and why it stopped if it did."""

    origin: str
    size: Decimal
    block: int
    stopped_reason: str


def listed(log: Connection, *, limit: int, before: int | None = None) -> list[CheckpointView]:
    """Up to `limit` + 1 notes, newest first."""
    note = tables.note.c
    query = select(tables.note).order_by(note.id.desc()).limit(limit + 1)
    if before is not None:
        query = query.where(note.id < before)
    return [_view(row) for row in log.execute(query).mappings()]


def newest(log: Connection) -> CheckpointView | None:
    """The newest published note, or None before the first."""
    note = tables.note.c
    row = (
        log.execute(select(tables.note).where(note.published_at_ms.is_not(None)).order_by(note.id.desc()).limit(1))
        .mappings()
        .first()
    )
    return None if row is None else _view(row)


def find(log: Connection, number: int) -> CheckpointView:
    """A note by its number here; CheckpointNotFound where there is none."""
    row = log.execute(select(tables.note).where(tables.note.c.id == number)).mappings().first()
    if row is None:
        raise CheckpointNotFound(str(number))
    return _view(row)


def state(log: Connection) -> LogStateView | None:
    """The newest origin's state, or None before the log began."""
    row = log.execute(select(tables.log_state).order_by(tables.log_state.c.origin.desc()).limit(1)).mappings().first()
    if row is None:
        return None
    return LogStateView(
        origin=row["origin"],
        size=str(row["size"]),
        block=row["block_number"],
        stopped_reason=row["stopped_reason"],
    )


def _view(row: RowMapping) -> CheckpointView:
    _, _, lines = row["text"].partition("\n\n")
    return CheckpointView(
        id=row["id"],
        origin=row["origin"],
        size=str(row["size"]),
        root=hex_of(row["root"]),
        block=row["block_number"],
        block_hash=hex_of(row["block_hash"]),
        subjects=hex_of(row["subjects"]),
        signed_at=at_ms(row["signed_at_ms"]),
        published_at=None if row["published_at_ms"] is None else at_ms(row["published_at_ms"]),
        witnesses=max(0, lines.count("\n") - 1),
        note=row["text"],
    )
