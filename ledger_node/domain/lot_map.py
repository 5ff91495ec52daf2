"""The lot map of one stream: every record in its batches that names a lot (`proofs.md` section 5.4).

For each record in leaf order and each lot it names, once, in order of first mention: count, mass and a hash chain of
(record hash, share in grams). Each pin carries the map's root.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ledger_node.domain import sparse_tree
from ledger_node.domain.digest import sha256
from ledger_node.domain.sparse_tree import SparseProof, SparseTree
from ledger_node.errors import MerkleProofWrong, SumOverflow

FIRST_HEAD: Final = bytes(32)
EMPTY_ROOT: Final = sparse_tree.EMPTY
_SUM_LIMIT: Final = 2**128


def map_key(lot_key: bytes) -> bytes:
    """Where a lot (keccak of its id) sits in the map: SHA-256 of 30 ‖ lot[32]."""
    return sha256(b"\x30" + lot_key)


@dataclass(frozen=True, slots=True)
class LotState:
    """How many records of the stream name the lot, their grams, and the hash chain over them."""

    count: int = 0
    mass: int = 0
    head: bytes = FIRST_HEAD

    def after(self, record_hash: bytes, share_grams: int) -> "LotState":
        """The state once a record with this share has been taken in. Raises SumOverflow at 2^128."""
        mass = self.mass + share_grams
        if share_grams < 0 or mass >= _SUM_LIMIT:
            raise SumOverflow(mass)
        return LotState(
            self.count + 1, mass, sha256(b"\x31" + self.head + record_hash + share_grams.to_bytes(16, "big"))
        )


def lot_leaf(key: bytes, state: LotState) -> bytes:
    """The map's leaf: SHA-256 of 22 ‖ key ‖ count u64 ‖ mass u128 ‖ head."""
    return sha256(b"\x22" + key + state.count.to_bytes(8, "big") + state.mass.to_bytes(16, "big") + state.head)


class LotMap:
    """The map in memory. Keys of `states` are lot keys, not map keys."""

    def __init__(self, states: Mapping[bytes, LotState] | None = None) -> None:
        self.states: dict[bytes, LotState] = dict(states or {})
        self._tree = SparseTree(_leaf_item(lot, state) for lot, state in self.states.items())

    def add(self, record_hash: bytes, lots: Iterable[tuple[bytes, int]]) -> dict[bytes, LotState]:
        """Takes in one record with its lots (lot key, share in grams); gives back the states that changed.

        A lot named twice counts once, at its first mention, with the shares added up.
        """
        shares: dict[bytes, int] = {}
        for lot_key, share_grams in lots:
            shares[lot_key] = shares.get(lot_key, 0) + share_grams
        changed = {
            lot_key: self.states.get(lot_key, LotState()).after(record_hash, share) for lot_key, share in shares.items()
        }
        self.states.update(changed)
        self._tree.update(_leaf_item(lot, state) for lot, state in changed.items())
        return changed

    def root(self) -> bytes:
        """The map's root; 32 zero bytes while no record named a lot."""
        return self._tree.root()

    def proof(self, lot_key: bytes) -> SparseProof:
        """The lot's siblings, and the *map* key found in its place."""
        return self._tree.proof(map_key(lot_key))


def lot_root(lot_key: bytes, records: Sequence[tuple[bytes, int]], siblings: Sequence[bytes]) -> bytes:
    """The map's root that the whole list of records (record hash, share) naming the lot leads to."""
    state = LotState()
    for record_hash, share_grams in records:
        state = state.after(record_hash, share_grams)
    if state.count == 0:
        raise MerkleProofWrong("a lot without records is shown by its absence")
    key = map_key(lot_key)
    return sparse_tree.fold(key, lot_leaf(key, state), siblings)


def absence_root(lot_key: bytes, other: tuple[bytes, LotState] | None, siblings: Sequence[bytes]) -> bytes:
    """The map's root that a proof of absence leads to; `other` is (map key, state) of the key found on the way."""
    key = map_key(lot_key)
    if other is None:
        return sparse_tree.fold(key, sparse_tree.EMPTY, siblings)
    sparse_tree.require_other_key(key, other[0], len(siblings))
    return sparse_tree.fold(key, lot_leaf(*other), siblings)


def _leaf_item(lot_key: bytes, state: LotState) -> tuple[bytes, bytes]:
    key = map_key(lot_key)
    return key, lot_leaf(key, state)
