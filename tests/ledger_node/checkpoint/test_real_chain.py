"""The log over a real chain's final blocks: replaying the chain gives exactly its entries, size and roots."""

import threading
from pathlib import Path

from ledger_node.checkpoint.log import CheckpointLog, CheckpointSettings
from ledger_node.domain import merkle
from ledger_node.domain.checkpoint_note import NoteSigner, log_signature_fits, parse_note
from ledger_node.domain.log_entry import LogEntry
from ledger_node.domain.log_policy import parse_policy
from ledger_node.domain.subject_map import SubjectMap
from ledger_node.indexer.apply import newest_final
from ledger_node.indexer.indexer import Indexer
from ledger_node.store import Stores
from tests.support.chain import Chain

SIGNER = NoteSigner("log.example/tidemark/demo/1", bytes(range(32)))


def replay(chain: Chain, last_block: int) -> list[LogEntry]:
    """What the log must hold, computed from the node alone."""
    addresses = [contract.address for contract in chain.deployment.contracts]
    times: dict[int, int] = {}
    entries: list[LogEntry] = []
    for log in chain.node.logs_by_range(0, last_block, addresses):
        if log.block_number not in times:
            header = chain.node.header(log.block_number)
            assert header is not None
            times[log.block_number] = header.time
        entries.append(
            LogEntry.of_event(
                chain_id=chain.deployment.chain_id,
                block_number=log.block_number,
                block_hash=log.block_hash,
                block_time=times[log.block_number],
                transaction_index=log.tx_index,
                log_index=log.log_index,
                address=log.address,
                topics=log.topics,
                data=log.data,
            )
        )
    return entries


def newest_final_block(stores: Stores) -> int:
    """The newest final block that is indexed; -1 before the first."""
    with stores.projections.read() as connection:
        final = newest_final(connection)
    return -1 if final is None else final.number


def test_the_published_note_is_what_a_replay_of_the_chain_gives(chain: Chain, stores: Stores, tmp_path: Path) -> None:
    final = chain.finalise()
    settings = CheckpointSettings(
        chain.deployment.chain_id, "demo", parse_policy(f"log {SIGNER.key.vkey()}\nquorum none\n")
    )
    evidence = tmp_path / "evidence"
    indexer = Indexer(stores, chain.node, chain.engine, chain.deployment, chain.clock, evidence=evidence)
    log = CheckpointLog(stores, tmp_path / "log", evidence, SIGNER, settings, chain.clock)
    patience = threading.Event()
    # The log starts when all is indexed: had it signed before, the last blocks might be silence, signed much later.
    while newest_final_block(stores) < final:
        indexer.step()
        patience.wait(0.01)
    while (published := log.files.published()) is None:
        log.step()
        patience.wait(0.01)
    signed = parse_note(published)
    indexer.close()
    log.close()

    note = signed.note
    assert note.block >= final
    entries = replay(chain, note.block)
    header = chain.node.header(note.block)
    assert header is not None
    assert (note.size, note.block_hash) == (len(entries), header.hash)
    assert note.root == merkle.root([entry.leaf_hash for entry in entries])
    subjects = SubjectMap()
    subjects.add(enumerate(entries))
    assert note.subjects == subjects.root()
    assert note.chain_id == chain.deployment.chain_id
    assert log_signature_fits(signed, [SIGNER.key])
    assert log.files.read_entries(0, min(256, note.size)) == [entry.encode() for entry in entries[:256]]
