"""Merkle trees in the shape of RFC 9162 section 2.1: roots, paths, consistency, and one proof for many entries.

A tree is a function of its leaf *hashes*; `leaf_hash` and `node_hash` carry the prefix bytes 00 and 01. Everything that
folds a proof checks sizes, indices, widths and the exact number of hashes: a proof that is too long is as wrong as one
that is too short. Producers that keep complete subtrees in a table give `range_hash` a reader of them.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from ledger_node.domain.digest import sha256
from ledger_node.errors import MerkleProofWrong

HASH_BYTES = 32
MAXIMUM_SIZE = 2**63 - 1
EMPTY_ROOT = sha256(b"")

T = TypeVar("T")

Subtree = Callable[[int, int], bytes]
"""(level, number) → hash of the complete subtree over entries [number·2^level, (number + 1)·2^level)."""


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256 of 00 ‖ entry."""
    return sha256(b"\x00" + entry)


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256 of 01 ‖ left ‖ right."""
    return sha256(b"\x01" + left + right)


def split_point(size: int) -> int:
    """The largest power of two below `size` (≥ 2): how many leaves the left subtree has."""
    return 1 << ((size - 1).bit_length() - 1)


def root(leaf_hashes: Sequence[bytes]) -> bytes:
    """Root over the leaf hashes; of no leaves SHA-256 of nothing."""
    return joined(leaf_hashes, node_hash) if leaf_hashes else EMPTY_ROOT


def joined(nodes: Sequence[T], join: Callable[[T, T], T]) -> T:
    """The top of the tree over one or more nodes of any kind, whose parents `join` makes."""
    level = list(nodes)
    while len(level) > 1:
        # A last node without a partner goes up unchanged: the same tree as splitting at the largest power of two.
        paired = [join(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        if len(level) % 2:
            paired.append(level[-1])
        level = paired
    return level[0]


def path(leaf_hashes: Sequence[bytes], index: int) -> list[bytes]:
    """Siblings of leaf `index`, from the leaf upward."""
    return [root(leaf_hashes[start:end]) for start, end in path_ranges(index, len(leaf_hashes))]


def path_ranges(index: int, size: int) -> list[tuple[int, int]]:
    """The ranges [start, end) whose nodes make the path of leaf `index`, from the leaf upward."""
    if not 0 <= index < size:
        raise MerkleProofWrong(f"index {index} is not below size {size}")
    ranges: list[tuple[int, int]] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + split_point(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    ranges.reverse()
    return ranges


def sides(index: int, size: int) -> list[bool]:
    """For each sibling of a path, leaf upward: whether it stands on the left."""
    if not 0 <= index < size <= MAXIMUM_SIZE:
        raise MerkleProofWrong(f"index {index} is not below size {size}")
    turns: list[bool] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + split_point(end - start)
        turns.append(index >= middle)
        start, end = (middle, end) if index >= middle else (start, middle)
    turns.reverse()
    return turns


def fold_path(leaf: bytes, index: int, size: int, siblings: Sequence[bytes]) -> bytes:
    """The root that a path leads to. Raises MerkleProofWrong for a path of the wrong length or width."""
    _require_hashes((leaf, *siblings))
    turns = sides(index, size)
    if len(turns) != len(siblings):
        raise MerkleProofWrong(f"a path of {len(siblings)} hashes where {len(turns)} are needed")
    for on_left, sibling in zip(turns, siblings, strict=True):
        leaf = node_hash(sibling, leaf) if on_left else node_hash(leaf, sibling)
    return leaf


def verify_inclusion(leaf: bytes, index: int, size: int, siblings: Sequence[bytes], expected_root: bytes) -> None:
    """Raises MerkleProofWrong unless the path leads from `leaf` to exactly `expected_root`."""
    _require_hashes((expected_root,))
    if fold_path(leaf, index, size, siblings) != expected_root:
        raise MerkleProofWrong("the path leads to another root")


def consistency(leaf_hashes: Sequence[bytes], old_size: int) -> list[bytes]:
    """Proof that the tree of the first `old_size` leaves is a prefix (RFC 9162 section 2.1.4.1)."""
    if not 0 < old_size <= len(leaf_hashes):
        raise MerkleProofWrong(f"no consistency from {old_size} to {len(leaf_hashes)}")
    return [root(leaf_hashes[start:end]) for start, end in consistency_ranges(old_size, len(leaf_hashes))]


def consistency_ranges(old_size: int, new_size: int) -> list[tuple[int, int]]:
    """The ranges [start, end) whose hashes make the consistency proof, in its order."""
    if not 0 < old_size <= new_size:
        raise MerkleProofWrong(f"no consistency from {old_size} to {new_size}")
    ranges: list[tuple[int, int]] = []
    start, end, size = 0, new_size, old_size
    complete = True  # the old tree is still exactly the subtree [start, …) that the verifier knows by its root
    while size != end - start:
        middle = start + split_point(end - start)
        if size <= middle - start:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            size -= middle - start
            start, complete = middle, False
    if not complete:
        ranges.append((start, end))
    ranges.reverse()
    return ranges


def fold_consistency(
    old_size: int, new_size: int, first: bytes | None, siblings: Sequence[bytes]
) -> tuple[bytes, bytes]:
    """The (old root, new root) that a consistency proof leads to.

    `first` is the old root, which the proof leaves out when `old_size` is a power of two (or equals `new_size`).
    Raises MerkleProofWrong where the proof is malformed; whether the roots are the expected ones is the caller's to
    compare, because only a proof that gives the new root and *not* the old one convicts anybody.
    """
    if not 0 < old_size <= new_size <= MAXIMUM_SIZE:
        raise MerkleProofWrong(f"no consistency from {old_size} to {new_size}")
    _require_hashes(siblings)
    remaining = list(siblings)
    if old_size & (old_size - 1) == 0 or old_size == new_size:
        if first is None:
            raise MerkleProofWrong("the old root is needed")
        _require_hashes((first,))
        remaining.insert(0, first)
    if not remaining:
        raise MerkleProofWrong("an empty consistency proof")
    if old_size == new_size:
        if len(remaining) != 1:
            raise MerkleProofWrong("equal sizes take an empty proof")
        return remaining[0], remaining[0]
    node, last = old_size - 1, new_size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = remaining[0]
    for sibling in remaining[1:]:
        if last == 0:
            raise MerkleProofWrong("a consistency proof with too many hashes")
        if node & 1 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        node, last = node >> 1, last >> 1
    if last:
        raise MerkleProofWrong("a consistency proof with too few hashes")
    return old, new


def verify_consistency(
    old_size: int, old_root: bytes, new_size: int, new_root: bytes, siblings: Sequence[bytes]
) -> None:
    """Raises MerkleProofWrong unless the tree of `new_root` begins with exactly the tree of `old_root`."""
    _require_hashes((old_root, new_root))
    if fold_consistency(old_size, new_size, old_root, siblings) != (old_root, new_root):
        raise MerkleProofWrong("the consistency proof leads to other roots")


def node_ranges(indices: Sequence[int], size: int) -> list[tuple[int, int]]:
    """The ranges [start, end) whose hashes prove all of `indices` at once, in the order in which a verifier takes them.

    Walk the tree from the root, left before right; a subtree without shown entries gives its hash, a shown leaf none.
    """
    _require_indices(indices, size)
    ranges: list[tuple[int, int]] = []
    stack = [(0, size, 0, len(indices))]
    while stack:
        start, end, first, last = stack.pop()
        if first == last:
            ranges.append((start, end))
        elif end - start > 1:
            middle = start + split_point(end - start)
            cut = _first_at_or_above(indices, middle, first, last)
            stack.append((middle, end, cut, last))
            stack.append((start, middle, first, cut))
    return ranges


def nodes(leaf_hashes: Sequence[bytes], indices: Sequence[int]) -> list[bytes]:
    """One proof for all of `indices` (ascending) in the tree over `leaf_hashes`."""
    return [root(leaf_hashes[start:end]) for start, end in node_ranges(indices, len(leaf_hashes))]


def fold_nodes(shown: Sequence[tuple[int, bytes]], size: int, hashes: Sequence[bytes]) -> bytes:
    """The root that `shown` (index, leaf hash; ascending) and the nodes lead to; all nodes must be used."""
    _require_indices([index for index, _ in shown], size)
    _require_hashes([leaf for _, leaf in shown])
    _require_hashes(hashes)
    position = 0

    def take() -> bytes:
        nonlocal position
        if position == len(hashes):
            raise MerkleProofWrong("too few nodes")
        position += 1
        return hashes[position - 1]

    indices = [index for index, _ in shown]

    def walk(start: int, end: int, first: int, last: int) -> bytes:  # as deep as the tree: 63 at most
        if first == last:
            return take()
        if end - start == 1:
            return shown[first][1]
        middle = start + split_point(end - start)
        cut = _first_at_or_above(indices, middle, first, last)
        left = walk(start, middle, first, cut)
        return node_hash(left, walk(middle, end, cut, last))

    result = walk(0, size, 0, len(shown))
    if position != len(hashes):
        raise MerkleProofWrong(f"{len(hashes) - position} nodes too many")
    return result


def verify_nodes(shown: Sequence[tuple[int, bytes]], size: int, hashes: Sequence[bytes], expected_root: bytes) -> None:
    """Raises MerkleProofWrong unless all shown leaves stand at their places in the tree of `expected_root`."""
    _require_hashes((expected_root,))
    if fold_nodes(shown, size, hashes) != expected_root:
        raise MerkleProofWrong("the nodes lead to another root")


def range_hash(start: int, end: int, subtree: Subtree) -> bytes:
    """Hash of a range that some tree has as a subtree, from stored complete subtrees.

    `start` is a multiple of the largest power of two that fits, as every range of this module is.
    """
    if end == start:
        return EMPTY_ROOT
    parts: list[bytes] = []
    while start < end:
        level = (end - start).bit_length() - 1
        parts.append(subtree(level, start >> level))
        start += 1 << level
    result = parts.pop()
    while parts:
        result = node_hash(parts.pop(), result)
    return result


def complete_subtrees(start: int, hashes: Iterable[bytes], subtree: Subtree) -> list[tuple[int, int, bytes]]:
    """What appending leaf hashes at `start` adds to a table of complete subtrees: (level, number, hash), in order.

    `subtree` reads those stored before; the new ones need not be readable through it.
    """
    added: list[tuple[int, int, bytes]] = []
    fresh: dict[tuple[int, int], bytes] = {}

    def read(level: int, number: int) -> bytes:
        found = fresh.get((level, number))
        return found if found is not None else subtree(level, number)

    for offset, value in enumerate(hashes):
        level, number = 0, start + offset
        while True:
            fresh[(level, number)] = value
            added.append((level, number, value))
            if not number & 1:
                break
            value = node_hash(read(level, number - 1), value)
            level, number = level + 1, number >> 1
    return added


def _first_at_or_above(indices: Sequence[int], bound: int, first: int, last: int) -> int:
    while first < last:
        middle = (first + last) // 2
        if indices[middle] < bound:
            first = middle + 1
        else:
            last = middle
    return first


def _require_indices(indices: Sequence[int], size: int) -> None:
    if not 0 <= size <= MAXIMUM_SIZE:
        raise MerkleProofWrong(f"size {size} is out of range")
    previous = -1
    for index in indices:
        if index <= previous:
            raise MerkleProofWrong("indices must ascend")
        if index >= size:
            raise MerkleProofWrong(f"index {index} is not below size {size}")
        previous = index
    if size == 0:
        raise MerkleProofWrong("an empty tree proves nothing")


def _require_hashes(hashes: Sequence[bytes]) -> None:
    for value in hashes:
        if len(value) != HASH_BYTES:
            raise MerkleProofWrong(f"a hash of {len(value)} bytes")
