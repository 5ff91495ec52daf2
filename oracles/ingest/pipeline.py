"""The queue between transport and core: bounded, in order, read by workers while the writer writes.

Frames are read in small chunks, so that an answer need not wait long; one transaction takes along all chunks that were
read while the one before it was written, so that the busier it gets the less a record costs. A frame waits here only in
memory; nothing is acknowledged before its transaction is committed, so losing the queue loses nothing: gateways send
again what has no receipt.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor
from functools import partial
from typing import Final, TypeVar

from sqlalchemy.exc import DBAPIError

from ledger_node.errors import IngestOverloaded
from oracles.ingest.core import Answer, IngestCore
from oracles.ingest.reading import Frame
from oracles.ingest.workers import Items

QUEUE_LIMIT_FRAMES: Final = 2_000
_READ_BYTES: Final = 128_000
"""About 100 to 140 envelopes."""
_READ_AHEAD_CHUNKS: Final = 16
_WRITE_RECORDS: Final = 1_000
_log = logging.getLogger("tidemark.ingest")
Waiting = tuple[Frame, "asyncio.Future[Answer]"]
T = TypeVar("T")


class Pipeline:
    """Takes frames from any coroutine and answers each when its records are committed."""

    def __init__(self, core: IngestCore, *, limit: int = QUEUE_LIMIT_FRAMES) -> None:
        self._core = core
        self._limit = limit
        self._queue: deque[Waiting] = deque()
        self._in_work = 0
        self._being_written: Sequence[Waiting] = ()
        self._arrived = asyncio.Event()
        self._writer = ThreadPoolExecutor(1, "ingest-writer")
        self._ahead: deque[tuple[Sequence[Waiting], Future[Items]]] = deque()
        self._has_ahead = asyncio.Event()
        self._room = asyncio.Semaphore(_READ_AHEAD_CHUNKS)

    @property
    def waiting(self) -> int:
        """Frames that have no answer yet."""
        return len(self._queue) + self._in_work

    async def submit(self, frame: Frame) -> Answer:
        """The answer once everything in the frame is decided and kept.

        IngestOverloaded when too many wait; DBAPIError when the database stayed away, or whatever else kept the frame
        from being read, and nothing was acknowledged.
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
            for waiting in (self._queue, *(chunk for chunk, _ in self._ahead), self._being_written):
                for _, answered in waiting:
                    answered.cancel()

    async def _read(self) -> None:
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while self._queue:
                await self._room.acquire()
                chunk = self._next_chunk()
                self._in_work += len(chunk)
                frames = [frame for frame, _ in chunk]
                if self._core.reads_inline:
                    future = await self.on_writer(partial(self._core.read, frames))
                else:
                    future = self._core.read(frames)
                self._ahead.append((chunk, future))
                self._has_ahead.set()

    def _next_chunk(self) -> Sequence[Waiting]:
        chunk: list[Waiting] = []
        size = 0
        while self._queue and size < _READ_BYTES:
            chunk.append(self._queue.popleft())
            size += len(chunk[-1][0].data)
        return chunk

    async def _write(self) -> None:
        while True:
            await self._has_ahead.wait()
            await asyncio.gather(asyncio.wrap_future(self._ahead[0][1]), return_exceptions=True)
            waiting, items = self._take_read()
            if not waiting:
                continue
            self._being_written = waiting
            try:
                answers = await self.on_writer(partial(self._core.write, [frame for frame, _ in waiting], items))
            except DBAPIError as away:
                _fail(waiting, away)
            else:
                for (_, answered), answer in zip(waiting, answers, strict=True):
                    if not answered.done():
                        answered.set_result(answer)
            self._in_work -= len(waiting)

    def _take_read(self) -> tuple[list[Waiting], Items]:
        """The chunks at the head that are read, up to what one transaction takes."""
        waiting: list[Waiting] = []
        items: Items = []
        records = 0
        while self._ahead and self._ahead[0][1].done() and records < _WRITE_RECORDS:
            chunk, future = self._ahead.popleft()
            self._room.release()
            failed = future.exception()
            if isinstance(failed, BrokenExecutor):
                raise failed  # the readers are gone for good: this process must be started again
            if failed is not None:
                _log.error("a chunk could not be read", exc_info=failed)
                _fail(chunk, failed)
                self._in_work -= len(chunk)
                continue
            read = future.result()
            waiting += chunk
            items += read
            records += sum(map(len, read))
        if not self._ahead:
            self._has_ahead.clear()
        return waiting, items


def _fail(waiting: Sequence[Waiting], why: BaseException) -> None:
    """Tells those who wait that nothing was acknowledged."""
    for _, answered in waiting:
        if not answered.done():
            answered.set_exception(why)
