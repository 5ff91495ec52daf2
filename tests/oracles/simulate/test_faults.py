"""Faults on demand: laid in by the seed, written to the truth file, and seen at the other end of the link."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from ledger_node.domain.device_key import verify_signature
from ledger_node.domain.envelope import KEY_TYPES, Envelope
from ledger_node.domain.hold import sign_hold_list
from ledger_node.domain.identifier import lot_key
from ledger_node.domain.payload import check_payload
from ledger_node.domain.plausibility import amount_minor
from oracles.device.flash import Flash
from oracles.device.identity import SoftwareIdentity
from oracles.device.node_word import HoldWatch
from oracles.device.recorder import Recorder
from oracles.simulate.fault_link import FaultyLink
from oracles.simulate.fault_plan import FAKES, FAULTS, IN_DEVICE, FaultPlan
from oracles.simulate.listening import Listener
from oracles.simulate.market_day import TIME_ZONE, Act, MarketData, acts_of_day
from oracles.simulate.market_plan import MARKET_ID, MarketPlan
from oracles.simulate.simulation import Simulation
from oracles.simulate.truth import TruthFile
from tests.support.an_edge import DOMAIN, SetClock

DAY = date(2026, 11, 24)
PLAN = MarketPlan("a seed", 3)
MORNING_MS = int(datetime(2026, 11, 24, 10, 0, tzinfo=TIME_ZONE).timestamp()) * 1000


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> MarketData:
    return MarketData.load(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def honest(data: MarketData) -> list[Act]:
    return acts_of_day(PLAN, data, DAY)


class Taker:
    """The other end: remembers what it was given, and hands down what it is told to."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []
        self.said: dict[str, list[dict[str, Any]]] = {}
        self.holds: dict[str, Any] | None = None

    def keep(self, envelopes: Sequence[Envelope]) -> None:
        self.taken += envelopes

    def down(self, device: str, after: int = 0) -> dict[str, Any]:
        notices = [one for one in self.said.get(device, []) if one["id"] > after]
        return {"holds": self.holds, "checkpoint": None, "notices": notices}


class ARun:
    """A simulation of the plan in `folder`, from ten in the morning."""

    def __init__(self, folder: Path, data: MarketData, rates: dict[str, float], *, listens: bool = False) -> None:
        self.clock = SetClock(MORNING_MS)
        self.taker = Taker()
        self.truth = TruthFile(folder / "truth.jsonl")
        faults = FaultPlan("a seed", rates, PLAN.intake_system)
        clock = self.clock.clock()
        self.recorders = {
            device.name: Recorder(
                SoftwareIdentity(device.name, PLAN.key(device.name)),
                Flash(folder / device.name.rpartition(":")[2], reserve=64),
                DOMAIN,
                market=MARKET_ID,
                clock=clock,
            )
            for device in PLAN.devices
            if device.name not in {PLAN.node, PLAN.ledger, *PLAN.gateways}
        }
        node = PLAN.key(PLAN.node)
        self.holds = HoldWatch(MARKET_ID, DOMAIN, {PLAN.node: (node.key_type, node.public_key)}, clock)
        listeners = {name: Listener(one, self.holds, clock) for name, one in self.recorders.items()} if listens else {}
        link = FaultyLink(self.taker, faults, self.truth, clock)
        self.simulation = Simulation(
            PLAN,
            data,
            self.recorders,
            dict.fromkeys(PLAN.gateways, link),
            clock,
            bank_stream="party/7/settlement",
            listeners=listeners,
            faults=faults,
            truth=self.truth,
        )
        self.simulation.begin(MORNING_MS - 3_600_000)

    def until(self, minutes: int, *, step_minutes: int = 1) -> "ARun":
        for _ in range(0, minutes, step_minutes):
            self.clock.now_ms += step_minutes * 60_000
            self.simulation.step()
        return self


def test_without_rates_the_day_stays_as_it_is(honest: list[Act]) -> None:
    assert FaultPlan("a seed", {}, PLAN.intake_system).lay_into(honest) == honest


def test_a_fault_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="no such fault: gremlins"):
        FaultPlan("a seed", {"gremlins": 1}, PLAN.intake_system)


def test_the_same_seed_lays_in_the_same_faults_and_another_seed_others(honest: list[Act]) -> None:
    rates = dict.fromkeys(IN_DEVICE, 0.1)
    first = FaultPlan("a", rates, PLAN.intake_system).lay_into(honest)
    assert FaultPlan("a", rates, PLAN.intake_system).lay_into(honest) == first
    assert FaultPlan("b", rates, PLAN.intake_system).lay_into(honest) != first
    assert {act.fault.split()[0] for act in first if act.fault} == set(IN_DEVICE)


def test_faulty_payloads_keep_the_form_and_the_arithmetic(honest: list[Act]) -> None:
    rates = {"fake-entry": 0.5, "under-weigh": 0.3, "case-open": 0.1}
    acts = FaultPlan("a", rates, PLAN.intake_system).lay_into(honest)
    assert {act.fault for act in acts} >= {f"fake-entry {way}" for way in FAKES} | {"under-weigh", "case-open"}
    for act in acts:
        check_payload(act.kind, dict(act.payload))
        if act.kind == "sale":
            sale = act.payload
            net, price = sale["net_grams"], sale["unit_price_minor_per_kilogram"]
            assert sale["gross_grams"] - sale["tare_grams"] == net == sum(lot["net_grams"] for lot in sale["lots"])
            assert act.value == sale["amount_minor"] == amount_minor(net, price, 0, 0)
    assert [act.at_ms for act in acts] == sorted(act.at_ms for act in acts)


def test_the_fair_scale_finds_what_an_under_weighing_scale_took(honest: list[Act]) -> None:
    acts = FaultPlan("a", {"under-weigh": 0.2}, PLAN.intake_system).lay_into(honest)
    cheated = {act.payload["trace_code"]: act for act in acts if act.fault == "under-weigh"}
    reweighed = {act.payload["trace_code"]: act for act in acts if act.kind == "reweigh"}
    assert cheated
    assert cheated.keys() == reweighed.keys()
    for code, act in cheated.items():
        assert act.payload["net_grams"] - reweighed[code].value == reweighed[code].payload["difference_grams"] > 0


def test_a_sale_that_never_was_is_not_settled_and_the_others_are_as_paid(honest: list[Act]) -> None:
    acts = FaultPlan("a", {"fake-entry": 0.5}, PLAN.intake_system).lay_into(honest)
    settled = Counter((act.payload["pay_ref"], act.value) for act in acts if act.kind == "settlement")
    returned = {act.payload["of"] for act in acts if act.kind in ("void", "refund")}
    for act in acts:
        if act.kind == "sale" and act.payload["pay_ref"] and act.payload["sale_id"] not in returned:
            is_there = settled[act.payload["pay_ref"], act.value] > 0
            assert is_there or act.fault == "fake-entry no-settlement"


def test_two_runs_of_one_seed_sign_the_same_bytes(tmp_path: Path, data: MarketData) -> None:
    rates = dict.fromkeys(FAULTS, 0.03)
    runs = [ARun(tmp_path / str(number), data, rates).until(90) for number in range(2)]
    first, second = ([one.to_cbor() for one in run.taker.taken] for run in runs)
    assert len(first) > 30
    assert first == second
    assert runs[0].truth.read() == runs[1].truth.read()
    assert runs[0].truth.read()


def test_a_simulation_started_again_goes_on_and_signs_nothing_twice(tmp_path: Path, data: MarketData) -> None:
    whole = ARun(tmp_path / "whole", data, {}).until(60)
    early = ARun(tmp_path / "cut", data, {}).until(25)
    late = ARun(tmp_path / "cut", data, {})
    late.clock.now_ms = early.clock.now_ms
    late.until(35)
    together = [*early.taker.taken, *late.taker.taken]

    def said(envelopes: Sequence[Envelope]) -> Counter[tuple[str, str, bytes]]:
        return Counter((one.device, one.kind, one.payload_hash) for one in envelopes)

    assert said(together) == said(whole.taker.taken)
    numbers = Counter((one.device, one.sequence) for one in together)
    assert max(numbers.values()) == 1


def test_records_of_a_run_are_chained_per_device_and_signed_by_their_keys(tmp_path: Path, data: MarketData) -> None:
    taken = ARun(tmp_path, data, {}).until(60).taker.taken
    heads: dict[str, bytes] = {}
    for one in taken:
        assert one.previous_hash == heads.get(one.device, bytes(32))
        heads[one.device] = one.digest(DOMAIN)
        key = PLAN.key(one.device)
        assert KEY_TYPES[one.algorithm] == key.key_type
        assert verify_signature(key.key_type, key.public_key, one.digest(DOMAIN), one.signature)
    kinds = [one.kind for one in taken]
    assert kinds.index("intake") < kinds.index("test") < kinds.index("sale")


def _signs(one: Envelope) -> bool:
    key = PLAN.key(one.device)
    return verify_signature(key.key_type, key.public_key, one.digest(DOMAIN), one.signature)


def test_each_fault_on_the_way_is_seen_at_the_other_end(tmp_path: Path, data: MarketData) -> None:
    def run(name: str, rate: float) -> tuple[list[Envelope], list[dict[str, Any]]]:
        made = ARun(tmp_path / name, data, {name: rate}).until(70)
        return made.taker.taken, [one for one in made.truth.read() if one["fault"] == name]

    taken, truth = run("duplicate", 0.2)
    doubled = {key for key, count in Counter((one.device, one.sequence) for one in taken).items() if count == 2}
    assert doubled == {(one["device"], one["sequence"]) for one in truth} != set()

    taken, truth = run("bad-signature", 0.2)
    bad = {(one.device, one.sequence) for one in taken if not _signs(one)}
    assert bad == {(one["device"], one["sequence"]) for one in truth} != set()

    taken, truth = run("reorder", 0.2)
    last: dict[str, int] = {}
    swapped = 0
    for one in taken:
        swapped += one.sequence < last.get(one.device, 0)
        last[one.device] = max(last.get(one.device, 0), one.sequence)
    assert swapped > 0
    assert truth

    taken, truth = run("offline", 0.7)
    assert truth
    assert any(one.queued for one in taken)


def test_each_fault_of_a_device_is_seen_at_the_other_end(tmp_path: Path, data: MarketData) -> None:
    taken = ARun(tmp_path / "fork", data, {"fork": 0.2}).until(40).taker.taken
    digests: dict[tuple[str, int], set[bytes]] = {}
    for one in taken:
        digests.setdefault((one.device, one.sequence), set()).add(one.digest(DOMAIN))
        assert _signs(one)
    assert max(len(many) for many in digests.values()) == 2

    taken = ARun(tmp_path / "lost-flash", data, {"lost-flash": 0.2}).until(40).taker.taken
    gaps = [one.payload_object() for one in taken if one.kind == "gap"]
    assert gaps
    assert all(gap["to_sequence"] - gap["from_sequence"] + 1 >= 5 for gap in gaps)

    taken = ARun(tmp_path / "case-open", data, {"case-open": 0.2}).until(60).taker.taken
    assert any(one.kind == "seal" and one.payload_object()["state"] == "opened" for one in taken)

    run = ARun(tmp_path / "excursion", data, {"excursion": 1.0}).until(40)
    assert all(one["fault"] == "excursion" for one in run.truth.read())
    assert min(one.value for one in run.taker.taken if one.kind == "temperature") > 9_000


def test_a_refused_number_is_declared_and_a_held_lot_is_not_sold(tmp_path: Path, data: MarketData) -> None:
    run = ARun(tmp_path, data, {}, listens=True).until(40)
    sale = next(one for one in run.taker.taken if one.kind == "sale")
    lot = sale.payload_object()["lots"][0]["lot_id"]
    made = sign_hold_list(
        DOMAIN,
        PLAN.key(PLAN.node),
        PLAN.node,
        market=f"market/{MARKET_ID}",
        version=1,
        lot_keys=[lot_key(lot)],
        issued_at_ms=run.clock.now_ms,
    )
    run.taker.holds = json.loads(json.dumps(made.to_json()))
    run.taker.said[sale.device] = [{"id": 1, "type": "refused", "sequence": 3, "reason": "SIGNATURE"}]
    before = len(run.taker.taken)
    run.simulation._next_listening = 0.0
    run.simulation.step()
    run.until(300, step_minutes=5)
    later = run.taker.taken[before:]
    gaps = [one.payload_object() for one in later if one.kind == "gap"]
    assert gaps == [{"from_sequence": 3, "to_sequence": 3, "reason": "refused SIGNATURE"}]
    lots = {one["lot_id"] for envelope in later if envelope.kind == "sale" for one in envelope.payload_object()["lots"]}
    assert lots
    assert lot not in lots
    assert {one.kind for one in run.taker.taken} >= {"birth", "heartbeat"}
