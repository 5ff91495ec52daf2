"""One record, two encodings: JSON and CBOR say the same, and frames carry either."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_node.domain.canonical_json import canonical_bytes
from ledger_node.domain.digest import keccak256
from ledger_node.domain.envelope import BundlePart, Clock, Envelope, StampPart
from ledger_node.domain.frame import FaultyEnvelope, decode_frame, encode_frame, item_end
from ledger_node.errors import EnvelopeMalformed, EnvelopeTooLarge

NAMES = st.text("abcxyzABZ019:/._-", min_size=1, max_size=128)
HASHES = st.binary(min_size=32, max_size=32)
NUMBERS = st.integers(1, 2**53 - 1)
CLOCKS = st.builds(Clock, st.sampled_from(("ntp", "gateway", "rtc")), st.integers(-(2**53) + 1, 2**53 - 1), NUMBERS)
BUNDLES = st.builds(
    BundlePart,
    NAMES,
    NUMBERS,
    NUMBERS,
    st.integers(0, 2**32 - 1),
    HASHES,
    HASHES,
    st.integers(0, 2**32 - 1),
    st.lists(HASHES, max_size=7).map(tuple),
)
SIGNATURES = st.sampled_from((("ES256K", 65), ("ES256", 64), ("EdDSA", 64))).flatmap(
    lambda one: st.tuples(st.just(one[0]), st.binary(min_size=one[1], max_size=one[1]))
)


@st.composite
def envelopes(draw: st.DrawFn) -> Envelope:
    """Any well-formed envelope."""
    payload = canonical_bytes(draw(st.dictionaries(st.text("abc", min_size=1, max_size=3), st.integers(-9, 9))))
    bundle = draw(st.none() | BUNDLES)
    algorithm, signature = draw(SIGNATURES)
    if bundle is not None:
        algorithm, signature = "bundle", draw(st.binary(min_size=97, max_size=97))
    stamp_algorithm, stamp_signature = draw(SIGNATURES)
    stamp = StampPart(draw(NAMES), draw(NUMBERS), draw(st.integers(-9, 9)), stamp_algorithm, stamp_signature)
    return Envelope(
        1,
        draw(NAMES),
        draw(NAMES),
        draw(NUMBERS),
        draw(NUMBERS),
        draw(NAMES),
        draw(st.integers(-(2**63), 2**63 - 1)),
        draw(st.integers(-128, 127)),
        draw(NAMES),
        draw(HASHES),
        payload,
        keccak256(payload),
        algorithm,
        signature,
        draw(st.none() | st.integers(0, 2**32 - 1)),
        draw(st.none() | st.booleans()),
        draw(st.none() | CLOCKS),
        bundle,
        draw(st.none() | st.just(stamp)),
    )


@given(envelopes())
def test_json_and_cbor_say_the_same(envelope: Envelope) -> None:
    assert Envelope.from_json(envelope.to_json()) == envelope
    assert Envelope.from_cbor(envelope.to_cbor()) == envelope
    assert Envelope.from_json(envelope.to_json()).to_cbor() == envelope.to_cbor()


@given(st.lists(envelopes(), min_size=1, max_size=4), st.sampled_from(("cbor", "json")))
def test_a_frame_brings_back_what_was_put_in(sent: list[Envelope], form: Any) -> None:
    assert decode_frame(encode_frame(sent, form)) == sent


@given(envelopes())
def test_a_withheld_payload_leaves_its_hash(envelope: Envelope) -> None:
    shown = Envelope.from_json(envelope.without_payload().to_json())
    assert (shown.payload, shown.payload_hash) == (None, envelope.payload_hash)
    with pytest.raises(LookupError):
        shown.payload_object()
    with pytest.raises(LookupError):
        shown.to_cbor()


@given(envelopes(), st.data())
def test_a_changed_byte_is_refused_or_says_something_else(envelope: Envelope, data: st.DataObject) -> None:
    raw = bytearray(envelope.to_cbor())
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] ^= data.draw(st.integers(1, 255))
    try:
        read = Envelope.from_cbor(bytes(raw))
    except EnvelopeMalformed:
        return
    assert read != envelope


@given(st.binary(max_size=200))
def test_no_bytes_crash_the_reader(data: bytes) -> None:
    try:
        found = decode_frame(data)
    except EnvelopeMalformed:
        return
    assert all(isinstance(one, (Envelope, FaultyEnvelope)) for one in found)


def test_an_item_that_claims_more_than_there_is_ends_at_once() -> None:
    for data in (b"\x9b" + b"\xff" * 8, b"\x5b" + b"\xff" * 8, b"\xbb\x7f" + b"\xff" * 7, b"\x9a\xff\xff\xff\xff\x01"):
        with pytest.raises(EnvelopeMalformed):
            item_end(data, 0)
    with pytest.raises(EnvelopeTooLarge):
        item_end(b"\x81" * 2000, 0)
