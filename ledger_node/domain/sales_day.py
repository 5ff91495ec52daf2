"""One merchant's sales of one day, as a `sales_day` record states them (`oracles.md` section 6).

Pure: which records belong to the day is told by the caller. Amounts in minor units, masses in grams. The identity that
a bank checks: last − first + 1 of each device is the sum of its sales, refunds, voids, other and missing.
"""

import hmac
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from ledger_node.domain import sum_tree
from ledger_node.domain.record import Verdict
from ledger_node.domain.sum_tree import Node

MovementKind = Literal["sale", "void", "refund"]
RETURNS: Final = ("void", "refund")
# Points of market.md section 2 that the day's own numbers decide; the other codes come with detection.
GAPS_POINTS: Final = 5
GAPS_PERMILLE: Final = 10
LATE_POINTS: Final = 3
LATE_PERMILLE: Final = 100
_GRADES: Final = ((90, "A"), (75, "B"), (60, "C"), (0, "D"))


@dataclass(frozen=True, slots=True)
class Movement:
    """A counted sale, void or refund of the day. `channel` is that of the sale it belongs to."""

    kind: MovementKind
    record_hash: bytes
    device: str
    sequence: int
    amount_minor: int
    net_grams: int
    channel: str
    verdict: Verdict
    trust: int


@dataclass(frozen=True, slots=True)
class DeviceDay:
    """A device's run of sequence numbers that the day accounts for; empty when last = first − 1."""

    device: str
    first_sequence: int
    last_sequence: int
    sales: int
    refunds: int
    voids: int
    other: int
    missing: int

    @property
    def expected(self) -> int:
        """How many records there should be."""
        return self.last_sequence - self.first_sequence + 1


@dataclass(frozen=True, slots=True)
class DayBefore:
    """What the merchant's earlier records say: where its chain stands, and what the day before carries over."""

    index: int
    previous_hash: bytes
    carry_in_minor: int


NO_DAY_BEFORE: Final = DayBefore(0, bytes(32), 0)


@dataclass(frozen=True, slots=True)
class DayFacts:
    """All that happened to one merchant on one day."""

    movements: Sequence[Movement]
    devices: Sequence[DeviceDay]
    settled_minor: Mapping[str, int]
    quarantined: int


def merchant_pseudonym(merchant_key: bytes, day: str) -> bytes:
    """HMAC-SHA256(K_merchant, day): a new name each day, so that pins do not link."""
    return hmac.digest(merchant_key, day.encode(), "sha256")


def device_day(
    device: str, after: int, last: int, present: Collection[int], kinds: Mapping[int, MovementKind]
) -> DeviceDay:
    """The run (`after`, `last`]: `present` are its journaled sequence numbers, `kinds` those of the day's movements."""
    mine = {number for number in present if after < number <= last}
    count = {kind: sum(kinds.get(number) == kind for number in mine) for kind in ("sale", "refund", "void")}
    other = len(mine) - sum(count.values())
    missing = last - after - len(mine)
    return DeviceDay(device, after + 1, last, count["sale"], count["refund"], count["void"], other, missing)


def sales_day_payload(
    *, merchant_ref: bytes, market: str, day: str, currency: str, revision: int, facts: DayFacts, before: DayBefore
) -> dict[str, Any]:
    """The payload of the day's record. SumOverflow past 2^128."""
    sales = [one for one in facts.movements if one.kind == "sale"]
    returns = [one for one in facts.movements if one.kind in RETURNS]
    sold, voided, refunded = (_total(facts.movements, kind) for kind in ("sale", "void", "refund"))
    grams = sum(one.net_grams for one in sales) - sum(one.net_grams for one in returns)
    balance = sold - voided - refunded - before.carry_in_minor
    return {
        "merchant_ref": "0x" + merchant_ref.hex(),
        "market_id": market,
        "day": day,
        "currency": currency,
        "revision": revision,
        "sold_minor": sold,
        "void_minor": voided,
        "refund_minor": refunded,
        "net_grams": max(0, grams),
        "carry_in_minor": before.carry_in_minor,
        "carry_out_minor": max(0, -balance),
        "net_minor": max(0, balance),
        "by_channel": _by_channel(facts),
        "devices": [_device_json(one) for one in sorted(facts.devices, key=lambda one: one.device)],
        "sales_root": "0x" + movements_root(sales).hash.hex(),
        "sales_count": len(sales),
        "returns_root": "0x" + movements_root(returns).hash.hex(),
        "returns_count": len(returns),
        "quality": _quality(facts),
        "index": before.index + 1,
        "previous_hash": "0x" + before.previous_hash.hex(),
    }


def movements_root(movements: Iterable[Movement]) -> Node:
    """The sum tree over records by (device, sequence)."""
    ordered = sorted(movements, key=lambda one: (one.device, one.sequence, one.record_hash))
    return sum_tree.root([sum_tree.leaf(one.record_hash, one.amount_minor, one.net_grams) for one in ordered])


def is_same_day(earlier: Mapping[str, Any], later: Mapping[str, Any]) -> bool:
    """Whether two payloads of one merchant and day differ in nothing but their place in the chain."""
    place = ("revision", "index", "previous_hash")
    return {**earlier, **dict.fromkeys(place)} == {**later, **dict.fromkeys(place)}


def _total(movements: Iterable[Movement], kind: MovementKind) -> int:
    return sum(one.amount_minor for one in movements if one.kind == kind)


def _by_channel(facts: DayFacts) -> dict[str, dict[str, int]]:
    net: dict[str, int] = dict.fromkeys(facts.settled_minor, 0)
    for one in facts.movements:
        sign = 1 if one.kind == "sale" else -1
        net[one.channel] = net.get(one.channel, 0) + sign * one.amount_minor
    return {
        channel: {"net_minor": minor, "settled_minor": facts.settled_minor.get(channel, 0)}
        for channel, minor in sorted(net.items())
    }


def _device_json(one: DeviceDay) -> dict[str, Any]:
    return {name: getattr(one, name) for name in DeviceDay.__slots__}


def _quality(facts: DayFacts) -> dict[str, Any]:
    expected = sum(one.expected for one in facts.devices)
    missing = sum(one.missing for one in facts.devices)
    counted = len(facts.movements)
    late = sum(one.verdict == Verdict.ACCEPTED_LATE for one in facts.movements)
    missing_permille = missing * 1000 // expected if expected else 0
    late_permille = late * 1000 // counted if counted else 0
    points = GAPS_POINTS * (missing_permille > GAPS_PERMILLE) + LATE_POINTS * (late_permille > LATE_PERMILLE)
    trusts = sorted({one.trust for one in facts.movements})
    return {
        "completeness_permille": 1000 - missing_permille,
        "late_permille": late_permille,
        "quarantined": facts.quarantined,
        "trust_mix": {str(trust): sum(one.trust == trust for one in facts.movements) for trust in trusts},
        "grade": next(letter for least, letter in _GRADES if 100 - points >= least),
    }
