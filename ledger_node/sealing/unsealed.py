"""Reading the journal for the sealer: how far each stream is sealed, and what came after."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from ledger_node.domain import sum_tree
from ledger_node.domain.batch import Candidate
from ledger_node.domain.lot_map import EMPTY_ROOT
from ledger_node.domain.record import Verdict
from ledger_node.errors import JournalContradictsItself
from ledger_node.store.journal import Batch, Record, RecordLot, StreamHead

_RECORD = Record.__table__  # type: ignore[attr-defined]
_RECORD_LOT = RecordLot.__table__  # type: ignore[attr-defined]
_BATCH = Batch.__table__  # type: ignore[attr-defined]
_STREAM_HEAD = StreamHead.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Tail:
    """The newest batch of a stream, as the next one needs it; times in seconds, 0 before the first."""

    sequence: int
    next_position: int | None
    root: bytes
    lots: bytes
    sealed_at: int


FIRST_TAIL = Tail(0, None, sum_tree.EMPTY.hash, EMPTY_ROOT, 0)


@dataclass(frozen=True, slots=True)
class UnsealedRecord:
    """A journaled record that no batch has yet, with the lots it names."""

    id: int
    position: int
    record_hash: bytes
    received_at_ms: int
    observed_at_ms: int
    verdict: int
    reason: int
    kind: str
    amount_minor: int
    mass_grams: int
    envelope: bytes
    lots: tuple[tuple[bytes, int], ...] = ()

    @property
    def is_counted(self) -> bool:
        """Whether its numbers enter the leaf."""
        return Verdict(self.verdict).is_counted

    def candidate(self) -> Candidate:
        """What the close rule looks at."""
        counted = self.is_counted
        return Candidate(
            len(self.envelope), self.received_at_ms, self.amount_minor * counted, self.mass_grams * counted
        )


_COLUMNS = [_RECORD.c[name] for name in UnsealedRecord.__slots__ if name != "lots"]


def next_positions(connection: Connection) -> dict[str, int]:
    """Of each stream that has records, the position its next record will get."""
    rows = connection.execute(select(_STREAM_HEAD.c.stream, _STREAM_HEAD.c.next_position))
    return {row.stream: row.next_position for row in rows}


def tail_of(connection: Connection, stream: str) -> Tail:
    """Where the stream's sealing stands."""
    query = select(_BATCH).where(_BATCH.c.stream == stream).order_by(_BATCH.c.sequence.desc()).limit(1)
    row = connection.execute(query).mappings().first()
    if row is None:
        return FIRST_TAIL
    # Heartbeats before the first record stand at position 0, wherever the stream will begin.
    next_position = row["first_position"] + row["count"] or None
    return Tail(row["sequence"], next_position, row["root"], row["lots"], row["sealed_at"])


def first_position(connection: Connection, stream: str) -> int | None:
    """Where the stream begins; None while it has no record."""
    query = select(func.min(_RECORD.c.position)).where(_RECORD.c.stream == stream)
    found: int | None = connection.execute(query).scalar_one()
    return found


def unsealed(connection: Connection, stream: str, position: int, limit: int) -> list[UnsealedRecord]:
    """The records from `position` on, without their lots. JournalContradictsItself where positions have a hole."""
    rows = connection.execute(
        select(*_COLUMNS)
        .where(_RECORD.c.stream == stream, _RECORD.c.position >= position)
        .order_by(_RECORD.c.position)
        .limit(limit)
    ).all()
    for expected, row in enumerate(rows, position):
        if row.position != expected:
            raise JournalContradictsItself(stream, f"position {expected} is missing before {row.position}")
    return [UnsealedRecord(*row) for row in rows]


def lots_of(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[tuple[bytes, int], ...]]:
    """The lots that records name, each record's in order of first mention."""
    found: dict[int, list[tuple[bytes, int]]] = {}
    for start in range(0, len(ids), 500):
        rows = connection.execute(
            select(_RECORD_LOT)
            .where(_RECORD_LOT.c.record_id.in_(ids[start : start + 500]))
            .order_by(_RECORD_LOT.c.record_id, _RECORD_LOT.c.ordinal)
        )
        for row in rows:
            found.setdefault(row.record_id, []).append((row.lot_key, row.share_grams))
    return {record_id: tuple(lots) for record_id, lots in found.items()}
