"""The checkpoint log: appending and tiling, the subject map, building proofs. `python -m tests.benchmarks.bench_log`.

Targets: `proofs.md` section 10. `--entries`: size of the log; `--stored`: how many go through SQL and files too.
"""

import hashlib
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import structlog
import typer

from ledger_node.checkpoint.tile_folder import TileFolder
from ledger_node.domain import log_tile
from ledger_node.domain.merkle import leaf_hash, node_ranges, verify_nodes
from ledger_node.domain.subject_map import SubjectMap, SubjectState
from ledger_node.store import migrate, open_stores
from ledger_node.store.log_reader import LogReader
from tests.benchmarks.figures import Figure, percentile, print_figures
from tests.ledger_node.checkpoint.world import World, entries_of

PORTION = 5_000
PROOFS = 2_000


def main(
    entries: Annotated[int, typer.Option(min=1_000)] = 1_000_000,
    stored: Annotated[int, typer.Option(min=1_000)] = 50_000,
) -> None:
    """Measures and prints the table."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(open("/dev/null", "w")))  # noqa: SIM115
    with tempfile.TemporaryDirectory() as folder:
        figures = [*_tree(entries, Path(folder)), *_subjects(entries), *_stored(stored, Path(folder))]
    print_figures("Checkpoint log", figures)


def _tree(count: int, folder: Path) -> list[Figure]:
    encoded = [index.to_bytes(187, "big") for index in range(PORTION)]
    tiles: dict[tuple[int, int], bytes] = {}
    leaves: list[bytes] = []
    began = time.perf_counter()
    for start in range(0, count, PORTION):
        hashes = [leaf_hash(start.to_bytes(8, "big") + entry) for entry in encoded[: count - start]]
        for tile in log_tile.append(start, hashes, lambda level, number: tiles[level, number]):
            tiles[tile.level, tile.number] = tile.hashes
        leaves += hashes
    seconds = time.perf_counter() - began
    files = TileFolder(folder / "tiles")
    for (level, number), hashes in tiles.items():
        path = files.folder / log_tile.tile_path(level, number, len(hashes) // 32)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(hashes)  # not synced: only reading is measured
    return [
        Figure("append and tile, entries/s/core", f"{count / seconds:,.0f}", "≥ 100,000", "hashing, in memory"),
        *_proofs(files, leaves),
    ]


def _proofs(files: TileFolder, leaves: Sequence[bytes]) -> list[Figure]:
    size = len(leaves)
    tree = files.tree(size)
    root = tree.root(size)
    dice = random.Random(1)
    indices = [dice.randrange(size) for _ in range(PROOFS)]
    times = []
    for index in indices:
        began = time.perf_counter()
        nodes = [tree.range_hash(start, end) for start, end in node_ranges([index], size)]
        times.append(time.perf_counter() - began)
        verify_nodes([(index, leaves[index])], size, nodes, root)
    return [
        Figure(
            f"build a log proof, {size:,} entries, from tiles on disk",
            f"{1000 * percentile(times, 0.5):.2f} ms (p95 {1000 * percentile(times, 0.95):.2f})",
            "< 1 ms",
            "random entries; tiles used last in memory",
        )
    ]


def _subjects(count: int) -> list[Figure]:
    def key(number: int) -> bytes:
        return hashlib.sha256(number.to_bytes(8, "big")).digest()

    began = time.perf_counter()
    subjects = SubjectMap({key(number): SubjectState(1, key(number)) for number in range(count)})
    building = time.perf_counter() - began
    dice = random.Random(2)

    def change() -> bytes:
        subjects.put({key(dice.randrange(count)): SubjectState(2, key(dice.randrange(count))) for _ in range(300)})
        return subjects.root()

    return [
        Figure(f"subject map, 300 changes in {count:,}", f"{1000 * _median(change):.1f} ms", "< 50 ms"),
        Figure(f"the same map from its leaves, {count:,}", f"{building:.1f} s", "–", "once at the start"),
    ]


def _stored(count: int, folder: Path) -> list[Figure]:
    stores = open_stores(folder)
    migrate(stores)
    world = World(stores, folder)
    made = entries_of(count, per_block=10, subjects=2_000, data=320)
    for start in range(0, count, PORTION):
        world.add_events(made[start : start + PORTION])
    log = world.log()
    began = time.perf_counter()
    while log.step():
        pass
    seconds = time.perf_counter() - began
    reader = LogReader(stores.log)
    dice = random.Random(3)
    build = _median(lambda: reader.nodes_proof(sorted({dice.randrange(count) for _ in range(3)}), count))
    stores.dispose()
    return [
        Figure(
            "final events → SQLite, files, signed note, entries/s",
            f"{count / seconds:,.0f}",
            "–",
            "synchronous=FULL, every file synced",
        ),
        Figure(f"one proof for 3 of {count:,} entries, from SQLite", f"{1000 * build:.2f} ms"),
    ]


def _median(act: Callable[[], object], times: int = 20) -> float:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        taken.append(time.perf_counter() - began)
    return percentile(taken, 0.5)


if __name__ == "__main__":
    typer.run(main)
