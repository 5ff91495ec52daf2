"""The table every benchmark prints: figures with their targets, and machine, commit and command to judge them by."""

import platform
import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure, as text with its unit, beside the target of the specification."""

    name: str
    measured: str
    target: str = "–"
    remark: str = ""


def print_figures(title: str, figures: Sequence[Figure]) -> None:
    """Prints the table of one benchmark."""
    table = Table("figure", "measured", "target", "remark", title=title, box=None, title_justify="left")
    for one in figures:
        table.add_row(one.name, one.measured, one.target, one.remark)
    console = Console(width=140, highlight=False)
    console.print(table)
    console.print(f"machine: {machine()}\ncommit:  {commit()}\ncommand: {command()}")


def machine() -> str:
    """Processor, number of processors in use, memory, system, interpreter."""
    cpu = next(
        (line.split(":", 1)[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.processor() or platform.machine(),
    )
    memory = next((int(line.split()[1]) // 2**20 for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    cores = sum(line.startswith("processor") for line in _lines("/proc/cpuinfo"))
    system = f"{platform.system()} {platform.release()}"
    return f"{cores} × {cpu}, {memory} GiB, {system}, Python {platform.python_version()}"


def commit() -> str:
    """The commit that was measured; `+` when files were changed since."""
    name = _git("rev-parse", "--short", "HEAD")
    return name + ("+" if _git("status", "--porcelain", "--untracked-files=no") else "")


def command() -> str:
    """How to run it again."""
    module = getattr(sys.modules["__main__"].__spec__, "name", sys.argv[0])
    return shlex.join(["python", "-m", module, *sys.argv[1:]])


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` (0–1) of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]


def _lines(path: str) -> list[str]:
    file = Path(path)
    return file.read_text().splitlines() if file.exists() else []


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
