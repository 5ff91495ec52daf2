"""The local store under faults: nothing acknowledged is lost, nothing false is handed out, a failed sync stops it."""

import errno
import hashlib
import io
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ledger_node.content.cid import Cid
from ledger_node.content.commit_log import CommitLog, crc32c, read_log
from ledger_node.content.content_index import Quota
from ledger_node.content.content_store import PinReason, ReasonKind, read_all
from ledger_node.content.local import LocalStore
from ledger_node.domain import fault
from ledger_node.errors import ContentAltered, ContentQuotaExceeded, ContentStoreFull, ContentStoreStopped

SMALL = b"small" * 100
LARGE = bytes(range(256)) * 1024


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "content"


@pytest.fixture(autouse=True)
def _disarmed() -> Iterator[None]:
    yield
    fault.disarm()


def opened(folder: Path, **more: int) -> LocalStore:
    return LocalStore(folder, full_permille=more.get("full_permille", 1000))


def put(store: LocalStore, data: bytes) -> Cid:
    return store.put(io.BytesIO(data)).cid


def test_the_folder_is_laid_out_for_kubo(folder: Path) -> None:
    with opened(folder) as store:
        put(store, b"a")
    path = folder / "blocks/RO/CIQMVF4BCLFBXPOK7LBDDM42EPOE3J4G574BI7COOK4YA54FV7XEROY.data"
    assert path.read_bytes() == b"a"
    assert (folder / "blocks/SHARDING").read_text() == "/repo/flatfs/shard/v1/next-to-last/2\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o750


def test_a_folder_of_another_layout_is_refused(folder: Path) -> None:
    (folder / "blocks").mkdir(parents=True)
    (folder / "blocks/SHARDING").write_text("/repo/flatfs/shard/v1/prefix/2\n")
    with pytest.raises(ValueError, match="another store's layout"):
        opened(folder)


@pytest.mark.parametrize("data", [SMALL, LARGE])
def test_sixteen_writers_of_the_same_bytes_make_one_object(folder: Path, data: bytes) -> None:
    with opened(folder) as store, ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(lambda _: put(store, data), range(64)))) == 1
        assert len(list(store.files.all())) == 1
        assert list(store.files.staging.iterdir()) == []


def test_many_writers_outgrow_the_log_and_go_on(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger_node.content.commit_log.LOG_LIMIT_BYTES", 20_000)
    documents = [hashlib.sha256(b"%d" % number).digest() * 40 for number in range(400)]
    with opened(folder) as store, ThreadPoolExecutor(16) as pool:
        cids = list(pool.map(lambda one: put(store, one), documents))
        assert next((folder / "commit").glob("*.log")).stat().st_size < 120_000
        assert [read_all(store, cid, limit_bytes=2000) for cid in cids] == documents
    assert list((folder / "commit").iterdir()) == []


CHILD = """
import io, os, signal, sys
from pathlib import Path
from ledger_node.content.local import LocalStore
from ledger_node.domain import fault
label, kind = sys.argv[2:]
store = LocalStore(Path(sys.argv[1]), full_permille=1000)
data = b"small" * 100 if kind == "small" else bytes(range(256)) * 1024
store.put(io.BytesIO(b"acknowledged before"))
print("acknowledged", flush=True)
fault.arm(label, lambda: os.kill(os.getpid(), signal.SIGKILL))
store.put(io.BytesIO(data))
"""


@pytest.mark.parametrize(
    ("label", "kind", "survives"),
    [
        ("content.logged", "small", None),  # written but not synced: never acknowledged, either is right
        ("content.synced", "small", True),
        ("content.staged", "small", True),
        ("content.renamed", "small", True),
        ("content.staged", "large", False),
        ("content.renamed", "large", True),
    ],
)
def test_a_killed_writer_loses_nothing_acknowledged(folder: Path, label: str, kind: str, survives: bool | None) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(folder), label, kind], capture_output=True, check=False, timeout=60
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    assert done.stdout == b"acknowledged\n"
    data = SMALL if kind == "small" else LARGE
    with opened(folder) as store:
        assert read_all(store, Cid.of(b"acknowledged before"), limit_bytes=100)
        if survives is not None:
            assert store.has(Cid.of(data)) is survives
        assert list(store.files.staging.iterdir()) == []
        assert len(list((folder / "commit").glob("*.log"))) == 1
        assert put(store, data) == Cid.of(data)
        assert read_all(store, Cid.of(data), limit_bytes=len(data)) == data


def test_a_log_gives_back_blocks_whose_files_are_gone(folder: Path) -> None:
    store = opened(folder)
    cids = [put(store, b"%d" % number) for number in range(20)]
    store._commits._file.close()  # the process is gone without having emptied its log
    for cid in cids[:5]:
        store.files.remove(cid.digest)
    store.files.path(cids[6].digest).write_bytes(b"!")  # a file that never reached the disk whole
    with opened(folder) as again:
        assert [read_all(again, cid, limit_bytes=10) for cid in cids] == [b"%d" % number for number in range(20)]


@pytest.mark.parametrize("cut", [1, 30, 50, 59])
def test_a_torn_last_record_is_left_out(tmp_path: Path, cut: int) -> None:
    log = CommitLog(tmp_path, lambda: None)
    first, second = (hashlib.sha256(b"one").digest(), b"one"), (hashlib.sha256(b"two").digest(), b"two" * 1)
    log.commit([first])
    log.commit([second])
    whole = log.path.read_bytes()
    assert list(read_log(io.BytesIO(whole))) == [first, second]
    assert list(read_log(io.BytesIO(whole[: len(whole) - min(cut, len(whole) // 2 - 1)]))) == [first]
    flipped = bytearray(whole)
    flipped[-cut if cut < len(whole) // 2 else -1] ^= 1
    assert list(read_log(io.BytesIO(bytes(flipped)))) == [first]
    log.written(2)
    log.close()


def test_the_checksum_is_castagnolis() -> None:
    assert crc32c(b"123456789") == 0xE3069283
    assert crc32c(bytes(32)) == 0x8A9136AA


def fail_sync(*_: object) -> None:
    raise OSError(errno.EIO, "input/output error")


@pytest.mark.parametrize(("data", "call"), [(SMALL, "fdatasync"), (LARGE, "fsync")])
def test_a_failed_sync_stops_the_store_until_it_is_opened_anew(
    folder: Path, monkeypatch: pytest.MonkeyPatch, data: bytes, call: str
) -> None:
    store = opened(folder)
    kept = put(store, b"kept")
    with monkeypatch.context() as patch:
        patch.setattr(os, call, fail_sync)
        with pytest.raises(ContentStoreStopped):
            put(store, data)
    for other in (SMALL + b"x", LARGE + b"x"):
        with pytest.raises(ContentStoreStopped):
            put(store, other)
    assert read_all(store, kept, limit_bytes=10) == b"kept"
    store.close()
    with opened(folder) as again:
        assert read_all(again, kept, limit_bytes=10) == b"kept"
        assert put(again, data) == Cid.of(data)


def test_all_waiting_writers_hear_of_a_failed_sync(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = opened(folder)
    with monkeypatch.context() as patch, ThreadPoolExecutor(8) as pool:
        patch.setattr(os, "fdatasync", fail_sync)
        errors = list(pool.map(lambda number: _error_of(store, b"%d" % number), range(32)))
    assert set(errors) == {ContentStoreStopped}
    store.close()


def _error_of(store: LocalStore, data: bytes) -> type[BaseException] | None:
    try:
        put(store, data)
    except ContentStoreStopped as error:
        return type(error)
    return None


FULL_CHILD = """
import io, resource, signal, sys
from pathlib import Path
from ledger_node.content.local import LocalStore
from ledger_node.errors import ContentStoreFull
store = LocalStore(Path(sys.argv[1]), full_permille=1000)
store.put(io.BytesIO(b"kept"))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
limit = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (3000, limit[1]))
for data in (bytes(10_000), bytes(100_000)):
    try:
        store.put(io.BytesIO(data))
        print("taken")
    except ContentStoreFull:
        print("full")
resource.setrlimit(resource.RLIMIT_FSIZE, limit)
store.put(io.BytesIO(bytes(10_000)))
store.put(io.BytesIO(bytes(100_000)))
print(len(list(store.files.staging.iterdir())))
"""


def test_a_write_without_room_leaves_nothing_and_the_store_goes_on(folder: Path) -> None:
    done = subprocess.run([sys.executable, "-c", FULL_CHILD, str(folder)], capture_output=True, check=False, timeout=60)
    assert done.stdout.split() == [b"full", b"full", b"0"], done.stderr.decode()
    with opened(folder) as store:
        for data in (b"kept", bytes(10_000), bytes(100_000)):
            assert read_all(store, Cid.of(data), limit_bytes=1 << 20) == data


def test_a_nearly_full_disk_refuses_puts_and_serves_reads(folder: Path) -> None:
    with opened(folder) as store:
        cid = put(store, b"kept")
    with opened(folder, full_permille=0) as store:
        with pytest.raises(ContentStoreFull):
            put(store, b"more")
        assert read_all(store, cid, limit_bytes=10) == b"kept"


def test_a_false_block_goes_to_quarantine_and_can_be_put_again(folder: Path) -> None:
    with opened(folder) as store:
        cid = put(store, SMALL)
        store.files.path(cid.digest).write_bytes(b"X" + SMALL[1:])
        with pytest.raises(ContentAltered):
            read_all(store, cid, limit_bytes=1000)
        (held,) = (folder / "quarantine").iterdir()
        assert held.name.endswith(".altered")
        assert not store.has(cid)
        assert put(store, SMALL) == cid
        assert read_all(store, cid, limit_bytes=1000) == SMALL


def test_a_put_over_a_file_of_another_length_sets_it_aside(folder: Path) -> None:
    with opened(folder) as store:
        cid = put(store, SMALL)
        store.files.path(cid.digest).write_bytes(SMALL[:-1])
        put(store, SMALL)
        assert read_all(store, cid, limit_bytes=1000) == SMALL
        assert [path.name.rpartition(".")[2] for path in (folder / "quarantine").iterdir()] == ["length"]


def test_two_processes_share_a_store(folder: Path) -> None:
    with opened(folder) as first, opened(folder) as second:
        cid = put(first, SMALL)
        assert read_all(second, cid, limit_bytes=1000) == SMALL
        assert len(list((folder / "commit").glob("*.log"))) == 2
        second.pin(cid, PinReason(ReasonKind.ORDER, "x"), deadline_seconds=1)
        assert [pin.cid for pin in first.pins()] == [cid]


def test_a_put_in_flight_holds_back_the_collection(folder: Path) -> None:
    with opened(folder) as store:
        begun, collected = threading.Event(), threading.Event()

        class Slow(io.BytesIO):
            def read(self, size: int | None = -1, /) -> bytes:
                data = super().read(size)
                if not data:
                    begun.set()
                    assert collected.wait(30)
                return data

        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(store.put, Slow(bytes(20 << 20)))  # its first blocks are written by now
            assert begun.wait(30)
            assert store.collect(older_than_seconds=-60).blocks == 0
            collected.set()
            cid = running.result().cid
        assert store.has(cid)


def test_a_second_put_makes_a_block_young_again(folder: Path) -> None:
    with opened(folder) as store:
        cid = put(store, SMALL)
        long_ago = time.time() - 100_000
        os.utime(store.files.path(cid.digest), (long_ago, long_ago))
        put(store, SMALL)
        assert store.collect(older_than_seconds=86_400).blocks == 0
        os.utime(store.files.path(cid.digest), (long_ago, long_ago))
        assert store.collect(older_than_seconds=86_400).blocks == 1


def test_a_partys_quota_bounds_bytes_and_files(folder: Path) -> None:
    def reason(number: int, party: str = "7") -> PinReason:
        return PinReason(ReasonKind.RECORD, str(number), party)

    with LocalStore(folder, quota=Quota(length=25, files=2), full_permille=1000) as store:
        one, two, three, large = (put(store, data) for data in (b"1" * 10, b"2" * 10, b"3", b"4" * 20))
        store.pin(one, reason(1), deadline_seconds=1)
        store.pin(one, reason(2), deadline_seconds=1)
        with pytest.raises(ContentQuotaExceeded) as caught:
            store.pin(large, reason(3), deadline_seconds=1)
        assert (caught.value.used, caught.value.limit) == (30, 25)
        store.pin(two, reason(4), deadline_seconds=1)
        with pytest.raises(ContentQuotaExceeded):
            store.pin(three, reason(5), deadline_seconds=1)
        store.pin(three, reason(5, "8"), deadline_seconds=1)
        store.pin(large, reason(6, ""), deadline_seconds=1)
        assert store.index.used("7") == Quota(20, 2)


def test_the_index_is_made_again_from_what_should_be_kept(folder: Path) -> None:
    reason = PinReason(ReasonKind.EVENT, "pin/1")
    with opened(folder) as store:
        cid = put(store, SMALL)
        store.pin(cid, reason, deadline_seconds=1)
        assert store.reindex([(cid, reason), (Cid.of(b"lost"), reason)]) == [Cid.of(b"lost")]
        assert [pin.cid for pin in store.pins()] == [cid]


def test_the_weekly_check_is_slow_and_goes_on_where_it_stopped(folder: Path) -> None:
    paused: list[float] = []
    with opened(folder) as store:
        cids = [stored.cid for stored in store.put_many(b"%d" % number for number in range(30))]
        store.files.path(cids[3].digest).write_bytes(b"false")
        findings = list(store.check_everything(bytes_per_second=100, pause=paused.append))
        assert len(findings) == 30
        assert [finding.cid for _, finding in findings if finding.state == "altered"] == [cids[3]]
        rest = list(store.check_everything(after=findings[19][0], pause=paused.append))
        assert [place for place, _ in rest] == [place for place, f in findings[20:] if f.state == "sound"]
        assert paused[0] in (0.01, 0.02, 0.05)
