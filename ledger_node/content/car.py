"""CARv1: blocks of one or more roots in one file, depth first, each once, hence the same bytes from every member.

Reading verifies every block's hash and refuses other codecs, large blocks and files, and roots that are not inside.
"""

from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, Final

import cbor2

from ledger_node.content.cid import Cid
from ledger_node.content.dag import BlockSource, walk
from ledger_node.content.unixfs import FOREIGN_BLOCK_LIMIT_BYTES, Block, read_exactly, varint
from ledger_node.domain.digest import sha256
from ledger_node.errors import CarMalformed, CidUnsupported

HEADER_LIMIT_BYTES: Final = 64 * 1024
FILE_LIMIT_BYTES: Final = 10 << 30
_CID_TAG: Final = 42
_V0_BYTES: Final = 34
_V1_BYTES: Final = 36


def write_car(roots: Sequence[Cid], get: BlockSource, sink: BinaryIO) -> None:
    """Writes all blocks under `roots`."""
    header = cbor2.dumps({"roots": [cbor2.CBORTag(_CID_TAG, b"\0" + root.to_bytes()) for root in roots], "version": 1})
    sink.write(varint(len(header)) + header)
    written: set[Cid] = set()
    for root in roots:
        for block in walk(root, get, once=written):
            name = block.cid.to_bytes()
            sink.write(varint(len(name) + len(block.data)) + name + block.data)


class CarReader:
    """Reads a CAR; `roots` are known at once, blocks come one by one. CarMalformed with the offset of the fault."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self.offset = 0
        self.roots = self._header()

    def blocks(self) -> Iterator[Block]:
        """The blocks in the file's order, each hashed."""
        while (length := self._varint()) is not None:
            start = self.offset
            if length > FOREIGN_BLOCK_LIMIT_BYTES + _V1_BYTES:
                raise CarMalformed(start, f"a block of {length} bytes")
            data = self._exactly(length)
            width = _V0_BYTES if data[:2] == b"\x12\x20" else _V1_BYTES
            try:
                cid = Cid.from_bytes(data[:width], allow_v0=True)
            except CidUnsupported as error:
                raise CarMalformed(start, str(error)) from error
            if sha256(data[width:]) != cid.digest:
                raise CarMalformed(start, f"the bytes are not those of {cid}")
            if self.offset > FILE_LIMIT_BYTES:
                raise CarMalformed(start, f"more than {FILE_LIMIT_BYTES} bytes")
            yield Block(cid, data[width:])

    def _header(self) -> tuple[Cid, ...]:
        length = self._varint()
        if length is None or length > HEADER_LIMIT_BYTES:
            raise CarMalformed(0, "no header" if length is None else f"a header of {length} bytes")
        start = self.offset
        data = self._exactly(length)
        try:
            header: Any = cbor2.loads(data)
            canonical = cbor2.dumps(header)
        except Exception as error:  # the decoder's own errors, and recursion on hostile nesting
            raise CarMalformed(start, f"the header is not CBOR: {error}") from error
        if type(header) is not dict or header.get("version") != 1:
            raise CarMalformed(start, "not version 1")
        if list(header) != ["roots", "version"] or canonical != data:
            raise CarMalformed(start, "the header is not canonical, or has other members")
        roots = header["roots"]
        if type(roots) is not list or not roots:
            raise CarMalformed(start, "no roots")
        return tuple(_root(one, start) for one in roots)

    def _varint(self) -> int | None:
        start, value, shift = self.offset, 0, 0
        while byte := self._source.read(1):
            self.offset += 1
            value |= (byte[0] & 0x7F) << shift
            shift += 7
            if byte[0] < 0x80:
                if byte == b"\0" and shift > 7:
                    raise CarMalformed(start, "a varint that is not minimal")
                return value
            if shift > 56:
                raise CarMalformed(start, "an overlong varint")
        if shift:
            raise CarMalformed(start, "a cut varint")
        return None

    def _exactly(self, length: int) -> bytes:
        data = read_exactly(self._source, length)
        if len(data) < length:
            raise CarMalformed(self.offset + len(data), f"ends {length - len(data)} bytes early")
        self.offset += length
        return data


def _root(value: object, start: int) -> Cid:
    tagged = value.value if isinstance(value, cbor2.CBORTag) and value.tag == _CID_TAG else None
    if type(tagged) is not bytes or tagged[:1] != b"\0":
        raise CarMalformed(start, "a root that is no identifier")
    try:
        return Cid.from_bytes(tagged[1:], allow_v0=True)
    except CidUnsupported as error:
        raise CarMalformed(start, str(error)) from error
