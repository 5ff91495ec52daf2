"""The embedded chain's state file set back: what was not final is put back by itself, what was final is asked about."""

import sys
from pathlib import Path

import pytest

from ledger_node.chain.engine import block_of_state_file
from ledger_node.chain.state_file import PREVIOUS, STATE
from scripts.supervisor import EXIT_REFUSED
from tests.support.a_node import HOLD, RunningNode, a_node, check_stopped

pytestmark = [pytest.mark.fault, pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.node]
OPTIONS = ("--stalls", "6")
HELD = (sys.executable, "-m", "tests.faults.held_chain")
PINS = 8


def set_back(node: RunningNode, state: bytes) -> None:
    """Puts an older state file in the place of both that the chain keeps."""
    chain = node.path / "chain"
    (chain / STATE).write_bytes(state)
    (chain / PREVIOUS).unlink(missing_ok=True)


def test_blocks_that_were_not_final_are_put_back_from_the_stored_transactions(tmp_path: Path) -> None:
    with a_node(tmp_path / "node", *OPTIONS, launcher=HELD) as node:
        stores = node.stores()
        chain = node.path / "chain"
        (chain / HOLD).touch()
        older = (chain / STATE).read_bytes()
        before = node.counts(stores)
        node.wait(lambda: node.counts(stores).pins >= before.pins + PINS, what=f"{PINS} pins that are not final")
        node.stop()
        lost = node.counts(stores)
        stores.dispose()
        set_back(node, older)
        final = block_of_state_file(chain / STATE)
        assert lost.final_block <= final < lost.indexed_block

        node.start()
        node.drain()
        stores = node.stores()
        assert node.counts(stores).pins >= lost.pins
        stores.dispose()
    findings = check_stopped(node, tmp_path / "scratch")
    assert findings.is_clean, findings


def test_a_chain_that_ends_before_its_last_final_block_is_refused_with_both_numbers(tmp_path: Path) -> None:
    with a_node(tmp_path / "node", *OPTIONS) as node:
        stores = node.stores()
        older = (node.path / "chain" / STATE).read_bytes()
        begun = node.counts(stores).final_block
        node.wait(lambda: node.counts(stores).final_block > begun + PINS, what="more final blocks")
        node.stop()
        final = node.counts(stores).final_block
        set_back(node, older)
        found = block_of_state_file(node.path / "chain" / STATE)
        assert found < final

        node.start_unready()
        assert node.ended() == EXIT_REFUSED
        assert f"newest block: expected at least {final}, which was final, found {found}" in node.said()
        assert node.counts(stores).final_block == final
        stores.dispose()
