"""Deterministic CBOR: only the bytes we would write ourselves, no tags, no hostile nesting, whatever comes."""

from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_node.domain.deterministic_cbor import decode_map, decode_maps
from ledger_node.errors import EnvelopeMalformed

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.integers(-(2**63), 2**63 - 1) | st.binary(max_size=40) | st.text(max_size=20) | st.booleans(),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=6,
)
MAPS = st.dictionaries(st.integers(0, 30), VALUES, max_size=6).map(lambda one: dict(sorted(one.items())))


@given(st.lists(MAPS, min_size=1, max_size=5))
def test_a_sequence_of_maps_is_read_with_the_bytes_of_each(maps: list[dict[int, Any]]) -> None:
    parts = [cbor2.dumps(one) for one in maps]
    assert decode_maps(b"".join(parts), 5) == list(zip(maps, parts, strict=True))
    assert [decode_map(part) for part in parts] == maps


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\xa2\x02\x01\x01\x02", "keys descend"),
        (b"\xa2\x01\x01\x01\x02", "a key twice"),
        (b"\xa1\x18\x01\x01", "a key written too long"),
        (b"\xa1\x01\xa2\x02\x01\x01\x01", "keys of an inner map descend"),
        (b"\xa2\x01\x01\x61a\x01", "a text key among numbers"),
        (b"\xa1\xf5\x01", "a boolean key"),
        (b"\xbf\x01\x01\xff", "an indefinite length"),
        (b"\xa1\x01\xc2\x41\x05", "a big number by tag"),
        (b"\xa1\x01\xd8\x23\x63(a+", "a pattern by tag"),
        (b"\xa1\x01\xd8\x1c\x81\xd8\x1d\x00", "a value that holds itself"),
        (b"\xa1\x01" + b"\x81" * 60_000 + b"\x01", "nested without end"),
        (b"\xa1\x01\x5a\xff\xff\xff\xff\x01", "more announced than there is"),
        (b"\x01", "not a map"),
        (b"", "nothing"),
    ],
)
def test_other_bytes_are_refused(data: bytes, why: str) -> None:
    with pytest.raises(EnvelopeMalformed):
        decode_map(data)
    assert decode_maps(data, 5) is None, why


@given(st.binary(max_size=300))
def test_no_bytes_crash_the_reader(data: bytes) -> None:
    found = decode_maps(data, 5)
    assert found is None or b"".join(raw for _, raw in found) == data


def test_more_maps_than_allowed_are_not_read() -> None:
    assert decode_maps(b"\xa1\x01\x01" * 6, 5) is None
