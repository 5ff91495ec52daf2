"""A day of the replayed market keeps to the rules it is there to show."""

from collections import defaultdict
from datetime import date, datetime

import pytest

from ledger_node.domain.payload import KINDS, check_payload, facts
from oracles.simulate.market_day import TIME_ZONE, Act, MarketData, acts_of_day, replay_start
from oracles.simulate.market_plan import MarketPlan

DAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> MarketData:
    return MarketData.load(tmp_path_factory.mktemp("sources"))


@pytest.fixture(scope="module")
def acts(data: MarketData) -> list[Act]:
    return acts_of_day(MarketPlan("a seed", 8), data, DAY)


def test_the_same_seed_gives_the_same_acts(acts: list[Act], data: MarketData) -> None:
    assert acts_of_day(MarketPlan("a seed", 8), data, DAY) == acts
    assert acts_of_day(MarketPlan("another seed", 8), data, DAY) != acts


def test_every_payload_has_the_form_of_its_kind(acts: list[Act]) -> None:
    for act in acts:
        check_payload(act.kind, dict(act.payload))
    assert {"sale", "intake", "test", "waste", "temperature", "settlement", "void", "refund"} <= {a.kind for a in acts}
    assert {act.kind for act in acts} <= set(KINDS)


def test_lots_are_received_and_tested_before_they_are_sold(acts: list[Act]) -> None:
    received: dict[str, int] = {}
    tested: dict[str, int] = {}
    for act in acts:
        if act.kind == "intake":
            received[act.payload["lot_id"]] = act.at_ms
        elif act.kind == "test":
            tested[act.payload["lot_id"]] = act.value
        elif act.kind == "sale":
            for lot in act.payload["lots"]:
                assert received[lot["lot_id"]] < act.at_ms
                assert tested[lot["lot_id"]] == 1


def test_no_more_is_sold_and_wasted_than_was_received(acts: list[Act]) -> None:
    grams: dict[bytes, int] = defaultdict(int)
    for act in acts:
        sign = {"intake": 1, "refund": 1, "void": 1, "sale": -1, "waste": -1}.get(act.kind, 0)
        for key, share in facts(act.kind, act.payload).lots:
            grams[key] += sign * share
    assert grams
    assert min(grams.values()) >= 0


def test_a_scale_takes_its_time_between_two_weighings(acts: list[Act]) -> None:
    last: dict[str, int] = {}
    for act in acts:
        if act.kind == "sale":
            assert act.at_ms - last.get(act.device, 0) >= 3_000
            last[act.device] = act.at_ms


def test_ids_are_drawn_once(acts: list[Act]) -> None:
    codes = [act.payload["trace_code"] for act in acts if act.kind == "sale"]
    sales = [act.payload["sale_id"] for act in acts if act.kind == "sale"]
    assert len(set(codes)) == len(codes)
    assert len(set(sales)) == len(sales)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2026, 11, 24, 10, 29), datetime(2026, 11, 23, 10, 0)),
        (datetime(2026, 11, 24, 10, 30), datetime(2026, 11, 24, 10, 0)),
        (datetime(2026, 11, 24, 23, 59), datetime(2026, 11, 24, 10, 0)),
        (datetime(2026, 11, 25, 0, 1), datetime(2026, 11, 24, 10, 0)),
    ],
)
def test_a_replay_starts_in_trading_hours_at_least_half_an_hour_ago(moment: datetime, expected: datetime) -> None:
    now = int(moment.replace(tzinfo=TIME_ZONE).timestamp()) * 1000
    assert replay_start(now) == int(expected.replace(tzinfo=TIME_ZONE).timestamp()) * 1000
