"""The rows that one transaction of ingest writes, gathered first and written with one statement a table."""

from collections import Counter
from typing import Any

from sqlalchemy import Connection, Table, bindparam, func, insert, select, text, update

from ledger_node.store import journal
from ledger_node.store.bulk_insert import BulkInsert
from ledger_node.store.upsert import upsert

HOUR_MS = 3_600_000
Row = dict[str, Any]


def _core(model: type[journal.JournalTable]) -> Table:
    table: Table = model.__table__  # type: ignore[attr-defined]
    return table


RECORD = _core(journal.Record)
RECORD_LOT = _core(journal.RecordLot)
REFUSAL = _core(journal.Refusal)
LOT = _core(journal.Lot)
LOT_PARENT = _core(journal.LotParent)
LOT_BALANCE = _core(journal.LotBalance)
SALE = _core(journal.Sale)
TEST = _core(journal.FoodTest)
HOLD = _core(journal.Hold)
HOLD_VERSION = _core(journal.HoldVersion)
REVERDICT = _core(journal.Reverdict)
LIVE_EVENT = _core(journal.LiveEvent)
SALE_MINUTE = _core(journal.SaleMinute)
VERDICT_COUNT = _core(journal.VerdictCount)
DEVICE_HEAD = _core(journal.DeviceHead)
STREAM_HEAD = _core(journal.StreamHead)

RECORD_COLUMNS = (
    "id", "device", "sequence", "digest", "record_hash", "stream", "position", "observed_at_ms", "received_at_ms",
    "verdict", "reason", "detail", "marks", "key_epoch", "kind", "amount_minor", "mass_grams", "envelope", "request_id",
)  # fmt: skip
SALE_COLUMNS = (
    "record_id", "sale_id", "ticket_id", "trace_code", "market", "merchant_ref", "place_ref", "device", "item_code",
    "item_name", "gtin", "net_grams", "unit_price_minor_per_kilogram", "amount_minor", "currency", "observed_at_ms",
    "counted", "state", "refunded_minor", "refunded_grams", "pay_method", "pay_ref", "settled_minor",
)  # fmt: skip
_RECORDS = BulkInsert(RECORD, RECORD_COLUMNS)
_RECORD_LOTS = BulkInsert(RECORD_LOT, ("record_id", "ordinal", "lot_key", "share_grams"))
_SALES = BulkInsert(SALE, SALE_COLUMNS)
_LIVE_EVENTS = BulkInsert(LIVE_EVENT, ("market", "type", "at_ms", "record_id", "body"))
_BALANCES = BulkInsert(
    LOT_BALANCE,
    ("lot_key", "merchant_ref", "in_grams", "out_grams", "divisions_grams", "disputed"),
    replacing=True,
)
_SALE_MINUTES = BulkInsert(
    SALE_MINUTE,
    ("market", "minute", "merchant_ref", "item_code", "currency", "count", "grams", "minor"),
    adding=("count", "grams", "minor"),
)
_VERDICTS = BulkInsert(VERDICT_COUNT, ("market", "device", "hour", "verdict", "reason", "count"), adding=("count",))
_SALE_CHANGE = (
    update(SALE)
    .where(SALE.c.sale_id == bindparam("of"))
    .values(
        state=bindparam("new_state"),
        refunded_minor=bindparam("new_refunded_minor"),
        refunded_grams=bindparam("new_refunded_grams"),
    )
)
_SETTLED = update(SALE).where(SALE.c.pay_ref == bindparam("ref")).values(settled_minor=SALE.c.amount_minor)
_UNCOUNTED = update(SALE).where(SALE.c.record_id == bindparam("of_record")).values(counted=False)
_LOT_STATE = update(LOT).where(LOT.c.lot_key == bindparam("key")).values(state=bindparam("new_state"))


class Rows:
    """Everything of one transaction. Lists are in the order in which things happened."""

    def __init__(self) -> None:
        self.records: list[tuple[Any, ...]] = []
        self.record_lots: list[tuple[int, int, bytes, int]] = []
        self.refusals: list[Row] = []
        self.lots: list[Row] = []
        self.lot_parents: list[Row] = []
        self.lot_states: dict[bytes, str] = {}
        self.balances: dict[tuple[bytes, str], tuple[int, int, int, bool]] = {}
        self.sales: list[tuple[Any, ...]] = []
        self.sale_changes: dict[str, Row] = {}
        self.uncounted: list[Row] = []
        self.settled: list[Row] = []
        self.tests: list[Row] = []
        self.holds: list[Row] = []
        self.hold_versions: list[Row] = []
        self.reverdicts: list[Row] = []
        self.live_events: list[tuple[str, str, int, int | None, Row | None]] = []
        self.sale_minute_sums: dict[tuple[Any, ...], tuple[int, int, int]] = {}
        self.verdicts: Counter[tuple[str, str, int, int, int]] = Counter()

    def count_verdict(self, market: str, device: str, at_ms: int, verdict: int, reason: int) -> None:
        """One more of this verdict (0: refused or a duplicate) in the hour of `at_ms`."""
        self.verdicts[(market, device, at_ms // HOUR_MS, verdict, reason)] += 1

    def add_sale_minute(self, key: tuple[Any, ...], count: int, grams: int, minor: int) -> None:
        """Adds to (market, minute, merchant, item, currency); negative numbers take back."""
        old = self.sale_minute_sums.get(key, (0, 0, 0))
        self.sale_minute_sums[key] = (old[0] + count, old[1] + grams, old[2] + minor)

    def live(self, market: str, shown_as: str, at_ms: int, *, record_id: int | None = None, **body: Any) -> None:
        """Something for the live page; `shown_as` is sale, test, hold, lot, device or refusal."""
        self.live_events.append((market, shown_as, at_ms, record_id, body or None))

    def write(self, connection: Connection) -> None:
        """Writes all but heads, which belong to `standing`."""
        _RECORDS.write(connection, self.records)
        _RECORD_LOTS.write(connection, self.record_lots)
        _SALES.write(connection, self.sales)
        _LIVE_EVENTS.write(connection, self.live_events)
        for table, rows in (
            (REFUSAL, self.refusals),
            (LOT, self.lots),
            (LOT_PARENT, self.lot_parents),
            (TEST, self.tests),
            (HOLD, self.holds),
            (REVERDICT, self.reverdicts),
        ):
            if rows:
                connection.execute(insert(table), rows)
        _BALANCES.write(connection, [(*key, *grams) for key, grams in self.balances.items()])
        upsert(connection, HOLD_VERSION, self.hold_versions)
        for statement, changes in (
            (_SALE_CHANGE, list(self.sale_changes.values())),
            (_UNCOUNTED, self.uncounted),
            (_SETTLED, self.settled),
            (_LOT_STATE, [{"key": key, "new_state": state} for key, state in self.lot_states.items()]),
        ):
            if changes:
                connection.execute(statement, changes)
        _SALE_MINUTES.write(connection, [(*key, *sums) for key, sums in self.sale_minute_sums.items()])
        _VERDICTS.write(connection, [(*key, number) for key, number in self.verdicts.items()])


class RecordIds:
    """Numbers for `record.id`, taken inside the transaction that uses them.

    SQLite gives one writer at a time, so the largest number plus one is free; PostgreSQL's sequence serves several.
    """

    def __init__(self, connection: Connection, expected: int) -> None:
        self._connection = connection
        self._is_sqlite = connection.dialect.name == "sqlite"
        self._free: list[int] = []
        self._next = 0
        if self._is_sqlite:
            self._next = (connection.execute(select(func.max(RECORD.c.id))).scalar() or 0) + 1
        else:
            self._take(expected)

    def next(self) -> int:
        """A number no other record has."""
        if self._is_sqlite:
            self._next += 1
            return self._next - 1
        if not self._free:
            self._take(16)
        return self._free.pop()

    def _take(self, count: int) -> None:
        query = text("SELECT nextval(pg_get_serial_sequence('record', 'id')) FROM generate_series(1, :count)")
        self._free = sorted(self._connection.execute(query, {"count": count}).scalars(), reverse=True)
