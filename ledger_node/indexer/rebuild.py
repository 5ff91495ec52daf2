"""Rebuilding the projections from block 0 into an empty database, with the indexer's own code."""

from collections.abc import Callable
from threading import Event
from typing import Final

from ledger_node.errors import ConfigurationWrong
from ledger_node.indexer.apply import read_cursor
from ledger_node.indexer.indexer import Indexer
from ledger_node.store.database import Database

WAIT_SECONDS: Final = 0.2


def rebuild(
    indexer: Indexer, projections: Database, last_block: int, *, progress: Callable[[int, int], None] | None = None
) -> int:
    """Runs an indexer made for the empty database `projections` up to `last_block`; the block it ends at.

    `progress` hears (block, last block) after every step. Raises ConfigurationWrong when the database is not empty.
    """
    if _block(projections) >= 0:
        raise ConfigurationWrong("projections", "the database to rebuild into holds blocks", "Name an empty database.")
    patience = Event()
    while (moved := indexer.step()) or _block(projections) < last_block:
        if not moved:
            patience.wait(WAIT_SECONDS)  # the chain is not that long yet, or another indexer leads here
        elif progress is not None:
            progress(_block(projections), last_block)
    indexer.close()
    return _block(projections)


def _block(projections: Database) -> int:
    with projections.read() as connection:
        cursor = read_cursor(connection)
    return -1 if cursor is None else cursor.number
