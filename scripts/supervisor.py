"""Keeps the parts of one node running as processes: starts, watches, restarts, stops them in order.

Parts are forked from one process that has already imported everything, so ten of them start in a moment and share
their memory. The supervisor itself holds no thread, no socket and no database: killing it never hurts what the parts
keep, and each part can be killed and comes back by itself.
"""

import ctypes
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

EXIT_REFUSED = 78
"""A part that must not run against what it found (another chain, a foreign folder) ends with this status."""
EXIT_STOPPED = 79
"""A part that must not go on until a person has looked ends with this status: it stays down, the others go on."""
FAILURES_LIMIT = 5
_FIRST_PAUSE_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 5.0
_STEADY_SECONDS = 20
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Part:
    """A named process: `work` runs until SIGTERM. `once` parts may end by themselves."""

    name: str
    work: Callable[[], None]
    once: bool = False


@dataclass(slots=True)
class _Child:
    part: Part
    pid: int = 0
    started_at: float = 0.0
    pause_seconds: float = _FIRST_PAUSE_SECONDS
    start_again_at: float = 0.0
    failures: int = 0
    """How often in a row it ended by itself soon after its start. Being killed is no failure of its own."""


class PartFailed(Exception):
    """A part does not start; its log says why."""

    def __init__(self, name: str, why: str, log: Path) -> None:
        super().__init__(f"{name} {why}; the end of {log}:\n{_tail(log)}")
        self.name = name


class PartRefused(Exception):
    """A part ended with EXIT_REFUSED; its log says why."""

    def __init__(self, name: str, log: Path) -> None:
        super().__init__(f"{name} refuses to run; the end of {log}:\n{_tail(log)}")
        self.name = name


@dataclass(slots=True)
class Supervisor:
    """Runs parts; logs go to `<logs>/<part>.log`, process ids to `<logs>/<part>.pid`."""

    logs: Path
    _children: dict[str, _Child] = field(default_factory=dict)
    _stopping: bool = False

    def start(self, part: Part) -> None:
        """Starts a part and keeps it running."""
        self.logs.mkdir(parents=True, exist_ok=True)
        child = self._children[part.name] = _Child(part)
        self._fork(child)

    def start_once(self, part: Part) -> None:
        """Starts a part that ends by itself."""
        self.start(Part(part.name, part.work, once=True))

    def await_end(self, name: str) -> None:
        """Waits for a part started once. Raises PartRefused, or PartFailed when it, or one beside it, cannot start."""
        while name in self._children:
            self.watch()
            for one in self.failing():
                raise PartFailed(one, "cannot start", self.logs / f"{one}.log")
            time.sleep(0.02)

    def watch(self) -> None:
        """Collects parts that ended and starts again those that should run."""
        while self._children:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                break
            if pid == 0:
                break
            self._ended(pid, os.waitstatus_to_exitcode(status))
        for child in list(self._children.values()):
            if child.pid == 0 and not self._stopping and time.monotonic() >= child.start_again_at:
                self._fork(child)

    def failing(self) -> list[str]:
        """Parts that ended FAILURES_LIMIT times in a row soon after their start."""
        return [name for name, child in self._children.items() if child.failures >= FAILURES_LIMIT]

    def stop(self, order: Sequence[str], *, patience_seconds: float = 10) -> None:
        """Ends all parts with SIGTERM in the given order, others after; with SIGKILL whoever does not go in time."""
        self._stopping = True
        rest = [name for name in self._children if name not in order]
        for name in [*order, *rest]:
            self._end(name, patience_seconds)

    def pid(self, name: str) -> int:
        """The process id of a running part; 0 while it is down."""
        return self._children[name].pid if name in self._children else 0

    def _end(self, name: str, patience_seconds: float) -> None:
        child = self._children.pop(name, None)
        if child is None or child.pid == 0:
            return
        _signal(child.pid, signal.SIGTERM)
        limit = time.monotonic() + patience_seconds
        while not _has_ended(child.pid):
            if time.monotonic() > limit:
                _signal(child.pid, signal.SIGKILL)
                limit = float("inf")
            time.sleep(0.01)

    def _ended(self, pid: int, status: int) -> None:
        child = next((one for one in self._children.values() if one.pid == pid), None)
        if child is None:
            return
        name = child.part.name
        log = self.logs / f"{name}.log"
        if status == EXIT_REFUSED:
            raise PartRefused(name, log)
        if child.part.once:
            del self._children[name]
            if status:
                raise PartFailed(name, f"failed with status {status}", log)
            return
        if status == EXIT_STOPPED:
            del self._children[name]
            with log.open("a") as file:
                file.write("stays down until the next start: a person must look\n")
            return
        lived = time.monotonic() - child.started_at
        if lived > _STEADY_SECONDS:
            child.failures = 0
        elif status > 0:
            child.failures += 1
        child.pause_seconds = (
            _FIRST_PAUSE_SECONDS if lived > _STEADY_SECONDS else min(child.pause_seconds * 2, _LONGEST_PAUSE_SECONDS)
        )
        child.pid, child.start_again_at = 0, time.monotonic() + child.pause_seconds
        with log.open("a") as file:
            file.write(f"ended with status {status}; starting again\n")

    def _fork(self, child: _Child) -> None:
        parent = os.getpid()
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            _become(child.part, self.logs / f"{child.part.name}.log", parent)
        child.pid, child.started_at = pid, time.monotonic()
        (self.logs / f"{child.part.name}.pid").write_text(str(pid))


def _become(part: Part, log: Path, parent: int) -> None:
    """The life of a forked part; never returns."""
    status = 1
    try:
        # Ctrl-C reaches every process of the terminal; only the supervisor decides who stops when.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        die_with(parent)
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
        os.dup2(output, 1)
        os.dup2(output, 2)
        part.work()
        status = 0
    except SystemExit as leaving:
        status = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def die_with(parent: int) -> None:
    """Asks the kernel for SIGTERM when the parent dies (Linux); elsewhere an orphan runs on until it is stopped."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _has_ended(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG)[0] != 0
    except ChildProcessError:
        return True


def _tail(log: Path, lines: int = 12) -> str:
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except FileNotFoundError:
        return ""
