"""Group commit for small blocks: many writers, one fdatasync (`content.md` section 4).

A record is `count u32 ‖ count × (length u32 ‖ digest) ‖ CRC-32C u32 ‖ the blocks' bytes`. The checksum covers the
heading; the bytes are covered by their digests, which replay checks. Whoever finds the lock free commits for all who
wait. Block files follow without a sync, and the log is emptied after one `syncfs`. At start, logs without a living
owner are replayed; a torn last record was never acknowledged.
"""

import fcntl
import os
import secrets
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from io import FileIO
from pathlib import Path
from typing import BinaryIO, Final

from ledger_node.content.block_files import is_sound, sync_folder
from ledger_node.content.cid import DIGEST_BYTES
from ledger_node.domain import fault
from ledger_node.errors import ContentStoreStopped

SMALL_BLOCK_BYTES: Final = 64 * 1024
GROUP_LIMIT: Final = 64
LOG_LIMIT_BYTES: Final = 16 << 20
_HEAD: Final = struct.Struct(">I")
_ITEM: Final = struct.Struct(f">I{DIGEST_BYTES}s")
_POLYNOMIAL: Final = 0x82F63B78

SmallBlock = tuple[bytes, bytes]
"""Digest and bytes."""


def _crc_table() -> list[int]:
    table: list[int] = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (_POLYNOMIAL if value & 1 else 0)
        table.append(value)
    return table


_TABLE: Final = _crc_table()


def crc32c(data: bytes) -> int:
    """CRC-32C (Castagnoli, RFC 3720 appendix B.4)."""
    value = 0xFFFFFFFF
    for byte in data:
        value = _TABLE[(value ^ byte) & 0xFF] ^ value >> 8
    return value ^ 0xFFFFFFFF


class _Waiting:
    """What one writer asked for, and whether it has become durable."""

    __slots__ = ("blocks", "done", "error")

    def __init__(self, blocks: Sequence[SmallBlock]) -> None:
        self.blocks = blocks
        self.done = False
        self.error: OSError | None = None

    @property
    def is_settled(self) -> bool:
        """Whether it has become durable, or has failed."""
        return self.done or self.error is not None


class CommitLog:
    """One process's log. `sync_all` makes block files durable; it is called before the log is emptied."""

    def __init__(self, folder: Path, sync_all: Callable[[], None]) -> None:
        folder.mkdir(mode=0o750, exist_ok=True)
        self.path = folder / f"{os.getpid()}-{secrets.token_hex(4)}.log"
        self._sync_all = sync_all
        self._file = self._create(folder)
        self._queue: list[_Waiting] = []
        self._turn = threading.Condition()
        self._is_led = False
        self._unwritten = 0
        self._written = threading.Condition()
        self._size = 0
        self._stopped = ""

    def commit(self, blocks: Sequence[SmallBlock]) -> None:
        """Returns once all `blocks` are durable in the log. Call `written` when their files are there.

        OSError when there was no room: nothing is kept then. A failed sync stops the store: after it nobody can say
        what is on disk.
        """
        mine = _Waiting(blocks)
        with self._turn:
            self._queue.append(mine)
        while (group := self._wait_for_turn(mine)) is not None:
            try:
                self._commit_group(group)
            finally:
                with self._turn:
                    self._is_led = False
                    self._turn.notify_all()
        if mine.error is not None:
            raise mine.error

    def written(self, count: int) -> None:
        """Says that `count` committed blocks have their files."""
        with self._written:
            self._unwritten -= count
            self._written.notify_all()

    def require_running(self) -> None:
        """Raises ContentStoreStopped after a failed sync."""
        if self._stopped:
            raise ContentStoreStopped(self._stopped)

    def stop(self, why: str) -> None:
        """Refuses everything from now on."""
        self._stopped = why

    def close(self) -> None:
        """Makes the block files durable and takes the log away; after a failed sync it stays for the next start."""
        if not self._stopped:
            self._empty()
            self.path.unlink(missing_ok=True)
        self._file.close()

    def _create(self, folder: Path) -> FileIO:
        # Locked before it has its name: a starting process must not take it for an orphan.
        unnamed = self.path.with_suffix(".new")
        file = unnamed.open("xb", buffering=0)
        fcntl.flock(file, fcntl.LOCK_EX)
        unnamed.chmod(0o640)
        unnamed.rename(self.path)
        sync_folder(folder)
        return file

    def _wait_for_turn(self, mine: _Waiting) -> list[_Waiting] | None:
        """The group that this writer is to commit; None once somebody has settled its own request."""
        with self._turn:
            while self._is_led and not mine.is_settled:
                self._turn.wait()
            if mine.is_settled:
                return None
            self.require_running()
            self._is_led = True
            group, self._queue = self._queue[:GROUP_LIMIT], self._queue[GROUP_LIMIT:]
            return group

    def _commit_group(self, group: Sequence[_Waiting]) -> None:
        blocks = [block for one in group for block in one.blocks]
        if self._size >= LOG_LIMIT_BYTES:
            self._empty()
        if not self._append(_record(blocks), group):
            return
        fault.reach("content.logged")
        try:
            os.fdatasync(self._file.fileno())
        except OSError as error:
            self.stop(f"the commit log could not be synced: {error}")
            raise ContentStoreStopped(self._stopped) from error
        fault.reach("content.synced")
        with self._written:
            self._unwritten += len(blocks)
        for one in group:
            one.done = True

    def _append(self, record: bytes, group: Sequence[_Waiting]) -> bool:
        """Whether the record stands in the log; if not, each of the group is told why, and no torn part is left."""
        view = memoryview(record)
        try:
            while view:
                view = view[self._file.write(view) or 0 :]
        except OSError as error:
            for one in group:
                one.error = error
            try:
                os.ftruncate(self._file.fileno(), self._size)
                self._file.seek(self._size)
            except OSError as worse:
                self.stop(f"the commit log could not be repaired: {worse}")
            return False
        self._size += len(record)
        return True

    def _empty(self) -> None:
        with self._written:
            self._written.wait_for(lambda: self._unwritten == 0)
        try:
            self._sync_all()
            os.ftruncate(self._file.fileno(), 0)
            self._file.seek(0)
            os.fdatasync(self._file.fileno())
        except OSError as error:
            self.stop(f"block files could not be synced: {error}")
            raise ContentStoreStopped(self._stopped) from error
        self._size = 0


def _record(blocks: Sequence[SmallBlock]) -> bytes:
    heading = _HEAD.pack(len(blocks)) + b"".join(_ITEM.pack(len(data), digest) for digest, data in blocks)
    return b"".join((heading, _HEAD.pack(crc32c(heading)), *(data for _, data in blocks)))


def read_log(file: BinaryIO) -> Iterator[SmallBlock]:
    """The blocks of all whole records; stops at the first torn one, which nobody was promised."""
    while len(head := file.read(_HEAD.size)) == _HEAD.size:
        (count,) = _HEAD.unpack(head)
        if count * SMALL_BLOCK_BYTES > LOG_LIMIT_BYTES * 64:
            return
        items = file.read(count * _ITEM.size)
        checksum = file.read(_HEAD.size)
        if checksum != _HEAD.pack(crc32c(head + items)) or len(items) != count * _ITEM.size:
            return
        blocks = [(digest, file.read(length)) for length, digest in _ITEM.iter_unpack(items)]
        if not all(is_sound(digest, data) for digest, data in blocks):
            return
        yield from blocks


def orphaned_logs(folder: Path) -> Iterator[tuple[Path, BinaryIO]]:
    """Logs whose process is gone, locked for us while the caller replays them."""
    for path in sorted(folder.glob("*.log")):
        try:
            file = path.open("rb")
        except FileNotFoundError:
            continue
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                continue
            yield path, file


def living_owners(folder: Path) -> frozenset[int]:
    """Process numbers whose logs are still locked."""
    orphaned = {path for path, _ in orphaned_logs(folder)}
    return frozenset(int(path.name.partition("-")[0]) for path in folder.glob("*.log") if path not in orphaned)
