"""Every check and test that a change must pass, and their order: `scripts/test`.

Quick static checks run side by side, then the contracts, then pytest over both processors, then coverage. Each check
prints its own output when it fails, and one line in the closing table. `-k EXPRESSION`, a path or `--fast` narrow it:
the first two run only pytest, the last leaves out what takes long (contract coverage, analysis, browsers, faults).
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from scripts.test_packages import install_test_packages

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
COVERAGE_FLOOR_PERCENT = 90
"""Of lines and branches, by tests that start no whole node."""
LAST_FAILED = ROOT / "cache" / "pytest" / "v" / "cache" / "lastfailed"
SECOND_LOOK_LIMIT = 25
_console = Console(stderr=True, highlight=False)


@dataclass(frozen=True, slots=True)
class Check:
    """One command with the name people see; `slow` ones are left out of `--fast`."""

    name: str
    command: Sequence[str]
    slow: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a check ended."""

    name: str
    passed: bool
    seconds: float


def python(*arguments: str) -> list[str]:
    """A command of this environment's interpreter."""
    return [str(BIN / "python"), *arguments]


def forge(*arguments: str) -> list[str]:
    """A command of forge's own binary: npm's wrapper exits 0 whatever happens."""
    return python("-m", "scripts.forge", *arguments)


STATIC = (
    Check("ruff", [str(BIN / "ruff"), "check", "."]),
    Check("ruff format", [str(BIN / "ruff"), "format", "--check", "."]),
    Check("import-linter", [str(BIN / "lint-imports")]),
    Check("mypy", [str(BIN / "mypy")]),
    Check("pyright", [str(BIN / "pyright")]),
)
CONTRACTS = (
    Check("forge test", forge("test")),
    Check("a failing forge test is seen", python("-m", "scripts.forge", "--prove-red")),
    Check("forge coverage", python("-m", "scripts.contract_coverage"), slow=True),
    Check("slither", python("-m", "scripts.slither"), slow=True),
)


def run_check(check: Check) -> Outcome:
    """Runs one check; its output is shown only if it fails."""
    started = time.monotonic()
    done = subprocess.run(check.command, cwd=ROOT, capture_output=True, text=True, check=False)
    seconds = time.monotonic() - started
    if done.returncode:
        _console.print(f"[bold red]{check.name} failed[/]")
        print(done.stdout + done.stderr, flush=True)
    else:
        _console.print(f"[green]passed[/] {check.name} [dim]{seconds:.0f} s[/]")
    return Outcome(check.name, done.returncode == 0, seconds)


def run_pytest() -> list[Outcome]:
    """Runs pytest with its output on the screen: two tests at a time, then those that start a whole node, one by one.

    What failed is run once more, alone: with two of everything on two processors a wait can be too short. A test that
    passes only then is named, so that it is looked at.
    """
    beside = ["-n", "2", "--dist", "loadgroup", "--durations=25", "-m", "not node", "--cov", "--cov-report="]
    # Not measured: tracing every process of a node would slow the node that is being watched.
    alone = ["--durations=25", "-m", "node"]
    outcomes = [_pytest("pytest", beside), _pytest("pytest, whole nodes", alone)]
    failed = _failed_tests()
    if all(one.passed for one in outcomes) or not failed or len(failed) > SECOND_LOOK_LIMIT:
        return outcomes
    _console.print(f"[yellow]Once more, alone:[/] {', '.join(failed)}")
    again = _pytest("pytest, once more what failed", ["--last-failed"])
    if again.passed:
        _console.print(f"[yellow]passed only the second time:[/] {', '.join(failed)}")
    return [again]


def _pytest(name: str, options: Sequence[str]) -> Outcome:
    started = time.monotonic()
    done = subprocess.run(python("-m", "pytest", *options), cwd=ROOT, check=False)
    return Outcome(name, done.returncode == 0, time.monotonic() - started)


def _failed_tests() -> list[str]:
    """What pytest remembers as failed in the last run."""
    try:
        remembered: dict[str, bool] = json.loads(LAST_FAILED.read_text())
    except FileNotFoundError:
        return []
    return list(remembered)


def run_coverage() -> Outcome:
    """Python coverage over all processes of the run, at least COVERAGE_FLOOR_PERCENT."""
    started = time.monotonic()
    command = python("-m", "coverage", "report", "--skip-covered", f"--fail-under={COVERAGE_FLOOR_PERCENT}")
    done = subprocess.run(command, cwd=ROOT, check=False)
    return Outcome(f"coverage >= {COVERAGE_FLOOR_PERCENT} %", done.returncode == 0, time.monotonic() - started)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs what was asked for; 0 when all of it passed."""
    parser = argparse.ArgumentParser(prog="scripts/test", description=__doc__)
    parser.add_argument("--fast", action="store_true", help="leave out what takes long")
    parser.add_argument("-k", dest="expression", help="only pytest, only tests that match")
    parser.add_argument("paths", nargs="*", help="only pytest, only these paths")
    asked = parser.parse_args(arguments)
    os.environ["PATH"] = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    install_test_packages()
    if asked.expression or asked.paths:
        chosen = [*asked.paths, *(["-k", asked.expression] if asked.expression else [])]
        return report([_pytest("pytest", ["-n", "2", *chosen])])
    outcomes = side_by_side(STATIC)
    outcomes += [run_check(check) for check in CONTRACTS if not (asked.fast and check.slow)]
    if asked.fast:
        outcomes.append(_pytest("pytest", ["-n", "2", "-m", "not slow and not browser and not fault"]))
    else:
        outcomes += [*run_pytest(), run_coverage()]
    return report(outcomes)


def side_by_side(checks: Sequence[Check]) -> list[Outcome]:
    """Runs checks two at a time."""
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(run_check, checks))


def report(outcomes: Sequence[Outcome]) -> int:
    """Prints the closing table and the plain closing line."""
    table = Table("check", "result", "seconds", box=None)
    for one in outcomes:
        table.add_row(one.name, "[green]passed[/]" if one.passed else "[red]failed[/]", f"{one.seconds:.0f}")
    _console.print(table)
    failed = sum(not one.passed for one in outcomes)
    print(f"checks: {len(outcomes) - failed} passed, {failed} failed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
