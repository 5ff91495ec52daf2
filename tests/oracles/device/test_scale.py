"""Scale, tester and probe as state machines."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ledger_node.domain.hold import sign_hold_list
from ledger_node.domain.identifier import is_trace_code, lot_key
from ledger_node.errors import ScaleRefuses
from oracles.device import tester as food_tester
from oracles.device.node_word import HoldWatch
from oracles.device.probe import Probe
from oracles.device.scale import Goods, Payment, Place, Scale
from oracles.device.tester import Kit, Method, Result, Sample
from tests.support.an_edge import (
    DOMAIN,
    LOT,
    MARKET,
    NODE,
    NODE_KEY,
    NODE_KEYS,
    NOON_MS,
    OTHER_LOT,
    REF,
    SCALE,
    SetClock,
    a_recorder,
)

BASS = Goods("AM02005", "海鲈鱼", ((LOT, 1825),))
CASH = Payment("cash")


class AScale:
    def __init__(
        self, folder: Path, *, held: tuple[str, ...] = (), ask_pin: Callable[[], bool] = lambda: False
    ) -> None:
        self.clock = SetClock()
        holds = HoldWatch(MARKET, DOMAIN, NODE_KEYS, self.clock.clock())
        holds.list = sign_hold_list(
            DOMAIN,
            NODE_KEY,
            NODE,
            market=f"market/{MARKET}",
            version=1,
            lot_keys=[lot_key(one) for one in held],
            issued_at_ms=NOON_MS,
        )
        self.scale = Scale(
            a_recorder(folder, SCALE, self.clock.clock()),
            holds,
            Place(MARKET, REF, REF),
            random_bytes=random.Random(1).randbytes,
            ask_pin=ask_pin,
        )
        self.scale.set_unit_price(2000)


@pytest.fixture
def one(tmp_path: Path) -> AScale:
    return AScale(tmp_path)


def test_a_sale_says_what_was_weighed_and_what_it_cost(one: AScale) -> None:
    one.scale.settle(15)
    one.scale.tare()
    one.scale.settle(1841)
    envelope = one.scale.sell(BASS, CASH)
    payload = envelope.payload_object()
    assert (payload["gross_grams"], payload["tare_grams"], payload["net_grams"]) == (1840, 15, 1825)
    assert (payload["amount_minor"], envelope.value, envelope.unit, envelope.exponent) == (3650, 3650, "CNY", -2)
    assert payload["stable"]
    assert payload["zeroed"]
    assert is_trace_code(payload["trace_code"])
    assert payload["lots"] == [{"lot_id": LOT, "net_grams": 1825}]


def refusal(one: AScale, act: Callable[[Scale], object]) -> str:
    with pytest.raises(ScaleRefuses) as refused:
        act(one.scale)
    return refused.value.reason


def test_an_unstable_weight_is_not_sold(one: AScale) -> None:
    one.scale.load(1825)
    one.scale.load(1830)
    assert refusal(one, lambda scale: scale.sell(BASS, CASH)) == "unstable"
    assert refusal(one, lambda scale: scale.tare()) == "unstable"


def test_without_a_return_to_zero_nothing_more_is_sold(one: AScale) -> None:
    one.scale.settle(1825)
    one.scale.sell(BASS, CASH)
    assert refusal(one, lambda scale: scale.sell(BASS, CASH)) == "not-zeroed"
    one.scale.settle(0)
    one.scale.settle(1825)
    one.scale.sell(BASS, CASH)


@pytest.mark.parametrize(
    ("raw_grams", "goods", "reason"),
    [
        (0, BASS, "empty"),
        (15_005, replace(BASS, lots=((LOT, 15_005),)), "overload"),
        (1830, BASS, "lots"),
    ],
)
def test_what_cannot_be_a_sale_is_refused(one: AScale, raw_grams: int, goods: Goods, reason: str) -> None:
    one.scale.settle(raw_grams)
    assert refusal(one, lambda scale: scale.sell(goods, CASH)) == reason
    assert one.scale.recorder.flash.next_sequence == 1


def test_a_held_lot_is_refused_without_override(tmp_path: Path) -> None:
    one = AScale(tmp_path, held=(LOT,), ask_pin=lambda: True)
    one.scale.settle(1825)
    assert refusal(one, lambda scale: scale.sell(BASS, CASH)) == "lot-on-hold"
    one.scale.sell(replace(BASS, lots=((OTHER_LOT, 1825),)), CASH)


def test_with_a_list_older_than_a_day_the_manager_opens_the_scale_once_a_day(tmp_path: Path) -> None:
    asked: list[bool] = []

    def answer() -> bool:
        asked.append(True)
        return len(asked) > 1

    one = AScale(tmp_path, ask_pin=answer)
    one.clock.now_ms += 86_400_001
    one.scale.settle(1825)
    assert refusal(one, lambda scale: scale.sell(BASS, CASH)) == "hold-list-old"
    for _ in range(3):
        one.scale.sell(BASS, CASH)
        one.scale.settle(0)
        one.scale.settle(1825)
    assert len(asked) == 2


def test_zeroing_takes_dirt_and_not_goods(one: AScale) -> None:
    one.scale.zero(40)
    one.scale.settle(1865)
    assert one.scale.reading().net_grams == 1825
    assert refusal(one, lambda scale: scale.zero(301)) == "zero"


def test_free_goods_and_negative_prices_are_no_sale(one: AScale) -> None:
    one.scale.settle(1825)
    assert refusal(one, lambda scale: scale.sell(BASS, CASH, discount_minor=3650)) == "amount"
    assert refusal(one, lambda scale: scale.set_unit_price(-1)) == "price"


def test_a_void_gives_all_back_and_a_refund_a_part_by_weight(one: AScale) -> None:
    one.scale.settle(1825)
    sale = one.scale.sell(replace(BASS, lots=((LOT, 1000), (OTHER_LOT, 825))), CASH).payload_object()
    void = one.scale.void(sale, "wrong item").payload_object()
    assert (void["of"], void["amount_minor"], void["lots"]) == (sale["sale_id"], 3650, sale["lots"])
    refund = one.scale.refund(sale, 1200, "not fresh").payload_object()
    assert (refund["net_grams"], refund["amount_minor"]) == (1200, 2400)
    assert refund["lots"] == [{"lot_id": LOT, "net_grams": 1000}, {"lot_id": OTHER_LOT, "net_grams": 200}]
    assert refusal(one, lambda scale: scale.refund(sale, 1826, "more than sold")) == "refund"


METHOD = Method("malachite green", "GB/T 19857-2005", "GB 31650-2019")
KIT = Kit("Demo Bio", "K1", date(2030, 1, 1))
SAMPLE = Sample("S1", LOT, "AM02005", REF, 25, NOON_MS - 60_000)


def a_tester(folder: Path) -> food_tester.Tester:
    recorder = a_recorder(folder, SCALE, SetClock().clock())
    return food_tester.Tester(recorder, random_bytes=random.Random(1).randbytes)


@pytest.mark.parametrize(
    ("strip", "kit", "control_ok", "expected"),
    [
        (Result.PASS, KIT, True, Result.PASS),
        (Result.FAIL, KIT, True, Result.FAIL),
        (Result.PASS, KIT, False, Result.INVALID),
        (Result.FAIL, replace(KIT, expires_on=date(2020, 1, 1)), True, Result.INVALID),
    ],
)
def test_an_expired_kit_or_a_failed_control_makes_a_test_invalid(
    tmp_path: Path, strip: Result, kit: Kit, control_ok: bool, expected: Result
) -> None:
    tester = a_tester(tmp_path)
    tester.take(SAMPLE)
    tester.run(METHOD, kit, tested_at_ms=NOON_MS - 30_000)
    envelope = tester.report(strip, control_ok=control_ok)
    assert (envelope.value, envelope.payload_object()["result"]) == (expected, expected)


def test_a_tester_keeps_its_order(tmp_path: Path) -> None:
    tester = a_tester(tmp_path)
    with pytest.raises(ScaleRefuses, match="no-sample"):
        tester.run(METHOD, KIT, tested_at_ms=NOON_MS)
    tester.take(SAMPLE)
    with pytest.raises(ScaleRefuses, match="busy"):
        tester.take(SAMPLE)
    with pytest.raises(ScaleRefuses, match="not-run"):
        tester.report(Result.PASS)
    with pytest.raises(ScaleRefuses, match="sample-age"):
        tester.run(METHOD, KIT, tested_at_ms=NOON_MS + 5 * 3_600_000)


def test_a_probe_is_quiet_inside_its_dead_band_but_not_for_longer_than_an_hour(tmp_path: Path) -> None:
    time_now = SetClock()
    probe = Probe(a_recorder(tmp_path, clock=time_now.clock()), "tank 1", dead_band_millicelsius=100)
    assert probe.read(4_000) is not None
    assert probe.read(4_099) is None
    assert probe.read(4_100) is not None
    time_now.now_ms += 3_600_000
    assert probe.read(4_100) is not None
    with pytest.raises(ScaleRefuses, match="range"):
        probe.read(200_000)
