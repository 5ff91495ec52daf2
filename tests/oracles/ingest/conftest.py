"""The market that tests of ingest send to, on each kind of database."""

from collections.abc import Generator

import pytest

from ledger_node.store import Stores
from tests.oracles.ingest.world import World


@pytest.fixture
def world(stores: Stores) -> Generator[World]:
    """A node that has received one lot."""
    made = World(stores)
    made.stock()
    yield made
    made.core.close()
