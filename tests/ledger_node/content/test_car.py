"""CAR files: the vectors, and everything that must be refused with nothing pinned."""

import hashlib
import io

import pytest

from ledger_node.content.car import CarReader
from ledger_node.content.cid import Cid
from ledger_node.content.content_store import read_all
from ledger_node.content.memory import MemoryStore
from ledger_node.content.unixfs import Block, Link, directory_block, varint
from ledger_node.errors import CarMalformed

A = Cid.of(b"a")
CAR_OF_A = bytes.fromhex(
    "3aa265726f6f747381d82a58250001551220ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb6776657273696f6e01"
    "2501551220ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb61"
)


def car_of(store: MemoryStore, *roots: Cid) -> bytes:
    sink = io.BytesIO()
    store.export(roots, sink)
    return sink.getvalue()


def test_the_vectors() -> None:
    store = MemoryStore()
    store.put_many([b"a", b"b"])
    assert car_of(store, A) == CAR_OF_A
    directory = directory_block([Link(A, "a.txt", 1), Link(Cid.of(b"b"), "b.txt", 1)])
    store._keep([directory])
    car = car_of(store, directory.cid)
    assert len(car) == 275
    assert hashlib.sha256(car).hexdigest() == "cde847855b33617abbab68cf01bff184bd1ddeb425d62a9f77263b0680e7fab4"


def test_a_file_travels_whole_and_each_block_once() -> None:
    source, target = MemoryStore(), MemoryStore()
    data = bytes(3 << 20) + b"end"
    root = source.put(io.BytesIO(data)).cid
    car = car_of(source, root, root)
    assert len(car) < (1 << 20) + 2000
    assert target.load(io.BytesIO(car)) == [root, root]
    assert read_all(target, root, limit_bytes=1 << 30) == data


def header(text: bytes) -> bytes:
    return varint(len(text)) + text


BLOCK = CAR_OF_A[59:]


@pytest.mark.parametrize(
    "car",
    [
        b"",
        b"\x80",
        b"\xff" * 9,
        b"\x80\x00" + CAR_OF_A[1:],
        header(b"\xa2eroots\x80gversion\x01") + BLOCK,
        header(CAR_OF_A[1:59].replace(b"version\x01", b"version\x02")) + BLOCK,
        header(bytes(1 << 20)),
        header(b"\xff"),
        header(CAR_OF_A[1:59].replace(b"\xa2e", b"\xbfe") + b"\xff") + BLOCK,
        CAR_OF_A[:59],  # the root is not contained
        CAR_OF_A[:-1],
        CAR_OF_A[:-1] + b"b",
        CAR_OF_A + b"\x81",
        CAR_OF_A + b"\x05",
        CAR_OF_A + varint(4 << 20) + bytes(100),
        CAR_OF_A.replace(b"\x25\x01\x55", b"\x25\x01\x71"),
        bytes.fromhex("0aa16776657273696f6e02") + bytes(40),  # CARv2's pragma
    ],
)
def test_a_malformed_car_is_refused_with_its_offset(car: bytes) -> None:
    store = MemoryStore()
    with pytest.raises(CarMalformed) as caught:
        store.load(io.BytesIO(car))
    assert 0 <= caught.value.offset <= len(car) or len(car) < caught.value.offset
    assert list(store.pins()) == []


def test_the_offset_is_that_of_the_false_block() -> None:
    with pytest.raises(CarMalformed) as caught:
        list(CarReader(io.BytesIO(CAR_OF_A[:-1] + b"b")).blocks())
    assert caught.value.offset == 60


def test_version_zero_names_are_read() -> None:
    directory = directory_block([Link(A, "a.txt", 1)])
    name = b"\x12\x20" + directory.cid.digest
    root = b"\xd8\x2a\x58\x23\x00" + name
    text = b"\xa2eroots\x81" + root + b"gversion\x01"
    car = header(text) + varint(34 + len(directory.data)) + name + directory.data
    reader = CarReader(io.BytesIO(car))
    assert reader.roots == (directory.cid,)
    assert list(reader.blocks()) == [Block(directory.cid, directory.data)]
