"""`tidemark run`: the whole system on this machine, from an empty folder to the first proven sale.

A first start founds the demonstration's market on a fresh chain; a later one goes on where the last stopped. All real
work happens in forked parts (`scripts.supervisor`), so this process can be killed at any moment.
"""

import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast, get_args

import httpx
import segno
from rich.console import Console

from ledger_node.domain.clock import real_now_ms
from ledger_node.errors import ConfigurationWrong
from oracles.simulate.market_day import replay_start
from oracles.simulate.market_plan import STALLS_A_ZONE
from scripts.founding_parts import FOUNDING_PARTS
from scripts.node_folder import EngineName, NodeFolder, NodeSettings, free_ports, require_free
from scripts.part_process import run_part
from scripts.supervisor import EXIT_REFUSED, Part, PartFailed, PartRefused, Supervisor

DEMO_CHAIN_ID = 13370
MARKET = "zpk"
STOP_ORDER = ("simulate", "gateway", "serve", "ingest", "seal", "submit", "index", "checkpoint", "broker", "chain")
_console = Console(stderr=True, highlight=False)


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What the command line of `tidemark run` says."""

    port: int
    engine: str
    rpc_url: str
    database_url: str | None
    stalls: int
    speed: int
    seed: str
    workers: int
    faults: dict[str, float]


class _Stopped(Exception):
    """Ctrl-C or SIGTERM."""


def run_node(path: Path, options: RunOptions) -> None:
    """Runs until Ctrl-C or SIGTERM. Ends the process with EXIT_REFUSED where a part refuses what it found."""
    folder = NodeFolder(path)
    require_free(options.port)
    with folder.locked():
        folder.write_settings(_settings(options))
        folder.set_clock_once(start_ms=replay_start(real_now_ms()), speed=options.speed)
        supervisor = Supervisor(folder / "logs")
        signal.signal(signal.SIGTERM, _stop)
        signal.signal(signal.SIGINT, _stop)
        try:
            _start(folder, supervisor)
            _announce(folder, supervisor)
            while True:
                supervisor.watch()
                time.sleep(0.1)
        except _Stopped:
            _console.print("Stopping ...")
        except PartRefused as refused:
            _console.print(str(refused), style="red", markup=False)
            sys.exit(EXIT_REFUSED)
        except PartFailed as failed:
            _console.print(str(failed), style="red", markup=False)
            sys.exit(1)
        finally:
            _ignore_signals()
            supervisor.stop(STOP_ORDER)


def _settings(options: RunOptions) -> NodeSettings:
    if options.engine not in get_args(EngineName):
        raise ConfigurationWrong(
            f"engine {options.engine}", "it is unknown", f"Give one of {', '.join(get_args(EngineName))}."
        )
    if (options.engine == "url") != bool(options.rpc_url):
        raise ConfigurationWrong("--rpc-url", "it goes with --engine url and with no other", "Give both or neither.")
    zones = -(-options.stalls // STALLS_A_ZONE)
    rpc, broker, ingest, *gateways = free_ports(3 + zones)
    return NodeSettings(
        market=MARKET,
        engine=cast(EngineName, options.engine),
        chain_id=DEMO_CHAIN_ID,
        rpc_url=options.rpc_url or f"http://127.0.0.1:{rpc}",
        database_url=options.database_url,
        api_port=options.port,
        broker_port=broker,
        ingest_port=ingest,
        gateway_ports=gateways,
        demo_seed=options.seed,
        stalls=options.stalls,
        lanes=2,
        workers=options.workers,
        faults=options.faults,
    )


def _start(folder: NodeFolder, supervisor: Supervisor) -> None:
    def part(name: str, work: Callable[[NodeFolder, threading.Event], None]) -> Part:
        return Part(name, lambda: run_part(name, work, folder))

    _console.print(f"Starting on {folder.path} ...")
    if folder.settings.engine != "url":
        supervisor.start(part("chain", FOUNDING_PARTS["chain"]))
    supervisor.start(part("broker", FOUNDING_PARTS["broker"]))
    _console.print("Making the databases and founding the market on the chain ...")
    supervisor.start_once(part("found", FOUNDING_PARTS["found"]))
    # What the other parts need takes a second to import: here, while the market is being founded.
    from scripts.parts import PARTS

    supervisor.await_end("found")
    for name, work in PARTS.items():
        if name not in FOUNDING_PARTS:
            supervisor.start(part(name, work))


def _announce(folder: NodeFolder, supervisor: Supervisor) -> None:
    """Waits for the first proven sale, then says where everything is."""
    url = folder.settings.public_url
    _console.print("Waiting for the first sale to be signed, judged, pinned and proven ...")
    trace_path = ""
    told: set[str] = set()
    with httpx.Client(base_url=url, timeout=5, trust_env=False) as pages_of_node:
        while not trace_path:
            time.sleep(0.1)
            supervisor.watch()
            for name in set(supervisor.failing()) - told:
                told.add(name)
                _console.print(f"{name} keeps ending and is started again; {folder / 'logs' / name}.log says why.")
            trace_path = _first_proven(pages_of_node)
    pages = {
        "Start page": "/",
        "Live market": "/live",
        "Scan a receipt": "/scan",
        "A proven sale": trace_path,
        "Explorer": "/explorer",
        "API": "/api/v1/docs",
    }
    for name, path in pages.items():
        _console.print(f"  {name:<16}{url}{path}")
    _console.print(f"  {'Keys':<16}made from the seed {folder.settings.demo_seed!r}; no page asks for a log-in yet")
    segno.make(f"{url}{trace_path}", error="m").terminal(out=sys.stderr, compact=True)
    print(f"ready {url}", flush=True)


def _first_proven(node: httpx.Client) -> str:
    """The page of a sale that is proven, or nothing yet."""
    try:
        answer = node.get(f"/api/v1/markets/{MARKET}/first-proven")
    except httpx.HTTPError:
        return ""
    return answer.text.strip() if answer.is_success else ""


def _stop(_number: int, _frame: object) -> None:
    _ignore_signals()
    raise _Stopped


def _ignore_signals() -> None:
    """From now on the parts are being stopped, in order; a second Ctrl-C must not cut that short."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
