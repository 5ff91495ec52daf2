"""Blocks that vanish under load: healed while they are not final, and never glossed over once they were."""

import json
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from ledger_node.chain.rpc import Node
from ledger_node.store.journal import journal_metadata
from tests.support.a_node import HOLD, RunningNode, a_node, check_stopped

pytestmark = [pytest.mark.fault, pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.node]
OPTIONS = ("--stalls", "6")
HELD = (sys.executable, "-m", "tests.faults.held_chain")
DEEPEST = 8
BETWEEN = 2
PAST_FINALITY = 3
ALARM = journal_metadata.tables["alarm"]


@contextmanager
def chain_of(node: RunningNode) -> Generator[Node]:
    """The node's chain, asked directly."""
    chain = Node(node.folder.settings.rpc_url)
    try:
        yield chain
    finally:
        chain.close()


def test_a_reorganisation_of_any_depth_up_to_eight_is_healed_under_load(tmp_path: Path) -> None:
    with a_node(tmp_path / "node", *OPTIONS, launcher=HELD) as node, chain_of(node) as chain:
        stores = node.stores()
        hold = node.path / "chain" / HOLD
        hold.touch()
        held_at = chain.block_number()
        for depth in range(1, DEEPEST + 1):
            wanted = max(held_at + depth, chain.block_number() + BETWEEN)
            node.wait(
                lambda wanted=wanted: node.counts(stores).indexed_block >= wanted, what=f"blocks to undo {depth} of"
            )
            before = chain.header(chain.block_number())
            chain.request("anvil_reorg", depth, [])
            assert before is not None
            after = chain.header(before.number)
            assert after is None or after.hash != before.hash, "the chain was not reorganised"
        final = node.counts(stores).final_block
        assert final <= held_at, "a block was final without being in a whole state file"
        hold.unlink()
        node.wait(lambda: node.counts(stores).final_block > final + DEEPEST, what="new blocks to become final")
        node.drain()
        undone = (node.path / "logs" / "index.log").read_text().count("indexer.reorganised")
        assert undone >= DEEPEST // 2
        stores.dispose()
    findings = check_stopped(node, tmp_path / "scratch")
    assert findings.is_clean, findings


def test_a_reorganisation_of_final_blocks_stops_indexer_and_log_with_evidence(tmp_path: Path) -> None:
    with a_node(tmp_path / "node", *OPTIONS) as node, chain_of(node) as chain:
        stores = node.stores()
        founded = chain.block_number()
        node.wait(lambda: node.counts(stores).final_block > founded + PAST_FINALITY, what="blocks after the founding")
        with node.hanging("chain"):
            # No block is made or becomes final any more, except what the indexer has still to take in.
            head = chain.block_number()
            node.wait(lambda: node.counts(stores).indexed_block >= head, what="the newest block to be indexed")
            final = node.counts(stores).final_block
            chain.request("anvil_reorg", head - final + PAST_FINALITY, [])
        evidence = node.path / "evidence"
        log = node.path / "logs" / "index.log"
        node.wait(lambda: "stays down" in log.read_text(), what="the indexer to stop for good")
        final = node.counts(stores).final_block
        kept = [json.loads(file.read_bytes()) for file in evidence.glob("*.json")]
        assert [one["kind"] for one in kept] == ["chain_rewritten"]
        assert kept[0]["parts"]["known"]["hash"] != kept[0]["parts"]["found"]["hash"]
        with stores.journal.read() as connection:
            alarms = list(connection.execute(select(ALARM.c.code, ALARM.c.message)))
        assert [one.message for one in alarms if one.code == "ReorganisedPastFinality"] == [kept[0]["says"]]
        records = node.counts(stores).records
        node.wait(lambda: node.counts(stores).records > records + 10, what="trade to go on")
        assert node.counts(stores).final_block == final
        assert node.counts(stores).checkpoint_block <= final
        assert len(list(evidence.glob("*.json"))) == 1
        stores.dispose()
