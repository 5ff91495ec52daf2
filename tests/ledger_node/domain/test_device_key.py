"""Signatures: what a strict verifier refuses that a lenient one would take."""

import pytest

from ledger_node.domain.device_key import (
    ED25519_ORDER,
    P256_ORDER,
    SECP256K1_ORDER,
    KeyType,
    SoftwareKey,
    recover_key,
    verify_signature,
)
from ledger_node.domain.digest import keccak256

DIGEST = keccak256(b"something signed")
KEYS = {kind: SoftwareKey(kind, keccak256(b"device-1")) for kind in KeyType}


def _verify(kind: KeyType, signature: bytes, digest: bytes = DIGEST) -> bool:
    return verify_signature(kind, KEYS[kind].public_key, digest, signature)


@pytest.mark.parametrize("kind", list(KeyType))
def test_another_digest_key_or_length_is_refused(kind: KeyType) -> None:
    signature = KEYS[kind].sign(DIGEST)
    assert _verify(kind, signature)
    assert not _verify(kind, signature, keccak256(b"another"))
    assert not _verify(kind, signature[:-1])
    assert not _verify(kind, signature + b"\0")
    other = SoftwareKey(kind, keccak256(b"device-2"))
    assert not verify_signature(kind, other.public_key, DIGEST, signature)
    assert not verify_signature(kind, KEYS[kind].public_key[:-1], DIGEST, signature)
    assert not verify_signature(kind, KEYS[kind].public_key, DIGEST[:31], signature)


@pytest.mark.parametrize("kind", list(KeyType))
def test_every_flipped_bit_of_a_signature_is_refused(kind: KeyType) -> None:
    signature = bytearray(KEYS[kind].sign(DIGEST))
    for place in range(len(signature)):
        signature[place] ^= 1
        assert not _verify(kind, bytes(signature))
        signature[place] ^= 1


def test_a_high_s_is_refused_on_both_curves() -> None:
    for kind, order in ((KeyType.SECP256K1, SECP256K1_ORDER), (KeyType.P256, P256_ORDER)):
        signature = KEYS[kind].sign(DIGEST)
        high = (order - int.from_bytes(signature[32:64], "big")).to_bytes(32, "big")
        v = bytes([27 + 28 - signature[64]]) if kind == KeyType.SECP256K1 else b""
        assert not _verify(kind, signature[:32] + high + v)


@pytest.mark.parametrize("v", [0, 1, 26, 29, 255])
def test_a_recovery_number_other_than_27_and_28_is_refused(v: int) -> None:
    signature = KEYS[KeyType.SECP256K1].sign(DIGEST)
    assert recover_key(DIGEST, signature[:64] + bytes([v])) is None
    assert not _verify(KeyType.SECP256K1, signature[:64] + bytes([v]))


def test_an_ed25519_s_beyond_the_order_is_refused() -> None:
    signature = KEYS[KeyType.ED25519].sign(DIGEST)
    beyond = int.from_bytes(signature[32:], "little") + ED25519_ORDER
    assert not _verify(KeyType.ED25519, signature[:32] + beyond.to_bytes(32, "little"))


def test_an_ed25519_key_of_small_order_verifies_nothing() -> None:
    identity = (1).to_bytes(32, "little")
    assert not verify_signature(KeyType.ED25519, identity, DIGEST, identity + bytes(32))


def test_a_secret_is_never_shown() -> None:
    key = SoftwareKey(KeyType.SECP256K1, keccak256(b"device-1"))
    assert keccak256(b"device-1").hex() not in repr(key)
    with pytest.raises(ValueError, match="32 bytes"):
        SoftwareKey(KeyType.P256, b"short")
