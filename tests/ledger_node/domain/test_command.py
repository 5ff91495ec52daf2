"""Signed commands and configurations."""

import json
from dataclasses import replace
from typing import Any

import pytest

from ledger_node.domain.canonical_json import canonical_bytes
from ledger_node.domain.command import (
    COMMAND_TYPE,
    Command,
    Configuration,
    command_digest,
    sign_command,
    sign_configuration,
)
from ledger_node.domain.device_key import KeyType, SoftwareKey
from ledger_node.domain.digest import keccak256
from ledger_node.domain.typed_data import SigningDomain, typed_digest
from ledger_node.errors import SignedMessageWrong

DOMAIN = SigningDomain(1337, (1).to_bytes(20, "big"))
NODE = "urn:tidemark:device:zpk-node"
SCALE = "urn:tidemark:device:zpk-scale-001"
KEY = SoftwareKey(KeyType.SECP256K1, keccak256(b"node"))


def a_command(**changes: Any) -> Command:
    fields: dict[str, Any] = {
        "device": SCALE,
        "number": 4,
        "name": "resend",
        "arguments": {"device": SCALE, "from": 3, "to": 9},
        "expires_at_ms": 1_763_800_060_000,
    }
    return sign_command(DOMAIN, KEY, NODE, **(fields | changes))


def test_a_command_survives_json_and_verifies() -> None:
    command = Command.from_json(json.loads(json.dumps(a_command().to_json())))
    assert command == a_command()
    assert command.verify(DOMAIN, KEY.key_type, KEY.public_key)


def test_what_is_signed_is_the_struct_of_the_declaration() -> None:
    command = a_command()
    arguments_hash = keccak256(canonical_bytes(command.arguments))
    words = (keccak256(SCALE.encode()), 4, keccak256(b"resend"), arguments_hash, 1_763_800_060_000)
    assert command.digest(DOMAIN) == typed_digest(DOMAIN, COMMAND_TYPE.hash(*words))
    assert command_digest(
        DOMAIN, device=SCALE, number=4, name="resend", arguments=command.arguments, expires_at_ms=1_763_800_060_000
    ) == command.digest(DOMAIN)


@pytest.mark.parametrize(
    "change",
    [{"device": SCALE + "9"}, {"number": 5}, {"name": "rebirth"}, {"arguments": {"to": 1}}, {"expires_at_ms": 1}],
)
def test_a_changed_command_does_not_verify(change: dict[str, Any]) -> None:
    assert not replace(a_command(), **change).verify(DOMAIN, KEY.key_type, KEY.public_key)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("name", "format-disk"),
        ("number", -1),
        ("number", 1.0),
        ("arguments", []),
        ("arguments", {"x": 0.5}),
        ("device", "a b"),
        ("signature", "0x00"),
        ("algorithm", "none"),
        ("expiresAtMs", None),
    ],
)
def test_an_odd_member_is_refused(member: str, value: Any) -> None:
    with pytest.raises(SignedMessageWrong):
        Command.from_json(a_command().to_json() | {member: value})


def test_a_missing_or_unknown_member_is_refused() -> None:
    members = a_command().to_json()
    with pytest.raises(SignedMessageWrong):
        Command.from_json(members | {"priority": 1})
    del members["node"]
    with pytest.raises(SignedMessageWrong):
        Command.from_json(members)


def test_a_configuration_survives_json_and_a_change_spoils_it() -> None:
    made = sign_configuration(
        DOMAIN, KEY, NODE, device=SCALE, version=2, settings={"key_epoch": 1}, issued_at_ms=1_763_800_000_000
    )
    read = Configuration.from_json(made.to_json())
    assert read == made
    assert read.verify(DOMAIN, KEY.key_type, KEY.public_key)
    assert not replace(read, settings={"key_epoch": 2}).verify(DOMAIN, KEY.key_type, KEY.public_key)
    with pytest.raises(SignedMessageWrong):
        Configuration.from_json(made.to_json() | {"settings": None})
