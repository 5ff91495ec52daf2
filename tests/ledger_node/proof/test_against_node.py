"""What a real node adds: a bundle of its own events passes, anything else is contradicted."""

from dataclasses import replace

import pytest

from ledger_node.domain.checkpoint_note import Note, NoteSigner, sign_note
from ledger_node.domain.digest import sha256
from ledger_node.domain.log_entry import LogEntry
from ledger_node.domain.merkle import root
from ledger_node.domain.network import Contract, Network
from ledger_node.domain.record import name_hash
from ledger_node.proof.against_node import compare_with_node
from ledger_node.proof.assemble import BundleDraft
from ledger_node.proof.bundle import Bundle, BundleKind
from ledger_node.proof.bundle_reader import read_bundle
from ledger_node.proof.verify import verify
from tests.support.a_bundle import MADE_AT, ORIGIN, MemoryLog
from tests.support.chain import Chain

SIGNER = NoteSigner(ORIGIN, sha256(b"log key"))


def network_of(chain: Chain) -> Network:
    deployment = chain.deployment
    contracts = tuple(Contract(one.noun, one.address, one.code_hash) for one in deployment.contracts)
    policy = f"log {SIGNER.key.vkey()}\nquorum none\n"
    return Network("demo", deployment.chain_id, deployment.genesis_hash, contracts, policy)


def entries_of(chain: Chain) -> list[LogEntry]:
    """Every event of the ledger on the chain."""
    addresses = list(chain.deployment.addresses().values())
    logs = chain.node.logs_by_range(0, chain.node.block_number(), addresses)
    headers = {log.block_number: chain.node.header(log.block_number) for log in logs}
    found: list[LogEntry] = []
    for log in logs:
        header = headers[log.block_number]
        assert header is not None
        found.append(
            LogEntry.of_event(
                chain_id=chain.deployment.chain_id,
                block_number=log.block_number,
                block_hash=log.block_hash,
                block_time=header.time,
                transaction_index=log.tx_index,
                log_index=log.log_index,
                address=log.address,
                topics=log.topics,
                data=log.data,
            )
        )
    return found


@pytest.fixture
def history(chain: Chain) -> bytes:
    """The real history of a scale, as a bundle against a checkpoint over the whole chain."""
    log = MemoryLog(entries_of(chain))
    note = Note(
        ORIGIN,
        len(log.leaves),
        root(log.leaves),
        chain.deployment.chain_id,
        chain.node.block_number(),
        bytes(32),
        log.map.root(),
    )
    draft = BundleDraft(BundleKind.HISTORY, sign_note(note, SIGNER), log, log)
    draft.add_history(chain.deployment.address("device"), name_hash("urn:tidemark:device:zpk-scale-001"))
    return draft.to_bytes(made_at=MADE_AT)


def test_the_real_history_of_a_device_is_verified_and_on_the_node(chain: Chain, history: bytes) -> None:
    network = network_of(chain)
    assert verify(history, network, now=MADE_AT).is_verified()
    assert compare_with_node(read_bundle(history), network, chain.node) is None


def with_entry(bundle: Bundle, **changes: object) -> Bundle:
    """The bundle with its first entry altered."""
    assert bundle.log is not None
    index = bundle.log.indices[0]
    entry = replace(bundle.log.entries[index], **changes)  # type: ignore[arg-type]
    return replace(bundle, log=replace(bundle.log, entries={**bundle.log.entries, index: entry}))


@pytest.mark.parametrize(
    "changes",
    [{"block_hash": bytes(32)}, {"block_time": 1}, {"log_index": 99}, {"topics": ()}, {"block_number": 10**6}],
)
def test_an_event_that_the_node_does_not_have_is_named(
    chain: Chain, history: bytes, changes: dict[str, object]
) -> None:
    altered = with_entry(read_bundle(history), **changes)
    said = compare_with_node(altered, network_of(chain), chain.node)
    assert said is not None
    assert said.startswith("Event ")


@pytest.mark.parametrize("changes", [{"chain_id": 1}, {"genesis_hash": bytes(32)}])
def test_a_node_of_another_chain_is_named(chain: Chain, history: bytes, changes: dict[str, object]) -> None:
    other = replace(network_of(chain), **changes)  # type: ignore[arg-type]
    assert "another" in str(compare_with_node(read_bundle(history), other, chain.node))


def test_other_code_at_an_address_is_named(chain: Chain, history: bytes) -> None:
    network = network_of(chain)
    contracts = (replace(network.contracts[0], code_hash=bytes(32)), *network.contracts[1:])
    assert "another" in str(compare_with_node(read_bundle(history), replace(network, contracts=contracts), chain.node))
