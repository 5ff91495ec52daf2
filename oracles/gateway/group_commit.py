"""Many devices, one disk: envelopes that come within 20 ms share one commit, and each device hears "kept" after it.

The queue is bounded: when it is full a device is told `slow` at once rather than kept waiting.
"""

import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Final

from ledger_node.domain.envelope import Envelope
from ledger_node.errors import GatewaySlow, LedgerError, LinkDown

GROUP_ROWS: Final = 50
GROUP_SECONDS: Final = 0.02
QUEUE_LIMIT: Final = 1_000
RETRY_AFTER_MS: Final = 250
_log = logging.getLogger("tidemark.gateway")
_Entry = tuple[Sequence[Envelope], "Future[None]"]


class GroupCommit:
    """A thread that hands groups of envelopes to `commit`, which must have them durable when it returns."""

    def __init__(self, commit: Callable[[Sequence[Envelope]], None], *, queue_limit: int = QUEUE_LIMIT) -> None:
        self._commit = commit
        self._limit = queue_limit
        self._queued = 0
        self._lock = threading.Lock()
        self._queue: queue.SimpleQueue[_Entry | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="group-commit", daemon=True)
        self._thread.start()

    def submit(self, envelopes: Sequence[Envelope]) -> "Future[None]":
        """Done once they are committed. Raises GatewaySlow when too many wait already."""
        with self._lock:
            if self._queued and self._queued + len(envelopes) > self._limit:
                raise GatewaySlow(RETRY_AFTER_MS)
            self._queued += len(envelopes)
        future: Future[None] = Future()
        self._queue.put((envelopes, future))
        return future

    def close(self) -> None:
        """Commits what was submitted and ends."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (entry := self._queue.get()) is not None:
            group, is_last = self._gather(entry)
            self._commit_group(group)
            if is_last:
                return

    def _gather(self, first: _Entry) -> tuple[list[_Entry], bool]:
        group, rows = [first], len(first[0])
        deadline = time.monotonic() + GROUP_SECONDS
        while rows < GROUP_ROWS and (left := deadline - time.monotonic()) > 0:
            try:
                entry = self._queue.get(timeout=left)
            except queue.Empty:
                break
            if entry is None:
                return group, True
            group.append(entry)
            rows += len(entry[0])
        return group, False

    def _commit_group(self, group: list[_Entry]) -> None:
        envelopes = [envelope for many, _ in group for envelope in many]
        try:
            self._commit(envelopes)
        except LedgerError as wrong:
            self._fail(group, wrong)
        except Exception as wrong:
            # Whatever it was, the devices must hear that nothing is kept, and the thread must live.
            if not isinstance(wrong, sqlite3.Error):
                _log.exception("a group could not be kept")
            self._fail(group, LinkDown("outbox", str(wrong) or type(wrong).__name__))
        else:
            for _, future in group:
                future.set_result(None)
        finally:
            with self._lock:
                self._queued -= len(envelopes)

    def _fail(self, group: list[_Entry], wrong: LedgerError) -> None:
        for _, future in group:
            future.set_exception(wrong)
