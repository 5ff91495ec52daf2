"""The hold list: which lots of a market must not be sold, numbered and signed by the node (`market.md` section 2).

Scales refuse the lots on the newest list they verified. Here are the signed struct and its JSON form; when a lot is
held or released is `judge`'s and ingest's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from ledger_node.domain.device_key import Signer
from ledger_node.domain.digest import keccak256
from ledger_node.domain.envelope import ALGORITHMS, Algorithm
from ledger_node.domain.record import name_hash
from ledger_node.domain.signed_message import MemberReader, SignedMessage
from ledger_node.domain.typed_data import SigningDomain, struct_type, typed_digest

HOLD_LIST_TYPE: Final = struct_type("HoldList(bytes32 market,uint64 version,bytes32 lotsHash,uint64 issuedAtMs)")
_MEMBERS: Final = frozenset({"market", "version", "lots", "issuedAtMs"})


def lots_hash(lot_keys: Iterable[bytes]) -> bytes:
    """keccak256 of the lot keys, sorted and joined."""
    return keccak256(b"".join(sorted(lot_keys)))


def hold_list_digest(
    domain: SigningDomain, *, market: str, version: int, lot_keys: Iterable[bytes], issued_at_ms: int
) -> bytes:
    """What the node signs; `market` is the market's name in streams, e.g. `market/zpk`."""
    return typed_digest(domain, HOLD_LIST_TYPE.hash(name_hash(market), version, lots_hash(lot_keys), issued_at_ms))


@dataclass(frozen=True, slots=True)
class HoldList(SignedMessage):
    """One version of a market's list, retained on the topic `node/holds`.

    `lots` are the sorted lot keys (keccak256 of the canonical Digital Link).
    """

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
        return hold_list_digest(
            domain, market=self.market, version=self.version, lot_keys=self.lots, issued_at_ms=self.issued_at_ms
        )

    def members(self) -> dict[str, Any]:
        return {
            "market": self.market,
            "version": self.version,
            "lots": ["0x" + one.hex() for one in self.lots],
            "issuedAtMs": self.issued_at_ms,
        }

    @classmethod
    def from_json(cls, obj: object) -> "HoldList":
        """Reads what `to_json` wrote; SignedMessageWrong for anything else, lots out of order included."""
        read = MemberReader(obj, _MEMBERS, "hold list")
        algorithm, signature = read.signature()
        return cls(
            read.name("market"),
            read.integer("version"),
            _read_lots(read),
            read.integer("issuedAtMs"),
            read.name("node"),
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


def _read_lots(read: MemberReader) -> tuple[bytes, ...]:
    value = read["lots"]
    if type(value) is not list:
        raise read.wrong("lots is no list")
    lots: list[bytes] = []
    for one in value:
        if type(one) is not str or len(one) != 66 or not one.startswith("0x"):
            raise read.wrong("a lot is not 32 bytes as 0x hex")
        try:
            lots.append(bytes.fromhex(one[2:]))
        except ValueError as wrong:
            raise read.wrong("a lot is not 32 bytes as 0x hex") from wrong
    if any(left >= right for left, right in pairwise(lots)):
        raise read.wrong("lots are not in ascending order, each once")
    return tuple(lots)
