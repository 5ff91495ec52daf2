"""Taking final blocks into the log: entries, tiles, subjects and both roots in one SQL transaction.

What the chain said stands in the projections database; nothing here asks a node. A block is taken in whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Table, func, insert, select, update

from ledger_node.domain import log_tile
from ledger_node.domain.log_entry import LogEntry
from ledger_node.domain.log_tile import TileTree
from ledger_node.domain.merkle import EMPTY_ROOT
from ledger_node.domain.sparse_tree import EMPTY
from ledger_node.domain.subject_map import SubjectMap, SubjectState, subject_key
from ledger_node.errors import CheckpointLogStopped, CursorMoved
from ledger_node.store.log import LogEntryRow, LogState, LogTile, Subject, SubjectEntry
from ledger_node.store.log_reader import read_tile
from ledger_node.store.projections import Block, Event
from ledger_node.store.upsert import upsert

_BLOCK: Table = Block.__table__  # type: ignore[attr-defined]
_EVENT: Table = Event.__table__  # type: ignore[attr-defined]
_ENTRY: Table = LogEntryRow.__table__  # type: ignore[attr-defined]
_STATE: Table = LogState.__table__  # type: ignore[attr-defined]
_SUBJECT: Table = Subject.__table__  # type: ignore[attr-defined]
_SUBJECT_ENTRY: Table = SubjectEntry.__table__  # type: ignore[attr-defined]
_TILE: Table = LogTile.__table__  # type: ignore[attr-defined]
EVENTS_A_TRANSACTION = 5_000


@dataclass(frozen=True, slots=True)
class LogHead:
    """How far the log has come: its size, both roots, and the last final block taken in (−1: none)."""

    size: int = 0
    root: bytes = EMPTY_ROOT
    subjects: bytes = EMPTY
    block_number: int = -1
    block_hash: bytes = bytes(32)


@dataclass(frozen=True, slots=True)
class FinalBlocks:
    """A run of final blocks: the last one, and all entries of the run in chain order."""

    block_number: int
    block_hash: bytes
    entries: tuple[LogEntry, ...]


def read_head(connection: Connection, origin: str) -> LogHead:
    """The stored head. Raises CheckpointLogStopped when the log of this origin was stopped."""
    row = connection.execute(select(_STATE).where(_STATE.c.origin == origin)).mappings().first()
    if row is None:
        return LogHead()
    if row["stopped_reason"]:
        raise CheckpointLogStopped(origin, row["stopped_reason"])
    return LogHead(row["size"], row["root"], row["subjects"], row["block_number"], row["block_hash"])


def read_final_blocks(
    projections: Connection, after_block: int, *, limit: int = EVENTS_A_TRANSACTION
) -> FinalBlocks | None:
    """The final blocks after `after_block`, cut at a block's end near `limit` events; None when there are none."""
    last = projections.execute(select(func.max(_BLOCK.c.number)).where(_BLOCK.c.final)).scalar()
    if last is None or last <= after_block:
        return None
    run = _EVENT.c.block_number.between(after_block + 1, last)
    query = select(_EVENT).where(run).order_by(_EVENT.c.block_number, _EVENT.c.log_index).limit(limit + 1)
    rows = list(projections.execute(query))
    if len(rows) > limit:
        last = _last_whole_block(rows)
        rows = [row for row in rows if row.block_number <= last]
        if rows[0].block_number == last:  # one block with more events than fit: take it whole
            query = select(_EVENT).where(_EVENT.c.block_number == last).order_by(_EVENT.c.log_index)
            rows = list(projections.execute(query))
    block_hash = projections.execute(select(_BLOCK.c.hash).where(_BLOCK.c.number == last)).scalar_one()
    return FinalBlocks(last, block_hash, tuple(_entry(row) for row in rows))


def append(connection: Connection, origin: str, head: LogHead, blocks: FinalBlocks, subjects: SubjectMap) -> LogHead:
    """Writes a run of blocks; the new head. `subjects` is the map at `head` and moves on with it.

    Raises CursorMoved when the stored head is no longer `head`: somebody else appended.
    """
    positions = list(enumerate(blocks.entries, start=head.size))
    _write_entries(connection, positions)
    new_tiles = log_tile.append(
        head.size,
        [entry.leaf_hash for entry in blocks.entries],
        lambda level, number: read_tile(connection, level, number),
    )
    upsert(connection, _TILE, [tile._asdict() for tile in new_tiles])
    _write_subjects(connection, positions, subjects)
    size = head.size + len(positions)
    tree = TileTree(lambda level, number: read_tile(connection, level, number))
    after = LogHead(
        size, tree.root(size) if positions else head.root, subjects.root(), blocks.block_number, blocks.block_hash
    )
    _move_head(connection, origin, head, after)
    return after


def stop(connection: Connection, origin: str, reason: str) -> None:
    """Marks the log of this origin as stopped for good."""
    connection.execute(update(_STATE).where(_STATE.c.origin == origin).values(stopped_reason=reason))


def _last_whole_block(rows: Sequence[Row[Any]]) -> int:
    """The last block of which all events are among `rows`, whose last row may be in the middle of one."""
    cut: int = rows[-1].block_number
    whole = [row.block_number for row in rows if row.block_number < cut]
    return whole[-1] if whole else cut


def _write_entries(connection: Connection, positions: Sequence[tuple[int, LogEntry]]) -> None:
    rows = [
        {
            "position": position,
            "encoded": entry.encode(),
            "block_number": entry.block_number,
            "block_hash": entry.block_hash,
            "log_index": entry.log_index,
            "address": entry.address,
            **{f"topic{i}": entry.topics[i] if i < len(entry.topics) else None for i in range(4)},
        }
        for position, entry in positions
    ]
    if rows:
        connection.execute(insert(_ENTRY), rows)


def _write_subjects(connection: Connection, positions: Sequence[tuple[int, LogEntry]], subjects: SubjectMap) -> None:
    present: dict[bytes, dict[str, Any]] = {}
    history: list[dict[str, Any]] = []
    changed: dict[bytes, SubjectState] = {}
    for position, entry in positions:
        leaf = entry.leaf_hash
        for topic in entry.subjects:
            key = subject_key(entry.address, topic)
            before = changed.get(key) or subjects.states.get(key) or SubjectState()
            state = changed[key] = before.after(position, leaf)
            history.append({"key": key, "number": before.count, "position": position, "head": state.head})
            present[key] = {
                "key": key,
                "address": entry.address,
                "topic": topic,
                "count": state.count,
                "head": state.head,
            }
    upsert(connection, _SUBJECT, list(present.values()))
    if history:
        connection.execute(insert(_SUBJECT_ENTRY), history)
    subjects.put(changed)


def _move_head(connection: Connection, origin: str, before: LogHead, after: LogHead) -> None:
    values = {
        "size": after.size,
        "root": after.root,
        "subjects": after.subjects,
        "block_number": after.block_number,
        "block_hash": after.block_hash,
    }
    if before.block_number < 0:
        connection.execute(insert(_STATE).values(origin=origin, stopped_reason="", **values))
        return
    changed = connection.execute(
        update(_STATE)
        .where(
            _STATE.c.origin == origin,
            _STATE.c.size == before.size,
            _STATE.c.block_number == before.block_number,
            _STATE.c.stopped_reason == "",
        )
        .values(**values)
    )
    if changed.rowcount != 1:
        raise CursorMoved(origin, before.block_number)


def _entry(row: Row[Any]) -> LogEntry:
    topics = (row.topic0, row.topic1, row.topic2, row.topic3)
    return LogEntry.of_event(
        chain_id=row.chain_id,
        block_number=row.block_number,
        block_hash=row.block_hash,
        block_time=row.block_time,
        transaction_index=row.tx_index,
        log_index=row.log_index,
        address=row.address,
        topics=tuple(topic for topic in topics if topic is not None),
        data=row.data,
    )
