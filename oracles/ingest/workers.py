"""The readers of ingest: in this process, or one a core in processes of their own."""

import gc
import multiprocessing
import os
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor

from ledger_node.domain.judge import MarketRules
from ledger_node.domain.typed_data import SigningDomain
from ledger_node.store.database import open_database
from ledger_node.store.devices import DeviceDirectory, RegistryVersion
from oracles.ingest.reading import Frame, Reader, Reading, Refused

Items = list[list[Reading | Refused]]
"""For each frame, its items in order."""


class InlineReaders:
    """Reads where it is called: for tests, simulators and small machines."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def submit(self, frames: Sequence[Frame]) -> "Future[Items]":
        """The frames' items, or why they could not be read, already there."""
        future: Future[Items] = Future()
        try:
            future.set_result([self._reader.read(frame) for frame in frames])
        except Exception as failed:
            future.set_exception(failed)
        return future

    def close(self) -> None:
        """Nothing to end."""


class ProcessReaders:
    """Reads in `count` worker processes, each with its own view of the registry, renewed when the version differs."""

    def __init__(self, count: int, directory: DeviceDirectory, domain: SigningDomain, rules: MarketRules) -> None:
        self._directory = directory
        url = directory.projections.engine.url.render_as_string(hide_password=False)
        self._pool = ProcessPoolExecutor(
            count, multiprocessing.get_context("spawn"), _start_worker, (url, domain, rules)
        )

    def submit(self, frames: Sequence[Frame]) -> "Future[Items]":
        """Hands the frames to a free worker."""
        return self._pool.submit(_read, list(frames), self._directory.version)

    def close(self) -> None:
        """Ends the workers."""
        self._pool.shutdown(cancel_futures=True)


def calm_collector() -> None:
    """Makes Python look for cycles more rarely: a record is hundreds of objects that soon end, and none in a cycle."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


_reader: Reader | None = None


def _start_worker(url: str, domain: SigningDomain, rules: MarketRules) -> None:
    global _reader
    threading.Thread(target=_end_with_parent, name="ends-with-parent", daemon=True).start()
    directory = DeviceDirectory(open_database("projections", url, pool_size=1))
    _reader = Reader(directory, domain, rules)
    calm_collector()


def _end_with_parent() -> None:
    """A worker waits for work and would not notice that nobody is left to give it any."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _read(frames: list[Frame], version: RegistryVersion) -> Items:
    if _reader is None:
        raise RuntimeError("the worker was not started by its pool")
    if _reader.directory.version != version:
        _reader.directory.refresh()
    return [_reader.read(frame) for frame in frames]
