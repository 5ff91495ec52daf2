"""Figures of the content store, the batch file and the sealer: `python -m tests.benchmarks.bench_content`."""

import argparse
import io
import os
import resource
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from zoneinfo import ZoneInfo

from PIL import Image

from ledger_node.content.batch_reader import read_batch
from ledger_node.content.content_keys import KeyFolder
from ledger_node.content.content_store import read_all
from ledger_node.content.local import LocalStore
from ledger_node.content.picture import clean_copy
from ledger_node.domain.batch import BatchHeader
from ledger_node.domain.clock import Clock
from ledger_node.sealing.batch_builder import build_batch
from ledger_node.sealing.sealer import Sealer
from ledger_node.sealing.settings import SealingSettings
from ledger_node.sealing.subjects import keys_of
from ledger_node.sealing.unsealed import unsealed
from ledger_node.store import migrate, open_stores
from tests.benchmarks.figures import Figure, print_figures
from tests.support.a_journal import DOMAIN, NOON_MS, AJournal, a_sale

WRITERS = 16
BIG_BYTES = 100 << 20
RECORDS = 1000


def seconds(work: Callable[[], object], repeats: int = 1) -> float:
    """The best of several runs."""
    best = float("inf")
    for _ in range(repeats):
        begun = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - begun)
    return best


def store_figures(folder: Path, documents: int) -> list[Figure]:
    """Puts and reads of the local store."""
    small = [os.urandom(4096) for _ in range(documents)]
    big = os.urandom(BIG_BYTES)
    with LocalStore(folder / "content", full_permille=1000) as store:
        with ThreadPoolExecutor(WRITERS) as pool:
            put = seconds(lambda: list(pool.map(lambda one: store.put(io.BytesIO(one)), small)))
        at_once = seconds(lambda: store.put_many([one[::-1] for one in small]))
        cids = [stored.cid for stored in store.put_many(small[:1])]
        read_small = seconds(lambda: [read_all(store, cids[0], limit_bytes=4096) for _ in range(documents)])
        put_big = seconds(lambda: store.put(io.BytesIO(big)))
        root = store.put(io.BytesIO(big)).cid
        read_big = seconds(lambda: sum(len(piece) for piece in store.read(root, limit_bytes=BIG_BYTES)), 3)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    megabytes = BIG_BYTES / 1e6
    return [
        Figure("put of 4 KiB documents, durable, 16 writers", f"{documents / put:,.0f}/s", "≥ 2,000/s"),
        Figure("the same by put_many, one caller", f"{documents / at_once:,.0f}/s"),
        Figure("put of 100 MB", f"{megabytes / put_big:,.0f} MB/s", "≥ 400 MB/s"),
        Figure("verified read of 100 MB", f"{megabytes / read_big:,.0f} MB/s", "≥ 1,000 MB/s"),
        Figure("verified read of 4 KiB", f"{documents / read_small:,.0f}/s", "≥ 20,000/s"),
        Figure(
            "memory of this process", f"{memory} MB", "< 150 MB", "holds the 100 MB source and all documents itself"
        ),
    ]


def sealing_figures(folder: Path) -> list[Figure]:
    """One full batch: file written, read and checked, and the whole step on SQLite."""
    stores = open_stores(folder)
    migrate(stores)
    merchants = [f"0x{number:064x}" for number in range(100)]
    AJournal(stores.journal).add_many("sale", [a_sale(merchant=merchants[n % 100]) for n in range(RECORDS)])
    keys = KeyFolder(folder / "keys")
    with stores.journal.read() as connection:
        records = unsealed(connection, "market/zpk/sale", 0, RECORDS)
        by_record = keys_of(connection, records, keys)
    header = BatchHeader("market/zpk/sale", 1, bytes(32), 1, 1, 2, bytes(32), bytes(32))
    write = seconds(lambda: build_batch(header, records, by_record), 5)
    built = build_batch(header, records, by_record)
    read = seconds(lambda: read_batch(built.file, header.stream, 1, built.pin, domain=DOMAIN, keys=keys), 5)
    blind = seconds(lambda: read_batch(built.file, header.stream, 1, built.pin, domain=DOMAIN), 5)
    settings = SealingSettings(ZoneInfo("Asia/Shanghai"), (), ("pin-0",), bytes(20))
    with LocalStore(folder / "batches", full_permille=1000) as store:
        sealer = Sealer(stores, store, settings, keys, Clock(real=lambda: NOON_MS + 9000), holder="bench")
        step = seconds(sealer.step)
    stores.dispose()
    return [
        Figure("batch file of 1,000 sealed records: root, file", f"{write * 1000:.1f} ms", "< 20 ms"),
        Figure("read and check, with all keys, no signatures", f"{read * 1000:.1f} ms", "< 30 ms"),
        Figure("read and check, without keys", f"{blind * 1000:.1f} ms", "< 30 ms"),
        Figure("sealing 1,000 records: read, file, lot map, commit", f"{step * 1000:.0f} ms", "well under 1 s"),
    ]


def photo_figures() -> list[Figure]:
    """Cleaning one photo, child process and all."""
    noise = Image.frombytes("RGB", (500, 375), os.urandom(500 * 375 * 3)).resize((4000, 3000))
    sink = io.BytesIO()
    noise.save(sink, "JPEG", quality=90)
    clean = seconds(lambda: clean_copy(sink.getvalue()), 2)
    return [Figure("cleaning a 12-megapixel photo", f"{clean:.2f} s", "< 1 s")]


def main() -> None:
    """Measures in a temporary folder and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=8000)
    parser.add_argument("--folder", type=Path, default=None, help="where to measure; a real disk, not a tmpfs")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
        folder = Path(name)
        print_figures(
            "content and sealing",
            [*store_figures(folder, arguments.documents), *sealing_figures(folder), *photo_figures()],
        )


if __name__ == "__main__":
    main()
