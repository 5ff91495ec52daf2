"""RFC 9162 trees: 196 public proofs, the specification's vectors, and every way in which a proof can be malformed."""

import base64
import hashlib
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_node.domain import merkle
from ledger_node.errors import MerkleProofWrong

SHARED = Path(os.environ.get("TIDEMARK_SHARED") or Path(__file__).parents[4] / "shared")
VECTORS = SHARED / "data" / "traceability" / "merkle"
# RFC 9162 hashes have 32 bytes; this one file shows two equal "roots" of 12 and wants them accepted.
REFUSED_ON_PURPOSE = "sizes-are-equal-one-and-proof-is-empty.json"


def leaves(count: int) -> list[bytes]:
    return [merkle.leaf_hash(f"entry {i}".encode()) for i in range(count)]


def _public(kind: str) -> list[Path]:
    return sorted((VECTORS / kind).rglob("*.json"))


def _hash(text: str | None) -> bytes:
    return base64.b64decode(text or "")


@pytest.mark.skipif(not VECTORS.exists(), reason="the public Merkle vectors are not beside the repository")
def test_the_public_vectors_are_all_there() -> None:
    assert len(_public("inclusion")) + len(_public("consistency")) >= 98


@pytest.mark.parametrize("file", _public("inclusion"), ids=lambda file: str(file.relative_to(VECTORS)))
def test_public_inclusion_vectors_agree(file: Path) -> None:
    vector = json.loads(file.read_text())
    proof = [_hash(value) for value in vector["proof"] or []]
    try:
        merkle.verify_inclusion(
            _hash(vector["leafHash"]), vector["leafIdx"], vector["treeSize"], proof, _hash(vector["root"])
        )
        accepted = True
    except MerkleProofWrong:
        accepted = False
    assert accepted is not vector["wantErr"]


@pytest.mark.parametrize("file", _public("consistency"), ids=lambda file: str(file.relative_to(VECTORS)))
def test_public_consistency_vectors_agree_but_for_the_one_with_short_roots(file: Path) -> None:
    vector = json.loads(file.read_text())
    proof = [_hash(value) for value in vector["proof"] or []]
    try:
        merkle.verify_consistency(
            vector["size1"], _hash(vector["root1"]), vector["size2"], _hash(vector["root2"]), proof
        )
        accepted = True
    except MerkleProofWrong:
        accepted = False
    if file.name == REFUSED_ON_PURPOSE:
        assert not accepted
    else:
        assert accepted is not vector["wantErr"]


def _naive_root(hashes: list[bytes]) -> bytes:
    """The recursive definition, word for word."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    half = 1
    while half * 2 < len(hashes):
        half *= 2
    return hashlib.sha256(b"\x01" + _naive_root(hashes[:half]) + _naive_root(hashes[half:])).digest()


@pytest.mark.parametrize("count", range(34))
def test_roots_are_those_of_the_recursive_definition(count: int) -> None:
    assert merkle.root(leaves(count)) == _naive_root(leaves(count))


@pytest.mark.parametrize("count", range(1, 34))
def test_every_path_and_every_consistency_proof_verifies(count: int) -> None:
    hashes = leaves(count)
    root = merkle.root(hashes)
    for index in range(count):
        merkle.verify_inclusion(hashes[index], index, count, merkle.path(hashes, index), root)
    for old in range(1, count + 1):
        proof = merkle.consistency(hashes, old)
        merkle.verify_consistency(old, merkle.root(hashes[:old]), count, root, proof)


@given(st.integers(1, 70), st.data())
def test_one_proof_shows_many_entries(size: int, data: st.DataObject) -> None:
    hashes = leaves(size)
    indices = sorted(data.draw(st.sets(st.integers(0, size - 1), max_size=8)))
    proof = merkle.nodes(hashes, indices)
    shown = [(index, hashes[index]) for index in indices]
    merkle.verify_nodes(shown, size, proof, merkle.root(hashes))
    for broken in (proof[1:], [*proof, bytes(32)], list(reversed(proof)) if len(set(proof)) > 1 else proof[1:]):
        if broken != proof:
            with pytest.raises(MerkleProofWrong):
                merkle.verify_nodes(shown, size, broken, merkle.root(hashes))


def test_no_shown_entry_leaves_the_root_itself() -> None:
    hashes = leaves(5)
    assert merkle.nodes(hashes, []) == [merkle.root(hashes)]


@pytest.mark.parametrize(
    ("shown", "size", "why"),
    [
        ([1, 1], 7, "ascend"),
        ([4, 1], 7, "ascend"),
        ([7], 7, "below size"),
        ([0], 0, "below size"),
        ([], 0, "empty"),
        ([0], 2**63, "range"),
    ],
)
def test_wrong_indices_are_named(shown: list[int], size: int, why: str) -> None:
    with pytest.raises(MerkleProofWrong, match=why):
        merkle.fold_nodes([(index, bytes(32)) for index in shown], size, [])


def test_a_proof_for_a_tree_of_the_largest_size_stays_shallow() -> None:
    with pytest.raises(MerkleProofWrong, match="another root"):
        merkle.verify_nodes([(2**62, bytes(32))], 2**63 - 1, [bytes(32)] * 63, bytes(32))


@pytest.mark.parametrize("width", [0, 31, 33])
def test_hashes_have_32_bytes(width: int) -> None:
    hashes = leaves(4)
    with pytest.raises(MerkleProofWrong, match="bytes"):
        merkle.verify_inclusion(hashes[0], 0, 4, [hashes[1], bytes(width)], merkle.root(hashes))
    with pytest.raises(MerkleProofWrong, match="bytes"):
        merkle.verify_consistency(3, bytes(width), 4, merkle.root(hashes), merkle.consistency(hashes, 3))
    with pytest.raises(MerkleProofWrong, match="bytes"):
        merkle.verify_nodes([(0, hashes[0])], 2, [bytes(width)], merkle.root(hashes[:2]))


@pytest.mark.parametrize(("old", "new"), [(0, 4), (5, 4), (0, 0), (1, 2**63)])
def test_consistency_needs_sizes_that_can_be(old: int, new: int) -> None:
    with pytest.raises(MerkleProofWrong, match="no consistency"):
        merkle.verify_consistency(old, bytes(32), new, bytes(32), [])


def test_equal_sizes_take_an_empty_proof_and_equal_roots() -> None:
    root = merkle.root(leaves(4))
    merkle.verify_consistency(4, root, 4, root, [])
    with pytest.raises(MerkleProofWrong):
        merkle.verify_consistency(4, root, 4, bytes(32), [])
    with pytest.raises(MerkleProofWrong, match="equal sizes"):
        merkle.verify_consistency(4, root, 4, root, [bytes(32)])


@pytest.mark.parametrize("old", range(1, 20))
def test_a_consistency_proof_one_short_one_over_or_reversed_is_refused(old: int) -> None:
    hashes = leaves(20)
    proof = merkle.consistency(hashes, old)
    for broken in (proof[:-1], [*proof, bytes(32)], proof[::-1], [bytes(32), *proof]):
        if broken != proof:
            with pytest.raises(MerkleProofWrong):
                merkle.verify_consistency(old, merkle.root(hashes[:old]), 20, merkle.root(hashes), broken)


@given(st.integers(0, 40), st.integers(0, 40))
def test_stored_subtrees_give_the_same_proofs(before: int, more: int) -> None:
    hashes = leaves(before + more)
    table: dict[tuple[int, int], bytes] = {}
    for start, part in ((0, hashes[:before]), (before, hashes[before:])):
        for level, number, value in merkle.complete_subtrees(start, part, lambda *at: table[at]):
            table[(level, number)] = value
    size = before + more

    def read(level: int, number: int) -> bytes:
        return table[(level, number)]

    assert merkle.range_hash(0, size, read) == merkle.root(hashes)
    for index in range(0, size, 3):
        proof = [merkle.range_hash(start, end, read) for start, end in merkle.node_ranges([index], size)]
        assert proof == merkle.nodes(hashes, [index])
    for old in range(1, size, 3):
        proof = [merkle.range_hash(start, end, read) for start, end in merkle.consistency_ranges(old, size)]
        assert proof == merkle.consistency(hashes, old)


def test_a_proof_that_gives_the_new_root_but_another_old_one_convicts() -> None:
    """Evidence writes the first node out; fold_consistency says both roots, so that a broken proof accuses nobody."""
    hashes = leaves(7)
    old, new = merkle.fold_consistency(3, 7, None, merkle.consistency(hashes, 3))
    assert (old, new) == (merkle.root(hashes[:3]), merkle.root(hashes))
    old, new = merkle.fold_consistency(4, 7, merkle.root(hashes[:4]), merkle.consistency(hashes, 4))
    assert (old, new) == (merkle.root(hashes[:4]), merkle.root(hashes))
