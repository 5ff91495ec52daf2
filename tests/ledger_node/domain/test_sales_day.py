"""A merchant's day: sums, carry, channels, device runs, and the form of its record."""

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ledger_node.domain import sum_tree
from ledger_node.domain.digest import sha256
from ledger_node.domain.payload import check_payload
from ledger_node.domain.record import Verdict
from ledger_node.domain.sales_day import (
    NO_DAY_BEFORE,
    DayFacts,
    DeviceDay,
    Movement,
    MovementKind,
    device_day,
    is_same_day,
    movements_root,
    sales_day_payload,
)

SALE = Movement("sale", sha256(b"1"), "scale-1", 1, 1000, 500, "cash", Verdict.ACCEPTED, 2)
RUN = DeviceDay("scale-1", 1, 1, 1, 0, 0, 0, 0)


def payload(movements: list[Movement], *, carry_in: int = 0, **more: Any) -> dict[str, Any]:
    facts = DayFacts(movements, more.pop("devices", [RUN]), more.pop("settled", {}), more.pop("quarantined", 0))
    return sales_day_payload(
        merchant_ref=bytes(32), market="zpk", day="2026-03-01", currency="CNY", revision=0, facts=facts,
        before=replace(NO_DAY_BEFORE, carry_in_minor=carry_in), **more,
    )  # fmt: skip


amounts = st.lists(
    st.tuples(st.sampled_from(["sale", "void", "refund"]), st.integers(0, 10_000), st.integers(0, 999)), max_size=20
)


@given(amounts, st.integers(0, 20_000))
def test_net_and_carry_add_up(movements: list[tuple[MovementKind, int, int]], carry_in: int) -> None:
    day = payload(
        [
            replace(SALE, kind=kind, amount_minor=amount, net_grams=grams, sequence=number)
            for number, (kind, amount, grams) in enumerate(movements, 1)
        ],
        carry_in=carry_in,
    )
    check_payload("sales_day", day)
    balance = day["sold_minor"] - day["void_minor"] - day["refund_minor"] - carry_in
    assert day["net_minor"] - day["carry_out_minor"] == balance
    assert min(day["net_minor"], day["carry_out_minor"]) == 0
    assert sum(channel["net_minor"] for channel in day["by_channel"].values()) == balance + carry_in
    assert day["net_grams"] >= 0


def test_roots_are_over_device_and_sequence_and_sum_to_what_is_stated() -> None:
    second = replace(SALE, record_hash=sha256(b"2"), sequence=2, amount_minor=5)
    third = replace(SALE, record_hash=sha256(b"3"), device="scale-0", sequence=9, amount_minor=70)
    root = movements_root([second, SALE, third])
    ordered = [third, SALE, second]
    assert root == sum_tree.root([sum_tree.leaf(m.record_hash, m.amount_minor, m.net_grams) for m in ordered])
    assert root.amount == payload([SALE, second, third])["sold_minor"] == 1075


def test_voids_and_refunds_share_a_tree() -> None:
    void = replace(SALE, kind="void", record_hash=sha256(b"v"), sequence=2, amount_minor=100)
    refund = replace(SALE, kind="refund", record_hash=sha256(b"r"), sequence=3, amount_minor=50)
    day = payload([SALE, void, refund])
    assert day["returns_count"] == 2
    assert day["returns_root"] == "0x" + movements_root([void, refund]).hash.hex()
    assert (day["void_minor"], day["refund_minor"]) == (100, 50)


@given(st.integers(0, 50), st.integers(0, 50), st.sets(st.integers(1, 120)), st.data())
def test_a_run_is_the_sum_of_its_parts(after: int, more: int, present: set[int], data: st.DataObject) -> None:
    kinds = {number: data.draw(st.sampled_from(["sale", "void", "refund"])) for number in sorted(present)[::2]}
    run = device_day("scale", after, after + more, present, kinds)
    assert run.expected == more == run.sales + run.refunds + run.voids + run.other + run.missing
    assert min(run.sales, run.refunds, run.voids, run.other, run.missing) >= 0


def test_quality_counts_gaps_and_lateness() -> None:
    late = replace(SALE, sequence=2, verdict=Verdict.ACCEPTED_LATE)
    day = payload([SALE, late], devices=[DeviceDay("scale-1", 1, 20, 2, 0, 0, 17, 1)], quarantined=3)
    assert day["quality"] == {
        "completeness_permille": 950, "late_permille": 500, "quarantined": 3, "trust_mix": {"2": 2}, "grade": "A",
    }  # fmt: skip
    assert payload([], devices=[])["quality"]["completeness_permille"] == 1000


def test_a_settled_channel_is_shown_even_without_sales() -> None:
    assert payload([], settled={"wechat": 9})["by_channel"] == {"wechat": {"net_minor": 0, "settled_minor": 9}}


def test_days_are_compared_without_their_place_in_the_chain() -> None:
    day = payload([SALE])
    assert is_same_day(day, {**day, "revision": 4, "index": 9, "previous_hash": "0x"})
    assert not is_same_day(day, {**day, "sold_minor": 1})
