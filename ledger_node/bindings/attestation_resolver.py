# Written by scripts/make_bindings.py from the compiler's artifacts. Do not edit.
"""The contract AttestationResolver: its structs, events, and calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from ledger_node.bindings import codec
from ledger_node.bindings.contract_errors import decode_error
from ledger_node.errors import EventMalformed

__all__ = ["CONTRACT_NAME", "Event", "decode_error", "decode_event"]

CONTRACT_NAME: Final = "AttestationResolver"


@dataclass(frozen=True, slots=True)
class Attestation:
    """The Solidity struct `Attestation`."""

    uid: bytes
    schema: bytes
    time: int
    expiration_time: int
    revocation_time: int
    ref_uid: bytes
    recipient: bytes
    attester: bytes
    revocable: bool
    data: bytes

    def to_abi(self) -> tuple[Any, ...]:
        """The members in the order of the declaration."""
        return (
            self.uid,
            self.schema,
            self.time,
            self.expiration_time,
            self.revocation_time,
            self.ref_uid,
            self.recipient,
            self.attester,
            self.revocable,
            self.data,
        )

    @classmethod
    def from_abi(cls, value: Sequence[Any]) -> Attestation:
        """What `to_abi` gives."""
        return cls(
            uid=value[0],
            schema=value[1],
            time=value[2],
            expiration_time=value[3],
            revocation_time=value[4],
            ref_uid=value[5],
            recipient=value[6],
            attester=value[7],
            revocable=value[8],
            data=value[9],
        )


@dataclass(frozen=True, slots=True)
class Schema:
    """The Solidity struct `Schema`."""

    uid: bytes
    noun: str
    text: str
    revocable: bool

    def to_abi(self) -> tuple[Any, ...]:
        """The members in the order of the declaration."""
        return (self.uid, self.noun, self.text, self.revocable)

    @classmethod
    def from_abi(cls, value: Sequence[Any]) -> Schema:
        """What `to_abi` gives."""
        return cls(
            uid=value[0],
            noun=value[1],
            text=value[2],
            revocable=value[3],
        )


@dataclass(frozen=True, slots=True)
class AttestationRevokedByAttester:
    """Emitted when an attester takes back its own attestation."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("333a146c76934fd974756298933da42e7717ae35ba679be1845a8daa2e72268e")
    lot: bytes
    party: int
    uid: bytes

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> AttestationRevokedByAttester:
        """Reads the event of a log. Raises EventMalformed."""
        keys, _values = codec.decode_log(
            "AttestationRevokedByAttester",
            ("bytes32", "uint32", "bytes32"),
            (),
            topics,
            data,
        )
        return cls(
            lot=keys[0],
            party=keys[1],
            uid=keys[2],
        )


@dataclass(frozen=True, slots=True)
class AttestationVoided:
    """Emitted when a regulator ends another's attestation; `party` is the regulator."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("ae38f13ed62258fda024f50edd2ade499a3a314dc11e6d76bf0ed9d93147ae25")
    lot: bytes
    party: int
    uid: bytes
    reason: int
    content: bytes

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> AttestationVoided:
        """Reads the event of a log. Raises EventMalformed."""
        keys, values = codec.decode_log(
            "AttestationVoided",
            ("bytes32", "uint32", "bytes32"),
            ("uint16", "bytes32"),
            topics,
            data,
        )
        return cls(
            lot=keys[0],
            party=keys[1],
            uid=keys[2],
            reason=values[0],
            content=values[1],
        )


@dataclass(frozen=True, slots=True)
class CertificateAttested:
    """Emitted when a certificate is attested."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("28a336934477b89ae5e91a96ab0db270856bb0d0e960f5cc2e654df6d35d176a")
    lot: bytes
    party: int
    uid: bytes
    kind: int
    quantity: int
    unit: bytes
    issued_at: int
    number: bytes
    content: bytes
    supersedes: bytes

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> CertificateAttested:
        """Reads the event of a log. Raises EventMalformed."""
        keys, values = codec.decode_log(
            "CertificateAttested",
            ("bytes32", "uint32", "bytes32"),
            ("uint8", "uint128", "bytes3", "uint64", "bytes32", "bytes32", "bytes32"),
            topics,
            data,
        )
        return cls(
            lot=keys[0],
            party=keys[1],
            uid=keys[2],
            kind=values[0],
            quantity=values[1],
            unit=values[2],
            issued_at=values[3],
            number=values[4],
            content=values[5],
            supersedes=values[6],
        )


@dataclass(frozen=True, slots=True)
class CustodyAccepted:
    """Emitted when the other party accepts."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("c3bc6a8bd52193761e81c611fa922b1a0b660a307c53a859d810b8a79d3700e2")
    lot: bytes
    party: int
    uid: bytes
    offer: bytes
    from_: int
    quantity: int
    accepted_at: int
    condition: int

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> CustodyAccepted:
        """Reads the event of a log. Raises EventMalformed."""
        keys, values = codec.decode_log(
            "CustodyAccepted",
            ("bytes32", "uint32", "bytes32"),
            ("bytes32", "uint32", "uint128", "uint64", "uint8"),
            topics,
            data,
        )
        return cls(
            lot=keys[0],
            party=keys[1],
            uid=keys[2],
            offer=values[0],
            from_=values[1],
            quantity=values[2],
            accepted_at=values[3],
            condition=values[4],
        )


@dataclass(frozen=True, slots=True)
class CustodyOfferLapsed:
    """Emitted when an offer that nobody accepted in time gives its quantity back."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("e03f1f94bcaa9b5986d759513132d0973be14da4111673a68ade66e290cc3d21")
    lot: bytes
    party: int
    uid: bytes

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> CustodyOfferLapsed:
        """Reads the event of a log. Raises EventMalformed."""
        keys, _values = codec.decode_log("CustodyOfferLapsed", ("bytes32", "uint32", "bytes32"), (), topics, data)
        return cls(
            lot=keys[0],
            party=keys[1],
            uid=keys[2],
        )


@dataclass(frozen=True, slots=True)
class CustodyOffered:
    """Emitted when a holder offers a quantity to another party."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("2d461751275ee469f981c16fff65546d19536ced2f3c356d892b0a44aeae2987")
    lot: bytes
    party: int
    uid: bytes
    to: int
    quantity: int
    unit: bytes
    handed_over_at: int

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> CustodyOffered:
        """Reads the event of a log. Raises EventMalformed."""
        keys, values = codec.decode_log(
            "CustodyOffered",
            ("bytes32", "uint32", "bytes32"),
            ("uint32", "uint128", "bytes3", "uint64"),
            topics,
            data,
        )
        return cls(
            lot=keys[0],
            party=keys[1],
            uid=keys[2],
            to=values[0],
            quantity=values[1],
            unit=values[2],
            handed_over_at=values[3],
        )


@dataclass(frozen=True, slots=True)
class LabReportAttested:
    """Emitted when a laboratory reports. Result 1 pass, 2 fail, 3 invalid."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("4eb371ed62244ad18dea86bf82b57404aefa0bb120d51038ae56e2683f835fed")
    lot: bytes
    party: int
    uid: bytes
    result: int
    reported_at: int
    record: bytes
    method: bytes
    content: bytes
    supersedes: bytes

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> LabReportAttested:
        """Reads the event of a log. Raises EventMalformed."""
        keys, values = codec.decode_log(
            "LabReportAttested",
            ("bytes32", "uint32", "bytes32"),
            ("uint8", "uint64", "bytes32", "bytes32", "bytes32", "bytes32"),
            topics,
            data,
        )
        return cls(
            lot=keys[0],
            party=keys[1],
            uid=keys[2],
            result=values[0],
            reported_at=values[1],
            record=values[2],
            method=values[3],
            content=values[4],
            supersedes=values[5],
        )


@dataclass(frozen=True, slots=True)
class LotRegistered:
    """Emitted when a lot is registered, or with `supersedes` its registration corrected."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("082c53940f4023aafe5014f171c16424862a4e2471b41a18e74af8ee58259c8d")
    lot: bytes
    party: int
    uid: bytes
    record: bytes
    product: bytes
    quantity: int
    unit: bytes
    produced_at: int
    content: bytes
    supersedes: bytes

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> LotRegistered:
        """Reads the event of a log. Raises EventMalformed."""
        keys, values = codec.decode_log(
            "LotRegistered",
            ("bytes32", "uint32", "bytes32"),
            ("bytes32", "bytes32", "uint128", "bytes3", "uint64", "bytes32", "bytes32"),
            topics,
            data,
        )
        return cls(
            lot=keys[0],
            party=keys[1],
            uid=keys[2],
            record=values[0],
            product=values[1],
            quantity=values[2],
            unit=values[3],
            produced_at=values[4],
            content=values[5],
            supersedes=values[6],
        )


Event = (
    AttestationRevokedByAttester
    | AttestationVoided
    | CertificateAttested
    | CustodyAccepted
    | CustodyOfferLapsed
    | CustodyOffered
    | LabReportAttested
    | LotRegistered
)

_READERS: Final[Mapping[bytes, Callable[[Sequence[bytes], bytes], Event]]] = {
    AttestationRevokedByAttester.TOPIC: AttestationRevokedByAttester.from_log,
    AttestationVoided.TOPIC: AttestationVoided.from_log,
    CertificateAttested.TOPIC: CertificateAttested.from_log,
    CustodyAccepted.TOPIC: CustodyAccepted.from_log,
    CustodyOfferLapsed.TOPIC: CustodyOfferLapsed.from_log,
    CustodyOffered.TOPIC: CustodyOffered.from_log,
    LabReportAttested.TOPIC: LabReportAttested.from_log,
    LotRegistered.TOPIC: LotRegistered.from_log,
}


def decode_event(topics: Sequence[bytes], data: bytes) -> Event:
    """The event of a log of this contract. Raises EventMalformed, also when it has no such event."""
    reader = _READERS.get(topics[0]) if topics else None
    if reader is None:
        raise EventMalformed("AttestationResolver has no event of this topic")
    return reader(topics, data)


def encode_constructor(eas: bytes, parties: bytes, lots: bytes) -> bytes:
    """The constructor's arguments, to stand behind the bytecode."""
    return codec.encode(("address", "address", "address"), [eas, parties, lots])


def encode_attest(attestation: Attestation) -> bytes:
    """Processes an attestation and verifies whether it's valid."""
    return bytes.fromhex("e60c3505") + codec.encode(
        ("(bytes32,bytes32,uint64,uint64,uint64,bytes32,address,address,bool,bytes)",),
        [attestation.to_abi()],
    )


def decode_attest_output(data: bytes) -> bool:
    """What `attest` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("attest", ("bool",), data)
    value: bool = values[0]
    return value


def encode_is_live(uid: bytes) -> bytes:
    """Whether an attestation of our schemas exists, has not expired, and is neither revoked, voided nor superseded,
    and the same is true of what it refers to. An accepted offer no longer expires."""
    return bytes.fromhex("cedd3a0e") + codec.encode(("bytes32",), [uid])


def decode_is_live_output(data: bytes) -> bool:
    """What `isLive` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("isLive", ("bool",), data)
    value: bool = values[0]
    return value


def encode_is_payable() -> bytes:
    """Checks if the resolver can be sent ETH."""
    return bytes.fromhex("ce46e046")


def decode_is_payable_output(data: bytes) -> bool:
    """What `isPayable` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("isPayable", ("bool",), data)
    value: bool = values[0]
    return value


def encode_is_voided(uid: bytes) -> bytes:
    """Whether a regulator ended an attestation."""
    return bytes.fromhex("5fda1888") + codec.encode(("bytes32",), [uid])


def decode_is_voided_output(data: bytes) -> bool:
    """What `isVoided` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("isVoided", ("bool",), data)
    value: bool = values[0]
    return value


def encode_lapse_offer(uid: bytes) -> bytes:
    """Gives back the quantity of an offer that expired without acceptance. Anyone."""
    return bytes.fromhex("73641064") + codec.encode(("bytes32",), [uid])


def encode_multi_attest(attestations: tuple[Attestation, ...], values: tuple[int, ...]) -> bytes:
    """Processes multiple attestations and verifies whether they are valid."""
    return bytes.fromhex("91db0b7e") + codec.encode(
        ("(bytes32,bytes32,uint64,uint64,uint64,bytes32,address,address,bool,bytes)[]", "uint256[]"),
        [[one.to_abi() for one in attestations], values],
    )


def decode_multi_attest_output(data: bytes) -> bool:
    """What `multiAttest` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("multiAttest", ("bool",), data)
    value: bool = values[0]
    return value


def encode_multi_revoke(attestations: tuple[Attestation, ...], values: tuple[int, ...]) -> bytes:
    """Processes revocation of multiple attestation and verifies they can be revoked."""
    return bytes.fromhex("88e5b2d9") + codec.encode(
        ("(bytes32,bytes32,uint64,uint64,uint64,bytes32,address,address,bool,bytes)[]", "uint256[]"),
        [[one.to_abi() for one in attestations], values],
    )


def decode_multi_revoke_output(data: bytes) -> bool:
    """What `multiRevoke` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("multiRevoke", ("bool",), data)
    value: bool = values[0]
    return value


def encode_revoke(attestation: Attestation) -> bytes:
    """Processes an attestation revocation and verifies if it can be revoked."""
    return bytes.fromhex("e49617e1") + codec.encode(
        ("(bytes32,bytes32,uint64,uint64,uint64,bytes32,address,address,bool,bytes)",),
        [attestation.to_abi()],
    )


def decode_revoke_output(data: bytes) -> bool:
    """What `revoke` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("revoke", ("bool",), data)
    value: bool = values[0]
    return value


def encode_schemas() -> bytes:
    """Our schemas with their UIDs: what is to be registered with EAS's SchemaRegistry."""
    return bytes.fromhex("8e0485d9")


def decode_schemas_output(data: bytes) -> tuple[Schema, ...]:
    """What `schemas` answers: all. Raises NodeAnswerWrong."""
    values = codec.decode("schemas", ("(bytes32,string,string,bool)[]",), data)
    value: tuple[Schema, ...] = tuple(Schema.from_abi(one) for one in values[0])
    return value


def encode_superseded_by(uid: bytes) -> bytes:
    """The attestation that took an attestation's place; 0 for none."""
    return bytes.fromhex("1ceb83e9") + codec.encode(("bytes32",), [uid])


def decode_superseded_by_output(data: bytes) -> bytes:
    """What `supersededBy` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("supersededBy", ("bytes32",), data)
    value: bytes = values[0]
    return value


def encode_version() -> bytes:
    """Returns the full semver contract version."""
    return bytes.fromhex("54fd4d50")


def decode_version_output(data: bytes) -> str:
    """What `version` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("version", ("string",), data)
    value: str = values[0]
    return value


def encode_void_attestation(uid: bytes, reason: int, content: bytes) -> bytes:
    """Ends another party's attestation. An active regulator's wallet."""
    return bytes.fromhex("941a7cb9") + codec.encode(("bytes32", "uint16", "bytes32"), [uid, reason, content])
