"""What bundles need of the journal and the projections: records with their batches, pins, lots, later records."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Table, select

from ledger_node.domain import sum_tree
from ledger_node.domain.contract_numbers import StreamFlag
from ledger_node.domain.envelope import Envelope
from ledger_node.domain.record import Verdict, name_hash
from ledger_node.errors import JournalContradictsItself, RecordNotFound
from ledger_node.store.database import Stores
from ledger_node.store.journal import Batch, Record, RecordLot, Reverdict, SalesDay
from ledger_node.store.projections import Pin, Stream

_RECORD: Table = Record.__table__  # type: ignore[attr-defined]
_RECORD_LOT: Table = RecordLot.__table__  # type: ignore[attr-defined]
_REVERDICT: Table = Reverdict.__table__  # type: ignore[attr-defined]
_SALES_DAY: Table = SalesDay.__table__  # type: ignore[attr-defined]
_BATCH: Table = Batch.__table__  # type: ignore[attr-defined]
_PIN: Table = Pin.__table__  # type: ignore[attr-defined]
_STREAM: Table = Stream.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A record as the journal keeps it; `position` is its place in its stream."""

    id: int
    record_hash: bytes
    position: int
    received_at_ms: int
    verdict: int
    reason: int
    envelope: Envelope


@dataclass(frozen=True, slots=True)
class Sealed:
    """A record's batch: its number in the stream, the leaves, and which of them the record is."""

    sequence: int
    leaves: tuple[sum_tree.Node, ...]
    index: int

    def path(self) -> list[sum_tree.Node]:
        """The record's siblings, leaf upward."""
        return sum_tree.path(self.leaves, self.index)


@dataclass(frozen=True, slots=True)
class PinPlace:
    """A pin's place on chain."""

    sequence: int
    block_number: int
    log_index: int


class JournalView:
    """Reads for bundles; writes nothing."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def record(self, record: int | bytes) -> StoredRecord:
        """By row number or record hash. Raises RecordNotFound."""
        column = _RECORD.c.id if isinstance(record, int) else _RECORD.c.record_hash
        with self._stores.journal.read() as connection:
            row = connection.execute(select(_RECORD).where(column == record)).first()
        if row is None:
            raise RecordNotFound(str(record) if isinstance(record, int) else "0x" + record.hex())
        return _stored(row)

    def sealed(self, record: StoredRecord) -> Sealed | None:
        """The batch that holds the record; None while it waits to be sealed."""
        stream = record.envelope.stream
        query = (
            select(_BATCH.c.sequence, _BATCH.c.first_position, _BATCH.c.count.label("records"), _BATCH.c.root)
            .where(_BATCH.c.stream == stream, _BATCH.c.first_position <= record.position, _BATCH.c.count > 0)
            .order_by(_BATCH.c.first_position.desc())
            .limit(1)
        )
        with self._stores.journal.read() as connection:
            row = connection.execute(query).first()
        if row is None or record.position >= row.first_position + row.records:
            return None
        return Sealed(row.sequence, self._leaves(stream, row), record.position - row.first_position)

    def pin(self, stream: str, sequence: int) -> PinPlace | None:
        """Where the pin stands on chain, as the indexer has seen it."""
        query = select(_PIN.c.sequence, _PIN.c.block_number, _PIN.c.log_index).where(
            _PIN.c.stream == name_hash(stream), _PIN.c.sequence == sequence
        )
        with self._stores.projections.read() as connection:
            row = connection.execute(query).first()
        return None if row is None else PinPlace(row.sequence, row.block_number, row.log_index)

    def voids(self, record: StoredRecord) -> list[StoredRecord]:
        """Void records that may name this sale: those that name one of its lots in the market's void stream."""
        lots = select(_RECORD_LOT.c.lot_key).where(_RECORD_LOT.c.record_id == record.id)
        query = (
            select(_RECORD)
            .join(_RECORD_LOT, _RECORD_LOT.c.record_id == _RECORD.c.id)
            .where(_RECORD_LOT.c.lot_key.in_(lots), _RECORD.c.kind == "void")
            .order_by(_RECORD.c.id)
            .distinct()
        )
        with self._stores.journal.read() as connection:
            found = [_stored(row) for row in connection.execute(query)]
        sale = record.envelope.payload_object().get("sale_id")
        return [one for one in found if one.envelope.payload_object().get("of") == sale]

    def reverdicts(self, record: StoredRecord) -> list[StoredRecord]:
        """Records that changed the verdict about this one."""
        query = (
            select(_RECORD)
            .join(_REVERDICT, _REVERDICT.c.record_id == _RECORD.c.id)
            .where(_REVERDICT.c.of_record_id == record.id)
            .order_by(_RECORD.c.id)
        )
        with self._stores.journal.read() as connection:
            return [_stored(row) for row in connection.execute(query)]

    def merchant_days(self, record: StoredRecord) -> list[StoredRecord]:
        """The sales_day records of this one's merchant from it on, in the order of their chain."""
        mine = select(_SALES_DAY.c.market, _SALES_DAY.c.merchant, _SALES_DAY.c.index).where(
            _SALES_DAY.c.record_id == record.id
        )
        with self._stores.journal.read() as connection:
            day = connection.execute(mine).first()
            if day is None:
                return [record]
            query = (
                select(_RECORD)
                .join(_SALES_DAY, _SALES_DAY.c.record_id == _RECORD.c.id)
                .where(_SALES_DAY.c.market == day[0], _SALES_DAY.c.merchant == day[1], _SALES_DAY.c.index > day[2])
                .order_by(_SALES_DAY.c.index)
            )
            return [record, *(_stored(row) for row in connection.execute(query))]

    def _leaves(self, stream: str, batch: Any) -> tuple[sum_tree.Node, ...]:
        query = (
            select(_RECORD.c.record_hash, _RECORD.c.verdict, _RECORD.c.amount_minor, _RECORD.c.mass_grams)
            .where(
                _RECORD.c.stream == stream,
                _RECORD.c.position >= batch.first_position,
                _RECORD.c.position < batch.first_position + batch.records,
            )
            .order_by(_RECORD.c.position)
        )
        is_summed = not self._is_unsummed(stream)
        with self._stores.journal.read() as connection:
            leaves = tuple(
                sum_tree.leaf(row.record_hash, row.amount_minor, row.mass_grams)
                if is_summed and Verdict(row.verdict).is_counted
                else sum_tree.leaf(row.record_hash, 0, 0)
                for row in connection.execute(query)
            )
        if len(leaves) != batch.records or sum_tree.root(leaves).hash != batch.root:
            raise JournalContradictsItself(stream, f"the records of batch {batch.sequence} do not give its root")
        return leaves

    def _is_unsummed(self, stream: str) -> bool:
        with self._stores.projections.read() as connection:
            flags = connection.execute(select(_STREAM.c.flags).where(_STREAM.c.stream == name_hash(stream))).scalar()
        return bool((flags or 0) & StreamFlag.UNSUMMED)


def _stored(row: Row[Any]) -> StoredRecord:
    return StoredRecord(
        row.id,
        row.record_hash,
        row.position,
        row.received_at_ms,
        row.verdict,
        row.reason,
        Envelope.from_cbor(row.envelope),
    )
