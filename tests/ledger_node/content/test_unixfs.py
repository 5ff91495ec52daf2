"""Files and directories as blocks: the official vectors, and foreign blocks that lie."""

import io

import pytest

from ledger_node.content.cid import DAG_PB, Cid
from ledger_node.content.dag import read_file
from ledger_node.content.unixfs import Block, Link, decode_node, directory_block, file_blocks, varint
from ledger_node.domain.digest import sha256
from ledger_node.errors import ContentAltered, ContentMissing, ContentTooLarge, LedgerError

MIB = 1 << 20
A, B, EMPTY = Cid.of(b"a"), Cid.of(b"b"), Cid.of(b"")


@pytest.mark.parametrize(
    ("data", "cid", "total"),
    [
        (b"", "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku", 0),
        (b"a", "bafkreigks6arfsq3xxfpvqrrwonchxcnu6do76auprhhfomao6c273sixm", 1),
        (b"\0", "bafkreidogqfzz75tpkmjzjke425xqcrmpcib2p5tg44hnbirumdbpl5adu", 1),
        (bytes(MIB - 1), "bafkreigkp3imjkhgps64iyoezmgsq3jpvo6z6dcbu72cwzs7olv2vcxmky", MIB - 1),
        (bytes(MIB), "bafkreibq4fevl27rgurgnxbp7adh42aqiyd6ouflxhj3gzmcxcxzbh6lla", MIB),
        (bytes(MIB + 1), "bafybeihd4yzq7n5umhjngdum4r6k2to7egxfkf2jz6thvwzf6djus22cmq", 1_048_681),
        (bytes(10 * MIB), "bafybeibfjdi66hrbmooad7adyrxlrjsn6cizfqmiyupkpye7nropwx4rya", 10_486_269),
    ],
)
def test_files_have_the_identifiers_of_the_profile(data: bytes, cid: str, total: int) -> None:
    blocks = list(file_blocks(io.BytesIO(data)))
    assert str(blocks[-1].cid) == cid
    assert sum(len(block.data) for block in blocks) == total


@pytest.mark.parametrize(
    ("entries", "cid"),
    [
        ([], "bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354"),
        ([Link(B, "b.txt", 1), Link(A, "a.txt", 1)], "bafybeicvqitnh4uzjovkitvr5s6dnhgfkffix4nhyxaumclgpdfyfsv6dm"),
        (
            [Link(directory_block([]).cid, "sub", 4), Link(A, "a.txt", 1), Link(EMPTY, "鲈鱼.txt", 0)],
            "bafybeibztgwdihfxlwm4h5d3iwuirjb454ea6mjhs7idxdgtw4wtiwxgc4",
        ),
    ],
)
def test_directories_have_the_identifiers_of_the_profile(entries: list[Link], cid: str) -> None:
    block = directory_block(entries)
    assert str(block.cid) == cid
    assert decode_node(block).is_directory


def test_a_source_that_answers_short_gives_the_same_blocks() -> None:
    class Trickle(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(size or 0, 70_001))

    data = bytes(range(256)) * 9000
    assert list(file_blocks(Trickle(data))) == list(file_blocks(io.BytesIO(data)))


def test_a_directory_above_256_kib_is_refused() -> None:
    with pytest.raises(ContentTooLarge):
        directory_block(Link(A, f"{number:064d}", 1) for number in range(3000))


@pytest.mark.parametrize("name", ["", "a/b", "a\0b"])
def test_names_that_could_be_paths_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="names in a directory"):
        directory_block([Link(A, name, 1)])


def field(number: int, data: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(data)) + data


def link(cid: Cid = A, name: str = "", size: int = 1) -> bytes:
    return field(2, field(1, cid.to_bytes()) + field(2, name.encode()) + b"\x18" + varint(size))


def file_data(size: int, *sizes: int) -> bytes:
    return field(1, b"\x08\x02\x18" + varint(size) + b"".join(b"\x20" + varint(one) for one in sizes))


DIRECTORY = field(1, b"\x08\x01")


@pytest.mark.parametrize(
    "data",
    [
        DIRECTORY + link(name="a"),  # links after the data
        link(name="b") + link(name="a") + DIRECTORY,
        link(name="a") + link(name="a") + DIRECTORY,
        link(name="") + DIRECTORY,
        link() + file_data(2, 1),  # another sum
        link() + file_data(1),  # a size is missing
        link() + field(1, b"\x08\x02\x12\x01x\x18\x01\x20\x01"),  # inner node with data of its own
        file_data(0),
        field(1, b"\x08\x05"),  # HAMT
        field(1, b"\x08\x02") + field(1, b"\x08\x02"),
        link()[:-2],
        b"\x0a",
        b"\x0d1234",
        b"\x8a\x00\x00",  # a varint that is not minimal
        field(3, b""),
        b"".join([link()] * 1025) + file_data(1025, *[1] * 1025),
        field(2, field(1, b"\x01\x71\x12\x20" + bytes(32)) + field(2, b"") + b"\x18\x01") + file_data(1, 1),
    ],
)
def test_a_foreign_block_that_breaks_a_rule_is_altered(data: bytes) -> None:
    with pytest.raises(ContentAltered):
        decode_node(Block(Cid.of(data, DAG_PB), data))


class Blocks(dict[bytes, bytes]):
    """Blocks by digest."""

    def add(self, data: bytes, codec: int = DAG_PB) -> Cid:
        self[sha256(data)] = data
        return Cid.of(data, codec)

    def get_block(self, cid: Cid) -> bytes:
        if cid.digest not in self:
            raise ContentMissing(str(cid))
        return self[cid.digest]


def test_repeated_links_cannot_claim_more_than_the_limit() -> None:
    blocks = Blocks()
    size, root = MIB, blocks.add(bytes(MIB), 0x55)
    for _ in range(3):
        root = blocks.add(b"".join([link(root)] * 1024) + file_data(1024 * size, *[size] * 1024))
        size *= 1024
    with pytest.raises(ContentTooLarge):
        next(read_file(root, blocks.get_block, limit_bytes=1 << 40))


@pytest.mark.parametrize("claimed", [2, 3])
def test_parts_of_another_length_than_declared_end_the_stream(claimed: int) -> None:
    blocks = Blocks()
    blocks.add(b"a", 0x55)
    root = blocks.add(link() + link(size=claimed) + file_data(1 + claimed, 1, claimed))
    pieces = read_file(root, blocks.get_block, limit_bytes=100)
    assert next(pieces) == b"a"
    with pytest.raises(ContentAltered):
        next(pieces)


def test_a_tree_deeper_than_five_levels_is_refused() -> None:
    blocks = Blocks()
    root = blocks.add(b"a", 0x55)
    for _ in range(7):
        root = blocks.add(link(root) + file_data(1, 1))
    with pytest.raises(LedgerError):
        list(read_file(root, blocks.get_block, limit_bytes=100))
