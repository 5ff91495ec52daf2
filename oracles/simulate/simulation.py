"""Lets the devices of the replayed market do what the plan says, when the shared clock says so, through their gateways.

Each act is signed by its device's own SDK, whose durable memory also remembers which act it was: a simulation that is
killed and started again goes on with the next act and never signs one twice. Acts of a time before the devices existed,
or that were missed while nothing ran, are not made up; only lots that trade still needs are received at the restart.
"""

import threading
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Final

import structlog

from ledger_node.domain.clock import Clock
from ledger_node.errors import LedgerError
from oracles.device.link import Link
from oracles.device.recorder import Recorder
from oracles.simulate.market_day import TIME_ZONE, Act, MarketData, acts_of_day
from oracles.simulate.market_plan import MarketPlan

ACTS_A_DAY_LIMIT: Final = 1_000_000
MISSED_AFTER_MS: Final = 1_800_000
_PREPARATIONS: Final = frozenset({"intake", "test"})
_STEP_SECONDS: Final = 0.1
_log = structlog.get_logger("simulate")


class Simulation:
    """The market's devices with the links to their gateways; `start_ms` is when the youngest device was enrolled."""

    def __init__(
        self,
        plan: MarketPlan,
        data: MarketData,
        recorders: Mapping[str, Recorder],
        links: Mapping[str, Link],
        clock: Clock,
        *,
        start_ms: int,
        bank_stream: str,
    ) -> None:
        self._plan = plan
        self._data = data
        self._recorders = recorders
        self._links = links
        self._clock = clock
        self._bank_stream = bank_stream
        self._begin_ms = max(start_ms, clock.now_ms() - MISSED_AFTER_MS)
        self._day = _day_of(self._begin_ms)
        self._acts = self._acts_from(self._day)
        self._next: tuple[int, Act] | None = next(self._acts, None)
        self._waiting: set[str] = set(recorders)

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
        stream = self._bank_stream if act.kind == "settlement" else None
        recorder.sign(act.kind, act.value, act.payload, observed_at_ms=self._due_at(act), stream=stream, tag=tag)
        self._waiting.add(act.device)

    def _deliver(self) -> None:
        for device in sorted(self._waiting):
            try:
                self._recorders[device].deliver(self._links[self._plan.gateway_of(device)])
            except LedgerError as error:
                _log.info("kept in the device", device=device, why=str(error))
                return
            self._waiting.discard(device)

    def _due_at(self, act: Act) -> int:
        return max(act.at_ms, self._begin_ms)

    def _acts_from(self, day: date) -> Iterator[tuple[int, Act]]:
        """The acts of a day that are still to be made, each with its number for life."""
        missed_sales: set[str | None] = set()
        for index, act in enumerate(acts_of_day(self._plan, self._data, day)):
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
