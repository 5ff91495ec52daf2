"""The subject map: all that was ever said about one thing (`proofs.md` section 2.3).

A function of the log's entries alone: for each distinct topic among topics 1–3 of an entry, the subject
(contract, topic) counts one more and its head takes the entry in. The map decides that nothing *more* exists; an entry
is evidence only with its own place in the log.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ledger_node.domain import sparse_tree
from ledger_node.domain.digest import sha256
from ledger_node.domain.log_entry import LogEntry
from ledger_node.domain.sparse_tree import SparseProof, SparseTree
from ledger_node.errors import MerkleProofWrong

FIRST_HEAD: Final = bytes(32)


def subject_key(address: bytes, topic: bytes) -> bytes:
    """Where a subject sits in the map: SHA-256 of 20 ‖ contract[20] ‖ topic[32]."""
    return sha256(b"\x20" + address + topic)


@dataclass(frozen=True, slots=True)
class SubjectState:
    """How many entries a subject has, and the hash chain over them."""

    count: int = 0
    head: bytes = FIRST_HEAD

    def after(self, index: int, leaf: bytes) -> "SubjectState":
        """The state once the log's entry `index` with this leaf hash has been taken in."""
        return SubjectState(self.count + 1, sha256(b"\x21" + self.head + index.to_bytes(8, "big") + leaf))


def subject_leaf(key: bytes, state: SubjectState) -> bytes:
    """The map's leaf: SHA-256 of 22 ‖ key ‖ count u64 ‖ head."""
    return sha256(b"\x22" + key + state.count.to_bytes(8, "big") + state.head)


def changed_states(
    entries: Iterable[tuple[int, LogEntry]], states: Mapping[bytes, SubjectState]
) -> dict[bytes, SubjectState]:
    """The states that new entries (index, entry; ascending) lead to; `states` holds those of before."""
    changed: dict[bytes, SubjectState] = {}
    for index, entry in entries:
        for topic in entry.subjects:
            key = subject_key(entry.address, topic)
            before = changed.get(key) or states.get(key) or SubjectState()
            changed[key] = before.after(index, entry.leaf_hash)
    return changed


class SubjectMap:
    """The whole map in memory, with proofs. `add` costs what changed, not what there is."""

    def __init__(self, states: Mapping[bytes, SubjectState] | None = None) -> None:
        self.states: dict[bytes, SubjectState] = dict(states or {})
        self._tree = SparseTree((key, subject_leaf(key, state)) for key, state in self.states.items())

    def add(self, entries: Iterable[tuple[int, LogEntry]]) -> dict[bytes, SubjectState]:
        """Takes in new entries; gives back the states that changed."""
        changed = changed_states(entries, self.states)
        self.put(changed)
        return changed

    def put(self, changed: Mapping[bytes, SubjectState]) -> None:
        """Sets states that were computed elsewhere, as by `changed_states` inside a transaction."""
        self.states.update(changed)
        self._tree.update((key, subject_leaf(key, state)) for key, state in changed.items())

    def discard(self, keys: Iterable[bytes]) -> None:
        """Forgets keys, as the map of a smaller log needs it."""
        gone = list(keys)
        for key in gone:
            self.states.pop(key, None)
        self._tree.discard(gone)

    def root(self) -> bytes:
        """The map's root."""
        return self._tree.root()

    def proof(self, key: bytes) -> SparseProof:
        """The key's siblings, and the key found in its place."""
        return self._tree.proof(key)


def history_root(
    key: bytes, before: SubjectState, entries: Sequence[tuple[int, bytes]], siblings: Sequence[bytes]
) -> bytes:
    """The map's root that a whole history (before = SubjectState()) or a tail leads to; entries are (index, leaf)."""
    state = before
    for index, leaf in entries:
        state = state.after(index, leaf)
    if state.count == 0:
        raise MerkleProofWrong("a subject without entries is shown by its absence")
    return sparse_tree.fold(key, subject_leaf(key, state), siblings)


def absence_root(key: bytes, other: tuple[bytes, SubjectState] | None, siblings: Sequence[bytes]) -> bytes:
    """The map's root that a proof of absence leads to; `other` is the key found on the way, if any."""
    if other is None:
        return sparse_tree.fold(key, sparse_tree.EMPTY, siblings)
    sparse_tree.require_other_key(key, other[0], len(siblings))
    return sparse_tree.fold(key, subject_leaf(*other), siblings)
