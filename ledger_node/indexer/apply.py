"""Blocks into the tables and out again, each way in SQL transactions that end where the cursor says.

Applying writes rows, before-images, raw events, the block and the cursor at once. Undoing restores the before-images of
one block and deletes it. Finality drops before-images: from then on a block cannot be undone.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, delete, insert, select, update

from ledger_node.domain.fault import reach
from ledger_node.errors import CursorMoved, EventUndecodable, ReorganisedPastFinality
from ledger_node.indexer.blocks import CursorAt, PlacedEvent, ReadBlock
from ledger_node.indexer.projections import HANDLERS
from ledger_node.indexer.rows import Rows, restore_before_images
from ledger_node.store.projections import BeforeImage, Block, Cursor, Event

_BLOCK: Table = Block.__table__  # type: ignore[attr-defined]
_EVENT: Table = Event.__table__  # type: ignore[attr-defined]
_CURSOR: Table = Cursor.__table__  # type: ignore[attr-defined]
_IMAGE: Table = BeforeImage.__table__  # type: ignore[attr-defined]
CURSOR_NAME = "indexer"


def read_cursor(connection: Connection) -> CursorAt | None:
    """The last block taken in; None before the first."""
    row = connection.execute(select(_CURSOR).where(_CURSOR.c.name == CURSOR_NAME)).first()
    return None if row is None else CursorAt(row.block_number, row.block_hash)


def read_block_row(connection: Connection, number: int) -> RowMapping | None:
    """The stored block."""
    return connection.execute(select(_BLOCK).where(_BLOCK.c.number == number)).mappings().first()


def apply_blocks(
    connection: Connection, chain_id: int, blocks: Sequence[ReadBlock], cursor: CursorAt | None, *, final: bool
) -> CursorAt:
    """Takes in a run of blocks that continues at `cursor`; the new cursor. Several at once only when `final`.

    Raises CursorMoved when the stored cursor is elsewhere: another indexer wrote.
    """
    rows = Rows(connection, keep_before=not final)
    for block in blocks:
        for placed in block.events:
            _project(rows, placed)
    rows.flush(blocks[-1].number)
    if raw := [_event_row(chain_id, placed) for block in blocks for placed in block.events]:
        connection.execute(insert(_EVENT), raw)
    connection.execute(insert(_BLOCK), [_block_row(block, final=final) for block in blocks])
    reach("X2")
    after = CursorAt(blocks[-1].number, blocks[-1].hash)
    _move_cursor(connection, cursor, after)
    return after


def undo_block(connection: Connection, cursor: CursorAt, found_hash: bytes | None) -> CursorAt | None:
    """Takes out the block at the cursor; the cursor before it (None: it was the first).

    Raises ReorganisedPastFinality when the block is final; `found_hash` is what the chain has in its place.
    """
    block = read_block_row(connection, cursor.number)
    if block is None or block["hash"] != cursor.hash:
        raise CursorMoved(CURSOR_NAME, cursor.number)
    if block["final"]:
        raise ReorganisedPastFinality(cursor.number, cursor.hash, found_hash)
    restore_before_images(connection, cursor.number)
    connection.execute(delete(_EVENT).where(_EVENT.c.block_number == cursor.number))
    connection.execute(delete(_BLOCK).where(_BLOCK.c.number == cursor.number))
    parent = read_block_row(connection, cursor.number - 1)
    before = None if parent is None else CursorAt(parent["number"], parent["hash"])
    _move_cursor(connection, cursor, before)
    return before


def mark_final(connection: Connection, number: int) -> int:
    """Marks all blocks up to `number` final and drops their before-images; how many became final."""
    changed = connection.execute(update(_BLOCK).where(_BLOCK.c.number <= number, ~_BLOCK.c.final).values(final=True))
    connection.execute(delete(_IMAGE).where(_IMAGE.c.block_number <= number))
    return changed.rowcount


def newest_final(connection: Connection) -> CursorAt | None:
    """The newest final block."""
    query = select(_BLOCK).where(_BLOCK.c.final).order_by(_BLOCK.c.number.desc()).limit(1)
    row = connection.execute(query).first()
    return None if row is None else CursorAt(row.number, row.hash)


def _project(rows: Rows, placed: PlacedEvent) -> None:
    handler = HANDLERS.get(type(placed.event))
    if handler is None:
        return
    place = placed.place
    try:
        handler(rows, placed.event, place)
    except ValueError as wrong:  # a number that our enumerations do not have, lists of unequal length
        raise EventUndecodable(
            place.noun, place.address, place.block_number, place.log_index, f"{placed.name}: {wrong}"
        ) from wrong


def _move_cursor(connection: Connection, before: CursorAt | None, after: CursorAt | None) -> None:
    if before is None:
        if after is not None:
            if read_cursor(connection) is not None:
                raise CursorMoved(CURSOR_NAME, -1)
            connection.execute(
                insert(_CURSOR).values(name=CURSOR_NAME, block_number=after.number, block_hash=after.hash)
            )
        return
    here = (
        (_CURSOR.c.name == CURSOR_NAME)
        & (_CURSOR.c.block_number == before.number)
        & (_CURSOR.c.block_hash == before.hash)
    )
    moved = (
        connection.execute(delete(_CURSOR).where(here))
        if after is None
        else connection.execute(update(_CURSOR).where(here).values(block_number=after.number, block_hash=after.hash))
    )
    if moved.rowcount != 1:
        raise CursorMoved(CURSOR_NAME, before.number)


def _block_row(block: ReadBlock, *, final: bool) -> dict[str, Any]:
    return {
        "number": block.number,
        "hash": block.hash,
        "parent_hash": block.parent_hash,
        "time": block.time,
        "final": final,
    }


def _event_row(chain_id: int, placed: PlacedEvent) -> dict[str, Any]:
    place = placed.place
    return {
        "chain_id": chain_id,
        "block_number": place.block_number,
        "block_hash": place.block_hash,
        "block_time": place.block_time,
        "tx_hash": place.tx_hash,
        "tx_index": place.tx_index,
        "log_index": place.log_index,
        "address": place.address,
        **{f"topic{i}": placed.topics[i] if i < len(placed.topics) else None for i in range(4)},
        "data": placed.data,
        "noun": place.noun,
        "name": placed.name,
    }
