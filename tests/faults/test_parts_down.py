"""One running node, one part after another down: what still works, what waits, and that all of it comes back.

The rows below are the README's table; a test keeps the two alike.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from ledger_node.store import Stores
from tests.support.a_node import Counts, RunningNode, a_node, check_stopped

pytestmark = [pytest.mark.fault, pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.node]
OPTIONS = ("--stalls", "6")
README = Path(__file__).parents[2] / "README.md"
RECORDS = 10


@dataclass(frozen=True)
class Row:
    """One part of a node, and what its absence means."""

    part: str
    still_works: str
    waits: str
    shows: Callable[["Market"], None]


@dataclass
class Market:
    """The running node, with its databases open."""

    node: RunningNode
    stores: Stores

    def counts(self) -> Counts:
        """How far each part is now."""
        return self.node.counts(self.stores)

    def grows(self, count: Callable[[Counts], int], by: int, what: str) -> None:
        """Waits until a count is higher by so much."""
        begun = count(self.counts())
        self.node.wait(lambda: count(self.counts()) >= begun + by, what=what)

    def stage_of(self, record_hash: str) -> str:
        """How far the API says a record has come."""
        answer = self.node.get(f"/api/v1/records/{record_hash}")
        assert answer.status_code == 200, answer.text
        stage: str = answer.json()["progress"]["stage"]
        return stage

    def newest_records(self) -> set[str]:
        """Hashes of the newest records that the API lists."""
        answer = self.node.get("/api/v1/records?limit=100")
        assert answer.status_code == 200, answer.text
        return {one["hash"] for one in answer.json()["items"]}

    def stages_of_new(self, known: set[str]) -> set[str]:
        """How far the records have come that are not among `known`, which were the newest then."""
        new = self.newest_records() - known
        assert new, "no new record"
        return {self.stage_of(one) for one in sorted(new)[:RECORDS]}

    def pages_answer(self) -> None:
        """The pages of what is known already are served."""
        proven = self.node.get("/api/v1/markets/zpk/first-proven")
        assert proven.status_code == 200, proven.text
        for path in ("/", proven.text.strip(), "/explorer", "/log/checkpoint"):
            assert self.node.get(path).status_code == 200, path


def the_broker(market: Market) -> None:
    """Records take the way over HTTP, 30 s after the gateways lost the broker."""
    market.grows(lambda now: now.records, RECORDS, "records over HTTP")
    market.grows(lambda now: now.pins, 1, "pins")


def the_gateway(market: Market) -> None:
    settled = market.counts()
    market.grows(lambda now: now.signed_bytes, 2_000, "scales to sign into their own memory")
    assert market.counts().outbox_rows == settled.outbox_rows
    market.pages_answer()


def ingest(market: Market) -> None:
    settled = market.counts()
    market.grows(lambda now: now.outbox_rows, RECORDS, "outboxes to fill")
    assert market.counts().records == settled.records
    market.pages_answer()


def the_sealer(market: Market) -> None:
    settled = market.counts()
    known = market.newest_records()
    market.grows(lambda now: now.records, RECORDS, "records to be judged and kept")
    assert market.counts().batches == settled.batches
    assert market.stages_of_new(known) == {"kept"}
    market.pages_answer()


def the_submitter(market: Market) -> None:
    settled = market.counts()
    known = market.newest_records()
    market.grows(lambda now: now.batches, 2, "batches to be sealed")
    assert market.counts().pins == settled.pins
    assert market.stages_of_new(known) <= {"kept", "sealed"}
    market.pages_answer()


def the_chain(market: Market) -> None:
    settled = market.counts()
    known = market.newest_records()
    market.grows(lambda now: now.batches, 2, "batches to be sealed")
    assert market.counts().indexed_block == settled.indexed_block
    assert market.stages_of_new(known) <= {"kept", "sealed", "sent"}
    market.pages_answer()


def the_indexer(market: Market) -> None:
    settled = market.counts()
    market.grows(lambda now: now.batches, 2, "batches to be sealed")
    assert market.counts().indexed_block == settled.indexed_block
    blocks = market.node.get("/api/v1/blocks?limit=1").json()["items"]
    assert blocks[0]["number"] == settled.indexed_block
    market.pages_answer()


def the_log(market: Market) -> None:
    settled = market.counts()
    note = market.node.get("/log/checkpoint").text
    market.grows(lambda now: now.pins, 2, "pins to be indexed")
    assert market.counts().checkpoint_block == settled.checkpoint_block
    assert market.node.get("/log/checkpoint").text == note
    market.pages_answer()


def the_api(market: Market) -> None:
    with pytest.raises(httpx.TransportError):
        market.node.get("/healthz")
    market.grows(lambda now: now.records, RECORDS, "records")
    market.grows(lambda now: now.checkpoint_block, 2, "checkpoints")


def the_devices(market: Market) -> None:
    settled = market.counts()
    market.grows(lambda now: now.checkpoint_block, 1, "checkpoints of what is there")
    assert market.counts().sales == settled.sales
    market.pages_answer()


ROWS = (
    Row("broker", "records reach ingest over HTTP, everything after it", "commands to devices", the_broker),
    Row("gateway", "scales sign and keep in their own memory; pages of the past", "new records", the_gateway),
    Row("ingest", "weighing; the gateways' outboxes fill; pages of the past", "receipts, new records", ingest),
    Row("seal", "records are judged, kept and shown as “kept”", "new batches, so new pins", the_sealer),
    Row("submit", "records are judged, kept and sealed", "new pins", the_submitter),
    Row("chain", "records are judged, kept and sealed; pages as of the last block", "new blocks and pins", the_chain),
    Row("index", "records are judged, kept, sealed and pinned", "on-chain state is shown as of one block", the_indexer),
    Row("checkpoint", "pins are made and shown; the last checkpoint and its proofs", "new proofs", the_log),
    Row("serve", "everything from device to checkpoint", "pages and API", the_api),
    Row("simulate", "everything; no new records", "the replayed market goes on where it stopped", the_devices),
)


@contextmanager
def settled(market: Market, part: str) -> Generator[None]:
    """A part that is down, once what it did last has reached the parts after it."""
    with market.node.down(part):
        seen: list[Counts] = []
        wanted = _SETTLES.get(part)

        def stands_still() -> bool:
            seen.append(market.counts())
            return wanted is None or (len(seen) > _STILL and len({wanted(one) for one in seen[-_STILL:]}) == 1)

        market.node.wait(stands_still, what=f"what {part} did last")
        yield


_STILL = 15
_SETTLES: dict[str, Callable[[Counts], int]] = {
    "gateway": lambda now: now.outbox_rows,
    "ingest": lambda now: now.records,
    "seal": lambda now: now.batches,
    "submit": lambda now: now.pins,
    "chain": lambda now: now.indexed_block,
    "index": lambda now: now.indexed_block,
    "checkpoint": lambda now: now.checkpoint_block,
    "simulate": lambda now: now.sales,
}


def test_each_part_may_be_down_and_only_what_needs_it_waits(tmp_path: Path) -> None:
    with a_node(tmp_path / "node", *OPTIONS) as node:
        stores = node.stores()
        market = Market(node, stores)
        for row in ROWS:
            with settled(market, row.part):
                row.shows(market)
            market.grows(lambda now: now.checkpoint_block, 1, f"new proofs after {row.part} came back")
        node.drain()
        stores.dispose()
    findings = check_stopped(node, tmp_path / "scratch")
    assert findings.is_clean, findings


def test_the_readme_has_these_rows_and_no_others() -> None:
    section = README.read_text().partition("## What still works while a part is down")[2].partition("\n## ")[0]
    table = [line for line in section.splitlines() if line.startswith("| `")]
    assert table == [f"| `{row.part}` | {row.still_works} | {row.waits} |" for row in ROWS]
