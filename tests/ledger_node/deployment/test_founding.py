"""A founded market has its parties, wallets, streams and devices, and founding it again changes nothing."""

import pytest

from ledger_node.bindings import party_registry
from ledger_node.deployment.demo import PARTY_KINDS, all_accounts, lane_signers, party_wallet
from ledger_node.deployment.founding import KEEP_ROOTS, STREAM_FLAGS, UNSUMMED
from ledger_node.domain.device import DeviceStatus
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
    assert {kind for kind, flags in STREAM_FLAGS.items() if flags & KEEP_ROOTS} == {"sales-day", "event", "test"}
    unsummed = {"test", "climate", "device", "service", "event", "document", "access"}
    assert {kind for kind, flags in STREAM_FLAGS.items() if flags & UNSUMMED} == unsummed


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


def test_a_device_added_later_is_enrolled(chain: Chain) -> None:
    device = a_device("zpk-scale-later")
    chain.enrol(device)
    assert chain.device(device.name).status == DeviceStatus.ACTIVE
