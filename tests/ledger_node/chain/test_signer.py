"""Keys sign for their own address and nothing else; weak files, open pass phrases and foreign chains are refused."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from eth_account import Account

from ledger_node.chain.signer import (
    DemoSigner,
    KeySigner,
    KeystoreSigner,
    SignedTransaction,
    Transaction,
    create_keystore,
    require_strong,
    sign_checked,
)
from ledger_node.domain.device_key import SECP256K1_ORDER, key_hash, recover_key
from ledger_node.domain.digest import keccak256
from ledger_node.errors import SignerRefused

SECRET = keccak256(b"a test's secret")
TRANSFER = Transaction(13370, 7, b"\1" * 20, b"data", 21_000)


@pytest.fixture
def passphrase_file(tmp_path: Path) -> Path:
    path = tmp_path / "passphrase"
    path.write_text("correct horse\n")
    path.chmod(0o600)
    return path


def test_a_digest_is_signed_with_low_s_and_recovers_to_the_address() -> None:
    signer = KeySigner(SECRET)
    for number in range(50):
        digest = keccak256(b"%d" % number)
        signature = signer.sign_digest(digest)
        assert int.from_bytes(signature[32:64], "big") <= SECP256K1_ORDER // 2
        public_key = recover_key(digest, signature)
        assert public_key is not None
        assert key_hash(public_key)[12:] == signer.address


def test_the_address_is_ethereums() -> None:
    assert KeySigner(SECRET).address == bytes.fromhex(Account.from_key(SECRET).address[2:])


@pytest.mark.parametrize("fields", [{}, {"gas_price": 5}, {"max_fee_per_gas": 9}, {"to": None}, {"value": 3}])
def test_the_same_transaction_gives_the_same_bytes(fields: dict[str, int]) -> None:
    signer = KeySigner(SECRET)
    transaction = replace(TRANSFER, **fields)
    signed = sign_checked(signer, transaction)
    assert signed == sign_checked(signer, transaction)
    assert signed.hash == keccak256(signed.raw)


def test_a_signer_that_answers_for_another_address_is_refused() -> None:
    class Impostor(KeySigner):
        def sign_transaction(self, transaction: Transaction) -> SignedTransaction:
            return KeySigner(keccak256(b"other")).sign_transaction(transaction)

    with pytest.raises(SignerRefused, match="signed as"):
        sign_checked(Impostor(SECRET), TRANSFER)


def test_a_signer_that_names_another_hash_is_refused() -> None:
    class Confused(KeySigner):
        def sign_transaction(self, transaction: Transaction) -> SignedTransaction:
            return replace(super().sign_transaction(transaction), hash=bytes(32))

    with pytest.raises(SignerRefused, match="hash"):
        sign_checked(Confused(SECRET), TRANSFER)


def test_a_demonstration_key_is_refused_on_any_other_chain() -> None:
    with pytest.raises(SignerRefused, match="chain 1"):
        DemoSigner("seed", "lane-0", 1)
    signer = DemoSigner("seed", "lane-0")
    sign_checked(signer, TRANSFER)
    with pytest.raises(SignerRefused, match="chain 13371"):
        signer.sign_transaction(replace(TRANSFER, chain_id=13371))


def test_demonstration_keys_follow_from_seed_and_purpose() -> None:
    assert DemoSigner("a", "b").address == DemoSigner("a", "b").address
    assert len({DemoSigner(*names).address for names in (("a", "b"), ("a", "c"), ("b", "b"), ("ab", ""))}) == 4


def test_no_key_shows_its_secret() -> None:
    assert SECRET.hex() not in repr(KeySigner(SECRET))
    assert "demonstration" not in repr(DemoSigner("a", "b"))


def test_a_key_file_is_written_for_its_owner_and_opened_again(tmp_path: Path, passphrase_file: Path) -> None:
    path = tmp_path / "lane-0.json"
    create_keystore(path, passphrase_file, SECRET)
    assert path.stat().st_mode & 0o777 == 0o600
    assert json.loads(path.read_text())["crypto"]["kdfparams"]["n"] == 1 << 18
    assert KeystoreSigner.open(path, passphrase_file).address == KeySigner(SECRET).address
    with pytest.raises(SignerRefused, match="already"):
        create_keystore(path, passphrase_file, SECRET)
    wrong = tmp_path / "wrong"
    wrong.write_text("battery staple")
    wrong.chmod(0o600)
    with pytest.raises(SignerRefused):
        KeystoreSigner.open(path, wrong)
    row = json.loads(path.read_text()) | {"address": "11" * 20}
    (tmp_path / "renamed.json").write_text(json.dumps(row))
    with pytest.raises(SignerRefused, match="its key is that of"):
        KeystoreSigner.open(tmp_path / "renamed.json", passphrase_file)


STRONG = {"version": 3, "crypto": {"kdf": "scrypt", "kdfparams": {"n": 1 << 18, "r": 8, "p": 1}}}


def test_a_strong_file_is_accepted() -> None:
    require_strong(STRONG)


@pytest.mark.parametrize(
    "file",
    [
        {},
        {**STRONG, "version": 1},
        {"version": 3, "crypto": {"kdf": "pbkdf2", "kdfparams": {"c": 1_000_000}}},
        {"version": 3, "crypto": {"kdf": "scrypt", "kdfparams": {"n": 1 << 17, "r": 8, "p": 1}}},
        {"version": 3, "crypto": {"kdf": "scrypt", "kdfparams": {"n": 1 << 18, "r": 1, "p": 1}}},
        {"version": 3, "crypto": {"kdf": "scrypt", "kdfparams": {"n": 1 << 18, "r": 8, "p": 0}}},
    ],
)
def test_a_weak_file_is_refused(file: dict[str, object]) -> None:
    with pytest.raises(SignerRefused):
        require_strong(file)


def test_a_pass_phrase_that_others_may_read_is_refused(tmp_path: Path, passphrase_file: Path) -> None:
    passphrase_file.chmod(0o644)
    with pytest.raises(SignerRefused, match="0600"):
        KeystoreSigner.open(tmp_path / "none.json", passphrase_file)


@pytest.mark.parametrize("missing", ["key", "phrase", "content"])
def test_what_is_missing_is_said(tmp_path: Path, passphrase_file: Path, missing: str) -> None:
    if missing == "phrase":
        passphrase_file.unlink()
    if missing == "content":
        passphrase_file.write_text("\n")
    with pytest.raises(SignerRefused, match=r"there is no such|empty"):
        KeystoreSigner.open(tmp_path / "none.json", passphrase_file)
