"""How files and directories become blocks: profile `unixfs-v1-2025` (IPIP-499), and how foreign blocks are read.

Raw leaves of 1 MiB, a balanced tree of at most 1,024 links, no mode or mtime; a directory in one block of at most
256 KiB. A file up to 1 MiB is one raw block. Reading is strict: canonical dag-pb and bounded sizes, or it is refused.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from ledger_node.content.cid import DAG_PB, RAW, Cid
from ledger_node.content.content_store import PIECE_LIMIT_BYTES
from ledger_node.errors import CidUnsupported, ContentAltered, ContentTooLarge

LINK_LIMIT: Final = 1024
DIRECTORY_LIMIT_BYTES: Final = 256 * 1024
DIRECTORY_LINK_LIMIT: Final = 10_000
FOREIGN_BLOCK_LIMIT_BYTES: Final = 2 << 20
DEPTH_LIMIT: Final = 5
_TYPE_DIRECTORY: Final = 1
_TYPE_FILE: Final = 2
_TYPES: Final = (_TYPE_DIRECTORY, _TYPE_FILE)


class Source(Protocol):
    """What can be read: a file, a request's body."""

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes; none at the end."""
        ...


class Block(NamedTuple):
    """A block and its name."""

    cid: Cid
    data: bytes


@dataclass(frozen=True, slots=True)
class Link:
    """A child: its identifier, its name in a directory, and the bytes of all blocks below it (Tsize)."""

    cid: Cid
    name: str
    total_size: int


@dataclass(frozen=True, slots=True)
class Node:
    """A decoded dag-pb block: a file's inner node (`file_size`, one size a link) or a directory."""

    is_directory: bool
    links: tuple[Link, ...]
    file_size: int = 0
    sizes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Part:
    """A finished subtree of a file: plain bytes and bytes of all its blocks."""

    cid: Cid
    file_size: int
    total_size: int


def read_exactly(source: Source, length: int) -> bytes:
    """Up to `length` bytes, fewer only at the end: sources may answer short."""
    pieces: list[bytes] = []
    missing = length
    while missing and (piece := source.read(missing)):
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)


def file_blocks(source: Source) -> Iterator[Block]:
    """All blocks of a file, children before parents, the root last; memory stays constant."""
    levels: list[list[_Part]] = [[]]
    while (piece := read_exactly(source, PIECE_LIMIT_BYTES)) or not levels[0]:
        block = Block(Cid.of(piece), piece)
        yield block
        levels[0].append(_Part(block.cid, len(piece), len(piece)))
        if len(piece) < PIECE_LIMIT_BYTES:
            break
        yield from _fold_full(levels)
    yield from _fold_rest(levels)


def _fold_full(levels: list[list[_Part]]) -> Iterator[Block]:
    """Closes nodes that can take no more links, once something follows them."""
    depth = 0
    while depth < len(levels) and len(levels[depth]) > LINK_LIMIT:
        yield from _fold(levels, depth, levels[depth][:LINK_LIMIT])
        levels[depth] = levels[depth][LINK_LIMIT:]
        depth += 1


def _fold_rest(levels: list[list[_Part]]) -> Iterator[Block]:
    depth = 0
    while len(levels[depth]) > 1 or depth + 1 < len(levels):
        for start in range(0, len(levels[depth]), LINK_LIMIT):
            yield from _fold(levels, depth, levels[depth][start : start + LINK_LIMIT])
        depth += 1


def _fold(levels: list[list[_Part]], depth: int, parts: Sequence[_Part]) -> Iterator[Block]:
    if depth + 1 == len(levels):
        levels.append([])
    block = _file_node(parts)
    yield block
    total = len(block.data) + sum(part.total_size for part in parts)
    levels[depth + 1].append(_Part(block.cid, sum(part.file_size for part in parts), total))


def _file_node(parts: Sequence[_Part]) -> Block:
    size = sum(part.file_size for part in parts)
    unixfs = _number(1, _TYPE_FILE) + _number(3, size) + b"".join(_number(4, part.file_size) for part in parts)
    return _dag_pb([Link(part.cid, "", part.total_size) for part in parts], unixfs)


def directory_block(entries: Iterable[Link]) -> Block:
    """One directory; names sorted by their UTF-8 bytes. ContentTooLarge above 256 KiB: split it, or refuse."""
    links = sorted(entries, key=lambda link: link.name.encode())
    names = [link.name for link in links]
    if any(not name or "/" in name or "\0" in name for name in names) or len(set(names)) < len(names):
        raise ValueError("names in a directory are distinct, not empty, without / and NUL")
    block = _dag_pb(links, _number(1, _TYPE_DIRECTORY))
    if len(block.data) > DIRECTORY_LIMIT_BYTES:
        raise ContentTooLarge(len(block.data), DIRECTORY_LIMIT_BYTES)
    return block


def _dag_pb(links: Sequence[Link], unixfs: bytes) -> Block:
    data = b"".join(_field(2, _link(link)) for link in links) + _field(1, unixfs)
    return Block(Cid.of(data, DAG_PB), data)


def _link(link: Link) -> bytes:
    return _field(1, link.cid.to_bytes()) + _field(2, link.name.encode()) + _number(3, link.total_size)


def _field(number: int, data: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(data)) + data


def _number(number: int, value: int) -> bytes:
    return varint(number << 3) + varint(value)


def varint(value: int) -> bytes:
    """LEB128, as protobuf and multiformats write it."""
    result = bytearray()
    while value > 0x7F:
        result.append(value & 0x7F | 0x80)
        value >>= 7
    result.append(value)
    return bytes(result)


def read_varint(data: bytes, offset: int) -> tuple[int, int]:
    """The number at `offset` and where it ends; ValueError when cut, too long or not minimal."""
    value = shift = 0
    for place in range(offset, min(len(data), offset + 9)):
        value |= (data[place] & 0x7F) << shift
        if data[place] < 0x80:
            if data[place] == 0 and place > offset:
                raise ValueError("a varint that is not minimal")
            return value, place + 1
        shift += 7
    raise ValueError("a cut or overlong varint")


def decode_node(block: Block) -> Node:
    """Reads a dag-pb block of a file or directory. ContentAltered at the first broken rule."""
    if len(block.data) > FOREIGN_BLOCK_LIMIT_BYTES:
        raise ContentAltered(str(block.cid), f"a block of {len(block.data)} bytes")
    try:
        links, unixfs = _split_node(block.data)
        node = _unixfs_node(links, unixfs)
    except (ValueError, CidUnsupported) as error:
        raise ContentAltered(str(block.cid), str(error)) from error
    return node


def _split_node(data: bytes) -> tuple[list[Link], bytes]:
    links: list[Link] = []
    unixfs: bytes | None = None
    for number, value in _fields(data):
        if unixfs is not None:
            raise ValueError("links after the data, or data twice")
        if number == 2 and isinstance(value, bytes):
            if len(links) >= DIRECTORY_LINK_LIMIT:
                raise ValueError(f"more than {DIRECTORY_LINK_LIMIT} links")
            links.append(_read_link(value))
        elif number == 1 and isinstance(value, bytes):
            unixfs = value
        else:
            raise ValueError(f"dag-pb field {number}")
    if unixfs is None:
        raise ValueError("no UnixFS data")
    return links, unixfs


def _read_link(data: bytes) -> Link:
    members = list(_fields(data))
    match members:
        case [(1, bytes(cid)), (2, bytes(name)), (3, int(size))]:
            return Link(Cid.from_bytes(cid, allow_v0=True), name.decode(), size)
        case _:
            raise ValueError("a link without identifier, name and size in this order")


def _unixfs_node(links: list[Link], unixfs: bytes) -> Node:
    members = list(_fields(unixfs))
    number, type_ = members[0] if members else (0, 0)
    if number != 1 or type_ not in _TYPES:
        raise ValueError("a UnixFS type other than file and directory")
    if type_ == _TYPE_DIRECTORY:
        names = [link.name.encode() for link in links]
        if len(members) > 1 or names != sorted(set(names)) or b"" in names:
            raise ValueError("a directory with data, or names unsorted, doubled or empty")
        return Node(True, tuple(links))
    numbers = [number for number, _ in members[1:]]
    if numbers != [3] + [4] * len(links) or not links:
        raise ValueError("a file node with other members than its size and one size a link")
    if len(links) > LINK_LIMIT:
        raise ValueError(f"{len(links)} links, more than {LINK_LIMIT}")
    sizes = tuple(value for _, value in members[2:] if isinstance(value, int))
    file_size = members[1][1]
    if not isinstance(file_size, int) or len(sizes) != len(links) or sum(sizes) != file_size:
        raise ValueError("the declared size is not the sum of the parts")
    return Node(False, tuple(links), file_size, sizes)


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    offset = 0
    while offset < len(data):
        tag, offset = read_varint(data, offset)
        value, offset = read_varint(data, offset)
        if tag & 7 == 0:
            yield tag >> 3, value
        elif tag & 7 == 2:
            if offset + value > len(data):
                raise ValueError("a field beyond the end")
            yield tag >> 3, data[offset : offset + value]
            offset += value
        else:
            raise ValueError(f"protobuf wire type {tag & 7}")


def is_leaf(cid: Cid) -> bool:
    """Whether the block holds plain bytes."""
    return cid.codec == RAW
