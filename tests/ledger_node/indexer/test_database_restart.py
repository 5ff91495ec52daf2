"""A PostgreSQL that is restarted under the indexer and the checkpoint log: both wait and go on."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger_node.store import migrate, open_stores
from ledger_node.store.log_reader import LogReader
from tests.ledger_node.checkpoint.world import World, entries_of
from tests.ledger_node.indexer.world import Chain, Follower, Load
from tests.support.stores import PostgresCluster

pytestmark = pytest.mark.fault


def wait_until(condition: Callable[[], bool], thread: threading.Thread) -> None:
    """Waits as long as the thread lives; pytest's time-out ends a wait for nothing."""
    patience = threading.Event()
    while thread.is_alive() and not condition():
        patience.wait(0.05)
    assert thread.is_alive()


def published_size(reader: LogReader) -> int:
    """The size of the newest published note; 0 before the first."""
    note = reader.newest_published()
    return 0 if note is None else note.size


def test_both_go_on_after_the_database_was_restarted(postgres_cluster: PostgresCluster, tmp_path: Path) -> None:
    stores = open_stores(tmp_path, postgres_cluster.new_database())
    migrate(stores)
    chain = Chain(tmp_path)
    stopping = threading.Event()
    try:
        load, follower = Load(chain), Follower(chain, stores, tmp_path)
        load.begin()
        world = World(open_stores(tmp_path / "log", postgres_cluster.new_database()), tmp_path)
        world.add_events(entries_of(5))
        log = world.log()
        indexing = threading.Thread(target=follower.indexer(poll_seconds=0.1).run, args=(stopping,))
        signing = threading.Thread(target=log.run, args=(stopping,))
        indexing.start()
        signing.start()
        reader = LogReader(world.stores.log)
        wait_until(lambda: follower.events() > 0, indexing)
        wait_until(lambda: published_size(reader) > 0, signing)
        postgres_cluster.restart()
        load.block()
        load.pin()
        chain.mine()
        world.hands.pass_seconds(2)
        world.add_events(entries_of(5, start=5))
        wait_until(lambda: follower.head() == chain.node.block_number(), indexing)
        wait_until(lambda: published_size(reader) == 10, signing)
        stopping.set()
        indexing.join()
        signing.join()
        follower.assert_rebuild_is_equal()
        world.stores.dispose()
    finally:
        stopping.set()
        chain.stop()
        stores.dispose()
