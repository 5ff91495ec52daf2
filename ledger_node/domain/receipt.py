"""The node's receipt: all records of a device up to a number are journaled or declared missing.

Whoever holds one may forget those records. It is signed by the node, itself an enrolled device of class node; what is
signed is `record.receipt_digest`. Which node keys are known is the reader's to say.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from ledger_node.domain.device_key import KeyType, Signer, verify_signature
from ledger_node.domain.envelope import ALGORITHMS, KEY_TYPES, SIGNATURE_BYTES, Algorithm
from ledger_node.domain.record import receipt_digest
from ledger_node.domain.typed_data import SigningDomain
from ledger_node.errors import SignedMessageWrong

_MEMBERS: Final = frozenset(
    {"device", "contiguousSequence", "headHash", "receivedAtMs", "node", "algorithm", "signature"}
)
_HEX: Final = re.compile(r"0x(?:[0-9a-f]{2})*")
_NAME: Final = re.compile(r"[A-Za-z0-9:/._-]{1,128}")
_INTEGER_LIMIT: Final = (1 << 53) - 1


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a node signed for `device`. `head_hash` is the digest of record `contiguous_sequence`, zero if declared."""

    device: str
    contiguous_sequence: int
    head_hash: bytes
    received_at_ms: int
    node: str
    algorithm: Algorithm
    signature: bytes

    def digest(self, domain: SigningDomain) -> bytes:
        """What the node signed: 32 bytes."""
        return receipt_digest(
            domain,
            device=self.device,
            contiguous_sequence=self.contiguous_sequence,
            head_hash=self.head_hash,
            received_at_ms=self.received_at_ms,
        )

    def verify(self, domain: SigningDomain, key_type: KeyType, public_key: bytes) -> bool:
        """Whether the node's key `public_key` signed this."""
        return KEY_TYPES.get(self.algorithm) == key_type and verify_signature(
            key_type, public_key, self.digest(domain), self.signature
        )

    def to_json(self) -> dict[str, Any]:
        """As it travels on `ack` and in HTTP answers."""
        return {
            "device": self.device,
            "contiguousSequence": self.contiguous_sequence,
            "headHash": "0x" + self.head_hash.hex(),
            "receivedAtMs": self.received_at_ms,
            "node": self.node,
            "algorithm": self.algorithm,
            "signature": "0x" + self.signature.hex(),
        }

    @classmethod
    def from_json(cls, obj: object) -> "Receipt":
        """Reads what `to_json` wrote; SignedMessageWrong for anything else."""
        members = read_members(obj, _MEMBERS, "receipt")
        return cls(
            read_name(members, "device", "receipt"),
            read_integer(members, "contiguousSequence", "receipt"),
            read_hex(members, "headHash", 32, "receipt"),
            read_integer(members, "receivedAtMs", "receipt"),
            read_name(members, "node", "receipt"),
            *read_signature(members, "receipt"),
        )


def sign_receipt(
    domain: SigningDomain,
    signer: Signer,
    node: str,
    *,
    device: str,
    contiguous_sequence: int,
    head_hash: bytes,
    received_at_ms: int,
) -> Receipt:
    """The receipt of node device `node`, signed by its key."""
    digest = receipt_digest(
        domain,
        device=device,
        contiguous_sequence=contiguous_sequence,
        head_hash=head_hash,
        received_at_ms=received_at_ms,
    )
    algorithm = ALGORITHMS[signer.key_type]
    return Receipt(device, contiguous_sequence, head_hash, received_at_ms, node, algorithm, signer.sign(digest))


def read_members(obj: object, names: frozenset[str], what: str) -> Mapping[str, Any]:
    """`obj` as an object with exactly `names`; SignedMessageWrong otherwise."""
    if not isinstance(obj, dict) or obj.keys() != names:
        raise SignedMessageWrong(what, f"not an object with exactly {', '.join(sorted(names))}")
    return cast(Mapping[str, Any], obj)


def read_integer(members: Mapping[str, Any], name: str, what: str) -> int:
    """A member that is an integer from 0 to 2^53 − 1."""
    value = members[name]
    if type(value) is not int or not 0 <= value <= _INTEGER_LIMIT:
        raise SignedMessageWrong(what, f"{name} is no integer from 0 to 2^53 − 1")
    return value


def read_name(members: Mapping[str, Any], name: str, what: str) -> str:
    """A member that is a name as records use them."""
    value = members[name]
    if type(value) is not str or _NAME.fullmatch(value) is None:
        raise SignedMessageWrong(what, f"{name} is no name")
    return value


def read_hex(members: Mapping[str, Any], name: str, length: int, what: str) -> bytes:
    """A member that is `0x` hex of `length` bytes."""
    value = members[name]
    if type(value) is not str or len(value) != 2 + 2 * length or _HEX.fullmatch(value) is None:
        raise SignedMessageWrong(what, f"{name} is not {length} bytes as lower-case 0x hex")
    return bytes.fromhex(value[2:])


def read_signature(members: Mapping[str, Any], what: str) -> tuple[Algorithm, bytes]:
    """The members `algorithm` and `signature`, of the length that belongs to it."""
    algorithm = members["algorithm"]
    if type(algorithm) is not str or algorithm not in KEY_TYPES:
        raise SignedMessageWrong(what, "algorithm is not one of ES256K, ES256, EdDSA")
    return cast(Algorithm, algorithm), read_hex(members, "signature", SIGNATURE_BYTES[algorithm], what)
