# Written by scripts/make_bindings.py from the compiler's artifacts. Do not edit.
"""The contract DeviceRegistry: its structs, events, and calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from ledger_node.bindings import codec
from ledger_node.bindings.contract_errors import decode_error
from ledger_node.errors import EventMalformed

__all__ = ["CONTRACT_NAME", "Event", "decode_error", "decode_event"]

CONTRACT_NAME: Final = "DeviceRegistry"


@dataclass(frozen=True, slots=True)
class KeyEpoch:
    """The Solidity struct `KeyEpoch`."""

    key_hash: bytes
    from_: int
    to: int
    invalid_from: int
    key_type: int

    def to_abi(self) -> tuple[Any, ...]:
        """The members in the order of the declaration."""
        return (self.key_hash, self.from_, self.to, self.invalid_from, self.key_type)

    @classmethod
    def from_abi(cls, value: Sequence[Any]) -> KeyEpoch:
        """What `to_abi` gives."""
        return cls(
            key_hash=value[0],
            from_=value[1],
            to=value[2],
            invalid_from=value[3],
            key_type=value[4],
        )


@dataclass(frozen=True, slots=True)
class Suspension:
    """The Solidity struct `Suspension`."""

    from_: int
    to: int
    reason: int

    def to_abi(self) -> tuple[Any, ...]:
        """The members in the order of the declaration."""
        return (self.from_, self.to, self.reason)

    @classmethod
    def from_abi(cls, value: Sequence[Any]) -> Suspension:
        """What `to_abi` gives."""
        return cls(
            from_=value[0],
            to=value[1],
            reason=value[2],
        )


@dataclass(frozen=True, slots=True)
class Assignment:
    """The Solidity struct `Assignment`."""

    merchant: bytes
    place: bytes
    from_: int

    def to_abi(self) -> tuple[Any, ...]:
        """The members in the order of the declaration."""
        return (self.merchant, self.place, self.from_)

    @classmethod
    def from_abi(cls, value: Sequence[Any]) -> Assignment:
        """What `to_abi` gives."""
        return cls(
            merchant=value[0],
            place=value[1],
            from_=value[2],
        )


@dataclass(frozen=True, slots=True)
class Metrology:
    """The Solidity struct `Metrology`."""

    seal_commitment: bytes
    certificate_hash: bytes
    firmware_hash: bytes
    calibration_hash: bytes
    verifier: int
    from_: int
    until: int

    def to_abi(self) -> tuple[Any, ...]:
        """The members in the order of the declaration."""
        return (
            self.seal_commitment,
            self.certificate_hash,
            self.firmware_hash,
            self.calibration_hash,
            self.verifier,
            self.from_,
            self.until,
        )

    @classmethod
    def from_abi(cls, value: Sequence[Any]) -> Metrology:
        """What `to_abi` gives."""
        return cls(
            seal_commitment=value[0],
            certificate_hash=value[1],
            firmware_hash=value[2],
            calibration_hash=value[3],
            verifier=value[4],
            from_=value[5],
            until=value[6],
        )


@dataclass(frozen=True, slots=True)
class DeviceState:
    """The Solidity struct `DeviceState`."""

    owner: int
    enrolled_at: int
    revoked_from: int
    class_: int
    trust: int
    status: int
    keys: tuple[KeyEpoch, ...]
    public_keys: tuple[bytes, ...]
    suspensions: tuple[Suspension, ...]
    assignment: Assignment
    verifications: tuple[Metrology, ...]

    def to_abi(self) -> tuple[Any, ...]:
        """The members in the order of the declaration."""
        return (
            self.owner,
            self.enrolled_at,
            self.revoked_from,
            self.class_,
            self.trust,
            self.status,
            [one.to_abi() for one in self.keys],
            self.public_keys,
            [one.to_abi() for one in self.suspensions],
            self.assignment.to_abi(),
            [one.to_abi() for one in self.verifications],
        )

    @classmethod
    def from_abi(cls, value: Sequence[Any]) -> DeviceState:
        """What `to_abi` gives."""
        return cls(
            owner=value[0],
            enrolled_at=value[1],
            revoked_from=value[2],
            class_=value[3],
            trust=value[4],
            status=value[5],
            keys=tuple(KeyEpoch.from_abi(one) for one in value[6]),
            public_keys=tuple(value[7]),
            suspensions=tuple(Suspension.from_abi(one) for one in value[8]),
            assignment=Assignment.from_abi(value[9]),
            verifications=tuple(Metrology.from_abi(one) for one in value[10]),
        )


@dataclass(frozen=True, slots=True)
class Device:
    """The Solidity struct `Device`."""

    owner: int
    enrolled_at: int
    revoked_from: int
    class_: int
    trust: int
    status: int

    def to_abi(self) -> tuple[Any, ...]:
        """The members in the order of the declaration."""
        return (self.owner, self.enrolled_at, self.revoked_from, self.class_, self.trust, self.status)

    @classmethod
    def from_abi(cls, value: Sequence[Any]) -> Device:
        """What `to_abi` gives."""
        return cls(
            owner=value[0],
            enrolled_at=value[1],
            revoked_from=value[2],
            class_=value[3],
            trust=value[4],
            status=value[5],
        )


@dataclass(frozen=True, slots=True)
class DeviceEnrolment:
    """The Solidity struct `DeviceEnrolment`."""

    device: bytes
    owner: int
    key_hash: bytes
    key_type: int
    nonce: int
    deadline: int

    def to_abi(self) -> tuple[Any, ...]:
        """The members in the order of the declaration."""
        return (self.device, self.owner, self.key_hash, self.key_type, self.nonce, self.deadline)

    @classmethod
    def from_abi(cls, value: Sequence[Any]) -> DeviceEnrolment:
        """What `to_abi` gives."""
        return cls(
            device=value[0],
            owner=value[1],
            key_hash=value[2],
            key_type=value[3],
            nonce=value[4],
            deadline=value[5],
        )


@dataclass(frozen=True, slots=True)
class Record:
    """The Solidity struct `Record`."""

    device: bytes
    stream: bytes
    sequence: int
    observed_at_ms: int
    kind: bytes
    value: int
    exponent: int
    unit: bytes
    previous_hash: bytes
    payload_hash: bytes

    def to_abi(self) -> tuple[Any, ...]:
        """The members in the order of the declaration."""
        return (
            self.device,
            self.stream,
            self.sequence,
            self.observed_at_ms,
            self.kind,
            self.value,
            self.exponent,
            self.unit,
            self.previous_hash,
            self.payload_hash,
        )

    @classmethod
    def from_abi(cls, value: Sequence[Any]) -> Record:
        """What `to_abi` gives."""
        return cls(
            device=value[0],
            stream=value[1],
            sequence=value[2],
            observed_at_ms=value[3],
            kind=value[4],
            value=value[5],
            exponent=value[6],
            unit=value[7],
            previous_hash=value[8],
            payload_hash=value[9],
        )


@dataclass(frozen=True, slots=True)
class KeyRotation:
    """The Solidity struct `KeyRotation`."""

    device: bytes
    new_key_hash: bytes
    new_key_type: int
    nonce: int
    deadline: int

    def to_abi(self) -> tuple[Any, ...]:
        """The members in the order of the declaration."""
        return (self.device, self.new_key_hash, self.new_key_type, self.nonce, self.deadline)

    @classmethod
    def from_abi(cls, value: Sequence[Any]) -> KeyRotation:
        """What `to_abi` gives."""
        return cls(
            device=value[0],
            new_key_hash=value[1],
            new_key_type=value[2],
            nonce=value[3],
            deadline=value[4],
        )


@dataclass(frozen=True, slots=True)
class DeviceAssigned:
    """Emitted when a device is given to a merchant and place."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("3975eabf7c23539aafcc3d18cb8c0b1bbd574a93034ac4179cdfaf8f8e53c073")
    device: bytes
    merchant: bytes
    state: DeviceState

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> DeviceAssigned:
        """Reads the event of a log. Raises EventMalformed."""
        keys, values = codec.decode_log(
            "DeviceAssigned",
            ("bytes32", "bytes32"),
            ((
                "(uint32,uint64,uint64,uint16,uint8,uint8,(bytes32,uint64,uint64,uint64,uint8)[],bytes[],"
                "(uint64,uint64,uint16)[],(bytes32,bytes32,uint64),(bytes32,bytes32,bytes32,bytes32,"
                "uint32,uint64,uint64)[])"
            ),),
            topics,
            data,
        )
        return cls(
            device=keys[0],
            merchant=keys[1],
            state=DeviceState.from_abi(values[0]),
        )


@dataclass(frozen=True, slots=True)
class DeviceCertified:
    """Emitted when a verification is filed."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("fdc757362fb01af913edaadaba26f09218c2f0cb70d679c0e95abb8824c5be5e")
    device: bytes
    state: DeviceState

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> DeviceCertified:
        """Reads the event of a log. Raises EventMalformed."""
        keys, values = codec.decode_log(
            "DeviceCertified",
            ("bytes32",),
            ((
                "(uint32,uint64,uint64,uint16,uint8,uint8,(bytes32,uint64,uint64,uint64,uint8)[],bytes[],"
                "(uint64,uint64,uint16)[],(bytes32,bytes32,uint64),(bytes32,bytes32,bytes32,bytes32,"
                "uint32,uint64,uint64)[])"
            ),),
            topics,
            data,
        )
        return cls(
            device=keys[0],
            state=DeviceState.from_abi(values[0]),
        )


@dataclass(frozen=True, slots=True)
class DeviceEnrolled:
    """Emitted when a device gets its first key."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("f50f9b50bd8bf967fe37c5a8a8ec2c3bf969a3265f11093be51d46ccea30e0c5")
    device: bytes
    state: DeviceState

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> DeviceEnrolled:
        """Reads the event of a log. Raises EventMalformed."""
        keys, values = codec.decode_log(
            "DeviceEnrolled",
            ("bytes32",),
            ((
                "(uint32,uint64,uint64,uint16,uint8,uint8,(bytes32,uint64,uint64,uint64,uint8)[],bytes[],"
                "(uint64,uint64,uint16)[],(bytes32,bytes32,uint64),(bytes32,bytes32,bytes32,bytes32,"
                "uint32,uint64,uint64)[])"
            ),),
            topics,
            data,
        )
        return cls(
            device=keys[0],
            state=DeviceState.from_abi(values[0]),
        )


@dataclass(frozen=True, slots=True)
class DeviceForkProven:
    """Emitted when two records of one sequence are shown; the device is suspended."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("9113d157a3533017b74e9a757497085b30dfbdd7d8d009ec1e4936be6994979b")
    device: bytes
    sequence: int
    digest_a: bytes
    digest_b: bytes
    submitter: bytes
    state: DeviceState

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> DeviceForkProven:
        """Reads the event of a log. Raises EventMalformed."""
        keys, values = codec.decode_log(
            "DeviceForkProven",
            ("bytes32",),
            (
                "uint64",
                "bytes32",
                "bytes32",
                "address",
                (
                "(uint32,uint64,uint64,uint16,uint8,uint8,(bytes32,uint64,uint64,uint64,uint8)[],bytes[],"
                "(uint64,uint64,uint16)[],(bytes32,bytes32,uint64),(bytes32,bytes32,bytes32,bytes32,"
                "uint32,uint64,uint64)[])"
            ),
            ),
            topics,
            data,
        )
        return cls(
            device=keys[0],
            sequence=values[0],
            digest_a=values[1],
            digest_b=values[2],
            submitter=values[3],
            state=DeviceState.from_abi(values[4]),
        )


@dataclass(frozen=True, slots=True)
class DeviceKeyInvalidated:
    """Emitted when a key is declared not to be believed from some second on."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("e282499fe4a02ecf47ef47d8baf82443cc3dfc0f80b5c4db8c218ef25b95dfec")
    device: bytes
    state: DeviceState

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> DeviceKeyInvalidated:
        """Reads the event of a log. Raises EventMalformed."""
        keys, values = codec.decode_log(
            "DeviceKeyInvalidated",
            ("bytes32",),
            ((
                "(uint32,uint64,uint64,uint16,uint8,uint8,(bytes32,uint64,uint64,uint64,uint8)[],bytes[],"
                "(uint64,uint64,uint16)[],(bytes32,bytes32,uint64),(bytes32,bytes32,bytes32,bytes32,"
                "uint32,uint64,uint64)[])"
            ),),
            topics,
            data,
        )
        return cls(
            device=keys[0],
            state=DeviceState.from_abi(values[0]),
        )


@dataclass(frozen=True, slots=True)
class DeviceKeyReplacementProposed:
    """Emitted when the first of two registrars asks for a lost key to be replaced."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("090cc2688493140f3d50ac4dc0c4df86da18ae0820589880dfdf7f4e0cfd2474")
    device: bytes
    registrar: bytes
    state: DeviceState

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> DeviceKeyReplacementProposed:
        """Reads the event of a log. Raises EventMalformed."""
        keys, values = codec.decode_log(
            "DeviceKeyReplacementProposed",
            ("bytes32", "address"),
            ((
                "(uint32,uint64,uint64,uint16,uint8,uint8,(bytes32,uint64,uint64,uint64,uint8)[],bytes[],"
                "(uint64,uint64,uint16)[],(bytes32,bytes32,uint64),(bytes32,bytes32,bytes32,bytes32,"
                "uint32,uint64,uint64)[])"
            ),),
            topics,
            data,
        )
        return cls(
            device=keys[0],
            registrar=keys[1],
            state=DeviceState.from_abi(values[0]),
        )


@dataclass(frozen=True, slots=True)
class DeviceKeyRotated:
    """Emitted when a key takes the place of another, by rotation or replacement."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("80f219b29795272d9400ba39f27fc7f6be49b9345e9cca84258def77928e42b7")
    device: bytes
    state: DeviceState

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> DeviceKeyRotated:
        """Reads the event of a log. Raises EventMalformed."""
        keys, values = codec.decode_log(
            "DeviceKeyRotated",
            ("bytes32",),
            ((
                "(uint32,uint64,uint64,uint16,uint8,uint8,(bytes32,uint64,uint64,uint64,uint8)[],bytes[],"
                "(uint64,uint64,uint16)[],(bytes32,bytes32,uint64),(bytes32,bytes32,bytes32,bytes32,"
                "uint32,uint64,uint64)[])"
            ),),
            topics,
            data,
        )
        return cls(
            device=keys[0],
            state=DeviceState.from_abi(values[0]),
        )


@dataclass(frozen=True, slots=True)
class DeviceResumed:
    """Emitted when a suspension ends."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("e6ae247a0522f2eca842c293bbe9ba19475fbac8aefd237df182cc0fc70a9f3d")
    device: bytes
    state: DeviceState

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> DeviceResumed:
        """Reads the event of a log. Raises EventMalformed."""
        keys, values = codec.decode_log(
            "DeviceResumed",
            ("bytes32",),
            ((
                "(uint32,uint64,uint64,uint16,uint8,uint8,(bytes32,uint64,uint64,uint64,uint8)[],bytes[],"
                "(uint64,uint64,uint16)[],(bytes32,bytes32,uint64),(bytes32,bytes32,bytes32,bytes32,"
                "uint32,uint64,uint64)[])"
            ),),
            topics,
            data,
        )
        return cls(
            device=keys[0],
            state=DeviceState.from_abi(values[0]),
        )


@dataclass(frozen=True, slots=True)
class DeviceRetired:
    """Emitted when a device is taken out of use."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("7addd01e686b819b9f1f9604905ab044e2a7c14580c19ddf9ae9d4c34baa1c54")
    device: bytes
    state: DeviceState

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> DeviceRetired:
        """Reads the event of a log. Raises EventMalformed."""
        keys, values = codec.decode_log(
            "DeviceRetired",
            ("bytes32",),
            ((
                "(uint32,uint64,uint64,uint16,uint8,uint8,(bytes32,uint64,uint64,uint64,uint8)[],bytes[],"
                "(uint64,uint64,uint16)[],(bytes32,bytes32,uint64),(bytes32,bytes32,bytes32,bytes32,"
                "uint32,uint64,uint64)[])"
            ),),
            topics,
            data,
        )
        return cls(
            device=keys[0],
            state=DeviceState.from_abi(values[0]),
        )


@dataclass(frozen=True, slots=True)
class DeviceRevoked:
    """Emitted when a device is revoked, perhaps from a second in the past."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("03ae56dc82cbe9a035e28072571a45831dcc4314e3ed9d7cdedfb988afdc149c")
    device: bytes
    state: DeviceState

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> DeviceRevoked:
        """Reads the event of a log. Raises EventMalformed."""
        keys, values = codec.decode_log(
            "DeviceRevoked",
            ("bytes32",),
            ((
                "(uint32,uint64,uint64,uint16,uint8,uint8,(bytes32,uint64,uint64,uint64,uint8)[],bytes[],"
                "(uint64,uint64,uint16)[],(bytes32,bytes32,uint64),(bytes32,bytes32,bytes32,bytes32,"
                "uint32,uint64,uint64)[])"
            ),),
            topics,
            data,
        )
        return cls(
            device=keys[0],
            state=DeviceState.from_abi(values[0]),
        )


@dataclass(frozen=True, slots=True)
class DeviceSuspended:
    """Emitted when a device is suspended."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("d1d89887cb3067d792265d24bbf1538adcc547b8cfc0810a1406d9a9fbf02be3")
    device: bytes
    state: DeviceState

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> DeviceSuspended:
        """Reads the event of a log. Raises EventMalformed."""
        keys, values = codec.decode_log(
            "DeviceSuspended",
            ("bytes32",),
            ((
                "(uint32,uint64,uint64,uint16,uint8,uint8,(bytes32,uint64,uint64,uint64,uint8)[],bytes[],"
                "(uint64,uint64,uint16)[],(bytes32,bytes32,uint64),(bytes32,bytes32,bytes32,bytes32,"
                "uint32,uint64,uint64)[])"
            ),),
            topics,
            data,
        )
        return cls(
            device=keys[0],
            state=DeviceState.from_abi(values[0]),
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


Event = (
    DeviceAssigned
    | DeviceCertified
    | DeviceEnrolled
    | DeviceForkProven
    | DeviceKeyInvalidated
    | DeviceKeyReplacementProposed
    | DeviceKeyRotated
    | DeviceResumed
    | DeviceRetired
    | DeviceRevoked
    | DeviceSuspended
    | EIP712DomainChanged
)

_READERS: Final[Mapping[bytes, Callable[[Sequence[bytes], bytes], Event]]] = {
    DeviceAssigned.TOPIC: DeviceAssigned.from_log,
    DeviceCertified.TOPIC: DeviceCertified.from_log,
    DeviceEnrolled.TOPIC: DeviceEnrolled.from_log,
    DeviceForkProven.TOPIC: DeviceForkProven.from_log,
    DeviceKeyInvalidated.TOPIC: DeviceKeyInvalidated.from_log,
    DeviceKeyReplacementProposed.TOPIC: DeviceKeyReplacementProposed.from_log,
    DeviceKeyRotated.TOPIC: DeviceKeyRotated.from_log,
    DeviceResumed.TOPIC: DeviceResumed.from_log,
    DeviceRetired.TOPIC: DeviceRetired.from_log,
    DeviceRevoked.TOPIC: DeviceRevoked.from_log,
    DeviceSuspended.TOPIC: DeviceSuspended.from_log,
    EIP712DomainChanged.TOPIC: EIP712DomainChanged.from_log,
}


def decode_event(topics: Sequence[bytes], data: bytes) -> Event:
    """The event of a log of this contract. Raises EventMalformed, also when it has no such event."""
    reader = _READERS.get(topics[0]) if topics else None
    if reader is None:
        raise EventMalformed("DeviceRegistry has no event of this topic")
    return reader(topics, data)


def encode_constructor(access: bytes, parties: bytes) -> bytes:
    """The constructor's arguments, to stand behind the bytecode."""
    return codec.encode(("address", "address"), [access, parties])


def encode_assign(device: bytes, assignment: Assignment) -> bytes:
    """Gives a device to a merchant and place. The owner's ADMIN-power wallet, or REGISTRAR."""
    return bytes.fromhex("42484b74") + codec.encode(
        ("bytes32", "(bytes32,bytes32,uint64)"),
        [device, assignment.to_abi()],
    )


def encode_assignment_at(device: bytes, time: int) -> bytes:
    """The assignment in force at a second; zeros when there was none."""
    return bytes.fromhex("fa0901ae") + codec.encode(("bytes32", "uint64"), [device, time])


def decode_assignment_at_output(data: bytes) -> Assignment:
    """What `assignmentAt` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("assignmentAt", ("(bytes32,bytes32,uint64)",), data)
    value: Assignment = Assignment.from_abi(values[0])
    return value


def encode_certify(device: bytes, metrology: Metrology) -> bytes:
    """Files a verification. Only METROLOGY. A device that is not enrolled yet becomes Pending."""
    return bytes.fromhex("e9fbe03e") + codec.encode(
        ("bytes32", "(bytes32,bytes32,bytes32,bytes32,uint32,uint64,uint64)"),
        [device, metrology.to_abi()],
    )


def encode_device_at(device: bytes) -> bytes:
    """The device without its lists; status Unknown when there is none."""
    return bytes.fromhex("0f43fc47") + codec.encode(("bytes32",), [device])


def decode_device_at_output(data: bytes) -> Device:
    """What `deviceAt` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("deviceAt", ("(uint32,uint64,uint64,uint16,uint8,uint8)",), data)
    value: Device = Device.from_abi(values[0])
    return value


def encode_device_of_key(key_hash: bytes) -> bytes:
    """The device that a key serves or served; zero for none."""
    return bytes.fromhex("8e02ecc7") + codec.encode(("bytes32",), [key_hash])


def decode_device_of_key_output(data: bytes) -> bytes:
    """What `deviceOfKey` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("deviceOfKey", ("bytes32",), data)
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


def encode_enrol(enrolment: DeviceEnrolment, class_: int, trust: int, possession: bytes, public_key: bytes) -> bytes:
    """Gives a device its first key. Only REGISTRAR."""
    return bytes.fromhex("8fb60f44") + codec.encode(
        ("(bytes32,uint32,bytes32,uint8,uint256,uint64)", "uint16", "uint8", "bytes", "bytes"),
        [enrolment.to_abi(), class_, trust, possession, public_key],
    )


def encode_enrolment_digest(enrolment: DeviceEnrolment) -> bytes:
    """What a new key signs to show possession."""
    return bytes.fromhex("650e5fa4") + codec.encode(
        ("(bytes32,uint32,bytes32,uint8,uint256,uint64)",),
        [enrolment.to_abi()],
    )


def decode_enrolment_digest_output(data: bytes) -> bytes:
    """What `enrolmentDigest` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("enrolmentDigest", ("bytes32",), data)
    value: bytes = values[0]
    return value


def encode_invalidate_key(device: bytes, epoch: int, from_: int, value_3: int) -> bytes:
    """Declares one key not to be believed from some second on, perhaps past. Only REGISTRAR."""
    return bytes.fromhex("058f6115") + codec.encode(
        ("bytes32", "uint256", "uint64", "uint16"),
        [device, epoch, from_, value_3],
    )


def encode_is_nonce_used(device: bytes, nonce: int) -> bytes:
    """Whether a nonce was used for a device."""
    return bytes.fromhex("d840c955") + codec.encode(("bytes32", "uint256"), [device, nonce])


def decode_is_nonce_used_output(data: bytes) -> bool:
    """What `isNonceUsed` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("isNonceUsed", ("bool",), data)
    value: bool = values[0]
    return value


def encode_key_at(device: bytes, time: int) -> bytes:
    """The key in force at a second and the device's status then. Before the first key: the first key, Pending."""
    return bytes.fromhex("3a9e358a") + codec.encode(("bytes32", "uint64"), [device, time])


def decode_key_at_output(data: bytes) -> tuple[int, KeyEpoch, int]:
    """What `keyAt` answers: epoch, key, status_then. Raises NodeAnswerWrong."""
    values = codec.decode("keyAt", ("uint256", "(bytes32,uint64,uint64,uint64,uint8)", "uint8"), data)
    return (values[0], KeyEpoch.from_abi(values[1]), values[2])


def encode_metrology_at(device: bytes, time: int) -> bytes:
    """The newest verification that began at or before a second, and whether it still held then."""
    return bytes.fromhex("a04db5b3") + codec.encode(("bytes32", "uint64"), [device, time])


def decode_metrology_at_output(data: bytes) -> tuple[bool, Metrology]:
    """What `metrologyAt` answers: verified, metrology. Raises NodeAnswerWrong."""
    values = codec.decode("metrologyAt", ("bool", "(bytes32,bytes32,bytes32,bytes32,uint32,uint64,uint64)"), data)
    return (values[0], Metrology.from_abi(values[1]))


def encode_record_digest(record: Record) -> bytes:
    """What a device signs: the EIP-712 digest of a record."""
    return bytes.fromhex("b508c604") + codec.encode(
        ("(bytes32,bytes32,uint64,uint64,bytes32,int256,int32,bytes32,bytes32,bytes32)",),
        [record.to_abi()],
    )


def decode_record_digest_output(data: bytes) -> bytes:
    """What `recordDigest` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("recordDigest", ("bytes32",), data)
    value: bytes = values[0]
    return value


def encode_replace_key(enrolment: DeviceEnrolment, possession: bytes, public_key: bytes) -> bytes:
    """Replaces a lost key: the same call by two REGISTRARs of different members, both before its deadline."""
    return bytes.fromhex("659b72a0") + codec.encode(
        ("(bytes32,uint32,bytes32,uint8,uint256,uint64)", "bytes", "bytes"),
        [enrolment.to_abi(), possession, public_key],
    )


def encode_resume(device: bytes) -> bytes:
    """Ends a suspension now. Only REGISTRAR."""
    return bytes.fromhex("fa7a2962") + codec.encode(("bytes32",), [device])


def encode_retire(device: bytes) -> bytes:
    """Takes a device out of use now. Only REGISTRAR."""
    return bytes.fromhex("1f2b6f23") + codec.encode(("bytes32",), [device])


def encode_revoke(device: bytes, from_: int, value_2: int) -> bytes:
    """Revokes a device from some second on, perhaps past. Only REGISTRAR."""
    return bytes.fromhex("e0e7d8e8") + codec.encode(("bytes32", "uint64", "uint16"), [device, from_, value_2])


def encode_rotate(
    rotation: KeyRotation,
    old_signature: bytes,
    enrolment: DeviceEnrolment,
    possession: bytes,
    public_key: bytes,
) -> bytes:
    """Hands over from the key in force to a new one. Anyone may relay; when either key is Ed25519, only REGISTRAR,
    whose call then is the statement about that key."""
    return bytes.fromhex("255c37ff") + codec.encode(
        (
            "(bytes32,bytes32,uint8,uint256,uint64)",
            "bytes",
            "(bytes32,uint32,bytes32,uint8,uint256,uint64)",
            "bytes",
            "bytes",
        ),
        [rotation.to_abi(), old_signature, enrolment.to_abi(), possession, public_key],
    )


def encode_rotation_digest(rotation: KeyRotation) -> bytes:
    """What the key in force signs to hand over."""
    return bytes.fromhex("e571e3fe") + codec.encode(("(bytes32,bytes32,uint8,uint256,uint64)",), [rotation.to_abi()])


def decode_rotation_digest_output(data: bytes) -> bytes:
    """What `rotationDigest` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("rotationDigest", ("bytes32",), data)
    value: bytes = values[0]
    return value


def encode_state_of(device: bytes) -> bytes:
    """The device's whole state, as the newest event carries it."""
    return bytes.fromhex("64482ac4") + codec.encode(("bytes32",), [device])


def decode_state_of_output(data: bytes) -> DeviceState:
    """What `stateOf` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode(
        "stateOf",
        ((
            "(uint32,uint64,uint64,uint16,uint8,uint8,(bytes32,uint64,uint64,uint64,uint8)[],bytes[],"
            "(uint64,uint64,uint16)[],(bytes32,bytes32,uint64),(bytes32,bytes32,bytes32,bytes32,"
            "uint32,uint64,uint64)[])"
        ),),
        data,
    )
    value: DeviceState = DeviceState.from_abi(values[0])
    return value


def encode_submit_fork(a: Record, signature_a: bytes, b: Record, signature_b: bytes, public_key: bytes) -> bytes:
    """Shows two different records of one device and sequence, each validly signed; suspends the device."""
    return bytes.fromhex("159f79e4") + codec.encode(
        (
            "(bytes32,bytes32,uint64,uint64,bytes32,int256,int32,bytes32,bytes32,bytes32)",
            "bytes",
            "(bytes32,bytes32,uint64,uint64,bytes32,int256,int32,bytes32,bytes32,bytes32)",
            "bytes",
            "bytes",
        ),
        [a.to_abi(), signature_a, b.to_abi(), signature_b, public_key],
    )


def encode_suspend(device: bytes, reason: int) -> bytes:
    """Suspends a device from now on. Only REGISTRAR."""
    return bytes.fromhex("522e83e0") + codec.encode(("bytes32", "uint16"), [device, reason])
