"""kill -9 of a real indexer process at X1 and X2, also while it undoes blocks; the next one ends with equal tables."""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ledger_node.chain.engine import anvil_engine
from ledger_node.chain.rpc import Node
from ledger_node.deployment.deployment import Deployment
from ledger_node.domain import fault
from ledger_node.domain.clock import Clock
from ledger_node.indexer.indexer import Indexer
from ledger_node.store import Stores, open_stores
from tests.ledger_node.indexer.world import Chain, Follower, Load

pytestmark = pytest.mark.fault


@dataclass(frozen=True)
class Orders:
    """What the process that is going to die needs to know."""

    folder: Path
    database_url: str | None
    rpc_url: str
    deployment: Deployment
    real_ms: int
    label: str
    times: int


def index_and_die(orders: Orders) -> None:
    """An indexer process that is killed when it stands at the label for the n-th time."""
    left = orders.times

    def die() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    fault.arm(orders.label, die)
    running = Indexer(
        open_stores(orders.folder, orders.database_url),
        Node(orders.rpc_url),
        anvil_engine(orders.folder / "state.json"),
        orders.deployment,
        Clock(real=lambda: orders.real_ms),
        evidence=orders.folder / "evidence",
        holder="mortal",
    )
    while running.step():
        pass


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    started = Chain(tmp_path)
    yield started
    started.stop()


@pytest.mark.parametrize(("label", "times"), [("X1", 1), ("X1", 4), ("X2", 1), ("X2", 4)])
def test_a_killed_indexer_leaves_whole_blocks(
    chain: Chain, stores: Stores, database_url: str | None, tmp_path: Path, label: str, times: int
) -> None:
    load, follower = Load(chain), Follower(chain, stores, tmp_path)
    load.begin()
    for _ in range(5):
        load.block()
        load.pin()
    follower.settle(follower.indexer("first"))
    chain.reorganise(3)
    for _ in range(3):
        load.block()
        load.pin()
    follower.real_ms += 20_000
    orders = Orders(tmp_path, database_url, chain.node.url, chain.deployment, follower.real_ms, label, times)
    process = multiprocessing.get_context("spawn").Process(target=index_and_die, args=(orders,))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert follower.head() < chain.node.block_number()
    follower.real_ms += 20_000
    follower.settle(follower.indexer("next"))
    assert follower.head() == chain.node.block_number()
    follower.assert_rebuild_is_equal()
