"""Sealed files: the specification's vectors, and every way to cut, swap and extend one."""

import hashlib
import io

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from ledger_node.content.cid import Cid
from ledger_node.content.content_keys import ContentKey
from ledger_node.content.seal import derive_key, open_sealed, seal
from ledger_node.errors import ContentAltered, ContentKeyMissing

KEY = ContentKey(bytes(range(16)), bytes(range(32)))
SALT = hashlib.sha256(b"salt").digest()


def sealed(data: bytes) -> bytes:
    return b"".join(seal(io.BytesIO(data), KEY, salt=SALT))


def opened(data: bytes) -> bytes:
    return b"".join(open_sealed(io.BytesIO(data), lambda _: KEY.secret))


def test_the_small_vector() -> None:
    assert sealed(b"hello tidemark\n").hex() == (
        "544d5345414c010a000102030405060708090a0b0c0d0e0f63479ad69a090b258277ec8fba6f99419a2ffb248981510657c944ccd1148e97"
        "1577b2a8676e564fed0170c7ddce34d9afd4abca9f00fe9f0b017a7801fe37"
    )


@pytest.mark.parametrize(
    ("data", "length", "cid"),
    [
        (b"hello tidemark\n", 87, "bafkreieu47vp3c6d6cjr3p465eqybrdv6wlfcwkcv52nlxspq2dawqhmoq"),
        (b"", 72, "bafkreigp624mdmoyk2kfc65tp3vp6zqgfcyhhtumwvpnwahjh2ypd5yp6e"),
        (bytes(65_536), 65_608, "bafkreia4iwcb2rc5sqboyc2n5mmihiy7ikn24kiaiiedkt4bt363dgsuru"),
        (bytes(65_537), 65_625, "bafkreiazydelzkaj23jgo4fskbjntothfmmfq4egcvgmzhaaynaedjoddm"),
    ],
)
def test_the_vectors_lengths_and_names(data: bytes, length: int, cid: str) -> None:
    assert len(sealed(data)) == length
    assert str(Cid.of(sealed(data))) == cid
    assert opened(sealed(data)) == data


@given(st.binary(min_size=1, max_size=64), st.binary(min_size=32, max_size=32), st.binary(max_size=40))
def test_the_derivation_is_hkdf(secret: bytes, salt: bytes, info: bytes) -> None:
    assert derive_key(secret, salt=salt, info=info) == HKDF(SHA256(), 32, salt, info).derive(secret)


def flipped(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


CHUNK = 65_536 + 16
THREE = sealed(bytes(2 * 65_536) + b"end")
HEADER, FIRST, SECOND, LAST = THREE[:56], THREE[56 : 56 + CHUNK], THREE[56 + CHUNK : 56 + 2 * CHUNK], THREE[-19:]


@pytest.mark.parametrize(
    "data",
    [
        HEADER[:-1],
        b"",
        b"X" + THREE[1:],
        HEADER,
        HEADER + SECOND + FIRST + LAST,
        HEADER + FIRST + SECOND,
        HEADER + FIRST + LAST,
        HEADER + FIRST + SECOND + LAST[:-1],
        THREE + b"x",
        THREE + LAST,
        HEADER + flipped(FIRST) + SECOND + LAST,
        flipped(HEADER) + FIRST + SECOND + LAST,
        HEADER[:8] + b"\1" + HEADER[9:] + FIRST + SECOND + LAST,
    ],
)
def test_an_altered_file_is_caught(data: bytes) -> None:
    with pytest.raises(ContentAltered):
        opened(data)


def test_no_plain_byte_of_a_failed_chunk_leaves() -> None:
    pieces = open_sealed(io.BytesIO(HEADER + FIRST + flipped(SECOND) + LAST), lambda _: KEY.secret)
    assert next(pieces) == bytes(65_536)
    with pytest.raises(ContentAltered, match="chunk 1"):
        next(pieces)


def test_an_unknown_key_is_named() -> None:
    def none(key_id: bytes) -> bytes:
        raise ContentKeyMissing(key_id)

    with pytest.raises(ContentKeyMissing) as caught:
        list(open_sealed(io.BytesIO(THREE), none))
    assert caught.value.key_id == KEY.key_id


def test_two_seals_of_the_same_bytes_differ() -> None:
    assert b"".join(seal(io.BytesIO(b"x"), KEY)) != b"".join(seal(io.BytesIO(b"x"), KEY))
