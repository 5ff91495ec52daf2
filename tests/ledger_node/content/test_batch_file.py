"""The batch file: the specification's vectors, and every malformed kind with its answer."""

from dataclasses import replace
from typing import Any

import cbor2
import pytest

from ledger_node.content.batch_file import (
    BatchFile,
    Entry,
    Wrapped,
    decode_batch_file,
    encode_batch_file,
    entry_bytes,
    read_entry,
    seal_entry,
)
from ledger_node.content.batch_reader import read_batch
from ledger_node.content.cid import Cid
from ledger_node.content.content_keys import ContentKey
from ledger_node.domain.batch import BatchHeader, PinHeader, batch_root
from ledger_node.domain.canonical_json import canonical_bytes
from ledger_node.domain.device_key import KeyType, SoftwareKey
from ledger_node.domain.digest import keccak256, sha256
from ledger_node.domain.envelope import Envelope
from ledger_node.domain.record import record_hash
from ledger_node.domain.sum_tree import Leaf
from ledger_node.domain.typed_data import SigningDomain
from ledger_node.errors import BatchFileMalformed, ContentAltered, ContentKeyMissing, EnvelopeMalformed

DOMAIN = SigningDomain(1337, (1).to_bytes(20, "big"))
KEY = ContentKey(bytes(range(16)), bytes(range(32)))
PAYLOAD = canonical_bytes(
    {"amount_minor": 3650, "currency": "CNY", "net_grams": 1825, "unit_price_minor_per_kilogram": 2000}
)
UNSIGNED = Envelope(
    1, "urn:tidemark:device:zpk-scale-001", "market/zpk/sale", 7, 1763800000000, "sale", 3650, -2, "CNY",
    keccak256(b"previous"), PAYLOAD, keccak256(PAYLOAD), "ES256K", bytes(65),
)  # fmt: skip
DEVICE_KEY = SoftwareKey(KeyType.SECP256K1, keccak256(b"device-1"))
ENVELOPE = replace(UNSIGNED, signature=DEVICE_KEY.sign(UNSIGNED.digest(DOMAIN)))
RECORD = record_hash(ENVELOPE.digest(DOMAIN), ENVELOPE.signature, 1763800001250, 1, 0)
HEADER = BatchHeader(
    "market/zpk/sale", 1, sha256(b""), 1763800000, 1763800000, 1763800002, sha256(b"rules"),
    bytes.fromhex("d19d6834d023bb463a08bd3e5d304889c36b4a6359c5a86fe70faff4205ff593"),
)  # fmt: skip
LEAF = Leaf(RECORD, 3650, 1825)
ENTRY = entry_bytes(ENVELOPE.to_cbor(), 1763800001250, 1, 0)
CLEAR = encode_batch_file(BatchFile(HEADER, (LEAF,), (Wrapped(ENTRY),)))
SEALED = encode_batch_file(BatchFile(HEADER, (LEAF,), (seal_entry(ENTRY, RECORD, KEY),)))


class OneKey:
    """A key store with one key."""

    def of_subject(self, subject: str, purpose: str) -> ContentKey:
        return KEY

    def by_id(self, key_id: bytes) -> ContentKey:
        if key_id != KEY.key_id:
            raise ContentKeyMissing(key_id)
        return KEY

    def destroy(self, subject: str, *, at_ms: int, ground: str) -> list[bytes]:
        return []


def pin_for(file: bytes, **more: Any) -> PinHeader:
    root = batch_root([LEAF])
    pin = PinHeader(
        root.hash, HEADER.previous_root, 1, root.amount, root.mass, HEADER.first_at, HEADER.last_at, HEADER.sealed_at,
        sha256(file), HEADER.lots, HEADER.rules,
    )  # fmt: skip
    return replace(pin, **more)


def test_the_vectors() -> None:
    assert RECORD.hex() == "0588a3502d766b12b74892ac53ee6352976d8e7bca98d11ae719cf1f5eb58797"
    assert (len(CLEAR), str(Cid.of(CLEAR))) == (522, "bafkreif2q6g5n2pvw74edpo6of4c7tseor6yo575uq7idonnc2kfergcmu")
    assert (len(SEALED), str(Cid.of(SEALED))) == (555, "bafkreia2trdacaezb6nclcvhqjsg3b3grqjixqqpzjfkxrgku3hvhyefyy")


@pytest.mark.parametrize("file", [CLEAR, SEALED])
def test_a_file_is_read_as_it_was_written(file: bytes) -> None:
    assert encode_batch_file(decode_batch_file(file)) == file
    reading = read_batch(file, "market/zpk/sale", 1, pin_for(file), domain=DOMAIN, keys=OneKey())
    assert reading.entries == (Entry(ENVELOPE, 1763800001250, 1, 0),)


def test_an_entry_without_a_key_is_counted_as_sealed() -> None:
    reading = read_batch(SEALED, "market/zpk/sale", 1, pin_for(SEALED), domain=DOMAIN)
    assert (reading.sealed_count, reading.entries) == (1, (None,))


def test_a_signature_that_the_caller_refuses_is_an_altered_entry() -> None:
    pin = pin_for(CLEAR)
    read_batch(CLEAR, "market/zpk/sale", 1, pin, domain=DOMAIN, is_signed=lambda entry, digest: True)
    with pytest.raises(ContentAltered, match="signature"):
        read_batch(CLEAR, "market/zpk/sale", 1, pin, domain=DOMAIN, is_signed=lambda entry, digest: False)


PARTS: list[Any] = cbor2.loads(CLEAR)


def parts(header: Any = None, leaves: Any = None, envelopes: Any = None, *more: Any) -> bytes:
    chosen = [PARTS[0] if header is None else header, PARTS[1] if leaves is None else leaves]
    return cbor2.dumps([*chosen, PARTS[2] if envelopes is None else envelopes, *more])


def with_item(number: int, value: Any) -> dict[int, Any]:
    return {**PARTS[0], number: value}


LEAVES_AT = 1 + len(cbor2.dumps(PARTS[0]))
ENVELOPES_AT = LEAVES_AT + len(cbor2.dumps(PARTS[1]))


@pytest.mark.parametrize(
    ("data", "offset"),
    [
        (parts(None, None, None, 0), 0),
        (cbor2.dumps(PARTS[:2]), 0),
        (cbor2.dumps({}), 0),
        (b"", 0),
        (CLEAR[:-1], 0),
        (parts(with_item(9, 0)), 1),
        (parts({number: PARTS[0][number] for number in range(8)}), 1),
        (parts(dict(reversed(PARTS[0].items()))), 1),
        (parts(with_item(0, 2)), 1),
        (parts(with_item(2, -1)), 1),
        (parts(with_item(2, 1 << 64)), 1),
        (parts(with_item(2, True)), 1),
        (parts(with_item(4, 1763800000.0)), 1),
        (parts(with_item(3, bytes(31))), 1),
        (parts(with_item(1, b"market/zpk/sale")), 1),
        (parts(with_item(6, cbor2.CBORTag(1, 1763800002))), 1),
        (parts(None, PARTS[1][0]), LEAVES_AT),
        (parts(None, [bytes(63)]), LEAVES_AT + 1),
        (parts(None, [PARTS[1][0], 7]), LEAVES_AT + 1 + 66),
        (parts(None, [*PARTS[1], *PARTS[1]]), ENVELOPES_AT + 66 + 1),
        (parts(None, None, {}), ENVELOPES_AT),
        (parts(None, None, [[2, ENTRY]]), ENVELOPES_AT + 1),
        (parts(None, None, [[0, ENTRY, 0]]), ENVELOPES_AT + 1),
        (parts(None, None, [[1, bytes(15), ENTRY]]), ENVELOPES_AT + 1),
        (parts(None, None, [[False, ENTRY]]), ENVELOPES_AT + 1),
        (parts(None, None, [["x", ENTRY]]), ENVELOPES_AT + 1),
        (b"\x9f" + CLEAR[1:] + b"\xff", 0),  # indefinite length
        (CLEAR[:1] + b"\xbf" + CLEAR[2:LEAVES_AT] + b"\xff" + CLEAR[LEAVES_AT:], 1),
        (CLEAR[:2] + b"\x18\x00" + CLEAR[3:], 2),  # a longer integer than needed
        (CLEAR[:LEAVES_AT] + b"\x98\x01" + CLEAR[LEAVES_AT + 1 :], LEAVES_AT),
        (CLEAR + b"\0", len(CLEAR)),
        (CLEAR + bytes((1 << 20) + 1 - len(CLEAR)), 1 << 20),
        (b"\x81" * 5000, 0),
    ],
)
def test_a_malformed_file_is_refused_with_the_offset(data: bytes, offset: int) -> None:
    with pytest.raises(BatchFileMalformed) as caught:
        decode_batch_file(data)
    # What the decoder itself refuses has no better place than the file's start.
    assert caught.value.offset in (offset, 0)
    if offset > 1 and not data.startswith(CLEAR):
        assert caught.value.offset == offset
    with pytest.raises(BatchFileMalformed):
        read_batch(data, "market/zpk/sale", 1, pin_for(data), domain=DOMAIN)


def test_other_bytes_than_the_pinned_are_altered_not_malformed() -> None:
    with pytest.raises(ContentAltered):
        read_batch(CLEAR + b"\0", "market/zpk/sale", 1, pin_for(CLEAR), domain=DOMAIN)


@pytest.mark.parametrize(
    "change",
    [
        {"previous_root": bytes(32)}, {"first_at": 1}, {"last_at": 1}, {"sealed_at": 1}, {"lots": bytes(32)},
        {"rules": bytes(32)}, {"root": bytes(32)}, {"count": 2}, {"amount": 3651}, {"mass": 0},
    ],
)  # fmt: skip
def test_a_file_that_does_not_fit_its_pin_convicts_the_sealer(change: dict[str, Any]) -> None:
    with pytest.raises(BatchFileMalformed):
        read_batch(CLEAR, "market/zpk/sale", 1, pin_for(CLEAR, **change), domain=DOMAIN)


@pytest.mark.parametrize(("stream", "sequence"), [("market/zpk/void", 1), ("market/zpk/sale", 2)])
def test_a_file_of_another_pin_is_refused(stream: str, sequence: int) -> None:
    with pytest.raises(BatchFileMalformed):
        read_batch(CLEAR, stream, sequence, pin_for(CLEAR), domain=DOMAIN)


@pytest.mark.parametrize(
    "wrapped",
    [
        Wrapped(entry_bytes(ENVELOPE.to_cbor(), 1763800001251, 1, 0)),
        Wrapped(entry_bytes(ENVELOPE.to_cbor(), 1763800001250, 3, 0)),
        Wrapped(entry_bytes(replace(ENVELOPE, value=3651).to_cbor(), 1763800001250, 1, 0)),
        Wrapped(ENTRY + b"\0"),
        Wrapped(b""),
        Wrapped(cbor2.dumps([1, 2])),
        Wrapped(seal_entry(ENTRY, RECORD, KEY).data[:-1], KEY.key_id),
        seal_entry(ENTRY, bytes(32), KEY),
    ],
)
def test_an_entry_that_is_not_its_leafs_record_is_altered(wrapped: Wrapped) -> None:
    file = encode_batch_file(BatchFile(HEADER, (LEAF,), (wrapped,)))
    with pytest.raises(ContentAltered, match="entry 0"):
        read_batch(file, "market/zpk/sale", 1, pin_for(file), domain=DOMAIN, keys=OneKey())


@pytest.mark.parametrize("numbers", [(-1, 1, 0), (0, 256, 0), (0, 1, 65_536), (0, True, 0), (1.5, 1, 0)])
def test_an_entrys_numbers_have_their_widths(numbers: tuple[Any, Any, Any]) -> None:
    with pytest.raises(EnvelopeMalformed):
        read_entry(cbor2.dumps([ENVELOPE.to_cbor_map(), *numbers]))


def test_leaves_and_envelopes_must_be_as_many() -> None:
    with pytest.raises(ValueError, match="2 leaves for 1"):
        encode_batch_file(BatchFile(HEADER, (LEAF, LEAF), (Wrapped(ENTRY),)))


def test_a_file_above_one_mib_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="batch file of"):
        encode_batch_file(BatchFile(HEADER, (LEAF,), (Wrapped(bytes(1 << 20)),)))
