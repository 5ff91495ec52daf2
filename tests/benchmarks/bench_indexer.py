"""Indexing what a chain has: `python -m tests.benchmarks.bench_indexer`. Target: `chain.md` section 9.

The blocks come from memory, each with pins, so that decoding, projecting and SQL are measured and no node. `--live` are
taken one by one with before-images; the others are final and taken in runs, as after a long absence.
"""

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from ledger_node.bindings import codec
from ledger_node.bindings.pin_registry import Pinned, StreamOpened
from ledger_node.chain.answers import Header, Log
from ledger_node.domain.digest import keccak256
from ledger_node.indexer.apply import apply_blocks
from ledger_node.indexer.blocks import CursorAt, ReadBlock
from ledger_node.indexer.contracts import Contracts
from ledger_node.indexer.reader import BlockReader
from ledger_node.store import Database, migrate, open_stores
from tests.benchmarks.figures import Figure, print_figures
from tests.ledger_node.indexer.world import a_header

TRACE = b"\x33" * 20
STREAM = keccak256(b"market/zpk/sale")
PIN_TYPE = "(bytes32,bytes32,uint32,uint128,uint128,uint64,uint64,uint64,bytes32,bytes32,bytes32)"
RUN = 200


@dataclass
class Recorded:
    """Blocks as a node would show them, from memory."""

    blocks: int
    events: int
    made: list[Log] = field(default_factory=list)

    def __post_init__(self) -> None:
        opened = [StreamOpened.TOPIC, STREAM, _word(1), keccak256(b"market/zpk")]
        self.made.append(self._log(0, 0, opened, codec.encode(("address", "uint16"), [bytes(20), 0])))
        for number in range(1, self.blocks):
            for index in range(self.events):
                sequence = (number - 1) * self.events + index + 1
                header = a_header(_word(sequence - 1), number)
                topics = [Pinned.TOPIC, STREAM, _word(sequence)]
                self.made.append(self._log(number, index, topics, codec.encode((PIN_TYPE,), [header.to_abi()])))

    def logs_by_range(self, first: int, last: int, addresses: Sequence[bytes]) -> list[Log]:
        start = max(0, (first - 1) * self.events + 1) if first else 0
        return self.made[start : last * self.events + 1]

    def headers(self, numbers: Sequence[int]) -> list[Header]:
        return [Header(n, _block_hash(n), _block_hash(n - 1), n, b"", b"") for n in numbers]

    def _log(self, number: int, index: int, topics: Sequence[bytes], data: bytes) -> Log:
        return Log(TRACE, tuple(topics), data, _block_hash(number), number, _word(index), index, index)


def main(
    blocks: Annotated[int, typer.Option(min=300)] = 2_000,
    events: Annotated[int, typer.Option(min=1)] = 10,
    live: Annotated[int, typer.Option(min=10)] = 300,
) -> None:
    """Measures and prints the table."""
    recorded = Recorded(blocks, events)
    began = time.perf_counter()
    read = _read(recorded)
    reading = time.perf_counter() - began
    with tempfile.TemporaryDirectory() as folder:
        caught_up = _apply(read, Path(folder), run=RUN, final=True)
    with tempfile.TemporaryDirectory() as folder:
        followed = _apply(read[:live], Path(folder), run=1, final=False)
    per_block = (reading + caught_up) / blocks
    print_figures(
        "Indexer",
        [
            Figure(f"read and decode, events/s, {events} a block", f"{blocks * events / reading:,.0f}"),
            Figure("catch up into SQLite, events/s", f"{blocks * events / caught_up:,.0f}", "", "runs of final blocks"),
            Figure(
                "10,000 blocks of 10 events, from these rates",
                f"{10_000 * per_block:.0f} s",
                "≤ 60 s",
                "without the node's share",
            ),
            Figure("live, one transaction a block", f"{live / followed:,.0f} blocks/s", "", "with before-images"),
        ],
    )


def _read(recorded: Recorded) -> list[ReadBlock]:
    reader = BlockReader(recorded)  # type: ignore[arg-type]
    contracts = Contracts({TRACE: "trace"})
    read: list[ReadBlock] = []
    while len(read) < recorded.blocks:
        read += reader.range(len(read), recorded.blocks - 1, contracts)
    return read


def _apply(read: Sequence[ReadBlock], folder: Path, *, run: int, final: bool) -> float:
    stores = open_stores(folder)
    migrate(stores)
    database: Database = stores.projections
    cursor: CursorAt | None = None
    began = time.perf_counter()
    for start in range(0, len(read), run):
        with database.write() as connection:
            cursor = apply_blocks(connection, 13370, read[start : start + run], cursor, final=final)
    seconds = time.perf_counter() - began
    stores.dispose()
    return seconds


def _word(number: int) -> bytes:
    return number.to_bytes(32, "big")


def _block_hash(number: int) -> bytes:
    return keccak256(b"block %d" % number)


if __name__ == "__main__":
    typer.run(main)
