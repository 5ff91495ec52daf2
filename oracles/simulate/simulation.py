"""Lets the devices of the replayed market do what the plan says, when the shared clock says so, through their gateways.

Each act is signed by its device's own SDK, whose durable memory also remembers which act it was: a simulation that is
killed and started again goes on with the next act and never signs one twice. Acts of a time before the devices existed,
or that were missed while nothing ran, are not made up; only lots that trade still needs are received at the restart.
"""

import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

import structlog

from ledger_node.domain.clock import Clock
from ledger_node.domain.envelope import Envelope
from ledger_node.errors import LedgerError, LinkDown
from oracles.device.link import Link
from oracles.device.recorder import Recorder
from oracles.simulate.fault_plan import FORK, LOST_FLASH, FaultPlan
from oracles.simulate.listening import Downlink, Listener
from oracles.simulate.market_day import TIME_ZONE, Act, MarketData, acts_of_day
from oracles.simulate.market_plan import MarketPlan
from oracles.simulate.truth import TruthFile

ACTS_A_DAY_LIMIT: Final = 1_000_000
MISSED_AFTER_MS: Final = 1_800_000
_PREPARATIONS: Final = frozenset({"intake", "test"})
LISTEN_SECONDS: Final = 2.0
_STEP_SECONDS: Final = 0.1
_log = structlog.get_logger("simulate")


class Simulation:
    """The market's devices with the links to their gateways: `begin` once all are enrolled, then `step` or `run`."""

    def __init__(
        self,
        plan: MarketPlan,
        data: MarketData,
        recorders: Mapping[str, Recorder],
        links: Mapping[str, Link],
        clock: Clock,
        *,
        bank_stream: str,
        listeners: Mapping[str, Listener] | None = None,
        faults: FaultPlan | None = None,
        truth: TruthFile | None = None,
    ) -> None:
        self._plan = plan
        self._listeners = listeners or {}
        self._faults = faults
        self._truth = truth
        self._newest: dict[str, Envelope] = {}
        self._next_listening = 0.0
        self._data = data
        self._recorders = recorders
        self._links = links
        self._clock = clock
        self._bank_stream = bank_stream
        self._begin_ms = 0
        self._day = _day_of(clock.now_ms())
        # A day is long to think out: done before `begin`, while the devices are still being enrolled.
        self._plans = {self._day: acts_of_day(plan, data, self._day)}
        self._acts: Iterator[tuple[int, Act]] = iter(())
        self._next: tuple[int, Act] | None = None
        self._waiting = dict.fromkeys(name for name, one in recorders.items() if one.flash.unkept())
        self._held_up: set[str] = set()

    def begin(self, start_ms: int) -> None:
        """Begins with what is still to be done; `start_ms` is when the youngest device was enrolled."""
        self._begin_ms = max(start_ms, self._clock.now_ms() - MISSED_AFTER_MS)
        self._day = _day_of(self._begin_ms)
        self._acts = self._acts_from(self._day)
        self._next = next(self._acts, None)

    def run(self, stop: threading.Event) -> None:
        """Acts until `stop`; what a gateway does not take now waits in its device."""
        while not stop.wait(_STEP_SECONDS):
            self.step()

    def step(self) -> int:
        """Signs every act that is due and hands it over; how many were signed."""
        now_ms = self._clock.now_ms()
        signed = 0
        while (upcoming := self._upcoming(now_ms)) is not None:
            tag, act = upcoming
            self._sign(tag, act)
            self._next = next(self._acts, None)
            signed += 1
        self._listen()
        self._deliver()
        return signed

    def _upcoming(self, now_ms: int) -> tuple[int, Act] | None:
        while self._next is None and _day_of(now_ms) > self._day:
            self._day += timedelta(days=1)
            self._acts = self._acts_from(self._day)
            self._next = next(self._acts, None)
        return self._next if self._next is not None and self._due_at(self._next[1]) <= now_ms else None

    def _sign(self, tag: int, act: Act) -> None:
        recorder = self._recorders[act.device]
        at_ms = self._due_at(act) + act.clock_error_ms
        listener = self._listeners.get(act.device)
        if act.fault and self._truth is not None:
            sequence = recorder.flash.next_sequence
            self._truth.note(act.fault, act.device, self._due_at(act), kind=act.kind, sequence=sequence)
        if act.kind == LOST_FLASH:
            recorder.flash.skip(act.value)
        elif act.kind == FORK:
            self._fork(recorder)
        elif act.kind == "sale" and listener is not None and not listener.may_sell(act.payload):
            _log.info("the scale refuses a held lot", device=act.device, sale=act.payload["sale_id"])
        else:
            stream = self._bank_stream if act.kind == "settlement" else None
            self._newest[act.device] = recorder.sign(
                act.kind, act.value, act.payload, observed_at_ms=at_ms, stream=stream, tag=tag
            )
            self._waiting.setdefault(act.device)

    def _fork(self, recorder: Recorder) -> None:
        """A copy of the device, with its key, signs another record with the number of its newest one."""
        newest = self._newest.get(recorder.identity.name)
        if newest is None:
            return
        twin = replace(newest, observed_at_ms=newest.observed_at_ms + 1_000)
        twin = replace(twin, signature=recorder.identity.sign(twin.digest(recorder.domain)))
        try:
            self._link(newest.device).keep([twin])
        except LedgerError as error:
            _log.info("the copy is not heard", device=newest.device, why=str(error))

    def _link(self, device: str) -> Link:
        return self._links[self._plan.gateway_of(device)]

    def _listen(self) -> None:
        """Hears the gateways every few seconds of real time."""
        if not self._listeners or time.monotonic() < self._next_listening:
            return
        self._next_listening = time.monotonic() + LISTEN_SECONDS
        for device, listener in self._listeners.items():
            link = self._link(device)
            try:
                if isinstance(link, Downlink) and listener.step(link):
                    self._waiting.setdefault(device)
            except LedgerError as error:
                _log.info("hears nothing", device=device, why=str(error))
                return

    def _deliver(self) -> None:
        """Hands over what waits, devices in the order of their acts; a silent gateway is asked once."""
        silent: set[str] = set()
        for device in list(self._waiting):
            gateway = self._plan.gateway_of(device)
            if gateway in silent:
                continue
            try:
                self._recorders[device].deliver(self._link(device))
            except LedgerError as error:
                if not (isinstance(error, LinkDown) and error.where == device):
                    silent.add(gateway)
                if device not in self._held_up:
                    self._held_up.add(device)
                    _log.info("kept in the device", device=device, why=str(error))
            else:
                del self._waiting[device]
                self._held_up.discard(device)

    def _due_at(self, act: Act) -> int:
        return max(act.at_ms, self._begin_ms)

    def _acts_from(self, day: date) -> Iterator[tuple[int, Act]]:
        """The acts of a day that are still to be made, each with its number for life."""
        missed_sales: set[str | None] = set()
        acts = self._plans.pop(day, None) or acts_of_day(self._plan, self._data, day)
        for index, act in enumerate(acts if self._faults is None else self._faults.lay_into(acts)):
            tag = day.toordinal() * ACTS_A_DAY_LIMIT + index
            missed = act.at_ms < self._begin_ms and act.kind not in _PREPARATIONS
            if act.kind == "sale" and missed:
                missed_sales |= {act.payload["sale_id"], act.payload["pay_ref"]}
            elif act.kind in ("void", "refund"):
                missed = missed or act.payload["of"] in missed_sales
            elif act.kind == "settlement":
                missed = missed or act.payload["pay_ref"] in missed_sales
            if not missed and tag > self._recorders[act.device].flash.tag:
                yield tag, act


def _day_of(moment_ms: int) -> date:
    return datetime.fromtimestamp(moment_ms / 1000, TIME_ZONE).date()
