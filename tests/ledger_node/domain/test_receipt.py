"""Receipts and hold lists: the vectors of `market.md` section 2, and what is refused when they are read."""

from typing import Any

import pytest

from ledger_node.domain.device_key import KeyType, SoftwareKey
from ledger_node.domain.digest import keccak256
from ledger_node.domain.hold import HoldList, hold_list_digest, lots_hash, sign_hold_list
from ledger_node.domain.payload import lot_key
from ledger_node.domain.receipt import Receipt, sign_receipt
from ledger_node.domain.record import receipt_digest
from ledger_node.domain.typed_data import SigningDomain
from ledger_node.errors import SignedMessageWrong

DOMAIN = SigningDomain(1337, bytes(19) + b"\x01")
KEYS = {kind: SoftwareKey(kind, keccak256(b"node")) for kind in KeyType}
NODE, SCALE = "urn:tidemark:device:zpk-node", "urn:tidemark:device:zpk-scale-001"
LOTS = [lot_key(f"https://id.gs1.org/01/09506000134352/10/L2026-030{number}") for number in (1, 2)]


def a_receipt(kind: KeyType = KeyType.SECP256K1) -> Receipt:
    return sign_receipt(
        DOMAIN, KEYS[kind], NODE, device=SCALE, contiguous_sequence=7, head_hash=b"\x05" * 32, received_at_ms=1000
    )


def a_list(kind: KeyType = KeyType.SECP256K1) -> HoldList:
    return sign_hold_list(
        DOMAIN, KEYS[kind], NODE, market="market/zpk", version=12, lot_keys=LOTS, issued_at_ms=1763800000000
    )


def test_the_hold_lists_hashes_are_the_published_ones() -> None:
    assert lots_hash(LOTS).hex() == "d514e66dc0753c584ddbd2ca220401fafeef1c8ec3bc2be03fbbd209c223d4c7"
    digest = hold_list_digest(
        DOMAIN, market="market/zpk", version=12, lot_keys=reversed(LOTS), issued_at_ms=1763800000000
    )
    assert digest.hex() == "2c89e4d5d39d090e1c69960520c33e8f632caccacbc606f9c29102eedd9a1d84"


@pytest.mark.parametrize("kind", list(KeyType))
def test_a_receipt_and_a_list_come_back_as_they_were_and_verify(kind: KeyType) -> None:
    for message in (a_receipt(kind), a_list(kind)):
        again = type(message).from_json(message.to_json())
        assert again == message
        assert again.verify(DOMAIN, kind, KEYS[kind].public_key)
        other = SoftwareKey(kind, keccak256(b"other"))
        assert not again.verify(DOMAIN, kind, other.public_key)
        assert not again.verify(SigningDomain(1, DOMAIN.verifying_contract), kind, KEYS[kind].public_key)
        assert not again.verify(DOMAIN, KeyType((kind + 1) % 3), KEYS[kind].public_key)


def test_what_a_receipt_signs_is_the_struct_of_the_specification() -> None:
    assert a_receipt().digest(DOMAIN) == receipt_digest(
        DOMAIN, device=SCALE, contiguous_sequence=7, head_hash=b"\x05" * 32, received_at_ms=1000
    )


@pytest.mark.parametrize("member", ["contiguousSequence", "receivedAtMs", "headHash", "device"])
def test_every_member_of_a_receipt_is_signed(member: str) -> None:
    obj = a_receipt().to_json()
    obj[member] = {"headHash": "0x" + "06" * 32, "device": NODE}.get(member, 8)
    assert not Receipt.from_json(obj).verify(DOMAIN, KeyType.SECP256K1, KEYS[KeyType.SECP256K1].public_key)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("extra", 1),
        ("device", "a b"),
        ("device", None),
        ("contiguousSequence", -1),
        ("contiguousSequence", True),
        ("contiguousSequence", 1.0),
        ("receivedAtMs", 1 << 53),
        ("headHash", "0x" + "05" * 31),
        ("headHash", "0X" + "05" * 32),
        ("algorithm", "bundle"),
        ("algorithm", ["ES256K"]),
        ("signature", "0x"),
    ],
)
def test_a_receipt_of_the_wrong_form_is_refused(member: str, value: Any) -> None:
    with pytest.raises(SignedMessageWrong):
        Receipt.from_json(a_receipt().to_json() | {member: value})
    with pytest.raises(SignedMessageWrong):
        Receipt.from_json([])


@pytest.mark.parametrize(
    "lots",
    [
        None,
        "0x",
        [1],
        ["0x" + "zz" * 32],
        ["0x" + "00" * 31],
        ["0x" + "02" * 32, "0x" + "01" * 32],
        ["0x" + "01" * 32] * 2,
    ],
)
def test_a_hold_list_whose_lots_are_not_ascending_keys_is_refused(lots: Any) -> None:
    with pytest.raises(SignedMessageWrong):
        HoldList.from_json(a_list().to_json() | {"lots": lots})


def test_a_list_holds_its_lots_alone() -> None:
    assert a_list().holds(LOTS[0])
    assert not a_list().holds(bytes(32))
