"""What every content store promises, on the local store and on the fake that ships."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger_node.content.cid import RAW, Cid
from ledger_node.content.content_store import FindingState, PinReason, ReasonKind, read_all
from ledger_node.content.local import LocalStore
from ledger_node.content.memory import MemoryStore
from ledger_node.errors import ContentAltered, ContentMismatch, ContentMissing, ContentTooLarge

Store = LocalStore | MemoryStore
ORDER = PinReason(ReasonKind.ORDER, "kept by hand")
EVENT = PinReason(ReasonKind.EVENT, "pin/market/zpk/sale/1")
BIG = bytes(1 << 20) + b"\1" * (1 << 20) + b"end"  # two blocks and a bit


@pytest.fixture(params=["local", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "memory":
        yield MemoryStore()
        return
    with LocalStore(tmp_path / "content", full_permille=1000) as local:
        yield local


def put(store: Store, data: bytes) -> Cid:
    return store.put(io.BytesIO(data)).cid


@pytest.mark.parametrize("data", [b"", b"a", bytes(64 * 1024), bytes(64 * 1024 + 1), bytes(1 << 20), BIG])
def test_what_was_put_is_read(store: Store, data: bytes) -> None:
    stored = store.put(io.BytesIO(data))
    assert stored.length == len(data)
    assert read_all(store, stored.cid, limit_bytes=len(data)) == data
    assert store.has(stored.cid)
    assert all(len(piece) <= 1 << 20 for piece in store.read(stored.cid, limit_bytes=len(data)))


def test_many_small_things_are_put_at_once(store: Store) -> None:
    items = [b"%d" % number for number in range(300)]
    for item, stored in zip(items, store.put_many(items), strict=True):
        assert read_all(store, stored.cid, limit_bytes=10) == item


def test_another_name_than_expected_is_a_mismatch(store: Store) -> None:
    with pytest.raises(ContentMismatch):
        store.put(io.BytesIO(b"a"), expect=Cid.of(b"b"))
    assert not store.has(Cid.of(b"a"))
    assert store.put(io.BytesIO(b"a"), expect=Cid.of(b"a")).cid == Cid.of(b"a")


def test_what_is_not_here_is_missing(store: Store) -> None:
    with pytest.raises(ContentMissing):
        read_all(store, Cid.of(b"nobody"), limit_bytes=10)
    with pytest.raises(ContentMissing):
        store.pin(Cid.of(b"nobody"), ORDER, deadline_seconds=1)
    assert not store.has(Cid.of(b"nobody"))


@pytest.mark.parametrize("data", [b"four", BIG])
def test_the_limit_holds_before_a_byte_is_given(store: Store, data: bytes) -> None:
    cid = put(store, data)
    with pytest.raises(ContentTooLarge):
        next(store.read(cid, limit_bytes=len(data) - 1))


def test_a_pin_goes_when_its_last_reason_goes(store: Store) -> None:
    cid = put(store, BIG)
    store.pin(cid, ORDER, deadline_seconds=1)
    store.pin(cid, EVENT, deadline_seconds=1)
    store.pin(cid, EVENT, deadline_seconds=1)
    (pin,) = store.pins()
    assert (pin.cid, set(pin.reasons)) == (cid, {ORDER, EVENT})
    store.unpin(cid, ORDER)
    assert store.collect(older_than_seconds=-5).blocks == 0
    store.unpin(cid, EVENT)
    assert list(store.pins()) == []
    assert store.collect(older_than_seconds=-5).kept == 0
    assert not store.has(cid)


def test_the_young_are_not_collected(store: Store) -> None:
    cid = put(store, b"young")
    assert store.collect(older_than_seconds=3600).blocks == 0
    assert store.has(cid)


def test_a_check_names_what_is_missing_and_altered(store: Store) -> None:
    cid = put(store, BIG)
    blocks = [finding.cid for finding in store.check(cid)]
    assert {finding.state for finding in store.check(cid)} == {FindingState.SOUND}
    leaf, last = blocks[1], blocks[-1]
    assert leaf.codec == last.codec == RAW
    if isinstance(store, MemoryStore):
        store.alter(leaf, b"false")
        store.lose(last)
    else:
        store.files.path(leaf.digest).write_bytes(b"false")
        store.files.remove(last.digest)
    states = {finding.cid: finding.state for finding in store.check(cid)}
    assert states[leaf] == FindingState.ALTERED
    assert states[last] == FindingState.MISSING


def test_an_altered_block_ends_the_stream_loudly(store: Store) -> None:
    cid = put(store, BIG)
    second = [finding.cid for finding in store.check(cid)][2]
    if isinstance(store, MemoryStore):
        store.alter(second, b"false")
    else:
        store.files.path(second.digest).write_bytes(b"false")
    pieces = store.read(cid, limit_bytes=len(BIG))
    assert next(pieces) == BIG[: 1 << 20]
    with pytest.raises(ContentAltered):
        next(pieces)


def test_an_archive_carries_a_file_to_another_store(store: Store) -> None:
    cid = put(store, BIG)
    sink = io.BytesIO()
    store.export([cid], sink)
    target = MemoryStore()
    assert target.load(io.BytesIO(sink.getvalue())) == [cid]
    assert read_all(target, cid, limit_bytes=len(BIG)) == BIG
    assert store.load(io.BytesIO(sink.getvalue())) == [cid]


def test_the_fake_fails_before_and_after() -> None:
    store = MemoryStore()
    store.fail_before(OSError("not done"))
    with pytest.raises(OSError, match="not done"):
        put(store, b"a")
    assert not store.has(Cid.of(b"a"))
    store.fail_before(None)
    store.fail_after(OSError("done but reported failed"))
    with pytest.raises(OSError, match="reported"):
        put(store, b"a")
    assert store.has(Cid.of(b"a"))


def test_the_fake_takes_its_time() -> None:
    slept: list[float] = []
    store = MemoryStore(sleep=slept.append)
    store.delay(2.5)
    put(store, b"a")
    assert slept == [2.5]
