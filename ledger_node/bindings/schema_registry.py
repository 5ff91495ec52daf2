# Written by scripts/make_bindings.py from the compiler's artifacts. Do not edit.
"""The contract SchemaRegistry: its structs, events, and calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from ledger_node.bindings import codec
from ledger_node.bindings.contract_errors import decode_error
from ledger_node.errors import EventMalformed

__all__ = ["CONTRACT_NAME", "Event", "decode_error", "decode_event"]

CONTRACT_NAME: Final = "SchemaRegistry"


@dataclass(frozen=True, slots=True)
class SchemaRecord:
    """The Solidity struct `SchemaRecord`."""

    uid: bytes
    resolver: bytes
    revocable: bool
    schema: str

    def to_abi(self) -> tuple[Any, ...]:
        """The members in the order of the declaration."""
        return (self.uid, self.resolver, self.revocable, self.schema)

    @classmethod
    def from_abi(cls, value: Sequence[Any]) -> SchemaRecord:
        """What `to_abi` gives."""
        return cls(
            uid=value[0],
            resolver=value[1],
            revocable=value[2],
            schema=value[3],
        )


@dataclass(frozen=True, slots=True)
class Registered:
    """The event `Registered`."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("d0b86852e21f9e5fa4bc3b0cff9757ffe243d50c4b43968a42202153d651ea5e")
    uid: bytes
    registerer: bytes
    schema: SchemaRecord

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> Registered:
        """Reads the event of a log. Raises EventMalformed."""
        keys, values = codec.decode_log(
            "Registered",
            ("bytes32", "address"),
            ("(bytes32,address,bool,string)",),
            topics,
            data,
        )
        return cls(
            uid=keys[0],
            registerer=keys[1],
            schema=SchemaRecord.from_abi(values[0]),
        )


Event = Registered

_READERS: Final[Mapping[bytes, Callable[[Sequence[bytes], bytes], Event]]] = {
    Registered.TOPIC: Registered.from_log,
}


def decode_event(topics: Sequence[bytes], data: bytes) -> Event:
    """The event of a log of this contract. Raises EventMalformed, also when it has no such event."""
    reader = _READERS.get(topics[0]) if topics else None
    if reader is None:
        raise EventMalformed("SchemaRegistry has no event of this topic")
    return reader(topics, data)


def encode_constructor() -> bytes:
    """The constructor's arguments, to stand behind the bytecode."""
    return b""


def encode_get_schema(uid: bytes) -> bytes:
    """Call data of `getSchema`."""
    return bytes.fromhex("a2ea7c6e") + codec.encode(("bytes32",), [uid])


def decode_get_schema_output(data: bytes) -> SchemaRecord:
    """What `getSchema` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("getSchema", ("(bytes32,address,bool,string)",), data)
    value: SchemaRecord = SchemaRecord.from_abi(values[0])
    return value


def encode_register(schema: str, resolver: bytes, revocable: bool) -> bytes:
    """Call data of `register`."""
    return bytes.fromhex("60d7a278") + codec.encode(("string", "address", "bool"), [schema, resolver, revocable])


def decode_register_output(data: bytes) -> bytes:
    """What `register` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("register", ("bytes32",), data)
    value: bytes = values[0]
    return value


def encode_version() -> bytes:
    """Call data of `version`."""
    return bytes.fromhex("54fd4d50")


def decode_version_output(data: bytes) -> str:
    """What `version` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("version", ("string",), data)
    value: str = values[0]
    return value
