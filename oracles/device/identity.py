"""Who a device is: a name and a key that signs, wherever the key lives.

`SoftwareIdentity` keeps the secret in a file of mode 0600. `TokenIdentity` serves keys that never leave their chip: it
turns what PKCS#11 tokens and secure elements answer into the signatures of this ledger. We ship no driver for a chip:
`open_pkcs11` needs the package `python-pkcs11` and a vendor's module, and says so when either is missing.
"""

import importlib
import os
import secrets
from pathlib import Path
from typing import Any, Final, Protocol

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from ledger_node.domain.device_key import (
    P256_ORDER,
    SECP256K1_ORDER,
    KeyType,
    Signer,
    SoftwareKey,
    key_hash,
    recover_key,
    verify_signature,
)
from ledger_node.errors import IdentityUnavailable

_ORDERS: Final = {KeyType.SECP256K1: SECP256K1_ORDER, KeyType.P256: P256_ORDER}
_SECRET_BYTES: Final = 32


class Identity(Signer, Protocol):
    """A signer with the device name that the registry knows its key by."""

    @property
    def name(self) -> str: ...
    @property
    def key_epoch(self) -> int:
        """The number of the key's epoch in the registry: a hint for the verifier."""
        ...


class SoftwareIdentity:
    """A device whose key is in memory (trust 0 or 1)."""

    def __init__(self, name: str, key: SoftwareKey, key_epoch: int = 0) -> None:
        self.name = name
        self.key = key
        self.key_epoch = key_epoch

    @property
    def key_type(self) -> KeyType:
        """The key's curve."""
        return self.key.key_type

    @property
    def public_key(self) -> bytes:
        """X‖Y, or 32 bytes for Ed25519."""
        return self.key.public_key

    @property
    def key_hash(self) -> bytes:
        """As enrolled."""
        return self.key.key_hash

    def sign(self, digest: bytes) -> bytes:
        """The signature over the 32-byte digest."""
        return self.key.sign(digest)

    @classmethod
    def open(cls, path: Path, name: str, key_type: KeyType = KeyType.SECP256K1) -> "SoftwareIdentity":
        """The identity whose secret is in `path`, drawn and written (mode 0600) when the file is not there.

        Raises IdentityUnavailable when others could read the file, or when it holds no secret.
        """
        if not path.exists():
            _write_secret(path, secrets.token_bytes(_SECRET_BYTES))
        mode = path.stat().st_mode & 0o777
        if mode & 0o077:
            raise IdentityUnavailable(str(path), f"its mode is {mode:o}", f"Run: chmod 600 {path}")
        try:
            secret = bytes.fromhex(path.read_text().strip())
            return cls(name, SoftwareKey(key_type, secret))
        except ValueError as wrong:
            raise IdentityUnavailable(str(path), "it holds no 32-byte secret", "Restore it from a backup") from wrong


class Token(Protocol):
    """A key in a chip, as drivers show it."""

    def public_point(self) -> bytes:
        """X‖Y, 64 bytes."""
        ...

    def sign_prehashed(self, digest: bytes) -> bytes:
        """ECDSA over the digest as it is: r‖s (64 bytes, as PKCS#11 answers) or DER (as secure elements answer)."""
        ...


class TokenIdentity:
    """A device whose key is in a chip (trust 2). Chips answer with a high s half of the time; the ledger takes none."""

    def __init__(self, name: str, token: Token, key_type: KeyType = KeyType.P256, key_epoch: int = 0) -> None:
        if key_type not in _ORDERS:
            raise IdentityUnavailable(name, f"{key_type.name} is not signed by ECDSA", "Use a P-256 or secp256k1 key")
        self.name = name
        self.key_type = key_type
        self.key_epoch = key_epoch
        self.public_key = token.public_point()
        self.key_hash = key_hash(self.public_key)
        self._token = token

    def sign(self, digest: bytes) -> bytes:
        """r‖s with low s (and v for secp256k1); IdentityUnavailable when the chip signed something else."""
        answer = self._token.sign_prehashed(digest)
        try:
            r, s = _read_pair(answer)
        except ValueError as wrong:
            raise IdentityUnavailable(self.name, "the chip's answer is no signature", "Check its driver") from wrong
        s = min(s, _ORDERS[self.key_type] - s)
        signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
        if self.key_type == KeyType.SECP256K1:
            signature = next(
                (full for v in (27, 28) if recover_key(digest, full := signature + bytes([v])) == self.public_key),
                signature,
            )
        if not verify_signature(self.key_type, self.public_key, digest, signature):
            raise IdentityUnavailable(self.name, "the chip signed with another key", "Check the key's label")
        return signature


def open_pkcs11(module: str, token_label: str, key_label: str, pin: str) -> Token:
    """The P-256 key `key_label` of a PKCS#11 token; IdentityUnavailable says what is missing on this machine."""
    try:
        pkcs11: Any = importlib.import_module("pkcs11")
    except ImportError as wrong:
        raise IdentityUnavailable(module, "the package python-pkcs11 is not installed", "pip install it") from wrong
    if not Path(module).exists():
        raise IdentityUnavailable(module, "the vendor's module is not there", "Install the token's driver")
    return _Pkcs11Token(pkcs11, module, token_label, key_label, pin)


class _Pkcs11Token:
    """A session with one key of a token."""

    def __init__(self, pkcs11: Any, module: str, token_label: str, key_label: str, pin: str) -> None:
        session = pkcs11.lib(module).get_token(token_label=token_label).open(user_pin=pin)
        self._mechanism = pkcs11.Mechanism.ECDSA
        self._private = session.get_key(label=key_label, object_class=pkcs11.ObjectClass.PRIVATE_KEY)
        public = session.get_key(label=key_label, object_class=pkcs11.ObjectClass.PUBLIC_KEY)
        self._point = bytes(public[pkcs11.Attribute.EC_POINT])[-64:]

    def public_point(self) -> bytes:
        return self._point

    def sign_prehashed(self, digest: bytes) -> bytes:
        return bytes(self._private.sign(digest, mechanism=self._mechanism))


def _read_pair(answer: bytes) -> tuple[int, int]:
    if len(answer) == 64:
        return int.from_bytes(answer[:32], "big"), int.from_bytes(answer[32:], "big")
    return decode_dss_signature(answer)


def _write_secret(path: Path, secret: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secret.hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
