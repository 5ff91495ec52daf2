"""A whole node under test: `tidemark run` in a folder of its own, its parts killed and watched from outside."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
from sqlalchemy import Connection, Select, func, select

from ledger_node.chain.runner import AnvilRunner, GanacheRunner
from ledger_node.content.local import LocalStore
from ledger_node.deployment.deployment import Deployment
from ledger_node.domain.clock import real_now_ms
from ledger_node.domain.record import name_hash
from ledger_node.store import Stores, open_stores
from ledger_node.store.journal import journal_metadata
from ledger_node.store.log import log_metadata
from ledger_node.store.projections import projections_metadata
from oracles.simulate.market_day import replay_start
from scripts import demo
from scripts.founding_parts import engine_of
from scripts.node_folder import NodeFolder, free_ports
from tests.support.checker import Findings, Sent, check_node, read_outboxes

RECORD = journal_metadata.tables["record"]
BATCH = journal_metadata.tables["batch"]
PIN = projections_metadata.tables["pin"]
BLOCK = projections_metadata.tables["block"]
NOTE = log_metadata.tables["note"]
READY_SECONDS = 150
DRAIN_SECONDS = 150
WAIT_SECONDS = 90
SPEED = 60
HOLD = "hold"
LAUNCHER = (sys.executable, "-m", "scripts.cli")
DAY_MS = 86_400_000


@dataclass(frozen=True)
class Counts:
    """How far each part of a node has come; blocks are numbers, -1 before the first."""

    signed_bytes: int
    outbox_rows: int
    records: int
    sales: int
    batches: int
    pins: int
    indexed_block: int
    final_block: int
    checkpoint_block: int


class RunningNode:
    """The process tree of one `tidemark run`."""

    def __init__(self, path: Path, options: Sequence[str], launcher: Sequence[str] = LAUNCHER) -> None:
        self.path = path
        self.port = free_ports(1)[0]
        self.url = f"http://127.0.0.1:{self.port}"
        self._command = [*launcher, "run", "--data", str(path), "--port", str(self.port), *options]
        self.process: subprocess.Popen[str] | None = None
        self.acknowledged: frozenset[bytes] = frozenset()
        self.printed: list[str] = []

    @property
    def folder(self) -> NodeFolder:
        """The node's folder, its settings read anew."""
        return NodeFolder(self.path)

    def start(self) -> None:
        """Starts it and waits until the first sale is proven."""
        self.start_unready()
        self.wait(lambda: f"ready {self.url}" in self.printed, READY_SECONDS, "the first proven sale")

    def start_unready(self) -> None:
        """Starts it. A new node replays a whole market day from a day before, so there is always something to sell."""
        NodeFolder(self.path).path.mkdir(parents=True, exist_ok=True)
        self.folder.set_clock_once(start_ms=replay_start(real_now_ms() - DAY_MS), speed=SPEED)
        self.printed.clear()
        self.process = subprocess.Popen(self._command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        reader = threading.Thread(target=self._read, args=(self.process,), daemon=True)
        reader.start()

    def stop(self) -> None:
        """Ends it as Ctrl-C does."""
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)
            self.process = None

    def kill(self, part: str) -> bool:
        """kill -9 of one part (`engine` is the chain's own process); whether there was one."""
        file = self.path / "chain" / "engine.pid" if part == "engine" else self.path / "logs" / f"{part}.pid"
        try:
            pid = int(file.read_text())
            os.kill(pid, signal.SIGKILL)
        except (FileNotFoundError, ProcessLookupError, ValueError):
            return False
        return True

    @contextmanager
    def hanging(self, part: str) -> Generator[None]:
        """SIGSTOP of one part and SIGCONT afterwards: it hangs, with all that it holds."""
        pid = int((self.path / "logs" / f"{part}.pid").read_text())
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    @contextmanager
    def down(self, part: str) -> Generator[None]:
        """Keeps one part dead: it is killed again as often as the supervisor starts it."""
        over = threading.Event()

        def keep_dead() -> None:
            while not over.is_set():
                self.kill(part)
                over.wait(0.02)

        killer = threading.Thread(target=keep_dead, name=f"kills-{part}")
        killer.start()
        try:
            yield
        finally:
            over.set()
            killer.join()

    def counts(self, stores: Stores) -> Counts:
        """How far each part has come."""
        with stores.journal.read() as journal, stores.projections.read() as chain, stores.log.read() as log:
            published = select(func.max(NOTE.c.block_number)).where(NOTE.c.published_at_ms.is_not(None))
            return Counts(
                signed_bytes=sum(file.stat().st_size for file in (self.path / "devices").rglob("*") if file.is_file()),
                outbox_rows=sum(_rows(file) for file in (self.path / "gateway").rglob("outbox.sqlite")),
                records=_number(journal, select(func.count()).select_from(RECORD)),
                sales=_number(journal, select(func.count()).select_from(RECORD).where(RECORD.c.kind == "sale")),
                batches=_number(journal, select(func.count()).select_from(BATCH)),
                pins=_number(chain, select(func.count()).select_from(PIN)),
                indexed_block=_number(chain, select(func.max(BLOCK.c.number))),
                final_block=_number(chain, select(func.max(BLOCK.c.number)).where(BLOCK.c.final)),
                checkpoint_block=_number(log, published),
            )

    def ended(self, seconds: float = WAIT_SECONDS) -> int:
        """Waits until `tidemark run` ends by itself; its status."""
        assert self.process is not None
        status = self.process.wait(seconds)
        self.process = None
        return status

    def said(self) -> str:
        """All that it printed since its last start, in one line."""
        return " ".join(" ".join(self.printed).split())

    def wait(self, condition: Callable[[], bool], seconds: float = WAIT_SECONDS, what: str = "a change") -> None:
        """Waits for something to become true; AssertionError with what the node said."""
        limit = time.monotonic() + seconds
        while not condition():
            said = "\n".join(self.printed[-30:])
            assert self.process is None or self.process.poll() is None, f"the node ended:\n{said}"
            assert time.monotonic() < limit, f"waited {seconds} s in vain for {what}:\n{said}\n{self._logs()}"
            time.sleep(0.1)

    def drain(self) -> None:
        """Waits until everything that is journaled now is in a final pin and under a checkpoint.

        What was acknowledged before this began must be on the chain afterwards; trade goes on meanwhile.
        """
        self.acknowledged = self.sent().acknowledged
        stores = self.stores()
        try:
            with stores.journal.read() as connection:
                wanted: dict[str, int] = {
                    row[0]: row[1]
                    for row in connection.execute(
                        select(RECORD.c.stream, func.max(RECORD.c.position)).group_by(RECORD.c.stream)
                    )
                }
            self.wait(lambda: _is_drained(stores, wanted), DRAIN_SECONDS, f"pins of {wanted}")
        finally:
            stores.dispose()

    def sent(self) -> Sent:
        """What the gateways' outboxes say now."""
        gateways = demo.market_plan(self.folder.settings).gateways
        return read_outboxes(self.path / "gateway" / name.rpartition(":")[2] for name in gateways)

    def stores(self) -> Stores:
        """The node's databases, opened beside it."""
        return open_stores(self.path, self.folder.settings.database_url)

    def get(self, path: str) -> httpx.Response:
        """One request to the API."""
        return httpx.get(self.url + path, timeout=20, trust_env=False)

    def _read(self, process: subprocess.Popen[str]) -> None:
        for line in process.stdout or ():
            self.printed.append(line.rstrip("\n"))

    def _logs(self) -> str:
        parts = []
        for log in sorted((self.path / "logs").glob("*.log")):
            with suppress(OSError):
                parts.append(f"== {log.name}\n" + "\n".join(log.read_text(errors="replace").splitlines()[-5:]))
        return "\n".join(parts)


def _number(connection: Connection, query: Select[tuple[int | None]] | Select[tuple[int]]) -> int:
    found = connection.execute(query).scalar()
    return -1 if found is None else found


def _rows(outbox: Path) -> int:
    with closing(sqlite3.connect(f"file:{outbox}?mode=ro", uri=True, timeout=30)) as connection:
        return int(connection.execute("SELECT count(*) FROM outbox").fetchone()[0])


def _is_drained(stores: Stores, wanted: dict[str, int]) -> bool:
    with stores.journal.read() as journal, stores.projections.read() as chain, stores.log.read() as log:
        published = log.execute(select(func.max(NOTE.c.block_number)).where(NOTE.c.published_at_ms.is_not(None)))
        block = published.scalar() or -1
        final = {row.stream: row.sequence for row in chain.execute(
            select(PIN.c.stream, func.max(PIN.c.sequence).label("sequence"))
            .where(PIN.c.block_number <= block).group_by(PIN.c.stream)
        )}  # fmt: skip
        for stream, position in wanted.items():
            batch = journal.execute(
                select(BATCH.c.sequence).where(
                    BATCH.c.stream == stream,
                    BATCH.c.first_position <= position,
                    BATCH.c.first_position + BATCH.c.count > position,
                )
            ).scalar()
            if batch is None or final.get(name_hash(stream), 0) < batch:
                return False
    return True


@contextmanager
def a_node(path: Path, *options: str, launcher: Sequence[str] = LAUNCHER) -> Generator[RunningNode]:
    """A started node; stopped at the end whatever happens."""
    node = RunningNode(path, options, launcher)
    try:
        node.start()
        yield node
    finally:
        node.stop()


def check_stopped(node: RunningNode, scratch: Path) -> Findings:
    """The checker over a node that has been stopped: its chain is started again for reading."""
    folder = node.folder
    settings, plan = folder.settings, demo.market_plan(folder.settings)
    kind = AnvilRunner if settings.engine == "anvil" else GanacheRunner
    port = free_ports(1)[0]
    deployment = Deployment.parse((folder / "deployment.json").read_bytes())
    stores = node.stores()
    with (
        kind(folder / "chain", port, settings.chain_id, folder.clock, idle_seconds=3600) as runner,
        LocalStore(folder / "content") as content,
    ):
        own = (plan.node, plan.ledger)
        findings = check_node(
            stores, runner.node, engine_of(folder), deployment, content, node.sent(), node.acknowledged, own, scratch
        )
    stores.dispose()
    return findings
