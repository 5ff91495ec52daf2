"""When a batch closes, and what of a record its numbers are."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_node.domain.batch import (
    Candidate,
    CloseRule,
    close_rule,
    closed_count,
    counted_leaf,
    midnight_after,
    pin_key,
    stream_id,
    times_of,
)
from ledger_node.domain.digest import keccak256
from ledger_node.domain.record import Verdict
from ledger_node.domain.rule_set import RULE_VERSIONS, rule_set_text, rules_hash

ZONE = ZoneInfo("Asia/Shanghai")
NOON_MS = 1_763_784_000_000
MIDNIGHT_MS = NOON_MS + 12 * 3_600_000
RULE = CloseRule(count=5, size_bytes=100, age_seconds=2)


def row(size: int = 10, at_ms: int = NOON_MS, amount: int = 0, mass: int = 0) -> Candidate:
    return Candidate(size, at_ms, amount, mass)


def count(rows: list[Candidate], *, now_ms: int = NOON_MS, rate: int = 1, rule: CloseRule = RULE) -> int:
    return closed_count(rows, rule, now_ms=now_ms, rate=rate, zone=ZONE)


@pytest.mark.parametrize(
    ("rows", "now_ms", "rate", "closed"),
    [
        ([], NOON_MS, 1, 0),
        ([row()], NOON_MS + 1999, 1, 0),
        ([row()], NOON_MS + 2000, 1, 1),
        ([row()], NOON_MS + 119_999, 60, 0),
        ([row()], NOON_MS + 120_000, 60, 1),
        ([row()] * 4, NOON_MS, 1, 0),
        ([row()] * 5, NOON_MS, 1, 5),
        ([row()] * 9, NOON_MS, 1, 5),
        ([row(50), row(50)], NOON_MS, 1, 0),
        ([row(50), row(50), row(1)], NOON_MS, 1, 2),
        ([row(500)], NOON_MS, 1, 0),
        ([row(500), row(1)], NOON_MS, 1, 1),
        ([row(at_ms=MIDNIGHT_MS - 1)], MIDNIGHT_MS - 1, 1, 0),
        ([row(at_ms=MIDNIGHT_MS - 1)], MIDNIGHT_MS, 1, 1),
        ([row(at_ms=MIDNIGHT_MS - 1), row(at_ms=MIDNIGHT_MS)], MIDNIGHT_MS, 1, 1),
        ([row(amount=2**127), row(amount=2**127 - 1)], NOON_MS, 1, 0),
        ([row(amount=2**127), row(amount=2**127)], NOON_MS, 1, 1),
        ([row(mass=2**128 - 1), row(mass=1)], NOON_MS, 1, 1),
    ],
)
def test_a_batch_closes_by_whichever_comes_first(rows: list[Candidate], now_ms: int, rate: int, closed: int) -> None:
    assert count(rows, now_ms=now_ms, rate=rate) == closed


@given(st.lists(st.builds(row, st.integers(1, 60), amount=st.integers(0, 2**127)), max_size=20))
def test_what_is_closed_fits_every_limit_and_loses_nothing(rows: list[Candidate]) -> None:
    taken, left = 0, rows
    while left:
        closed = count(left, now_ms=NOON_MS + 10_000)
        assert 1 <= closed <= RULE.count
        batch = left[:closed]
        assert sum(one.size_bytes for one in batch) <= RULE.size_bytes or closed == 1
        assert sum(one.amount for one in batch) < 2**128
        taken, left = taken + closed, left[closed:]
    assert taken == len(rows)


@pytest.mark.parametrize("kind", ["sale", "void", "refund", "test", "intake", "service"])
def test_what_people_wait_for_closes_after_two_seconds(kind: str) -> None:
    assert close_rule(f"market/zpk/{kind}") == CloseRule(1000, 800_000, 2, 300)


@pytest.mark.parametrize("kind", ["climate", "device", "event", "sales-day", "settlement"])
def test_the_rest_closes_after_thirty(kind: str) -> None:
    assert close_rule(f"market/zpk/{kind}").age_seconds == 30


def test_midnight_is_the_markets() -> None:
    assert midnight_after(NOON_MS, ZONE) == MIDNIGHT_MS
    assert midnight_after(MIDNIGHT_MS, ZONE) == MIDNIGHT_MS + 86_400_000
    before_summer_time = 1_774_738_800_000  # 2026-03-29 00:00 in Paris, a day of 23 hours
    assert midnight_after(before_summer_time, ZoneInfo("Europe/Paris")) - before_summer_time == 23 * 3_600_000


@pytest.mark.parametrize("verdict", list(Verdict))
def test_only_counted_records_put_numbers_into_a_leaf(verdict: Verdict) -> None:
    leaf = counted_leaf(bytes(32), int(verdict), 5, 7)
    assert (leaf.amount, leaf.mass) == ((5, 7) if verdict <= 2 else (0, 0))


def test_times_are_of_the_earliest_and_latest_record() -> None:
    assert times_of([3999, 1000, 2000], 9) == (1, 3)
    assert times_of([], 9) == (9, 9)


def test_names_on_chain() -> None:
    assert stream_id("market/zpk/sale") == keccak256(b"market/zpk/sale")
    assert pin_key("market/zpk/sale", 7) == "pin/market/zpk/sale/7"


def test_the_rule_set_names_every_rule_and_schema_in_order() -> None:
    first, *lines, last = rule_set_text().split("\n")
    assert (first, last) == ("tidemark rules 1", "")
    names = [line.split(" ")[0] for line in lines]
    assert set(RULE_VERSIONS) <= set(names)
    assert {"schema/sale", "schema/sales_day"} <= set(names)
    assert len(rules_hash()) == 32
