"""The node's receipt: all records of a device up to a number are journaled or declared missing.

Whoever holds one may forget those records. What is signed is `record.receipt_digest`.
"""

from dataclasses import dataclass
from typing import Any, Final

from ledger_node.domain.device_key import Signer
from ledger_node.domain.envelope import ALGORITHMS, Algorithm
from ledger_node.domain.record import receipt_digest
from ledger_node.domain.signed_message import MemberReader, SignedMessage
from ledger_node.domain.typed_data import SigningDomain

_MEMBERS: Final = frozenset({"device", "contiguousSequence", "headHash", "receivedAtMs"})


@dataclass(frozen=True, slots=True)
class Receipt(SignedMessage):
    """What a node signed for `device`; it travels on `ack` and in HTTP answers.

    `head_hash` is the digest of record `contiguous_sequence`, zero if declared.
    """

    device: str
    contiguous_sequence: int
    head_hash: bytes
    received_at_ms: int
    node: str
    algorithm: Algorithm
    signature: bytes

    def digest(self, domain: SigningDomain) -> bytes:
        return receipt_digest(
            domain,
            device=self.device,
            contiguous_sequence=self.contiguous_sequence,
            head_hash=self.head_hash,
            received_at_ms=self.received_at_ms,
        )

    def members(self) -> dict[str, Any]:
        return {
            "device": self.device,
            "contiguousSequence": self.contiguous_sequence,
            "headHash": "0x" + self.head_hash.hex(),
            "receivedAtMs": self.received_at_ms,
        }

    @classmethod
    def from_json(cls, obj: object) -> "Receipt":
        """Reads what `to_json` wrote; SignedMessageWrong for anything else."""
        read = MemberReader(obj, _MEMBERS, "receipt")
        return cls(
            read.name("device"),
            read.integer("contiguousSequence"),
            read.hex("headHash", 32),
            read.integer("receivedAtMs"),
            read.name("node"),
            *read.signature(),
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
