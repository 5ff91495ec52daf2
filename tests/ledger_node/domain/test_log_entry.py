"""One entry's bytes: the specification's vectors, and that a decoder takes exactly these bytes."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_node.domain import merkle
from ledger_node.domain.log_entry import MAXIMUM_ENTRY_BYTES, LogEntry
from ledger_node.errors import LogEntryMalformed
from tests.ledger_node.domain.log_vectors import SEVEN, big_entry

ENTRY_0 = (
    "0100000000000005390000000000000064b280d41aeb995be37ebe7594ca13036fefa9d29b194015a137077017bbe0e9470000000069"
    "2173c0000000000000000011111111111111111111111111111111111111110274c3c82df808f3c78661f1f1e502709b8205f2f255b1"
    "3792a1ee39927b85645ba68852ff01f68e831f87dcd234f4f217e8db7b13e2bc5021924af7a2f1d3fc920000002000" + "00" * 32
)
LEAVES = [entry.leaf_hash for entry in SEVEN]


def test_the_bytes_of_entry_0() -> None:
    assert SEVEN[0].encode().hex() == ENTRY_0
    assert len(SEVEN[0].encode()) == 187
    assert LogEntry.decode(bytes.fromhex(ENTRY_0)) == SEVEN[0]


@pytest.mark.parametrize(
    ("size", "root"),
    [
        (1, "04abe978b1798c739d108caa70696288b7306988343778dc81cc830b0a2c6618"),
        (2, "2b9dffa6e1124ac635a397c74b885dcd558c68b99b74947eb62f25bf3ca24083"),
        (3, "531b32767407a4bffd6d7d81f10bad78a6fb26f5255b0e9f190f45da063400e7"),
        (7, "719b9389b72984c3ab6398278e54b199aaa57cd4515873e1b5cff28fc518d57b"),
    ],
)
def test_roots_of_the_log(size: int, root: str) -> None:
    assert merkle.root(LEAVES[:size]).hex() == root


def test_path_nodes_and_consistency_of_the_log() -> None:
    path = [
        "c9a09a2d17472dd0eb491c4f4f681414c1a1b059eebd390cc94c7591b0afe585",
        "0da0755cda4fdf401a5328dd60a017a84b9646b155f6f9cb68da27a419749247",
        "b5be8ff16a4cb7b625c48c38f1a95b9acbc62ace23d6ae6355636142c17323e8",
    ]
    assert [value.hex() for value in merkle.path(LEAVES, 4)] == path
    assert [value.hex() for value in merkle.nodes(LEAVES, [1, 4])] == [
        "04abe978b1798c739d108caa70696288b7306988343778dc81cc830b0a2c6618",
        "db1f3ea36f30df609f1cf50a96cdfac2ee866592e06077e76fa7d55d596f8fb5",
        *path[:2],
    ]
    assert [value.hex() for value in merkle.consistency(LEAVES, 4)] == [
        "2940f90e93f14e6e8d305248606d9919d221660bea24374cd4ede40f52adb4e8"
    ]


@pytest.mark.parametrize(
    ("length", "size", "leaf"),
    [
        (16_384, 16_507, "ad05775b1c50f055e25f06f298950c71642c1da2397d779be76ca93376d950b3"),
        (16_385, 155, "e69143347f6d61c0a75147788fa986dd0ba133cbed957351a95cb6107b7d1bc5"),
    ],
)
def test_data_stand_as_their_hash_above_16384_bytes(length: int, size: int, leaf: str) -> None:
    entry = big_entry(length)
    assert len(entry.encode()) == size
    assert entry.leaf_hash.hex() == leaf
    assert LogEntry.decode(entry.encode()) == entry


@given(
    st.integers(0, 2**64 - 1),
    st.integers(0, 2**32 - 1),
    st.lists(st.binary(min_size=32, max_size=32), max_size=4),
    st.binary(max_size=200),
)
def test_decoding_undoes_encoding(wide: int, narrow: int, topics: list[bytes], data: bytes) -> None:
    entry = LogEntry.of_event(
        chain_id=wide,
        block_number=wide,
        block_hash=bytes(32),
        block_time=wide,
        transaction_index=narrow,
        log_index=narrow,
        address=bytes(20),
        topics=tuple(topics),
        data=data,
    )
    assert LogEntry.decode(entry.encode()) == entry
    assert len(entry.encode()) <= MAXIMUM_ENTRY_BYTES


@pytest.mark.parametrize("cut", range(187))
def test_an_entry_cut_anywhere_is_refused(cut: int) -> None:
    with pytest.raises(LogEntryMalformed):
        LogEntry.decode(SEVEN[0].encode()[:cut])


def _changed(position: int, value: int) -> bytes:
    encoded = bytearray(SEVEN[0].encode())
    encoded[position] = value
    return bytes(encoded)


@pytest.mark.parametrize(
    "encoded",
    [
        SEVEN[0].encode() + b"\0",
        _changed(0, 2),
        _changed(85, 5),
        _changed(85, 1),
        _changed(154, 1),
        _changed(154, 2),
        big_entry(16_385).encode()[:-1] + b"",
        big_entry(16_385).encode() + b"\0",
        big_entry(16_384).encode()[: 65 + 20 + 1 + 32] + (16_385).to_bytes(4, "big") + b"\0" + bytes(16_385),
        big_entry(16_384).encode()[: 65 + 20 + 1 + 32] + (16_384).to_bytes(4, "big") + b"\1" + bytes(32),
    ],
)
def test_other_bytes_are_no_entry(encoded: bytes) -> None:
    with pytest.raises(LogEntryMalformed):
        LogEntry.decode(encoded)


def test_an_entry_that_no_chain_can_have_is_not_encoded() -> None:
    for change in ({"address": bytes(19)}, {"topics": (bytes(31),)}, {"block_hash": b""}, {"data": None}):
        with pytest.raises(ValueError, match=r"width|inline"):
            dataclasses.replace(SEVEN[0], **change).encode()  # type: ignore[arg-type]


def test_subjects_are_the_distinct_topics_after_the_first() -> None:
    entry = dataclasses.replace(SEVEN[0], topics=(b"\1" * 32, b"\2" * 32, b"\2" * 32, b"\3" * 32))
    assert entry.subjects == (b"\2" * 32, b"\3" * 32)
