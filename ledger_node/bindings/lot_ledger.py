# Written by scripts/make_bindings.py from the compiler's artifacts. Do not edit.
"""The contract LotLedger: its structs, events, and calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from ledger_node.bindings import codec
from ledger_node.bindings.contract_errors import decode_error
from ledger_node.errors import EventMalformed

__all__ = ["CONTRACT_NAME", "Event", "decode_error", "decode_event"]

CONTRACT_NAME: Final = "LotLedger"


@dataclass(frozen=True, slots=True)
class Lot:
    """The Solidity struct `Lot`."""

    registrant: int
    unit: bytes
    state: int
    failed_tests: int
    quantity: int

    def to_abi(self) -> tuple[Any, ...]:
        """The members in the order of the declaration."""
        return (self.registrant, self.unit, self.state, self.failed_tests, self.quantity)

    @classmethod
    def from_abi(cls, value: Sequence[Any]) -> Lot:
        """What `to_abi` gives."""
        return cls(
            registrant=value[0],
            unit=value[1],
            state=value[2],
            failed_tests=value[3],
            quantity=value[4],
        )


@dataclass(frozen=True, slots=True)
class LotHeldSet:
    """Emitted when a quantity of a lot comes to be held by a party."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("b302891a826e4884e165e30af95bfd6bd48b23995ed3f41a6a43ddca8cf7437e")
    lot: bytes
    party: int
    held: int

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> LotHeldSet:
        """Reads the event of a log. Raises EventMalformed."""
        keys, values = codec.decode_log("LotHeldSet", ("bytes32", "uint32"), ("uint128",), topics, data)
        return cls(
            lot=keys[0],
            party=keys[1],
            held=values[0],
        )


@dataclass(frozen=True, slots=True)
class LotStateSet:
    """Emitted when a lot's state changes."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("4d4325e0d21c66e55037d13389337c3b8d9af7e77d910ef68a3f39d44bc72ea4")
    lot: bytes
    state: int
    uid: bytes

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> LotStateSet:
        """Reads the event of a log. Raises EventMalformed."""
        keys, values = codec.decode_log("LotStateSet", ("bytes32",), ("uint8", "bytes32"), topics, data)
        return cls(
            lot=keys[0],
            state=values[0],
            uid=values[1],
        )


Event = LotHeldSet | LotStateSet

_READERS: Final[Mapping[bytes, Callable[[Sequence[bytes], bytes], Event]]] = {
    LotHeldSet.TOPIC: LotHeldSet.from_log,
    LotStateSet.TOPIC: LotStateSet.from_log,
}


def decode_event(topics: Sequence[bytes], data: bytes) -> Event:
    """The event of a log of this contract. Raises EventMalformed, also when it has no such event."""
    reader = _READERS.get(topics[0]) if topics else None
    if reader is None:
        raise EventMalformed("LotLedger has no event of this topic")
    return reader(topics, data)


def encode_constructor(parties: bytes, resolver: bytes) -> bytes:
    """The constructor's arguments, to stand behind the bytecode."""
    return codec.encode(("address", "address"), [parties, resolver])


def encode_certified_of(lot: bytes, kind: int) -> bytes:
    """How much of a lot is certified under a kind."""
    return bytes.fromhex("79530f1f") + codec.encode(("bytes32", "uint8"), [lot, kind])


def decode_certified_of_output(data: bytes) -> int:
    """What `certifiedOf` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("certifiedOf", ("uint128",), data)
    value: int = values[0]
    return value


def encode_certify(lot: bytes, kind: int, quantity: int, unit: bytes) -> bytes:
    """Counts a certified quantity. Only the resolver; an open lot."""
    return bytes.fromhex("e3636a3c") + codec.encode(
        ("bytes32", "uint8", "uint128", "bytes3"),
        [lot, kind, quantity, unit],
    )


def encode_close(lot: bytes, uid: bytes) -> bytes:
    """Ends a lot. Only the resolver."""
    return bytes.fromhex("f10ca95a") + codec.encode(("bytes32", "bytes32"), [lot, uid])


def encode_correct(lot: bytes, quantity: int, unit: bytes) -> bytes:
    """Corrects a registered lot's quantity; the registrant's holding changes by the difference. Only the resolver."""
    return bytes.fromhex("e521189f") + codec.encode(("bytes32", "uint128", "bytes3"), [lot, quantity, unit])


def encode_held_by(lot: bytes, party: int) -> bytes:
    """What a party holds of a lot."""
    return bytes.fromhex("a78363e9") + codec.encode(("bytes32", "uint32"), [lot, party])


def decode_held_by_output(data: bytes) -> int:
    """What `heldBy` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("heldBy", ("uint128",), data)
    value: int = values[0]
    return value


def encode_lift_failure(lot: bytes, uid: bytes) -> bytes:
    """Takes a failed test back: with none left, a held lot becomes Open. Only the resolver."""
    return bytes.fromhex("acfa8616") + codec.encode(("bytes32", "bytes32"), [lot, uid])


def encode_lot_at(lot: bytes) -> bytes:
    """The lot; state None when there is none."""
    return bytes.fromhex("6d079324") + codec.encode(("bytes32",), [lot])


def decode_lot_at_output(data: bytes) -> Lot:
    """What `lotAt` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("lotAt", ("(uint32,bytes3,uint8,uint32,uint128)",), data)
    value: Lot = Lot.from_abi(values[0])
    return value


def encode_move(lot: bytes, from_: int, to: int, reserved: int, accepted: int) -> bytes:
    """Moves what was accepted of a reserved quantity. Only the resolver; an open lot."""
    return bytes.fromhex("b7167eca") + codec.encode(
        ("bytes32", "uint32", "uint32", "uint128", "uint128"),
        [lot, from_, to, reserved, accepted],
    )


def encode_note_failure(lot: bytes, uid: bytes) -> bytes:
    """Counts a failed test: an open or disputed lot becomes Held. Only the resolver."""
    return bytes.fromhex("d8bd0c0c") + codec.encode(("bytes32", "bytes32"), [lot, uid])


def encode_offerable(lot: bytes, party: int) -> bytes:
    """What a party may still offer of a lot: held, plus what weighing may err, less what is reserved."""
    return bytes.fromhex("32aefe1d") + codec.encode(("bytes32", "uint32"), [lot, party])


def decode_offerable_output(data: bytes) -> int:
    """What `offerable` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("offerable", ("uint128",), data)
    value: int = values[0]
    return value


def encode_register(lot: bytes, registrant: int, quantity: int, unit: bytes, uid: bytes) -> bytes:
    """Registers a lot, held by its registrant. Only the resolver."""
    return bytes.fromhex("031bdd09") + codec.encode(
        ("bytes32", "uint32", "uint128", "bytes3", "bytes32"),
        [lot, registrant, quantity, unit, uid],
    )


def encode_release_certified(lot: bytes, kind: int, quantity: int) -> bytes:
    """Gives a certified quantity back. Only the resolver."""
    return bytes.fromhex("164643e6") + codec.encode(("bytes32", "uint8", "uint128"), [lot, kind, quantity])


def encode_release_reserved(lot: bytes, holder: int, quantity: int) -> bytes:
    """Gives a reserved quantity back. Only the resolver."""
    return bytes.fromhex("951c87ab") + codec.encode(("bytes32", "uint32", "uint128"), [lot, holder, quantity])


def encode_reserve(lot: bytes, holder: int, quantity: int, unit: bytes) -> bytes:
    """Reserves a quantity that a holder offers to hand over. Only the resolver; an open lot."""
    return bytes.fromhex("d7b04683") + codec.encode(
        ("bytes32", "uint32", "uint128", "bytes3"),
        [lot, holder, quantity, unit],
    )


def encode_reserved_by(lot: bytes, party: int) -> bytes:
    """What a party has offered of a lot and nobody has accepted yet."""
    return bytes.fromhex("f2cc01a2") + codec.encode(("bytes32", "uint32"), [lot, party])


def decode_reserved_by_output(data: bytes) -> int:
    """What `reservedBy` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("reservedBy", ("uint128",), data)
    value: int = values[0]
    return value


def encode_set_state(lot: bytes, state: int, cause: bytes) -> bytes:
    """Sets a lot's state. An active wallet of a regulator or market."""
    return bytes.fromhex("6266d675") + codec.encode(("bytes32", "uint8", "bytes32"), [lot, state, cause])
