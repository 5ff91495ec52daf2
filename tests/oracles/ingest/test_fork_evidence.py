"""A fork that ingest saw suspends the device on a real chain."""

import time
from dataclasses import replace

from ledger_node.chain.submitter import Submitter
from ledger_node.domain.device import DeviceClass, DeviceStatus
from ledger_node.domain.device_key import KeyType, SoftwareKey
from ledger_node.domain.digest import keccak256
from ledger_node.store import Stores
from ledger_node.store.journal import Tx
from ledger_node.store.tx import JournalTxStore
from oracles.ingest.fork_evidence import ForkEvidence
from tests.oracles.ingest.world import NOON, Signer, World, a_bundle, a_state
from tests.support.chain import Chain, a_device, a_key

TX = Tx.__table__  # type: ignore[attr-defined]


def test_a_fork_is_queued_with_its_reverdict_and_suspends_the_device_on_chain(stores: Stores, chain: Chain) -> None:
    device = a_device(f"zpk-scale-{time.monotonic_ns()}")
    chain.enrol(device)
    domain, now_ms = chain.signing_domain, chain.clock.now_ms()
    lane = next(iter(chain.lanes))
    evidence = ForkEvidence(chain.deployment.address("device"), lane)
    key = a_key(device.name)
    first = Signer(device.name, key).sign("heartbeat", {}, at_ms=now_ms, domain=domain)
    second = Signer(device.name, key).sign("heartbeat", {"queued": 1}, at_ms=now_ms, domain=domain)
    state = a_state(key, DeviceClass.SCALE)
    with stores.journal.write() as connection:
        for _ in range(2):
            evidence.queue(connection, first.to_cbor(), second.to_cbor(), state, now_ms)
        assert len(connection.execute(TX.select()).all()) == 1, "queued once"
    submitter = Submitter(
        JournalTxStore(stores.journal, chain.clock), chain.node, chain.engine, chain.lanes, chain.clock,
        chain_id=chain.deployment.chain_id,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while chain.device(device.name).status != DeviceStatus.SUSPENDED:
        assert time.monotonic() < deadline, _states(stores)
        submitter.step()
        chain.mine()


def _states(stores: Stores) -> list[tuple[str, str]]:
    with stores.journal.read() as connection:
        return [(row.state, row.reason) for row in connection.execute(TX.select())]


def test_what_the_chain_cannot_check_is_not_sent_there(world: World) -> None:
    evidence = ForkEvidence(bytes(20), "lane")
    name = "urn:tidemark:device:zpk-scale-001"
    state = world.states[name]
    first, second = (world.devices[name].sign("heartbeat", {}, at_ms=NOON + one) for one in range(2))
    (bundled,) = a_bundle(world.devices["urn:tidemark:device:zpk-gw-01"], [replace(second, sequence=1)])
    edwards = a_state(SoftwareKey(KeyType.ED25519, keccak256(b"e")), DeviceClass.SCALE)
    with world.stores.journal.write() as connection:
        evidence.queue(connection, first.to_cbor(), bundled.to_cbor(), state, NOON)
        evidence.queue(connection, first.to_cbor(), second.to_cbor(), edwards, NOON)
        assert connection.execute(TX.select()).all() == []


def test_a_forking_device_leaves_evidence_in_the_transaction_of_its_verdict(world: World) -> None:
    world.core.close()
    world.restart(forks=ForkEvidence(b"\x07" * 20, "lane-0"))
    world.send(world.sell(1))
    scale = world.devices["urn:tidemark:device:zpk-scale-001"]
    for number in (2, 3):
        scale.sequence, scale.previous = 0, bytes(32)
        world.send(world.sell(number))
    (row,) = world.rows(TX)
    assert (row["idempotency_key"], row["state"], row["to_address"]) == (f"fork/{scale.name}/1", "queued", b"\x07" * 20)
