"""Canonical payloads: our fast check against the library, and what it refuses."""

import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from ledger_node.domain.canonical_json import DEPTH_LIMIT, INTEGER_LIMIT, canonical_bytes, parse_canonical
from ledger_node.errors import EnvelopeMalformed, EnvelopeTooLarge

KEYS = st.text(st.characters(max_codepoint=127), max_size=8)
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
LEAVES = st.none() | st.booleans() | st.integers(-INTEGER_LIMIT, INTEGER_LIMIT) | TEXTS
TREES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)
OBJECTS = st.dictionaries(KEYS, TREES, max_size=6)


def _depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(_depth, value), default=0)
    return 0


@given(OBJECTS.filter(lambda value: _depth(value) <= DEPTH_LIMIT))
def test_what_we_take_for_canonical_is_what_rfc_8785_writes(value: dict[str, Any]) -> None:
    written = rfc8785.dumps(value)
    assert canonical_bytes(value) == written
    assert parse_canonical(written) == value


@given(OBJECTS)
def test_no_other_writing_of_the_same_value_passes(value: dict[str, Any]) -> None:
    written = rfc8785.dumps(value)
    for other in (
        json.dumps(value, indent=1).encode(),
        json.dumps(value, sort_keys=False, separators=(",", ":"), ensure_ascii=True).encode(),
        b" " + written,
        written + b"\n",
    ):
        if other != written:
            with pytest.raises(EnvelopeMalformed):
                parse_canonical(other)


def test_eight_levels_are_allowed_and_nine_are_not() -> None:
    parse_canonical(b'{"a":' * 8 + b"1" + b"}" * 8)
    with pytest.raises(EnvelopeTooLarge):
        parse_canonical(b'{"a":' * 9 + b"1" + b"}" * 9)
    with pytest.raises(EnvelopeTooLarge):
        parse_canonical(b'{"a":' + b"[" * 2000 + b"]" * 2000 + b"}")


def test_the_largest_integer_is_two_to_the_53_less_one() -> None:
    assert parse_canonical(b'{"a":9007199254740991}') == {"a": INTEGER_LIMIT}
    with pytest.raises(EnvelopeMalformed, match=r"/payload/a"):
        parse_canonical(b'{"a":9007199254740992}')
    with pytest.raises(EnvelopeMalformed, match=r"/payload/a/0"):
        canonical_bytes({"a": [INTEGER_LIMIT + 1]})
