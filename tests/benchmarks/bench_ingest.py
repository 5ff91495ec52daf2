"""How many records a second ingest verifies, judges and journals: signed one by one, and bundled by fifty.

Frames are made beforehand; what is measured is from bytes to committed rows and receipts, with SQLite and
`synchronous=FULL`, in a folder on this machine's disk. `--seconds` is how long each run lasts.
"""

import argparse
import gc
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from ledger_node.domain.device import DeviceClass
from ledger_node.domain.frame import encode_frame
from ledger_node.store import migrate, open_stores
from oracles.ingest.core import CHUNK_BYTES
from oracles.ingest.reading import Frame, Source
from oracles.ingest.rows import RECORD
from tests.benchmarks.figures import Figure, print_figures
from tests.oracles.ingest.world import GATEWAY, MERCHANT, PLACE, Signer, World, a_bundle, sale

_READ_AHEAD = 4


def make_frames(world: World, scales: Sequence[Signer], count: int, first: int, *, bundled: bool) -> list[Frame]:
    """`count` sales of the scales in turn: frames of fifty records of one bundle, or of five signed ones."""
    per_frame = 50 if bundled else 5
    frames: list[Frame] = []
    number = first
    while number < first + count:
        envelopes = []
        for _ in range(per_frame):
            payload = sale(number)
            scale = scales[(number if bundled else number // per_frame) % len(scales)]
            envelopes.append(scale.sign("sale", payload, payload["amount_minor"]))
            number += 1
        if bundled:
            envelopes = a_bundle(world.devices[GATEWAY], envelopes)
        frames += [Frame(encode_frame(part), Source("bench")) for part in _fitting(envelopes)]
    return frames


def _fitting(envelopes: list) -> Iterator[list]:  # type: ignore[type-arg]
    yield envelopes


def run(world: World, frames: Sequence[Frame], workers: int) -> tuple[float, list[float]]:
    """Seconds in all, and for each chunk seconds from being handed in to its receipts."""
    core = world.core
    chunks: list[list[Frame]] = [[]]
    size = 0
    for frame in frames:
        if size >= CHUNK_BYTES:
            chunks.append([])
            size = 0
        chunks[-1].append(frame)
        size += len(frame.data)
    latencies: list[float] = []
    began = time.perf_counter()
    waiting = []
    for chunk in chunks:
        waiting.append((chunk, time.perf_counter(), core.read(chunk)))
        if len(waiting) < (_READ_AHEAD if workers else 1):
            continue
        latencies.append(_finish(core, *waiting.pop(0)))
    while waiting:
        latencies.append(_finish(core, *waiting.pop(0)))
    return time.perf_counter() - began, latencies


def _finish(core, chunk, handed_in, future) -> float:  # type: ignore[no-untyped-def]
    answers = core.write(chunk, future.result())
    assert all(answer.receipts and not answer.refused for answer in answers)
    return time.perf_counter() - handed_in


def measure(count: int, workers: int, *, bundled: bool, devices: int) -> tuple[float, list[float], int]:
    """Records a second, latencies, and the journal's size in bytes."""
    with tempfile.TemporaryDirectory(dir=".") as folder:
        stores = open_stores(Path(folder))
        migrate(stores)
        world = World(stores)
        world.stock(net=10**12, merchant_ref=MERCHANT, place_ref=PLACE)
        scales = [
            world.enrol(f"urn:tidemark:device:zpk-scale-{n:04}", DeviceClass.SCALE, trust=1) for n in range(devices)
        ]
        world.core.close()
        world.restart(workers)
        world.core.refresh(force=True)
        warm = make_frames(world, scales, 500, 1, bundled=bundled)
        run(world, warm, workers)
        frames = make_frames(world, scales, count, 1001, bundled=bundled)
        gc.collect()
        seconds, latencies = run(world, frames, workers)
        kept = sum(1 for row in world.rows(RECORD) if row["kind"] == "sale" and row["verdict"] == 1)
        assert kept >= count, f"{kept} of {count} were counted"
        world.core.close()
        stores.dispose()
        size = sum(one.stat().st_size for one in Path(folder).glob("journal.sqlite*"))
        return count / seconds, latencies, size


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--devices", type=int, default=200)
    chosen = parser.parse_args()
    figures = []
    for bundled, target in ((False, "≥ 5,000/s"), (True, "≥ 10,000/s")):
        name = "bundled by 50" if bundled else "signed one by one"
        rate, latencies, size = measure(chosen.records, chosen.workers, bundled=bundled, devices=chosen.devices)
        figures.append(Figure(f"records/s, {name}", f"{rate:,.0f}", target, f"{chosen.workers} workers and a writer"))
        p50, p99 = statistics.median(latencies) * 1000, statistics.quantiles(latencies, n=100)[98] * 1000
        figures.append(Figure(f"receipt, {name}, p50 / p99", f"{p50:.0f} / {p99:.0f} ms", "p99 < 500 ms", "full load"))
        figures.append(Figure(f"journal bytes a record, {name}", f"{size / chosen.records:,.0f}", "–"))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    workers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    figures.append(Figure("memory, writer with frames / largest worker", f"{memory} / {workers} MiB", "< 600 MB"))
    print_figures("ingest", figures)


if __name__ == "__main__":
    main()
