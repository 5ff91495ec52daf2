# Written by scripts/make_bindings.py from the compiler's artifacts. Do not edit.
"""The contract EAS: its structs, events, and calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from ledger_node.bindings import codec
from ledger_node.bindings.contract_errors import decode_error
from ledger_node.errors import EventMalformed

__all__ = ["CONTRACT_NAME", "Event", "decode_error", "decode_event"]

CONTRACT_NAME: Final = "EAS"


@dataclass(frozen=True, slots=True)
class AttestationRequestData:
    """The Solidity struct `AttestationRequestData`."""

    recipient: bytes
    expiration_time: int
    revocable: bool
    ref_uid: bytes
    data: bytes
    value: int

    def to_abi(self) -> tuple[Any, ...]:
        """The members in the order of the declaration."""
        return (self.recipient, self.expiration_time, self.revocable, self.ref_uid, self.data, self.value)

    @classmethod
    def from_abi(cls, value: Sequence[Any]) -> AttestationRequestData:
        """What `to_abi` gives."""
        return cls(
            recipient=value[0],
            expiration_time=value[1],
            revocable=value[2],
            ref_uid=value[3],
            data=value[4],
            value=value[5],
        )


@dataclass(frozen=True, slots=True)
class AttestationRequest:
    """The Solidity struct `AttestationRequest`."""

    schema: bytes
    data: AttestationRequestData

    def to_abi(self) -> tuple[Any, ...]:
        """The members in the order of the declaration."""
        return (self.schema, self.data.to_abi())

    @classmethod
    def from_abi(cls, value: Sequence[Any]) -> AttestationRequest:
        """What `to_abi` gives."""
        return cls(
            schema=value[0],
            data=AttestationRequestData.from_abi(value[1]),
        )


@dataclass(frozen=True, slots=True)
class Signature:
    """The Solidity struct `Signature`."""

    v: int
    r: bytes
    s: bytes

    def to_abi(self) -> tuple[Any, ...]:
        """The members in the order of the declaration."""
        return (self.v, self.r, self.s)

    @classmethod
    def from_abi(cls, value: Sequence[Any]) -> Signature:
        """What `to_abi` gives."""
        return cls(
            v=value[0],
            r=value[1],
            s=value[2],
        )


@dataclass(frozen=True, slots=True)
class DelegatedAttestationRequest:
    """The Solidity struct `DelegatedAttestationRequest`."""

    schema: bytes
    data: AttestationRequestData
    signature: Signature
    attester: bytes
    deadline: int

    def to_abi(self) -> tuple[Any, ...]:
        """The members in the order of the declaration."""
        return (self.schema, self.data.to_abi(), self.signature.to_abi(), self.attester, self.deadline)

    @classmethod
    def from_abi(cls, value: Sequence[Any]) -> DelegatedAttestationRequest:
        """What `to_abi` gives."""
        return cls(
            schema=value[0],
            data=AttestationRequestData.from_abi(value[1]),
            signature=Signature.from_abi(value[2]),
            attester=value[3],
            deadline=value[4],
        )


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
class MultiAttestationRequest:
    """The Solidity struct `MultiAttestationRequest`."""

    schema: bytes
    data: tuple[AttestationRequestData, ...]

    def to_abi(self) -> tuple[Any, ...]:
        """The members in the order of the declaration."""
        return (self.schema, [one.to_abi() for one in self.data])

    @classmethod
    def from_abi(cls, value: Sequence[Any]) -> MultiAttestationRequest:
        """What `to_abi` gives."""
        return cls(
            schema=value[0],
            data=tuple(AttestationRequestData.from_abi(one) for one in value[1]),
        )


@dataclass(frozen=True, slots=True)
class MultiDelegatedAttestationRequest:
    """The Solidity struct `MultiDelegatedAttestationRequest`."""

    schema: bytes
    data: tuple[AttestationRequestData, ...]
    signatures: tuple[Signature, ...]
    attester: bytes
    deadline: int

    def to_abi(self) -> tuple[Any, ...]:
        """The members in the order of the declaration."""
        return (
            self.schema,
            [one.to_abi() for one in self.data],
            [one.to_abi() for one in self.signatures],
            self.attester,
            self.deadline,
        )

    @classmethod
    def from_abi(cls, value: Sequence[Any]) -> MultiDelegatedAttestationRequest:
        """What `to_abi` gives."""
        return cls(
            schema=value[0],
            data=tuple(AttestationRequestData.from_abi(one) for one in value[1]),
            signatures=tuple(Signature.from_abi(one) for one in value[2]),
            attester=value[3],
            deadline=value[4],
        )


@dataclass(frozen=True, slots=True)
class RevocationRequestData:
    """The Solidity struct `RevocationRequestData`."""

    uid: bytes
    value: int

    def to_abi(self) -> tuple[Any, ...]:
        """The members in the order of the declaration."""
        return (self.uid, self.value)

    @classmethod
    def from_abi(cls, value: Sequence[Any]) -> RevocationRequestData:
        """What `to_abi` gives."""
        return cls(
            uid=value[0],
            value=value[1],
        )


@dataclass(frozen=True, slots=True)
class MultiRevocationRequest:
    """The Solidity struct `MultiRevocationRequest`."""

    schema: bytes
    data: tuple[RevocationRequestData, ...]

    def to_abi(self) -> tuple[Any, ...]:
        """The members in the order of the declaration."""
        return (self.schema, [one.to_abi() for one in self.data])

    @classmethod
    def from_abi(cls, value: Sequence[Any]) -> MultiRevocationRequest:
        """What `to_abi` gives."""
        return cls(
            schema=value[0],
            data=tuple(RevocationRequestData.from_abi(one) for one in value[1]),
        )


@dataclass(frozen=True, slots=True)
class MultiDelegatedRevocationRequest:
    """The Solidity struct `MultiDelegatedRevocationRequest`."""

    schema: bytes
    data: tuple[RevocationRequestData, ...]
    signatures: tuple[Signature, ...]
    revoker: bytes
    deadline: int

    def to_abi(self) -> tuple[Any, ...]:
        """The members in the order of the declaration."""
        return (
            self.schema,
            [one.to_abi() for one in self.data],
            [one.to_abi() for one in self.signatures],
            self.revoker,
            self.deadline,
        )

    @classmethod
    def from_abi(cls, value: Sequence[Any]) -> MultiDelegatedRevocationRequest:
        """What `to_abi` gives."""
        return cls(
            schema=value[0],
            data=tuple(RevocationRequestData.from_abi(one) for one in value[1]),
            signatures=tuple(Signature.from_abi(one) for one in value[2]),
            revoker=value[3],
            deadline=value[4],
        )


@dataclass(frozen=True, slots=True)
class RevocationRequest:
    """The Solidity struct `RevocationRequest`."""

    schema: bytes
    data: RevocationRequestData

    def to_abi(self) -> tuple[Any, ...]:
        """The members in the order of the declaration."""
        return (self.schema, self.data.to_abi())

    @classmethod
    def from_abi(cls, value: Sequence[Any]) -> RevocationRequest:
        """What `to_abi` gives."""
        return cls(
            schema=value[0],
            data=RevocationRequestData.from_abi(value[1]),
        )


@dataclass(frozen=True, slots=True)
class DelegatedRevocationRequest:
    """The Solidity struct `DelegatedRevocationRequest`."""

    schema: bytes
    data: RevocationRequestData
    signature: Signature
    revoker: bytes
    deadline: int

    def to_abi(self) -> tuple[Any, ...]:
        """The members in the order of the declaration."""
        return (self.schema, self.data.to_abi(), self.signature.to_abi(), self.revoker, self.deadline)

    @classmethod
    def from_abi(cls, value: Sequence[Any]) -> DelegatedRevocationRequest:
        """What `to_abi` gives."""
        return cls(
            schema=value[0],
            data=RevocationRequestData.from_abi(value[1]),
            signature=Signature.from_abi(value[2]),
            revoker=value[3],
            deadline=value[4],
        )


@dataclass(frozen=True, slots=True)
class Attested:
    """The event `Attested`."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("8bf46bf4cfd674fa735a3d63ec1c9ad4153f033c290341f3a588b75685141b35")
    recipient: bytes
    attester: bytes
    uid: bytes
    schema_uid: bytes

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> Attested:
        """Reads the event of a log. Raises EventMalformed."""
        keys, values = codec.decode_log("Attested", ("address", "address", "bytes32"), ("bytes32",), topics, data)
        return cls(
            recipient=keys[0],
            attester=keys[1],
            uid=values[0],
            schema_uid=keys[2],
        )


@dataclass(frozen=True, slots=True)
class EIP712DomainChanged:
    """The event `EIP712DomainChanged`."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("0a6387c9ea3628b88a633bb4f3b151770f70085117a15f9bf3787cda53f13d31")


    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> EIP712DomainChanged:
        """Reads the event of a log. Raises EventMalformed."""
        _keys, _values = codec.decode_log("EIP712DomainChanged", (), (), topics, data)
        return cls(

        )


@dataclass(frozen=True, slots=True)
class NonceIncreased:
    """The event `NonceIncreased`."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("57b09af877df9068fd60a69d7b21f5576b8b38955812d6ae4ac52942f1e38fb7")
    old_nonce: int
    new_nonce: int

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> NonceIncreased:
        """Reads the event of a log. Raises EventMalformed."""
        _keys, values = codec.decode_log("NonceIncreased", (), ("uint256", "uint256"), topics, data)
        return cls(
            old_nonce=values[0],
            new_nonce=values[1],
        )


@dataclass(frozen=True, slots=True)
class Revoked:
    """The event `Revoked`."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("f930a6e2523c9cc298691873087a740550b8fc85a0680830414c148ed927f615")
    recipient: bytes
    attester: bytes
    uid: bytes
    schema_uid: bytes

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> Revoked:
        """Reads the event of a log. Raises EventMalformed."""
        keys, values = codec.decode_log("Revoked", ("address", "address", "bytes32"), ("bytes32",), topics, data)
        return cls(
            recipient=keys[0],
            attester=keys[1],
            uid=values[0],
            schema_uid=keys[2],
        )


@dataclass(frozen=True, slots=True)
class RevokedOffchain:
    """The event `RevokedOffchain`."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("92a1f7a41a7c585a8b09e25b195e225b1d43248daca46b0faf9e0792777a2229")
    revoker: bytes
    data: bytes
    timestamp: int

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> RevokedOffchain:
        """Reads the event of a log. Raises EventMalformed."""
        keys, _values = codec.decode_log("RevokedOffchain", ("address", "bytes32", "uint64"), (), topics, data)
        return cls(
            revoker=keys[0],
            data=keys[1],
            timestamp=keys[2],
        )


@dataclass(frozen=True, slots=True)
class Timestamped:
    """The event `Timestamped`."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("5aafceeb1c7ad58e4a84898bdee37c02c0fc46e7d24e6b60e8209449f183459f")
    data: bytes
    timestamp: int

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> Timestamped:
        """Reads the event of a log. Raises EventMalformed."""
        keys, _values = codec.decode_log("Timestamped", ("bytes32", "uint64"), (), topics, data)
        return cls(
            data=keys[0],
            timestamp=keys[1],
        )


Event = Attested | EIP712DomainChanged | NonceIncreased | Revoked | RevokedOffchain | Timestamped

_READERS: Final[Mapping[bytes, Callable[[Sequence[bytes], bytes], Event]]] = {
    Attested.TOPIC: Attested.from_log,
    EIP712DomainChanged.TOPIC: EIP712DomainChanged.from_log,
    NonceIncreased.TOPIC: NonceIncreased.from_log,
    Revoked.TOPIC: Revoked.from_log,
    RevokedOffchain.TOPIC: RevokedOffchain.from_log,
    Timestamped.TOPIC: Timestamped.from_log,
}


def decode_event(topics: Sequence[bytes], data: bytes) -> Event:
    """The event of a log of this contract. Raises EventMalformed, also when it has no such event."""
    reader = _READERS.get(topics[0]) if topics else None
    if reader is None:
        raise EventMalformed("EAS has no event of this topic")
    return reader(topics, data)


def encode_constructor(registry: bytes) -> bytes:
    """The constructor's arguments, to stand behind the bytecode."""
    return codec.encode(("address",), [registry])


def encode_attest(request: AttestationRequest) -> bytes:
    """Call data of `attest`."""
    return bytes.fromhex("f17325e7") + codec.encode(
        ("(bytes32,(address,uint64,bool,bytes32,bytes,uint256))",),
        [request.to_abi()],
    )


def decode_attest_output(data: bytes) -> bytes:
    """What `attest` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("attest", ("bytes32",), data)
    value: bytes = values[0]
    return value


def encode_attest_by_delegation(delegated_request: DelegatedAttestationRequest) -> bytes:
    """Call data of `attestByDelegation`."""
    return bytes.fromhex("3c042715") + codec.encode(
        ((
            "(bytes32,(address,uint64,bool,bytes32,bytes,uint256),(uint8,bytes32,bytes32),address,"
            "uint64)"
        ),),
        [delegated_request.to_abi()],
    )


def decode_attest_by_delegation_output(data: bytes) -> bytes:
    """What `attestByDelegation` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("attestByDelegation", ("bytes32",), data)
    value: bytes = values[0]
    return value


def encode_eip712_domain() -> bytes:
    """Call data of `eip712Domain`."""
    return bytes.fromhex("84b0196e")


def decode_eip712_domain_output(data: bytes) -> tuple[bytes, str, str, int, bytes, bytes, tuple[int, ...]]:
    """What `eip712Domain` answers: fields, name, version, chain_id, verifying_contract, salt, extensions. Raises
    NodeAnswerWrong."""
    values = codec.decode(
        "eip712Domain",
        ("bytes1", "string", "string", "uint256", "address", "bytes32", "uint256[]"),
        data,
    )
    return (values[0], values[1], values[2], values[3], values[4], values[5], tuple(values[6]))


def encode_get_attest_type_hash() -> bytes:
    """Call data of `getAttestTypeHash`."""
    return bytes.fromhex("12b11a17")


def decode_get_attest_type_hash_output(data: bytes) -> bytes:
    """What `getAttestTypeHash` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("getAttestTypeHash", ("bytes32",), data)
    value: bytes = values[0]
    return value


def encode_get_attestation(uid: bytes) -> bytes:
    """Call data of `getAttestation`."""
    return bytes.fromhex("a3112a64") + codec.encode(("bytes32",), [uid])


def decode_get_attestation_output(data: bytes) -> Attestation:
    """What `getAttestation` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode(
        "getAttestation",
        ("(bytes32,bytes32,uint64,uint64,uint64,bytes32,address,address,bool,bytes)",),
        data,
    )
    value: Attestation = Attestation.from_abi(values[0])
    return value


def encode_get_domain_separator() -> bytes:
    """Call data of `getDomainSeparator`."""
    return bytes.fromhex("ed24911d")


def decode_get_domain_separator_output(data: bytes) -> bytes:
    """What `getDomainSeparator` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("getDomainSeparator", ("bytes32",), data)
    value: bytes = values[0]
    return value


def encode_get_name() -> bytes:
    """Call data of `getName`."""
    return bytes.fromhex("17d7de7c")


def decode_get_name_output(data: bytes) -> str:
    """What `getName` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("getName", ("string",), data)
    value: str = values[0]
    return value


def encode_get_nonce(account: bytes) -> bytes:
    """Call data of `getNonce`."""
    return bytes.fromhex("2d0335ab") + codec.encode(("address",), [account])


def decode_get_nonce_output(data: bytes) -> int:
    """What `getNonce` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("getNonce", ("uint256",), data)
    value: int = values[0]
    return value


def encode_get_revoke_offchain(revoker: bytes, data: bytes) -> bytes:
    """Call data of `getRevokeOffchain`."""
    return bytes.fromhex("b469318d") + codec.encode(("address", "bytes32"), [revoker, data])


def decode_get_revoke_offchain_output(data: bytes) -> int:
    """What `getRevokeOffchain` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("getRevokeOffchain", ("uint64",), data)
    value: int = values[0]
    return value


def encode_get_revoke_type_hash() -> bytes:
    """Call data of `getRevokeTypeHash`."""
    return bytes.fromhex("b83010d3")


def decode_get_revoke_type_hash_output(data: bytes) -> bytes:
    """What `getRevokeTypeHash` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("getRevokeTypeHash", ("bytes32",), data)
    value: bytes = values[0]
    return value


def encode_get_schema_registry() -> bytes:
    """Call data of `getSchemaRegistry`."""
    return bytes.fromhex("f10b5cc8")


def decode_get_schema_registry_output(data: bytes) -> bytes:
    """What `getSchemaRegistry` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("getSchemaRegistry", ("address",), data)
    value: bytes = values[0]
    return value


def encode_get_timestamp(data: bytes) -> bytes:
    """Call data of `getTimestamp`."""
    return bytes.fromhex("d45c4435") + codec.encode(("bytes32",), [data])


def decode_get_timestamp_output(data: bytes) -> int:
    """What `getTimestamp` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("getTimestamp", ("uint64",), data)
    value: int = values[0]
    return value


def encode_increase_nonce(new_nonce: int) -> bytes:
    """Call data of `increaseNonce`."""
    return bytes.fromhex("79f7573a") + codec.encode(("uint256",), [new_nonce])


def encode_is_attestation_valid(uid: bytes) -> bytes:
    """Call data of `isAttestationValid`."""
    return bytes.fromhex("e30bb563") + codec.encode(("bytes32",), [uid])


def decode_is_attestation_valid_output(data: bytes) -> bool:
    """What `isAttestationValid` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("isAttestationValid", ("bool",), data)
    value: bool = values[0]
    return value


def encode_multi_attest(multi_requests: tuple[MultiAttestationRequest, ...]) -> bytes:
    """Call data of `multiAttest`."""
    return bytes.fromhex("44adc90e") + codec.encode(
        ("(bytes32,(address,uint64,bool,bytes32,bytes,uint256)[])[]",),
        [[one.to_abi() for one in multi_requests]],
    )


def decode_multi_attest_output(data: bytes) -> tuple[bytes, ...]:
    """What `multiAttest` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("multiAttest", ("bytes32[]",), data)
    value: tuple[bytes, ...] = tuple(values[0])
    return value


def encode_multi_attest_by_delegation(multi_delegated_requests: tuple[MultiDelegatedAttestationRequest, ...]) -> bytes:
    """Call data of `multiAttestByDelegation`."""
    return bytes.fromhex("95411525") + codec.encode(
        ((
            "(bytes32,(address,uint64,bool,bytes32,bytes,uint256)[],(uint8,bytes32,bytes32)[],"
            "address,uint64)[]"
        ),),
        [[one.to_abi() for one in multi_delegated_requests]],
    )


def decode_multi_attest_by_delegation_output(data: bytes) -> tuple[bytes, ...]:
    """What `multiAttestByDelegation` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("multiAttestByDelegation", ("bytes32[]",), data)
    value: tuple[bytes, ...] = tuple(values[0])
    return value


def encode_multi_revoke(multi_requests: tuple[MultiRevocationRequest, ...]) -> bytes:
    """Call data of `multiRevoke`."""
    return bytes.fromhex("4cb7e9e5") + codec.encode(
        ("(bytes32,(bytes32,uint256)[])[]",),
        [[one.to_abi() for one in multi_requests]],
    )


def encode_multi_revoke_by_delegation(multi_delegated_requests: tuple[MultiDelegatedRevocationRequest, ...]) -> bytes:
    """Call data of `multiRevokeByDelegation`."""
    return bytes.fromhex("0eabf660") + codec.encode(
        ("(bytes32,(bytes32,uint256)[],(uint8,bytes32,bytes32)[],address,uint64)[]",),
        [[one.to_abi() for one in multi_delegated_requests]],
    )


def encode_multi_revoke_offchain(data: tuple[bytes, ...]) -> bytes:
    """Call data of `multiRevokeOffchain`."""
    return bytes.fromhex("13893f61") + codec.encode(("bytes32[]",), [data])


def decode_multi_revoke_offchain_output(data: bytes) -> int:
    """What `multiRevokeOffchain` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("multiRevokeOffchain", ("uint64",), data)
    value: int = values[0]
    return value


def encode_multi_timestamp(data: tuple[bytes, ...]) -> bytes:
    """Call data of `multiTimestamp`."""
    return bytes.fromhex("e71ff365") + codec.encode(("bytes32[]",), [data])


def decode_multi_timestamp_output(data: bytes) -> int:
    """What `multiTimestamp` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("multiTimestamp", ("uint64",), data)
    value: int = values[0]
    return value


def encode_revoke(request: RevocationRequest) -> bytes:
    """Call data of `revoke`."""
    return bytes.fromhex("46926267") + codec.encode(("(bytes32,(bytes32,uint256))",), [request.to_abi()])


def encode_revoke_by_delegation(delegated_request: DelegatedRevocationRequest) -> bytes:
    """Call data of `revokeByDelegation`."""
    return bytes.fromhex("a6d4dbc7") + codec.encode(
        ("(bytes32,(bytes32,uint256),(uint8,bytes32,bytes32),address,uint64)",),
        [delegated_request.to_abi()],
    )


def encode_revoke_offchain(data: bytes) -> bytes:
    """Call data of `revokeOffchain`."""
    return bytes.fromhex("cf190f34") + codec.encode(("bytes32",), [data])


def decode_revoke_offchain_output(data: bytes) -> int:
    """What `revokeOffchain` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("revokeOffchain", ("uint64",), data)
    value: int = values[0]
    return value


def encode_timestamp(data: bytes) -> bytes:
    """Call data of `timestamp`."""
    return bytes.fromhex("4d003070") + codec.encode(("bytes32",), [data])


def decode_timestamp_output(data: bytes) -> int:
    """What `timestamp` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("timestamp", ("uint64",), data)
    value: int = values[0]
    return value


def encode_version() -> bytes:
    """Call data of `version`."""
    return bytes.fromhex("54fd4d50")


def decode_version_output(data: bytes) -> str:
    """What `version` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("version", ("string",), data)
    value: str = values[0]
    return value
