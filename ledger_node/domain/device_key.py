"""Device keys: hashes, signatures made and checked, for the three algorithms a device may have.

Strict on purpose and alike in every language: low s, v exactly the recovery number, Ed25519 with s < L and no key of
small order. A lenient verifier would let anyone make a second, different record out of a valid one.
"""

from enum import IntEnum
from functools import lru_cache
from typing import Protocol

from coincurve import PrivateKey, PublicKey
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import (
    Prehashed,
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ledger_node.domain.digest import keccak256

SECP256K1_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
ED25519_ORDER = (1 << 252) + 27742317777372353535851937790883648493
ED25519_PRIME = (1 << 255) - 19
_SECP256K1_HALF = SECP256K1_ORDER // 2
_P256_HALF = P256_ORDER // 2
_PREHASHED = ec.ECDSA(Prehashed(SHA256()))
# y of the points whose order divides 8, the sign of x left out: orders 4, 1, 2 and twice 8.
_SMALL_ORDER_Y = frozenset(
    {
        0,
        1,
        ED25519_PRIME - 1,
        2707385501144840649318225287225658788936804267575313519463743609750303402022,
        55188659117513257062467267217118295137698188065244968500265048394206261417927,
    }
)


class KeyType(IntEnum):
    """As in the device registry."""

    SECP256K1 = 0
    P256 = 1
    ED25519 = 2


class Signer(Protocol):
    """A key that can sign: a file, a secure element, a signing service."""

    @property
    def key_type(self) -> KeyType: ...
    @property
    def public_key(self) -> bytes: ...
    @property
    def key_hash(self) -> bytes: ...
    def sign(self, digest: bytes) -> bytes:
        """The signature over a 32-byte digest, in the form of its algorithm."""
        ...


def key_hash(public_key: bytes) -> bytes:
    """keccak256 of X‖Y (64 bytes) or of the 32-byte Ed25519 key; the last 20 bytes of the first are the address."""
    return keccak256(public_key)


def verify_signature(key_type: KeyType, public_key: bytes, digest: bytes, signature: bytes) -> bool:
    """Whether `signature` over the 32-byte `digest` is by `public_key`: X‖Y for the curves, 32 bytes for Ed25519."""
    if len(digest) != 32:
        return False
    if key_type == KeyType.SECP256K1:
        return _verify_secp256k1(public_key, digest, signature)
    if key_type == KeyType.P256:
        return _verify_p256(public_key, digest, signature)
    return _verify_ed25519(public_key, digest, signature)


def recover_key(digest: bytes, signature: bytes) -> bytes | None:
    """The secp256k1 key (X‖Y) that made the 65-byte `signature`, or None when its form is wrong."""
    if len(signature) != 65 or signature[64] not in (27, 28):
        return None
    s = int.from_bytes(signature[32:64], "big")
    if not 0 < s <= _SECP256K1_HALF:
        return None
    try:
        key = PublicKey.from_signature_and_message(
            signature[:64] + (b"\0" if signature[64] == 27 else b"\1"), digest, hasher=None
        )
    except Exception:  # coincurve raises bare Exception and ValueError for points that do not exist
        return None
    return key.format(compressed=False)[1:]


def _verify_secp256k1(public_key: bytes, digest: bytes, signature: bytes) -> bool:
    # Recovery, not plain verification: it costs a fifth more and also binds v, as ecrecover does on chain.
    return len(public_key) == 64 and recover_key(digest, signature) == public_key


@lru_cache(maxsize=8192)
def _p256_key(public_key: bytes) -> ec.EllipticCurvePublicKey | None:
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\x04" + public_key)
    except ValueError:
        return None


def _verify_p256(public_key: bytes, digest: bytes, signature: bytes) -> bool:
    key = _p256_key(public_key) if len(public_key) == 64 else None
    if key is None or len(signature) != 64:
        return False
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if not (0 < r < P256_ORDER and 0 < s <= _P256_HALF):
        return False
    try:
        key.verify(encode_dss_signature(r, s), digest, _PREHASHED)
    except InvalidSignature:
        return False
    return True


@lru_cache(maxsize=8192)
def _ed25519_key(public_key: bytes) -> ed25519.Ed25519PublicKey | None:
    if len(public_key) != 32:
        return None
    y = int.from_bytes(public_key, "little") & ((1 << 255) - 1)
    if y >= ED25519_PRIME or y in _SMALL_ORDER_Y:
        return None
    try:
        return ed25519.Ed25519PublicKey.from_public_bytes(public_key)
    except ValueError:
        return None


def _verify_ed25519(public_key: bytes, digest: bytes, signature: bytes) -> bool:
    key = _ed25519_key(public_key)
    if key is None or len(signature) != 64 or int.from_bytes(signature[32:], "little") >= ED25519_ORDER:
        return False
    try:
        key.verify(signature, digest)
    except InvalidSignature:
        return False
    return True


class SoftwareKey:
    """A key held in memory (trust 0 or 1); its secret is never shown again."""

    __slots__ = ("_curve", "_edwards", "_prime", "key_hash", "key_type", "public_key")

    def __init__(self, key_type: KeyType, secret: bytes) -> None:
        if len(secret) != 32:
            raise ValueError(f"a secret has 32 bytes, not {len(secret)}")
        self.key_type = key_type
        self._curve: PrivateKey | None = None
        self._prime: ec.EllipticCurvePrivateKey | None = None
        self._edwards: ed25519.Ed25519PrivateKey | None = None
        if key_type == KeyType.SECP256K1:
            self._curve = PrivateKey(secret)
            self.public_key = self._curve.public_key.format(compressed=False)[1:]
        elif key_type == KeyType.P256:
            self._prime = ec.derive_private_key(int.from_bytes(secret, "big"), ec.SECP256R1())
            point = self._prime.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
            self.public_key = point[1:]
        else:
            self._edwards = ed25519.Ed25519PrivateKey.from_private_bytes(secret)
            self.public_key = self._edwards.public_key().public_bytes_raw()
        self.key_hash = key_hash(self.public_key)

    @classmethod
    def from_secret(cls, key_type: KeyType, secret: bytes) -> "SoftwareKey":
        """The key of these 32 secret bytes."""
        return cls(key_type, secret)

    def sign(self, digest: bytes) -> bytes:
        """r‖s‖v (65 bytes), r‖s (64) or R‖S (64) over the 32-byte digest; deterministic, low s."""
        if len(digest) != 32:
            raise ValueError(f"a digest has 32 bytes, not {len(digest)}")
        if self._curve is not None:
            compact = self._curve.sign_recoverable(digest, hasher=None)
            return compact[:64] + bytes([27 + compact[64]])
        if self._prime is not None:
            algorithm = ec.ECDSA(Prehashed(SHA256()), deterministic_signing=True)
            r, s = decode_dss_signature(self._prime.sign(digest, algorithm))
            return r.to_bytes(32, "big") + min(s, P256_ORDER - s).to_bytes(32, "big")
        if self._edwards is None:
            raise AssertionError("a key has one of three types")
        return self._edwards.sign(digest)

    def __repr__(self) -> str:
        return f"SoftwareKey({self.key_type.name}, {self.key_hash.hex()})"
