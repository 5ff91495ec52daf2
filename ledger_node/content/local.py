"""The local content store: no daemon, no dependency, durable before it answers (`content.md` section 4).

Blocks up to 64 KiB go through the group commit log, larger ones are synced one by one. Two processes may share a
store: renames are atomic, each has a commit log with a lock on it, and whoever starts replays logs without an owner.
"""

import errno
import fcntl
import hashlib
import shutil
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final

import structlog

from ledger_node.content import dag
from ledger_node.content.block_files import BlockFiles, SyncFailed, is_sound
from ledger_node.content.block_store import BlockStore, groups
from ledger_node.content.cid import DAG_PB, RAW, Cid
from ledger_node.content.commit_log import (
    SMALL_BLOCK_BYTES,
    CommitLog,
    SmallBlock,
    living_owners,
    orphaned_logs,
    read_log,
)
from ledger_node.content.content_index import ContentIndex, Quota
from ledger_node.content.content_store import (
    PIECE_LIMIT_BYTES,
    Collected,
    Finding,
    FindingState,
    Pin,
    PinReason,
    Stored,
)
from ledger_node.content.unixfs import Block, decode_node, file_blocks
from ledger_node.errors import (
    ContentAltered,
    ContentMismatch,
    ContentMissing,
    ContentStoreFull,
    ContentStoreStopped,
)

FULL_PERMILLE: Final = 900
GROUP_BLOCKS: Final = 16
CHECK_BYTES_PER_SECOND: Final = 20_000_000
_log = structlog.get_logger("content")


class LocalStore(BlockStore):
    """A ContentStore in a folder. `quota` bounds what one party's reasons may keep."""

    def __init__(self, folder: Path, *, quota: Quota | None = None, full_permille: int = FULL_PERMILLE) -> None:
        self.folder = folder
        self.files = BlockFiles(folder)
        self._quota = quota
        self._full_permille = full_permille
        self._room_checked_at = 0.0
        self._in_flight: dict[int, float] = {}
        self._sweep_lock = threading.Lock()
        self._generation = (folder / "commit.lock").open("ab")
        (folder / "commit").mkdir(mode=0o750, exist_ok=True)
        self._replay()
        self._commits = CommitLog(folder / "commit", self.files.sync_all)
        self.index = ContentIndex(folder / "index.sqlite")

    def __enter__(self) -> "LocalStore":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Makes everything durable and lets the folder go."""
        self._commits.close()
        self.index.close()
        self._generation.close()

    # Puts

    def put(self, source: BinaryIO, *, expect: Cid | None = None) -> Stored:
        """See ContentStore. A file is one block up to 1 MiB, else a tree; parents are written after children."""
        with self._putting():
            plain = _PlainHash(source)
            group: list[Block] = []
            for block in file_blocks(plain):
                if len(group) >= GROUP_BLOCKS:
                    self._keep(group)
                    group = []
                group.append(block)
            root = group[-1].cid
            if expect is not None and root != expect:
                raise ContentMismatch(str(expect), str(root), "the bytes")
            self._keep(group)
            return Stored(root, plain.length, plain.digest())

    def put_many(self, items: Iterable[bytes]) -> list[Stored]:
        """See ContentStore: small items share a commit, some megabytes at a time."""
        result: list[Stored] = []
        with self._putting():
            for group in groups(_small_blocks(items)):
                self._keep(group)
                result += [Stored(block.cid, len(block.data), block.cid.digest) for block in group]
        return result

    # Reads

    def block(self, cid: Cid) -> bytes:
        """One block, hashed now. ContentMissing; ContentAltered, and the false block goes to quarantine."""
        data = self.files.read(cid.digest)
        if data is None:
            raise ContentMissing(str(cid))
        if not is_sound(cid.digest, data):
            where = self.files.set_aside(cid.digest, "altered")
            _log.error("block altered", cid=str(cid), quarantine=where.name)
            raise ContentAltered(str(cid), f"moved to quarantine/{where.name}")
        return data

    def read(self, cid: Cid, *, limit_bytes: int) -> Iterator[bytes]:
        """See ContentStore."""
        return dag.read_file(cid, self.block, limit_bytes=limit_bytes)

    def has(self, cid: Cid) -> bool:
        """See ContentStore. Leaves are looked up, not hashed; `check` hashes."""
        try:
            self._measure(cid)
        except (ContentMissing, ContentAltered):
            return False
        return True

    # Pins

    def pin(self, cid: Cid, reason: PinReason, *, deadline_seconds: float) -> None:
        """See ContentStore. This store asks nobody else, so what is missing stays missing."""
        self.index.add(cid, reason, self._measure(cid), self._quota if reason.party else None)

    def unpin(self, cid: Cid, reason: PinReason) -> None:
        """See ContentStore."""
        self.index.remove(cid, reason)

    def pins(self) -> Iterator[Pin]:
        """See ContentStore."""
        return iter(self.index.pins())

    def reindex(self, reasons: Iterable[tuple[Cid, PinReason]]) -> list[Cid]:
        """Fills the index anew from what chain and journal say is kept; gives back what is missing here."""
        self.index.clear()
        missing: list[Cid] = []
        for cid, reason in reasons:
            try:
                self.index.add(cid, reason, self._measure(cid), None)
            except (ContentMissing, ContentAltered):
                missing.append(cid)
        return missing

    # Care

    def check_everything(
        self,
        *,
        after: str = "",
        bytes_per_second: int = CHECK_BYTES_PER_SECOND,
        pause: Callable[[float], None] = time.sleep,
    ) -> Iterator[tuple[str, Finding]]:
        """Hashes every block file, slowly; each finding comes with the place from which a later run goes on."""
        for digest, state in self.files.all(after=after):
            cid = Cid(RAW, digest)
            place = self.files.path(digest)
            name = f"{place.parent.name}/{place.stem}"
            try:
                self.block(cid)
            except ContentMissing:
                continue
            except ContentAltered as error:
                yield name, Finding(cid, FindingState.ALTERED, error.where)
            else:
                yield name, Finding(cid, FindingState.SOUND)
            pause(state.st_size / bytes_per_second)

    def collect(self, *, older_than_seconds: int) -> Collected:
        """See ContentStore. Puts and loads in flight hold back everything younger than their start."""
        marked = {block.cid.digest for pin in self.pins() for block in self._walk_present(pin.cid)}
        removed = length = kept = 0
        for digest, state in self.files.all():
            if digest not in marked and self._sweep(digest, older_than_seconds):
                removed, length = removed + 1, length + state.st_size
            else:
                kept += 1
        return Collected(removed, length, kept)

    # Inside

    def _keep(self, blocks: Sequence[Block]) -> None:
        self._commits.require_running()
        self._require_room()
        missing: dict[bytes, bytes] = {}
        for one in blocks:
            if not self._is_kept(one):
                missing[one.cid.digest] = one.data
            elif len(one.data) > SMALL_BLOCK_BYTES:
                self.files.sync_kept(one.cid.digest)
        try:
            self._write_small([item for item in missing.items() if len(item[1]) <= SMALL_BLOCK_BYTES])
            self.files.write([item for item in missing.items() if len(item[1]) > SMALL_BLOCK_BYTES], durable=True)
        except SyncFailed as error:
            self._commits.stop(f"a block could not be made durable: {error}")
            raise ContentStoreStopped(str(error)) from error
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise ContentStoreFull(1000, self._full_permille) from error
            raise

    def _write_small(self, blocks: Sequence[SmallBlock]) -> None:
        if not blocks:
            return
        self._commits.commit(blocks)
        try:
            self.files.write(blocks, durable=False)
        finally:
            # Where writing failed nothing is acknowledged, so the log need not keep them either.
            self._commits.written(len(blocks))

    def _is_kept(self, block: Block) -> bool:
        """Whether the block is here in its full length; makes it young again. A file of another length is false."""
        length = self.files.length(block.cid.digest)
        if length is None:
            return False
        if length != len(block.data):
            self.files.set_aside(block.cid.digest, "length")
            return False
        with self._sweeping(fcntl.LOCK_SH):
            try:
                self.files.refresh(block.cid.digest)
            except FileNotFoundError:
                return False
        return True

    def _sweep(self, digest: bytes, older_than_seconds: int) -> bool:
        with self._sweeping(fcntl.LOCK_EX):
            horizon = min([time.time() - older_than_seconds, *self._in_flight.values()])
            try:
                if self.files.path(digest).stat().st_mtime >= horizon:
                    return False
            except FileNotFoundError:
                return False
            self.files.remove(digest)
        _log.debug("block removed", digest=digest.hex())
        return True

    @contextmanager
    def _sweeping(self, kind: int) -> Generator[None]:
        """One thread, and among collecting processes one process, looks at an age and acts on it."""
        with self._sweep_lock:
            fcntl.flock(self._generation, kind)
            try:
                yield
            finally:
                fcntl.flock(self._generation, fcntl.LOCK_UN)

    @contextmanager
    def _putting(self) -> Generator[None]:
        mark = object()
        # File times may be a few milliseconds coarser than the clock.
        self._in_flight[id(mark)] = time.time() - 1
        try:
            yield
        finally:
            del self._in_flight[id(mark)]

    def _measure(self, cid: Cid) -> int:
        """Bytes of all blocks; leaves are only looked up. ContentMissing, ContentAltered."""
        total, waiting, seen = 0, [cid], set[Cid]()
        while waiting:
            one = waiting.pop()
            if one in seen:
                continue
            seen.add(one)
            if one.codec == DAG_PB:
                data = self.block(one)
                total += len(data)
                waiting.extend(link.cid for link in decode_node(Block(one, data)).links)
            else:
                length = self.files.length(one.digest)
                if length is None:
                    raise ContentMissing(str(one))
                total += length
        return total

    def _walk_present(self, root: Cid) -> Iterator[Block]:
        """Blocks under a pin for marking; what is missing or false stays marked by its parent's link."""
        waiting, seen = [root], set[Cid]()
        while waiting:
            one = waiting.pop()
            if one in seen:
                continue
            seen.add(one)
            data = b""
            if one.codec == DAG_PB:
                try:
                    data = self.block(one)
                    waiting.extend(link.cid for link in decode_node(Block(one, data)).links)
                except (ContentMissing, ContentAltered):
                    pass
            yield Block(one, data)

    def _require_room(self) -> None:
        if time.monotonic() - self._room_checked_at < 1:
            return
        usage = shutil.disk_usage(self.folder)
        used = usage.used * 1000 // (usage.used + usage.free or 1)
        if used > self._full_permille:
            raise ContentStoreFull(used, self._full_permille)
        self._room_checked_at = time.monotonic()

    def _replay(self) -> None:
        folder = self.folder / "commit"
        for path, file in orphaned_logs(folder):
            count = 0
            for digest, data in read_log(file):
                if self.files.read(digest) != data:
                    self.files.write([(digest, data)], durable=False)
                count += 1
            self.files.sync_all()
            path.unlink(missing_ok=True)
            _log.info("commit log replayed", log=path.name, blocks=count)
        self.files.clear_staging(living=living_owners(folder))


def _small_blocks(items: Iterable[bytes]) -> Iterator[Block]:
    for item in items:
        if len(item) > PIECE_LIMIT_BYTES:
            raise ValueError(f"an item of {len(item)} bytes is a file: use put")
        yield Block(Cid.of(item), item)


class _PlainHash:
    """A source that hashes and counts what is read from it."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._hash = hashlib.sha256()
        self.length = 0

    def read(self, size: int, /) -> bytes:
        """Reads on."""
        data = self._source.read(size)
        self._hash.update(data)
        self.length += len(data)
        return data

    def digest(self) -> bytes:
        """SHA-256 of all that was read."""
        return self._hash.digest()
