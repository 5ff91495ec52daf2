"""Whether a record's numbers can be true by themselves: unit, arithmetic, range, physics (`market.md` sections 1, 10).

Pure functions of one record. A detail always names both values that disagree. Questions that need another record are
`cross_check`'s.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from ledger_node.domain.judge import FINE, Finding, MarketRules
from ledger_node.domain.payload import KINDS, currency_exponent
from ledger_node.domain.payload_form import read_time_ms
from ledger_node.domain.record import Reason

PASS, FAIL, INVALID, SUSPECT = 1, 2, 3, 4
_CURRENCY_KINDS: Final = frozenset(name for name, kind in KINDS.items() if kind.unit is None)
_ABSOLUTE_ZERO_MILLICELSIUS: Final = -273_150

Payload = Mapping[str, Any]
Check = Callable[[MarketRules, Payload, int], Finding]


def judge_plausibility(
    rules: MarketRules, kind: str, payload: Payload, *, value: int, exponent: int, unit: str
) -> Finding:
    """The first thing about the numbers of a well-formed record that cannot be right."""
    finding = _judge_unit(rules, kind, payload, exponent, unit)
    if finding is not FINE:
        return finding
    check = _CHECKS.get(kind)
    return FINE if check is None else check(rules, payload, value)


def amount_minor(net_grams: int, price: int, discount: int, rounding: int) -> int:
    """What a sale comes to: price is minor units a kilogram, half a unit is rounded up before discount and rounding."""
    return (net_grams * price + 500) // 1000 - discount - rounding


def effective_result(payload: Payload) -> int:
    """What a test shows: an expired kit or a failed control makes it INVALID, whatever it says."""
    kit = payload.get("kit")
    if not (payload["blank_ok"] and payload["control_ok"]):
        return INVALID
    if kit is not None and date.fromisoformat(kit["expires_on"]) < date.fromisoformat(payload["tested_at"][:10]):
        return INVALID
    result: int = payload["result"]
    return result


def _judge_unit(rules: MarketRules, kind: str, payload: Payload, exponent: int, unit: str) -> Finding:
    rule = KINDS[kind]
    if kind in _CURRENCY_KINDS:
        wanted_unit, wanted_exponent = rules.currency, currency_exponent(rules.currency)
        said = payload.get("currency", unit)
        if said != unit:
            return Finding(Reason.UNIT, f"the payload says {said}, the record {unit}")
    else:
        wanted_unit, wanted_exponent = rule.unit or "", rule.exponent or 0
    if unit != wanted_unit:
        return Finding(Reason.UNIT, f"unit {unit}, not {wanted_unit}")
    if exponent != wanted_exponent:
        return Finding(Reason.UNIT, f"exponent {exponent}, not {wanted_exponent}")
    return FINE


def _unequal(what: str, said: int, other: str, computed: int) -> Finding:
    return Finding(Reason.ARITHMETIC, f"{what} {said}, {other} {computed}")


def _sale(rules: MarketRules, payload: Payload, value: int) -> Finding:
    gross, tare, net = payload["gross_grams"], payload["tare_grams"], payload["net_grams"]
    division = payload["division_grams"]
    if net != gross - tare:
        return _unequal("net_grams", net, "gross less tare", gross - tare)
    finding = _lots_add_up(payload)
    if finding is not FINE:
        return finding
    amount = payload["amount_minor"]
    computed = amount_minor(
        net, payload["unit_price_minor_per_kilogram"], payload["discount_minor"], payload["rounding_minor"]
    )
    if amount != computed:
        return _unequal("amount_minor", amount, "weight by price", computed)
    if value != amount:
        return _unequal("value", value, "amount_minor", amount)
    if net <= 0 or tare < 0:
        return Finding(Reason.RANGE, f"net_grams {net}, tare_grams {tare}: nothing was weighed")
    if gross > rules.capacity_grams:
        return Finding(Reason.RANGE, f"gross_grams {gross}, the scale's capacity {rules.capacity_grams}")
    if division <= 0 or net % division:
        return Finding(Reason.RANGE, f"net_grams {net}, not a multiple of the division {division}")
    if amount <= 0:
        return Finding(Reason.RANGE, f"amount_minor {amount}, not above 0")
    if payload["discount_minor"] < 0 or not -9 <= payload["rounding_minor"] <= 9:
        return Finding(
            Reason.RANGE, f"discount_minor {payload['discount_minor']}, rounding_minor {payload['rounding_minor']}"
        )
    if not (payload["stable"] and payload["zeroed"]):
        return Finding(Reason.UNSTABLE, f"stable {payload['stable']}, zeroed {payload['zeroed']}")
    return FINE


def _lots_add_up(payload: Payload) -> Finding:
    total = sum(lot["net_grams"] for lot in payload["lots"])
    return FINE if total == payload["net_grams"] else _unequal("net_grams", payload["net_grams"], "lots", total)


def _returned(_rules: MarketRules, payload: Payload, value: int) -> Finding:
    finding = _lots_add_up(payload)
    if finding is not FINE:
        return finding
    if value != payload["amount_minor"]:
        return _unequal("value", value, "amount_minor", payload["amount_minor"])
    if payload["amount_minor"] <= 0:
        return Finding(Reason.RANGE, f"amount_minor {payload['amount_minor']}, not above 0")
    return FINE


def _settlement(_rules: MarketRules, payload: Payload, value: int) -> Finding:
    if value != payload["amount_minor"]:
        return _unequal("value", value, "amount_minor", payload["amount_minor"])
    if not 0 < payload["amount_minor"] >= payload["fee_minor"]:
        return Finding(Reason.RANGE, f"amount_minor {payload['amount_minor']}, fee_minor {payload['fee_minor']}")
    return FINE


def _moved(_rules: MarketRules, payload: Payload, value: int) -> Finding:
    if value != payload["net_grams"]:
        return _unequal("value", value, "net_grams", payload["net_grams"])
    if payload["net_grams"] <= 0:
        return Finding(Reason.RANGE, f"net_grams {payload['net_grams']}, not above 0")
    return FINE


def _intake(rules: MarketRules, payload: Payload, value: int) -> Finding:
    finding = _moved(rules, payload, value)
    if finding is not FINE:
        return finding
    harvested = payload.get("production", {}).get("harvested_at")
    if harvested is not None and read_time_ms(harvested) > read_time_ms(payload["arrived_at"]):
        return Finding(Reason.PHYSICS, f"harvested_at {harvested}, arrived_at {payload['arrived_at']}")
    if payload["lot_id"] in payload.get("parent_lots", ()):
        return Finding(Reason.PHYSICS, f"{payload['lot_id']} is its own parent")
    return FINE


def _test(_rules: MarketRules, payload: Payload, value: int) -> Finding:
    if value != payload["result"]:
        return _unequal("value", value, "result", payload["result"])
    times = [payload["sampled_at"], payload["tested_at"], payload["reported_at"]]
    moments = [read_time_ms(one) for one in times]
    if moments != sorted(moments):
        return Finding(Reason.PHYSICS, f"sampled, tested, reported at {', '.join(times)}")
    return FINE


def _reweigh(_rules: MarketRules, payload: Payload, value: int) -> Finding:
    if value != payload["net_grams"]:
        return _unequal("value", value, "net_grams", payload["net_grams"])
    division = payload["division_grams"]
    if payload["net_grams"] <= 0 or division <= 0 or payload["net_grams"] % division:
        return Finding(Reason.RANGE, f"net_grams {payload['net_grams']}, division_grams {division}")
    return FINE


def _temperature(rules: MarketRules, _payload: Payload, value: int) -> Finding:
    if value < _ABSOLUTE_ZERO_MILLICELSIUS:
        return Finding(Reason.PHYSICS, f"value {value}, absolute zero is {_ABSOLUTE_ZERO_MILLICELSIUS}")
    if not rules.lowest_millicelsius <= value <= rules.highest_millicelsius:
        return Finding(
            Reason.RANGE, f"value {value}, the range {rules.lowest_millicelsius} to {rules.highest_millicelsius}"
        )
    return FINE


def _humidity(_rules: MarketRules, _payload: Payload, value: int) -> Finding:
    return FINE if 0 <= value <= 10_000 else Finding(Reason.RANGE, f"value {value}, the range 0 to 10000")


def _gap(_rules: MarketRules, payload: Payload, _value: int) -> Finding:
    first, last = payload["from_sequence"], payload["to_sequence"]
    return FINE if first <= last else Finding(Reason.ARITHMETIC, f"from_sequence {first}, to_sequence {last}")


def _sales_day(_rules: MarketRules, payload: Payload, value: int) -> Finding:
    paid = payload["sold_minor"] - payload["void_minor"] - payload["refund_minor"] - payload["carry_in_minor"]
    if payload["net_minor"] != max(0, paid):
        return _unequal("net_minor", payload["net_minor"], "sold less returns and carry", max(0, paid))
    if payload["carry_out_minor"] != max(0, -paid):
        return _unequal("carry_out_minor", payload["carry_out_minor"], "returns less sold", max(0, -paid))
    return FINE if value == payload["net_minor"] else _unequal("value", value, "net_minor", payload["net_minor"])


_CHECKS: Final[Mapping[str, Check]] = {
    "sale": _sale,
    "void": _returned,
    "refund": _returned,
    "settlement": _settlement,
    "intake": _intake,
    "waste": _moved,
    "transfer": _moved,
    "test": _test,
    "retest": _test,
    "reweigh": _reweigh,
    "temperature": _temperature,
    "humidity": _humidity,
    "gap": _gap,
    "sales_day": _sales_day,
}
