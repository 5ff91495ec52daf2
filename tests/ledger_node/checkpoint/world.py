"""A log on hand-made blocks: the indexer's rows as it leaves them, a clock that stands where the test puts it."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Table, insert

from ledger_node.checkpoint.log import CheckpointLog, CheckpointSettings
from ledger_node.checkpoint.witnesses import Witnesses
from ledger_node.domain.checkpoint_note import NoteSigner
from ledger_node.domain.clock import Clock
from ledger_node.domain.log_entry import LogEntry
from ledger_node.domain.log_policy import parse_policy
from ledger_node.store import Stores
from ledger_node.store.projections import Block, Event

ORIGIN = "log.example/tidemark/demo/1"
SIGNER = NoteSigner(ORIGIN, hashlib.sha256(b"tidemark test log key").digest())
START_MS = 1_763_800_020_000
_BLOCK: Table = Block.__table__  # type: ignore[attr-defined]
_EVENT: Table = Event.__table__  # type: ignore[attr-defined]


@dataclass
class Hands:
    """Hands of a clock that only the test moves."""

    now_ms: int = START_MS

    def clock(self) -> Clock:
        return Clock(real=lambda: self.now_ms)

    def pass_seconds(self, seconds: float) -> None:
        self.now_ms += int(seconds * 1000)


@dataclass
class World:
    """One node's databases and folders, and as many log processes on them as a test starts."""

    stores: Stores
    folder: Path
    hands: Hands = field(default_factory=Hands)
    signer: NoteSigner = SIGNER
    policy: str = f"log {SIGNER.key.vkey()}\nquorum none\n"
    witnesses: Witnesses | None = None

    def log(self, holder: str = "one") -> CheckpointLog:
        """A log process as it starts."""
        return CheckpointLog(
            self.stores,
            self.folder / "log",
            self.folder / "evidence",
            self.signer,
            CheckpointSettings(1337, "demo", parse_policy(self.policy)),
            self.hands.clock(),
            witnesses=self.witnesses,
            holder=holder,
        )

    def settle(self, log: CheckpointLog | None = None) -> CheckpointLog:
        """Steps until nothing is due."""
        log = log or self.log()
        while log.step():
            pass
        return log

    def add_events(self, entries: Sequence[LogEntry], *, final: bool = True) -> None:
        """What the indexer wrote: each entry's block (once) and event."""
        blocks = {entry.block_number: entry for entry in entries}
        self.add_blocks([(e.block_number, e.block_hash, e.block_time) for e in blocks.values()], final=final)
        with self.stores.projections.write() as connection:
            connection.execute(insert(_EVENT), [_event(entry) for entry in entries])

    def add_blocks(self, blocks: Iterable[tuple[int, bytes, int]], *, final: bool = True) -> None:
        """Blocks (number, hash, time)."""
        rows = [
            {"number": number, "hash": block_hash, "parent_hash": bytes(32), "time": time, "final": final}
            for number, block_hash, time in blocks
        ]
        with self.stores.projections.write() as connection:
            connection.execute(insert(_BLOCK), rows)


def entries_of(count: int, *, start: int = 0, per_block: int = 1, subjects: int = 7, data: int = 32) -> list[LogEntry]:
    """`count` entries, `per_block` to a block, about `subjects` subjects in turn."""
    return [
        LogEntry.of_event(
            chain_id=1337,
            block_number=1000 + i // per_block,
            block_hash=hashlib.sha256(f"block {i // per_block}".encode()).digest(),
            block_time=1_763_800_000 + i // per_block,
            transaction_index=i % per_block,
            log_index=i % per_block,
            address=b"\x22" * 20,
            topics=(b"\x01" * 32, hashlib.sha256(f"subject {i % subjects}".encode()).digest()),
            data=i.to_bytes(data, "big"),
        )
        for i in range(start, start + count)
    ]


def _event(entry: LogEntry) -> dict[str, object]:
    return {
        "chain_id": entry.chain_id,
        "block_number": entry.block_number,
        "block_hash": entry.block_hash,
        "block_time": entry.block_time,
        "tx_hash": bytes(32),
        "tx_index": entry.transaction_index,
        "log_index": entry.log_index,
        "address": entry.address,
        **{f"topic{i}": entry.topics[i] if i < len(entry.topics) else None for i in range(4)},
        "data": entry.data or bytes(entry.data_length),
        "noun": "device",
        "name": "Example",
    }
