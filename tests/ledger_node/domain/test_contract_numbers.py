"""The numbers that Python writes again are those of the Solidity sources."""

import re
from enum import IntEnum, IntFlag
from pathlib import Path

import pytest

from ledger_node.domain.contract_numbers import ALL_POWERS, PartyKind, Role, StreamFlag
from ledger_node.domain.device import DeviceStatus
from ledger_node.domain.device_key import KeyType

CONTRACTS = Path(__file__).resolve().parents[3] / "contracts"


def the_constants(path: str, library: str) -> dict[str, int]:
    body = the_body(path, "library", library)
    return {name: int(value) for name, value in re.findall(r"constant (\w+) = (\d+);", body)}


def the_body(path: str, kind: str, name: str) -> str:
    found = re.search(rf"^{kind} {name} {{\n(.*?)^}}", (CONTRACTS / path).read_text(), re.DOTALL | re.MULTILINE)
    assert found, f"{path} has no {kind} {name}"
    return found[1]


@pytest.mark.parametrize(
    ("numbers", "path", "library"),
    [
        (Role, "access/Roles.sol", "Roles"),
        (PartyKind, "party/Types.sol", "PartyKinds"),
        (StreamFlag, "trace/Types.sol", "StreamFlags"),
    ],
)
def test_named_numbers_are_the_librarys(numbers: type[IntEnum] | type[IntFlag], path: str, library: str) -> None:
    assert {name: int(one) for name, one in numbers.__members__.items()} == the_constants(path, library)


def test_all_powers_are_each_power_of_the_library() -> None:
    powers = the_constants("party/Types.sol", "WalletPowers")
    assert len(powers) == 8
    assert sum(powers.values()) == ALL_POWERS


@pytest.mark.parametrize(("numbers", "name"), [(DeviceStatus, "DeviceStatus"), (KeyType, "KeyType")])
def test_enums_are_in_the_order_of_the_contracts(numbers: type[IntEnum], name: str) -> None:
    members = re.findall(r"\w+", the_body("device/Types.sol", "enum", name))
    assert [one.name for one in sorted(numbers)] == [member.upper() for member in members]
    assert [int(one) for one in sorted(numbers)] == list(range(len(members)))
