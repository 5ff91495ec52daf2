"""Start-up and memory of the whole system on one machine.

python -m tests.benchmarks.bench_node [starts]
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.figures import Figure, print_figures
from tests.support.a_node import RunningNode, a_node

MEBIBYTE = 1 << 20
SETTLE_SECONDS = 30


def proportional_bytes(pid: int) -> int:
    """Memory of one process, shared pages divided among those that share them (Linux's PSS)."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return next(int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("Pss:"))


def memory_of(node: RunningNode) -> dict[str, int]:
    """Bytes by part, the chain's own process apart."""
    files = {file.stem: file for file in (node.path / "logs").glob("*.pid") if file.stem != "found"}
    files["anvil"] = node.path / "chain" / "engine.pid"
    return {name: proportional_bytes(int(file.read_text())) for name, file in files.items()}


def main() -> None:
    """Prints the table."""
    starts = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    fresh: list[float] = []
    again: list[float] = []
    memory: dict[str, int] = {}
    for number in range(starts):
        with tempfile.TemporaryDirectory() as name:
            begun = time.monotonic()
            with a_node(Path(name)) as node:
                fresh.append(time.monotonic() - begun)
                if number == starts - 1:
                    time.sleep(SETTLE_SECONDS)
                    memory = memory_of(node)
            begun = time.monotonic()
            with a_node(Path(name)):
                again.append(time.monotonic() - begun)
    total = sum(memory.values())
    largest = sorted(memory.items(), key=lambda item: -item[1])[:4]
    print_figures(
        "The whole system on one machine, everything installed",
        [
            Figure("start on a new folder, to the first proven sale", f"{statistics.median(fresh):.1f} s", "≤ 10 s"),
            Figure("start on a folder from before", f"{statistics.median(again):.1f} s", "≤ 10 s"),
            Figure(
                f"memory of all parts, {SETTLE_SECONDS} s after",
                f"{total // MEBIBYTE} MiB",
                "–",
                ", ".join(f"{name} {size // MEBIBYTE}" for name, size in largest),
            ),
        ],
    )


if __name__ == "__main__":
    main()
