"""A founded market has its parties, wallets, streams and devices, and founding it again changes nothing."""

from dataclasses import replace

import pytest

from ledger_node.bindings import party_registry
from ledger_node.deployment.demo import (
    PARTY_KINDS,
    administrator,
    all_accounts,
    lane_signers,
    operator,
    party_wallet,
)
from ledger_node.deployment.founding import STREAM_FLAGS, Founder, Founding, FoundingParty
from ledger_node.domain.contract_numbers import StreamFlag
from ledger_node.domain.device import DeviceStatus
from ledger_node.domain.device_key import KeyType
from ledger_node.errors import DeploymentFailed
from tests.support.chain import DEVICES, LANES, MARKET, SEED, Chain, a_device, a_key


def test_every_party_acts_through_its_wallet(chain: Chain) -> None:
    registry = chain.deployment.address("party")
    for name, number in chain.parties.items():
        data = party_registry.encode_active_party(party_wallet(SEED, name).address)
        found = party_registry.decode_active_party_output(chain.node.call(registry, data))
        assert found == (number, PARTY_KINDS[name])


@pytest.mark.parametrize("kind", list(STREAM_FLAGS))
def test_every_stream_is_open_with_its_flags_and_the_lanes_pinner(chain: Chain, kind: str) -> None:
    name = f"market/{MARKET}/{kind}"
    head = chain.stream(name)
    assert head.flags == STREAM_FLAGS[kind]
    assert head.pinner == lane_signers(SEED, LANES)[chain.lane_of(name)].address


def test_roots_are_kept_and_sums_left_out_where_the_design_says() -> None:
    kept = {"sales-day", "event", "test"}
    assert {kind for kind, flags in STREAM_FLAGS.items() if flags & StreamFlag.KEEP_ROOTS} == kept
    unsummed = {"test", "climate", "device", "service", "event", "document", "access"}
    assert {kind for kind, flags in STREAM_FLAGS.items() if flags & StreamFlag.UNSUMMED} == unsummed


def test_every_device_is_active_with_its_key(chain: Chain) -> None:
    for device in DEVICES:
        state = chain.device(device.name)
        assert state.status == DeviceStatus.ACTIVE
        assert [one.key_hash for one in state.keys] == [a_key(device.name).key_hash]
        assert bool(state.verifications) == device.is_verified


def test_founding_again_changes_nothing(chain: Chain) -> None:
    nonces = [chain.node.nonce(account) for account in all_accounts(SEED, LANES)]
    chain.enrol(*DEVICES)
    assert [chain.node.nonce(account) for account in all_accounts(SEED, LANES)] == nonces


@pytest.mark.parametrize("key_type", list(KeyType))
def test_a_countersigned_device_of_any_key_type_is_enrolled(chain: Chain, key_type: KeyType) -> None:
    device = a_device(f"zpk-scale-countersigned-{key_type.name.lower()}")
    chain.enrol(replace(device, trust=3, key=a_key(device.name, key_type)))
    state = chain.device(device.name)
    assert (state.status, state.trust, state.keys[0].key_type) == (DeviceStatus.ACTIVE, 3, key_type)


def test_a_device_works_for_the_stall_it_was_assigned_to(chain: Chain) -> None:
    device = replace(a_device("zpk-scale-assigned"), merchant=b"\1" * 32, place=b"\2" * 32)
    chain.enrol(device)
    assignment = chain.device(device.name).assignment
    assert (assignment.merchant, assignment.place) == (b"\1" * 32, b"\2" * 32)
    assert assignment.from_ > 0


def test_other_parties_than_the_chains_are_refused(chain: Chain) -> None:
    founder = Founder(
        chain.node, chain.engine, 13370, chain.deployment.addresses(), administrator(SEED), operator(SEED)
    )
    stranger = FoundingParty("stranger", 1, party_wallet(SEED, "market"))
    with pytest.raises(DeploymentFailed, match="another than stranger"):
        founder.found(Founding("zpk", [stranger], [], [b"\1" * 20], "stranger", "stranger"))


def test_a_device_added_later_is_enrolled(chain: Chain) -> None:
    device = a_device("zpk-scale-later")
    chain.enrol(device)
    assert chain.device(device.name).status == DeviceStatus.ACTIVE
