"""Branch coverage of the contracts: runs `forge coverage`, prints a table, ends with 1 below the floor.

Forge measures without the optimizer, so the figures of gas tests do not hold there, and OpenZeppelin's P-256 fallback
does not compile: the profile `coverage` in foundry.toml says what stands in for it. Invariants measure nothing more.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from ledger_node.errors import ConfigurationWrong
from scripts.forge import ROOT, forge_binary

BRANCH_FLOOR_PERCENT = 95
_MEASURED = "contracts/"
_LEFT_OUT = "PinGas|Invariants"


@dataclass(frozen=True, slots=True)
class FileCoverage:
    """How much of one source file the tests reached; `missed` are the lines of branches never taken."""

    path: str
    lines: int
    lines_hit: int
    branches: int
    branches_hit: int
    missed: tuple[int, ...]


def read_lcov(lines: Iterable[str]) -> list[FileCoverage]:
    """What an LCOV tracefile says of the files below `contracts/`, by path."""
    files: list[FileCoverage] = []
    path, line_hits, branch_hits = "", dict[int, bool](), list[tuple[int, bool]]()
    for line in lines:
        tag, _, value = line.strip().partition(":")
        fields = value.split(",")
        if tag == "SF":
            path, line_hits, branch_hits = value, {}, []
        elif tag == "DA":
            line_hits[int(fields[0])] = fields[1] != "0"
        elif tag == "BRDA":
            branch_hits.append((int(fields[0]), fields[3] not in ("-", "0")))
        elif tag == "end_of_record" and path.startswith(_MEASURED):
            missed = tuple(sorted({number for number, hit in branch_hits if not hit}))
            hit_lines, hit_branches = sum(line_hits.values()), sum(hit for _, hit in branch_hits)
            files.append(FileCoverage(path, len(line_hits), hit_lines, len(branch_hits), hit_branches, missed))
    return sorted(files, key=lambda one: one.path)


def branch_percent(files: Sequence[FileCoverage]) -> float:
    """Branches taken, in percent of all; 0 when nothing was measured, because that is no success."""
    total = sum(one.branches for one in files)
    return 100 * sum(one.branches_hit for one in files) / total if total else 0.0


def measure() -> list[FileCoverage]:
    """Runs every contract test but gas and invariants. ConfigurationWrong when one fails or forge writes no report."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "lcov.info"
        command = [str(forge_binary()), "coverage", "--no-match-contract", _LEFT_OUT, "--report", "lcov"]
        done = subprocess.run(
            [*command, "--report-file", str(report)],
            cwd=ROOT,
            env={**os.environ, "FOUNDRY_PROFILE": "coverage"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode or not report.exists():
            print(done.stdout + done.stderr, file=sys.stderr)
            raise ConfigurationWrong("forge coverage", f"ended with {done.returncode}", "Its output stands above.")
        with report.open(encoding="utf-8") as lines:
            return read_lcov(lines)


def print_table(files: Sequence[FileCoverage]) -> None:
    """One row a file, with the lines of branches that no test takes."""
    table = Table("file", "lines", "branches", "branches missed at lines", box=None)
    for one in files:
        missed = " ".join(map(str, one.missed))
        table.add_row(one.path, f"{one.lines_hit}/{one.lines}", f"{one.branches_hit}/{one.branches}", missed)
    Console().print(table)


def main() -> int:
    """The command line: 0 at or above the floor."""
    files = measure()
    print_table(files)
    percent = branch_percent(files)
    print(f"branches of contracts: {percent:.1f} % (floor {BRANCH_FLOOR_PERCENT} %)")
    return 0 if percent >= BRANCH_FLOOR_PERCENT else 1


if __name__ == "__main__":
    sys.exit(main())
