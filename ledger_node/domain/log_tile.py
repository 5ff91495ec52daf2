"""Tiles: how the checkpoint log keeps its tree, in SQL and as files (C2SP tlog-tiles, `proofs.md` section 3.3).

A tile of level L and number N holds the hashes of the complete subtrees of 256^L entries with the numbers 256·N …
256·N + 255; a partial tile holds the first of them. Level 0 is the leaf hashes. Everything between two tile levels is
computed. Reading and writing tiles is left to the caller: `TileTree` takes a reader.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from threading import Lock
from typing import Final, NamedTuple

from ledger_node.domain.merkle import HASH_BYTES, node_hash, range_hash, root

HEIGHT: Final = 8
WIDTH: Final = 1 << HEIGHT
ENTRIES: Final = "entries"
_CACHED_TILES: Final = 2048

ReadTile = Callable[[int, int], bytes]
"""(level, number) → the tile's hashes, as many as there are; LookupError when there is none."""


class Tile(NamedTuple):
    """One tile: `hashes` are 1–256 hashes of 32 bytes, joined."""

    level: int
    number: int
    hashes: bytes

    @property
    def width(self) -> int:
        """How many hashes it holds."""
        return len(self.hashes) // HASH_BYTES


def tile_path(level: int | str, number: int, width: int = WIDTH) -> str:
    """The path of a tile, or of an entry bundle (level `entries`), relative to the log's folder."""
    groups = [f"{number % 1000:03d}"]
    while number >= 1000:
        number //= 1000
        groups.append(f"x{number % 1000:03d}")
    partial = "" if width == WIDTH else f".p/{width}"
    return f"tile/{level}/{'/'.join(reversed(groups))}{partial}"


def tiles_between(old_size: int, new_size: int) -> Iterator[tuple[int, int, int]]:
    """(level, number, width) of every tile that the tree of `new_size` has and that of `old_size` had not."""
    level = 0
    while new_size:
        for number in range(old_size // WIDTH, -(-new_size // WIDTH)):
            width = min(WIDTH, new_size - number * WIDTH)
            if number * WIDTH + width > old_size:
                yield level, number, width
        level, old_size, new_size = level + 1, old_size // WIDTH, new_size // WIDTH


def append(size: int, leaf_hashes: Sequence[bytes], read: ReadTile) -> list[Tile]:
    """The tiles that change when `leaf_hashes` are appended to a tree of `size` entries, lowest level first."""
    changed: list[Tile] = []
    level, hashes = 0, list(leaf_hashes)
    while hashes:
        first, had = divmod(size, WIDTH)
        joined = (read(level, first)[: had * HASH_BYTES] if had else b"") + b"".join(hashes)
        hashes = []
        for number, start in enumerate(range(0, len(joined), WIDTH * HASH_BYTES), start=first):
            tile = Tile(level, number, joined[start : start + WIDTH * HASH_BYTES])
            changed.append(tile)
            if tile.width == WIDTH:
                hashes.append(root(split_hashes(tile.hashes)))
        level, size = level + 1, first
    return changed


def split_hashes(joined: bytes) -> list[bytes]:
    """The hashes of a tile, one by one."""
    return [joined[start : start + HASH_BYTES] for start in range(0, len(joined), HASH_BYTES)]


def entry_bundle(entries: Iterable[bytes]) -> bytes:
    """The entries of one tile, each after its length as u16."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def read_entry_bundle(bundle: bytes) -> list[bytes]:
    """The entries of a bundle. Raises ValueError when the lengths do not add up."""
    entries: list[bytes] = []
    position = 0
    while position < len(bundle):
        end = position + 2 + int.from_bytes(bundle[position : position + 2], "big")
        if position + 2 > len(bundle) or end > len(bundle):
            raise ValueError("an entry bundle that ends inside an entry")
        entries.append(bundle[position + 2 : end])
        position = end
    return entries


class TileTree:
    """Hashes of complete subtrees and of whole trees, from tiles. Keeps the newest used tiles; safe between threads.

    Hashes never change once they are there, so what was read of a partial tile stays right.
    """

    def __init__(self, read: ReadTile) -> None:
        self._read = read
        self._levels: OrderedDict[tuple[int, int], tuple[bytes, ...]] = OrderedDict()
        self._lock = Lock()

    def subtree(self, level: int, number: int) -> bytes:
        """Hash of the complete subtree over entries [number·2^level, (number + 1)·2^level)."""
        tile_level, height = divmod(level, HEIGHT)
        tile_number, offset = divmod(number << height, WIDTH)
        at = (offset >> height) * HASH_BYTES
        value = self._tile(tile_level, tile_number, offset + (1 << height))[height][at : at + HASH_BYTES]
        if len(value) != HASH_BYTES:
            raise LookupError(f"tile {tile_level}/{tile_number} holds too few hashes for node {level}/{number}")
        return value

    def root(self, size: int) -> bytes:
        """Root of the tree of the first `size` entries."""
        return range_hash(0, size, self.subtree)

    def range_hash(self, start: int, end: int) -> bytes:
        """Hash of a range that some tree has as a subtree."""
        return range_hash(start, end, self.subtree)

    def _tile(self, level: int, number: int, needed: int) -> tuple[bytes, ...]:
        key = (level, number)
        with self._lock:
            found = self._levels.get(key)
            if found is not None and len(found[0]) >= needed * HASH_BYTES:
                self._levels.move_to_end(key)
                return found
        found = _inner_levels(self._read(level, number))
        with self._lock:
            self._levels[key] = found
            self._levels.move_to_end(key)
            if len(self._levels) > _CACHED_TILES:
                self._levels.popitem(last=False)
        return found


def _inner_levels(hashes: bytes) -> tuple[bytes, ...]:
    levels = [hashes]
    for _ in range(HEIGHT - 1):
        below = levels[-1]
        pairs = len(below) // (2 * HASH_BYTES)
        levels.append(
            b"".join(node_hash(below[64 * i : 64 * i + 32], below[64 * i + 32 : 64 * i + 64]) for i in range(pairs))
        )
    return tuple(levels)
