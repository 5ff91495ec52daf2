"""A price-computing scale: zero, tare, stable weight, price, sale, void and refund.

The state machine holds what verification rules ask of it: no sale of an unstable or negative weight, none without a
return to zero since the last one, none above the capacity, none of a lot on hold. What it signs goes through a
`Recorder`; weights are grams, rounded to the scale's division; money is minor units.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ulid import ULID

from ledger_node.domain.envelope import Envelope
from ledger_node.domain.identifier import trace_code
from ledger_node.domain.plausibility import amount_minor
from ledger_node.errors import ScaleRefuses
from oracles.device.node_word import HoldWatch
from oracles.device.recorder import Recorder

STABLE_READINGS: Final = 3
"""So many equal readings in a row make a weight stable."""
ULID_RANDOM_BYTES: Final = 10
TRACE_RANDOM_BYTES: Final = 10
RandomBytes = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class ScaleModel:
    """What the type plate says."""

    capacity_grams: int = 15_000
    division_grams: int = 5


@dataclass(frozen=True, slots=True)
class Reading:
    """What the display shows."""

    gross_grams: int
    tare_grams: int
    is_stable: bool
    was_zeroed: bool

    @property
    def net_grams(self) -> int:
        """Gross less tare."""
        return self.gross_grams - self.tare_grams


@dataclass(frozen=True, slots=True)
class Place:
    """Whose scale it is; the references are commitments as `0x` hex."""

    market_id: str
    merchant_ref: str
    place_ref: str


@dataclass(frozen=True, slots=True)
class Goods:
    """What lies on the scale, and out of which lots: (canonical Digital Link, net grams), together the net weight."""

    item_code: str
    item_name: str
    lots: tuple[tuple[str, int], ...]
    test_ids: tuple[str, ...] = ()
    recognised_by: str = "key"
    confidence_permille: int = 1000


@dataclass(frozen=True, slots=True)
class Payment:
    """How it was paid; the references are keyed hashes as `0x` hex."""

    method: str
    pay_ref: str | None = None
    payer_ref: str | None = None


def draw_ulid(at_ms: int, random_bytes: RandomBytes) -> str:
    """A ULID of that time."""
    return str(ULID.from_bytes(at_ms.to_bytes(6, "big") + random_bytes(ULID_RANDOM_BYTES)))


class Scale:
    """One scale. `ask_pin` is asked when the hold list is too old: it shows the manager's answer."""

    def __init__(
        self,
        recorder: Recorder,
        holds: HoldWatch,
        place: Place,
        *,
        model: ScaleModel | None = None,
        random_bytes: RandomBytes,
        ask_pin: Callable[[], bool] = lambda: False,
    ) -> None:
        self.recorder = recorder
        self.holds = holds
        self.place = place
        self.model = model or ScaleModel()
        self.random_bytes = random_bytes
        self.unit_price_minor = 0
        self._ask_pin = ask_pin
        self._is_open_until_ms = 0
        self._gross_grams = 0
        self._tare_grams = 0
        self._zero_grams = 0
        self._equal = STABLE_READINGS
        self._was_zeroed = True

    def load(self, raw_grams: int) -> Reading:
        """One reading of the load cell."""
        division = self.model.division_grams
        gross = (raw_grams - self._zero_grams + division // 2) // division * division
        self._equal = self._equal + 1 if gross == self._gross_grams else 1
        self._gross_grams = gross
        if gross == 0 and self._equal >= STABLE_READINGS:
            self._was_zeroed = True
        return self.reading()

    def settle(self, raw_grams: int) -> Reading:
        """As many equal readings as make the weight stable."""
        for _ in range(STABLE_READINGS):
            self.load(raw_grams)
        return self.reading()

    def reading(self) -> Reading:
        """What the display shows now."""
        return Reading(self._gross_grams, self._tare_grams, self._equal >= STABLE_READINGS, self._was_zeroed)

    def zero(self, raw_grams: int) -> None:
        """Takes what lies on the empty platform as nothing; at most 2 % of the capacity."""
        if abs(raw_grams) * 50 > self.model.capacity_grams:
            raise ScaleRefuses("zero", f"{raw_grams} g is more than a pan's dirt: take the goods off")
        self._zero_grams, self._tare_grams = raw_grams, 0
        self.settle(raw_grams)

    def tare(self) -> None:
        """Takes the stable weight on the platform as the container's."""
        now = self._require_stable()
        if now.gross_grams < 0:
            raise ScaleRefuses("tare", "the weight is below zero")
        self._tare_grams = now.gross_grams

    def set_unit_price(self, minor_per_kilogram: int) -> None:
        """Price of the goods on the scale."""
        if minor_per_kilogram < 0:
            raise ScaleRefuses("price", f"{minor_per_kilogram} is below zero")
        self.unit_price_minor = minor_per_kilogram

    def sell(
        self,
        goods: Goods,
        payment: Payment,
        *,
        discount_minor: int = 0,
        rounding_minor: int = 0,
        ticket_id: str | None = None,
        observed_at_ms: int | None = None,
        tag: int | None = None,
        changes: Mapping[str, Any] | None = None,
    ) -> Envelope:
        """Signs the sale of what lies on the scale. `changes` overrides members, for a scale that was tampered with.

        Raises ScaleRefuses: unstable, not-zeroed, empty, overload, lots, lot-on-hold, hold-list-old, amount.
        """
        now = self._require_sellable(goods)
        at_ms = self.recorder.clock.now_ms() if observed_at_ms is None else observed_at_ms
        amount = amount_minor(now.net_grams, self.unit_price_minor, discount_minor, rounding_minor)
        if amount <= 0:
            raise ScaleRefuses("amount", f"{amount} is no amount to be paid")
        sale_id = draw_ulid(at_ms, self.random_bytes)
        payload: dict[str, Any] = {
            "sale_id": sale_id,
            "ticket_id": ticket_id or draw_ulid(at_ms, self.random_bytes),
            "market_id": self.place.market_id,
            "merchant_ref": self.place.merchant_ref,
            "place_ref": self.place.place_ref,
            "item_code": goods.item_code,
            "item_name": goods.item_name,
            "lots": [{"lot_id": lot, "net_grams": grams} for lot, grams in goods.lots],
            "gross_grams": now.gross_grams,
            "tare_grams": now.tare_grams,
            "net_grams": now.net_grams,
            "division_grams": self.model.division_grams,
            "stable": now.is_stable,
            "zeroed": now.was_zeroed,
            "unit_price_minor_per_kilogram": self.unit_price_minor,
            "amount_minor": amount,
            "discount_minor": discount_minor,
            "rounding_minor": rounding_minor,
            "currency": self.recorder.currency,
            "pay_method": payment.method,
            "pay_ref": payment.pay_ref,
            "payer_ref": payment.payer_ref,
            "recognised_by": goods.recognised_by,
            "confidence_permille": goods.confidence_permille,
            "test_ids": list(goods.test_ids),
            "trace_code": trace_code(self.random_bytes(TRACE_RANDOM_BYTES)),
        } | dict(changes or {})
        self._was_zeroed = False
        return self.recorder.sign("sale", payload["amount_minor"], payload, observed_at_ms=observed_at_ms, tag=tag)

    def void(
        self, sale: Mapping[str, Any], reason: str, *, observed_at_ms: int | None = None, tag: int | None = None
    ) -> Envelope:
        """Takes back the whole of `sale` (its payload), on its day and before it is settled."""
        payload = self._taken_back(sale, int(sale["net_grams"]), int(sale["amount_minor"]), reason)
        return self.recorder.sign("void", payload["amount_minor"], payload, observed_at_ms=observed_at_ms, tag=tag)

    def refund(
        self,
        sale: Mapping[str, Any],
        net_grams: int,
        reason: str,
        *,
        observed_at_ms: int | None = None,
        tag: int | None = None,
    ) -> Envelope:
        """Pays back a part of `sale` by weight; ScaleRefuses above what was sold."""
        sold = int(sale["net_grams"])
        if not 0 < net_grams <= sold:
            raise ScaleRefuses("refund", f"{net_grams} g of a sale of {sold} g")
        payload = self._taken_back(sale, net_grams, int(sale["amount_minor"]) * net_grams // sold, reason)
        return self.recorder.sign("refund", payload["amount_minor"], payload, observed_at_ms=observed_at_ms, tag=tag)

    def _taken_back(self, sale: Mapping[str, Any], net_grams: int, amount: int, reason: str) -> dict[str, Any]:
        return {
            "of": sale["sale_id"],
            "reason": reason,
            "amount_minor": amount,
            "net_grams": net_grams,
            "currency": sale["currency"],
            "lots": _first_grams(sale["lots"], net_grams),
            "market_id": self.place.market_id,
            "merchant_ref": self.place.merchant_ref,
            "place_ref": self.place.place_ref,
        }

    def _require_stable(self) -> Reading:
        now = self.reading()
        if not now.is_stable:
            raise ScaleRefuses("unstable", "wait until the weight stands still")
        return now

    def _require_sellable(self, goods: Goods) -> Reading:
        now = self._require_stable()
        if not now.was_zeroed:
            raise ScaleRefuses("not-zeroed", "take everything off the scale first")
        if now.net_grams <= 0:
            raise ScaleRefuses("empty", f"the net weight is {now.net_grams} g")
        if now.gross_grams > self.model.capacity_grams:
            raise ScaleRefuses("overload", f"{now.gross_grams} g is above {self.model.capacity_grams} g")
        if sum(grams for _, grams in goods.lots) != now.net_grams:
            raise ScaleRefuses("lots", f"the lots do not make up {now.net_grams} g")
        for lot_id, _ in goods.lots:
            answer = self.holds.check(lot_id)
            if answer.is_held:
                raise ScaleRefuses("lot-on-hold", f"{lot_id} must not be sold (hold list {answer.version})")
            if answer.needs_pin:
                self._require_open()
        return now

    def _require_open(self) -> None:
        """With an old list or none, the manager's PIN opens the scale, for a day."""
        now_ms = self.recorder.clock.now_ms()
        if now_ms >= self._is_open_until_ms:
            if not self._ask_pin():
                raise ScaleRefuses("hold-list-old", "the list of held lots is older than a day: the manager must open")
            self._is_open_until_ms = now_ms + 24 * 3_600_000


def _first_grams(lots: Sequence[Mapping[str, Any]], net_grams: int) -> list[dict[str, Any]]:
    """The lots of a sale, in order, until they make up `net_grams`."""
    result: list[dict[str, Any]] = []
    for lot in lots:
        if net_grams > 0:
            part = min(net_grams, int(lot["net_grams"]))
            result.append({"lot_id": lot["lot_id"], "net_grams": part})
            net_grams -= part
    return result
