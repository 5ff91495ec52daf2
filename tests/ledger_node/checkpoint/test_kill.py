"""kill -9 of a real checkpoint process between any two of its steps; the next one ends with the same log."""

import multiprocessing
import os
import signal
from pathlib import Path

import pytest

from ledger_node.domain import fault, merkle
from ledger_node.domain.checkpoint_note import parse_note
from ledger_node.store import Stores, open_stores
from ledger_node.store.log_reader import LogReader, SubjectMapReader
from tests.ledger_node.checkpoint.world import Hands, World, entries_of

pytestmark = pytest.mark.fault


def sign_and_die(folder: Path, database_url: str | None, now_ms: int, label: str) -> None:
    """A checkpoint process that is killed when it first stands at the label."""
    fault.arm(label, lambda: os.kill(os.getpid(), signal.SIGKILL))
    world = World(open_stores(folder, database_url), folder, Hands(now_ms))
    world.settle(world.log("mortal"))


@pytest.mark.parametrize("label", ["C1", "C2", "C3", "C4", "C5", "C6"])
def test_a_killed_log_goes_on_where_it_stopped(
    stores: Stores, database_url: str | None, tmp_path: Path, label: str
) -> None:
    world = World(stores, tmp_path)
    entries = entries_of(600, per_block=3, subjects=40)
    world.add_events(entries[:249])
    world.settle().close()
    first = parse_note((tmp_path / "log" / "checkpoint").read_text()).note
    world.add_events(entries[249:])
    world.hands.pass_seconds(2)
    orders = (tmp_path, database_url, world.hands.now_ms, label)
    process = multiprocessing.get_context("spawn").Process(target=sign_and_die, args=orders)
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    world.hands.pass_seconds(20)
    world.settle(world.log("next"))
    note = parse_note((tmp_path / "log" / "checkpoint").read_text()).note
    reader = LogReader(stores.log)
    assert (note.size, note.root) == (600, merkle.root([entry.leaf_hash for entry in entries]))
    assert note.subjects == SubjectMapReader(stores.log).root(600)
    merkle.verify_consistency(first.size, first.root, note.size, note.root, reader.consistency(first.size, note.size))
    newest = reader.newest_signed()
    assert newest is not None
    assert newest.published_at_ms is not None
