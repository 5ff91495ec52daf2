"""The vectors of proof bundles that every verifier runs: `python -m tests.support.proof_vectors` writes them anew.

A case is a base bundle with one splice of bytes, so that hundreds stay small; what must come out is the first code by
step, or `ok`. Everything is deterministic: keys, times and signatures.
"""

import base64
import copy
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import rfc8785

from ledger_node.domain.checkpoint_note import NoteSigner
from ledger_node.domain.device import DeviceStatus, KeyEpoch, Suspension
from ledger_node.domain.device_key import ED25519_ORDER, SECP256K1_ORDER, KeyType
from ledger_node.domain.digest import keccak256, sha256
from ledger_node.domain.network import Network
from ledger_node.domain.record import name_hash
from ledger_node.proof.bundle import BundleKind
from tests.support.a_bundle import (
    COMMITMENT,
    GATEWAY,
    LEDGER,
    LOT,
    MADE_AT,
    MARKET,
    NOON_MS,
    NOON_S,
    ORIGIN,
    OTHER_LOT,
    SCALE,
    TESTER,
    Kept,
    World,
    a_key,
    a_market,
    a_sale,
    a_test,
    a_verification,
    a_void,
    a_witness,
    a_witnessed_network,
    register,
    ulid,
)

FOLDER = Path(__file__).resolve().parent.parent / "vectors" / "proofs"
LATER = MADE_AT + timedelta(hours=25)


@dataclass(frozen=True)
class Base:
    """A bundle with the network it is checked against, and when."""

    data: bytes
    network: Network
    now: datetime = MADE_AT
    kept: str | None = None


@dataclass(frozen=True)
class Case:
    """One case: `code` None means that everything asked is yes."""

    group: str
    name: str
    base: str
    data: bytes
    code: str | None


def sold(world: World, count: int = 5, **changes: Any) -> Kept:
    """Some sales, sealed; the second one."""
    kept = [world.sell(number, **changes) for number in range(1, count + 1)]
    world.seal("sale")
    return kept[1]


def a_sales_day(index: int, previous: bytes, day: str, first: int, **changes: Any) -> dict[str, Any]:
    """The payload of a merchant's day with five sales by one scale."""
    payload = {
        "merchant_ref": COMMITMENT,
        "market_id": "zpk",
        "day": day,
        "currency": "CNY",
        "revision": 0,
        "sold_minor": 18_250,
        "void_minor": 0,
        "refund_minor": 0,
        "net_grams": 9125,
        "carry_in_minor": 0,
        "carry_out_minor": 0,
        "net_minor": 18_250,
        "by_channel": {},
        "devices": [
            {
                "device": SCALE,
                "first_sequence": first,
                "last_sequence": first + 4,
                "sales": 5,
                "refunds": 0,
                "voids": 0,
                "other": 0,
                "missing": 0,
            }
        ],
        "sales_root": COMMITMENT,
        "sales_count": 5,
        "returns_root": COMMITMENT,
        "returns_count": 0,
        "quality": {},
        "index": index,
        "previous_hash": "0x" + previous.hex(),
    }
    return payload | changes


def days_bundle(world: World, days: list[Kept], *, newest: int = 1) -> bytes:
    """A merchant's days as a bundle."""
    draft = world.draft(BundleKind.SALES_DAY)
    for kept in days:
        world.add_record(draft, kept)
    draft.add_history(world.network.contract("trace").address, name_hash(f"{MARKET}/sales-day"), newest=newest)
    return draft.to_bytes(made_at=MADE_AT)


def two_days(**changes: Any) -> tuple[World, list[Kept]]:
    """A market whose ledger signed two days of one merchant; `changes` are the second day's."""
    world = a_market()
    world.enrol(LEDGER, device_class=6)
    world.open("sales-day")
    first = world.keep(world.sign(LEDGER, "sales_day", a_sales_day(1, bytes(32), "2026-11-16", 1)))
    world.seal("sales-day")
    second = a_sales_day(2, first.record_hash, "2026-11-17", 6) | changes
    kept = world.keep(world.sign(LEDGER, "sales_day", second))
    world.seal("sales-day")
    return world, [first, kept]


def good_bases() -> dict[str, Base]:
    """Bundles that verify, one for each kind, algorithm and record kind of the narrow path."""
    found: dict[str, Base] = {}
    world = a_market()
    kept = sold(world)
    found["record"] = Base(world.bundle(kept), world.network)
    for key_type in (KeyType.P256, KeyType.ED25519):
        world = a_market()
        world.enrol("urn:tidemark:device:zpk-scale-002", a_key("second", key_type))
        kept = sold(world, device="urn:tidemark:device:zpk-scale-002")
        found[f"record {key_type.name.lower()}"] = Base(world.bundle(kept), world.network)
    world = a_market()
    envelopes = world.bundle_up([world.sign(SCALE, "sale", a_sale(number)) for number in range(1, 6)])
    many = [world.keep(envelope, received_at_ms=NOON_MS + 900) for envelope in envelopes]
    world.seal("sale")
    found["record by gateway"] = Base(world.bundle(many[3]), world.network)
    world = a_market(a_witnessed_network())
    kept = sold(world)
    note = world.note(witnesses=("one", "three"))
    found["record witnessed"] = Base(world.bundle(kept, note=note), world.network)
    world = a_market()
    kept = world.keep(world.sign(SCALE, "sale", a_sale()), verdict=2, reason=13)
    world.seal("sale")
    found["record late"] = Base(world.bundle(kept), world.network)
    world = a_market()
    kept = world.keep(world.sign(SCALE, "void", a_void()))
    world.seal("void")
    found["record void"] = Base(world.bundle(kept), world.network)
    world = a_market()
    found["record test"] = Base(world.bundle(world.sealed[f"{MARKET}/test"][0].records[0]), world.network)
    world, days = two_days()
    found["sales_day"] = Base(days_bundle(world, days), world.network)
    found |= _subject_bases()
    return found


def _subject_bases() -> dict[str, Base]:
    found: dict[str, Base] = {}
    world = a_market()
    old = world.note()
    sold(world)
    world.seal("test")
    device, trace = (world.network.contract(noun).address for noun in ("device", "trace"))
    draft = world.draft(BundleKind.HISTORY)
    draft.add_history(device, name_hash(SCALE))
    found["history"] = Base(draft.to_bytes(made_at=MADE_AT), world.network)
    draft = world.draft(BundleKind.HISTORY)
    draft.add_history(device, name_hash("urn:tidemark:device:nobody"))
    found["history absent"] = Base(draft.to_bytes(made_at=MADE_AT), world.network)
    draft = world.draft(BundleKind.STREAM)
    draft.add_history(trace, name_hash(f"{MARKET}/test"))
    found["stream"] = Base(draft.to_bytes(made_at=MADE_AT), world.network)
    draft = world.draft(BundleKind.LOT)
    draft.add_history(trace, name_hash(MARKET))
    for kind in ("sale", "test", "void", "device"):
        world.add_lot(draft, kind=kind, open_records=kind == "test")
    found["lot"] = Base(draft.to_bytes(made_at=MADE_AT), world.network)
    draft = world.draft(BundleKind.CONSISTENCY)
    draft.add_old_checkpoint(old)
    found["consistency"] = Base(draft.to_bytes(made_at=MADE_AT), world.network, kept=old.whole())
    return found


def told_bases() -> Iterator[tuple[str, str, Base]]:
    """(name, code, base) of honest files about things that went wrong, and of lies that a key or pinner signed."""
    yield from _device_stories()
    yield from _record_stories()
    yield from _later_stories()
    yield from _completeness_stories()
    yield from _checkpoint_stories()


def _device_stories() -> Iterator[tuple[str, str, Base]]:
    def story(event: str, **changes: Any) -> Base:
        world = a_market()
        kept = sold(world)
        world.change(SCALE, event, **changes)
        return Base(world.bundle(kept), world.network)

    yield "revoked back to before the sale", "key_not_valid", story("DeviceRevoked", revoked_from=NOON_S - 60)
    pause = (Suspension(NOON_S - 600, NOON_S + 600, 2),)
    yield "suspended at the time", "key_not_valid", story("DeviceSuspended", suspensions=pause)
    world = a_market()
    scale = world.devices[SCALE].state.keys[0]
    kept = sold(world)
    late = KeyEpoch(**{name: getattr(scale, name) for name in KeyEpoch.__slots__} | {"invalid_from": NOON_S - 5})
    world.change(SCALE, "DeviceKeyInvalidated", keys=(late,))
    yield "key invalidated from before the sale", "key_not_valid", Base(world.bundle(kept), world.network)
    yield (
        "enrolled after the sale",
        "key_not_valid",
        story("DeviceEnrolled", keys=(replace(scale, from_at=NOON_S + 1),)),
    )
    fresh = a_key("fresh")
    rotated = (
        replace(scale, to_at=NOON_S - 60),
        KeyEpoch(fresh.key_hash, NOON_S - 60, 0, 0, fresh.key_type, fresh.public_key),
    )
    yield "signed by the key before a rotation", "key_not_valid", story("DeviceKeyRotated", keys=rotated)
    ended = (a_verification(until_at=NOON_S),)
    yield "verification ended at the second", "metrology_expired", story("DeviceCertified", verifications=ended)
    yield "a scale never verified", "metrology_expired", story("DeviceCertified", verifications=())
    stranger = a_key("stranger")
    other = KeyEpoch(stranger.key_hash, scale.from_at, 0, 0, stranger.key_type, stranger.public_key)
    yield "another key than the registry's", "signature_bad", story("DeviceKeyRotated", keys=(other,))
    lying = replace(scale, public_key=stranger.public_key)
    yield "a public key that its hash does not fit", "signature_bad", story("DeviceKeyRotated", keys=(lying,))
    world = a_market()
    envelopes = world.bundle_up([world.sign(SCALE, "sale", a_sale(number)) for number in range(1, 4)])
    many = [world.keep(envelope, received_at_ms=NOON_MS + 900) for envelope in envelopes]
    world.seal("sale")
    world.change(GATEWAY, "DeviceRevoked", revoked_from=NOON_S, status=DeviceStatus.REVOKED)
    yield "the gateway was revoked", "key_not_valid", Base(world.bundle(many[0]), world.network)


def _record_stories() -> Iterator[tuple[str, str, Base]]:
    for verdict, reason in ((3, 15), (4, 22), (5, 10)):
        world = a_market()
        kept = world.keep(world.sign(SCALE, "sale", a_sale()), verdict=verdict, reason=reason)
        world.seal("sale")
        yield f"pinned with verdict {verdict}", "verdict_not_accepted", Base(world.bundle(kept), world.network)
    for name, header, code in (
        ("pin with a false amount", {"amount": 1}, "sums_differ"),
        ("pin with a false mass", {"mass": 1}, "sums_differ"),
        ("pin with another count", {"count": 6}, "record_not_in_batch"),
        ("pin with another root", {"root": sha256(b"?")}, "record_not_in_batch"),
    ):
        world = a_market()
        kept = [world.sell(number) for number in range(1, 6)][1]
        world.seal("sale", header=header)
        yield name, code, Base(world.bundle(kept), world.network)
    for name, received, at in (
        ("observed 61 s after it was received", NOON_MS - 61_000, NOON_S + 2),
        ("received 61 s after it was pinned", NOON_MS + 250, NOON_S - 61),
    ):
        world = a_market()
        kept = world.keep(world.sign(SCALE, "sale", a_sale()), received_at_ms=received)
        world.seal("sale", at=at)
        yield name, "times_do_not_fit", Base(world.bundle(kept), world.network)
    world = a_market()
    kept = world.keep(world.sign(SCALE, "sale", a_sale(), stream=f"{MARKET}/sale"))
    world.seal("sale")
    other = world.keep(world.sign(SCALE, "sale", a_sale(9)))
    other.batch, other.index = world.sealed[f"{MARKET}/test"][0], 0
    yield "a pin of another stream", "stream_differs", Base(world.bundle(other), world.network)
    world = a_market()
    kept = world.keep(world.sign(SCALE, "sale", a_sale(), value=3651))
    world.seal("sale")
    yield "a signed value that is not the payload's", "sum_not_of_record", Base(world.bundle(kept), world.network)
    world = a_market()
    header = world.entries[world.sealed[f"{MARKET}/test"][0].position]
    kept = world.sell()
    batch = world.seal("sale")
    world.entries[batch.position] = replace(world.entries[batch.position], address=keccak256(b"foreign")[:20])
    yield "the pin is another contract's", "pin_foreign", Base(world.bundle(kept), world.network)
    world.entries[batch.position] = replace(header, chain_id=1)
    yield "the pin is another chain's", "pin_foreign", Base(world.bundle(kept), world.network)


def _later_stories() -> Iterator[tuple[str, str, Base]]:
    def told(world: World, kept: Kept, *more: Kept) -> Base:
        draft = world.draft()
        world.add_record(draft, kept)
        for one in more:
            world.add_record(draft, one)
        world.add_lot(draft)
        return Base(draft.to_bytes(made_at=MADE_AT), world.network)

    world = a_market()
    kept = sold(world)
    void = world.keep(world.sign(SCALE, "void", a_void(2)))
    world.seal("void")
    yield "voided afterwards", "voided", told(world, kept, void)
    world = a_market()
    kept = sold(world)
    payload = {"of": "0x" + kept.record_hash.hex(), "verdict": 4, "reason": 6}
    later = world.keep(world.sign(GATEWAY, "reverdict", payload))
    world.seal("device")
    yield "a later verdict", "superseded", told(world, kept, later)
    for kind, payload in (
        ("retest", a_test(2, result=2)),
        ("hold", {"lot_id": LOT, "version": 3, "held_from_ms": NOON_MS, "reason": "failed test"}),
    ):
        world = a_market()
        kept = sold(world)
        world.keep(world.sign(TESTER, kind, payload))
        world.seal("test")
        yield f"a later {kind} of the lot", "recalled", told(world, kept)
    lot, nothing = keccak256(LOT.encode()), bytes(32)
    report = (nothing, nothing, nothing, nothing)
    certificate = (1, 50_000, b"GRM", NOON_S, nothing, nothing, nothing)
    for name, code, events in (
        ("a failed lab report", "recalled", [("LabReportAttested", b"\1" * 32, 2, NOON_S, *report)]),
        (
            "a certificate revoked",
            "revoked",
            [("CertificateAttested", b"\1" * 32, *certificate), ("AttestationRevokedByAttester", b"\1" * 32)],
        ),
        (
            "a certificate voided",
            "voided",
            [("CertificateAttested", b"\1" * 32, *certificate), ("AttestationVoided", b"\1" * 32, 3, nothing)],
        ),
    ):
        world = a_market()
        kept = sold(world)
        for event, uid, *values in events:
            world.emit("attestation", event, lot, 3, uid, *values)
        yield name, code, told(world, kept)
    for state, code in ((2, "disputed"), (3, "recalled"), (4, "recalled")):
        world = a_market()
        kept = sold(world)
        world.emit("lot", "LotStateSet", lot, state, nothing)
        draft = world.draft()
        world.add_record(draft, kept)
        world.add_lot(draft)
        draft.add_history(world.network.contract("lot").address, lot)
        yield f"lot state {state}", code, Base(draft.to_bytes(made_at=MADE_AT), world.network)
    world = a_market()
    kept = sold(world)
    world.emit("trace", "StreamFlagged", name_hash(f"{MARKET}/sale"), 1, 7)
    draft = world.draft()
    world.add_record(draft, kept)
    world.add_lot(draft)
    draft.add_history(world.network.contract("trace").address, name_hash(f"{MARKET}/sale"))
    yield "the batch was challenged without an answer", "disputed", Base(draft.to_bytes(made_at=MADE_AT), world.network)


def _completeness_stories() -> Iterator[tuple[str, str, Base]]:
    world = a_market()
    kept = sold(world)
    draft = world.draft()
    world.add_record(draft, kept)
    yield "no word about the lot", "history_incomplete", Base(draft.to_bytes(made_at=MADE_AT), world.network)
    draft = world.draft()
    world.add_record(draft, kept)
    world.add_lot(draft, open_records=False)
    yield "the lot's test is not shown", "left_out", Base(draft.to_bytes(made_at=MADE_AT), world.network)
    draft = world.draft()
    world.add_record(draft, kept, with_device=False)
    world.add_lot(draft)
    yield "no history of the device", "history_incomplete", Base(draft.to_bytes(made_at=MADE_AT), world.network)
    for kind in (BundleKind.HISTORY, BundleKind.STREAM):
        empty = world.draft(kind).to_bytes(made_at=MADE_AT)
        yield f"no history at all in a bundle of kind {kind.value}", "history_incomplete", Base(empty, world.network)
    draft = world.draft()
    world.add_record(draft, kept, envelope=kept.envelope.without_payload())
    world.add_lot(draft)
    yield "a withheld payload hides its lots", "left_out", Base(draft.to_bytes(made_at=MADE_AT), world.network)
    world.open("intake")
    register(world, OTHER_LOT)
    draft = world.draft(BundleKind.LOT)
    draft.add_history(world.network.contract("trace").address, name_hash(MARKET))
    for kind in ("sale", "test", "void", "device"):
        world.add_lot(draft, kind=kind, open_records=kind == "test")
    yield "one stream of the market is not shown", "left_out", Base(draft.to_bytes(made_at=MADE_AT), world.network)
    world.change(SCALE, "DeviceAssigned")
    draft = world.draft(BundleKind.HISTORY)
    draft.add_history(world.network.contract("device").address, name_hash(SCALE), newest=1)
    yield "a tail is not the whole history", "left_out", Base(draft.to_bytes(made_at=MADE_AT), world.network)
    stream = name_hash(f"{MARKET}/test")
    world = a_market()
    world.emit("trace", "Pinned", stream, 3, (bytes(32), bytes(32), 0, 0, 0, 1, 1, 1, bytes(32), bytes(32), bytes(32)))
    draft = world.draft(BundleKind.STREAM)
    draft.add_history(world.network.contract("trace").address, stream)
    yield "a pin's number is skipped", "left_out", Base(draft.to_bytes(made_at=MADE_AT), world.network)
    for name, changes in (
        ("a hole in the merchant's chain", {"index": 3}),
        ("another day before it", {"previous_hash": "0x" + "77" * 32}),
        ("device runs that do not join", {"devices": a_sales_day(2, bytes(32), "", 8)["devices"]}),
    ):
        world, days = two_days(**changes)
        yield name, "left_out", Base(days_bundle(world, days), world.network)
    world, days = two_days()
    yield "a day before the newest pin", "left_out", Base(days_bundle(world, days[:1]), world.network)


def _checkpoint_stories() -> Iterator[tuple[str, str, Base]]:
    world = a_market(a_witnessed_network())
    kept = sold(world)
    good = ("one", "two", "three")
    yield (
        "one witness of two",
        "quorum_missing",
        Base(world.bundle(kept, note=world.note(witnesses=good[:1])), world.network),
    )
    at = int(MADE_AT.timestamp())
    for name, time in (("time 0", 0), ("time 2^63", 1 << 63), ("six minutes ahead", at + 360)):
        note = world.note(witnesses=good, time=time)
        yield f"cosigned at {name}", "quorum_missing", Base(world.bundle(kept, note=note), world.network)
    note = world.note(witnesses=("one", "one"))
    yield "a witness twice", "quorum_missing", Base(world.bundle(kept, note=note), world.network)
    note = world.note(witnesses=good)
    yield "a day and an hour old", "checkpoint_stale", Base(world.bundle(kept, note=note), world.network, now=LATER)
    broken = replace(note.lines[2], signature=note.lines[2].signature[:-1] + b"\0")
    note = replace(note, lines=(*note.lines[:2], broken, *note.lines[3:]))
    yield "a witness's broken signature", "cosignature_bad", Base(world.bundle(kept, note=note), world.network)
    world = a_market()
    kept = sold(world)
    yield (
        "without witnesses, a day and an hour old",
        "checkpoint_stale",
        Base(world.bundle(kept), world.network, now=LATER),
    )
    other = NoteSigner("other.example/tidemark/demo/1", sha256(b"log key"))
    world.signer = other
    note = world.note(origin=other.key.name)
    yield "another log", "log_unknown", Base(world.bundle(kept, note=note), world.network)
    world.signer = NoteSigner(ORIGIN, sha256(b"thief"))
    yield "the log's name with another key", "log_signature_bad", Base(world.bundle(kept), world.network)
    world.signer = NoteSigner(ORIGIN, sha256(b"log key"))
    yield "another chain", "log_unknown", Base(world.bundle(kept, note=world.note(chain_id=1)), world.network)
    yield (
        "another root",
        "entry_not_in_log",
        Base(world.bundle(kept, note=world.note(root=sha256(b"?"))), world.network),
    )
    note = world.note(subjects=sha256(b"?"))
    yield "another subject map", "history_incomplete", Base(world.bundle(kept, note=note), world.network)
    same_size = world.note(root=sha256(b"?")).whole()
    yield "kept: equal size, other root", "history_split", Base(world.bundle(kept), world.network, kept=same_size)
    rolled = world.note(size=3, block=99).whole()
    yield "kept: smaller, but a later block", "history_split", Base(world.bundle(kept), world.network, kept=rolled)
    for size in (5, 8):
        old = replace(world.note(size=size, root=sha256(b"rewritten")))
        draft = world.draft(BundleKind.CONSISTENCY)
        draft.add_old_checkpoint(old)
        data = draft.to_bytes(made_at=MADE_AT)
        code = "history_split" if size == 5 else "bad_member"
        yield f"a rewritten log of {size}", code, Base(data, world.network)


Change = Callable[[dict[str, Any]], None]


def json_changes() -> Iterator[tuple[str, str, str, str, Change]]:
    """(group, name, base, code, change) of files whose members were altered and written canonically again."""
    yield from _member_changes()
    yield from _note_changes()
    yield from _log_changes()
    yield from _history_changes()
    yield from _batch_changes()
    yield from _signature_changes()
    yield from _shown_changes()
    yield from _consistency_changes()


def _put(path: str, value: Any) -> Change:
    def change(bundle: dict[str, Any]) -> None:
        holder, name = _holder(bundle, path)
        holder[name] = value(copy.deepcopy(holder[name])) if callable(value) else value

    return change


def _drop(path: str) -> Change:
    def change(bundle: dict[str, Any]) -> None:
        holder, name = _holder(bundle, path)
        del holder[name]

    return change


def _holder(bundle: dict[str, Any], path: str) -> tuple[Any, Any]:
    *parts, last = path.split("/")
    holder: Any = bundle
    for part in parts:
        holder = holder[int(part) if isinstance(holder, list) else part]
    return holder, int(last) if isinstance(holder, list) else last


def _member_changes() -> Iterator[tuple[str, str, str, str, Change]]:
    for number, (path, value) in enumerate(
        (
            ("tidemark_proof", 2),
            ("tidemark_proof", "1"),
            ("tidemark_proof", True),
            ("kind", "recordx"),
            ("kind", 1),
            ("chain_id", 13370),
            ("chain_id", "013370"),
            ("chain_id", "+1"),
            ("chain_id", " 1"),
            ("chain_id", "-1"),
            ("chain_id", str(1 << 64)),
            ("made_at", "2026-11-22 11:00:00Z"),
            ("made_at", "2026-02-30T11:00:00Z"),
            ("made_at", "2026-11-22T24:00:00Z"),
            ("made_at", 5),
            ("checkpoint", 5),
            ("unknown", 1),
            ("records", []),
            ("histories", {}),
            ("records/0/unknown", 1),
            ("records/0/amount", 3650),
            ("records/0/amount", str(1 << 128)),
            ("records/0/receivedAtMs", "1763800001250"),
            ("records/0/receivedAtMs", 1.5),
            ("records/0/verdict", 0),
            ("records/0/verdict", 6),
            ("records/0/reason", 65_536),
            ("records/0/batch/count", 1001),
            ("records/0/batch/index", -1),
            ("records/0/pin", 10),
            ("records/0/envelope/v", 2),
            ("records/0/envelope/device", "no spaces"),
            ("records/0/envelope/value", "03650"),
            ("records/0/envelope/value", str(1 << 63)),
            ("records/0/envelope/signature", "0X00"),
            ("records/0/envelope/signature", lambda text: text.upper().replace("0X", "0x")),
            ("records/0/envelope/signature", lambda text: text[:-2]),
            ("records/0/envelope/previousHash", "0x00"),
            ("records/0/envelope/payloadHash", "0x" + "00" * 32),
            ("records/0/envelope/algorithm", "SM2"),
            ("records/0/envelope/extra", 1),
            ("records/0/envelope/payload", []),
            ("records/0/envelope/payload/price", 1.5),
            ("records/0/envelope/payload/价", 1),
            ("records/0/envelope/payload/deep", [[[[[[[[1]]]]]]]]),
            ("records/0/envelope/payload/long", "x" * 17_000),
            ("log/entries/0/0", 3),
            ("log/entries/0/1", lambda text: text.replace("=", "")),
            ("log/entries/0/1", lambda text: "*" + text[1:]),
            ("log/nodes/0", "AB=="),
            ("log/nodes/0", ""),
            ("log/nodes/0", base64.b64encode(bytes(31)).decode()),
            ("log/nodes/0", base64.b64encode(bytes(33)).decode()),
            ("log/nodes/0", "_" * 43 + "="),
            ("histories/0/address", lambda text: text[:-2]),
            ("histories/0/topic", lambda text: text.upper()),
            ("histories/0/entries", []),
            ("histories/0/skipped", -1),
            ("histories/0/path", lambda path: [*path, ""]),
            ("histories/0/path", ["AA=="] * 3),
            ("histories/0/path", [""] * 256 + [base64.b64encode(bytes(32)).decode()]),
            ("old_checkpoint", "x"),
            ("timestamps", ["AB=="]),
            ("heartbeats", [{"record": 9, "members": []}]),
        )
    ):
        shown = "an altered form" if callable(value) else json.dumps(value, ensure_ascii=False)[:40]
        yield "members", f"{number}: {path} = {shown}", "record", "bad_member", _put(path, value)
    for path in (
        "kind",
        "checkpoint",
        "log",
        "histories",
        "records",
        "records/0/pin",
        "records/0/envelope/payload",
        "log/nodes",
    ):
        yield "members", f"without {path}", "record", "bad_member", _drop(path)

    def twice(bundle: dict[str, Any]) -> None:
        bundle["histories"].append(bundle["histories"][0])

    yield "members", "a subject twice", "record", "bad_member", twice
    yield "members", "too many nodes an entry", "record", "bad_member", _put("log/nodes", lambda nodes: nodes * 400)
    yield (
        "members",
        "a path over 10",
        "record",
        "bad_member",
        _put("records/0/batch/path", lambda path: (path * 11)[:11]),
    )
    yield "members", "an algorithm without its parts", "record", "bad_member", _drop("records/0/envelope/algorithm")


def _note_changes() -> Iterator[tuple[str, str, str, str, Change]]:
    for name, edit in (
        ("CRLF", lambda text: text.replace("\n", "\r\n")),
        ("no empty line", lambda text: text.replace("\n\n", "\n")),
        ("two empty lines", lambda text: text.replace("\n\n", "\n\n\n")),
        ("size 007", lambda text: text.replace("\n10\n", "\n007\n")),
        ("size 2^63", lambda text: text.replace("\n10\n", f"\n{1 << 63}\n")),
        ("a root of 31 bytes", lambda text: text.replace(text.split("\n")[2], base64.b64encode(bytes(31)).decode())),
        ("an extension twice", lambda text: text.replace("\nblock", "\nchain 13370\nblock")),
        (
            "extensions out of order",
            lambda text: "\n".join(text.split("\n")[i] for i in (0, 1, 2, 4, 3, *range(5, len(text.split("\n"))))),
        ),
        ("an extension twice at the end", lambda text: text.replace("\n\n", "\nchain 13370\n\n")),
        ("a control character", lambda text: text.replace("chain", "ch\u0001ain")),
        ("over 64 KiB", lambda text: text + "— x.example/y AAAAAAA=\n" * 4000),
        ("a signature line without a dash", lambda text: text.replace("—", "-")),
        ("a last line without its end", lambda text: text[:-1]),
        ("nothing", lambda _text: ""),
    ):
        yield "checkpoint", name, "record", "checkpoint_malformed", _put("checkpoint", edit)
    for name, edit in (
        ("another size", lambda text: text.replace("\n10\n", "\n11\n")),
        ("another block", lambda text: text.replace("block 10 ", "block 11 ")),
        ("no line of the log", lambda text: text[: text.index("\n\n") + 2] + "— x.example/y AAAAAAA=\n"),
        ("a line under another key id", lambda text: text.replace(text[text.rindex(" ") + 1 :][:6], "AAAAAA")),
    ):
        yield "checkpoint", name, "record", "log_signature_bad", _put("checkpoint", edit)
    yield "checkpoint", "the bundle names another chain", "record", "log_unknown", _put("chain_id", "1")


def _log_changes() -> Iterator[tuple[str, str, str, str, Change]]:
    def swap(bundle: dict[str, Any]) -> None:
        entries = bundle["log"]["entries"]
        entries[0], entries[1] = entries[1], entries[0]

    def repeat(bundle: dict[str, Any]) -> None:
        bundle["log"]["entries"].insert(1, bundle["log"]["entries"][0])

    def exchange(bundle: dict[str, Any]) -> None:
        entries = bundle["log"]["entries"]
        entries[0][1], entries[1][1] = entries[1][1], entries[0][1]

    yield "log", "entries out of order", "record", "bad_member", swap
    yield "log", "an entry twice", "record", "entry_not_in_log", repeat
    yield "log", "two entries exchanged", "record", "entry_not_in_log", exchange
    for name, edit in (
        ("one node short", lambda nodes: nodes[:-1]),
        ("one node over", lambda nodes: [*nodes, nodes[0]]),
        ("nodes reversed", lambda nodes: nodes[::-1]),
        ("no nodes", lambda _nodes: []),
        ("another node", lambda nodes: [base64.b64encode(bytes(32)).decode(), *nodes[1:]]),
    ):
        yield "log", name, "record", "entry_not_in_log", _put("log/nodes", edit)
    yield (
        "log",
        "an index past the size",
        "record",
        "entry_not_in_log",
        _put("log/entries", lambda rows: [*rows[:-1], ["10", rows[-1][1]]]),
    )
    yield (
        "log",
        "an index of 2^63",
        "record",
        "entry_not_in_log",
        _put("log/entries", lambda rows: [*rows[:-1], [str(1 << 63), rows[-1][1]]]),
    )
    yield "log", "a pin that is not shown", "record", "pin_foreign", _put("records/0/pin", "2")
    yield "log", "a pin that is another event", "record", "pin_foreign", _put("records/0/pin", "0")
    flips = (("version", 0), ("chain id", 8), ("block hash", 20), ("address", 70), ("topic", 100), ("data", -1))
    for name, place in flips:
        code = "bad_member" if name == "version" else "entry_not_in_log"
        yield "log", f"a bit of the entry's {name}", "record", code, _put("log/entries/0/1", _flipped(place))
    yield (
        "log",
        "an entry cut short",
        "record",
        "bad_member",
        _put("log/entries/0/1", lambda text: _b64(_bytes(text)[:-1])),
    )
    yield (
        "log",
        "an entry one byte longer",
        "record",
        "bad_member",
        _put("log/entries/0/1", lambda text: _b64(_bytes(text) + b"\0")),
    )


def _history_changes() -> Iterator[tuple[str, str, str, str, Change]]:
    yield "histories", "skipped too small", "record", "history_incomplete", _put("histories/0/skipped", "1")
    yield (
        "histories",
        "another head before",
        "history",
        "history_incomplete",
        _put("histories/0/before", _b64(b"\1" * 32)),
    )
    yield "histories", "an entry that is not shown", "record", "history_incomplete", _put("histories/0/entries", ["2"])
    yield (
        "histories",
        "an entry about another",
        "record",
        "history_incomplete",
        _put("histories/0/entries", lambda _: ["1"]),
    )
    yield (
        "histories",
        "an entry twice",
        "record",
        "history_incomplete",
        _put("histories/0/entries", lambda rows: rows * 2),
    )
    yield (
        "histories",
        "a sibling short",
        "record",
        "history_incomplete",
        _put("histories/0/path", lambda path: path[1:]),
    )
    yield "histories", "no siblings", "record", "history_incomplete", _put("histories/0/path", [])
    yield (
        "histories",
        "siblings reversed",
        "record",
        "history_incomplete",
        _put("histories/0/path", lambda path: [one for one in path if one][::-1]),
    )
    yield "histories", "another topic", "record", "history_incomplete", _put("histories/0/topic", "0x" + "11" * 32)
    yield "histories", "another contract", "record", "history_incomplete", _put("histories/0/address", "0x" + "11" * 20)
    yield (
        "histories",
        "absent and of another topic",
        "history absent",
        "bad_member",
        _put("histories/0/topic", "0x" + "11" * 32),
    )
    yield "histories", "the other key is the asked one", "history absent", "bad_member", _own_key
    yield (
        "histories",
        "the other's count",
        "history absent",
        "history_incomplete",
        _put("histories/0/other/1", lambda text: str(int(text) + 1)),
    )
    yield "histories", "claims to be absent", "history absent", "history_incomplete", _put("histories/0/other", None)
    for name, path, value in (
        ("a share", "lots/0/records/0/1", lambda text: str(int(text) + 1)),
        ("a record hash", "lots/0/records/0/0", lambda _: _b64(bytes(32))),
        ("a sibling", "lots/0/path", lambda path: [*path[:-1], _b64(bytes(32))] if path else [_b64(b"\1" * 32)]),
        ("its records doubled", "lots/0/records", lambda rows: rows * 2),
    ):
        yield "histories", f"a lot proof with another: {name}", "lot", "left_out", _put(path, value)
    yield "histories", "a lot proof of an older pin", "lot", "left_out", _put("lots/1/pin", "8")


def _own_key(bundle: dict[str, Any]) -> None:
    from ledger_node.domain.subject_map import subject_key

    row = bundle["histories"][0]
    row["other"][0] = _b64(subject_key(bytes.fromhex(row["address"][2:]), bytes.fromhex(row["topic"][2:])))


def _batch_changes() -> Iterator[tuple[str, str, str, str, Change]]:
    def neighbours(bundle: dict[str, Any]) -> None:
        first, second = bundle["records"][0]["batch"]["path"][:2]
        first[1], second[1] = str(int(first[1]) + 1), str(int(second[1]) - 1)

    def exchanged(bundle: dict[str, Any]) -> None:
        record = bundle["records"][0]
        record["amount"], record["mass"] = record["mass"], record["amount"]

    yield "batch", "a neighbour one more, another one less", "record", "record_not_in_batch", neighbours
    yield "batch", "amount and mass exchanged", "record", "sum_not_of_record", exchanged
    for path, value, code in (
        ("records/0/amount", "3651", "sum_not_of_record"),
        ("records/0/mass", "1826", "sum_not_of_record"),
        ("records/0/batch/count", 0, "record_not_in_batch"),
        ("records/0/batch/count", 4, "record_not_in_batch"),
        ("records/0/batch/count", 6, "record_not_in_batch"),
        ("records/0/batch/index", 5, "record_not_in_batch"),
        ("records/0/batch/index", 0, "record_not_in_batch"),
        ("records/0/batch/path", [], "record_not_in_batch"),
        ("records/0/receivedAtMs", NOON_MS + 251, "record_not_in_batch"),
        ("records/0/reason", 1, "record_not_in_batch"),
        ("records/0/verdict", 2, "record_not_in_batch"),
        ("records/0/batch/path/0/1", str((1 << 128) - 1), "record_not_in_batch"),
        ("records/0/batch/path/0/0", _b64(bytes(32)), "record_not_in_batch"),
    ):
        yield "batch", f"{path} = {str(value)[:24]}", "record", code, _put(path, value)
    for name, edit in (
        ("short", lambda path: path[:-1]),
        ("over", lambda path: [*path, path[0]]),
        ("reversed", lambda path: path[::-1]),
    ):
        yield "batch", f"a path {name}", "record", "record_not_in_batch", _put("records/0/batch/path", edit)


def _signature_changes() -> Iterator[tuple[str, str, str, str, Change]]:
    for member, value, code in (
        ("payload/amount_minor", 3651, "payload_altered"),
        ("payload/item_name", "tuna", "signature_bad"),
        ("sequence", 99, "signature_bad"),
        ("observedAtMs", NOON_MS + 1, "signature_bad"),
        ("value", "3651", "payload_altered"),
        ("exponent", -3, "signature_bad"),
        ("unit", "EUR", "signature_bad"),
        ("previousHash", "0x" + "00" * 31 + "01", "signature_bad"),
    ):
        yield "signature", f"{member} altered", "record", code, _put(f"records/0/envelope/{member}", value)
    order = SECP256K1_ORDER

    def secp(edit: Callable[[bytes], bytes]) -> Change:
        return _put("records/0/envelope/signature", lambda text: "0x" + edit(bytes.fromhex(text[2:])).hex())

    def high_s(signature: bytes) -> bytes:
        s = int.from_bytes(signature[32:64], "big")
        return signature[:32] + (order - s).to_bytes(32, "big") + bytes([55 - signature[64]])

    for name, edit in (
        ("high s", high_s),
        ("r = 0", lambda one: bytes(32) + one[32:]),
        ("s = 0", lambda one: one[:32] + bytes(32) + one[64:]),
        ("r = n", lambda one: order.to_bytes(32, "big") + one[32:]),
        ("s = n", lambda one: one[:32] + order.to_bytes(32, "big") + one[64:]),
        ("v = 0", lambda one: one[:64] + b"\0"),
        ("v = 1", lambda one: one[:64] + b"\1"),
        ("v = 29", lambda one: one[:64] + b"\x1d"),
        ("the other v", lambda one: one[:64] + bytes([55 - one[64]])),
        ("a bit of r", lambda one: bytes([one[0] ^ 1]) + one[1:]),
    ):
        yield "signature", f"secp256k1: {name}", "record", "signature_bad", secp(edit)
        if name in ("r = 0", "s = 0", "a bit of r"):
            cut = lambda one, edit=edit: edit(one + b"\0")[:64]  # noqa: E731
            yield "signature", f"P-256: {name}", "record p256", "signature_bad", secp(cut)

    def larger_s(signature: bytes) -> bytes:
        s = int.from_bytes(signature[32:], "little") + ED25519_ORDER
        return signature[:32] + s.to_bytes(32, "little")

    yield "signature", "Ed25519: s not below L", "record ed25519", "signature_bad", secp(larger_s)
    yield (
        "signature",
        "Ed25519: a bit of R",
        "record ed25519",
        "signature_bad",
        secp(lambda one: bytes([one[0] ^ 1]) + one[1:]),
    )
    for member, value in (
        ("index", 0),
        ("index", 5),
        ("count", 6),
        ("path", []),
        ("sequence", 42),
        ("root", "0x" + "00" * 32),
    ):
        yield (
            "signature",
            f"bundle: {member} = {str(value)[:8]}",
            "record by gateway",
            "signature_bad",
            _put(f"records/0/envelope/bundle/{member}", value),
        )


def _shown_changes() -> Iterator[tuple[str, str, str, str, Change]]:
    opening = {"pointer": "/records/0/envelope/payload/merchant_ref", "value": "A-17", "blinding": _b64(bytes(32))}
    yield "shown", "a value behind no commitment", "record", "opening_wrong", _put("openings", [opening])
    nowhere = opening | {"pointer": "/records/0/envelope/payload/none"}
    yield "shown", "a pointer to nothing", "record", "opening_wrong", _put("openings", [nowhere])
    content = {
        "cid": "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy",
        "length": 5,
        "media_type": "image/jpeg",
        "sha256": _b64(bytes(32)),
    }
    yield "shown", "a file whose CID is another's", "record", "content_altered", _put("contents", [content])
    unnamed = content | {
        "cid": "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi",
        "sha256": _b64(sha256(b"photo")),
    }
    yield "shown", "a file that no record names", "record", "content_altered", _put("contents", [unnamed])
    yield (
        "shown",
        "a time stamp of something else",
        "record",
        "timestamp_bad",
        _put("timestamps", [_b64(b"\x30\x03\x02\x01\x01")]),
    )


def _consistency_changes() -> Iterator[tuple[str, str, str, str, Change]]:
    for name, edit in (
        ("a hash short", lambda path: path[:-1]),
        ("a hash over", lambda path: [*path, path[0]]),
        ("no hashes", lambda _path: []),
        ("another hash", lambda path: [*path[:-1], _b64(bytes(32))]),
    ):
        yield "consistency", name, "consistency", "bad_member", _put("consistency", edit)

    def turned(bundle: dict[str, Any]) -> None:
        bundle["checkpoint"], bundle["old_checkpoint"] = bundle["old_checkpoint"], bundle["checkpoint"]

    def equal(bundle: dict[str, Any]) -> None:
        bundle["old_checkpoint"] = bundle["checkpoint"]

    yield "consistency", "from larger to smaller", "consistency", "bad_member", turned
    yield "consistency", "equal sizes with a path", "consistency", "bad_member", equal
    yield (
        "consistency",
        "an old note that cannot be read",
        "consistency",
        "checkpoint_malformed",
        _put("old_checkpoint", "x"),
    )


def text_changes(record: bytes) -> Iterator[tuple[str, str, bytes]]:
    """(name, code, bytes) of files that are no canonical JSON."""
    yield "empty", "malformed", b""
    yield "cut short", "malformed", record[: len(record) // 2]
    yield "without its last bracket", "malformed", record[:-2]
    yield "not UTF-8", "malformed", record[:100] + b"\xff" + record[100:]
    yield "a byte order mark", "malformed", b"\xef\xbb\xbf" + record
    yield "NUL at the end", "malformed", record + b"\0"
    yield "trailing data", "malformed", record + b"{}"
    yield "nesting of 17", "malformed", b"[" * 17 + b"]" * 17
    yield "nesting of 10,000", "malformed", b"[" * 10_000 + b"]" * 10_000
    yield "NaN", "malformed", record.replace(b'"verdict":1', b'"verdict":NaN')
    yield "a leading zero", "malformed", record.replace(b'"verdict":1', b'"verdict":01')
    yield "two newlines", "not_canonical", record + b"\n"
    yield "a space first", "not_canonical", b" " + record
    yield "a space within", "not_canonical", record.replace(b'"verdict":1', b'"verdict": 1')
    for number in (b"1.0", b"1e0", b"1E400", b"-0"):
        yield f"verdict {number.decode()}", "not_canonical", record.replace(b'"verdict":1', b'"verdict":' + number)
    yield "2^53 + 1", "not_canonical", record.replace(b'"verdict":1', b'"verdict":9007199254740993')
    yield "2^53", "bad_member", record.replace(b'"verdict":1', b'"verdict":9007199254740992')
    yield "an escape that is not needed", "not_canonical", record.replace(b'"kind":"record"', b'"kind":"rec\\u006frd"')
    yield "a lone surrogate", "not_canonical", record.replace(b'"kind":"record"', b'"kind":"\\ud800"')
    yield "an escaped slash", "not_canonical", record.replace(b"market/zpk", b"market\\/zpk", 1)
    yield "a name twice", "not_canonical", record.replace(b'{"amount":', b'{"amount":"0","amount":', 1)
    yield "names in another order", "not_canonical", b'{"tidemark_proof":1,"kind":"record"}'
    yield "a list", "bad_member", b"[]"
    yield "a number", "bad_member", b"1"
    yield "an empty object", "bad_member", b"{}"


def all_bases() -> tuple[dict[str, Base], dict[str, str | None]]:
    """Every base, and what must come of it unaltered."""
    bases = good_bases()
    codes: dict[str, str | None] = dict.fromkeys(bases)
    for name, code, base in told_bases():
        assert name not in bases, name
        bases[name], codes[name] = base, code
    return bases, codes


def all_cases(bases: Mapping[str, Base], codes: Mapping[str, str | None]) -> list[Case]:
    """Every case."""
    cases = [Case("whole", name, name, base.data, codes[name]) for name, base in bases.items()]
    for group, name, base, code, change in json_changes():
        bundle = json.loads(bases[base].data)
        change(bundle)
        cases.append(Case(group, name, base, rfc8785.dumps(bundle), code))
    for name, code, data in text_changes(bases["record"].data):
        cases.append(Case("text", name, "record", data, code))
    return cases


def splice(base: bytes, changed: bytes) -> list[Any]:
    """[from, to, base64]: what to put in the place of base[from:to]."""
    start = 0
    while start < min(len(base), len(changed)) and base[start] == changed[start]:
        start += 1
    end = 0
    while end < min(len(base), len(changed)) - start and base[-1 - end] == changed[-1 - end]:
        end += 1
    return [start, len(base) - end, _b64(changed[start : len(changed) - end])]


def vector_files() -> dict[str, str]:
    """File name → text."""
    bases, codes = all_bases()
    groups: dict[str, list[dict[str, Any]]] = {}
    for case in all_cases(bases, codes):
        given: dict[str, Any] = {"base": case.base}
        if case.data != bases[case.base].data:
            given["splice"] = splice(bases[case.base].data, case.data)
        expected = {"ok": True} if case.code is None else {"code": case.code}
        row = {"name": case.name, "kind": "bundle", "input": given, **expected}
        groups.setdefault(case.group, []).append(row)
    networks = sorted({base.network.to_bytes().decode() for base in bases.values()})
    rows = {
        name: {
            "bundle": base.data.decode(),
            "network": networks.index(base.network.to_bytes().decode()),
            "now": int(base.now.timestamp()),
            "kept": base.kept,
        }
        for name, base in bases.items()
    }
    files = {f"{group}.json": _text(rows) for group, rows in groups.items()}
    return files | {"bases.json": _text({"networks": networks, "bases": rows})}


def write() -> None:
    """Writes all files."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in vector_files().items():
        (FOLDER / name).write_text(text, "utf-8")


def read_cases() -> list[tuple[str, bytes, Base, str | None]]:
    """(name, bundle, base, code) of every stored case."""
    stored = json.loads((FOLDER / "bases.json").read_text("utf-8"))
    networks = [Network.parse(text.encode()) for text in stored["networks"]]
    bases = {
        name: Base(
            row["bundle"].encode(), networks[row["network"]], datetime.fromtimestamp(row["now"], UTC), row["kept"]
        )
        for name, row in stored["bases"].items()
    }
    cases = []
    for path in sorted(FOLDER.glob("*.json")):
        if path.name == "bases.json":
            continue
        for row in json.loads(path.read_text("utf-8")):
            base = bases[row["input"]["base"]]
            cases.append(
                (f"{path.stem}: {row['name']}", _spliced(base.data, row["input"].get("splice")), base, row.get("code"))
            )
    return cases


def _spliced(base: bytes, part: list[Any] | None) -> bytes:
    return base if part is None else base[: part[0]] + base64.b64decode(part[2]) + base[part[1] :]


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _b64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text)


def _flipped(place: int) -> Callable[[str], str]:
    def flip(text: str) -> str:
        data = bytearray(_bytes(text))
        data[place] ^= 1
        return _b64(bytes(data))

    return flip


__all__ = ["Case", "a_witness", "all_cases", "read_cases", "ulid", "vector_files", "write"]

if __name__ == "__main__":
    write()
