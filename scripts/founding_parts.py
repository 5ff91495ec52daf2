"""The parts that a node begins with, before the others are imported: its chain, its broker, its founding.

Also what these and the other parts have in common: the node's databases, and how its chain is reached.
"""

import math
import threading
import time
from collections.abc import Callable
from typing import Final

from ledger_node.chain.engine import Engine, ganache_engine, url_engine
from ledger_node.chain.rpc import Node
from ledger_node.chain.runner import AnvilRunner, GanacheRunner, Runner
from ledger_node.deployment.demo import all_accounts
from ledger_node.errors import NodeUnreachable
from ledger_node.indexer.apply import newest_final
from ledger_node.store import Stores, migrate, open_stores
from oracles.broker.process import BrokerProcess
from scripts import demo
from scripts.node_folder import NodeFolder

BLOCK_PERIOD_SECONDS: Final = 0.25
CHAIN_LIMIT_SECONDS: Final = 90.0
"""How long a new node waits for its chain: the embedded one starts within 60 s or says why not."""


def run_chain(folder: NodeFolder, stop: threading.Event) -> None:
    """The embedded chain."""
    runner_of(folder).run(stop, all_accounts(folder.settings.demo_seed, folder.settings.lanes))


def run_broker(folder: NodeFolder, stop: threading.Event) -> None:
    """The embedded broker."""
    BrokerProcess(folder.settings.broker_port, folder / "broker").run(stop)


def run_found(folder: NodeFolder, stop: threading.Event) -> None:
    """Schema and market: ends by itself."""
    stores = stores_of(folder)
    migrate(stores)
    newest = last_final_block(stores)
    stores.dispose()
    node = await_chain(folder, stop, limit_seconds=CHAIN_LIMIT_SECONDS)
    _await_funds(folder, node, stop)
    demo.found_demo(folder, node, engine_of(folder), last_final_block=newest)


def engine_of(folder: NodeFolder) -> Engine:
    """The profile of the node's chain."""
    if folder.settings.engine == "anvil":
        return runner_of(folder).engine
    return ganache_engine() if folder.settings.engine == "ganache" else url_engine()


def runner_of(folder: NodeFolder) -> Runner:
    """What keeps the embedded chain running, or would."""
    settings = folder.settings
    port = int(settings.rpc_url.rpartition(":")[2])
    kind = AnvilRunner if settings.engine == "anvil" else GanacheRunner
    return kind(folder / "chain", port, settings.chain_id, folder.clock, period_seconds=BLOCK_PERIOD_SECONDS)


def stores_of(folder: NodeFolder) -> Stores:
    """The node's three databases."""
    return open_stores(folder.path, folder.settings.database_url)


def await_chain(folder: NodeFolder, stop: threading.Event, *, limit_seconds: float = math.inf) -> Node:
    """The node, once it answers; it may start later than we do. NodeUnreachable when it does not within the limit."""
    node = Node(folder.settings.rpc_url)
    deadline = time.monotonic() + limit_seconds
    while not stop.is_set():
        try:
            node.chain_id()
            break
        except NodeUnreachable:
            if time.monotonic() > deadline:
                raise
            stop.wait(0.05)
    return node


def _await_funds(folder: NodeFolder, node: Node, stop: threading.Event) -> None:
    """Where gas has a price, waits until the chain's part has given the accounts what they need."""
    if folder.settings.engine != "ganache":
        return
    accounts = all_accounts(folder.settings.demo_seed, folder.settings.lanes)
    while not stop.is_set() and not all(node.balance(account) for account in accounts):
        stop.wait(0.1)


def last_final_block(stores: Stores) -> int:
    """The newest block that the indexer knows as final; 0 before there is one."""
    with stores.projections.read() as connection:
        final = newest_final(connection)
    return 0 if final is None else final.number


FOUNDING_PARTS: Final[dict[str, Callable[[NodeFolder, threading.Event], None]]] = {
    "chain": run_chain,
    "broker": run_broker,
    "found": run_found,
}
