"""kill -9 of every process at random moments, at least 60 times in one run: nothing lost, doubled or invented.

The negative control is the same run with a gateway that forgets a record once it has been sent, without waiting for the
node's receipt: the checker must find what it lost.
"""

import random
import sys
import time
from pathlib import Path

import pytest

from tests.support.a_node import RunningNode, a_node, check_stopped

pytestmark = [pytest.mark.fault, pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.node]
PARTS = ("engine", "chain", "broker", "gateway", "ingest", "seal", "submit", "index", "checkpoint", "serve", "simulate")
KILLS = 66
OPTIONS = ("--stalls", "6")
NAIVE = (sys.executable, "-m", "tests.faults.naive_gateway")


def kill_at_random(node: RunningNode, seed: int, parts: tuple[str, ...] = PARTS) -> int:
    """Kills parts at random moments, every part about as often, until KILLS processes have died; how many did.

    A part that is just being restarted cannot be killed: the next one is tried.
    """
    chance = random.Random(seed)
    hits = 0
    for attempt in range(6 * KILLS):
        if attempt % len(parts) == 0:
            order = chance.sample(parts, len(parts))
        time.sleep(chance.uniform(0.05, 0.5))
        hits += node.kill(order[attempt % len(parts)])
        if hits == KILLS:
            break
    return hits


def await_records(node: RunningNode) -> None:
    """Waits until more records are journaled than now."""
    stores = node.stores()
    try:
        before = node.counts(stores).records
        node.wait(lambda: node.counts(stores).records > before, what="new records")
    finally:
        stores.dispose()


def test_nothing_is_lost_doubled_or_invented(tmp_path: Path) -> None:
    with a_node(tmp_path / "node", *OPTIONS) as node:
        hits = kill_at_random(node, 20261124)
        assert hits == KILLS
        node.drain()
    findings = check_stopped(node, tmp_path / "scratch")
    assert findings.is_clean, findings


def test_a_gateway_that_forgets_what_it_sent_is_found_out(tmp_path: Path) -> None:
    with a_node(tmp_path / "node", *OPTIONS, launcher=NAIVE) as node:
        kill_at_random(node, 20261124, ("ingest", "broker"))
        # Killed as fast as that, little may have been on its way. Once more while trade goes on and the broker lives.
        await_records(node)
        node.kill("ingest")
        await_records(node)
        node.drain()
    forgotten = {digest.hex() for digest in node.acknowledged}
    assert forgotten & set(check_stopped(node, tmp_path / "scratch").lost)
