"""The events that proofs rest on: what an entry of the log says, if it is one of ours.

Their signatures stand in `events.json`, which the page's verifier reads too; a test compares them with the contracts.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from ledger_node.domain.device import Assignment, DeviceState, DeviceStatus, KeyEpoch, Metrology, Suspension
from ledger_node.domain.device_key import KeyType
from ledger_node.domain.digest import keccak256
from ledger_node.domain.log_entry import LogEntry
from ledger_node.domain.network import Network
from ledger_node.errors import EventMalformed
from ledger_node.proof.strict_abi import Type, decode, decode_word, parse_types

_STRUCTS: Final = {
    "{state}": "(uint32,uint64,uint64,uint16,uint8,uint8,(bytes32,uint64,uint64,uint64,uint8)[],bytes[],"
    "(uint64,uint64,uint16)[],(bytes32,bytes32,uint64),(bytes32,bytes32,bytes32,bytes32,uint32,uint64,uint64)[])",
    "{header}": "(bytes32,bytes32,uint32,uint128,uint128,uint64,uint64,uint64,bytes32,bytes32,bytes32)",
}


@dataclass(frozen=True, slots=True)
class EventForm:
    """One event of a contract: its name, how many arguments are topics, and all argument types."""

    noun: str
    name: str
    signature: str
    topic: bytes
    indexed: int
    types: tuple[Type, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """An entry understood: the contract's noun, the event's name, its arguments in order."""

    noun: str
    name: str
    arguments: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class PinHeader:
    """What a pin commits to; times are seconds."""

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


@cache
def event_forms() -> Mapping[tuple[str, bytes], EventForm]:
    """(noun, topic 0) → the event's form."""
    rows = json.loads(files("ledger_node.proof").joinpath("events.json").read_text())
    forms = (_form(row["noun"], row["indexed"], row["signature"]) for row in rows)
    return {(form.noun, form.topic): form for form in forms}


def event_of(entry: LogEntry, network: Network) -> Event | None:
    """The event if its contract and form are known, else None. Raises EventMalformed when its data do not decode."""
    noun = next((one.noun for one in network.contracts if one.address == entry.address), None)
    form = event_forms().get((noun, entry.topics[0])) if noun is not None and entry.topics else None
    if form is None:
        return None
    if entry.data is None or len(entry.topics) != 1 + form.indexed:
        raise EventMalformed(f"{form.name} with {len(entry.topics)} topics and {entry.data_length} bytes")
    topics = (decode_word(kind, word) for kind, word in zip(form.types, entry.topics[1:], strict=False))
    return Event(form.noun, form.name, (*topics, *decode(form.types[form.indexed :], entry.data)))


def device_state(event: Event) -> DeviceState:
    """The state that a device event carries as its last argument. Raises EventMalformed for numbers without meaning."""
    owner, enrolled, revoked, device_class, trust, status, keys, publics, suspensions, assignment, verifications = (
        event.arguments[-1]
    )
    if len(keys) != len(publics):
        raise EventMalformed(f"{len(keys)} keys but {len(publics)} public keys")
    try:
        return DeviceState(
            owner=owner,
            enrolled_at=enrolled,
            revoked_from=revoked,
            device_class=device_class,
            trust=trust,
            status=DeviceStatus(status),
            keys=tuple(_key_epoch(key, public) for key, public in zip(keys, publics, strict=True)),
            suspensions=tuple(Suspension(*one) for one in suspensions),
            assignment=Assignment(*assignment),
            verifications=tuple(Metrology(*one) for one in verifications),
        )
    except ValueError as wrong:
        raise EventMalformed(str(wrong)) from wrong


def pin_header(event: Event) -> PinHeader:
    """The header of a `Pinned` event."""
    return PinHeader(*event.arguments[-1])


def _key_epoch(key: tuple[bytes, int, int, int, int], public_key: bytes) -> KeyEpoch:
    key_hash, from_at, to_at, invalid_from, key_type = key
    return KeyEpoch(key_hash, from_at, to_at, invalid_from, KeyType(key_type), public_key)


def _form(noun: str, indexed: int, text: str) -> EventForm:
    for name, types in _STRUCTS.items():
        text = text.replace(name, types)
    name, _, arguments = text.partition("(")
    return EventForm(noun, name, text, keccak256(text.encode()), indexed, parse_types("(" + arguments))
