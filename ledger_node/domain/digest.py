"""The two hash functions of the ledger.

keccak256 serves what is signed and what contracts read; SHA-256 serves record hashes, trees and content identifiers.
"""

import hashlib

from sha3 import keccak_256  # pyright: ignore[reportMissingTypeStubs]


def keccak256(data: bytes) -> bytes:
    """The 32 bytes of keccak-256 (Ethereum's, with the old padding) over `data`."""
    digest: bytes = keccak_256(data).digest()
    return digest


def sha256(data: bytes) -> bytes:
    """The 32 bytes of SHA-256 over `data`."""
    return hashlib.sha256(data).digest()
