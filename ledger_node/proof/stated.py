"""What a shown payload states that the steps compare: sums, lots, the value it repeats, a sales day's chain.

A payload that ingest took in has all of these; of one in a file only what is read here is looked at.
"""

from collections.abc import Mapping
from typing import Any, Final

from ledger_node.domain.payload import Facts, facts

STATED_VALUE: Final[Mapping[str, str]] = {
    **dict.fromkeys(("sale", "void", "refund", "settlement"), "amount_minor"),
    **dict.fromkeys(("intake", "waste", "transfer", "reweigh"), "net_grams"),
    **dict.fromkeys(("test", "retest"), "result"),
    "sales_day": "net_minor",
}
"""The payload member that the record's signed value repeats."""
_NUMBERS: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(("sale", "void", "refund"), ("amount_minor", "net_grams")),
    **dict.fromkeys(("intake", "waste", "transfer"), ("net_grams",)),
    "settlement": ("amount_minor",),
    "sales_day": ("net_minor", "net_grams", "index"),
}
_WITH_LOTS: Final = frozenset({"sale", "void", "refund"})
_MAY_HAVE_LOTS: Final = frozenset({"epcis-event", "document"})
_WITH_LOT: Final = frozenset({"intake", "waste", "transfer", "test", "retest", "hold", "release"})
RUN_NUMBERS: Final = ("first_sequence", "last_sequence", "sales", "refunds", "voids", "other", "missing")


def stated_value(kind: str, payload: Mapping[str, Any]) -> int | None:
    """What the payload says the record's value is; None when its kind repeats it nowhere."""
    found = payload.get(STATED_VALUE.get(kind, ""))
    return found if type(found) is int else None


def stated_facts(kind: str, payload: Mapping[str, Any]) -> Facts | None:
    """Sums and lots of a payload; None when what they are made of is missing or of another form."""
    if not all(_is_count(payload.get(name)) for name in _NUMBERS.get(kind, ())):
        return None
    if kind in _WITH_LOT and type(payload.get("lot_id")) is not str:
        return None
    lots = payload.get("lots", [] if kind in _MAY_HAVE_LOTS else None)
    if kind in _WITH_LOTS | _MAY_HAVE_LOTS and not (type(lots) is list and all(_is_share(lot) for lot in lots)):
        return None
    if kind == "sales_day" and not _is_day(payload):
        return None
    return facts(kind, payload)


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 0


def _is_share(value: object) -> bool:
    return isinstance(value, dict) and type(value.get("lot_id")) is str and _is_count(value.get("net_grams"))


def _is_day(payload: Mapping[str, Any]) -> bool:
    runs = payload.get("devices")
    return (
        type(payload.get("day")) is str
        and type(payload.get("previous_hash")) is str
        and type(runs) is list
        and all(_is_run(run) for run in runs)
    )


def _is_run(value: object) -> bool:
    return (
        isinstance(value, dict)
        and type(value.get("device")) is str
        and all(_is_count(value.get(name)) for name in RUN_NUMBERS)
    )
