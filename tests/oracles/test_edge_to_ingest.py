"""From simulated devices through a real gateway and broker into real ingest: only what is honest is accepted."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table

from ledger_node.domain.device import Assignment, DeviceClass, DeviceState, DeviceStatus, KeyEpoch, Metrology
from ledger_node.domain.judge import MarketRules
from ledger_node.domain.record import Reason, Verdict, name_hash
from ledger_node.store import Stores
from ledger_node.store.devices import DeviceDirectory
from ledger_node.store.journal import Record, Refusal
from ledger_node.store.projections import Device
from ledger_node.store.upsert import upsert
from oracles.broker.process import BrokerProcess
from oracles.device.flash import Flash
from oracles.device.identity import SoftwareIdentity
from oracles.device.node_word import HoldWatch
from oracles.device.recorder import Recorder
from oracles.gateway.gateway import Gateway
from oracles.ingest.service import Ingest
from oracles.simulate.fault_link import FaultyLink
from oracles.simulate.fault_plan import FaultPlan
from oracles.simulate.listening import Listener
from oracles.simulate.market_day import TIME_ZONE, MarketData
from oracles.simulate.market_plan import MARKET_ID, MarketPlan, PlannedDevice
from oracles.simulate.simulation import Simulation
from oracles.simulate.truth import TruthFile
from tests.support.an_edge import DOMAIN, SetClock, a_port

PLAN = MarketPlan("a seed", 2)
MORNING_MS = int(datetime(2026, 11, 24, 10, 0, tzinfo=TIME_ZONE).timestamp()) * 1000
DEVICE: Table = Device.__table__  # type: ignore[attr-defined]
RECORD: Table = Record.__table__  # type: ignore[attr-defined]
REFUSAL: Table = Refusal.__table__  # type: ignore[attr-defined]


def enrol(stores: Stores, device: PlannedDevice, version: int) -> None:
    """The registry's projection of a planned device."""
    key = PLAN.key(device.name)
    since = MORNING_MS // 1000 - 86_400
    merchant, place = (bytes.fromhex((one or "0x" + "00" * 32)[2:]) for one in (device.merchant_ref, device.place_ref))
    state = DeviceState(
        owner=7 if device.owner == "bank" else 1,
        enrolled_at=since,
        revoked_from=0,
        device_class=int(device.device_class),
        trust=device.trust,
        status=DeviceStatus.ACTIVE,
        keys=(KeyEpoch(key.key_hash, since, 0, 0, key.key_type, key.public_key),),
        assignment=Assignment(merchant, place, since if device.merchant_ref else 0),
        verifications=(Metrology(*[bytes(32)] * 4, 1, since, since + 365 * 86_400),)
        if device.device_class in (DeviceClass.SCALE, DeviceClass.PROBE, DeviceClass.TESTER)
        else (),
    )
    row = {
        "device": name_hash(device.name),
        "owner": state.owner,
        "device_class": state.device_class,
        "trust": state.trust,
        "status": int(state.status),
        "enrolled_at": state.enrolled_at,
        "revoked_from": 0,
        "version": version,
        "state": state.to_json(),
    }
    with stores.projections.write() as connection:
        upsert(connection, DEVICE, [row])


class AMarket:
    """Devices, gateway, broker and ingest of the plan on one clock that the test moves."""

    def __init__(self, folder: Path, stores: Stores, rates: dict[str, float]) -> None:
        self.stores = stores
        self.time = SetClock(MORNING_MS)
        clock = self.time.clock()
        for version, device in enumerate(PLAN.devices, 1):
            enrol(stores, device, version)
        node = PLAN.key(PLAN.node)
        node_keys = {PLAN.node: (node.key_type, node.public_key)}
        self.broker = BrokerProcess(a_port(), folder / "broker")
        address = ("127.0.0.1", self.broker.port)
        self.ingest = Ingest(
            stores, DeviceDirectory(stores.projections), MarketRules(MARKET_ID), node, DOMAIN, clock, broker=address
        )
        (name,) = PLAN.gateways
        identity = SoftwareIdentity(name, PLAN.key(name))
        self.gateway = Gateway(folder / "gateway", name, MARKET_ID, identity, address, None, node_keys, clock, DOMAIN)
        self.truth = TruthFile(folder / "truth.jsonl")
        faults = FaultPlan("a seed", rates, PLAN.intake_system)
        recorders = {
            device.name: Recorder(
                SoftwareIdentity(device.name, PLAN.key(device.name)),
                Flash(folder / device.name.rpartition(":")[2], reserve=64),
                DOMAIN,
                market=MARKET_ID,
                clock=clock,
            )
            for device in PLAN.devices
            if device.name not in {PLAN.node, PLAN.ledger, name}
        }
        holds = HoldWatch(MARKET_ID, DOMAIN, node_keys, clock)
        self.simulation = Simulation(
            PLAN,
            MarketData.load(folder / "data"),
            recorders,
            {name: FaultyLink(self.gateway, faults, self.truth, clock)},
            clock,
            bank_stream="party/7/settlement",
            listeners={device: Listener(one, holds, clock) for device, one in recorders.items()},
            faults=faults,
            truth=self.truth,
        )
        self.simulation.begin(MORNING_MS)

    @contextmanager
    def running(self) -> Generator["AMarket"]:
        stop = threading.Event()
        with self.broker:
            threads = [threading.Thread(target=one.run, args=(stop,)) for one in (self.ingest, self.gateway)]
            for one in threads:
                one.start()
            try:
                yield self
            finally:
                stop.set()
                for one in threads:
                    one.join(20)

    def live(self, minutes: int, *, settles: bool = True) -> None:
        """Lets time pass, a quarter of a minute at a time, and the records settle at each."""
        for _ in range(minutes * 4):
            self.time.now_ms += 15_000
            self.simulation._next_listening = 0.0
            self.simulation.step()
            if settles:
                self.settle()
            else:
                time.sleep(0.05)

    def settle(self) -> None:
        """Until the node has answered for everything that the gateway holds."""
        wait_for(lambda: self.gateway.outbox.waiting() == 0)

    def has_settled(self) -> bool:
        """Whether all is answered once the devices have heard of the refusals and declared them."""
        self.simulation._next_listening = 0.0
        self.simulation.step()
        return self.gateway.outbox.waiting() == 0

    def verdicts(self) -> Counter[tuple[str, str, str]]:
        """Of the devices' records. The gateway's own thread may lag behind a clock that a test moves by hand."""
        ours = RECORD.select().where(RECORD.c.device != self.gateway.name)
        with self.stores.journal.read() as connection:
            rows = connection.execute(ours).mappings().all()
        return Counter((Verdict(row["verdict"]).name, Reason(row["reason"]).name, row["kind"]) for row in rows)

    def refusals(self) -> list[dict[str, Any]]:
        with self.stores.journal.read() as connection:
            return [dict(row) for row in connection.execute(REFUSAL.select()).mappings()]


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 45
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


@pytest.mark.slow
def test_every_honest_record_of_the_replayed_market_is_accepted(tmp_path: Path, stores: Stores) -> None:
    with AMarket(tmp_path, stores, {}).running() as market:
        market.live(45)
        verdicts = market.verdicts()
    assert [one for one in verdicts if one[:2] != ("ACCEPTED", "NONE")] == []
    assert {kind for _, _, kind in verdicts} >= {"birth", "heartbeat", "intake", "test", "sale", "temperature"}
    assert market.refusals() == []


@pytest.mark.slow
@pytest.mark.fault
def test_faults_are_judged_for_what_they_are(tmp_path: Path, stores: Stores) -> None:
    rates = {"duplicate": 0.1, "reorder": 0.1, "bad-signature": 0.1, "lost-flash": 0.2, "clock-jump": 0.2}
    with AMarket(tmp_path, stores, rates).running() as market:
        market.live(45, settles=False)
        wait_for(market.has_settled)
        verdicts = market.verdicts()
        refusals = market.refusals()
    truth = Counter(one["fault"] for one in market.truth.read())
    assert set(truth) == set(rates)
    reasons: Counter[str] = Counter()
    for (_, reason, _), count in verdicts.items():
        reasons[reason] += count
    assert {Reason(one["reason"]).name for one in refusals} == {"SIGNATURE"}
    assert reasons["CLOCK_AHEAD"] + reasons["CLOCK_BEHIND"] + reasons["LATE"] >= 1
    assert verdicts["ACCEPTED", "NONE", "gap"] >= 1
    assert reasons["FORK"] == 0
    # A `gap` that follows a refused record at once names a digest that the node never saw.
    assert {kind for _, reason, kind in verdicts if reason == "CHAIN_BREAK"} <= {"gap"}
