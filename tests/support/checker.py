"""The one checker after every fault: nothing lost, nothing doubled, nothing invented (`engineering.md` section 4).

It believes no table about what was pinned: it takes the pins from the chain, the batch files from the content store,
and rebuilds the projections from block 0 into an empty database.
"""

import itertools
import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from ledger_node.bindings import pin_registry
from ledger_node.chain.engine import Engine
from ledger_node.chain.rpc import Node
from ledger_node.content.batch_file import decode_batch_file
from ledger_node.content.cid import raw_cid
from ledger_node.content.local import LocalStore
from ledger_node.deployment.deployment import Deployment
from ledger_node.domain import merkle
from ledger_node.domain.checkpoint_note import parse_note
from ledger_node.domain.clock import Clock
from ledger_node.domain.record import name_hash
from ledger_node.errors import EventMalformed
from ledger_node.indexer.apply import read_cursor
from ledger_node.indexer.digest import differing_tables
from ledger_node.indexer.indexer import Indexer
from ledger_node.indexer.rebuild import rebuild
from ledger_node.store import Stores, migrate, open_stores
from ledger_node.store.journal import journal_metadata
from ledger_node.store.log import log_metadata
from ledger_node.store.log_reader import LogReader

RECORD = journal_metadata.tables["record"]
NOTE = log_metadata.tables["note"]
FILE_LIMIT_BYTES = 1 << 20


@dataclass(frozen=True)
class Sent:
    """What gateways' outboxes say: digests ever handed over by a device, and those that the node acknowledged."""

    submitted: frozenset[bytes]
    acknowledged: frozenset[bytes]


@dataclass
class Findings:
    """What is wrong; all empty after a fault that was survived.

    `lost` was acknowledged and is not even in the journal; `unpinned` is in the journal alone although it was due.
    """

    lost: list[str] = field(default_factory=list)
    unpinned: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)
    unequal_tables: list[str] = field(default_factory=list)
    inconsistent_checkpoints: list[str] = field(default_factory=list)
    checked_records: int = 0
    checked_pins: int = 0

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found, and something was looked at."""
        wrong = (
            self.lost, self.unpinned, self.doubled, self.invented, self.unequal_tables, self.inconsistent_checkpoints
        )  # fmt: skip
        return not any(wrong) and self.checked_records > 0 and self.checked_pins > 0


def read_outboxes(folders: Iterable[Path]) -> Sent:
    """The outboxes below the gateways' folders."""
    submitted: set[bytes] = set()
    acknowledged: set[bytes] = set()
    for folder in folders:
        with sqlite3.connect(folder / "outbox.sqlite") as connection:
            receipts = dict(connection.execute("SELECT device, contiguous_sequence FROM ack"))
            for device, sequence, digest in connection.execute("SELECT device, sequence, digest FROM outbox"):
                submitted.add(digest)
                if sequence <= receipts.get(device, 0):
                    acknowledged.add(digest)
    return Sent(frozenset(submitted), frozenset(acknowledged))


def check_node(
    stores: Stores,
    node: Node,
    engine: Engine,
    deployment: Deployment,
    content: LocalStore,
    sent: Sent,
    due: frozenset[bytes],
    own_devices: Iterable[str],
    scratch: Path,
) -> Findings:
    """Compares what was acknowledged, journaled, pinned and projected.

    `due` are the digests that were acknowledged long enough ago to be on the chain; what was acknowledged later must be
    in the journal at least.
    """
    findings = Findings()
    with stores.journal.read() as connection:
        rows = connection.execute(select(RECORD.c.record_hash, RECORD.c.digest, RECORD.c.device)).all()
    digest_of = {row.record_hash: row.digest for row in rows}
    own = {row.digest for row in rows if row.device in set(own_devices)}
    pinned = Counter(_pinned_hashes(node, deployment, content, findings))
    findings.checked_records = len(pinned)
    pinned_digests = {digest_of[one] for one in pinned if one in digest_of}
    journaled = frozenset(digest_of.values())
    findings.unpinned = [digest.hex() for digest in sorted((due & journaled) - pinned_digests)]
    findings.lost = [digest.hex() for digest in sorted((due | sent.acknowledged) - journaled)]
    findings.doubled += [one.hex() for one, count in sorted(pinned.items()) if count > 1]
    findings.invented = [one.hex() for one in sorted(pinned) if one not in digest_of]
    findings.invented += [one.hex() for one in sorted(pinned_digests - sent.submitted - own)]
    findings.unequal_tables = _rebuilt_differently(stores, node, engine, deployment, scratch)
    findings.inconsistent_checkpoints = _inconsistent_checkpoints(stores)
    return findings


def _pinned_hashes(node: Node, deployment: Deployment, content: LocalStore, findings: Findings) -> list[bytes]:
    """Record hashes of all pins, from the chain's events and the batch files they name."""
    hashes: list[bytes] = []
    expected: dict[bytes, int] = {}
    for log in node.logs_by_range(0, node.block_number(), [deployment.address("trace")]):
        try:
            event = pin_registry.decode_event(log.topics, log.data)
        except EventMalformed:
            findings.invented.append(f"an undecodable event in block {log.block_number}")
            continue
        if not isinstance(event, pin_registry.Pinned):
            continue
        findings.checked_pins += 1
        expected[event.stream] = expected.get(event.stream, 0) + 1
        if event.sequence != expected[event.stream]:
            findings.doubled.append(f"pin {event.sequence} of {event.stream.hex()}")
        if event.header.count:
            hashes += _batch_hashes(content, event)
    return hashes


def _batch_hashes(content: LocalStore, pin: pin_registry.Pinned) -> list[bytes]:
    data = b"".join(content.read(raw_cid(pin.header.content), limit_bytes=FILE_LIMIT_BYTES))
    file = decode_batch_file(data)
    if name_hash(file.header.stream) != pin.stream or len(file.leaves) != pin.header.count:
        raise AssertionError(f"the file of pin {pin.sequence} is another batch's")
    return [leaf.record_hash for leaf in file.leaves]


def _rebuilt_differently(
    stores: Stores, node: Node, engine: Engine, deployment: Deployment, scratch: Path
) -> list[str]:
    scratch.mkdir(parents=True, exist_ok=True)
    fresh = open_stores(scratch)
    migrate(fresh)
    try:
        # The chain stops after the indexer and may have one block more; a live cursor beyond the chain will differ.
        last = min(node.block_number(), _live_block(stores))
        indexer = Indexer(fresh, node, engine, deployment, Clock(), evidence=scratch / "evidence", last_block=last)
        rebuild(indexer, fresh.projections, last)
        with stores.projections.read() as live, fresh.projections.read() as rebuilt:
            return differing_tables(live, rebuilt)
    finally:
        fresh.dispose()


def _live_block(stores: Stores) -> int:
    with stores.projections.read() as connection:
        cursor = read_cursor(connection)
    assert cursor is not None, "the indexer has taken in no block"
    return cursor.number


def _inconsistent_checkpoints(stores: Stores) -> list[str]:
    reader = LogReader(stores.log)
    with stores.log.read() as connection:
        texts: list[str] = list(
            connection.execute(select(NOTE.c.text).order_by(NOTE.c.size, NOTE.c.block_number)).scalars()
        )
    notes = [parse_note(text).note for text in texts]
    wrong: list[str] = []
    for before, after in itertools.pairwise(notes):
        if before.origin != after.origin or before.size == 0:
            continue
        try:
            proof = reader.consistency(before.size, after.size)
            merkle.verify_consistency(before.size, before.root, after.size, after.root, proof)
        except Exception as error:
            wrong.append(f"{before.size} → {after.size}: {error}")
    return wrong
