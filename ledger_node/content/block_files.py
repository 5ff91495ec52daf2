"""Block files on disk, laid out as Kubo's flatfs `next-to-last/2`, so that a node can adopt the folder.

`blocks/<xx>/<NAME>.data`; new files come from `staging/` by rename, false ones go to `quarantine/`. Names are made
from digests only: nothing from outside ever becomes a path. What is durable when is `commit_log`'s and `local`'s
concern; here each step says whether it syncs.
"""

import base64
import ctypes
import itertools
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from ledger_node.content.cid import DIGEST_BYTES
from ledger_node.domain import fault
from ledger_node.domain.digest import sha256
from ledger_node.durable_file import replace_file

VERSION_TEXT: Final = "tidemark content 1\n"
SHARDING_TEXT: Final = "/repo/flatfs/shard/v1/next-to-last/2\n"
_MULTIHASH: Final = b"\x12\x20"
_SUFFIX: Final = ".data"
_libc: Final = ctypes.CDLL(None, use_errno=True)


def block_name(digest: bytes) -> str:
    """Base32 upper case of the multihash, without padding."""
    return base64.b32encode(_MULTIHASH + digest).decode().rstrip("=")


def digest_of_name(name: str) -> bytes | None:
    """The digest that a block file is named by; None for any other file."""
    try:
        data = base64.b32decode(name + "=" * (-len(name) % 8))
    except ValueError:
        return None
    if len(data) != 2 + DIGEST_BYTES or data[:2] != _MULTIHASH or block_name(data[2:]) != name:
        return None
    return data[2:]


class SyncFailed(OSError):
    """A sync was refused: what is on disk is unknown from here on."""


def sync_file(path: Path) -> None:
    """Makes a file's bytes durable. SyncFailed."""
    _sync(path, os.O_RDONLY)


def sync_folder(path: Path) -> None:
    """Makes the names in a folder durable. SyncFailed."""
    _sync(path, os.O_RDONLY | os.O_DIRECTORY)


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    except OSError as error:
        raise SyncFailed(*error.args) from error
    finally:
        os.close(descriptor)


class BlockFiles:
    """The folders of one local store."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.blocks = folder / "blocks"
        self.staging = folder / "staging"
        self.quarantine = folder / "quarantine"
        self._numbers = itertools.count()
        self._shards: set[str] = set()
        for one in (folder, self.blocks, self.staging, self.quarantine):
            one.mkdir(mode=0o750, parents=True, exist_ok=True)
        _write_once(folder / "VERSION", VERSION_TEXT)
        _write_once(self.blocks / "SHARDING", SHARDING_TEXT)

    def path(self, digest: bytes) -> Path:
        """Where a block is, or would be."""
        name = block_name(digest)
        return self.blocks / name[-3:-1] / (name + _SUFFIX)

    def read(self, digest: bytes) -> bytes | None:
        """The file's bytes, unverified; None when there is no file."""
        name = block_name(digest)
        try:
            # os.open and os.read: half the time of a buffered file, and blocks are read whole.
            descriptor = os.open(f"{self.blocks}/{name[-3:-1]}/{name}{_SUFFIX}", os.O_RDONLY)
        except FileNotFoundError:
            return None
        try:
            size = os.fstat(descriptor).st_size
            data = os.read(descriptor, size)
            while len(data) < size and (more := os.read(descriptor, size - len(data))):
                data += more
        finally:
            os.close(descriptor)
        return data

    def length(self, digest: bytes) -> int | None:
        """The file's length; None when there is no file."""
        try:
            return self.path(digest).stat().st_size
        except FileNotFoundError:
            return None

    def refresh(self, digest: bytes) -> None:
        """Makes the block young again, so that no collection takes it. FileNotFoundError when it is gone."""
        os.utime(self.path(digest))

    def write(self, blocks: Sequence[tuple[bytes, bytes]], *, durable: bool) -> None:
        """Stages and renames block files (digest, bytes).

        With `durable` all bytes are synced before a name appears, and all names before this returns; SyncFailed when
        that did not work. Any other OSError leaves nothing behind but whole blocks.
        """
        staged: list[tuple[Path, bytes]] = []
        try:
            for digest, data in blocks:
                staged.append((self._stage(data), digest))
            if durable:
                for path, _ in staged:
                    sync_file(path)
            fault.reach("content.staged")
            while staged:
                path, digest = staged[-1]
                target = self.path(digest)
                self._make_shard(target.parent, durable=durable)
                path.rename(target)
                staged.pop()
        finally:
            for path, _ in staged:
                path.unlink(missing_ok=True)
        fault.reach("content.renamed")
        if durable:
            for folder in {self.path(digest).parent for digest, _ in blocks}:
                sync_folder(folder)

    def sync_kept(self, digest: bytes) -> None:
        """Makes a block durable that another writer may have renamed a moment ago."""
        path = self.path(digest)
        sync_file(path)
        sync_folder(path.parent)

    def _stage(self, data: bytes) -> Path:
        path = self.staging / f"{os.getpid()}-{next(self._numbers)}"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(descriptor, view) :]
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        finally:
            os.close(descriptor)
        return path

    def sync_all(self) -> None:
        """Makes everything written to the file system of the blocks durable (`syncfs`)."""
        descriptor = os.open(self.blocks, os.O_RDONLY | os.O_DIRECTORY)
        try:
            if hasattr(_libc, "syncfs"):
                if _libc.syncfs(descriptor) != 0:
                    raise OSError(ctypes.get_errno(), "syncfs failed")
            else:
                os.sync()
        finally:
            os.close(descriptor)

    def set_aside(self, digest: bytes, why: str) -> Path:
        """Moves a false block to quarantine; its new name carries time and reason."""
        target = self.quarantine / f"{block_name(digest)}.{time.time_ns() // 1_000_000}.{why}"
        try:
            self.path(digest).rename(target)
        except FileNotFoundError:
            pass  # another reader was first
        return target

    def remove(self, digest: bytes) -> None:
        """Deletes a block file."""
        self.path(digest).unlink(missing_ok=True)

    def all(self, *, after: str = "") -> Iterator[tuple[bytes, os.stat_result]]:
        """All block files in a fixed order, from the one after path `after` (`xx/NAME`) on."""
        for shard in sorted(os.listdir(self.blocks)):
            if shard < after[:2] or not (self.blocks / shard).is_dir():
                continue
            for file_name in sorted(os.listdir(self.blocks / shard)):
                digest = digest_of_name(file_name.removesuffix(_SUFFIX))
                if digest is None or f"{shard}/{file_name.removesuffix(_SUFFIX)}" <= after:
                    continue
                try:
                    yield digest, (self.blocks / shard / file_name).stat()
                except FileNotFoundError:
                    continue

    def clear_staging(self, *, living: frozenset[int]) -> None:
        """Removes what dead processes left half-written."""
        for path in self.staging.iterdir():
            owner = path.name.partition("-")[0]
            if not owner.isdigit() or int(owner) not in living:
                path.unlink(missing_ok=True)

    def _make_shard(self, folder: Path, *, durable: bool) -> None:
        if folder.name in self._shards:
            return
        is_new = not folder.exists()
        folder.mkdir(mode=0o750, exist_ok=True)
        if is_new and durable:
            sync_folder(self.blocks)
            self._shards.add(folder.name)
        elif not is_new:
            self._shards.add(folder.name)


def is_sound(digest: bytes, data: bytes) -> bool:
    """Whether the bytes are the block's."""
    return sha256(data) == digest


def _write_once(path: Path, text: str) -> None:
    if path.exists():
        if path.read_text() != text:
            raise ValueError(f"{path} says {path.read_text()[:80]!r}, which is another store's layout")
        return
    replace_file(path, text.encode())
