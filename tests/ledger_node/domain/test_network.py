"""The network file: read and written one way, refused with the place of the first fault."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import rfc8785

from ledger_node.domain.digest import sha256
from ledger_node.domain.network import Network
from ledger_node.errors import NetworkFileWrong
from tests.support.a_bundle import a_network, a_witness, a_witnessed_network


def test_a_network_file_is_read_back_as_written() -> None:
    network = a_witnessed_network()
    again = Network.parse(network.to_bytes())
    assert again == network
    assert again.to_bytes() == network.to_bytes()
    assert again.sha256 == sha256(network.to_bytes()).hex()
    assert again.contract("device").address == network.signing_domain.verifying_contract


def test_one_final_newline_is_the_same_file() -> None:
    network = a_network()
    assert Network.parse(network.to_bytes() + b"\n").sha256 == network.sha256


def test_a_contract_that_is_not_named_is_refused() -> None:
    with pytest.raises(NetworkFileWrong, match="no contract 'bank'"):
        a_network().contract("bank")


def altered(change: Callable[[dict[str, Any]], None]) -> bytes:
    value = json.loads(a_witnessed_network().to_bytes())
    change(value)
    return rfc8785.dumps(value)


@pytest.mark.parametrize(
    ("pointer", "change"),
    [
        ("/tidemark_network", lambda one: one.update(tidemark_network=2)),
        ("/tidemark_network", lambda one: one.update(tidemark_network=True)),
        ("/more", lambda one: one.update(more=1)),
        ("/name", lambda one: one.pop("name")),
        ("/name", lambda one: one.update(name="Demo net")),
        ("/chain_id", lambda one: one.update(chain_id=13370)),
        ("/chain_id", lambda one: one.update(chain_id="01")),
        ("/chain_id", lambda one: one.update(chain_id=str(1 << 64))),
        ("/genesis_hash", lambda one: one.update(genesis_hash="0x00")),
        ("/contracts/0/address", lambda one: one["contracts"][0].update(address="0x" + "AA" * 20)),
        ("/contracts/0/address", lambda one: one["contracts"][0].update(address="0x" + "aa" * 19)),
        ("/contracts/1/extra", lambda one: one["contracts"][1].update(extra="")),
        ("/contracts", lambda one: one["contracts"].append(one["contracts"][0])),
        ("/contracts", lambda one: one["contracts"].append(one["contracts"][0] | {"noun": "again"})),
        ("/time_stamp_roots/0", lambda one: one.update(time_stamp_roots=["AB=="])),
        ("", lambda one: one.update(contracts={})),
    ],
)
def test_a_fault_is_named_by_its_pointer(pointer: str, change: Callable[[dict[str, Any]], None]) -> None:
    with pytest.raises(NetworkFileWrong) as refused:
        Network.parse(altered(change))
    assert refused.value.pointer == pointer


LOG = a_network().policy_text.split("\n")[0]
ONE = f"witness one {a_witness('one').key.vkey()}"


@pytest.mark.parametrize(
    ("line", "policy"),
    [
        (2, f"{LOG}\n{LOG}\nquorum none\n"),
        (2, f"{LOG}\ngroup all 1 one\n{ONE}\nquorum all\n"),
        (4, f"{LOG}\n{ONE}\ngroup a 1 one\ngroup b 1 one\nquorum b\n"),
        (3, f"{LOG}\n{ONE}\ngroup a 2 one\nquorum a\n"),
        (3, f"{LOG}\n{ONE}\ngroup a 0 one\nquorum a\n"),
        (2, f"{LOG}\nquorum one\n"),
    ],
)
def test_a_policy_that_breaks_its_rules_is_refused_with_its_line(line: int, policy: str) -> None:
    with pytest.raises(NetworkFileWrong) as refused:
        a_network(policy)
    assert refused.value.pointer == "/policy"
    assert f"line {line}:" in refused.value.why


@pytest.mark.parametrize("data", [b"", b"[]", b"\xff", b'{"tidemark_network": 1}', b'{"a":1,"a":1}'])
def test_what_is_no_canonical_object_is_refused(data: bytes) -> None:
    with pytest.raises(NetworkFileWrong):
        Network.parse(data)
