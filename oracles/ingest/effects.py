"""What a journaled record changes besides itself: sales, lots, tests, balances, what the live page shows.

Called by the writer inside its transaction, in the order of the records; changes memory and gathers rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from ledger_node.domain.balance import Balance
from ledger_node.domain.cross_check import KnownSale
from ledger_node.domain.judge import Judgement
from ledger_node.domain.payload import lot_key
from ledger_node.domain.payload_form import read_time_ms
from ledger_node.domain.plausibility import FAIL, effective_result
from ledger_node.domain.record import Mark, Reason
from ledger_node.store.alarms import raise_alarm
from oracles.ingest.known import JournalKnown
from oracles.ingest.reading import Reading
from oracles.ingest.rows import SALE, SALE_COLUMNS, TEST, Rows

_MINUTE_MS = 60_000
_INVALID_IN_A_ROW = 2


@dataclass(slots=True)
class Effects:
    """The effects of one transaction on memory and rows."""

    connection: Connection
    market: str
    known: JournalKnown
    rows: Rows
    now_ms: int

    def balance(self, reading: Reading, judgement: Judgement, record_id: int) -> Mark:
        """Moves grams between merchants; BALANCE_OVER when more went out than can have come in."""
        if not judgement.verdict.is_counted:
            return Mark.NONE
        kind, payload = reading.kind, reading.payload
        division = payload.get("division_grams", 0)
        mark = Mark.NONE
        for key, grams in reading.lots:
            merchant = payload.get("merchant_ref") or self.known.merchant_of(key)
            if kind in ("intake", "void", "refund"):
                self._put_balance(key, merchant, self._balance_of(key, merchant).received(grams, division))
            elif kind in ("sale", "waste", "transfer"):
                after = self._balance_of(key, merchant).gave(grams, division)
                if after.is_over():
                    mark = Mark.BALANCE_OVER
                    self._dispute(key, merchant, after, reading)
                self._put_balance(key, merchant, after)
                if kind == "transfer" and payload.get("to_ref"):
                    to = payload["to_ref"]
                    self._put_balance(key, to, self._balance_of(key, to).received(grams))
        return mark

    def apply(self, reading: Reading, judgement: Judgement, record_id: int, record_hash: bytes) -> None:
        """Everything else that follows from a record which its key's holder said (not REJECTED, not FORKED)."""
        kind = reading.kind
        if kind == "sale":
            self._sale(reading, judgement, record_id)
        elif kind in ("test", "retest"):
            self._test(reading, judgement, record_id)
        elif judgement.verdict.is_counted:
            if kind in ("void", "refund"):
                self._returned(reading)
            elif kind == "settlement":
                self.rows.settled.append({"ref": reading.payload["pay_ref"]})
            elif kind == "intake":
                self._intake(reading, record_id)
        if kind in ("birth", "seal", "gap") or kind in ("void", "refund", "intake"):
            self._live(reading, judgement, record_id)

    def uncount(self, record_id: int) -> None:
        """Takes a sale that was counted out of the sums again."""
        mine = next((one for one in self.rows.sales if one[0] == record_id), None)
        row: Mapping[Any, Any] | None = None if mine is None else dict(zip(SALE_COLUMNS, mine, strict=True))
        if row is None:
            row = self.connection.execute(select(SALE).where(SALE.c.record_id == record_id)).mappings().first()
        if row is None or not row["counted"]:
            return
        self.rows.uncounted.append({"of_record": record_id})
        key = (
            row["market"],
            row["observed_at_ms"] // _MINUTE_MS,
            row["merchant_ref"],
            row["item_code"],
            row["currency"],
        )
        self.rows.add_sale_minute(key, -1, -row["net_grams"], -row["amount_minor"])

    def _balance_of(self, key: bytes, merchant: str) -> Balance:
        return self.known.balances.get((key, merchant), Balance())

    def _put_balance(self, key: bytes, merchant: str, balance: Balance) -> None:
        self.known.balances[(key, merchant)] = balance
        is_disputed = (key, merchant) in self.known.disputed
        self.rows.balances[(key, merchant)] = (
            balance.in_grams,
            balance.out_grams,
            balance.divisions_grams,
            is_disputed,
        )

    def _dispute(self, key: bytes, merchant: str, balance: Balance, reading: Reading) -> None:
        if (key, merchant) in self.known.disputed:
            return
        self.known.disputed.add((key, merchant))
        lot_id = self.known.lot_id(key) or f"0x{key.hex()}"
        message = (
            f"{balance.out_grams} g went out, {balance.in_grams} g came in, {balance.tolerance_grams()} g tolerated;"
            f" record {reading.sequence} of {reading.device} crossed the line"
        )
        raise_alarm(
            self.connection, source="ingest", code="LOT_OVERSOLD", subject=lot_id, message=message, at_ms=self.now_ms
        )

    def _sale(self, reading: Reading, judgement: Judgement, record_id: int) -> None:
        payload = reading.payload
        counted = judgement.verdict.is_counted
        if self.known.sale(payload["sale_id"]) is not None or self.known.knows_trace_code(payload["trace_code"]):
            return  # quarantined for something else, and its name is taken: the first one keeps it
        self.rows.sales.append(
            (
                record_id,
                payload["sale_id"],
                payload["ticket_id"],
                payload["trace_code"],
                self.market,
                payload["merchant_ref"],
                payload["place_ref"],
                reading.device,
                payload["item_code"],
                payload["item_name"],
                payload.get("gtin"),
                payload["net_grams"],
                payload["unit_price_minor_per_kilogram"],
                payload["amount_minor"],
                payload["currency"],
                reading.observed_at_ms,
                counted,
                "sold",
                0,
                0,
                payload["pay_method"],
                payload.get("pay_ref"),
                0,
            )
        )
        known = KnownSale(
            "sold", payload["amount_minor"], payload["net_grams"], payload["currency"], 0, 0, 0, reading.observed_at_ms
        )
        self.known.put_sale(payload["sale_id"], known, payload["trace_code"])
        if counted:
            minute = reading.observed_at_ms // _MINUTE_MS
            key = (self.market, minute, payload["merchant_ref"], payload["item_code"], payload["currency"])
            self.rows.add_sale_minute(key, 1, payload["net_grams"], payload["amount_minor"])
        self.rows.live(self.market, "sale", self.now_ms, record_id=record_id)

    def _returned(self, reading: Reading) -> None:
        payload = reading.payload
        sale = self.known.sale(payload["of"])
        if sale is None:
            return
        if reading.kind == "void":
            sale = sale._replace(state="voided")
        else:
            minor, grams = sale.refunded_minor + payload["amount_minor"], sale.refunded_grams + payload["net_grams"]
            state = "refunded" if minor == sale.amount_minor else sale.state
            sale = sale._replace(state=state, refunded_minor=minor, refunded_grams=grams)
        self.known.put_sale(payload["of"], sale)
        self.rows.sale_changes[payload["of"]] = {
            "of": payload["of"],
            "new_state": sale.state,
            "new_refunded_minor": sale.refunded_minor,
            "new_refunded_grams": sale.refunded_grams,
        }

    def _intake(self, reading: Reading, record_id: int) -> None:
        payload = reading.payload
        key = lot_key(payload["lot_id"])
        parents = [lot_key(one) for one in dict.fromkeys(payload.get("parent_lots", ()))]
        self.rows.lots.append(
            {
                "lot_key": key,
                "lot_id": payload["lot_id"],
                "market": self.market,
                "merchant_ref": payload["merchant_ref"],
                "item_code": payload["item_code"],
                "item_name": payload["item_name"],
                "net_grams": payload["net_grams"],
                "state": "open",
                "intake_record_id": record_id,
                "arrived_at_ms": read_time_ms(payload["arrived_at"]),
                "payload": payload,
            }
        )
        self.rows.lot_parents.extend({"lot_key": key, "parent_key": parent} for parent in parents)
        self.known.add_lot(key, payload["lot_id"], payload["merchant_ref"], parents)

    def _test(self, reading: Reading, judgement: Judgement, record_id: int) -> None:
        payload = reading.payload
        if self.known.knows_test(payload["test_id"]):
            return
        result = effective_result(payload)
        key = lot_key(payload["lot_id"])
        newest = select(TEST.c.result).where(TEST.c.lot_key == key).order_by(TEST.c.tested_at_ms.desc()).limit(1)
        before = self.connection.execute(newest).scalar()
        self.rows.tests.append(
            {
                "record_id": record_id,
                "test_id": payload["test_id"],
                "lot_key": key,
                "market": self.market,
                "project": payload["project"],
                "method_code": payload["method_code"],
                "limit_standard": payload["limit_standard"],
                "result": result,
                "retest_of": payload.get("retest_of"),
                "tested_at_ms": read_time_ms(payload["tested_at"]),
                "payload": payload,
            }
        )
        self.known.add_test(payload["test_id"])
        if result not in (1, FAIL) and before not in (None, 1, FAIL):
            raise_alarm(
                self.connection,
                source="ingest",
                code="RETEST_WANTED",
                subject=payload["lot_id"],
                message=f"{_INVALID_IN_A_ROW} tests in a row without a result",
                at_ms=self.now_ms,
            )
        self._live(reading, judgement, record_id, result=result)

    def _live(self, reading: Reading, judgement: Judgement, record_id: int, **more: Any) -> None:
        payload, kind = reading.payload, reading.kind
        body: dict[str, Any] = {
            "kind": kind,
            "sequence": reading.sequence,
            "verdict": int(judgement.verdict),
            "reason": Reason(judgement.reason).name,
            "grams": reading.mass_grams,
            "minor": reading.amount_minor,
            **more,
        }
        for name in ("item_code", "item_name", "merchant_ref", "lot_id", "ticket_id", "sale_id", "currency"):
            if name in payload:
                body[name] = payload[name]
        shown = {"test": "test", "retest": "test", "intake": "lot"}.get(kind, "sale")
        if kind in ("birth", "seal", "gap"):
            shown = "device"
        self.rows.live(self.market, shown, self.now_ms, record_id=record_id, **body)
