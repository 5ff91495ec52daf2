"""The queue between transport and core: bounded, in order, batched, read by workers while the writer writes.

A frame waits here only in memory; nothing is acknowledged before its transaction is committed, so losing the queue
loses nothing: gateways send again what has no receipt.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Final, TypeVar

from sqlalchemy.exc import DBAPIError

from ledger_node.errors import IngestOverloaded
from oracles.ingest.core import CHUNK_BYTES, Answer, IngestCore
from oracles.ingest.reading import Frame
from oracles.ingest.workers import Items

QUEUE_LIMIT_FRAMES: Final = 2_000
_READ_AHEAD_CHUNKS: Final = 4
Waiting = tuple[Frame, "asyncio.Future[Answer]"]
T = TypeVar("T")


class Pipeline:
    """Takes frames from any coroutine and answers each when its records are committed."""

    def __init__(self, core: IngestCore, *, limit: int = QUEUE_LIMIT_FRAMES) -> None:
        self._core = core
        self._limit = limit
        self._queue: deque[Waiting] = deque()
        self._in_work = 0
        self._arrived = asyncio.Event()
        self._writer = ThreadPoolExecutor(1, "ingest-writer")
        self._ahead: asyncio.Queue[tuple[Sequence[Waiting], Future[Items]]] = asyncio.Queue(_READ_AHEAD_CHUNKS)

    @property
    def waiting(self) -> int:
        """Frames that have no answer yet."""
        return len(self._queue) + self._in_work

    async def submit(self, frame: Frame) -> Answer:
        """The answer once everything in the frame is decided and kept.

        IngestOverloaded when too many wait; DBAPIError when the database stayed away, and nothing was acknowledged.
        """
        if self.waiting >= self._limit:
            raise IngestOverloaded(self.waiting, self._limit)
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._queue.append((frame, answered))
        self._arrived.set()
        return await answered

    async def on_writer(self, call: Callable[[], T]) -> T:
        """Runs something else that writes, between two chunks."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, call)

    async def run(self) -> None:
        """Moves frames along until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._read())
                group.create_task(self._write())
        finally:
            self._writer.shutdown(wait=True)
            for _, answered in self._queue:
                answered.cancel()

    async def _read(self) -> None:
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while self._queue:
                chunk = self._next_chunk()
                self._in_work += len(chunk)
                frames = [frame for frame, _ in chunk]
                if self._core.reads_inline:
                    future = await self.on_writer(partial(self._core.read, frames))
                else:
                    future = self._core.read(frames)
                await self._ahead.put((chunk, future))

    def _next_chunk(self) -> Sequence[Waiting]:
        chunk: list[Waiting] = []
        size = 0
        while self._queue and size < CHUNK_BYTES:
            chunk.append(self._queue.popleft())
            size += len(chunk[-1][0].data)
        return chunk

    async def _write(self) -> None:
        while True:
            chunk, future = await self._ahead.get()
            items = await asyncio.wrap_future(future)
            frames = [frame for frame, _ in chunk]
            try:
                answers = await self.on_writer(partial(self._core.write, frames, items))
            except DBAPIError as away:
                for _, answered in chunk:
                    if not answered.done():
                        answered.set_exception(away)
            else:
                for (_, answered), answer in zip(chunk, answers, strict=True):
                    if not answered.done():
                        answered.set_result(answer)
            self._in_work -= len(chunk)
