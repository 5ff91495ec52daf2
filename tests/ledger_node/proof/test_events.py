"""The events that proofs rest on are those of the compiled contracts, and only their canonical encoding is read."""

import itertools
from dataclasses import replace
from typing import Any

import pytest
from eth_abi.abi import decode, encode

from ledger_node.bindings import device_registry, pin_registry
from ledger_node.bindings.artifact import load_artifact
from ledger_node.domain.log_entry import LogEntry
from ledger_node.errors import EventMalformed
from ledger_node.proof.events import device_state, event_forms, event_of, pin_header
from tests.support.a_bundle import SCALE, a_market

ARTIFACTS = {
    "device": "DeviceRegistry",
    "trace": "PinRegistry",
    "lot": "LotLedger",
    "attestation": "AttestationResolver",
}


def canonical_type(member: dict[str, Any]) -> str:
    if not member["type"].startswith("tuple"):
        return str(member["type"])
    inner = ",".join(canonical_type(one) for one in member["components"])
    return f"({inner}){member['type'].removeprefix('tuple')}"


def declared(noun: str) -> dict[str, int]:
    """Signature → number of topics of every event that the contract declares."""
    events = [one for one in load_artifact(ARTIFACTS[noun]).abi if one["type"] == "event"]
    return {
        f"{one['name']}({','.join(canonical_type(member) for member in one['inputs'])})": sum(
            member["indexed"] for member in one["inputs"]
        )
        for one in events
    }


@pytest.mark.parametrize("noun", ARTIFACTS)
def test_every_event_of_a_contract_is_known_in_its_form(noun: str) -> None:
    known = {form.signature: form.indexed for form in event_forms().values() if form.noun == noun}
    assert known == {
        name: count for name, count in declared(noun).items() if not name.startswith(("EIP712", "Authority"))
    }


def flattened(value: Any) -> list[Any]:
    """The plain values in order, whether lists or tuples hold them."""
    return [one for member in value for one in flattened(member)] if isinstance(value, (list, tuple)) else [value]


def test_a_device_event_reads_as_the_bindings_read_it() -> None:
    world = a_market()
    entry = world.entries[0]
    assert entry.data is not None
    event = event_of(entry, world.network)
    assert event is not None
    assert device_state(event) == world.devices[SCALE].state
    bound: Any = device_registry.decode_event(entry.topics, entry.data)
    assert bound.device == event.arguments[0]
    assert flattened(bound.state.to_abi()) == flattened(event.arguments[-1])


def test_a_pin_reads_as_the_bindings_read_it() -> None:
    world = a_market()
    entry = next(one for one in world.entries if (event := event_of(one, world.network)) and event.name == "Pinned")
    assert entry.data is not None
    event, bound = event_of(entry, world.network), pin_registry.decode_event(entry.topics, entry.data)
    assert event is not None
    header: Any = bound.header  # type: ignore[union-attr]
    read = pin_header(event)
    assert (read.root, read.count, read.amount, read.mass, read.lots) == (
        header.root,
        header.count,
        header.amount,
        header.mass,
        header.lots,
    )


def with_data(entry: LogEntry, data: bytes) -> LogEntry:
    return replace(entry, data=data, data_length=len(data))


def test_no_bit_of_an_event_can_be_set_to_read_the_same_thing_twice() -> None:
    world = a_market()
    entry = world.entries[0]
    assert entry.data is not None
    whole = event_of(entry, world.network)
    for place, bit in itertools.product(range(len(entry.data)), (0, 7)):
        data = bytearray(entry.data)
        data[place] ^= 1 << bit
        try:
            read = event_of(with_data(entry, bytes(data)), world.network)
        except EventMalformed:
            continue
        assert read != whole


@pytest.mark.parametrize(
    "change", [lambda data: data[:-1], lambda data: data + bytes(32), lambda data: data[32:], lambda _: b""]
)
def test_data_that_are_cut_or_longer_are_refused(change: Any) -> None:
    world = a_market()
    entry = world.entries[0]
    with pytest.raises(EventMalformed):
        event_of(with_data(entry, change(entry.data)), world.network)


def test_an_offset_elsewhere_is_refused_although_a_general_decoder_follows_it() -> None:
    world = a_market()
    entry = world.entries[0]
    moved = encode(["uint256"], [64]) + bytes(32) + (entry.data or b"")[32:]
    state_type = next(form for form in event_forms().values() if form.name == "DeviceEnrolled").signature
    kinds = [state_type.removeprefix("DeviceEnrolled(bytes32,").removesuffix(")")]
    assert decode(kinds, moved) == decode(kinds, entry.data or b"")
    with pytest.raises(EventMalformed):
        event_of(with_data(entry, moved), world.network)
