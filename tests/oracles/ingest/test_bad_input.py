"""The rows of `oracles.md` section 10 that ingest answers; refusals name the place of the fault."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import cbor2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as SqlTimeoutError

from ledger_node.domain.device import DeviceClass
from ledger_node.domain.device_key import SECP256K1_ORDER
from ledger_node.domain.digest import keccak256, sha256
from ledger_node.domain.envelope import Envelope
from ledger_node.domain.frame import FRAME_LIMIT_BYTES, encode_frame
from ledger_node.domain.record import Reason
from ledger_node.domain.typed_data import SigningDomain
from ledger_node.store.journal import Alarm
from oracles.ingest import reading
from oracles.ingest.effects import Effects
from oracles.ingest.reading import Frame, Source
from oracles.ingest.rows import RECORD, REFUSAL, VERDICT_COUNT
from oracles.ingest.transaction import Transaction
from oracles.ingest.writer import Writer
from tests.oracles.ingest.world import DOMAIN, GATEWAY, LAB, SCALE, TESTER, World, a_bundle, sale

ALARM = Alarm.__table__  # type: ignore[attr-defined]


def refused(world: World, data: bytes, source: Source = Source("test")) -> list[tuple[str, str]]:
    """What is refused of a frame, as (reason, detail); nothing of it may be journaled, all of it must be filed."""
    before = len(world.rows(RECORD))
    answer = world.core.take([Frame(data, source)])[0]
    assert len(world.rows(RECORD)) == before
    filed = world.rows(REFUSAL)[-len(answer.refused) :]
    assert [(row["hash"], row["reason"]) for row in filed] == [
        (bytes.fromhex(one["hash"][2:]), Reason[one["reason"]]) for one in answer.refused
    ]
    return [(one["reason"], one["detail"]) for one in answer.refused]


def as_json(envelope: Envelope, change: Callable[[dict[str, Any]], None] = lambda _: None) -> bytes:
    """A JSON frame of one envelope, changed."""
    obj = envelope.to_json()
    change(obj)
    return json.dumps([obj], ensure_ascii=False, separators=(",", ":")).encode()


def test_a_frame_over_128_kib_is_refused_size(world: World) -> None:
    assert [one[0] for one in refused(world, b"\xad" + bytes(FRAME_LIMIT_BYTES))] == ["SIZE"]


def test_more_than_64_envelopes_are_refused_size(world: World) -> None:
    one = world.sell(1).to_cbor()
    small = cbor2.dumps({1: 1})
    assert [one[0] for one in refused(world, small * 65)] == ["SIZE"]
    assert world.core.take([Frame(one * 64, Source("test"))])[0].refused == []


def test_a_payload_over_16_kib_or_nested_too_deep_is_refused_size_with_its_pointer(world: World) -> None:
    envelope = world.sell(1)
    large = b'{"a":"' + b"x" * 16_384 + b'"}'
    ((reason, detail),) = refused(world, replace(envelope, payload=large).to_cbor())
    assert (reason, detail.startswith("/payload: ")) == ("SIZE", True)
    deep = b'{"a":' * 9 + b"1" + b"}" * 9
    ((reason, detail),) = refused(world, replace(envelope, payload=deep).to_cbor())
    assert (reason, detail) == ("SIZE", "/payload/a/a/a/a/a/a/a/a: nested deeper than 8")
    in_json = as_json(envelope, lambda obj: obj.update(payload=json.loads(deep)))
    assert refused(world, in_json) == [("SIZE", "/0/payload/a/a/a/a/a/a/a/a: nested deeper than 8")]
    nested: Any = 1
    for _ in range(9):
        nested = [nested]
    assert refused(world, as_json(envelope, lambda obj: obj.update(clock=nested)))[0][0] == "SIZE"


@pytest.mark.parametrize(
    ("payload", "pointer"),
    [
        (b'{"a":1.5}', "/payload/a"),
        (b'{"a":1.0}', "/payload/a"),
        (b'{"a":1e3}', "/payload/a"),
        (b'{"a":NaN}', "/payload/a"),
        (b'{"a":[0,-Infinity]}', "/payload/a/1"),
        (b'{"a":9007199254740992}', "/payload/a"),
        (b'{"a":{"b":-9007199254740992}}', "/payload/a/b"),
        (b'{"a":1,"a":1}', "/payload/a"),
        (b'{"b":1,"a":1}', "/payload"),
        (b'{"a": 1}', "/payload"),
        (b'{"a":"\\u0041"}', "/payload"),
        (b'{"a":"\xff"}', "/payload"),
        (b'{"a":"\\ud800"}', "/payload/a"),
        ('{"ä":1}'.encode(), "/payload"),
        (b'{"a":1}x', "/payload"),
        (b'[{"a":1}]', "/payload"),
        (b"", "/payload"),
    ],
)
def test_a_payload_that_is_not_canonical_is_refused_at_its_place(world: World, payload: bytes, pointer: str) -> None:
    ((reason, detail),) = refused(world, replace(world.sell(1), payload=payload).to_cbor())
    assert (reason, detail.split(": ")[0]) == ("SCHEMA", pointer)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        (lambda p: p.pop("trace_code"), "/payload/trace_code"),
        (lambda p: p.update(extra=1), "/payload/extra"),
        (lambda p: p.update({"a/b~": 1}), "/payload/a~1b~0"),
        (lambda p: p.update(net_grams="1000"), "/payload/net_grams"),
        (lambda p: p.update(net_grams=True), "/payload/net_grams"),
        (lambda p: p.update(net_grams=-1), "/payload/net_grams"),
        (lambda p: p.update(sale_id="8" * 26), "/payload/sale_id"),
        (lambda p: p.update(item_name="x" * 65), "/payload/item_name"),
        (lambda p: p.update(item_name="a\0b"), "/payload/item_name"),
        (lambda p: p.update(merchant_ref="11" * 32), "/payload/merchant_ref"),
        (lambda p: p.update(pay_method="barter"), "/payload/pay_method"),
        (lambda p: p.update(currency="yuan"), "/payload/currency"),
        (lambda p: p.update(gtin="09506000134353"), "/payload/gtin"),
        (lambda p: p.update(lots=[]), "/payload/lots"),
        (lambda p: p["lots"][0].update(lot_id="https://id.gs1.org/01/09506000134353/10/X"), "/payload/lots/0/lot_id"),
        (lambda p: p["lots"][0].update(lot_id="https://example.com/01/09506000134352/10/X"), "/payload/lots/0/lot_id"),
        (lambda p: p["lots"].append({"lot_id": p["lots"][0]["lot_id"]}), "/payload/lots/1/net_grams"),
        (lambda p: p.update(trace_code="0000000000000001X"), "/payload/trace_code"),
        (lambda p: p.update(confidence_permille=1001), "/payload/confidence_permille"),
    ],
)
def test_a_sale_of_the_wrong_form_is_refused_with_the_pointer(
    world: World, change: Callable[[dict[str, Any]], Any], pointer: str
) -> None:
    payload = sale(1)
    change(payload)
    ((reason, detail),) = refused(world, encode_frame([world.devices[SCALE].sign("sale", payload, 2000)]))
    assert (reason, detail.split(": ")[0]) == ("SCHEMA", pointer)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        (lambda obj: obj.update(extra=1), "/extra"),
        (lambda obj: obj.pop("unit"), "/unit"),
        (lambda obj: obj.update(v=2), "/v"),
        (lambda obj: obj.update(sequence=0), "/sequence"),
        (lambda obj: obj.update(sequence=1 << 53), "/sequence"),
        (lambda obj: obj.update(sequence="1"), "/sequence"),
        (lambda obj: obj.update(value=2000), "/value"),
        (lambda obj: obj.update(value="02000"), "/value"),
        (lambda obj: obj.update(kind="barter"), "/kind"),
        (lambda obj: obj.update(device="x" * 129), "/device"),
        (lambda obj: obj.update(stream="mar ket"), "/stream"),
        (lambda obj: obj.update(signature="0x" + "00" * 64), "/signature"),
        (lambda obj: obj.update(signature=obj["signature"].upper()), "/signature"),
        (lambda obj: obj.update(algorithm="SM2"), "/algorithm"),
        (lambda obj: obj.update(previousHash="0x00"), "/previousHash"),
        (lambda obj: obj.update(queued=1), "/queued"),
        (lambda obj: obj.update(clock={"source": "sun", "offset_ms": 0, "accuracy_ms": 0}), "/clock/source"),
        (lambda obj: obj.update(clock={"source": "ntp"}), "/clock/offset_ms"),
        (lambda obj: obj.update(observedAtMs=0), "/observedAtMs"),
        (lambda obj: obj.pop("payload"), "/payload"),
    ],
)
def test_an_envelope_of_the_wrong_form_is_refused_with_the_pointer(
    world: World, change: Callable[[dict[str, Any]], Any], pointer: str
) -> None:
    ((reason, detail),) = refused(world, as_json(world.sell(1), change))
    assert (reason, detail.split(": ")[0]) == ("SCHEMA", pointer)


def test_a_withheld_payload_is_no_record(world: World) -> None:
    withheld = json.dumps([world.sell(1).without_payload().to_json()]).encode()
    assert refused(world, withheld) == [("SCHEMA", "/payload: is missing")]


def test_floats_doubled_names_and_bad_utf8_in_a_json_frame_are_refused(world: World) -> None:
    good = as_json(world.sell(1))
    float_in = good.replace(b'"exponent":-2', b'"exponent":-2.0')
    assert refused(world, float_in) == [("SCHEMA", "/0/exponent: -2.0 is not an integer")]
    doubled = good.replace(b'"v":1', b'"v":1,"v":1')
    assert refused(world, doubled) == [("SCHEMA", "/0/v: the name occurs twice")]
    ((reason, _),) = refused(world, good.replace("海".encode(), b"\xff"))
    assert reason == "SCHEMA"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"[1]",
        b"{}",
        b"\xff",
        b"\xa1",
        b"\xbf\xff",
        b"\xfb" + bytes(8),
        b"\xc0\x00",
        b"\x00",
        b"null",
        b"[" * 70,
    ],
)
def test_what_is_no_frame_is_refused_schema(world: World, data: bytes) -> None:
    assert {one[0] for one in refused(world, data)} <= {"SCHEMA", "SIZE"}


def test_cbor_in_another_than_the_deterministic_form_is_refused(world: World) -> None:
    numbered = world.sell(1).to_cbor_map()
    backwards = cbor2.dumps(dict(reversed(numbered.items())))
    long_integer = cbor2.dumps(numbered).replace(b"\x01\x01", b"\x01\x18\x01", 1)
    for data in (backwards, long_integer):
        assert [one[0] for one in refused(world, data)] == ["SCHEMA"]


def test_one_bad_envelope_does_not_spoil_its_neighbours(world: World) -> None:
    first, second = world.sell(1), world.sell(2)
    bad = replace(second, payload=b'{"a":1.5}')
    answer = world.send(first, bad, second)
    assert [(one["hash"], one["sequence"]) for one in answer.refused] == [("0x" + sha256(bad.to_cbor()).hex(), 2)]
    assert answer.receipts[0]["contiguousSequence"] == 2


def test_a_device_nobody_enrolled_is_refused(world: World) -> None:
    stranger = replace(world.devices[SCALE], name="urn:tidemark:device:stranger")
    assert [one[0] for one in refused(world, stranger.sign("sale", sale(1), 2000).to_cbor())] == ["DEVICE_UNKNOWN"]


def test_a_device_enrolled_a_moment_ago_is_known(world: World) -> None:
    core = world.core
    del world.core
    signer = world.enrol("urn:tidemark:device:new", DeviceClass.PROBE)
    world.core = core
    assert world.send(signer.sign("temperature", {}, 3000)).refused == []


def _with_signature(envelope: Envelope, signature: bytes) -> Envelope:
    return replace(envelope, signature=signature)


def test_signatures_that_a_lenient_verifier_would_take_are_refused(world: World) -> None:
    envelope = world.sell(1)
    r, s, v = envelope.signature[:32], int.from_bytes(envelope.signature[32:64], "big"), envelope.signature[64]
    high = (SECP256K1_ORDER - s).to_bytes(32, "big")
    digest = envelope.digest(DOMAIN)
    for signature in (
        r + high + bytes([55 - v]),
        r + high + bytes([v]),
        envelope.signature[:64] + bytes([v - 27]),
        envelope.signature[:64] + bytes([55 - v]),
        bytes(65),
        world.devices[TESTER].key.sign(digest),
        world.devices[SCALE].key.sign(keccak256(digest)),
    ):
        assert [one[0] for one in refused(world, _with_signature(envelope, signature).to_cbor())] == ["SIGNATURE"]


def test_bad_signatures_count_against_a_device_only_when_its_gateway_vouches(world: World) -> None:
    envelope = world.sell(1)
    forged = [replace(envelope, value=value).to_cbor() for value in range(1, 8)]
    for data in forged[:4]:
        refused(world, data, Source("t", "zpk", GATEWAY, SCALE))
    vouched = Source("t", "zpk", GATEWAY, SCALE, certificate=GATEWAY)
    for data in forged[4:6]:
        refused(world, data, vouched)
    assert world.rows(ALARM) == []
    refused(world, forged[6], vouched)
    assert [(row["code"], row["subject"]) for row in world.rows(ALARM)] == [("BAD_SIGNATURES", SCALE)]


def test_a_bad_signature_counts_once_however_often_its_transaction_is_tried(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    forged = replace(world.sell(1), value=1).to_cbor()
    finish, failures = Transaction.finish, iter([True, True, True])

    def fails_thrice(self: Transaction, *rest: Any) -> None:
        finish(self, *rest)
        if next(failures, False):
            raise OperationalError("INSERT", {}, Exception("the disk was busy"))

    monkeypatch.setattr(Transaction, "finish", fails_thrice)
    refused(world, forged, Source("t", "zpk", GATEWAY, SCALE, certificate=GATEWAY))
    assert world.rows(ALARM) == []


@pytest.mark.parametrize("domain", [SigningDomain(1, DOMAIN.verifying_contract), SigningDomain(13370, bytes(20))])
def test_another_chain_or_contract_is_refused(world: World, domain: SigningDomain) -> None:
    foreign = world.devices[SCALE].sign("sale", sale(1), 2000, domain=domain)
    assert [one[0] for one in refused(world, foreign.to_cbor())] == ["SIGNATURE"]


def test_an_altered_payload_or_member_is_refused(world: World) -> None:
    envelope = world.sell(1)
    for altered in (
        replace(envelope, value=1),
        replace(envelope, sequence=9),
        replace(envelope, observed_at_ms=envelope.observed_at_ms + 1),
        replace(envelope, payload=replace(envelope).payload.replace(b"wechat", b"alipay")),  # type: ignore[union-attr]
    ):
        assert [one[0] for one in refused(world, altered.to_cbor())] == ["SIGNATURE"]


def test_a_bundle_is_kept_by_its_gateways_signature(world: World) -> None:
    bundled = a_bundle(world.devices[GATEWAY], [world.sell(number) for number in range(1, 4)])
    answer = world.send(*bundled)
    assert answer.refused == []
    assert answer.receipts[0]["contiguousSequence"] == 3


@pytest.mark.parametrize(
    "change",
    [
        lambda b: replace(b, index=3),
        lambda b: replace(b, index=1),
        lambda b: replace(b, count=51),
        lambda b: replace(b, count=0),
        lambda b: replace(b, path=(*b.path, bytes(32))),
        lambda b: replace(b, path=b.path[:-1]),
        lambda b: replace(b, root=bytes(32)),
        lambda b: replace(b, gateway=LAB),
        lambda b: replace(b, gateway="urn:tidemark:device:nobody"),
        lambda b: replace(b, bundled_at_ms=1),
    ],
)
def test_a_bundle_that_does_not_hold_together_is_refused_signature(world: World, change: Callable[[Any], Any]) -> None:
    first = a_bundle(world.devices[GATEWAY], [world.sell(number) for number in range(1, 4)])[0]
    assert first.bundle is not None
    bad = replace(first, bundle=change(first.bundle))
    assert [one[0] for one in refused(world, bad.to_cbor())] == ["SIGNATURE"]


def test_more_than_fifty_records_are_no_bundle(world: World) -> None:
    bundled = a_bundle(world.devices[GATEWAY], [world.sell(number) for number in range(1, 52)])
    assert {one[0] for one in refused(world, encode_frame(bundled))} == {"SIGNATURE"}


def test_two_records_of_one_place_in_a_bundle_cannot_both_be_in_it(world: World) -> None:
    envelopes = [world.sell(number) for number in range(1, 3)]
    bundled = a_bundle(world.devices[GATEWAY], envelopes)
    third = world.sell(3)
    posing = replace(third, algorithm="bundle", signature=bundled[0].signature, bundle=bundled[0].bundle)
    assert [one[0] for one in refused(world, posing.to_cbor())] == ["SIGNATURE"]


def test_a_gateway_may_not_sign_for_a_device_that_signs_for_itself(world: World) -> None:
    envelope = world.devices[TESTER].sign("heartbeat", {})
    bundled = a_bundle(world.devices[GATEWAY], [envelope])
    assert [one[0] for one in refused(world, bundled[0].to_cbor())] == ["SIGNATURE"]


def test_another_devices_or_markets_topic_is_refused_topic(world: World) -> None:
    frame = encode_frame([world.sell(1)])
    for source in (Source("t", "zpk", GATEWAY, TESTER), Source("t", "other", GATEWAY, SCALE)):
        assert [one[0] for one in refused(world, frame, source)] == ["TOPIC"]


def test_refusals_are_counted_kept_thirty_days_and_pinned_by_the_hour(world: World) -> None:
    refused(world, b"\xff")
    refused(world, b"\xff")
    counts = [row for row in world.rows(VERDICT_COUNT) if row["device"] == "" and row["verdict"] == 0]
    assert [(row["reason"], row["count"]) for row in counts] == [(Reason.SCHEMA, 2)]
    assert world.core.report_refusals() == 0
    world.hand.now += 3_600_000
    assert world.core.report_refusals() > 0
    said = next(row for row in world.rows(RECORD) if row["kind"] == "refusals")
    payload = Envelope.from_cbor(said["envelope"]).payload_object()
    assert payload["totals"] == [{"reason": int(Reason.SCHEMA), "count": 2}]
    assert world.core.report_refusals() == 0, "each hour is reported once"
    assert len(world.rows(REFUSAL)) == 2
    world.hand.now += 31 * 86_400_000
    refused(world, b"\xff")
    world.hand.now += 3_600_000
    world.core.report_refusals()
    assert len(world.rows(REFUSAL)) == 1


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_bytes_stop_ingest_and_nothing_that_was_altered_is_kept(world: World, data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(("cbor", "json")))
    good = _FRAMES.setdefault(form, encode_frame([world.devices[SCALE].sign("sale", sale(7), 2000)], form))  # type: ignore[arg-type]
    place = data.draw(st.integers(0, len(good) - 1))
    cut = data.draw(st.integers(0, 8))
    put = data.draw(st.binary(max_size=8))
    changed = good[:place] + put + good[place + cut :]
    before = len(world.rows(RECORD))
    answer = world.core.take([Frame(changed, Source("test"))])[0]
    json.dumps(answer.to_json(), ensure_ascii=False).encode()
    if len(world.rows(RECORD)) > before:
        kept = world.rows(RECORD)[-1]
        assert Envelope.from_cbor(kept["envelope"]).payload_object() == sale(7)


_FRAMES: dict[str, bytes] = {}


def test_a_lone_surrogate_is_refused_schema_and_spoils_no_neighbour(world: World) -> None:
    honest = as_json(world.sell(1))
    for bad in (b'"\\ud800"', b'{"device":"\\udfff"}'):
        answer = world.core.take([Frame(b"[" + bad + b"," + honest[1:], Source("test"))])[0]
        assert [(one["reason"], one["detail"]) for one in answer.refused] == [
            ("SCHEMA", "the message: a lone surrogate")
        ]
        assert answer.receipts[0]["contiguousSequence"] == 1


def test_what_the_reader_fails_on_is_refused_and_the_others_are_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = world.sell(1), world.sell(2)

    def fails_on_the_second(kind: str, payload: Any) -> None:
        if payload["sale_id"] == sale(2)["sale_id"]:
            raise ZeroDivisionError

    monkeypatch.setattr(reading, "check_payload", fails_on_the_second)
    answer = world.send(first, second)
    assert [(one["reason"], one["sequence"]) for one in answer.refused] == [("SCHEMA", 2)]
    assert answer.receipts[0]["contiguousSequence"] == 1


@pytest.mark.parametrize(
    "passing", [TimeoutError("the pool"), SqlTimeoutError("the pool"), MemoryError(), RuntimeError("the token is away")]
)
def test_a_fault_that_passes_costs_no_record(world: World, monkeypatch: pytest.MonkeyPatch, passing: Exception) -> None:
    commits = Writer._commit

    def fails(self: Writer, *rest: Any) -> Any:
        raise passing

    envelope = world.sell(1)
    monkeypatch.setattr(Writer, "_commit", fails)
    with pytest.raises(type(passing)):
        world.send(envelope)
    monkeypatch.setattr(Writer, "_commit", commits)
    answer = world.send(envelope)
    assert answer.refused == []
    assert answer.receipts[0]["contiguousSequence"] == 1


def test_what_the_writer_fails_on_is_refused_and_the_others_are_kept(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sales = [world.sell(number) for number in range(1, 6)]
    apply = Effects.apply

    def fails_on_the_fourth(self: Effects, read: reading.Reading, *rest: Any) -> None:
        if read.sequence == 4:
            raise ZeroDivisionError
        apply(self, read, *rest)

    monkeypatch.setattr(Effects, "apply", fails_on_the_fourth)
    answer = world.send(*sales)
    assert [(one["reason"], one["sequence"]) for one in answer.refused] == [("SCHEMA", 4)]
    assert [row["sequence"] for row in world.rows(RECORD) if row["kind"] == "sale"] == [1, 2, 3, 5]
