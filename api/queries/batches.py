"""Closed batches of a stream and the records in them, as the journal holds them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, select

from api.queries import records, tables
from api.queries.records import RecordItem
from api.queries.sealed import details_of, summary_of
from api.wire import Decimal, Hex32, Moment, View
from ledger_node.errors import BatchNotFound


class BatchItem(View):
    """A batch as lists show it; a heartbeat counts no record."""

    id: int
    stream: str
    sequence: int
    count: int
    amount: Decimal
    mass: Decimal
    root: Hex32
    sealed_at: Moment | None
    transaction_state: str | None


class BatchView(BatchItem):
    """A batch with its records in leaf order."""

    previous_root: Hex32
    content: Hex32
    lots: Hex32
    rules: Hex32
    first_at: Moment | None
    last_at: Moment | None
    records: Sequence[RecordItem]
    next_leaf: int | None


def listed(journal: Connection, *, limit: int, stream: str | None = None, before: int | None = None) -> list[BatchItem]:
    """Up to `limit` + 1 batches, newest first."""
    batch = tables.batch.c
    query = _with_state().order_by(batch.id.desc()).limit(limit + 1)
    if stream is not None:
        query = query.where(batch.stream == stream)
    if before is not None:
        query = query.where(batch.id < before)
    return [_item(row) for row in journal.execute(query).mappings()]


def find(journal: Connection, stream: str, sequence: int, *, leaf: int, limit: int) -> BatchView:
    """A batch with up to `limit` records from leaf `leaf` on; BatchNotFound where there is none."""
    batch = tables.batch.c
    row = journal.execute(_with_state().where(batch.stream == stream, batch.sequence == sequence)).mappings().first()
    if row is None:
        raise BatchNotFound(f"{stream}/{sequence}")
    found = records.of_batch(journal, stream, row["first_position"], row["count"], leaf, limit)
    end = leaf + limit
    return BatchView(
        **_item(row).model_dump(),
        **details_of(row),
        records=found,
        next_leaf=end if end < row["count"] else None,
    )


def _with_state() -> Select[Any]:
    tx = tables.tx.c
    return select(tables.batch, tx.state.label("tx_state")).outerjoin_from(
        tables.batch, tables.tx, tx.idempotency_key == tables.batch.c.tx_key
    )


def _item(row: RowMapping) -> BatchItem:
    return BatchItem(
        id=row["id"],
        stream=row["stream"],
        **summary_of(row),
        transaction_state=row["tx_state"],
    )
