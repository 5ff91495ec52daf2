"""The hold list: which lots of a market must not be sold, numbered and signed by the node (`market.md` section 2).

Scales refuse the lots on the newest list they verified. Here are the signed struct and its JSON form; when a lot is
held or released is `judge`'s and ingest's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from ledger_node.domain.device_key import KeyType, Signer, verify_signature
from ledger_node.domain.digest import keccak256
from ledger_node.domain.envelope import ALGORITHMS, KEY_TYPES, Algorithm
from ledger_node.domain.receipt import read_integer, read_members, read_name, read_signature
from ledger_node.domain.record import name_hash
from ledger_node.domain.typed_data import SigningDomain, struct_type, typed_digest
from ledger_node.errors import SignedMessageWrong

HOLD_LIST_TYPE: Final = struct_type("HoldList(bytes32 market,uint64 version,bytes32 lotsHash,uint64 issuedAtMs)")
_MEMBERS: Final = frozenset({"market", "version", "lots", "issuedAtMs", "node", "algorithm", "signature"})


def lots_hash(lot_keys: Iterable[bytes]) -> bytes:
    """keccak256 of the lot keys, sorted and joined."""
    return keccak256(b"".join(sorted(lot_keys)))


def hold_list_digest(
    domain: SigningDomain, *, market: str, version: int, lot_keys: Iterable[bytes], issued_at_ms: int
) -> bytes:
    """What the node signs; `market` is the market's name in streams, e.g. `market/zpk`."""
    return typed_digest(domain, HOLD_LIST_TYPE.hash(name_hash(market), version, lots_hash(lot_keys), issued_at_ms))


@dataclass(frozen=True, slots=True)
class HoldList:
    """One version of a market's list; `lots` are the sorted lot keys (keccak256 of the canonical Digital Link)."""

    market: str
    version: int
    lots: tuple[bytes, ...]
    issued_at_ms: int
    node: str
    algorithm: Algorithm
    signature: bytes

    def holds(self, lot_key: bytes) -> bool:
        """Whether the lot is on the list."""
        return lot_key in self.lots

    def digest(self, domain: SigningDomain) -> bytes:
        """What the node signed: 32 bytes."""
        return hold_list_digest(
            domain, market=self.market, version=self.version, lot_keys=self.lots, issued_at_ms=self.issued_at_ms
        )

    def verify(self, domain: SigningDomain, key_type: KeyType, public_key: bytes) -> bool:
        """Whether the node's key `public_key` signed this."""
        return KEY_TYPES.get(self.algorithm) == key_type and verify_signature(
            key_type, public_key, self.digest(domain), self.signature
        )

    def to_json(self) -> dict[str, Any]:
        """As it stands, retained, on the topic `node/holds`."""
        return {
            "market": self.market,
            "version": self.version,
            "lots": ["0x" + one.hex() for one in self.lots],
            "issuedAtMs": self.issued_at_ms,
            "node": self.node,
            "algorithm": self.algorithm,
            "signature": "0x" + self.signature.hex(),
        }

    @classmethod
    def from_json(cls, obj: object) -> "HoldList":
        """Reads what `to_json` wrote; SignedMessageWrong for anything else, lots out of order included."""
        members = read_members(obj, _MEMBERS, "hold list")
        algorithm, signature = read_signature(members, "hold list")
        return cls(
            read_name(members, "market", "hold list"),
            read_integer(members, "version", "hold list"),
            _read_lots(members["lots"]),
            read_integer(members, "issuedAtMs", "hold list"),
            read_name(members, "node", "hold list"),
            algorithm,
            signature,
        )


def sign_hold_list(
    domain: SigningDomain,
    signer: Signer,
    node: str,
    *,
    market: str,
    version: int,
    lot_keys: Iterable[bytes],
    issued_at_ms: int,
) -> HoldList:
    """The list of node device `node`, signed by its key."""
    lots = tuple(sorted(set(lot_keys)))
    digest = hold_list_digest(domain, market=market, version=version, lot_keys=lots, issued_at_ms=issued_at_ms)
    return HoldList(market, version, lots, issued_at_ms, node, ALGORITHMS[signer.key_type], signer.sign(digest))


def _read_lots(value: Any) -> tuple[bytes, ...]:
    if type(value) is not list:
        raise SignedMessageWrong("hold list", "lots is no list")
    lots: list[bytes] = []
    for one in value:
        if type(one) is not str or len(one) != 66 or not one.startswith("0x"):
            raise SignedMessageWrong("hold list", "a lot is not 32 bytes as 0x hex")
        try:
            lots.append(bytes.fromhex(one[2:]))
        except ValueError as wrong:
            raise SignedMessageWrong("hold list", "a lot is not 32 bytes as 0x hex") from wrong
    if any(left >= right for left, right in pairwise(lots)):
        raise SignedMessageWrong("hold list", "lots are not in ascending order, each once")
    return tuple(lots)
