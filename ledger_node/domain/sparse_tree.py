"""The sparse Merkle tree of subject maps and lot maps (`proofs.md` sections 2.3, 5.4).

Over the bits of a 32-byte key, highest first: an empty subtree is 32 zero bytes, a subtree with one key is that key's
leaf at whatever depth, anything else sha256(23 ‖ left ‖ right). Proofs list siblings from the root down, b"" for an
empty one, which is never the last. Leaves carry their key inside, so a leaf cannot be shown under another.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ledger_node.domain.digest import sha256
from ledger_node.errors import MerkleProofWrong

EMPTY: Final = bytes(32)
KEY_BITS: Final = 256
_PREFIX_BITS: Final = 16

Summary = tuple[int, bytes]
"""Number of keys (2 stands for "several") and hash of a subtree."""
_NOTHING: Final[Summary] = (0, EMPTY)


@dataclass(frozen=True, slots=True)
class SparseProof:
    """Siblings from the root down, and the key that sits where the asked one would be, if another does."""

    siblings: tuple[bytes, ...]
    other_key: bytes | None = None


def fold(key: bytes, leaf: bytes, siblings: Sequence[bytes]) -> bytes:
    """The root that a leaf (or EMPTY) at depth len(siblings) on the key's way leads to."""
    if len(siblings) > KEY_BITS:
        raise MerkleProofWrong(f"{len(siblings)} siblings for a key of {KEY_BITS} bits")
    if siblings and siblings[-1] == b"":
        raise MerkleProofWrong("the last sibling is empty")
    for depth in range(len(siblings) - 1, -1, -1):
        sibling = siblings[depth] or EMPTY
        if len(sibling) != 32:
            raise MerkleProofWrong(f"a sibling of {len(sibling)} bytes")
        leaf = node_hash(sibling, leaf) if bit(key, depth) else node_hash(leaf, sibling)
    return leaf


def require_other_key(key: bytes, other: bytes, depth: int) -> None:
    """Raises MerkleProofWrong unless `other` differs from `key` but stands on its way down to `depth`."""
    if other == key:
        raise MerkleProofWrong("the other key is the asked one")
    differing = int.from_bytes(key, "big") ^ int.from_bytes(other, "big")
    if depth and differing >> (KEY_BITS - depth):
        raise MerkleProofWrong("the other key is off the path")


def bit(key: bytes, depth: int) -> int:
    """The key's bit at `depth`, highest first."""
    return key[depth >> 3] >> (7 - (depth & 7)) & 1


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256 of 23 ‖ left ‖ right."""
    return sha256(b"\x23" + left + right)


class SparseTree:
    """An in-memory tree that keeps the hashes of all two-byte prefixes, so that a change costs one small bucket."""

    def __init__(self, leaves: Iterable[tuple[bytes, bytes]] = ()) -> None:
        self._buckets: dict[int, dict[bytes, bytes]] = {}
        self._summaries: dict[int, Summary] = {}  # heap order: 1 is the root, 2^16 + prefix a bucket
        self.update(leaves)

    def update(self, leaves: Iterable[tuple[bytes, bytes]]) -> None:
        """Sets the leaf hashes of keys, new or known."""
        changed: set[int] = set()
        for key, leaf in leaves:
            prefix = key[0] << 8 | key[1]
            self._buckets.setdefault(prefix, {})[key] = leaf
            changed.add(prefix)
        self._sum_up(changed)

    def discard(self, keys: Iterable[bytes]) -> None:
        """Takes keys out again, as a past state of a map needs it."""
        changed: set[int] = set()
        for key in keys:
            prefix = key[0] << 8 | key[1]
            if self._buckets.get(prefix, {}).pop(key, None) is not None:
                changed.add(prefix)
        self._sum_up(changed)

    def _sum_up(self, changed: set[int]) -> None:
        for prefix in changed:
            bucket = sorted(self._buckets[prefix].items())
            self._summaries[1 << _PREFIX_BITS | prefix] = _summary(bucket, _PREFIX_BITS)
        level = {(1 << _PREFIX_BITS | prefix) >> 1 for prefix in changed}
        while level:
            for position in level:
                self._summaries[position] = _joined(self._at(2 * position), self._at(2 * position + 1))
            level = {position >> 1 for position in level if position > 1}

    def root(self) -> bytes:
        """The root; 32 zero bytes for no keys."""
        return self._at(1)[1]

    def get(self, key: bytes) -> bytes | None:
        """The leaf hash of a key."""
        return self._buckets.get(key[0] << 8 | key[1], {}).get(key)

    def proof(self, key: bytes) -> SparseProof:
        """Siblings on the key's way, whether it is present or not."""
        siblings: list[bytes] = []
        position = 1
        while position < 1 << _PREFIX_BITS and self._at(position)[0] > 1:
            right = bit(key, len(siblings))
            siblings.append(_shown(self._at(2 * position + 1 - right)[1]))
            position = 2 * position + right
        remaining = self._below(position)
        if self._at(position)[0] > 1:
            while len(remaining) > 1:
                depth = len(siblings)
                mine = [item for item in remaining if bit(item[0], depth) == bit(key, depth)]
                others = [item for item in remaining if bit(item[0], depth) != bit(key, depth)]
                siblings.append(_shown(_summary(others, depth + 1)[1]))
                remaining = mine
        found = remaining[0][0] if remaining else None
        return SparseProof(tuple(siblings), None if found == key else found)

    def _at(self, position: int) -> Summary:
        return self._summaries.get(position, _NOTHING)

    def _below(self, position: int) -> list[tuple[bytes, bytes]]:
        """The keys under a heap position that has one key at most, or is a bucket."""
        while position < 1 << _PREFIX_BITS:
            if self._at(position)[0] == 0:
                return []
            position = 2 * position + (self._at(2 * position)[0] == 0)
        return sorted(self._buckets.get(position - (1 << _PREFIX_BITS), {}).items())


def root(leaves: Mapping[bytes, bytes]) -> bytes:
    """Root over key → leaf hash, computed from nothing: what the incremental tree must agree with."""
    return _summary(sorted(leaves.items()), 0)[1]


def _summary(items: list[tuple[bytes, bytes]], depth: int) -> Summary:
    if len(items) < 2:
        return (1, items[0][1]) if items else _NOTHING
    cut = next((i for i, (key, _) in enumerate(items) if bit(key, depth)), len(items))
    return _joined(_summary(items[:cut], depth + 1), _summary(items[cut:], depth + 1))


def _joined(left: Summary, right: Summary) -> Summary:
    if left[0] + right[0] < 2:
        return left if left[0] else right
    return 2, node_hash(left[1], right[1])


def _shown(value: bytes) -> bytes:
    return b"" if value == EMPTY else value
