# Written by scripts/make_bindings.py from the compiler's artifacts. Do not edit.
"""The contract PinRegistry: its structs, events, and calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from ledger_node.bindings import codec
from ledger_node.bindings.contract_errors import decode_error
from ledger_node.errors import EventMalformed

__all__ = ["CONTRACT_NAME", "Event", "decode_error", "decode_event"]

CONTRACT_NAME: Final = "PinRegistry"


@dataclass(frozen=True, slots=True)
class PinHeader:
    """The Solidity struct `PinHeader`."""

    root: bytes
    previous_root: bytes
    count: int
    amount: int
    mass: int
    first_at: int
    last_at: int
    sealed_at: int
    content: bytes
    lots: bytes
    rules: bytes

    def to_abi(self) -> tuple[Any, ...]:
        """The members in the order of the declaration."""
        return (
            self.root,
            self.previous_root,
            self.count,
            self.amount,
            self.mass,
            self.first_at,
            self.last_at,
            self.sealed_at,
            self.content,
            self.lots,
            self.rules,
        )

    @classmethod
    def from_abi(cls, value: Sequence[Any]) -> PinHeader:
        """What `to_abi` gives."""
        return cls(
            root=value[0],
            previous_root=value[1],
            count=value[2],
            amount=value[3],
            mass=value[4],
            first_at=value[5],
            last_at=value[6],
            sealed_at=value[7],
            content=value[8],
            lots=value[9],
            rules=value[10],
        )


@dataclass(frozen=True, slots=True)
class Challenge:
    """The Solidity struct `Challenge`."""

    state: int
    challenger: int
    answer_until: int

    def to_abi(self) -> tuple[Any, ...]:
        """The members in the order of the declaration."""
        return (self.state, self.challenger, self.answer_until)

    @classmethod
    def from_abi(cls, value: Sequence[Any]) -> Challenge:
        """What `to_abi` gives."""
        return cls(
            state=value[0],
            challenger=value[1],
            answer_until=value[2],
        )


@dataclass(frozen=True, slots=True)
class Stream:
    """The Solidity struct `Stream`."""

    pinner: bytes
    sequence: int
    sealed_at: int
    flags: int
    root: bytes

    def to_abi(self) -> tuple[Any, ...]:
        """The members in the order of the declaration."""
        return (self.pinner, self.sequence, self.sealed_at, self.flags, self.root)

    @classmethod
    def from_abi(cls, value: Sequence[Any]) -> Stream:
        """What `to_abi` gives."""
        return cls(
            pinner=value[0],
            sequence=value[1],
            sealed_at=value[2],
            flags=value[3],
            root=value[4],
        )


@dataclass(frozen=True, slots=True)
class Sibling:
    """The Solidity struct `Sibling`."""

    hash: bytes
    amount: int
    mass: int

    def to_abi(self) -> tuple[Any, ...]:
        """The members in the order of the declaration."""
        return (self.hash, self.amount, self.mass)

    @classmethod
    def from_abi(cls, value: Sequence[Any]) -> Sibling:
        """What `to_abi` gives."""
        return cls(
            hash=value[0],
            amount=value[1],
            mass=value[2],
        )


@dataclass(frozen=True, slots=True)
class PinChallengeAnswered:
    """Emitted when the pinner says that it has published the batch file."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("3fbb7ef6da928dcd648491bdc9dcaccb79f5c691511f99938953378646752a0c")
    stream: bytes
    sequence: int

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> PinChallengeAnswered:
        """Reads the event of a log. Raises EventMalformed."""
        keys, _values = codec.decode_log("PinChallengeAnswered", ("bytes32", "uint64"), (), topics, data)
        return cls(
            stream=keys[0],
            sequence=keys[1],
        )


@dataclass(frozen=True, slots=True)
class PinChallenged:
    """Emitted when a member asks for a pin's batch file."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("fda1a4f05d84131f4b44210c5c44e0025c0f2624d7816f74bf1825266805e0a3")
    stream: bytes
    sequence: int
    challenger: int
    answer_until: int

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> PinChallenged:
        """Reads the event of a log. Raises EventMalformed."""
        keys, values = codec.decode_log("PinChallenged", ("bytes32", "uint64", "uint32"), ("uint64",), topics, data)
        return cls(
            stream=keys[0],
            sequence=keys[1],
            challenger=keys[2],
            answer_until=values[0],
        )


@dataclass(frozen=True, slots=True)
class Pinned:
    """Emitted for every pin."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("7f9c0aedeb3cefdf24ef83b052ed2d6b82e14a7bed1940210ab200ba97344f87")
    stream: bytes
    sequence: int
    header: PinHeader

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> Pinned:
        """Reads the event of a log. Raises EventMalformed."""
        keys, values = codec.decode_log(
            "Pinned",
            ("bytes32", "uint64"),
            ("(bytes32,bytes32,uint32,uint128,uint128,uint64,uint64,uint64,bytes32,bytes32,bytes32)",),
            topics,
            data,
        )
        return cls(
            stream=keys[0],
            sequence=keys[1],
            header=PinHeader.from_abi(values[0]),
        )


@dataclass(frozen=True, slots=True)
class PinnerSet:
    """Emitted when a stream gets another pinner."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("f5451f6a38b24654b96d4b0627e342792b9ecc9c10a3f4b2c9560fb8bfa60e7c")
    stream: bytes
    pinner: bytes

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> PinnerSet:
        """Reads the event of a log. Raises EventMalformed."""
        keys, _values = codec.decode_log("PinnerSet", ("bytes32", "address"), (), topics, data)
        return cls(
            stream=keys[0],
            pinner=keys[1],
        )


@dataclass(frozen=True, slots=True)
class StreamFlagged:
    """Emitted when a batch file was not published in time."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("367494e90fc3ef9600008cd7d8c334ff7b0dd53db6778bf15940e4aceb47b639")
    stream: bytes
    sequence: int
    challenger: int

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> StreamFlagged:
        """Reads the event of a log. Raises EventMalformed."""
        keys, _values = codec.decode_log("StreamFlagged", ("bytes32", "uint64", "uint32"), (), topics, data)
        return cls(
            stream=keys[0],
            sequence=keys[1],
            challenger=keys[2],
        )


@dataclass(frozen=True, slots=True)
class StreamOpened:
    """Emitted when a stream is opened."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("c09f0fc74416c0dc063bd321298f0d63b5412bfcf90f0919c12d9dc7aa461f31")
    stream: bytes
    owner: int
    market: bytes
    pinner: bytes
    flags: int

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> StreamOpened:
        """Reads the event of a log. Raises EventMalformed."""
        keys, values = codec.decode_log(
            "StreamOpened",
            ("bytes32", "uint32", "bytes32"),
            ("address", "uint16"),
            topics,
            data,
        )
        return cls(
            stream=keys[0],
            owner=keys[1],
            market=keys[2],
            pinner=values[0],
            flags=values[1],
        )


Event = PinChallengeAnswered | PinChallenged | Pinned | PinnerSet | StreamFlagged | StreamOpened

_READERS: Final[Mapping[bytes, Callable[[Sequence[bytes], bytes], Event]]] = {
    PinChallengeAnswered.TOPIC: PinChallengeAnswered.from_log,
    PinChallenged.TOPIC: PinChallenged.from_log,
    Pinned.TOPIC: Pinned.from_log,
    PinnerSet.TOPIC: PinnerSet.from_log,
    StreamFlagged.TOPIC: StreamFlagged.from_log,
    StreamOpened.TOPIC: StreamOpened.from_log,
}


def decode_event(topics: Sequence[bytes], data: bytes) -> Event:
    """The event of a log of this contract. Raises EventMalformed, also when it has no such event."""
    reader = _READERS.get(topics[0]) if topics else None
    if reader is None:
        raise EventMalformed("PinRegistry has no event of this topic")
    return reader(topics, data)


def encode_constructor(access: bytes, parties: bytes) -> bytes:
    """The constructor's arguments, to stand behind the bytecode."""
    return codec.encode(("address", "address"), [access, parties])


def encode_answer_challenge(stream: bytes, sequence: int) -> bytes:
    """Says that the batch file is published. Only the stream's pinner, in time."""
    return bytes.fromhex("3aa554b5") + codec.encode(("bytes32", "uint64"), [stream, sequence])


def encode_challenge(stream: bytes, sequence: int) -> bytes:
    """Asks for a pin's batch file; the pinner has 24 hours. An active party's wallet."""
    return bytes.fromhex("1cd3c0dd") + codec.encode(("bytes32", "uint64"), [stream, sequence])


def encode_challenge_at(stream: bytes, sequence: int) -> bytes:
    """The challenge to a pin."""
    return bytes.fromhex("f8bc477a") + codec.encode(("bytes32", "uint64"), [stream, sequence])


def decode_challenge_at_output(data: bytes) -> Challenge:
    """What `challengeAt` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("challengeAt", ("(uint8,uint32,uint64)",), data)
    value: Challenge = Challenge.from_abi(values[0])
    return value


def encode_flag(stream: bytes, sequence: int) -> bytes:
    """Flags the stream for a challenge that was not answered in time. Anyone."""
    return bytes.fromhex("eff6f27b") + codec.encode(("bytes32", "uint64"), [stream, sequence])


def encode_open_stream(stream: bytes, owner: int, market: bytes, pinner: bytes, flags: int) -> bytes:
    """Opens a stream with the empty root. Only STREAM_ADMIN."""
    return bytes.fromhex("28ad9b31") + codec.encode(
        ("bytes32", "uint32", "bytes32", "address", "uint16"),
        [stream, owner, market, pinner, flags],
    )


def encode_pin(stream: bytes, sequence: int, header: PinHeader) -> bytes:
    """Pins a batch, or with count 0 the silence since the last pin. Only the stream's pinner."""
    return bytes.fromhex("0f77e0fb") + codec.encode(
        (
            "bytes32",
            "uint64",
            "(bytes32,bytes32,uint32,uint128,uint128,uint64,uint64,uint64,bytes32,bytes32,bytes32)",
        ),
        [stream, sequence, header.to_abi()],
    )


def encode_root_at(stream: bytes, sequence: int) -> bytes:
    """The root of a pin that is the head or kept; reverts for others."""
    return bytes.fromhex("930b6ace") + codec.encode(("bytes32", "uint64"), [stream, sequence])


def decode_root_at_output(data: bytes) -> bytes:
    """What `rootAt` answers: root. Raises NodeAnswerWrong."""
    values = codec.decode("rootAt", ("bytes32",), data)
    value: bytes = values[0]
    return value


def encode_set_pinner(stream: bytes, pinner: bytes) -> bytes:
    """Names another pinner. Only STREAM_ADMIN."""
    return bytes.fromhex("bec6094e") + codec.encode(("bytes32", "address"), [stream, pinner])


def encode_stream_at(stream: bytes) -> bytes:
    """The stream's head."""
    return bytes.fromhex("dd6d19ca") + codec.encode(("bytes32",), [stream])


def decode_stream_at_output(data: bytes) -> Stream:
    """What `streamAt` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("streamAt", ("(address,uint40,uint40,uint16,bytes32)",), data)
    value: Stream = Stream.from_abi(values[0])
    return value


def encode_verify_record(
    stream: bytes,
    sequence: int,
    record_hash: bytes,
    amount: int,
    mass: int,
    index: int,
    size: int,
    path: tuple[Sibling, ...],
) -> bytes:
    """Whether a record with these numbers is in a pinned batch."""
    return bytes.fromhex("7813c92b") + codec.encode(
        (
            "bytes32",
            "uint64",
            "bytes32",
            "uint128",
            "uint128",
            "uint64",
            "uint64",
            "(bytes32,uint128,uint128)[]",
        ),
        [stream, sequence, record_hash, amount, mass, index, size, [one.to_abi() for one in path]],
    )


def decode_verify_record_output(data: bytes) -> bool:
    """What `verifyRecord` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("verifyRecord", ("bool",), data)
    value: bool = values[0]
    return value
