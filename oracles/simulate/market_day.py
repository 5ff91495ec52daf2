"""One day of the replayed market as a list of acts: who records what, when. Same seed and day, same acts.

A day of the market folds DAYS_FOLDED days of the data into one, because a shop's stall of the data sells far fewer
fresh lines a day than a market's stall. A stall opens with its first sale: its lots arrive before, are tested, and what
fails is not offered. Lots are received as 1.05 times what will be sold; what is left is waste in the evening.
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from ledger_node.domain.identifier import canonical_text, trace_code
from ledger_node.domain.plausibility import amount_minor
from oracles.simulate.catalogue import Item, item_of_product
from oracles.simulate.market_plan import MARKET_ID, MarketPlan, Stall
from oracles.sources.fresh_food import DAYS, FreshFood, FreshLine, load_fresh_food
from oracles.sources.sea_surface import STEP_MS, SeaSurface, load_sea_surface

TIME_ZONE: Final = ZoneInfo("Asia/Shanghai")
OPENING_SECOND: Final = 8 * 3600
CLOSING_SECOND: Final = 21 * 3600
REPLAY_SECOND: Final = 10 * 3600
DAYS_FOLDED: Final = 12
DIVISION_GRAMS: Final = 5
_INTAKE_BEFORE_SECONDS: Final = 240
_TEST_BEFORE_SECONDS: Final = 120
_FAIL_SHARE: Final = 0.015
_VOID_SHARE: Final = 0.006
_REFUND_SHARE: Final = 0.004
_PAY_METHODS: Final = ("wechat", "wechat", "wechat", "alipay", "alipay", "ecny", "unionpay", "cash")
_ULID_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PROJECTS: Final = (
    ("malachite green", "GB/T 19857-2005", "GB 31650-2019"),
    ("chloramphenicol", "GB/T 22338-2008", "GB 31650-2019"),
    ("nitrofurans", "GB/T 21311-2007", "GB 31650-2019"),
)


@dataclass(frozen=True, slots=True)
class Act:
    """One record to be made: by which device, of which kind, with which value and payload, observed at which time.

    `fault` names what goes wrong with it on purpose, `clock_error_ms` how far the device's clock is off then.
    """

    at_ms: int
    device: str
    kind: str
    value: int
    payload: Mapping[str, Any]
    fault: str = ""
    clock_error_ms: int = 0


@dataclass(frozen=True, slots=True)
class _Lot:
    lot_id: str
    item: Item
    stall: Stall
    sold_grams: int
    received_grams: int
    test_id: str
    passes: bool


@dataclass(frozen=True, slots=True)
class _Sale:
    stall: Stall
    item: Item
    net_grams: int
    second: int
    basket: int


def replay_start(moment_ms: int) -> int:
    """Where a replay starts: the newest REPLAY_SECOND of a market day that is half an hour before a moment or earlier.

    Milliseconds since 1970. By then most stalls trade, so the first sale is not long in coming.
    """
    moment = datetime.fromtimestamp(moment_ms / 1000, TIME_ZONE) - timedelta(minutes=30)
    start = moment.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(seconds=REPLAY_SECOND)
    if start > moment:
        start -= timedelta(days=1)
    return int(start.timestamp()) * 1000


@dataclass(frozen=True, slots=True)
class MarketData:
    """The public data sets that the market is replayed from."""

    food: FreshFood
    sea: SeaSurface

    @classmethod
    def load(cls, folder: Path) -> "MarketData":
        """From the compact copies in `folder`, made on first use."""
        return cls(load_fresh_food(folder), load_sea_surface(folder))


def acts_of_day(plan: MarketPlan, data: MarketData, day: date) -> list[Act]:
    """All acts of a market day (in the market's time zone) in order of time, device and kind."""
    return sorted(_Day(plan, data, day).acts(), key=lambda act: (act.at_ms, act.device, act.kind))


class _Day:
    def __init__(self, plan: MarketPlan, data: MarketData, day: date) -> None:
        self.plan = plan
        self.data = data
        self.day = day
        self.midnight_ms = int(datetime(day.year, day.month, day.day, tzinfo=TIME_ZONE).timestamp()) * 1000
        self.random = random.Random(sha256(f"{plan.seed}|{day.isoformat()}".encode()).digest())

    def acts(self) -> Iterator[Act]:
        sales = self._sales()
        lots = self._lots(sales)
        first_sale: dict[int, int] = {}
        for sale in sales:
            first_sale.setdefault(sale.stall.number, sale.second)
        for lot in lots.values():
            opened = first_sale[lot.stall.number]
            yield self._intake(lot, max(OPENING_SECOND, opened - _INTAKE_BEFORE_SECONDS))
            yield self._test(lot, max(OPENING_SECOND + 60, opened - _TEST_BEFORE_SECONDS))
            yield self._waste(lot)
        yield from self._sale_acts(sales, lots)
        yield from self._temperatures()

    def _sales(self) -> list[_Sale]:
        first = self.day.toordinal() * DAYS_FOLDED % DAYS
        stores = [store for store, _ in self.data.food.stores[: len(self.plan.stalls)]]
        sales = [
            self._sale(stall, line)
            for stall, store in zip(self.plan.stalls, stores, strict=False)
            for day in range(first, first + DAYS_FOLDED)
            for line in self.data.food.lines(store, day)
            if OPENING_SECOND + 300 <= _second_of(line) < CLOSING_SECOND
        ]
        return sorted(sales, key=lambda sale: (sale.second, sale.stall.number, sale.basket))

    def _sale(self, stall: Stall, line: FreshLine) -> _Sale:
        item = item_of_product(line.product, stall.number)
        # What a customer spent on other food stands for how much fish: from half to twice the usual piece.
        scaled = item.piece_grams * (50 + line.value_cents % 151) // 100 * min(line.quantity, 3)
        grams = max(DIVISION_GRAMS, scaled // DIVISION_GRAMS * DIVISION_GRAMS)
        second = _second_of(line)
        return _Sale(stall, item, grams, second, line.basket)

    def _lots(self, sales: Sequence[_Sale]) -> dict[tuple[int, str], _Lot]:
        grams: dict[tuple[int, str], int] = defaultdict(int)
        of: dict[tuple[int, str], _Sale] = {}
        for sale in sales:
            grams[sale.stall.number, sale.item.code] += sale.net_grams
            of[sale.stall.number, sale.item.code] = sale
        return {key: self._lot(of[key], grams[key]) for key in sorted(grams)}

    def _lot(self, sale: _Sale, sold_grams: int) -> _Lot:
        number = f"ZPK-{self.day:%y%m%d}-{sale.stall.place}-{sale.item.number}"
        return _Lot(
            lot_id=canonical_text("01", sale.item.gtin, {"10": number}),
            item=sale.item,
            stall=sale.stall,
            sold_grams=sold_grams,
            received_grams=-(-sold_grams * 105 // 100),
            test_id=self._ulid(self.midnight_ms),
            passes=self.random.random() >= _FAIL_SHARE,
        )

    def _intake(self, lot: _Lot, second: int) -> Act:
        at = self._at(second)
        item, origin = lot.item, lot.item.origin
        producer = self.plan.commitment(origin.producer, "supplier_ref", origin.producer)
        production: dict[str, Any] = {
            "method": item.method,
            "harvested_at": self._text(at - 3_600_000 * (9 + lot.stall.number % 9)),
            "source_ref": producer,
            "catch_area": origin.catch_area,
        }
        certificate = {
            "kind": "conformity" if item.method == "farmed" else "none",
            "issuer_ref": producer,
            "issued_at": self._text(at - 3_600_000 * 6),
            "net_grams": lot.received_grams,
        }
        payload = {
            "market_id": MARKET_ID,
            "lot_id": lot.lot_id,
            "arrived_at": self._text(at),
            "merchant_ref": lot.stall.merchant_ref,
            "place_ref": lot.stall.place_ref,
            "supplier_ref": producer,
            "tran_id": f"DN-{self.day:%Y%m%d}-{lot.stall.place}-{item.number}",
            "item_code": item.code,
            "item_name": item.name,
            "gtin": item.gtin,
            "net_grams": lot.received_grams,
            "origin_code": origin.code,
            "origin_name": origin.name,
            "province_code": origin.province_code,
            "production": production,
            "cold_profile": item.cold_profile,
            "certificate": certificate,
        }
        return Act(at, self.plan.intake_system, "intake", lot.received_grams, payload)

    def _test(self, lot: _Lot, second: int) -> Act:
        at = self._at(second)
        project, method, limit = _PROJECTS[lot.stall.number % len(_PROJECTS)]
        result = 1 if lot.passes else 2
        payload = {
            "market_id": MARKET_ID,
            "test_id": lot.test_id,
            "sample_id": f"S{self.day:%y%m%d}-{lot.stall.place}-{lot.item.number}",
            "lot_id": lot.lot_id,
            "merchant_ref": lot.stall.merchant_ref,
            "item_code": lot.item.code,
            "sampled_at": self._text(at - 50_000),
            "tested_at": self._text(at - 20_000),
            "reported_at": self._text(at),
            "sample_grams": 25,
            "project": project,
            "method_code": method,
            "limit_standard": limit,
            "kit": {"maker": "Qingdao Bio", "lot": "QB-2611", "expires_on": f"{self.day.year + 1}-12-31"},
            "blank_ok": True,
            "control_ok": True,
            "result_kind": "qualitative",
            "result": result,
        }
        return Act(at, self.plan.tester, "test", result, payload)

    def _waste(self, lot: _Lot) -> Act:
        left = lot.received_grams - (lot.sold_grams if lot.passes else 0)
        payload = {
            "market_id": MARKET_ID,
            "lot_id": lot.lot_id,
            "net_grams": left,
            "reason": "unsold at closing" if lot.passes else "destroyed after a failed test",
            "merchant_ref": lot.stall.merchant_ref,
            "place_ref": lot.stall.place_ref,
        }
        return Act(self._at(CLOSING_SECOND + 60 * lot.stall.number), lot.stall.scale, "waste", left, payload)

    def _sale_acts(self, sales: Sequence[_Sale], lots: Mapping[tuple[int, str], _Lot]) -> Iterator[Act]:
        tickets: dict[tuple[int, int], str] = {}
        last_ms: dict[str, int] = {}
        for sale in sales:
            lot = lots[sale.stall.number, sale.item.code]
            # A scale needs a few seconds between two weighings; lines of one basket share their second.
            at = max(self._at(sale.second), last_ms.get(sale.stall.scale, 0) + 4_000)
            last_ms[sale.stall.scale] = at
            ticket = tickets.setdefault((sale.stall.number, sale.basket), self._ulid(at))
            act = self._sale_act(sale, lot, ticket, at)
            if lot.passes:
                yield act
                yield from self._afterwards(act, sale.stall)

    def _sale_act(self, sale: _Sale, lot: _Lot, ticket: str, at: int) -> Act:
        item, stall = sale.item, sale.stall
        price = item.price_minor_per_kilogram * (94 + (stall.number * 7 + self.day.toordinal()) % 13) // 100
        amount = amount_minor(sale.net_grams, price, 0, 0)
        tare = self.random.choice((0, 5, 10, 15))
        method = self.random.choice(_PAY_METHODS)
        payload: dict[str, Any] = {
            "sale_id": self._ulid(at),
            "ticket_id": ticket,
            "market_id": MARKET_ID,
            "merchant_ref": stall.merchant_ref,
            "place_ref": stall.place_ref,
            "item_code": item.code,
            "item_name": item.name,
            "gtin": item.gtin,
            "lots": [{"lot_id": lot.lot_id, "net_grams": sale.net_grams}],
            "gross_grams": sale.net_grams + tare,
            "tare_grams": tare,
            "net_grams": sale.net_grams,
            "division_grams": DIVISION_GRAMS,
            "stable": True,
            "zeroed": True,
            "unit_price_minor_per_kilogram": price,
            "amount_minor": amount,
            "discount_minor": 0,
            "rounding_minor": 0,
            "currency": "CNY",
            "pay_method": method,
            "pay_ref": None if method == "cash" else self.plan.commitment(ticket, "pay_ref", ticket),
            "payer_ref": None,
            "recognised_by": "ai",
            "confidence_permille": 930 + self.random.randrange(70),
            "test_ids": [lot.test_id],
            "trace_code": trace_code(self.random.randbytes(10)),
        }
        return Act(at, stall.scale, "sale", amount, payload)

    def _afterwards(self, sold: Act, stall: Stall) -> Iterator[Act]:
        drawn = self.random.random()
        sale = sold.payload
        if sale["pay_ref"] is not None:
            fee = sale["amount_minor"] * 38 // 10_000
            settled = {
                "pay_ref": sale["pay_ref"],
                "amount_minor": sale["amount_minor"],
                "fee_minor": fee,
                "settled_at": self._text(self._at(23 * 3600)),
                "channel": sale["pay_method"],
                "currency": "CNY",
                "market_id": MARKET_ID,
            }
            if drawn >= _VOID_SHARE + _REFUND_SHARE:
                at = self._at(23 * 3600) + self.random.randrange(900) * 1000
                yield Act(at, self.plan.bank_system, "settlement", sale["amount_minor"], settled)
        if drawn < _VOID_SHARE:
            yield self._return(sold, stall, "void", "wrong item", 45_000)
        elif drawn < _VOID_SHARE + _REFUND_SHARE:
            yield self._return(sold, stall, "refund", "returned by the customer", 1_500_000)

    def _return(self, sold: Act, stall: Stall, kind: str, reason: str, later_ms: int) -> Act:
        sale = sold.payload
        payload = {
            "of": sale["sale_id"],
            "reason": reason,
            "amount_minor": sale["amount_minor"],
            "net_grams": sale["net_grams"],
            "currency": "CNY",
            "lots": sale["lots"],
            "market_id": MARKET_ID,
            "merchant_ref": stall.merchant_ref,
            "place_ref": stall.place_ref,
            "pay_ref": sale["pay_ref"],
        }
        return Act(sold.at_ms + later_ms, stall.scale, kind, sale["amount_minor"], payload)

    def _temperatures(self) -> Iterator[Act]:
        for stall in self.plan.stalls:
            for slot in range(86_400_000 // STEP_MS):
                at = self.midnight_ms + slot * STEP_MS + stall.number * 7_000
                # Each tank is fed by other water: the same series, some hours apart.
                millicelsius = self.data.sea.at(at + stall.number * 3 * STEP_MS)
                if millicelsius is None:
                    continue
                payload = {
                    "market_id": MARKET_ID,
                    "place": f"tank {stall.place}",
                    "place_ref": stall.place_ref,
                    "merchant_ref": stall.merchant_ref,
                    "cold_profile": "live-seawater",
                    "interval_seconds": STEP_MS // 1000,
                }
                yield Act(at, stall.probe, "temperature", millicelsius, payload)

    def _at(self, second: int) -> int:
        return self.midnight_ms + second * 1000

    def _text(self, at_ms: int) -> str:
        return datetime.fromtimestamp(at_ms // 1000, UTC).astimezone(TIME_ZONE).isoformat()

    def _ulid(self, at_ms: int) -> str:
        number = at_ms << 80 | self.random.getrandbits(80)
        return "".join(_ULID_LETTERS[number >> shift & 31] for shift in range(125, -1, -5))


def _second_of(line: FreshLine) -> int:
    """The data tell the minute; baskets of one minute are spread over it."""
    return line.minute * 60 + line.basket % 60
