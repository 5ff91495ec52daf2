"""A submitter as a process of its own that kills itself with SIGKILL where it is told to: for the crash matrix.

usage: python -m tests.ledger_node.chain.submit_process FOLDER DATABASE_URL|- NODE_URL ENGINE CLOCK_JSON LABEL NTH
"""

import json
import os
import signal
import sys
import threading
from pathlib import Path

from ledger_node.chain.engine import anvil_engine, ganache_engine
from ledger_node.chain.rpc import Node
from ledger_node.chain.submitter import Submitter
from ledger_node.deployment.demo import lane_signers
from ledger_node.domain import fault
from ledger_node.domain.clock import Clock
from ledger_node.store import open_stores
from ledger_node.store.tx import JournalTxStore
from tests.support.chain import LANES, SEED


def main(folder: str, database_url: str, node_url: str, engine_name: str, clock: str, label: str, nth: str) -> None:
    """Runs until it kills itself, or is killed."""
    stores = open_stores(Path(folder), None if database_url == "-" else database_url)
    engine = anvil_engine(Path(folder) / "chain" / "state.json") if engine_name == "anvil" else ganache_engine()
    ledger_clock = Clock.from_json(json.loads(clock))
    left = int(nth)

    def die() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    fault.arm(label, die)
    store = JournalTxStore(stores.journal, ledger_clock)
    signers = lane_signers(SEED, LANES)
    submitter = Submitter(store, Node(node_url), engine, signers, ledger_clock, chain_id=13370, resend_seconds=0.3)
    submitter.run(threading.Event())


if __name__ == "__main__":
    main(*sys.argv[1:])
