"""Kinds and payload forms: the table of `oracles.md` section 1, and forms that only show at their edges."""

from typing import Any

import pytest

from ledger_node.domain.identifier import is_trace_code, lot_key, trace_code
from ledger_node.domain.payload import KINDS, Facts, check_payload, currency_exponent, facts
from ledger_node.domain.payload_fields import PAYLOADS
from ledger_node.domain.payload_form import read_time_ms
from ledger_node.errors import EnvelopeMalformed
from tests.oracles.ingest.world import LOT, OTHER_LOT, a_test, intake, returned, sale

HASH, CID = "0x" + "ab" * 32, "b" + "a" * 58
RIGHT: dict[str, dict[str, Any]] = {
    "sale": sale(1),
    "void": returned(sale(1)),
    "refund": returned(sale(1)),
    "settlement": {
        "pay_ref": HASH, "amount_minor": 5, "fee_minor": 1, "settled_at": "2026-03-01T05:40:00Z", "channel": "card",
    },
    "intake": intake(),
    "waste": {"lot_id": LOT, "net_grams": 5, "reason": "spoilt"},
    "transfer": {"lot_id": LOT, "net_grams": 5, "reason": "sold on", "to_ref": HASH},
    "test": a_test(1),
    "retest": a_test(1),
    "hold": {"lot_id": LOT, "version": 1, "held_from_ms": 1, "reason": "failed test"},
    "release": {"lot_id": LOT, "retest_id": sale(1)["sale_id"], "officers": [], "reason": "retested"},
    "reweigh": {"trace_code": trace_code(bytes(10)), "net_grams": 5, "division_grams": 1, "difference_grams": -1},
    "complaint": {"category": "weight", "text_ref": HASH, "state": "open", "place_ref": HASH},
    "temperature": {},
    "humidity": {},
    "door": {"open": True},
    "count": {"entered": 3},
    "birth": {"streams": ["market/zpk/sale"], "clock": {"source": "ntp"}},
    "gap": {"from_sequence": 1, "to_sequence": 2, "reason": "power"},
    "heartbeat": {"checkpoint": {"size": 5, "root": HASH}},
    "seal": {"state": "opened"},
    "refusals": {"from_ms": 0, "to_ms": 1, "totals": [{"reason": 1, "count": 2}]},
    "reverdict": {"of": HASH, "verdict": 4, "reason": 6},
    "epcis-event": {"event_hash": HASH, "lots": [{"lot_id": LOT, "net_grams": 0}]},
    "document": {"content": CID, "type": "certificate"},
    "access": {"consent": HASH, "recipient": 1, "purpose": 1, "datasets": 1, "rows": 0, "at_ms": 1},
}  # fmt: skip


def test_every_kind_has_a_form_and_every_form_a_kind() -> None:
    assert KINDS.keys() == PAYLOADS.keys()
    assert RIGHT.keys() == KINDS.keys() - {"sales_day"}


@pytest.mark.parametrize("kind", sorted(RIGHT))
def test_a_right_payload_passes_and_each_required_member_is_missed(kind: str) -> None:
    check_payload(kind, RIGHT[kind])
    for name in PAYLOADS[kind].required:
        with pytest.raises(EnvelopeMalformed) as fault:
            check_payload(kind, {one: value for one, value in RIGHT[kind].items() if one != name})
        assert (fault.value.pointer, fault.value.why) == (f"/payload/{name}", "is missing")


@pytest.mark.parametrize("kind", sorted(RIGHT))
def test_no_member_takes_null_or_a_nested_surprise_unless_it_may(kind: str) -> None:
    for name in RIGHT[kind]:
        for wrong in (1.5, {"x": [[]]}):
            with pytest.raises(EnvelopeMalformed) as fault:
                check_payload(kind, RIGHT[kind] | {name: wrong})
            assert fault.value.pointer.startswith(f"/payload/{name}")


def test_an_unknown_kind_is_named() -> None:
    with pytest.raises(EnvelopeMalformed) as fault:
        check_payload("barter", {})
    assert fault.value.pointer == "/kind"


def test_the_kinds_are_those_of_the_table() -> None:
    shown = {name: (kind.stream_kind, kind.unit, kind.exponent) for name, kind in KINDS.items()}
    assert shown["sale"] == ("sale", None, None)
    assert shown["refund"] == ("refund", None, None)
    assert shown["transfer"] == ("transfer", "GRM", 0)
    assert shown["retest"] == shown["hold"] == shown["release"] == ("test", "C62", 0)
    assert shown["complaint"] == ("service", "GRM", 0)
    assert shown["temperature"] == ("climate", "CEL", -3)
    assert shown["humidity"] == ("climate", "P1", -2)
    assert shown["reverdict"] == ("device", "C62", 0)
    assert shown["epcis-event"] == ("event", "C62", 0)
    assert shown["sales_day"] == ("sales-day", None, None)


@pytest.mark.parametrize(("currency", "exponent"), [("CNY", -2), ("JPY", 0), ("KWD", -3)])
def test_a_currencys_exponent_is_minus_its_digits(currency: str, exponent: int) -> None:
    assert currency_exponent(currency) == exponent


def test_facts_name_each_lot_once_in_order_of_mention() -> None:
    lots = [
        {"lot_id": OTHER_LOT, "net_grams": 1},
        {"lot_id": LOT, "net_grams": 2},
        {"lot_id": OTHER_LOT, "net_grams": 4},
    ]
    assert facts("sale", sale(1, net=7) | {"lots": lots}) == Facts(14, 7, ((lot_key(OTHER_LOT), 5), (lot_key(LOT), 2)))


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("void", Facts(2000, 1000, ((lot_key(LOT), 1000),))),
        ("settlement", Facts(5, 0, ())),
        ("intake", Facts(0, 100_000, ((lot_key(LOT), 100_000),))),
        ("waste", Facts(0, 5, ((lot_key(LOT), 5),))),
        ("test", Facts(0, 0, ((lot_key(LOT), 0),))),
        ("hold", Facts(0, 0, ((lot_key(LOT), 0),))),
        ("reweigh", Facts(0, 0, ())),
        ("temperature", Facts(0, 0, ())),
        ("epcis-event", Facts(0, 0, ((lot_key(LOT), 0),))),
        ("document", Facts(0, 0, ())),
    ],
)
def test_facts_are_those_of_the_table(kind: str, expected: Facts) -> None:
    assert facts(kind, RIGHT[kind]) == expected


@pytest.mark.parametrize(
    ("text", "at_ms"),
    [
        ("2026-03-01T05:40:00+08:00", 1_772_314_800_000),
        ("2026-02-28T21:40:00Z", 1_772_314_800_000),
        ("2026-02-28T21:40:00.9999Z", 1_772_314_800_999),
        ("1970-01-01T00:00:00Z", 0),
    ],
)
def test_times_are_read_to_the_millisecond(text: str, at_ms: int) -> None:
    assert read_time_ms(text) == at_ms


@pytest.mark.parametrize(
    "text", ["2026-03-01T05:40:00", "2026-02-30T05:40:00Z", "2026-03-01 05:40:00Z", "2026-03-01", "x"]
)
def test_a_time_without_offset_or_of_no_day_is_no_time(text: str) -> None:
    with pytest.raises(EnvelopeMalformed):
        check_payload("intake", intake(arrived_at=text))


def test_a_trace_code_finds_every_single_wrong_character_and_every_swap() -> None:
    code = trace_code(bytes(range(7, 17)))
    assert is_trace_code(code)
    letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    for place in range(16):
        for letter in letters:
            if letter != code[place]:
                assert not is_trace_code(code[:place] + letter + code[place + 1 :])
        if place and code[place] != code[place - 1]:
            assert not is_trace_code(code[: place - 1] + code[place] + code[place - 1] + code[place + 1 :])
    assert not is_trace_code(code.lower())
    assert not is_trace_code(code[:-1])
    with pytest.raises(ValueError, match="10 bytes"):
        trace_code(bytes(9))


@pytest.mark.parametrize("arrived", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
def test_a_time_that_no_calendar_of_utc_can_say_is_none(arrived: str) -> None:
    with pytest.raises(EnvelopeMalformed) as told:
        check_payload("intake", {**RIGHT["intake"], "arrived_at": arrived})
    assert told.value.pointer == "/payload/arrived_at"


def test_codes_of_places_are_digits() -> None:
    for name, wrong in (("origin_code", "33090a"), ("province_code", "1234567")):
        with pytest.raises(EnvelopeMalformed) as told:
            check_payload("intake", {**RIGHT["intake"], name: wrong})
        assert told.value.pointer == f"/payload/{name}"


def test_a_complaint_is_about_a_sale_or_a_place() -> None:
    bare = {name: value for name, value in RIGHT["complaint"].items() if name != "place_ref"}
    check_payload("complaint", {**bare, "trace_code": "5A2PGKPVG1F15VDNO"})
    with pytest.raises(EnvelopeMalformed):
        check_payload("complaint", bare)
