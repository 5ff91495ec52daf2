"""Whether a block's bloom filter allows that a contract emitted something in it (Ethereum yellow paper, 4.3.1)."""

from collections.abc import Iterable
from typing import Final

from ledger_node.domain.digest import keccak256

BLOOM_BYTES: Final = 256


def may_contain(bloom: bytes, values: Iterable[bytes]) -> bool:
    """Whether any of `values` (addresses, topics) may have been added: a yes may be wrong, a no may not."""
    bits = int.from_bytes(bloom, "big")
    return any(bits & mask == mask for mask in map(bits_of, values))


def bits_of(value: bytes) -> int:
    """The three bits of a value: the low 11 bits of the first three 16-bit words of its hash."""
    digest = keccak256(value)
    mask = 0
    for start in (0, 2, 4):
        mask |= 1 << (int.from_bytes(digest[start : start + 2], "big") & 0x7FF)
    return mask
