"""Walking the blocks of one thing: reading a file piece by piece, or listing all blocks, within fixed bounds.

Foreign content may lie about its sizes, so the declared size is checked against the parts and the caller's limit
before a byte is given out, and no walk goes deeper than five levels or holds more than the way down.
"""

from collections.abc import Callable, Iterator
from typing import Final

from ledger_node.content.cid import RAW, Cid
from ledger_node.content.unixfs import DEPTH_LIMIT, FOREIGN_BLOCK_LIMIT_BYTES, Block, decode_node
from ledger_node.errors import ContentAltered, ContentTooLarge, ContentTypeRefused

BlockSource = Callable[[Cid], bytes]
"""Gives a verified block; ContentMissing or ContentAltered."""
BLOCKS_LIMIT: Final = 1 << 20


def read_file(root: Cid, get: BlockSource, *, limit_bytes: int) -> Iterator[bytes]:
    """The plain bytes of a file in pieces. ContentTooLarge before the first piece when it declares more."""
    data = get(root)
    if root.codec == RAW:
        if len(data) > limit_bytes:
            raise ContentTooLarge(len(data), limit_bytes)
        yield data
        return
    node = decode_node(Block(root, data))
    if node.is_directory:
        raise ContentTypeRefused("a directory", "a file")
    if node.file_size > limit_bytes:
        raise ContentTooLarge(node.file_size, limit_bytes)
    ways = [iter(zip(node.links, node.sizes, strict=True))]
    while ways:
        step = next(ways[-1], None)
        if step is None:
            ways.pop()
            continue
        (link, size) = step
        data = get(link.cid)
        if link.cid.codec == RAW:
            if len(data) != size:
                raise ContentAltered(str(root), f"part {link.cid} has {len(data)} bytes, {size} were declared")
            yield data
            continue
        child = decode_node(Block(link.cid, data))
        if child.is_directory or child.file_size != size:
            raise ContentAltered(str(root), f"part {link.cid} is not the declared {size} bytes of a file")
        if len(ways) >= DEPTH_LIMIT:
            raise ContentAltered(str(root), f"deeper than {DEPTH_LIMIT} levels")
        ways.append(iter(zip(child.links, child.sizes, strict=True)))


def walk(root: Cid, get: BlockSource, *, once: set[Cid] | None = None) -> Iterator[Block]:
    """All blocks under `root`, depth first, parents first, each once; `once` carries what was given already."""
    seen: set[Cid] = set() if once is None else once
    ways: list[Iterator[Cid]] = [iter((root,))]
    while ways:
        cid = next(ways[-1], None)
        if cid is None:
            ways.pop()
            continue
        if cid in seen:
            continue
        if len(seen) >= BLOCKS_LIMIT:
            raise ContentTooLarge(len(seen), BLOCKS_LIMIT)
        seen.add(cid)
        block = Block(cid, get(cid))
        if len(block.data) > FOREIGN_BLOCK_LIMIT_BYTES:
            raise ContentAltered(str(cid), f"a block of {len(block.data)} bytes")
        yield block
        if cid.codec == RAW:
            continue
        # A directory above a file of five levels is the deepest thing there is.
        if len(ways) > DEPTH_LIMIT + 1:
            raise ContentAltered(str(root), f"deeper than {DEPTH_LIMIT} levels")
        ways.append(iter([link.cid for link in decode_node(block).links]))
