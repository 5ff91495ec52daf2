"""What a record says about other records: lots, sales, tests, holds (`market.md` sections 2 and 10). Pure.

What the journal knows comes through the port `Known`. Names used twice, refunds beyond the sale and voids of a void are
REJECTED (REUSED_ID: the name, or what it stood for, is used up); lots nobody received or that are held QUARANTINE.
"""

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from ledger_node.domain.clock import LAST_SECOND
from ledger_node.domain.judge import FINE, Finding, MarketRules
from ledger_node.domain.payload import lot_key
from ledger_node.domain.record import Reason

Payload = Mapping[str, Any]


class KnownLot(NamedTuple):
    """A lot of the market; `held_from_ms` None while it may be sold."""

    state: str
    held_from_ms: int | None


class KnownSale(NamedTuple):
    """A sale as it stands: what of it was given back already."""

    state: str
    amount_minor: int
    net_grams: int
    currency: str
    refunded_minor: int
    refunded_grams: int
    settled_minor: int
    observed_at_ms: int


class Known(Protocol):
    """What the journal knows, this transaction included."""

    def lot(self, key: bytes) -> KnownLot | None: ...
    def has_lot(self, key: bytes, merchant_ref: str) -> bool:
        """Whether the lot ever came to the merchant."""
        ...

    def sale(self, sale_id: str) -> KnownSale | None: ...
    def knows_test(self, test_id: str) -> bool: ...
    def knows_trace_code(self, code: str) -> bool: ...


def judge_cross(rules: MarketRules, kind: str, payload: Payload, observed_at_ms: int, known: Known) -> Finding:
    """The first thing about a sound record that does not fit what else is known."""
    if kind == "sale":
        return _sale(payload, observed_at_ms, known)
    if kind in ("void", "refund"):
        return _returned(rules, kind, payload, observed_at_ms, known)
    if kind == "intake":
        used = known.lot(lot_key(payload["lot_id"])) is not None
        return Finding(Reason.REUSED_ID, f"{payload['lot_id']} was received before") if used else FINE
    if kind in ("test", "retest"):
        if known.knows_test(payload["test_id"]):
            return Finding(Reason.REUSED_ID, f"test_id {payload['test_id']} was used before")
        return _lot(payload["lot_id"], known)
    if kind in ("waste", "transfer", "release"):
        return _lot(payload["lot_id"], known)
    return FINE


_LAST_QUARTER: Final = (LAST_SECOND - 86_400) // 900
"""Of the year 9999 but for its last day, in whatever zone: whoever claims later is of that day too."""


@lru_cache(maxsize=4096)
def market_day(time_zone: str, quarter: int) -> date:
    """The market's date in a quarter hour since 1970; every zone is a multiple of a quarter off."""
    return datetime.fromtimestamp(min(quarter, _LAST_QUARTER) * 900, ZoneInfo(time_zone)).date()


def day_of(rules: MarketRules, at_ms: int) -> date:
    """The market's date at a time."""
    return market_day(rules.time_zone, at_ms // 900_000)


def _sale(payload: Payload, observed_at_ms: int, known: Known) -> Finding:
    if known.sale(payload["sale_id"]) is not None:
        return Finding(Reason.REUSED_ID, f"sale_id {payload['sale_id']} was used before")
    if known.knows_trace_code(payload["trace_code"]):
        return Finding(Reason.REUSED_ID, f"trace_code {payload['trace_code']} was used before")
    held: Finding | None = None
    for line in payload["lots"]:
        key = lot_key(line["lot_id"])
        lot = known.lot(key)
        if lot is None:
            return Finding(Reason.LOT_UNKNOWN, f"{line['lot_id']} was never received here")
        if not known.has_lot(key, payload["merchant_ref"]):
            return Finding(Reason.LOT_UNKNOWN, f"{line['lot_id']} is not a lot of this merchant")
        if lot.held_from_ms is not None and observed_at_ms > lot.held_from_ms and held is None:
            held = Finding(
                Reason.LOT_ON_HOLD, f"{line['lot_id']} is held since {lot.held_from_ms}, sold at {observed_at_ms}"
            )
    return held or FINE


def _returned(rules: MarketRules, kind: str, payload: Payload, observed_at_ms: int, known: Known) -> Finding:
    sale = known.sale(payload["of"])
    if sale is None:
        return Finding(Reason.LOT_UNKNOWN, f"sale {payload['of']} is not known here")
    if payload["currency"] != sale.currency:
        return Finding(Reason.UNIT, f"{kind} in {payload['currency']}, the sale in {sale.currency}")
    if sale.state == "voided":
        return Finding(Reason.REUSED_ID, f"sale {payload['of']} is voided already")
    if kind == "void":
        return _void(rules, payload, sale, observed_at_ms)
    minor, grams = sale.refunded_minor + payload["amount_minor"], sale.refunded_grams + payload["net_grams"]
    if minor > sale.amount_minor:
        return Finding(Reason.REUSED_ID, f"refunds of {minor} minor, the sale had {sale.amount_minor}")
    if grams > sale.net_grams:
        return Finding(Reason.REUSED_ID, f"refunds of {grams} grams, the sale had {sale.net_grams}")
    return FINE


def _void(rules: MarketRules, payload: Payload, sale: KnownSale, observed_at_ms: int) -> Finding:
    if sale.refunded_minor or sale.refunded_grams:
        return Finding(Reason.REUSED_ID, f"{sale.refunded_minor} minor of sale {payload['of']} are refunded already")
    if (payload["amount_minor"], payload["net_grams"]) != (sale.amount_minor, sale.net_grams):
        said, was = (payload["amount_minor"], payload["net_grams"]), (sale.amount_minor, sale.net_grams)
        return Finding(Reason.ARITHMETIC, f"void of {said[0]} minor, {said[1]} g; the sale had {was[0]} and {was[1]}")
    if sale.settled_minor:
        return Finding(Reason.RANGE, f"sale {payload['of']} is settled: it can only be refunded")
    sold, voided = day_of(rules, sale.observed_at_ms), day_of(rules, observed_at_ms)
    if sold != voided:
        return Finding(Reason.RANGE, f"sold on {sold}, voided on {voided}: it can only be refunded")
    return FINE


def _lot(lot_id: str, known: Known) -> Finding:
    if known.lot(lot_key(lot_id)) is None:
        return Finding(Reason.LOT_UNKNOWN, f"{lot_id} was never received here")
    return FINE
