"""How many records a second ingest verifies, judges and journals: signed one by one, and bundled by fifty.

Frames are made beforehand and streamed from a file; what is measured is from bytes handed to the queue to committed
rows and receipts, with SQLite and `synchronous=FULL`, in a temporary folder (`--folder` puts it on a certain disk) and
1,500 records in flight. The processor time a record, taken without worker processes, tells a busy machine from a slow
program. `--records 1500000` is the five minutes of the specification; making the frames takes about as long again.
"""

import argparse
import asyncio
import multiprocessing
import os
import resource
import statistics
import tempfile
import threading
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from ledger_node.domain.device import DeviceClass
from ledger_node.domain.frame import encode_frame
from ledger_node.store import migrate, open_stores
from oracles.ingest.core import IngestCore, chunks_of
from oracles.ingest.pipeline import Pipeline
from oracles.ingest.reading import Frame, Source
from oracles.ingest.rows import RECORD
from oracles.ingest.workers import calm_collector
from tests.benchmarks.figures import Figure, print_figures
from tests.oracles.ingest.world import GATEWAY, Signer, World, a_bundle, sale

_IN_FLIGHT_RECORDS = 1_500
_BUNDLED, _SIGNED = 50, 5
_SOURCE = Source("bench")
_WARM_RECORDS = 500


@dataclass(frozen=True, slots=True)
class Run:
    """What one run took. Latencies are of a frame, from being handed in to its receipts, in seconds.

    `memory_mib` is of writer and workers together, measured every two seconds.
    """

    records: int
    seconds: float
    latencies: Sequence[float]
    journal_bytes: int
    memory_mib: Sequence[int]


def make_frames(world: World, scales: Sequence[Signer], count: int, first: int, *, bundled: bool) -> Iterator[Frame]:
    """Sales of all scales in turn: frames of one bundle of fifty, or of five records that their scale signed."""
    size = _BUNDLED if bundled else _SIGNED
    for start in range(first, first + count, size):
        payloads = [sale(number) for number in range(start, start + size)]
        signers = [scales[(start + one if bundled else start // size) % len(scales)] for one in range(size)]
        pairs = zip(signers, payloads, strict=True)
        envelopes = [signer.sign("sale", payload, payload["amount_minor"]) for signer, payload in pairs]
        if bundled:
            envelopes = a_bundle(world.devices[GATEWAY], envelopes)
        yield Frame(encode_frame(envelopes), _SOURCE)


def keep_frames(path: Path, frames: Iterable[Frame]) -> None:
    """Writes frames to a file, each after its length."""
    with path.open("wb") as file:
        for frame in frames:
            file.write(len(frame.data).to_bytes(4, "big") + frame.data)


def kept_frames(path: Path) -> Iterator[Frame]:
    """The frames of a file, one after another."""
    with path.open("rb") as file:
        while length := file.read(4):
            yield Frame(file.read(int.from_bytes(length, "big")), _SOURCE)


@contextmanager
def memory_of_this_and_children() -> Generator[list[int]]:
    """Resident memory in MiB, every two seconds while the block runs."""
    seen: list[int] = []
    over = threading.Event()

    def look() -> None:
        while True:
            pids = [os.getpid(), *(child.pid for child in multiprocessing.active_children() if child.pid)]
            pages = [int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids]
            seen.append(sum(pages) * resource.getpagesize() >> 20)
            if over.wait(2):
                return

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield seen
    finally:
        over.set()
        looking.join()


async def drive(core: IngestCore, frames: Iterable[Frame], in_flight: int) -> list[float]:
    """Submits every frame as its gateway would, `in_flight` of them at a time, and waits for its receipt."""
    pipeline = Pipeline(core)
    waiting = iter(frames)
    latencies: list[float] = []

    async def gateway() -> None:
        for frame in waiting:
            handed_in = time.perf_counter()
            answer = await pipeline.submit(frame)
            if not answer.receipts or answer.refused:
                raise AssertionError("a right record was refused")
            latencies.append(time.perf_counter() - handed_in)

    running = asyncio.create_task(pipeline.run())
    await asyncio.gather(*(gateway() for _ in range(in_flight)))
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return latencies


def measure(folder: Path, count: int, workers: int, devices: int, *, bundled: bool) -> tuple[Run, float, float]:
    """The run with workers; then processor seconds a record for reading and writing, without."""
    stores = open_stores(folder)
    migrate(stores)
    world = World(stores)
    world.stock(net=10**12)
    scales = [world.enrol(f"urn:tidemark:device:zpk-scale-{n:04}", DeviceClass.SCALE, trust=1) for n in range(devices)]
    world.core.close()
    world.restart(workers)
    world.core.refresh(force=True)
    asyncio.run(drive(world.core, make_frames(world, scales, _WARM_RECORDS, 1, bundled=bundled), 1))
    kept = folder / "frames"
    keep_frames(kept, make_frames(world, scales, count, 1 + _WARM_RECORDS, bundled=bundled))
    in_flight = _IN_FLIGHT_RECORDS // (_BUNDLED if bundled else _SIGNED)
    calm_collector()
    with memory_of_this_and_children() as memory:
        began = time.perf_counter()
        latencies = asyncio.run(drive(world.core, kept_frames(kept), in_flight))
        seconds = time.perf_counter() - began
    with stores.journal.read() as connection:
        is_counted = (RECORD.c.kind == "sale", RECORD.c.verdict == 1)
        counted = connection.execute(select(func.count()).select_from(RECORD).where(*is_counted)).scalar()
    if counted != count + _WARM_RECORDS:
        raise AssertionError(f"{counted} of {count + _WARM_RECORDS} were counted")
    size = (folder / "journal.sqlite").stat().st_size
    world.core.close()
    world.restart()
    world.core.refresh(force=True)
    again = list(make_frames(world, scales, 2000, 1 + _WARM_RECORDS + count, bundled=bundled))
    reading, writing = _processor_seconds(world.core, again)
    world.core.close()
    stores.dispose()
    return Run(count, seconds, latencies, size, memory), reading / 2000, writing / 2000


def _processor_seconds(core: IngestCore, frames: Sequence[Frame]) -> tuple[float, float]:
    reading = writing = 0.0
    for chunk in chunks_of(frames):
        began = time.process_time()
        items = core.read(chunk).result()
        read = time.process_time()
        core.write(chunk, items)
        reading, writing = reading + read - began, writing + time.process_time() - read
    return reading, writing


def _early_and_end(memory: Sequence[int]) -> str:
    """After a tenth of the run, when everything is loaded, and at its end."""
    return f"{memory[len(memory) // 10]} / {memory[-1]} MiB"


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--devices", type=int, default=200)
    parser.add_argument("--only", choices=("signed", "bundled"), default=None)
    parser.add_argument("--folder", type=Path, default=None, help="where to measure; a real disk, not a tmpfs")
    chosen = parser.parse_args()
    figures: list[Figure] = []
    for bundled, target in ((False, "≥ 5,000/s"), (True, "≥ 10,000/s")):
        if chosen.only == ("signed" if bundled else "bundled"):
            continue
        with tempfile.TemporaryDirectory(dir=chosen.folder) as name:
            run, reading, writing = measure(Path(name), chosen.records, chosen.workers, chosen.devices, bundled=bundled)
        kind = "bundled by 50" if bundled else "signed one by one"
        p50, p99 = statistics.median(run.latencies), statistics.quantiles(run.latencies, n=100)[98]
        figures += [
            Figure(f"records/s, {kind}", f"{run.records / run.seconds:,.0f}", target, f"{chosen.workers} workers"),
            Figure(
                f"receipt, {kind}, p50 / p99", f"{p50 * 1000:.0f} / {p99 * 1000:.0f} ms", "p99 < 500 ms", "full load"
            ),
            Figure(f"processor time, {kind}, read / write", f"{reading * 1e6:.0f} / {writing * 1e6:.0f} µs", "–"),
            Figure(f"journal, {kind}", f"{run.journal_bytes / run.records:,.0f} bytes a record", "–"),
            Figure(f"memory, {kind}, early / end", _early_and_end(run.memory_mib), "< 600 MB, flat", "all processes"),
        ]
    print_figures("ingest", figures)


if __name__ == "__main__":
    main()
