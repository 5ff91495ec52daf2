"""The batch tree: the specification's vectors, and what a path must not be able to say."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_node.domain import sum_tree
from ledger_node.domain.sum_tree import Node
from ledger_node.errors import MerkleProofWrong, SumOverflow

PROOFS_NUMBERS = list(zip((3650, 1280, 990, 0, 128, 1, 999999), (1825, 640, 330, 0, 2, 1, 5000), strict=True))
ORACLES_NUMBERS = [(3650, 1825), (1280, 640), (990, 330), (4200, 2100), (75, 50)]


def leaves(numbers: list[tuple[int, int]]) -> list[Node]:
    return [
        sum_tree.leaf(hashlib.sha256(f"record {i}".encode()).digest(), amount, mass)
        for i, (amount, mass) in enumerate(numbers)
    ]


@pytest.mark.parametrize(
    ("count", "root", "amount", "mass"),
    [
        (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", 0, 0),
        (1, "c01fa11b367409979ed71ab43a618e6c8e2cae4f9d5a393e4e3ec20a8a5fe78f", 3650, 1825),
        (2, "916bf6cdcaf9f0622807c31573049a6bd2b2083903c6441281c8d4648e2219b5", 4930, 2465),
        (3, "7c7b34267a44ba1e166b805c6c12514842cc6486bb792a116d3c9f3d7ea7877e", 5920, 2795),
        (7, "3da69f27995124dec39e19cf1fd87e3ff7cc2c17b6bd619101327231547bc9bd", 1006048, 7798),
    ],
)
def test_roots_of_the_proof_vectors(count: int, root: str, amount: int, mass: int) -> None:
    assert sum_tree.root(leaves(PROOFS_NUMBERS)[:count]) == Node(bytes.fromhex(root), amount, mass)


@pytest.mark.parametrize(
    ("index", "expected"),
    list(
        enumerate(
            (
                "c01fa11b367409979ed71ab43a618e6c8e2cae4f9d5a393e4e3ec20a8a5fe78f",
                "64cb110a9ba4cc2032b603243a2af498b990e662b84afcecf97540c7c3d7ff9c",
                "cf4c5a34f26718f31d13df741b17953b35accd4fec8416044d3fa85241876360",
                "3deb4a9b2e8bae1c6b61f43f9e8ff49fb922db042af5078cc466fdf33e12e5a4",
                "acfbba64a12c15456dc67c55436e6fecf42ece28eaa65990056c9a55b3db8309",
            )
        )
    ),
)
def test_leaves_of_the_sealing_vectors(index: int, expected: str) -> None:
    assert leaves(ORACLES_NUMBERS)[index].hash.hex() == expected


def test_root_and_paths_of_the_sealing_vectors() -> None:
    five = leaves(ORACLES_NUMBERS)
    root = sum_tree.root(five)
    assert root == Node(bytes.fromhex("28f6128c3a8e838a1b0882ea1b43dffec3d2708c6215699dc260f2f29c8fef21"), 10195, 4945)
    assert sum_tree.path(five, 2) == [five[3], sum_tree.root(five[:2]), five[4]]
    assert sum_tree.path(five, 4) == [
        Node(bytes.fromhex("1a158bd9c04b7126ddda9c3975b890405e3f4f3df965c503371bf7accf9a8431"), 10120, 4895)
    ]


def test_the_path_of_4_in_7_covers_its_part_of_the_amounts() -> None:
    seven = leaves(PROOFS_NUMBERS)
    path = sum_tree.path(seven, 4)
    assert [(node.hash.hex()[:8], node.amount, node.mass) for node in path] == [
        ("e47721a7", 1, 1),
        ("1c76378e", 999999, 5000),
        ("4b475011", 5920, 2795),
    ]
    assert sum_tree.covered(seven[4], 4, 7, path) == range(5920, 6048)


def test_spot_check_points() -> None:
    assert sum_tree.spot_check_points(bytes(range(32)), sum_tree.root(leaves(PROOFS_NUMBERS)), 3) == [
        781677,
        299894,
        49800,
    ]
    assert sum_tree.spot_check_points(bytes(32), sum_tree.EMPTY, 3) == []


@given(st.lists(st.tuples(st.integers(0, 2**64), st.integers(0, 2**64)), min_size=1, max_size=40), st.data())
def test_every_path_gives_root_and_sums_and_no_changed_path_does(
    numbers: list[tuple[int, int]], data: st.DataObject
) -> None:
    nodes = leaves(numbers)
    root = sum_tree.root(nodes)
    index = data.draw(st.integers(0, len(nodes) - 1))
    path = sum_tree.path(nodes, index)
    assert sum_tree.fold(nodes[index], index, len(nodes), path) == root
    assert (root.amount, root.mass) == (sum(a for a, _ in numbers), sum(m for _, m in numbers))
    if path:
        at = data.draw(st.integers(0, len(path) - 1))
        node = path[at]
        for changed in (
            Node(node.hash, node.amount + 1, node.mass),
            Node(node.hash, node.amount, node.mass + 1),
            Node(bytes(32), node.amount, node.mass),
        ):
            broken = [*path[:at], changed, *path[at + 1 :]]
            assert sum_tree.fold(nodes[index], index, len(nodes), broken) != root


@pytest.mark.parametrize("length", [-1, 1])
def test_a_path_of_the_wrong_length_is_refused(length: int) -> None:
    seven = leaves(PROOFS_NUMBERS)
    path = sum_tree.path(seven, 4)
    broken = path[:length] if length < 0 else [*path, path[0]]
    with pytest.raises(MerkleProofWrong):
        sum_tree.fold(seven[4], 4, 7, broken)


def test_an_index_at_the_size_is_refused() -> None:
    with pytest.raises(MerkleProofWrong):
        sum_tree.fold(sum_tree.leaf(bytes(32), 0, 0), 7, 7, [])
    with pytest.raises(MerkleProofWrong):
        sum_tree.path(leaves(PROOFS_NUMBERS), 7)


def test_sums_never_wrap() -> None:
    half = sum_tree.leaf(bytes(32), 2**127, 0)
    with pytest.raises(SumOverflow):
        sum_tree.join(half, half)
    with pytest.raises(SumOverflow):
        sum_tree.leaf(bytes(32), 2**128, 0)
    with pytest.raises(SumOverflow):
        sum_tree.leaf(bytes(32), 0, -1)


def test_a_leaf_is_no_node_and_a_node_no_leaf() -> None:
    two = leaves(PROOFS_NUMBERS[:2])
    posing = sum_tree.leaf(two[0].hash, two[0].amount, two[0].mass)
    assert posing.hash != sum_tree.root(two).hash
    assert sum_tree.leaf(bytes(32), 1, 2) != sum_tree.leaf(bytes(32), 2, 1)


def test_the_packed_leaf_is_what_batch_files_carry() -> None:
    assert sum_tree.Leaf(bytes(32), 1, 2).packed() == bytes(32) + (1).to_bytes(16, "big") + (2).to_bytes(16, "big")
