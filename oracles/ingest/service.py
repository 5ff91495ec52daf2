"""The ingest process: doors, pipeline, core, and what the node says by itself: holds, checkpoint, commands."""

import asyncio
import json
import logging
import os
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from typing import Final

import uvicorn
from sqlalchemy.exc import DBAPIError

from ledger_node.domain.clock import Clock
from ledger_node.domain.device_key import Signer
from ledger_node.domain.hold import HoldList
from ledger_node.domain.judge import MarketRules
from ledger_node.domain.typed_data import SigningDomain
from ledger_node.store.database import Stores
from ledger_node.store.devices import DeviceDirectory
from ledger_node.store.log_reader import LogReader
from oracles.ingest.commands import CommandDesk
from oracles.ingest.core import Answer, IngestCore
from oracles.ingest.http_door import create_door
from oracles.ingest.mqtt_door import MqttDoor
from oracles.ingest.pipeline import QUEUE_LIMIT_FRAMES, Pipeline
from oracles.ingest.reading import Frame
from oracles.ingest.resend import ResendAsker
from oracles.ingest.transaction import ForkReporter
from oracles.ingest.workers import calm_collector

HOLDS_REISSUED_MS: Final = 15 * 60_000
_HOUSEKEEPING_SECONDS: Final = 30.0
_SHORTEST_REISSUE_SECONDS: Final = 5.0
_STOP_SECONDS: Final = 0.05
_log = logging.getLogger("tidemark.ingest")


class Ingest:
    """Everything of the process. `broker` or `http_port` may be None, `workers` 0: then that part is not there."""

    def __init__(
        self,
        stores: Stores,
        directory: DeviceDirectory,
        rules: MarketRules,
        node_key: Signer,
        domain: SigningDomain,
        clock: Clock,
        *,
        broker: tuple[str, int] | None = None,
        http_port: int | None = None,
        workers: int = 0,
        forks: ForkReporter | None = None,
        needs_signature: bool = False,
        queue_limit: int = QUEUE_LIMIT_FRAMES,
    ) -> None:
        self._stores = stores
        self._clock = clock
        self._rules = rules
        self._http_port = http_port
        self._needs_signature = needs_signature
        self._queue_limit = queue_limit
        self._broker = broker
        holder = f"ingest-{os.getpid()}-{time.monotonic_ns()}"
        self.core = IngestCore(
            stores, directory, rules, node_key, domain, clock, forks=forks, workers=workers, holder=holder
        )
        self._desk = CommandDesk(stores.journal, self.core.own, clock)
        self._log = LogReader(stores.log)
        self._said_checkpoint = 0

    def run(self, stop: threading.Event) -> None:
        """Serves until `stop` is set. WriterElsewhere when another process is the writer."""
        asyncio.run(self.serve(stop))

    async def serve(self, stop: threading.Event) -> None:
        """The same inside a running loop."""
        pipeline = Pipeline(self.core, limit=self._queue_limit)
        tasks = [asyncio.create_task(pipeline.run()), asyncio.create_task(_until(stop))]
        try:
            await pipeline.on_writer(lambda: self.core.refresh(force=True))
            calm_collector()
            tasks += self._start_parts(pipeline)
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            try:
                await asyncio.gather(*tasks, return_exceptions=True)
            finally:
                self.core.close()

    def _start_parts(self, pipeline: Pipeline) -> list[asyncio.Task[None]]:
        parts: list[Awaitable[None]] = [
            self._every(0.5, lambda: self._refresh(pipeline)),
            self._every(_HOUSEKEEPING_SECONDS, lambda: self._report_refusals(pipeline)),
        ]
        if self._http_port is not None:
            parts.append(self._serve_http(pipeline.submit, self._http_port))
        if self._broker is not None:
            parts += self._start_broker(pipeline, self._broker)
        return [asyncio.ensure_future(one) for one in parts]

    def _start_broker(self, pipeline: Pipeline, address: tuple[str, int]) -> list[Awaitable[None]]:
        async def answered(device: str, number: int) -> None:
            await pipeline.on_writer(lambda: self._desk.acknowledged(device, number))

        door = MqttDoor(address, self._rules.market, self.core.own.name, pipeline.submit, answered)
        loop = asyncio.get_running_loop()
        self.core.on_hold_list = lambda message: _soon(loop, door.say("holds", _holds(message)))
        asker = ResendAsker(self._desk)
        return [
            door.run(self._state),
            self._reissue_holds(pipeline, door),
            self._every(1.0, lambda: self._say_checkpoint(door)),
            self._every(0.5, lambda: self._send_commands(pipeline, door, asker)),
        ]

    async def _every(self, seconds: float, step: Callable[[], Awaitable[None]]) -> None:
        """Repeats a step; a database that is away for a while stops nothing."""
        while True:
            try:
                await step()
            except DBAPIError as error:
                _log.warning("database: %s; trying again in %g s", type(error).__name__, seconds)
            await asyncio.sleep(seconds)

    async def _refresh(self, pipeline: Pipeline) -> None:
        await pipeline.on_writer(self.core.refresh)

    async def _report_refusals(self, pipeline: Pipeline) -> None:
        await pipeline.on_writer(self.core.report_refusals)

    async def _reissue_holds(self, pipeline: Pipeline, door: MqttDoor) -> None:
        async def step() -> None:
            message = await pipeline.on_writer(self.core.reissue_holds)
            await door.say("holds", _holds(message))

        while True:
            with suppress(DBAPIError):
                await step()
            await asyncio.sleep(max(_SHORTEST_REISSUE_SECONDS, HOLDS_REISSUED_MS / 1000 / self._clock.rate()))

    async def _say_checkpoint(self, door: MqttDoor) -> None:
        note = await asyncio.to_thread(self._log.newest_published)
        if note is not None and note.id != self._said_checkpoint:
            await door.say("checkpoint", note.whole.encode())
            self._said_checkpoint = note.id

    async def _send_commands(self, pipeline: Pipeline, door: MqttDoor, asker: ResendAsker) -> None:
        if not door.is_connected:
            return

        # Whoever is not heard cannot be asked: orders for silent devices would only pile up.
        def is_heard(device: str) -> bool:
            return door.gateway_of(device) is not None

        def ask() -> None:
            asker.step([gap for gap in self.core.gaps() if is_heard(gap[0])], time.monotonic())

        await pipeline.on_writer(ask)
        for order in await asyncio.to_thread(self._desk.unsent, is_heard):
            gateway = door.gateway_of(order.device)
            if gateway is None:
                continue
            if await door.tell(gateway, order.device, "cmd", self._desk.sign(order).to_json()):
                await pipeline.on_writer(partial(self._desk.sent, order))

    async def _serve_http(self, submit: Callable[[Frame], Awaitable[Answer]], port: int) -> None:
        app = create_door(submit, self.core.directory, self._clock, needs_signature=self._needs_signature)
        config = uvicorn.Config(
            app, log_config=None, access_log=False, lifespan="off",
            timeout_graceful_shutdown=2,
        )  # fmt: skip
        with socket.create_server(("127.0.0.1", port)) as listening:
            await _QuietServer(config).serve([listening])

    def _state(self, is_online: bool) -> bytes:
        at = datetime.fromtimestamp(self._clock.now_ms() / 1000, UTC).isoformat(timespec="milliseconds")
        return json.dumps({"online": is_online, "at": at}).encode()


class _QuietServer(uvicorn.Server):
    """Leaves signals to whoever runs the process."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


def _holds(message: HoldList) -> bytes:
    return json.dumps(message.to_json(), separators=(",", ":")).encode()


def _soon(loop: asyncio.AbstractEventLoop, work: "Awaitable[None]") -> None:
    """Starts `work` in the loop from the writer's thread."""

    async def run() -> None:
        await work

    asyncio.run_coroutine_threadsafe(run(), loop)


async def _until(stop: threading.Event) -> None:
    # An event of threads has nothing to await, and a thread waiting for it would outlive a failure.
    while not stop.is_set():  # noqa: ASYNC110
        await asyncio.sleep(_STOP_SECONDS)
