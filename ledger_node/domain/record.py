"""The signed record: its digest, its hash, its verdict; the gateway's bundle and stamp; the node's receipt.

Pure. Digests are packed by hand at fixed offsets because ingest computes thousands a second; `typed_data.StructType`
computes the same from the declaration, and a test holds the two together.
"""

from collections.abc import Sequence
from enum import IntEnum, IntFlag
from functools import lru_cache

from ledger_node.domain import merkle
from ledger_node.domain.digest import keccak256, sha256
from ledger_node.domain.typed_data import SigningDomain, struct_type
from ledger_node.errors import MerkleProofWrong

RECORD_TYPE = struct_type(
    "Record(bytes32 device,bytes32 stream,uint64 sequence,uint64 observedAtMs,bytes32 kind,int256 value,"
    "int32 exponent,bytes32 unit,bytes32 previousHash,bytes32 payloadHash)"
)
BUNDLE_TYPE = struct_type(
    "Bundle(bytes32 gateway,uint64 sequence,uint64 bundledAtMs,uint32 count,bytes32 root,bytes32 previousHash)"
)
STAMP_TYPE = struct_type("Stamp(bytes32 digest,uint64 receivedAtMs,int64 offsetMs)")
RECEIPT_TYPE = struct_type("Receipt(bytes32 device,uint64 contiguousSequence,bytes32 headHash,uint64 receivedAtMs)")
ZERO_HASH = bytes(32)
BUNDLE_LIMIT = 50
_TYPE_HASH = RECORD_TYPE.type_hash


class Verdict(IntEnum):
    """What ingest decided about a record."""

    ACCEPTED = 1
    ACCEPTED_LATE = 2
    QUARANTINED = 3
    REJECTED = 4
    FORKED = 5

    @property
    def is_counted(self) -> bool:
        """Whether the record's numbers enter a leaf."""
        return self <= Verdict.ACCEPTED_LATE


class Reason(IntEnum):
    """Why; the first that applied. 21 is reserved (MASS)."""

    NONE = 0
    SCHEMA = 1
    SIZE = 2
    DEVICE_UNKNOWN = 3
    KEY_NOT_VALID_THEN = 4
    SUSPENDED = 5
    REVOKED = 6
    METROLOGY_EXPIRED = 7
    SIGNATURE = 8
    CHAIN_BREAK = 9
    FORK = 10
    CLOCK_AHEAD = 11
    CLOCK_BEHIND = 12
    LATE = 13
    TOO_LATE = 14
    RANGE = 15
    PHYSICS = 16
    ARITHMETIC = 17
    UNSTABLE = 18
    LOT_UNKNOWN = 19
    LOT_ON_HOLD = 20
    STREAM = 22
    UNIT = 23
    REUSED_ID = 24
    TOPIC = 25


REFUSALS = frozenset({Reason.SCHEMA, Reason.SIZE, Reason.DEVICE_UNKNOWN, Reason.SIGNATURE, Reason.TOPIC})
"""Reasons that leave nobody to attribute the message to: it is refused, not journaled."""


class Mark(IntFlag):
    """Remarks beside a verdict; they change nothing."""

    NONE = 0
    SEQUENCE_GAP = 1
    CHAIN_RESTART = 2
    CALIBRATION_DUE = 4
    BRACKET = 8
    BALANCE_OVER = 16


@lru_cache(maxsize=65_536)
def name_hash(name: str) -> bytes:
    """keccak256 of the name's UTF-8 bytes: how devices, streams, kinds and units are named in what is signed."""
    return keccak256(name.encode())


def record_digest(
    domain: SigningDomain,
    *,
    device: str,
    stream: str,
    sequence: int,
    observed_at_ms: int,
    kind: str,
    value: int,
    exponent: int,
    unit: str,
    previous_hash: bytes,
    payload_hash: bytes,
) -> bytes:
    """What the device signs: 32 bytes. OverflowError when a number does not fit its word."""
    struct_hash = keccak256(
        b"".join(
            (
                _TYPE_HASH,
                name_hash(device),
                name_hash(stream),
                bytes(24),
                sequence.to_bytes(8, "big"),
                bytes(24),
                observed_at_ms.to_bytes(8, "big"),
                name_hash(kind),
                value.to_bytes(32, "big", signed=True),
                exponent.to_bytes(4, "big", signed=True).rjust(32, b"\xff" if exponent < 0 else b"\0"),
                name_hash(unit),
                previous_hash,
                payload_hash,
            )
        )
    )
    return keccak256(b"\x19\x01" + domain.separator + struct_hash)


def record_hash(digest: bytes, signature: bytes, received_at_ms: int, verdict: int, reason: int) -> bytes:
    """What a leaf commits to. The signature inside keeps it unguessable although values are few."""
    return record_hash_of(digest, sha256(signature), received_at_ms, verdict, reason)


def record_hash_of(digest: bytes, signature_hash: bytes, received_at_ms: int, verdict: int, reason: int) -> bytes:
    """The record hash where the SHA-256 of the signature is known already."""
    return sha256(
        b"\x02"
        + digest
        + signature_hash
        + received_at_ms.to_bytes(8, "big")
        + verdict.to_bytes(1, "big")
        + reason.to_bytes(2, "big")
    )


def stamp_digest(domain: SigningDomain, *, digest: bytes, received_at_ms: int, offset_ms: int) -> bytes:
    """What a gateway signs to say when it received the record, and how far the device's clock was off then."""
    return _typed(domain, STAMP_TYPE.hash(digest, received_at_ms, offset_ms))


def receipt_digest(
    domain: SigningDomain, *, device: str, contiguous_sequence: int, head_hash: bytes, received_at_ms: int
) -> bytes:
    """What the node signs: every record of `device` up to `contiguous_sequence` is journaled or declared missing."""
    struct_hash = keccak256(
        b"".join(
            (
                RECEIPT_TYPE.type_hash,
                name_hash(device),
                bytes(24),
                contiguous_sequence.to_bytes(8, "big"),
                head_hash,
                bytes(24),
                received_at_ms.to_bytes(8, "big"),
            )
        )
    )
    return _typed(domain, struct_hash)


def bundle_digest(
    domain: SigningDomain,
    *,
    gateway: str,
    sequence: int,
    bundled_at_ms: int,
    count: int,
    root: bytes,
    previous_hash: bytes,
) -> bytes:
    """What a gateway signs for up to 50 records at once."""
    return _typed(domain, BUNDLE_TYPE.hash(name_hash(gateway), sequence, bundled_at_ms, count, root, previous_hash))


def bundle_root(digests: Sequence[bytes]) -> bytes:
    """RFC 9162 root over record digests, without sums; at least one digest."""
    if not digests:
        raise ValueError("a bundle has at least one record")
    return merkle.root([merkle.leaf_hash(digest) for digest in digests])


def bundle_path(digests: Sequence[bytes], index: int) -> list[bytes]:
    """The sibling hashes of record `index`, from the leaf up."""
    return merkle.path([merkle.leaf_hash(digest) for digest in digests], index)


def verify_bundle_path(digest: bytes, index: int, count: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether `digest` is record `index` of the `count` under `root` (RFC 9162 section 2.1.3.2)."""
    if not 0 <= index < count <= BUNDLE_LIMIT:
        return False
    try:
        return merkle.fold_path(merkle.leaf_hash(digest), index, count, path) == root
    except MerkleProofWrong:
        return False


def _typed(domain: SigningDomain, struct_hash: bytes) -> bytes:
    return keccak256(b"\x19\x01" + domain.separator + struct_hash)
