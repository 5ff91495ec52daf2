"""Follows the chain block by block into the projections (`proofs.md` section 8).

One SQL transaction takes a block in, one takes a block out. New heads only wake it; it polls each second besides. Far
behind the head it reads by ranges; blocks that are final already are then taken in several at a time, and keep no
before-images, because nothing can undo them. Labels for faults: X1 logs read, X2 rows written, cursor not.
"""

import threading
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import Connection, Table
from sqlalchemy.exc import IntegrityError, OperationalError

from ledger_node.chain.engine import Engine
from ledger_node.chain.rpc import Node
from ledger_node.deployment.deployment import Deployment, check_deployment
from ledger_node.domain.clock import Clock
from ledger_node.domain.fault import reach
from ledger_node.errors import (
    ChainError,
    CursorMoved,
    IdentityError,
    IndexerStopped,
    NodeBehind,
    ReorganisedPastFinality,
)
from ledger_node.indexer import apply
from ledger_node.indexer.blocks import CursorAt, ReadBlock
from ledger_node.indexer.contracts import Contracts, load_contracts
from ledger_node.indexer.reader import BlockReader
from ledger_node.store.alarms import raise_alarm
from ledger_node.store.database import Stores
from ledger_node.store.evidence import write_evidence
from ledger_node.store.lease import KeptLease
from ledger_node.store.projections import Lease as ProjectionsLease

_LEASE: Table = ProjectionsLease.__table__  # type: ignore[attr-defined]
LEASE_NAME: Final = "indexer"
LIVE_BLOCKS: Final = 500
EVENTS_A_TRANSACTION: Final = 2_000
BLOCKS_A_TRANSACTION: Final = 500
BLOCKS_A_STEP: Final = 50

_log = structlog.get_logger(__name__)


class Indexer:
    """One node's indexer; a lease makes a second one wait."""

    def __init__(
        self,
        stores: Stores,
        node: Node,
        engine: Engine,
        deployment: Deployment,
        clock: Clock,
        *,
        evidence: Path,
        network: str = "",
        last_block: int | None = None,
        poll_seconds: float = 1.0,
        holder: str = "",
    ) -> None:
        self._stores = stores
        self._node = node
        self._engine = engine
        self._deployment = deployment
        self._clock = clock
        self._evidence = evidence
        self._network = network
        self._first_block = deployment.first_block
        self._last_block = last_block
        self._poll_seconds = poll_seconds
        self._lease = KeptLease(stores.projections, _LEASE, LEASE_NAME, clock, holder=holder)
        self._reader = BlockReader(node)
        self._deployed = {contract.address: contract.noun for contract in deployment.contracts}
        self._identified = False
        self.woken = threading.Event()

    def run(self, stopping: threading.Event) -> None:
        """Steps until told to stop. Raises IndexerStopped and IdentityError: then a person must look.

        A node or a database that does not answer is waited for.

        `woken` may be set by whoever hears of a new head; without it the node is asked each second.
        """
        try:
            while not stopping.is_set():
                if not self._try_step():
                    self._wait(stopping)
        finally:
            self.close()

    def close(self) -> None:
        """Gives the lease back."""
        self._lease.give_back()

    def step(self) -> bool:
        """Takes in or out what is due, at most a page; whether anything moved. False also while another one leads."""
        self._check_identity()
        if not self._lease.take():
            return False
        with self._stores.projections.read() as connection:
            cursor = apply.read_cursor(connection)
        head = self._node.block_number()
        if cursor is not None and self._undo_what_does_not_fit(cursor, head):
            return True
        moved = self._advance(cursor, head)
        return self._mark_final() or moved

    def _try_step(self) -> bool:
        try:
            return self.step()
        except (IdentityError, IndexerStopped) as stopped:
            self._alarm(stopped)
            self.close()
            raise
        except (ChainError, NodeBehind, CursorMoved, OperationalError) as passing:
            _log.warning("indexer.waits", reason=str(passing))
            return False

    def _wait(self, stopping: threading.Event) -> None:
        deadline = self._poll_seconds
        while deadline > 0 and not stopping.is_set() and not self.woken.wait(min(deadline, 0.1)):
            deadline -= 0.1
        self.woken.clear()

    def _alarm(self, stopped: Exception) -> None:
        _log.error("indexer.stopped", reason=str(stopped))
        with self._stores.journal.write() as connection:
            raise_alarm(
                connection,
                source="indexer",
                code=type(stopped).__name__,
                subject=self._network or "chain",
                message=str(stopped),
                at_ms=self._clock.now_ms(),
            )

    def _check_identity(self) -> None:
        """Chain id, genesis and code are the deployment's, or nothing is written."""
        if self._identified:
            return
        with self._stores.projections.read() as connection:
            final = apply.newest_final(connection)
        check_deployment(self._node, self._deployment, 0 if final is None else final.number)
        self._identified = True

    def _require_lease(self, connection: Connection, cursor: CursorAt | None) -> None:
        if not self._lease.is_kept(connection):
            raise CursorMoved(LEASE_NAME, -1 if cursor is None else cursor.number)

    def _undo_what_does_not_fit(self, cursor: CursorAt, head: int) -> bool:
        """Undoes blocks, newest first, one transaction each, until the newest is the node's; whether any was.

        A chain that is only shorter contradicts nothing: a node may lag. It is followed once it has another block.
        """
        if self._fits(min(cursor.number, head)):
            return False
        self._require_final_blocks_fit(head)
        at: CursorAt | None = cursor
        while at is not None:
            found = self._hash_on_chain(at.number) if at.number <= head else None
            if found == at.hash:
                break
            at = self._undo(at, found)
        _log.warning("indexer.reorganised", depth=cursor.number - (self._first_block - 1 if at is None else at.number))
        return True

    def _fits(self, number: int) -> bool:
        """Whether chain and table have the same block at a height, or one of them none."""
        found, known = self._hash_on_chain(number), self._known_hash(number)
        return found is None or known is None or found == known

    def _require_final_blocks_fit(self, head: int) -> None:
        with self._stores.projections.read() as connection:
            final = apply.newest_final(connection)
        number = -1 if final is None else min(final.number, head)
        if number < 0 or self._fits(number):
            return
        past = ReorganisedPastFinality(number, self._known_hash(number) or b"", self._hash_on_chain(number))
        self._keep_evidence(past)
        raise past

    def _undo(self, at: CursorAt, found: bytes | None) -> CursorAt | None:
        with self._stores.projections.write() as connection:
            self._require_lease(connection, at)
            return apply.undo_block(connection, at, found)

    def _keep_evidence(self, past: ReorganisedPastFinality) -> None:
        header = self._reader.header(past.block_number)
        with self._stores.projections.read() as connection:
            known = apply.read_block_row(connection, past.block_number)
        parts = {
            "block": str(past.block_number),
            "known": None if known is None else _shown(known["hash"], known["parent_hash"], known["time"]),
            "found": None if header is None else _shown(header.hash, header.parent_hash, header.time),
        }
        write_evidence(
            self._evidence,
            kind="chain_rewritten",
            network=self._network,
            parts=parts,
            says=str(past),
            found_at_ms=self._clock.now_ms(),
        )

    def _hash_on_chain(self, number: int) -> bytes | None:
        header = self._reader.header(number)
        return None if header is None else header.hash

    def _known_hash(self, number: int) -> bytes | None:
        with self._stores.projections.read() as connection:
            row = apply.read_block_row(connection, number)
        return None if row is None else row["hash"]

    def _advance(self, cursor: CursorAt | None, head: int) -> bool:
        next_block = self._first_block if cursor is None else cursor.number + 1
        last = head if self._last_block is None else min(head, self._last_block)
        if next_block > last:
            return False
        with self._stores.projections.read() as connection:
            contracts = load_contracts(connection, self._deployed)
        if last - next_block >= LIVE_BLOCKS:
            return self._catch_up(cursor, next_block, last - LIVE_BLOCKS // 2, contracts)
        return self._follow(cursor, next_block, min(last, next_block + BLOCKS_A_STEP - 1), contracts)

    def _follow(self, cursor: CursorAt | None, first: int, last: int, contracts: Contracts) -> bool:
        for number in range(first, last + 1):
            block = self._reader.live(number, contracts)
            if block is None or not _continues(cursor, block):
                return number > first
            reach("X1")
            cursor = self._apply([block], cursor, final=False)
        return True

    def _catch_up(self, cursor: CursorAt | None, first: int, last: int, contracts: Contracts) -> bool:
        blocks = self._reader.range(first, last, contracts)
        if not _continues(cursor, blocks[0]):
            return False
        reach("X1")
        final = self._engine.final_block(self._node)
        for run in _runs(blocks, final):
            cursor = self._apply(run, cursor, final=run[-1].number <= final)
        _log.info("indexer.caught_up", block=blocks[-1].number, page=self._reader.page)
        return True

    def _apply(self, blocks: list[ReadBlock], cursor: CursorAt | None, *, final: bool) -> CursorAt:
        try:
            with self._stores.projections.write() as connection:
                self._require_lease(connection, cursor)
                return apply.apply_blocks(connection, self._deployment.chain_id, blocks, cursor, final=final)
        except IntegrityError as doubled:  # the block is there: only another indexer can have written it
            raise CursorMoved(apply.CURSOR_NAME, -1 if cursor is None else cursor.number) from doubled

    def _mark_final(self) -> bool:
        """Marks what has become final. Only a block that the node still has can: it is compared first."""
        final = self._engine.final_block(self._node)
        with self._stores.projections.read() as connection:
            cursor = apply.read_cursor(connection)
            known = apply.newest_final(connection)
        if cursor is None:
            return False
        number = min(final, cursor.number)
        if known is not None and number <= known.number:
            return False
        if self._hash_on_chain(number) != self._known_hash(number):
            return False
        with self._stores.projections.write() as connection:
            self._require_lease(connection, cursor)
            return apply.mark_final(connection, number) > 0


def _continues(cursor: CursorAt | None, block: ReadBlock) -> bool:
    return cursor is None or (block.number == cursor.number + 1 and block.parent_hash == cursor.hash)


def _runs(blocks: list[ReadBlock], final: int) -> list[list[ReadBlock]]:
    """Final blocks in runs of some size, every other block alone."""
    runs: list[list[ReadBlock]] = []
    events = 0
    for block in blocks:
        events += len(block.events)
        joins = runs and block.number <= final and len(runs[-1]) < BLOCKS_A_TRANSACTION
        if joins and events <= EVENTS_A_TRANSACTION:
            runs[-1].append(block)
        else:
            runs.append([block])
            events = len(block.events)
    return runs


def _shown(block_hash: bytes, parent_hash: bytes, time_s: int) -> dict[str, str]:
    return {"hash": "0x" + block_hash.hex(), "parent_hash": "0x" + parent_hash.hex(), "time": str(time_s)}
