"""The vectors of `oracles.md` section 1, and the two ways of packing a digest held together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_node.domain import sum_tree
from ledger_node.domain.canonical_json import canonical_bytes
from ledger_node.domain.device_key import KeyType, SoftwareKey, recover_key, verify_signature
from ledger_node.domain.digest import keccak256
from ledger_node.domain.record import (
    RECEIPT_TYPE,
    RECORD_TYPE,
    bundle_digest,
    bundle_path,
    bundle_root,
    name_hash,
    receipt_digest,
    record_digest,
    record_hash,
    verify_bundle_path,
)
from ledger_node.domain.typed_data import SigningDomain, typed_digest

DOMAIN = SigningDomain(1337, bytes(19) + b"\x01")
SECRET = keccak256(b"device-1")
PAYLOAD = canonical_bytes(
    {"amount_minor": 3650, "currency": "CNY", "net_grams": 1825, "unit_price_minor_per_kilogram": 2000}
)
DIGEST = record_digest(
    DOMAIN,
    device="urn:tidemark:device:zpk-scale-001",
    stream="market/zpk/sale",
    sequence=7,
    observed_at_ms=1763800000000,
    kind="sale",
    value=3650,
    exponent=-2,
    unit="CNY",
    previous_hash=keccak256(b"previous"),
    payload_hash=keccak256(PAYLOAD),
)
SIGNATURES = {
    KeyType.SECP256K1: (
        "873e01aa344ea8f3ac714c03325bee203d6fcd4b131f5b27b3a0244606189f3e"
        "51a94142543185e6d74f24e313c84774eb2fb934175b57b2aca62452b53897df1c",
        "fce04d1a8478d858790a2f5059eea13d0f3c3c55aa89e00eba7d8506de2b3fe9",
    ),
    KeyType.P256: (
        "2b429057a04b067cfe65f071f5fb1d9314da1d3d404b119202779b6817b11839"
        "6c6abbc1818e1e56472d52aeafc470459c0eb7a2219b3d4fb689dcdec8c99096",
        "5fa6d699aaff7533f9646b507551d437198df1f2dbcf2efaa2414ffdf27e09ba",
    ),
    KeyType.ED25519: (
        "128f7af4d7e06f13908dae153d5ed7f5311f40c8a6a5d3cef6a94c1e9b5bb341"
        "9cb0c518bcd23c7cfe53078cf339d01cb5a1672ee979a0209b5f5e844136cf07",
        "5f6d0d7db9cb9b6f11ad2bc4115548b2b80eae7323fa8367cfbc4c9b5fd602ed",
    ),
}
INNER = (DIGEST, keccak256(b"inner 1"), keccak256(b"inner 2"))


def test_the_digest_is_the_published_one() -> None:
    assert keccak256(PAYLOAD).hex() == "f6e5d0abba4929e798404d617a3d7bf6045257cd7f62bd522bb7e31375b24fa3"
    assert RECORD_TYPE.type_hash.hex() == "fde81d5e4a24bfa57293b06527342b35ccea1b8fabdba3c0aaab5392e5ca3c31"
    assert RECEIPT_TYPE.type_hash.hex() == "13ad5a51b257c7e6fadd2e798609881b712d711aef40d527b3dcbfd8fce4266a"
    assert DOMAIN.separator.hex() == "3dc2ded87f8ba3e5aa75b5102300b6112fec0f1b7650bfe8f9970328924675b5"
    assert DIGEST.hex() == "c1187f4df454a04e20ce19a4051d59c015262696733109074ca8a8576dfae8d8"


@pytest.mark.parametrize("key_type", list(KeyType))
def test_signatures_and_key_hashes_are_the_published_ones(key_type: KeyType) -> None:
    key = SoftwareKey(key_type, SECRET)
    signature, key_hash = SIGNATURES[key_type]
    assert key.sign(DIGEST).hex() == signature
    assert key.key_hash.hex() == key_hash
    assert verify_signature(key_type, key.public_key, DIGEST, bytes.fromhex(signature))


def test_the_signer_is_the_last_twenty_bytes_of_the_key_hash() -> None:
    public_key = recover_key(DIGEST, bytes.fromhex(SIGNATURES[KeyType.SECP256K1][0]))
    assert public_key is not None
    assert keccak256(public_key)[-20:].hex() == "59EeA13D0f3c3C55aA89E00eBa7D8506DE2b3fE9".lower()


def test_record_hash_and_leaf_are_the_published_ones() -> None:
    signature = bytes.fromhex(SIGNATURES[KeyType.SECP256K1][0])
    hashed = record_hash(DIGEST, signature, 1763800001250, 1, 0)
    assert hashed.hex() == "0588a3502d766b12b74892ac53ee6352976d8e7bca98d11ae719cf1f5eb58797"
    leaf = sum_tree.leaf(hashed, 3650, 1825)
    assert leaf.hash.hex() == "59c96010c2647f9c14b9f1b56f4c3d7c8d36cc6329c24271630caaaea9bf9f86"


def test_a_bundle_of_three_is_the_published_one() -> None:
    root = bundle_root(INNER)
    assert root.hex() == "6118ba81b5a510341c7327cdf05359ca301d87036b98a863004ac166c709b539"
    digest = bundle_digest(
        DOMAIN,
        gateway="urn:tidemark:device:zpk-gw-01",
        sequence=41,
        bundled_at_ms=1763800002000,
        count=3,
        root=root,
        previous_hash=bytes(32),
    )
    assert digest.hex() == "dbfa9966cdce63282c7ff42ccb3500941a3dff26f8e8af2925c29fa30ba38470"
    signature = digest + SoftwareKey(KeyType.SECP256K1, SECRET).sign(digest)
    hashed = record_hash(DIGEST, signature, 1763800001250, 1, 0)
    assert hashed.hex() == "0601cbaf177c9cf24b9dc2d0dfb099b5ec37d1bbff6a58a727136585f1bdc33d"


@pytest.mark.parametrize("index", range(3))
def test_each_record_of_a_bundle_has_its_path_and_no_other_place(index: int) -> None:
    root, path = bundle_root(INNER), bundle_path(INNER, index)
    assert verify_bundle_path(INNER[index], index, 3, path, root)
    assert not verify_bundle_path(INNER[index], (index + 1) % 3, 3, path, root)
    assert not verify_bundle_path(INNER[index], index, 3, [*path, bytes(32)], root)
    assert not verify_bundle_path(INNER[index], index, 3, path[:-1], root)
    assert not verify_bundle_path(INNER[index], 3, 3, path, root)
    assert not verify_bundle_path(INNER[index], index, 51, path, root)


names = st.text("abcdefghijklmnopqrstuvwxyzABZ0123456789:/._-", min_size=1, max_size=128)
words = st.binary(min_size=32, max_size=32)


@given(
    device=names,
    stream=names,
    kind=names,
    unit=names,
    sequence=st.integers(0, 2**64 - 1),
    observed_at_ms=st.integers(0, 2**64 - 1),
    value=st.integers(-(2**255), 2**255 - 1),
    exponent=st.integers(-(2**31), 2**31 - 1),
    previous_hash=words,
    payload_hash=words,
)
def test_the_digest_packed_by_hand_is_that_of_the_declaration(
    device: str,
    stream: str,
    kind: str,
    unit: str,
    sequence: int,
    observed_at_ms: int,
    value: int,
    exponent: int,
    previous_hash: bytes,
    payload_hash: bytes,
) -> None:
    by_hand = record_digest(
        DOMAIN,
        device=device,
        stream=stream,
        sequence=sequence,
        observed_at_ms=observed_at_ms,
        kind=kind,
        value=value,
        exponent=exponent,
        unit=unit,
        previous_hash=previous_hash,
        payload_hash=payload_hash,
    )
    declared = RECORD_TYPE.hash(
        name_hash(device), name_hash(stream), sequence, observed_at_ms, name_hash(kind), value, exponent,
        name_hash(unit), previous_hash, payload_hash,
    )  # fmt: skip
    assert by_hand == typed_digest(DOMAIN, declared)


@given(device=names, sequence=st.integers(0, 2**64 - 1), head=words, at_ms=st.integers(0, 2**64 - 1))
def test_a_receipt_packed_by_hand_is_that_of_the_declaration(
    device: str, sequence: int, head: bytes, at_ms: int
) -> None:
    by_hand = receipt_digest(DOMAIN, device=device, contiguous_sequence=sequence, head_hash=head, received_at_ms=at_ms)
    assert by_hand == typed_digest(DOMAIN, RECEIPT_TYPE.hash(name_hash(device), sequence, head, at_ms))
