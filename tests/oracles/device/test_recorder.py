"""Records as a device signs them."""

from pathlib import Path
from typing import Any

import pytest

from ledger_node.domain.device_key import KeyType, SoftwareKey, verify_signature
from ledger_node.domain.digest import keccak256
from ledger_node.domain.envelope import KEY_TYPES, Envelope
from ledger_node.domain.record import ZERO_HASH
from ledger_node.domain.typed_data import SigningDomain
from ledger_node.errors import EnvelopeMalformed, GatewaySlow, IdentityUnavailable
from oracles.device.flash import Flash
from oracles.device.identity import SoftwareIdentity, TokenIdentity, open_pkcs11
from oracles.device.recorder import Recorder
from tests.support.an_edge import DOMAIN, MARKET, PROBE, SCALE, SetClock, a_key, a_reading, a_recorder, an_identity


def test_the_record_of_the_specification_is_signed_bit_for_bit(tmp_path: Path) -> None:
    """The vector of `oracles.md` section 1, through the SDK; its payload is only a part of a sale's."""
    domain = SigningDomain(1337, (1).to_bytes(20, "big"))
    for key_type, start in (
        (KeyType.SECP256K1, "873e01aa344ea8f3ac714c03325bee203d6fcd4b131f5b27b3a0244606189f3e"),
        (KeyType.P256, "2b429057a04b067cfe65f071f5fb1d9314da1d3d404b119202779b6817b11839"),
        (KeyType.ED25519, "128f7af4d7e06f13908dae153d5ed7f5311f40c8a6a5d3cef6a94c1e9b5bb341"),
    ):
        flash = Flash(tmp_path / key_type.name)
        flash.skip(6)
        flash.declared()
        flash.last_digest = keccak256(b"previous")
        identity = SoftwareIdentity(SCALE, SoftwareKey(key_type, keccak256(b"device-1")))
        recorder = Recorder(identity, flash, domain, market=MARKET, clock=SetClock().clock())
        payload = b'{"amount_minor":3650,"currency":"CNY","net_grams":1825,"unit_price_minor_per_kilogram":2000}'
        envelope = recorder._record("sale", 3650, payload, "CNY", -2, 1_763_800_000_000, "market/zpk/sale", None)
        assert envelope.digest(domain).hex() == "c1187f4df454a04e20ce19a4051d59c015262696733109074ca8a8576dfae8d8"
        assert envelope.signature.hex().startswith(start)


@pytest.mark.parametrize("key_type", list(KeyType))
def test_records_are_numbered_chained_and_verifiable(tmp_path: Path, key_type: KeyType) -> None:
    recorder = Recorder(
        an_identity(PROBE, key_type), Flash(tmp_path / "flash"), DOMAIN, market=MARKET, clock=SetClock().clock()
    )
    previous = ZERO_HASH
    key = a_key(PROBE, key_type)
    for number in range(1, 6):
        envelope = Envelope.from_cbor(a_reading(recorder, number).to_cbor())
        assert (envelope.sequence, envelope.previous_hash) == (number, previous)
        assert (envelope.unit, envelope.exponent, envelope.stream) == ("CEL", -3, "market/zpk/climate")
        previous = envelope.digest(DOMAIN)
        assert KEY_TYPES[envelope.algorithm] == key_type
        assert verify_signature(key_type, key.public_key, previous, envelope.signature)


def test_a_payload_that_is_not_the_kinds_uses_no_number(tmp_path: Path) -> None:
    recorder = a_recorder(tmp_path)
    with pytest.raises(EnvelopeMalformed):
        recorder.sign("temperature", 4_000, {"celsius": 4})
    with pytest.raises(EnvelopeMalformed):
        recorder.sign("rumour", 1, {})
    with pytest.raises(EnvelopeMalformed):
        recorder.sign("temperature", 1 << 300, {})
    assert recorder.flash.next_sequence == 1


def test_records_wait_in_the_device_until_the_other_side_has_them(tmp_path: Path) -> None:
    time_now = SetClock()
    recorder = a_recorder(tmp_path, clock=time_now.clock())
    taken: list[list[Envelope]] = []

    class Reluctant:
        is_slow = True

        def keep(self, envelopes: Any) -> None:
            if self.is_slow:
                raise GatewaySlow(250)
            taken.append(list(envelopes))

    link = Reluctant()
    for value in range(70):
        a_reading(recorder, value)
    with pytest.raises(GatewaySlow):
        recorder.deliver(link)
    assert len(recorder.flash.unkept()) == 70
    time_now.now_ms += 120_000
    a_reading(recorder)
    link.is_slow = False
    assert recorder.deliver(link) == 71
    assert [len(part) for part in taken] == [64, 7]
    assert [envelope.queued for envelope in taken[1]] == [True] * 6 + [None]
    assert recorder.deliver(link) == 0


def test_the_next_key_signs_on_in_the_same_chain(tmp_path: Path) -> None:
    recorder = a_recorder(tmp_path)
    first = a_reading(recorder)
    recorder.use(SoftwareIdentity(PROBE, a_key("next"), key_epoch=1))
    second = a_reading(recorder)
    assert (second.key_epoch, second.previous_hash) == (1, first.digest(DOMAIN))
    with pytest.raises(ValueError, match="is not"):
        recorder.use(an_identity(SCALE))


def test_a_software_key_stays_and_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "scale"
    made = SoftwareIdentity.open(path, SCALE)
    assert path.stat().st_mode & 0o777 == 0o600
    assert SoftwareIdentity.open(path, SCALE).key_hash == made.key_hash
    path.chmod(0o640)
    with pytest.raises(IdentityUnavailable, match="chmod 600"):
        SoftwareIdentity.open(path, SCALE)
    path.chmod(0o600)
    path.write_text("not hex")
    with pytest.raises(IdentityUnavailable, match="no 32-byte secret"):
        SoftwareIdentity.open(path, SCALE)


class _Chip:
    """A P-256 key that answers in DER, or as r‖s, always with a high s: as a chip may."""

    def __init__(self, *, as_der: bool) -> None:
        from cryptography.hazmat.primitives.asymmetric import ec

        self._key = ec.generate_private_key(ec.SECP256R1())
        self._as_der = as_der

    def public_point(self) -> bytes:
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        return self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)[1:]

    def sign_prehashed(self, digest: bytes) -> bytes:
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.asymmetric.utils import (
            Prehashed,
            decode_dss_signature,
            encode_dss_signature,
        )
        from cryptography.hazmat.primitives.hashes import SHA256

        from ledger_node.domain.device_key import P256_ORDER

        r, s = decode_dss_signature(self._key.sign(digest, ec.ECDSA(Prehashed(SHA256()))))
        s = max(s, P256_ORDER - s)
        if self._as_der:
            return encode_dss_signature(r, s)
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


@pytest.mark.parametrize("as_der", [True, False])
def test_what_a_chip_answers_becomes_the_ledgers_signature(as_der: bool) -> None:
    identity = TokenIdentity(SCALE, _Chip(as_der=as_der))
    digest = keccak256(b"a record")
    assert verify_signature(KeyType.P256, identity.public_key, digest, identity.sign(digest))


def test_a_chip_that_answers_nonsense_or_for_another_key_is_refused() -> None:
    chip = _Chip(as_der=False)
    identity = TokenIdentity(SCALE, chip)
    chip._key = _Chip(as_der=False)._key
    with pytest.raises(IdentityUnavailable, match="another key"):
        identity.sign(keccak256(b"a record"))
    chip.sign_prehashed = lambda digest: b"\x30\x00"  # type: ignore[method-assign]
    with pytest.raises(IdentityUnavailable, match="no signature"):
        identity.sign(keccak256(b"a record"))
    with pytest.raises(IdentityUnavailable, match="ECDSA"):
        TokenIdentity(SCALE, chip, KeyType.ED25519)


def test_a_missing_token_driver_is_said(tmp_path: Path) -> None:
    with pytest.raises(IdentityUnavailable, match=r"not installed|not there"):
        open_pkcs11(str(tmp_path / "module.so"), "token", "key", "0000")
