"""From sealed to pinned under load: 1,000 signed sales a second judged, journaled, sealed and pinned on anvil.

python -m tests.benchmarks.bench_pinning [seconds] [records a second]
"""

import sys
import tempfile
import threading
import time
from pathlib import Path

from sqlalchemy import func, select

from ledger_node.domain.clock import Clock
from ledger_node.domain.device import DeviceClass
from ledger_node.domain.frame import encode_frame
from ledger_node.store import migrate, open_stores
from ledger_node.store.journal import journal_metadata
from oracles.ingest.reading import Frame, Source
from tests.benchmarks.figures import Figure, percentile, print_figures
from tests.integration.pipeline import Pipeline
from tests.oracles.ingest.world import Signer, intake, sale
from tests.support.chain import DEVICES, a_chain, a_device, a_key

TX = journal_metadata.tables["tx"]
HISTORY = journal_metadata.tables["tx_history"]
RECORD = journal_metadata.tables["record"]
BLOCK_SECONDS = 1.0
PARTS_A_SECOND = 20
SCALES = 20


def main() -> None:
    """Prints the table."""
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    rate = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    scales = [a_device(f"zpk-bench-{number:03d}") for number in range(SCALES)]
    devices = (*DEVICES, a_device("zpk-intake-01", DeviceClass.SYSTEM, is_verified=False), *scales)
    with (
        tempfile.TemporaryDirectory() as name,
        a_chain("anvil", Path(name) / "chain", clock=Clock(), period_seconds=BLOCK_SECONDS, devices=devices) as chain,
    ):
        stores = open_stores(Path(name))
        migrate(stores)
        time.sleep(2)
        pipeline = Pipeline(chain, stores, Path(name))
        stop = threading.Event()
        beside = [
            threading.Thread(target=pipeline.sealer.run, args=(stop,)),
            threading.Thread(target=pipeline.submitter.run, args=(stop,)),
        ]
        for one in beside:
            one.start()
        pipeline.take(
            pipeline.sign("zpk-intake-01", "intake", 10**9, intake(net=10**9, arrived_at="2026-01-01T00:00:00Z"))
        )
        took = _load(pipeline, [Signer(one.name, a_key(one.name)) for one in scales], seconds, rate)
        time.sleep(8)
        stop.set()
        for one in beside:
            one.join()
        _report(pipeline, took, seconds, rate)
        stores.dispose()


def _load(pipeline: Pipeline, signers: list[Signer], seconds: int, rate: int) -> float:
    """Feeds the sales at an even pace; the real seconds it took."""
    begun, number, part = time.monotonic(), 0, rate // PARTS_A_SECOND
    for tick in range(seconds * PARTS_A_SECOND):
        time.sleep(max(0.0, begun + tick / PARTS_A_SECOND - time.monotonic()))
        now = pipeline.chain.clock.now_ms()
        envelopes = []
        for _ in range(part):
            number += 1
            payload = sale(number)
            signer = signers[number % len(signers)]
            envelopes.append(
                signer.sign("sale", payload, payload["amount_minor"], at_ms=now, domain=pipeline.chain.signing_domain)
            )
        pipeline.core.take([Frame(encode_frame(envelopes), Source("bench"))])
    return time.monotonic() - begun


def _report(pipeline: Pipeline, took: float, seconds: int, rate: int) -> None:
    with pipeline.stores.journal.read() as connection:
        mined = (
            select(HISTORY.c.tx_id, func.min(HISTORY.c.at_ms).label("at_ms"))
            .where(HISTORY.c.state == "mined").group_by(HISTORY.c.tx_id).subquery()
        )  # fmt: skip
        waits = sorted(
            (row.at_ms - row.first_at_ms) / 1000
            for row in connection.execute(select(TX.c.first_at_ms, mined.c.at_ms).join(mined, mined.c.tx_id == TX.c.id))
        )
        judged = connection.execute(select(func.count()).select_from(RECORD)).scalar_one()
        sent = connection.execute(select(func.count()).select_from(TX)).scalar_one()
    print_figures(
        f"Sealed to pinned on anvil, blocks of {BLOCK_SECONDS:g} s",
        [
            Figure("records judged and journaled", f"{judged:,}", f"{seconds * rate:,}", f"in {took:.1f} s"),
            Figure("pins mined", f"{len(waits):,} of {sent:,}"),
            Figure("sealed to pinned, p50", f"{percentile(waits, 0.5):.2f} s"),
            Figure("sealed to pinned, p95", f"{percentile(waits, 0.95):.2f} s", f"< {2 * BLOCK_SECONDS:g} s"),
            Figure("sealed to pinned, longest", f"{waits[-1]:.2f} s"),
        ],
    )


if __name__ == "__main__":
    main()
