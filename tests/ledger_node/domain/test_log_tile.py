"""Tiles: C2SP's paths, appending in any portions, and trees that agree with the one over all leaves."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger_node.domain import log_tile, merkle
from ledger_node.domain.log_tile import TileTree, tile_path

LEAVES = [hashlib.sha256(str(index).encode()).digest() for index in range(70_000)]


class Tiles:
    """Tiles in memory."""

    def __init__(self) -> None:
        self.kept: dict[tuple[int, int], bytes] = {}
        self.size = 0

    def read(self, level: int, number: int) -> bytes:
        return self.kept[level, number]

    def append(self, count: int) -> None:
        for tile in log_tile.append(self.size, LEAVES[self.size : self.size + count], self.read):
            self.kept[tile.level, tile.number] = tile.hashes
        self.size += count


@pytest.mark.parametrize(
    ("level", "number", "width", "path"),
    [
        (0, 0, 256, "tile/0/000"),
        (0, 7, 12, "tile/0/007.p/12"),
        (1, 999, 256, "tile/1/999"),
        (0, 1000, 256, "tile/0/x001/000"),
        (0, 1234067, 256, "tile/0/x001/x234/067"),
        ("entries", 1234067, 3, "tile/entries/x001/x234/067.p/3"),
    ],
)
def test_paths_are_those_of_the_standard(level: int | str, number: int, width: int, path: str) -> None:
    assert tile_path(level, number, width) == path


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 400), min_size=1, max_size=8), st.data())
def test_roots_of_tiles_filled_in_any_portions_are_those_of_all_leaves(
    portions: list[int], data: st.DataObject
) -> None:
    tiles = Tiles()
    for portion in portions:
        tiles.append(portion)
    tree = TileTree(tiles.read)
    size = data.draw(st.integers(0, tiles.size))
    assert tree.root(size) == merkle.root(LEAVES[:size])


def test_a_tree_of_three_levels_gives_every_kind_of_proof() -> None:
    tiles, size = Tiles(), 66_000
    tiles.append(size)
    tree = TileTree(tiles.read)
    root = merkle.root(LEAVES[:size])
    assert tree.root(size) == root
    assert {level for level, _ in tiles.kept} == {0, 1, 2}
    indices = [0, 255, 256, 65_535, 65_536, size - 1]
    nodes = [tree.range_hash(start, end) for start, end in merkle.node_ranges(indices, size)]
    merkle.verify_nodes([(index, LEAVES[index]) for index in indices], size, nodes, root)
    for old in (1, 255, 256, 257, 65_536, size):
        path = [tree.range_hash(start, end) for start, end in merkle.consistency_ranges(old, size)]
        path = [] if old == size else path
        merkle.verify_consistency(old, merkle.root(LEAVES[:old]), size, root, path)


def test_a_tile_that_is_too_short_is_no_proof() -> None:
    tiles = Tiles()
    tiles.append(10)
    with pytest.raises(LookupError, match="too few"):
        TileTree(tiles.read).subtree(0, 10)


def test_what_was_read_of_a_growing_tile_is_read_again() -> None:
    tiles = Tiles()
    tiles.append(10)
    tree = TileTree(tiles.read)
    assert tree.root(10) == merkle.root(LEAVES[:10])
    tiles.append(300)
    assert tree.root(310) == merkle.root(LEAVES[:310])


@pytest.mark.parametrize(("old", "new"), [(0, 7), (0, 256), (255, 257), (256, 513), (65_535, 65_537), (5, 5)])
def test_the_tiles_between_two_sizes_are_those_that_differ(old: int, new: int) -> None:
    def all_tiles(size: int) -> set[tuple[int, int, int]]:
        return set(log_tile.tiles_between(0, size))

    assert set(log_tile.tiles_between(old, new)) == all_tiles(new) - all_tiles(old)


@given(st.lists(st.binary(max_size=600), max_size=20))
def test_reading_a_bundle_undoes_writing_it(entries: list[bytes]) -> None:
    assert log_tile.read_entry_bundle(log_tile.entry_bundle(entries)) == entries


@pytest.mark.parametrize("bundle", [b"\0", b"\0\2a", b"\0\1ab", b"\0\1a\0\3bc"])
def test_a_bundle_that_ends_inside_an_entry_is_refused(bundle: bytes) -> None:
    with pytest.raises(ValueError, match="inside an entry"):
        log_tile.read_entry_bundle(bundle)
