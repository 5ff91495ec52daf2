"""Sealed files: AES-256-GCM in chunks, so that both ends stream and order, truncation and extension are caught.

`"TMSEAL" 01 0A ‖ key id[16] ‖ salt[32] ‖ chunks` (`content.md` section 7). No plain byte of a failed chunk leaves.
"""

import hmac
import secrets
from collections.abc import Callable, Iterator
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger_node.content.content_keys import KEY_ID_BYTES, ContentKey
from ledger_node.errors import ContentAltered

MAGIC: Final = b"TMSEAL\x01\x0a"
SALT_BYTES: Final = 32
HEADER_BYTES: Final = len(MAGIC) + KEY_ID_BYTES + SALT_BYTES
CHUNK_BYTES: Final = 65_536
TAG_BYTES: Final = 16
_INFO: Final = b"tidemark content v1"


def derive_key(secret: bytes, *, salt: bytes, info: bytes) -> bytes:
    """HKDF-SHA256 (RFC 5869) to 32 bytes."""
    extracted = hmac.digest(salt, secret, "sha256")
    return hmac.digest(extracted, info + b"\x01", "sha256")


def seal(source: BinaryIO, key: ContentKey, *, salt: bytes | None = None) -> Iterator[bytes]:
    """The sealed file, header first, then chunk by chunk; a fresh random salt unless one is given."""
    salt = secrets.token_bytes(SALT_BYTES) if salt is None else salt
    header = MAGIC + key.key_id + salt
    cipher = AESGCM(derive_key(key.secret, salt=salt, info=_INFO))
    yield header
    number, chunk = 0, source.read(CHUNK_BYTES)
    while True:
        following = source.read(CHUNK_BYTES) if len(chunk) == CHUNK_BYTES else b""
        yield cipher.encrypt(_nonce(number, is_last=not following), chunk, header)
        if not following:
            return
        number, chunk = number + 1, following


def read_key_id(header: bytes) -> bytes:
    """Which content key opens a file that begins with these bytes; ContentAltered when it is no sealed file."""
    if len(header) < HEADER_BYTES or not header.startswith(MAGIC):
        raise ContentAltered("", "no header of a sealed file")
    return header[len(MAGIC) : len(MAGIC) + KEY_ID_BYTES]


def open_sealed(source: BinaryIO, secret_of: Callable[[bytes], bytes]) -> Iterator[bytes]:
    """The plain bytes, chunk by chunk, each authenticated first.

    `secret_of` gives the secret of a key id, or raises ContentKeyMissing. ContentAltered names the failed chunk.
    """
    header = source.read(HEADER_BYTES)
    secret = secret_of(read_key_id(header))
    cipher = AESGCM(derive_key(secret, salt=header[-SALT_BYTES:], info=_INFO))
    sealed_bytes = CHUNK_BYTES + TAG_BYTES
    number, chunk = 0, source.read(sealed_bytes)
    while True:
        following = source.read(sealed_bytes) if len(chunk) == sealed_bytes else b""
        try:
            yield cipher.decrypt(_nonce(number, is_last=not following), chunk, header)
        except (InvalidTag, ValueError) as error:
            raise ContentAltered("", f"chunk {number} of the sealed file") from error
        if not following:
            return
        number, chunk = number + 1, following


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\x01" if is_last else b"\x00")
