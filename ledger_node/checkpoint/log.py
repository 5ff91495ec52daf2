"""The checkpoint log of a node: takes in final blocks, keeps the files, signs and publishes notes.

Each step is repeatable and has one commit point (`proofs.md` section 3.1): (1) entries, subjects, roots in one SQL
transaction; (2) files; (3) root of the files = SQL's, then sign; (4) the note, one transaction; (5) ask the witnesses;
(6) replace the published file. Labels for faults: C1 rows written, not committed; C2 committed; C3 files written;
C4 note inserted, not committed; C5 committed; C6 file replaced, not marked as published.
"""

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import Connection, Table, select
from sqlalchemy.exc import OperationalError

from ledger_node.checkpoint.append import LogHead, append, read_final_blocks, read_head, stop
from ledger_node.checkpoint.notes import insert_note, mark_published
from ledger_node.checkpoint.self_check import check_stored_log, contradicting_block
from ledger_node.checkpoint.tile_folder import TileFolder
from ledger_node.checkpoint.witnesses import NoWitnesses, Witnesses, cosigned_at, with_lines
from ledger_node.domain.checkpoint_note import Note, NoteSigner, sign_note
from ledger_node.domain.clock import Clock
from ledger_node.domain.fault import reach
from ledger_node.domain.log_policy import LogPolicy
from ledger_node.domain.log_tile import WIDTH, tiles_between
from ledger_node.domain.subject_map import SubjectMap
from ledger_node.errors import CheckpointLogStopped, CursorMoved, LogContradictsItself
from ledger_node.store.actions import actions_head
from ledger_node.store.alarms import raise_alarm
from ledger_node.store.database import Stores
from ledger_node.store.evidence import write_evidence
from ledger_node.store.lease import KeptLease
from ledger_node.store.log import Lease as LogLease
from ledger_node.store.log import LogEntryRow
from ledger_node.store.log_reader import LogReader, StoredNote, read_tile

_ENTRY: Table = LogEntryRow.__table__  # type: ignore[attr-defined]
_LEASE: Table = LogLease.__table__  # type: ignore[attr-defined]
LEASE_NAME: Final = "checkpoint"
POLL_SECONDS: Final = 0.25

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class CheckpointSettings:
    """Which chain and network the notes are about, who must cosign, and how often (real time) a note is signed."""

    chain_id: int
    network: str
    policy: LogPolicy
    busy_interval_ms: int = 1_000
    quiet_interval_ms: int = 600_000


@dataclass
class _Memory:
    """What must fit the database; thrown away after any failure, because a failed commit may have happened."""

    head: LogHead
    subjects: SubjectMap
    newest: StoredNote | None
    files_size: int = field(default=0)


class CheckpointLog:
    """Runs the log whose origin is the signer's name. One process at a time does, by a lease."""

    def __init__(
        self,
        stores: Stores,
        folder: Path,
        evidence: Path,
        signer: NoteSigner,
        settings: CheckpointSettings,
        clock: Clock,
        *,
        witnesses: Witnesses | None = None,
        holder: str = "",
    ) -> None:
        self.origin = signer.key.name
        self.files = TileFolder(folder)
        self.reader = LogReader(stores.log)
        self._stores = stores
        self._evidence = evidence
        self._signer = signer
        self._settings = settings
        self._clock = clock
        self._witnesses = witnesses or NoWitnesses()
        self._lease = KeptLease(stores.log, _LEASE, LEASE_NAME, clock, holder=holder)
        self._memory: _Memory | None = None

    def run(self, stopping: threading.Event) -> None:
        """Steps until told to stop. Raises CheckpointLogStopped when the log may sign nothing any more.

        A database that does not answer is waited for.
        """
        try:
            while not stopping.is_set():
                if not self._try_step():
                    stopping.wait(POLL_SECONDS)
        finally:
            self.close()

    def close(self) -> None:
        """Gives the lease back."""
        self._lease.give_back()

    def step(self) -> bool:
        """Does what is due; whether anything was. False also while another process holds the lease."""
        if not self._lease.take():
            self._memory = None
            return False
        try:
            return self._advance()
        except BaseException:
            self._memory = None
            raise

    def _try_step(self) -> bool:
        try:
            return self.step()
        except CheckpointLogStopped as stopped:
            self._alarm(stopped)
            self.close()
            raise
        except (CursorMoved, OperationalError) as passing:
            _log.warning("checkpoint.waits", reason=str(passing))
            return False

    def _alarm(self, stopped: CheckpointLogStopped) -> None:
        _log.error("checkpoint.stopped", origin=self.origin, reason=stopped.reason)
        with self._stores.journal.write() as connection:
            raise_alarm(
                connection,
                source="checkpoint",
                code=type(stopped).__name__,
                subject=self.origin,
                message=str(stopped),
                at_ms=self._clock.now_ms(),
            )

    def _advance(self) -> bool:
        memory = self._memory = self._memory or self._read_memory()
        self._require_the_same_chain(memory)
        appended = self._append(memory)
        written = self._write_files(memory)
        signed = self._sign(memory) if self._note_is_due(memory) else False
        return self._publish(memory) or signed or written or appended

    def _require_lease(self, connection: Connection) -> None:
        if not self._lease.is_kept(connection):
            raise CursorMoved(LEASE_NAME, -1 if self._memory is None else self._memory.head.block_number)

    def _read_memory(self) -> _Memory:
        newest = self.reader.newest_signed()
        with self._stores.log.read() as connection:
            head = read_head(connection, self.origin)
            subjects = check_stored_log(connection, self._signer.key, head, newest, self.files)
        published = self.reader.newest_published(self.origin)
        if published is not None and self.files.published() is None:
            self.files.publish(published.whole)
        return _Memory(head, subjects, newest)

    def _require_the_same_chain(self, memory: _Memory) -> None:
        with self._stores.log.read() as log, self._stores.projections.read() as projections:
            contradiction = contradicting_block(log, projections, memory.head)
        if contradiction is None:
            return
        number, known, found = contradiction
        says = f"block {number} of the log is 0x{known.hex()}, the chain now has 0x{found.hex()}"
        newest = self.reader.newest_signed(self.origin)
        write_evidence(
            self._evidence,
            kind="chain_rewritten",
            network=self._settings.network,
            notes=[] if newest is None else [newest.whole],
            parts={"block": str(number), "in_log": "0x" + known.hex(), "on_chain": "0x" + found.hex()},
            says=says,
            found_at_ms=self._clock.now_ms(),
        )
        with self._stores.log.write() as connection:
            stop(connection, self.origin, says)
        raise CheckpointLogStopped(self.origin, says)

    def _append(self, memory: _Memory) -> bool:
        with self._stores.projections.read() as projections:
            blocks = read_final_blocks(projections, memory.head.block_number)
        if blocks is None or not (blocks.entries or self._quiet_is_over(memory)):
            return False
        with self._stores.log.write() as connection:
            self._require_lease(connection)
            head = append(connection, self.origin, memory.head, blocks, memory.subjects)
            reach("C1")
        reach("C2")
        memory.head = head
        return True

    def _write_files(self, memory: _Memory) -> bool:
        size = memory.head.size
        wanted = [tile for tile in tiles_between(memory.files_size, size) if not self.files.has(*tile)]
        bundles = [
            (number, width)
            for level, number, width in tiles_between(memory.files_size, size)
            if level == 0 and not self.files.has("entries", number, width)
        ]
        with self._stores.log.read() as connection:
            for number, width in bundles:
                self.files.write_entries(number, _entries(connection, number * WIDTH, width))
            for level, number, width in wanted:
                self.files.write_tile(level, number, read_tile(connection, level, number)[: width * 32])
        reach("C3")
        memory.files_size = size
        return bool(wanted or bundles)

    def _note_is_due(self, memory: _Memory) -> bool:
        head, newest = memory.head, memory.newest
        if newest is None:
            return head.block_number >= 0
        # Without entries the head moves only once the silence has lasted (`_append`), so one rule serves both.
        return head.block_number > newest.block_number and self._age_ms(newest) >= self._settings.busy_interval_ms

    def _quiet_is_over(self, memory: _Memory) -> bool:
        return memory.newest is None or self._age_ms(memory.newest) >= self._settings.quiet_interval_ms

    def _age_ms(self, note: StoredNote) -> int:
        return (self._clock.now_ms() - note.signed_at_ms) // self._clock.rate()

    def _sign(self, memory: _Memory) -> bool:
        head = memory.head
        root = self.files.tree(head.size).root(head.size)
        if root != head.root:
            raise LogContradictsItself(
                self.origin, f"the files of size {head.size} give root {root.hex()}, SQL has {head.root.hex()}"
            )
        with self._stores.log.write() as connection:
            self._require_lease(connection)
            count, actions = actions_head(connection)
            note = Note(
                origin=self.origin,
                size=head.size,
                root=head.root,
                chain_id=self._settings.chain_id,
                block=head.block_number,
                block_hash=head.block_hash,
                subjects=head.subjects,
                actions=count,
                actions_head=actions,
            )
            insert_note(connection, sign_note(note, self._signer), at_ms=self._clock.now_ms())
            reach("C4")
        reach("C5")
        memory.newest = self.reader.newest_signed(self.origin)
        return True

    def _publish(self, memory: _Memory) -> bool:
        newest = memory.newest
        if newest is None or newest.published_at_ms is not None:
            return False
        note = newest.signed
        published = self.reader.newest_published(self.origin)
        old_size = 0 if published is None else published.size
        proof = self.reader.consistency(old_size, newest.size) if old_size else []
        note = with_lines(note, self._witnesses.cosign(note, old_size, proof), self._settings.policy)
        quorum = self._settings.policy.judge(cosigned_at(note, self._settings.policy))
        if not quorum.met:
            _log.warning("checkpoint.not_published", size=newest.size, signed=quorum.signed, required=quorum.required)
            return False
        self.files.publish(note.whole())
        reach("C6")
        with self._stores.log.write() as connection:
            mark_published(connection, newest.id, note.whole(), at_ms=self._clock.now_ms())
        memory.newest = self.reader.newest_signed(self.origin)
        _log.info("checkpoint.published", size=newest.size, block=newest.block_number)
        return True


def _entries(connection: Connection, start: int, count: int) -> list[bytes]:
    run = _ENTRY.c.position.between(start, start + count - 1)
    return list(connection.execute(select(_ENTRY.c.encoded).where(run).order_by(_ENTRY.c.position)).scalars())
