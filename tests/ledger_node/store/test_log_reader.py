"""What proofs read from the log, as of any size, while the log goes on growing."""

from pathlib import Path

import pytest

from ledger_node.domain import merkle
from ledger_node.domain.subject_map import SubjectMap, SubjectState, absence_root, history_root, subject_key
from ledger_node.errors import MerkleProofWrong
from ledger_node.store import Stores
from ledger_node.store.log_reader import LogReader, SubjectMapReader
from tests.ledger_node.checkpoint.world import World, entries_of

ENTRIES = entries_of(120, per_block=4, subjects=50)
ADDRESS = ENTRIES[0].address


@pytest.fixture
def world(stores: Stores, tmp_path: Path) -> World:
    made = World(stores, tmp_path)
    made.add_events(ENTRIES[:60])
    made.settle().close()
    made.hands.pass_seconds(2)
    made.add_events(ENTRIES[60:])
    made.settle().close()
    return made


def the_map(size: int) -> SubjectMap:
    made = SubjectMap()
    made.add(enumerate(ENTRIES[:size]))
    return made


def test_notes_are_found_by_newness_size_and_what_they_cover(world: World) -> None:
    reader = LogReader(world.stores.log)
    newest, old = reader.newest_published(), reader.published_at_size(60)
    assert newest is not None
    assert old is not None
    assert (newest.size, newest.block_number) == (120, ENTRIES[-1].block_number)
    assert (newest.signed.note.root, newest.root) == (reader.root(120), reader.root(120))
    assert reader.published_covering(59) == old
    assert reader.published_covering(60) == newest
    assert reader.published_covering(120) is None
    assert reader.newest_published("log.example/other") is None


def test_entries_are_found_by_position_and_by_place_on_the_chain(world: World) -> None:
    reader = LogReader(world.stores.log)
    assert reader.entry(77) == ENTRIES[77].encode()
    assert reader.entries([3, 100, 3]) == {3: ENTRIES[3].encode(), 100: ENTRIES[100].encode()}
    assert reader.position(ENTRIES[77].block_number, ENTRIES[77].log_index) == 77
    assert reader.position(1, 0) is None
    with pytest.raises(LookupError, match="no entry 120"):
        reader.entries([5, 120])


@pytest.mark.parametrize("size", [60, 61, 120])
def test_a_subjects_history_is_as_of_the_asked_size(world: World, size: int) -> None:
    reader = LogReader(world.stores.log)
    key = subject_key(ADDRESS, ENTRIES[7].topics[1])
    expected = [index for index in range(size) if ENTRIES[index].topics[1] == ENTRIES[7].topics[1]]
    steps = reader.history(key, size)
    assert [step.position for step in steps] == expected
    assert steps[-1].state == reader.state(key, size) == the_map(size).states[key]
    assert reader.state_before(key, 1) == steps[0].state
    assert reader.state_before(key, 0) == SubjectState()
    assert reader.history(key, size, skip=1) == steps[1:]
    with pytest.raises(LookupError):
        reader.state_before(key, 40)
    assert reader.state(subject_key(ADDRESS, b"\7" * 32), size) is None


def test_the_map_reader_moves_between_sizes_in_any_order(world: World) -> None:
    reader = SubjectMapReader(world.stores.log)
    for size in (60, 120, 7, 0, 61, 120, 119):
        assert reader.root(size) == the_map(size).root()
    with pytest.raises(LookupError, match="120 entries, not 121"):
        reader.root(121)


@pytest.mark.parametrize("size", [10, 60, 120])
def test_the_map_proves_presence_and_absence(world: World, size: int) -> None:
    log, subjects = LogReader(world.stores.log), SubjectMapReader(world.stores.log)
    for topic in {entry.topics[1] for entry in ENTRIES} | {b"\7" * 32}:
        key = subject_key(ADDRESS, topic)
        proof = subjects.proof(key, size)
        if proof.state is None:
            assert absence_root(key, proof.other, proof.siblings) == the_map(size).root()
            continue
        entries = [(step.position, ENTRIES[step.position].leaf_hash) for step in log.history(key, size)]
        assert history_root(key, SubjectState(), entries, proof.siblings) == the_map(size).root()


def test_one_proof_for_many_entries_folds_to_the_notes_root(world: World) -> None:
    reader = LogReader(world.stores.log)
    shown = [(index, ENTRIES[index].leaf_hash) for index in (0, 8, 59)]
    nodes = reader.nodes_proof([index for index, _ in shown], 60)
    merkle.verify_nodes(shown, 60, nodes, reader.root(60))
    with pytest.raises(MerkleProofWrong):
        merkle.verify_nodes(shown, 60, nodes, reader.root(120))
    merkle.verify_consistency(60, reader.root(60), 120, reader.root(120), reader.consistency(60, 120))
