"""The folder in which one node keeps everything, and the settings every part of it reads.

`settings.json` is written by `tidemark run` (ports may change from start to start); `clock.json` once. Parts never read
the environment: what a part needs is here, or handed to it.
"""

import fcntl
import json
import socket
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from ledger_node.domain.clock import Clock, real_now_ms
from ledger_node.durable_file import replace_file
from ledger_node.errors import ConfigurationWrong

EngineName = Literal["anvil", "ganache", "url"]
SOURCES_FOLDER = Path(__file__).resolve().parent.parent / "cache" / "sources"
"""Compact copies of the public data sets, made once by the set-up and shared by all nodes of this checkout."""


@dataclass(frozen=True, slots=True)
class NodeSettings:
    """What the parts of a node must agree on. Ports are on the loopback; `rpc_url` is the chain node's.

    `faults`: shares of acts that go wrong on purpose in the replayed market, by name.
    """

    market: str
    engine: EngineName
    chain_id: int
    rpc_url: str
    database_url: str | None
    api_port: int
    broker_port: int
    ingest_port: int
    gateway_ports: list[int]
    demo_seed: str
    stalls: int
    lanes: int
    workers: int
    faults: dict[str, float]

    @property
    def public_url(self) -> str:
        """Where the pages are served, as printed and as QR codes carry it."""
        return f"http://127.0.0.1:{self.api_port}"


class NodeFolder:
    """Paths and settings under one data folder."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()

    def __truediv__(self, name: str) -> Path:
        return self.path / name

    @cached_property
    def settings(self) -> NodeSettings:
        """The settings as last written. Raises ConfigurationWrong where the folder is no node's."""
        return NodeSettings(**self._read("settings.json"))

    @cached_property
    def clock(self) -> Clock:
        """The clock that all parts of this node share."""
        return Clock.from_json(self._read("clock.json"))

    def write_settings(self, settings: NodeSettings) -> None:
        """Replaces the settings."""
        self.path.mkdir(parents=True, exist_ok=True)
        write_atomically(self / "settings.json", json.dumps(asdict(settings), indent=2).encode())
        self.__dict__.pop("settings", None)

    def set_clock_once(self, *, start_ms: int, speed: int) -> None:
        """Lets time start at `start_ms`, unless this folder already has a clock."""
        if not (self / "clock.json").exists():
            clock = Clock(start_ms, real_now_ms(), speed)
            write_atomically(self / "clock.json", json.dumps(clock.to_json()).encode())

    @contextmanager
    def locked(self) -> Generator[None]:
        """Holds the folder for one `tidemark run`. Raises ConfigurationWrong while another one has it."""
        self.path.mkdir(parents=True, exist_ok=True)
        with (self / "lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise ConfigurationWrong(
                    str(self.path), "another tidemark runs on this folder", "Stop it first, or give another --data."
                ) from error
            yield

    def _read(self, name: str) -> dict[str, Any]:
        try:
            row: dict[str, Any] = json.loads((self / name).read_bytes())
        except FileNotFoundError as error:
            raise ConfigurationWrong(
                str(self.path), f"it has no {name}", "Start it once with `tidemark run --data` and this folder."
            ) from error
        except ValueError as error:
            raise ConfigurationWrong(str(self / name), "it is not JSON", "Restore it from a backup.") from error
        return row


def write_atomically(path: Path, data: bytes) -> None:
    """Replaces a file of the node's, which its owner alone may read: a database's address may hold a password."""
    replace_file(path, data, mode=0o600)


def free_ports(count: int) -> list[int]:
    """Loopback ports nobody listens on now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]
    finally:
        for one in sockets:
            one.close()


def require_free(port: int) -> None:
    """Raises ConfigurationWrong if somebody listens on the port."""
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind(("127.0.0.1", port))
        except OSError as error:
            raise ConfigurationWrong(f"port {port}", "it is taken", "Give another one with --port.") from error
