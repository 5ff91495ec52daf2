"""Content identifiers of the profile `unixfs-v1-2025`: CIDv1, base32, raw or dag-pb, sha2-256 of 32 bytes.

A `Cid` is parsed once and canonical: a text that does not print back the same is refused. CIDv0 is read where foreign
blocks may carry it, never written. How files become blocks is `unixfs`'s work.
"""

import base64
import re
from dataclasses import dataclass
from typing import Final

from ledger_node.domain.digest import sha256
from ledger_node.errors import CidUnsupported

RAW: Final = 0x55
DAG_PB: Final = 0x70
DIGEST_BYTES: Final = 32
TEXT_LIMIT: Final = 128
_MULTIHASH: Final = b"\x12\x20"
_PREFIXES: Final = {RAW: b"\x01\x55" + _MULTIHASH, DAG_PB: b"\x01\x70" + _MULTIHASH}
_BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_TEXT: Final = re.compile(r"b[a-z2-7]{58}")
_V0_TEXT: Final = re.compile(r"Qm[1-9A-HJ-NP-Za-km-z]{44}")


@dataclass(frozen=True, slots=True, order=True)
class Cid:
    """The name of one block: its codec and the SHA-256 of its bytes."""

    codec: int
    digest: bytes

    def __post_init__(self) -> None:
        if self.codec not in _PREFIXES:
            raise CidUnsupported(f"codec 0x{self.codec:x}", "only raw and dag-pb are kept")
        if len(self.digest) != DIGEST_BYTES:
            raise CidUnsupported(self.digest.hex(), f"a digest of {len(self.digest)} bytes, not {DIGEST_BYTES}")

    @classmethod
    def of(cls, block: bytes, codec: int = RAW) -> "Cid":
        """The identifier of these bytes."""
        return cls(codec, sha256(block))

    @classmethod
    def parse(cls, text: str, *, allow_v0: bool = False) -> "Cid":
        """Reads the canonical text; CidUnsupported for anything else. With `allow_v0` also `Qm…`, read as dag-pb."""
        if len(text) > TEXT_LIMIT:
            raise CidUnsupported(text, f"{len(text)} characters are too many")
        if allow_v0 and _V0_TEXT.fullmatch(text):
            return cls.from_bytes(_from_base58(text), allow_v0=True)
        if not _TEXT.fullmatch(text):
            raise CidUnsupported(text, "not a version 1 identifier in lower-case base32")
        cid = cls.from_bytes(base64.b32decode(text[1:].upper() + "=" * (-(len(text) - 1) % 8)))
        if str(cid) != text:
            raise CidUnsupported(text, "bits after the end")
        return cid

    @classmethod
    def from_bytes(cls, data: bytes, *, allow_v0: bool = False) -> "Cid":
        """Reads the binary form; CidUnsupported names what is not kept here."""
        if allow_v0 and len(data) == 2 + DIGEST_BYTES and data[:2] == _MULTIHASH:
            return cls(DAG_PB, data[2:])
        for codec, prefix in _PREFIXES.items():
            if data.startswith(prefix) and len(data) == len(prefix) + DIGEST_BYTES:
                return cls(codec, data[len(prefix) :])
        raise CidUnsupported("0x" + data[:40].hex(), _why(data))

    def to_bytes(self) -> bytes:
        """The binary form: version, codec, multihash."""
        return _PREFIXES[self.codec] + self.digest

    @property
    def block_name(self) -> str:
        """How Kubo's flatfs names the block file: base32 upper case of the multihash, without padding."""
        return base64.b32encode(_MULTIHASH + self.digest).decode().rstrip("=")

    def __str__(self) -> str:
        return "b" + base64.b32encode(self.to_bytes()).decode().rstrip("=").lower()


def raw_cid(digest: bytes) -> Cid:
    """The identifier of a file of at most 1 MiB whose plain SHA-256 is `digest`."""
    return Cid(RAW, digest)


def _why(data: bytes) -> str:
    if data[:2] == _MULTIHASH:
        return "version 0 is not accepted here"
    if data[:1] != b"\x01":
        return "not version 1"
    if data[1:2] not in (b"\x55", b"\x70"):
        return "a codec other than raw and dag-pb"
    if data[2:3] != b"\x12":
        return "a hash other than sha2-256"
    return "a digest that is not of 32 bytes"


def _from_base58(text: str) -> bytes:
    number = 0
    for letter in text:
        number = number * 58 + _BASE58.index(letter)
    length = 2 + DIGEST_BYTES
    if number >> (8 * length):
        raise CidUnsupported(text, "not a version 0 identifier")
    return number.to_bytes(length, "big")
