"""Batch files made again from the journal, and real kills of a sealer at each label of the crash matrix."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from ledger_node.content.cid import raw_cid
from ledger_node.content.content_keys import KeyFolder
from ledger_node.content.content_store import read_all
from ledger_node.content.local import LocalStore
from ledger_node.domain.clock import Clock
from ledger_node.errors import ContentKeyMissing, ContentMismatch, ContentMissing
from ledger_node.sealing.rebuild import BatchId, rebuild_batch_file, restore_batch_file
from ledger_node.sealing.sealer import Sealer
from ledger_node.sealing.settings import SealingSettings
from ledger_node.sealing.subjects import merchant_subject
from ledger_node.store import Stores
from ledger_node.store.journal import Batch, Record, Tx
from tests.support.a_journal import MERCHANT, NOON_MS, AJournal, a_sale

FIRST = BatchId("market/zpk/sale", 1)
SETTINGS = SealingSettings(ZoneInfo("Asia/Shanghai"), (), ("pin-0",), bytes(20))
BATCH = Batch.__table__  # type: ignore[attr-defined]


@pytest.fixture
def content(tmp_path: Path) -> Iterator[LocalStore]:
    with LocalStore(tmp_path / "content", full_permille=1000) as store:
        yield store


@pytest.fixture
def keys(tmp_path: Path) -> KeyFolder:
    return KeyFolder(tmp_path / "keys")


@pytest.fixture
def sealed(stores: Stores, content: LocalStore, keys: KeyFolder) -> bytes:
    """The first batch's content: three sales and a void, sealed."""
    journal = AJournal(stores.journal)
    journal.add_many("sale", [a_sale(net_grams=n) for n in (1, 2, 3)])
    Sealer(stores, content, SETTINGS, keys, Clock(real=lambda: NOON_MS + 9000), holder="one").step()
    with stores.journal.read() as connection:
        found: bytes = connection.execute(select(BATCH.c.content)).scalar_one()
    return found


def test_the_same_records_give_the_same_file(
    stores: Stores, content: LocalStore, keys: KeyFolder, sealed: bytes
) -> None:
    cid, file = rebuild_batch_file(stores, FIRST, keys)
    assert cid == raw_cid(sealed)
    assert file == read_all(content, cid, limit_bytes=1 << 20)


def test_a_lost_file_is_restored_and_kept(stores: Stores, content: LocalStore, keys: KeyFolder, sealed: bytes) -> None:
    content.files.remove(sealed)
    assert restore_batch_file(stores, FIRST, keys, content) == raw_cid(sealed)
    assert content.has(raw_cid(sealed))
    assert [pin.cid for pin in content.pins()] == [raw_cid(sealed)]


@pytest.mark.parametrize("change", [{"verdict": 3}, {"received_at_ms": 5}, {"amount_minor": 9}, {"reason": 4}])
def test_an_altered_journal_is_found_out(
    stores: Stores, keys: KeyFolder, sealed: bytes, change: dict[str, Any]
) -> None:
    table = Record.__table__  # type: ignore[attr-defined]
    with stores.journal.write() as connection:
        connection.execute(update(table).where(table.c.position == 1).values(**change))
    with pytest.raises(ContentMismatch):
        rebuild_batch_file(stores, FIRST, keys)


def test_after_erasure_the_rows_cannot_be_sealed_again(stores: Stores, keys: KeyFolder, sealed: bytes) -> None:
    keys.destroy(merchant_subject(MERCHANT), at_ms=NOON_MS, ground="asked")
    with pytest.raises(ContentKeyMissing):
        rebuild_batch_file(stores, FIRST, keys)


def test_an_unknown_batch_has_no_file(stores: Stores, keys: KeyFolder) -> None:
    with pytest.raises(ContentMissing):
        rebuild_batch_file(stores, FIRST, keys)


CHILD = """
import os, signal, sys
from pathlib import Path
from zoneinfo import ZoneInfo
from ledger_node.content.content_keys import KeyFolder
from ledger_node.content.local import LocalStore
from ledger_node.domain import fault
from ledger_node.domain.clock import Clock
from ledger_node.sealing.sealer import Sealer
from ledger_node.sealing.settings import SealingSettings
from ledger_node.store import open_stores
folder, url, now_ms, label = Path(sys.argv[1]), sys.argv[2] or None, int(sys.argv[3]), sys.argv[4]
settings = SealingSettings(ZoneInfo("Asia/Shanghai"), (), ("pin-0",), bytes(20))
clock = Clock(real=lambda: now_ms)
store = LocalStore(folder / "content", full_permille=1000)
sealer = Sealer(open_stores(folder, url), store, settings, KeyFolder(folder / "keys"), clock, holder="child")
fault.arm(label, lambda: os.kill(os.getpid(), signal.SIGKILL))
sealer.step()
"""


@pytest.mark.fault
@pytest.mark.parametrize("label", ["S1", "S2", "S3"])
def test_a_killed_sealer_is_followed_by_one_that_loses_and_doubles_nothing(
    stores: Stores, database_url: str | None, tmp_path: Path, label: str
) -> None:
    AJournal(stores.journal).add_many("sale", [a_sale() for _ in range(4)])
    arguments = [str(tmp_path), database_url or "", str(NOON_MS + 9000), label]
    done = subprocess.run([sys.executable, "-c", CHILD, *arguments], capture_output=True, check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    keys = KeyFolder(tmp_path / "keys")
    with LocalStore(tmp_path / "content", full_permille=1000) as content:
        clock = Clock(real=lambda: NOON_MS + 60_000)
        sealer = Sealer(stores, content, SETTINGS, keys, clock, holder="next")
        assert sealer.step() == (0 if label == "S3" else 1)
        with stores.journal.read() as connection:
            batches = connection.execute(select(BATCH)).mappings().all()
            pins = connection.execute(select(Tx.__table__)).all()  # type: ignore[attr-defined]
        assert [batch["count"] for batch in batches] == [4]
        assert len(pins) == 1
        cid, file = rebuild_batch_file(stores, FIRST, keys)
        assert read_all(content, cid, limit_bytes=1 << 20) == file
        assert [pin.cid for pin in content.pins()] == [cid]
