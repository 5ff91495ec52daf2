"""A process that journals the frames it is given and is killed at a label: `python -m … FOLDER DATABASE LABEL COUNT`.

Each acknowledged frame is written down, durably, before the next is taken; the parent holds the journal to it.
"""

import json
import os
import signal
import sys
from pathlib import Path

from ledger_node.domain import fault
from ledger_node.store import open_stores
from ledger_node.store.devices import DeviceDirectory
from oracles.ingest.core import IngestCore
from oracles.ingest.reading import Frame, Source
from tests.oracles.ingest.world import DOMAIN, NODE, NOON, RULES, Hand, node_key


def main(folder: Path, database_url: str | None, label: str, count: int) -> None:
    """Takes every frame of the folder in order."""
    stores = open_stores(folder, database_url)
    core = IngestCore(stores, DeviceDirectory(stores.projections), RULES, node_key(NODE), DOMAIN, Hand(NOON).clock())
    reached = 0

    def die() -> None:
        nonlocal reached
        reached += 1
        if reached == count:
            os.kill(os.getpid(), signal.SIGKILL)

    if label != "none":
        fault.arm(label, die)
    with (folder / "acknowledged").open("a") as acknowledged:
        for name in sorted(folder.glob("*.frame")):
            answer = core.take([Frame(name.read_bytes(), Source("test"))])[0]
            acknowledged.write(json.dumps([name.name, answer.to_json()]) + "\n")
            acknowledged.flush()
            os.fsync(acknowledged.fileno())


if __name__ == "__main__":
    main(Path(sys.argv[1]), None if sys.argv[2] == "sqlite" else sys.argv[2], sys.argv[3], int(sys.argv[4]))
