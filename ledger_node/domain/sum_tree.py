"""The batch tree: a Merkle tree whose nodes add up amounts and masses (`proofs.md` section 2.1).

Shape as RFC 9162; order is the order of arrival. Sums are unsigned 128-bit; passing 2^128 is an error, never a wrap.
What a record kind puts into its leaf is `ledger_node.domain.payload`'s work.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ledger_node.domain.digest import sha256
from ledger_node.domain.merkle import joined, path_ranges, sides
from ledger_node.errors import MerkleProofWrong, SumOverflow

SUM_LIMIT: Final = 2**128
MAXIMUM_COUNT: Final = 1000
MAXIMUM_PATH: Final = 10


@dataclass(frozen=True, slots=True)
class Node:
    """Hash of a subtree with the sums over its leaves: minor units, grams."""

    hash: bytes
    amount: int
    mass: int


@dataclass(frozen=True, slots=True)
class Leaf:
    """What a leaf commits to."""

    record_hash: bytes
    amount: int
    mass: int

    def packed(self) -> bytes:
        """recordHash ‖ amount ‖ mass, 64 bytes, as batch files carry it."""
        return self.record_hash + _packed(self.amount, self.mass)


EMPTY: Final = Node(sha256(b""), 0, 0)


def leaf(record_hash: bytes, amount: int, mass: int) -> Node:
    """SHA-256 of 00 ‖ recordHash ‖ amount ‖ mass, with its own numbers as sums."""
    if len(record_hash) != 32:
        raise MerkleProofWrong(f"a record hash of {len(record_hash)} bytes")
    return Node(sha256(b"\x00" + record_hash + _packed(amount, mass)), amount, mass)


def join(left: Node, right: Node) -> Node:
    """The parent of two nodes. Raises SumOverflow at 2^128."""
    amount, mass = left.amount + right.amount, left.mass + right.mass
    for total in (amount, mass):
        if total >= SUM_LIMIT:
            raise SumOverflow(total)
    packed = left.hash + _packed(left.amount, left.mass) + right.hash + _packed(right.amount, right.mass)
    return Node(sha256(b"\x01" + packed), amount, mass)


def root(leaves: Sequence[Node]) -> Node:
    """Root with the sums over all leaves; EMPTY for none."""
    return joined(leaves, join) if leaves else EMPTY


def path(leaves: Sequence[Node], index: int) -> list[Node]:
    """Siblings of leaf `index` with their sums, from the leaf upward."""
    return [root(leaves[start:end]) for start, end in path_ranges(index, len(leaves))]


def fold(start: Node, index: int, size: int, siblings: Sequence[Node]) -> Node:
    """The root that a path leads to. Raises MerkleProofWrong for a wrong length, SumOverflow past 2^128."""
    turns = sides(index, size)
    if len(turns) != len(siblings):
        raise MerkleProofWrong(f"a path of {len(siblings)} nodes where {len(turns)} are needed")
    node = start
    for on_left, sibling in zip(turns, siblings, strict=True):
        if len(sibling.hash) != 32:
            raise MerkleProofWrong(f"a hash of {len(sibling.hash)} bytes")
        node = join(sibling, node) if on_left else join(node, sibling)
    return node


def covered(start: Node, index: int, size: int, siblings: Sequence[Node]) -> range:
    """The part of [0, total amount) that this leaf covers: what spot-check points are drawn from."""
    turns = sides(index, size)
    before = sum(sibling.amount for on_left, sibling in zip(turns, siblings, strict=True) if on_left)
    return range(before, before + start.amount)


def spot_check_points(seed: bytes, tree_root: Node, draws: int) -> list[int]:
    """The amounts that an asker's 32 random bytes point at, drawn after the pin."""
    if tree_root.amount == 0:
        return []
    text = b"tidemark spot check v1" + seed + tree_root.hash
    return [int.from_bytes(sha256(text + j.to_bytes(4, "big")), "big") % tree_root.amount for j in range(draws)]


def _packed(amount: int, mass: int) -> bytes:
    for number in (amount, mass):
        if not 0 <= number < SUM_LIMIT:
            raise SumOverflow(number)
    return amount.to_bytes(16, "big") + mass.to_bytes(16, "big")
