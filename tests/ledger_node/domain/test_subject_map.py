"""The subject map: the specification's vectors, proofs that fold, histories that hide something, earlier states."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger_node.domain import sparse_tree
from ledger_node.domain.sparse_tree import SparseTree
from ledger_node.domain.subject_map import (
    SubjectMap,
    SubjectState,
    absence_root,
    history_root,
    subject_key,
    subject_leaf,
)
from ledger_node.errors import MerkleProofWrong
from tests.ledger_node.domain.log_vectors import SEVEN, subject

ADDRESS = b"\x11" * 20
ROOT = "44c068ff3ccb1520a386ed59674502b92440b957747d1ca0f3fefd8ad6dea3be"
SIBLINGS = [
    "c984b986cd79c040d136746fddd311ce6a63caa5f4dbc9f749a5ab894b8a63ab",
    "7083adbb39acf111c57464d4550afd4fbd8b900435f78b7cf47839f3b6240e55",
]
KEYS = [subject_key(ADDRESS, subject(number)) for number in range(4)]


def the_map() -> SubjectMap:
    made = SubjectMap()
    made.add(enumerate(SEVEN))
    return made


def test_the_map_of_the_seven_entries() -> None:
    made = the_map()
    assert made.root().hex() == ROOT
    assert KEYS[0].hex() == "7fa5425d7e01e3eb60cba8ef609803b7944cb455ddbd8f09ed850d9f7ec0d4fc"
    head = "15be2de50a2b4ca42295d9f6d7fbf83b19f37c10c5379543d3d85145b7ab9d2c"
    assert made.states[KEYS[0]] == SubjectState(3, bytes.fromhex(head))
    assert [value.hex() for value in made.proof(KEYS[0]).siblings] == SIBLINGS


def test_a_whole_history_and_a_tail_lead_to_the_root() -> None:
    proof = the_map().proof(KEYS[0])
    entries = [(index, SEVEN[index].leaf_hash) for index in (0, 3, 6)]
    assert history_root(KEYS[0], SubjectState(), entries, proof.siblings).hex() == ROOT
    before = SubjectState().after(*entries[0])
    assert history_root(KEYS[0], before, entries[1:], proof.siblings).hex() == ROOT


def test_a_history_that_leaves_one_out_leads_elsewhere() -> None:
    proof = the_map().proof(KEYS[0])
    entries = [(index, SEVEN[index].leaf_hash) for index in (0, 6)]
    assert history_root(KEYS[0], SubjectState(), entries, proof.siblings).hex() != ROOT
    with pytest.raises(MerkleProofWrong, match="absence"):
        history_root(KEYS[0], SubjectState(), [], proof.siblings)


def test_the_absent_subject_of_the_specification() -> None:
    made = the_map()
    proof = made.proof(KEYS[3])
    assert KEYS[3].hex() == "6b9ec513955f84a508b73833b45b5630c9faf0ab8d08385eeee2d1dcf0d57687"
    assert [value.hex() for value in proof.siblings] == SIBLINGS
    assert proof.other_key == KEYS[0]
    assert absence_root(KEYS[3], (KEYS[0], made.states[KEYS[0]]), proof.siblings).hex() == ROOT
    with pytest.raises(MerkleProofWrong, match="asked one"):
        absence_root(KEYS[0], (KEYS[0], made.states[KEYS[0]]), proof.siblings)
    with pytest.raises(MerkleProofWrong, match="off the path"):
        absence_root(KEYS[3], (KEYS[1], made.states[KEYS[1]]), proof.siblings)


keys = st.integers(0, 60).map(lambda number: hashlib.sha256(str(number).encode()).digest())


@settings(deadline=None)
@given(st.dictionaries(keys, st.binary(min_size=32, max_size=32)), st.sets(keys), keys)
def test_a_tree_with_keys_taken_out_is_the_tree_that_never_had_them(
    leaves: dict[bytes, bytes], gone: set[bytes], asked: bytes
) -> None:
    tree = SparseTree(leaves.items())
    tree.discard(gone)
    left = {key: leaf for key, leaf in leaves.items() if key not in gone}
    assert tree.root() == sparse_tree.root(left)
    proof = tree.proof(asked)
    if asked in left:
        assert sparse_tree.fold(asked, left[asked], proof.siblings) == tree.root()
    elif proof.other_key is None:
        assert sparse_tree.fold(asked, sparse_tree.EMPTY, proof.siblings) == tree.root()
    else:
        sparse_tree.require_other_key(asked, proof.other_key, len(proof.siblings))
        assert sparse_tree.fold(asked, left[proof.other_key], proof.siblings) == tree.root()


def test_a_map_taken_back_is_the_map_of_the_smaller_log() -> None:
    later = SEVEN[4:]
    grown, small = the_map(), SubjectMap()
    small.add(enumerate(SEVEN[:4]))
    grown.put(small.states)
    grown.discard(key for key in list(grown.states) if key not in small.states)
    assert grown.root() == small.root() != the_map().root()
    grown.add(enumerate(later, start=4))
    assert grown.root().hex() == ROOT


def test_keys_that_share_their_first_two_bytes_are_told_apart() -> None:
    alike = [bytes((1, 2, number)) + bytes(29) for number in (0, 1, 128)]
    tree = SparseTree((key, subject_leaf(key, SubjectState(1, key))) for key in alike)
    assert tree.root() == sparse_tree.root({key: subject_leaf(key, SubjectState(1, key)) for key in alike})
    for key in alike:
        proof = tree.proof(key)
        assert sparse_tree.fold(key, subject_leaf(key, SubjectState(1, key)), proof.siblings) == tree.root()
