"""Keys that sign transactions and digests, behind one narrow port: key files, and a demonstration's derived keys.

Signatures have a low s. Secrets are never shown, logged or stored elsewhere. Other signers (a signing service, an HSM)
fit the same port.
"""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from eth_account import Account
from eth_account.types import TransactionDictType

from ledger_node.domain.device_key import KeyType, SoftwareKey
from ledger_node.domain.digest import keccak256
from ledger_node.errors import SignerRefused

DEMO_CHAIN_ID: Final = 13370
SCRYPT_N: Final = 1 << 18
# py_ecc, which eth_account imports, lifts this to 100,000: then deeply nested input ends the process.
sys.setrecursionlimit(1000)


@dataclass(frozen=True, slots=True)
class Transaction:
    """A transaction to be signed. With `max_fee_per_gas` it is EIP-1559's, else a legacy one; prices are in wei."""

    chain_id: int
    nonce: int
    to: bytes | None
    data: bytes
    gas: int
    gas_price: int = 0
    max_fee_per_gas: int | None = None
    max_priority_fee_per_gas: int = 0
    value: int = 0


@dataclass(frozen=True, slots=True)
class SignedTransaction:
    """The bytes to send, and the hash by which the chain will know them."""

    raw: bytes
    hash: bytes


class Signer(Protocol):
    """A key with an address on the chain."""

    @property
    def address(self) -> bytes:
        """20 bytes."""
        ...

    def sign_digest(self, digest: bytes) -> bytes:
        """r‖s‖v over 32 bytes, v 27 or 28, low s. Raises SignerRefused."""
        ...

    def sign_transaction(self, transaction: Transaction) -> SignedTransaction:
        """The signed bytes. Raises SignerRefused."""
        ...


def sign_checked(signer: Signer, transaction: Transaction) -> SignedTransaction:
    """Signs, and makes sure that the signature is of the signer's own address. Raises SignerRefused."""
    signed = signer.sign_transaction(transaction)
    recovered = bytes.fromhex(str(Account.recover_transaction(signed.raw))[2:])
    if recovered != signer.address:
        raise SignerRefused(f"the signer of 0x{signer.address.hex()} signed as 0x{recovered.hex()}")
    if keccak256(signed.raw) != signed.hash:
        raise SignerRefused("the signer gave another transaction's hash")
    return signed


class KeySigner:
    """A secp256k1 key held in memory."""

    def __init__(self, secret: bytes) -> None:
        self._key = SoftwareKey(KeyType.SECP256K1, secret)
        self._account = Account.from_key(secret)
        self.address = self._key.key_hash[12:]

    def sign_digest(self, digest: bytes) -> bytes:
        """r‖s‖v over 32 bytes."""
        return self._key.sign(digest)

    def sign_transaction(self, transaction: Transaction) -> SignedTransaction:
        """The signed bytes."""
        signed = self._account.sign_transaction(_fields(transaction))
        return SignedTransaction(bytes(signed.raw_transaction), bytes(signed.hash))

    def __repr__(self) -> str:
        return f"{type(self).__name__}(0x{self.address.hex()})"


class KeystoreSigner(KeySigner):
    """A key out of a Web3 Secret Storage V3 file."""

    @classmethod
    def open(cls, path: Path, passphrase_file: Path) -> "KeystoreSigner":
        """Opens the key file with the pass phrase in `passphrase_file`. Raises SignerRefused."""
        phrase = read_passphrase(passphrase_file)
        try:
            row: dict[str, Any] = json.loads(path.read_bytes())
            require_strong(row)
            secret = bytes(Account.decrypt(row, phrase))
        except FileNotFoundError as error:
            raise SignerRefused(f"{path}: there is no such key file") from error
        except (ValueError, KeyError, TypeError) as error:
            raise SignerRefused(f"{path}: {error}") from error
        signer = cls(secret)
        named = str(row.get("address", signer.address.hex())).lower().removeprefix("0x")
        if named != signer.address.hex():
            raise SignerRefused(f"{path}: the file names 0x{named}, its key is that of 0x{signer.address.hex()}")
        return signer


class DemoSigner(KeySigner):
    """A key derived from a printed seed: worth nothing, and refused on every chain but the demonstration's."""

    def __init__(self, seed: str, purpose: str, chain_id: int = DEMO_CHAIN_ID) -> None:
        if chain_id != DEMO_CHAIN_ID:
            raise SignerRefused(f"demonstration keys may not be used on chain {chain_id}")
        super().__init__(demo_secret(seed, purpose))
        self.purpose = purpose

    def sign_transaction(self, transaction: Transaction) -> SignedTransaction:
        """The signed bytes. Raises SignerRefused for another chain than the demonstration's."""
        if transaction.chain_id != DEMO_CHAIN_ID:
            raise SignerRefused(f"demonstration keys may not be used on chain {transaction.chain_id}")
        return super().sign_transaction(transaction)


def demo_secret(seed: str, purpose: str) -> bytes:
    """The 32 secret bytes of a demonstration's key."""
    return keccak256(b"tidemark demonstration key\0" + seed.encode() + b"\0" + purpose.encode())


def create_keystore(path: Path, passphrase_file: Path, secret: bytes) -> None:
    """Writes a new V3 file that only its owner may read. Raises SignerRefused when there is one already."""
    document = Account.encrypt(secret, read_passphrase(passphrase_file), kdf="scrypt", iterations=SCRYPT_N)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise SignerRefused(f"{path}: there is a key file already") from error
    with os.fdopen(handle, "w") as file:
        json.dump(document, file)
        file.flush()
        os.fsync(file.fileno())


def read_passphrase(path: Path) -> str:
    """The pass phrase in a file without its line end. Raises SignerRefused when others may read the file."""
    try:
        if path.stat().st_mode & 0o077:
            raise SignerRefused(f"{path}: other users may read it; set its mode to 0600")
        phrase = path.read_text().rstrip("\r\n")
    except FileNotFoundError as error:
        raise SignerRefused(f"{path}: there is no such pass phrase file") from error
    if not phrase:
        raise SignerRefused(f"{path}: the pass phrase is empty")
    return phrase


def require_strong(keystore: Mapping[str, Any]) -> None:
    """Raises SignerRefused for a key file that is not V3 with scrypt of n at least 2^18."""
    crypto: Mapping[str, Any] = keystore.get("crypto") or keystore.get("Crypto") or {}
    if keystore.get("version") != 3 or crypto.get("kdf") != "scrypt":
        raise SignerRefused("the key file is not Web3 Secret Storage V3 with scrypt")
    parameters: Mapping[str, Any] = crypto.get("kdfparams") or {}
    if int(parameters.get("n", 0)) < SCRYPT_N or int(parameters.get("r", 0)) < 8 or int(parameters.get("p", 0)) < 1:
        raise SignerRefused(f"the key file's scrypt is weaker than n = {SCRYPT_N}, r = 8, p = 1: make it anew")


def _fields(transaction: Transaction) -> TransactionDictType:
    fields: dict[str, Any] = {
        "chainId": transaction.chain_id,
        "nonce": transaction.nonce,
        "data": transaction.data,
        "gas": transaction.gas,
        "value": transaction.value,
    }
    if transaction.to is not None:
        fields["to"] = transaction.to
    if transaction.max_fee_per_gas is None:
        fields["gasPrice"] = transaction.gas_price
    else:
        fields["maxFeePerGas"] = transaction.max_fee_per_gas
        fields["maxPriorityFeePerGas"] = transaction.max_priority_fee_per_gas
        fields["type"] = 2
    return fields
