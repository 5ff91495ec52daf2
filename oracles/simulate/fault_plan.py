"""Faults on demand, laid into a day of the replayed market: which act goes wrong, and how. Same seed, same faults.

Here is what happens in the market and in devices; what happens on the way is `fault_link`'s. Each faulty act carries
the fault's name, and the simulation writes it to the truth file when it is signed. Rates are shares of the acts that a
fault can befall (of sales, of readings, of a device's hours).
"""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Final

from ledger_node.domain.plausibility import amount_minor
from oracles.simulate.catalogue import CATALOGUE
from oracles.simulate.market_day import DIVISION_GRAMS, Act

IN_DEVICE: Final = ("clock-jump", "drift", "fork", "case-open", "lost-flash", "under-weigh", "excursion", "fake-entry")
ON_THE_WAY: Final = ("offline", "duplicate", "reorder", "bad-signature")
FAULTS: Final = (*IN_DEVICE, *ON_THE_WAY)
FORK, LOST_FLASH = "fork", "lost-flash"
"""Kinds of acts that sign nothing new: the device does something to its memory."""
FAKES: Final = ("random-goods", "repeated-weight", "round-amount", "off-hours", "wash-ring", "no-settlement")
_HOUR_MS: Final = 3_600_000
_JUMP_MS: Final = 2 * _HOUR_MS
_DRIFT_MS_AN_HOUR: Final = 150_000
_EXCURSION_MILLICELSIUS: Final = 9_000
_REWEIGH_AFTER_MS: Final = 600_000
_LOST_NUMBERS: Final = 5
_RING_PAYER: Final = "0x" + sha256(b"the payer of a ring").hexdigest()


@dataclass(frozen=True)
class FaultPlan:
    """Rates by fault name, 0 to 1; names that are absent do not happen. ValueError for a name that is no fault.

    `reweighed_by` is the device that the market weighs goods again with.
    """

    seed: str
    rates: Mapping[str, float]
    reweighed_by: str

    def __post_init__(self) -> None:
        if unknown := set(self.rates) - set(FAULTS):
            raise ValueError(f"no such fault: {', '.join(sorted(unknown))}; there are {', '.join(FAULTS)}")

    def befalls(self, fault: str, *where: object) -> bool:
        """Whether the fault happens at this place; the same answer every time."""
        rate = self.rates.get(fault, 0.0)
        return rate > 0 and self.draw(fault, *where).random() < rate

    def draw(self, *where: object) -> random.Random:
        """Random numbers that belong to one place."""
        return random.Random(sha256("|".join((self.seed, *map(str, where))).encode()).digest())

    def lay_into(self, acts: Sequence[Act]) -> list[Act]:
        """The acts of a day with the faults in devices and market, in order of time, device and kind."""
        returned = {act.payload["of"] for act in acts if act.kind in ("void", "refund")}
        paid: dict[tuple[str, int], list[int]] = defaultdict(list)
        result: list[Act] = []
        for index, act in enumerate(acts):
            place = (act.device, act.at_ms, index)
            if act.kind == "sale" and act.payload["sale_id"] not in returned:
                changed = self._sale(act, place)
                if act.payload["pay_ref"] is not None:
                    paid[act.payload["pay_ref"], act.value].append(changed[0].value if _is_paid(changed[0]) else 0)
                result += self._around(changed, place)
            elif act.kind == "settlement":
                result += _settled(act, paid)
            else:
                result += self._around([self._reading(act)], place)
        return sorted(result, key=lambda act: (act.at_ms, act.device, act.kind))

    def _sale(self, act: Act, place: tuple[object, ...]) -> list[Act]:
        if self.befalls("under-weigh", *place):
            return _under_weigh(act, self.reweighed_by)
        if self.befalls("fake-entry", *place):
            return [_fake(act, self.draw("fake", *place))]
        return [act]

    def _reading(self, act: Act) -> Act:
        if act.kind == "temperature" and self.befalls("excursion", act.device, act.at_ms // (2 * _HOUR_MS)):
            return replace(act, value=act.value + _EXCURSION_MILLICELSIUS, fault="excursion")
        return act

    def _around(self, acts: list[Act], place: tuple[object, ...]) -> Iterator[Act]:
        for act in acts:
            yield self._with_clock_error(act, place)
        first = acts[0]
        if self.befalls(FORK, *place):
            yield replace(first, kind=FORK, at_ms=first.at_ms + 1, fault=FORK)
        if self.befalls(LOST_FLASH, *place):
            yield replace(first, kind=LOST_FLASH, at_ms=first.at_ms + 2, value=_LOST_NUMBERS, fault=LOST_FLASH)
        if first.kind == "sale" and self.befalls("case-open", *place):
            opened = {"state": "opened"}
            yield Act(first.at_ms + 3, first.device, "seal", 1, opened, fault="case-open")

    def _with_clock_error(self, act: Act, place: tuple[object, ...]) -> Act:
        if self.befalls("clock-jump", *place):
            error = _JUMP_MS if self.draw("jump", *place).random() < 0.5 else -_JUMP_MS
            return replace(act, clock_error_ms=error, fault=act.fault or "clock-jump")
        quarter, of_quarter = divmod(act.at_ms, 6 * _HOUR_MS)
        if self.befalls("drift", act.device, quarter):
            return replace(act, clock_error_ms=-_DRIFT_MS_AN_HOUR * of_quarter // _HOUR_MS, fault=act.fault or "drift")
        return act


def _is_paid(act: Act) -> bool:
    return act.fault != "fake-entry no-settlement"


def _settled(act: Act, paid: Mapping[tuple[str, int], list[int]]) -> list[Act]:
    """The bank's word on what was really paid, if anything was."""
    left = paid.get((act.payload["pay_ref"], act.value))
    amount = left.pop(0) if left else act.value
    return [replace(_with(act, amount_minor=amount), value=amount)] if amount else []


def _under_weigh(act: Act, reweighed_by: str) -> list[Act]:
    """The scale shows 6 % more than lies on it; later the market's fair scale weighs the goods again."""
    true_grams: int = act.payload["net_grams"]
    shown = -(-true_grams * 106 // 100 // DIVISION_GRAMS) * DIVISION_GRAMS
    cheated = replace(act, fault="under-weigh", **_weighing(act.payload, shown))
    reweigh = {
        "trace_code": act.payload["trace_code"],
        "net_grams": true_grams,
        "division_grams": DIVISION_GRAMS,
        "difference_grams": shown - true_grams,
        "market_id": act.payload["market_id"],
    }
    return [cheated, Act(act.at_ms + _REWEIGH_AFTER_MS, reweighed_by, "reweigh", true_grams, reweigh)]


def _fake(act: Act, chance: random.Random) -> Act:
    """A sale that never was, in one of the ways in which people make them up."""
    way = chance.choice(FAKES)
    make: Mapping[str, Callable[[Act, random.Random], Act]] = {
        "random-goods": _random_goods,
        "repeated-weight": lambda one, _: replace(one, **_weighing(one.payload, 1_000)),
        "round-amount": _round_amount,
        "off-hours": lambda one, draw: replace(one, at_ms=_after_closing(one, draw)),
        "wash-ring": lambda one, _: _with(one, payer_ref=_RING_PAYER),
        "no-settlement": lambda one, _: one,
    }
    return replace(make[way](act, chance), fault=f"fake-entry {way}")


def _random_goods(act: Act, chance: random.Random) -> Act:
    item = chance.choice([item for item in CATALOGUE if item.code != act.payload["item_code"]])
    return _with(act, item_code=item.code, item_name=item.name, gtin=item.gtin)


def _round_amount(act: Act, _chance: random.Random) -> Act:
    """One kilogram at a whole ten yuan."""
    changed = _with(act, unit_price_minor_per_kilogram=5_000)
    return replace(changed, **_weighing(changed.payload, 1_000))


def _after_closing(act: Act, chance: random.Random) -> int:
    """Between 22:00 and 22:50 of the same day by the market's clock (UTC+8)."""
    midnight_ms = (act.at_ms + 8 * _HOUR_MS) // (24 * _HOUR_MS) * 24 * _HOUR_MS - 8 * _HOUR_MS
    return midnight_ms + 22 * _HOUR_MS + chance.randrange(3_000) * 1000


def _with(act: Act, **changes: Any) -> Act:
    return replace(act, payload={**act.payload, **changes})


def _weighing(payload: Mapping[str, Any], net_grams: int) -> dict[str, Any]:
    """Value and payload of a sale of `net_grams`, right in its arithmetic."""
    amount = amount_minor(net_grams, payload["unit_price_minor_per_kilogram"], 0, 0)
    lots = [{"lot_id": payload["lots"][0]["lot_id"], "net_grams": net_grams}]
    changes = {
        "net_grams": net_grams,
        "gross_grams": net_grams + payload["tare_grams"],
        "amount_minor": amount,
        "lots": lots,
    }
    return {"value": amount, "payload": {**payload, **changes}}
