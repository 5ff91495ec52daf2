"""The process of an embedded chain, and the making of its blocks: what anvil and ganache have in common.

The runner itself makes each block, at the ledger's clock: so chain time follows a demonstration that starts in the
past. Blocks come each period while transactions wait, else now and then. The process ends with its runner.
"""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import structlog

from ledger_node.chain.answers import Header
from ledger_node.chain.engine import Engine
from ledger_node.chain.rpc import Node
from ledger_node.domain.clock import Clock
from ledger_node.errors import ChainError, EngineFailed, NodeUnreachable

NODE_MODULES: Final = Path(__file__).resolve().parents[2] / "node_modules"
START_SECONDS: Final = 60
LEAD_SECONDS: Final = 2
_log = structlog.get_logger(__name__)


class Runner:
    """What both engines share: the process, and the making of blocks. Use it in a `with`, or call `run`.

    `period_seconds` and `idle_seconds` are real time; block times are the clock's.
    """

    name = ""

    def __init__(
        self,
        folder: Path,
        port: int,
        chain_id: int,
        clock: Clock,
        *,
        period_seconds: float = 1.0,
        idle_seconds: float = 5.0,
        node_modules: Path = NODE_MODULES,
    ) -> None:
        self.folder = folder
        self.port = port
        self.chain_id = chain_id
        self.clock = clock
        self.period_seconds = period_seconds
        self.idle_seconds = idle_seconds
        self.node_modules = node_modules
        self.url = f"http://127.0.0.1:{port}"
        self.node = Node(self.url, timeout_seconds=60)
        self._process: subprocess.Popen[bytes] | None = None
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._making = threading.RLock()
        self._last: Header | None = None
        self._last_made_at = 0.0

    @property
    def engine(self) -> Engine:
        """The profile to use with this chain."""
        raise NotImplementedError

    @property
    def pid(self) -> int | None:
        """The engine's process, None while it does not run."""
        return self._process.pid if self._process else None

    def command(self) -> Sequence[str]:
        """What starts the engine. Raises EngineFailed when its program is missing."""
        raise NotImplementedError

    def has_waiting(self) -> bool:
        """Whether transactions wait for a block."""
        raise NotImplementedError

    # --- life ---

    def __enter__(self) -> Self:
        self.start()
        self._stop.clear()
        self._thread = threading.Thread(target=self._make_blocks, name=f"{self.name}-blocks", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        if self._thread:
            self._thread.join()
        self.end()
        self.node.close()

    def run(self, stop: threading.Event, funded: Sequence[bytes] = ()) -> None:
        """Starts the engine, funds accounts and makes blocks until `stop`.

        Raises EngineFailed when the engine ends by itself.
        """
        self.start()
        try:
            self.fund(funded)
            while not stop.wait(self.period_seconds):
                self.step()
        finally:
            self.end()

    def start(self) -> None:
        """Starts the process and waits until it answers. Raises EngineFailed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._end_forgotten()
        _require_free(self.name, self.port)
        command = list(self.command())
        with (self.folder / "engine.log").open("wb") as output:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, cwd=self.folder,
                env={"PATH": os.environ.get("PATH", os.defpath), "HOME": str(self.folder)},
                preexec_fn=_ending_with_parent(),
            )  # fmt: skip
        (self.folder / "engine.pid").write_text(str(self._process.pid))
        self._wait_until_it_answers()
        found = self.node.chain_id()
        if found != self.chain_id:
            raise EngineFailed(self.name, f"it runs chain {found} instead of {self.chain_id}")
        self._last = self.node.header("latest")

    def end(self) -> None:
        """Ends the process; what it holds is kept."""
        process = self._process
        if process is None:
            return
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._process = None
        (self.folder / "engine.pid").unlink(missing_ok=True)

    def kill(self) -> None:
        """Ends the process as a crash would."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    # --- blocks ---

    def step(self) -> None:
        """Makes a block if one is due. Raises EngineFailed when the process has ended."""
        with self._making:
            if self._process is not None and self._process.poll() is not None:
                raise EngineFailed(self.name, f"the process ended with {self._process.returncode}{self._said()}")
            idle = time.monotonic() - self._last_made_at >= self.idle_seconds
            if (idle or self.has_waiting()) and self._next_time() <= self.clock.now_s() + LEAD_SECONDS:
                self.mine()
            self.keep()

    def mine(self, blocks: int = 1) -> None:
        """Makes blocks now, each later than the one before, at the clock's time or a second after the last."""
        with self._making:
            for _ in range(blocks):
                self.node.request("evm_mine", self._next_time())
                self._last = self.node.header("latest")
            self._last_made_at = time.monotonic()

    @contextmanager
    def paused(self) -> Generator[None]:
        """Makes no block by itself meanwhile."""
        with self._making:
            yield
            if self._process is not None:
                self._last = self.node.header("latest")

    def fund(self, addresses: Sequence[bytes]) -> None:
        """Gives accounts what they need to send transactions; nothing where gas is free."""

    def keep(self) -> None:
        """Makes durable what is not yet, soon; where the engine does so itself there is nothing to do."""

    def keep_now(self) -> None:
        """Makes durable what is not yet, before it returns."""

    def _next_time(self) -> int:
        return max(self.clock.now_s(), self._last.time + 1 if self._last else 0)

    def _make_blocks(self) -> None:
        while not self._stop.wait(self.period_seconds):
            try:
                self.step()
            except ChainError as error:
                if not self._stop.is_set():
                    _log.warning("no block was made", engine=self.name, why=str(error))

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self.node.chain_id()
                return
            except NodeUnreachable:
                if self._process is None or self._process.poll() is not None:
                    raise EngineFailed(self.name, f"it did not start{self._said()}") from None
                if time.monotonic() > deadline:
                    raise EngineFailed(self.name, f"no answer within {START_SECONDS} s{self._said()}") from None
                time.sleep(0.03)

    def _said(self) -> str:
        try:
            text = (self.folder / "engine.log").read_bytes()[-600:].decode(errors="replace").strip()
        except FileNotFoundError:
            text = ""
        return f": {text}" if text else ""

    def _end_forgotten(self) -> None:
        """Ends an engine of this folder that outlived its runner; no other process."""
        try:
            pid = int((self.folder / "engine.pid").read_text())
            words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
            folder = Path(f"/proc/{pid}/cwd").readlink()
        except (FileNotFoundError, ValueError, PermissionError):
            return
        if folder == self.folder.resolve() and any(self.name in word for word in words):
            os.kill(pid, signal.SIGKILL)
            _wait_until(lambda: not Path(f"/proc/{pid}/cmdline").exists() or not _is_running(pid), 5)


def _require_free(engine: str, port: int) -> None:
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind(("127.0.0.1", port))
        except OSError as error:
            raise EngineFailed(engine, f"port {port} is taken") from error


def _ending_with_parent() -> Callable[[], None] | None:
    """On Linux: lets the kernel end the engine when its runner is killed.

    The kernel looks at the thread that started the process, so only the main thread may ask for it.
    """
    if sys.platform != "linux" or threading.current_thread() is not threading.main_thread():
        return None
    control = ctypes.CDLL(None).prctl

    def ask() -> None:
        control(1, signal.SIGKILL)

    return ask


def _is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _wait_until(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
