"""Bloom filters as nodes compute them."""

from ledger_node.indexer.bloom import BLOOM_BYTES, bits_of, may_contain

ADDRESS = bytes.fromhex("095e7baea6a6c7c4c2dfeb977efac326af552d87")
WORD = bytes(32)


def test_what_was_added_may_be_contained_and_nothing_is_in_an_empty_filter() -> None:
    bloom = (bits_of(ADDRESS) | bits_of(WORD)).to_bytes(BLOOM_BYTES, "big")
    assert may_contain(bloom, [ADDRESS])
    assert may_contain(bloom, [b"\5" * 20, WORD])
    assert not may_contain(bloom, [b"\5" * 20])
    assert not may_contain(bytes(BLOOM_BYTES), [ADDRESS])
    assert not may_contain(b"", [ADDRESS])


def test_a_value_sets_at_most_three_bits() -> None:
    assert 1 <= bits_of(ADDRESS).bit_count() <= 3
