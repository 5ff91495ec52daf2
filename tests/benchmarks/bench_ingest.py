"""How many records a second ingest verifies, judges and journals: signed one by one, and bundled by fifty.

Frames are made beforehand; what is measured is from bytes to committed rows and receipts, with SQLite and
`synchronous=FULL`, in a temporary folder (`--folder` puts it on a certain disk). The processor time a record, taken
without worker processes, tells a busy machine from a slow program.
"""

import argparse
import resource
import statistics
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from ledger_node.domain.device import DeviceClass
from ledger_node.domain.frame import encode_frame
from ledger_node.store import migrate, open_stores
from oracles.ingest.core import IngestCore, chunks_of
from oracles.ingest.reading import Frame, Source
from oracles.ingest.rows import RECORD
from oracles.ingest.workers import Items
from tests.benchmarks.figures import Figure, print_figures
from tests.oracles.ingest.world import GATEWAY, Signer, World, a_bundle, sale

_READ_AHEAD = 4
_BUNDLED, _SIGNED = 50, 5
_WARM_RECORDS = 500


@dataclass(frozen=True, slots=True)
class Run:
    """What one run took. Latencies are of a chunk, from being handed in to its receipts, in seconds."""

    records: int
    seconds: float
    latencies: Sequence[float]
    journal_bytes: int


def make_frames(world: World, scales: Sequence[Signer], count: int, first: int, *, bundled: bool) -> list[Frame]:
    """Sales of all scales in turn: frames of one bundle of fifty, or of five records that their scale signed."""
    size = _BUNDLED if bundled else _SIGNED
    frames: list[Frame] = []
    for start in range(first, first + count, size):
        payloads = [sale(number) for number in range(start, start + size)]
        signers = [scales[(start + one if bundled else start // size) % len(scales)] for one in range(size)]
        pairs = zip(signers, payloads, strict=True)
        envelopes = [signer.sign("sale", payload, payload["amount_minor"]) for signer, payload in pairs]
        if bundled:
            envelopes = a_bundle(world.devices[GATEWAY], envelopes)
        frames.append(Frame(encode_frame(envelopes), Source("bench")))
    return frames


def drive(core: IngestCore, frames: Sequence[Frame], ahead: int) -> list[float]:
    """Hands chunks in, a few ahead of the writer, and waits for every receipt."""
    waiting: list[tuple[Sequence[Frame], float, Future[Items]]] = []
    latencies: list[float] = []

    def finish() -> None:
        chunk, handed_in, future = waiting.pop(0)
        answers = core.write(chunk, future.result())
        if not all(answer.receipts and not answer.refused for answer in answers):
            raise AssertionError("a right record was refused")
        latencies.append(time.perf_counter() - handed_in)

    for chunk in chunks_of(frames):
        waiting.append((chunk, time.perf_counter(), core.read(chunk)))
        if len(waiting) >= ahead:
            finish()
    while waiting:
        finish()
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
    drive(world.core, make_frames(world, scales, _WARM_RECORDS, 1, bundled=bundled), 1)
    frames = make_frames(world, scales, count, 1 + _WARM_RECORDS, bundled=bundled)
    began = time.perf_counter()
    latencies = drive(world.core, frames, _READ_AHEAD if workers else 1)
    seconds = time.perf_counter() - began
    counted = sum(row["kind"] == "sale" and row["verdict"] == 1 for row in world.rows(RECORD))
    if counted != count + _WARM_RECORDS:
        raise AssertionError(f"{counted} of {count + _WARM_RECORDS} were counted")
    size = sum(one.stat().st_size for one in folder.glob("journal.sqlite"))
    world.core.close()
    world.restart()
    world.core.refresh(force=True)
    again = make_frames(world, scales, 2000, 1 + _WARM_RECORDS + count, bundled=bundled)
    reading, writing = _processor_seconds(world.core, again)
    world.core.close()
    stores.dispose()
    return Run(count, seconds, latencies, size), reading / 2000, writing / 2000


def _processor_seconds(core: IngestCore, frames: Sequence[Frame]) -> tuple[float, float]:
    reading = writing = 0.0
    for chunk in chunks_of(frames):
        began = time.process_time()
        items = core.read(chunk).result()
        read = time.process_time()
        core.write(chunk, items)
        reading, writing = reading + read - began, writing + time.process_time() - read
    return reading, writing


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--devices", type=int, default=200)
    parser.add_argument("--folder", type=Path, default=None, help="where to measure; a real disk, not a tmpfs")
    chosen = parser.parse_args()
    figures: list[Figure] = []
    for bundled, target in ((False, "≥ 5,000/s"), (True, "≥ 10,000/s")):
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
        ]
    own, children = (
        resource.getrusage(who).ru_maxrss // 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    figures.append(Figure("memory, writer with all frames / a worker", f"{own} / {children} MiB", "< 600 MB"))
    print_figures("ingest", figures)


if __name__ == "__main__":
    main()
