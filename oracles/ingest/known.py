"""What the journal knows of lots, sales and tests, in the memory of the one writer: the port `cross_check.Known`.

Lots and balances stay in memory across transactions; sales and tests are looked up for one chunk at a time.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Table, select

from ledger_node.domain.balance import Balance
from ledger_node.domain.cross_check import KnownLot, KnownSale
from ledger_node.domain.payload import lot_key
from ledger_node.store.bulk_select import BulkSelect
from ledger_node.store.journal import FoodTest, Hold, Lot, LotBalance, LotParent, RecordLot, Sale
from oracles.ingest.reading import Reading

LOT: Table = Lot.__table__  # type: ignore[attr-defined]
_LOT_PARENT: Table = LotParent.__table__  # type: ignore[attr-defined]
_BALANCE: Table = LotBalance.__table__  # type: ignore[attr-defined]
_HOLD: Table = Hold.__table__  # type: ignore[attr-defined]
SALE: Table = Sale.__table__  # type: ignore[attr-defined]
TEST: Table = FoodTest.__table__  # type: ignore[attr-defined]
_RECORD_LOT: Table = RecordLot.__table__  # type: ignore[attr-defined]
_SALES_KNOWN = BulkSelect(SALE, ("sale_id", *KnownSale._fields), "sale_id")
_CODES_KNOWN = BulkSelect(SALE, ("trace_code",), "trace_code")
_TESTS_KNOWN = BulkSelect(TEST, ("test_id",), "test_id")
_MEMORY_LIMIT = 300_000


class JournalKnown:
    """Reads what a chunk may ask for with a few queries, then answers from memory."""

    def __init__(self) -> None:
        self.drop()

    def drop(self) -> None:
        """Forgets everything."""
        self._lots: dict[bytes, KnownLot] = {}
        self._lot_ids: dict[bytes, tuple[str, str]] = {}
        self.balances: dict[tuple[bytes, str], Balance] = {}
        self.disputed: set[tuple[bytes, str]] = set()
        self._children: dict[bytes, set[bytes]] = {}
        self._sales: dict[str, KnownSale] = {}
        self._codes: set[str] = set()
        self._tests: set[str] = set()
        self._is_loaded = False

    # --- reading ---------------------------------------------------------------------------------------------------

    def prepare(self, connection: Connection, readings: Sequence[Reading]) -> None:
        """Looks up everything that `readings` may ask about."""
        if not self._is_loaded or len(self._lots) > _MEMORY_LIMIT:
            self.drop()
            for child, parent in connection.execute(select(_LOT_PARENT.c.lot_key, _LOT_PARENT.c.parent_key)):
                self._children.setdefault(parent, set()).add(child)
            self._is_loaded = True
        sales: set[str] = set()
        codes: set[str] = set()
        tests: set[str] = set()
        lots: set[bytes] = set()
        for reading in readings:
            payload = reading.payload
            if reading.kind == "sale":
                sales.add(payload["sale_id"])
                codes.add(payload["trace_code"])
            elif reading.kind in ("void", "refund"):
                sales.add(payload["of"])
            elif reading.kind in ("test", "retest"):
                tests.add(payload["test_id"])
            elif reading.kind == "release":
                tests.add(payload["retest_id"])
            lots.update(key for key, _ in reading.lots)
            lots.update(lot_key(one) for one in payload.get("parent_lots", ()))
        self._sales = {row[0]: KnownSale(*row[1:]) for row in _SALES_KNOWN.read(connection, sales)}
        self._codes = {row[0] for row in _CODES_KNOWN.read(connection, codes)}
        self._tests = {row[0] for row in _TESTS_KNOWN.read(connection, tests)}
        self.read_lots(connection, lots - self._lots.keys())

    def read_lots(self, connection: Connection, keys: Iterable[bytes]) -> None:
        """Lots with their holds and balances, all merchants."""
        wanted = list(keys)
        if not wanted:
            return
        query = select(LOT.c.lot_key, LOT.c.state, LOT.c.lot_id, LOT.c.merchant_ref)
        for key, state, lot_id, merchant in connection.execute(query.where(LOT.c.lot_key.in_(wanted))):
            self._lots[key] = KnownLot(state, None)
            self._lot_ids[key] = (lot_id, merchant)
        open_holds = select(_HOLD.c.lot_key, _HOLD.c.held_from_ms).where(
            _HOLD.c.lot_key.in_(wanted), _HOLD.c.released_at_ms.is_(None)
        )
        for key, held_from_ms in connection.execute(open_holds):
            self.hold(key, held_from_ms)
        for row in connection.execute(select(_BALANCE).where(_BALANCE.c.lot_key.in_(wanted))).mappings():
            place = (row["lot_key"], row["merchant_ref"])
            self.balances[place] = Balance(row["in_grams"], row["out_grams"], row["divisions_grams"])
            if row["disputed"]:
                self.disputed.add(place)

    # --- the port ----------------------------------------------------------------------------------------------------

    def lot(self, key: bytes) -> KnownLot | None:
        """The lot, None when it was never received here."""
        return self._lots.get(key)

    def has_lot(self, key: bytes, merchant_ref: str) -> bool:
        """Whether the lot ever came to the merchant."""
        return (key, merchant_ref) in self.balances

    def sale(self, sale_id: str) -> KnownSale | None:
        """The sale of this id."""
        return self._sales.get(sale_id)

    def knows_test(self, test_id: str) -> bool:
        """Whether a test of this id is kept."""
        return test_id in self._tests

    def knows_trace_code(self, code: str) -> bool:
        """Whether a sale with this code is kept."""
        return code in self._codes

    # --- what this transaction adds ----------------------------------------------------------------------------------

    def merchant_of(self, key: bytes) -> str:
        """Whom the lot came to first."""
        return self._lot_ids[key][1] if key in self._lot_ids else ""

    def lot_id(self, key: bytes) -> str | None:
        """The lot's canonical Digital Link, when it was received here."""
        return self._lot_ids[key][0] if key in self._lot_ids else None

    def add_lot(self, key: bytes, lot_id: str, merchant_ref: str, parents: Iterable[bytes]) -> None:
        """A lot was received."""
        self._lots[key] = KnownLot("open", None)
        self._lot_ids[key] = (lot_id, merchant_ref)
        for parent in parents:
            self._children.setdefault(parent, set()).add(key)

    def hold(self, key: bytes, held_from_ms: int) -> None:
        """The lot is held from a time on; the earliest counts."""
        known = self._lots.get(key)
        if known is not None and (known.held_from_ms is None or held_from_ms < known.held_from_ms):
            self._lots[key] = KnownLot("held", held_from_ms)

    def release(self, key: bytes) -> None:
        """The lot may be sold again."""
        if key in self._lots:
            self._lots[key] = KnownLot("open", None)

    def put_sale(self, sale_id: str, sale: KnownSale, trace_code: str | None = None) -> None:
        """A sale is kept, or has changed."""
        self._sales[sale_id] = sale
        if trace_code is not None:
            self._codes.add(trace_code)

    def add_test(self, test_id: str) -> None:
        """A test is kept."""
        self._tests.add(test_id)

    def descendants(self, key: bytes) -> list[bytes]:
        """The lot and every lot made from it, each once, parents first."""
        found = {key: None}
        waiting = [key]
        while waiting:
            for child in sorted(self._children.get(waiting.pop(), ())):
                if child not in found:
                    found[child] = None
                    waiting.append(child)
        return list(found)


def lots_of_sale(connection: Connection, trace_code: Any) -> tuple[tuple[bytes, int], ...]:
    """The lots of the sale with this trace code, as a service record names them: share 0."""
    c = _RECORD_LOT.c
    query = (
        select(c.lot_key)
        .join_from(_RECORD_LOT, SALE, SALE.c.record_id == c.record_id)
        .where(SALE.c.trace_code == trace_code)
        .order_by(c.ordinal)
    )
    return tuple((key, 0) for key in connection.execute(query).scalars())
