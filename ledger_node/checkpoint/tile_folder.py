"""The log's folder: `checkpoint`, tiles and entry bundles as C2SP tlog-tiles lays them out (`proofs.md` section 3.3).

Plain files for any web server; entry bundles are stored compressed and are served with `Content-Encoding: gzip`. A file
is written, synced, then renamed; full tiles never change, a partial tile stays until the full one exists.
"""

import gzip
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from ledger_node.domain.log_tile import ENTRIES, WIDTH, TileTree, entry_bundle, read_entry_bundle, tile_path
from ledger_node.domain.merkle import HASH_BYTES
from ledger_node.durable_file import replace_file

ReadEntries = Callable[[int, int], Sequence[bytes]]
"""(start, end) → the entries at positions start … end − 1."""


class TileFolder:
    """Reads and writes the files of one log."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write_tile(self, level: int, number: int, hashes: bytes) -> None:
        """Writes one tile, full or partial."""
        self._write(level, number, len(hashes) // HASH_BYTES, hashes)

    def write_entries(self, number: int, entries: Sequence[bytes]) -> None:
        """Writes the entry bundle of one level-0 tile."""
        # Without a time inside, the same entries give the same file.
        self._write(ENTRIES, number, len(entries), gzip.compress(entry_bundle(entries), mtime=0))

    def has(self, level: int | str, number: int, width: int) -> bool:
        """Whether the file is there (a partial one also when the full one has replaced it)."""
        return self._path(level, number, width).is_file() or self._path(level, number, WIDTH).is_file()

    def read_tile(self, level: int, number: int, width: int) -> bytes:
        """The first `width` hashes of a tile. Raises LookupError when neither file is there."""
        for candidate in (width, WIDTH):
            try:
                return self._path(level, number, candidate).read_bytes()[: width * HASH_BYTES]
            except FileNotFoundError:
                continue
        raise LookupError(f"no file {tile_path(level, number, width)}")

    def read_entries(self, number: int, width: int) -> list[bytes]:
        """The first `width` entries of a bundle. Raises LookupError when neither file is there."""
        for candidate in (width, WIDTH):
            try:
                bundle = self._path(ENTRIES, number, candidate).read_bytes()
            except FileNotFoundError:
                continue
            return read_entry_bundle(gzip.decompress(bundle))[:width]
        raise LookupError(f"no file {tile_path(ENTRIES, number, width)}")

    def tree(self, size: int) -> TileTree:
        """The tree of `size` as the files hold it."""
        return TileTree(lambda level, number: self.read_tile(level, number, width_at(size, level, number)))

    def publish(self, note: str) -> None:
        """Replaces the file `checkpoint` atomically."""
        self.folder.mkdir(parents=True, exist_ok=True)
        replace_file(self.folder / "checkpoint", note.encode())

    def published(self) -> str | None:
        """What the file `checkpoint` says; None while there is none."""
        try:
            return (self.folder / "checkpoint").read_text(encoding="utf-8")
        except FileNotFoundError:
            return None

    def _path(self, level: int | str, number: int, width: int) -> Path:
        return self.folder / tile_path(level, number, width)

    def _write(self, level: int | str, number: int, width: int, content: bytes) -> None:
        path = self._path(level, number, width)
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, content)
        if width == WIDTH:
            shutil.rmtree(path.with_name(path.name + ".p"), ignore_errors=True)


def width_at(size: int, level: int, number: int) -> int:
    """How many hashes the tile holds in a log of `size`; 0 when it is not there."""
    return max(0, min(WIDTH, (size >> (8 * level)) - number * WIDTH))
