"""A small market in memory, whole: keys, events, pins, log, checkpoint, and bundles about it.

`World` records what happens; `draft` starts a bundle against a checkpoint over all of it; `write` puts the same market
into a node's three databases, where the real checkpoint log and the real builder find it.
"""

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from eth_abi.abi import encode

from ledger_node.checkpoint.log import CheckpointLog, CheckpointSettings
from ledger_node.domain import lot_map, merkle, sum_tree
from ledger_node.domain.canonical_json import canonical_bytes
from ledger_node.domain.checkpoint_note import WITNESS_KEY_TYPE, Note, NoteSigner, SignedNote, sign_note
from ledger_node.domain.clock import Clock
from ledger_node.domain.device import NO_ASSIGNMENT, DeviceState, DeviceStatus, KeyEpoch, Metrology
from ledger_node.domain.device_key import KeyType, SoftwareKey
from ledger_node.domain.digest import keccak256, sha256
from ledger_node.domain.envelope import ALGORITHMS, BundlePart, Envelope
from ledger_node.domain.identifier import trace_code
from ledger_node.domain.log_entry import LogEntry
from ledger_node.domain.lot_map import LotMap
from ledger_node.domain.network import Contract, Network
from ledger_node.domain.payload import KINDS, facts
from ledger_node.domain.record import (
    ZERO_HASH,
    Verdict,
    bundle_digest,
    bundle_path,
    bundle_root,
    name_hash,
    record_hash,
)
from ledger_node.domain.subject_map import SubjectMap, SubjectState, changed_states, subject_key
from ledger_node.proof.assemble import BundleDraft
from ledger_node.proof.bundle import BundleKind
from ledger_node.proof.events import event_forms
from ledger_node.store.database import Stores
from ledger_node.store.journal import Batch, LotMention, Record, RecordLot, Reverdict, SalesDay
from ledger_node.store.log_reader import SubjectProof, SubjectStep
from ledger_node.store.projections import Block, Event, Pin

CHAIN_ID = 13370
NOON_MS = 1_795_000_020_000
NOON_S = NOON_MS // 1000
MADE_AT = datetime.fromtimestamp(NOON_S + 3600, UTC)
ORIGIN = "tidemark.example/tidemark/demo/1"
MARKET = "market/zpk"
SCALE, TESTER, GATEWAY, PROBE, LEDGER = (
    f"urn:tidemark:device:zpk-{name}" for name in ("scale-001", "tester-01", "gw-01", "probe-01", "ledger")
)
LOT = "https://id.gs1.org/01/09506000134352/10/L2026-0301"
OTHER_LOT = "https://id.gs1.org/01/09506000134352/10/L2026-0302"
NOUNS = ("access", "party", "device", "trace", "lot", "attestation", "eas", "schema")
COMMITMENT = "0x" + "5a" * 32
_STATE = (
    "(uint32,uint64,uint64,uint16,uint8,uint8,(bytes32,uint64,uint64,uint64,uint8)[],bytes[],(uint64,uint64,uint16)[],"
    "(bytes32,bytes32,uint64),(bytes32,bytes32,bytes32,bytes32,uint32,uint64,uint64)[])"
)
_HEADER = "(bytes32,bytes32,uint32,uint128,uint128,uint64,uint64,uint64,bytes32,bytes32,bytes32)"


def a_key(name: str, key_type: KeyType = KeyType.SECP256K1) -> SoftwareKey:
    """The key that `name` stands for."""
    return SoftwareKey(key_type, keccak256(name.encode()))


def a_network(policy: str | None = None) -> Network:
    """The demo network with made-up addresses."""
    contracts = tuple(
        Contract(noun, keccak256(noun.encode())[:20], keccak256(noun.encode() + b" code")) for noun in NOUNS
    )
    log = NoteSigner(ORIGIN, sha256(b"log key"))
    return Network("demo", CHAIN_ID, sha256(b"genesis"), contracts, policy or f"log {log.key.vkey()}\nquorum none\n")


def a_witness(label: str) -> NoteSigner:
    """A witness's signer."""
    return NoteSigner(f"{label}.example/w1", sha256(label.encode()), WITNESS_KEY_TYPE)


def a_witnessed_network(threshold: int = 2, labels: Sequence[str] = ("one", "two", "three")) -> Network:
    """The demo network with witnesses."""
    log = NoteSigner(ORIGIN, sha256(b"log key"))
    lines = [f"log {log.key.vkey()}", *(f"witness {label} {a_witness(label).key.vkey()}" for label in labels)]
    return a_network("\n".join([*lines, f"group all {threshold} {' '.join(labels)}", "quorum all", ""]))


def a_verification(*, from_at: int = NOON_S - 86_400, until_at: int = NOON_S + 300 * 86_400) -> Metrology:
    """A scale's verification around noon."""
    return Metrology(
        *(sha256(part) for part in (b"seal", b"certificate", b"firmware", b"calibration")), 7, from_at, until_at
    )


def a_state(key: SoftwareKey, *, device_class: int = 1, trust: int = 2, **changes: Any) -> DeviceState:
    """An active device enrolled the day before with one key."""
    epoch = KeyEpoch(key.key_hash, NOON_S - 86_400, 0, 0, key.key_type, key.public_key)
    state = DeviceState(
        owner=3,
        enrolled_at=NOON_S - 86_400,
        revoked_from=0,
        device_class=device_class,
        trust=trust,
        status=DeviceStatus.ACTIVE,
        keys=(epoch,),
        assignment=NO_ASSIGNMENT,
        verifications=(a_verification(),) if device_class == 1 else (),
    )
    return replace(state, **changes)


def ulid(number: int) -> str:
    """A ULID."""
    return f"01J0000000000000000000{number:04d}"


def a_sale(number: int = 1, **changes: Any) -> dict[str, Any]:
    """The payload of a sale of 1,825 g for 36.50."""
    payload = {
        "sale_id": ulid(number),
        "ticket_id": ulid(number),
        "market_id": "zpk",
        "merchant_ref": COMMITMENT,
        "place_ref": COMMITMENT,
        "item_code": "AM02005",
        "item_name": "海鲈 sea bass",
        "lots": [{"lot_id": LOT, "net_grams": 1825}],
        "gross_grams": 1840,
        "tare_grams": 15,
        "net_grams": 1825,
        "division_grams": 5,
        "stable": True,
        "zeroed": True,
        "unit_price_minor_per_kilogram": 2000,
        "amount_minor": 3650,
        "discount_minor": 0,
        "rounding_minor": 0,
        "currency": "CNY",
        "pay_method": "wechat",
        "recognised_by": "ai",
        "confidence_permille": 930,
        "trace_code": trace_code(number.to_bytes(10, "big")),
    }
    return payload | changes


def a_test(number: int = 1, **changes: Any) -> dict[str, Any]:
    """The payload of a passed test of the lot."""
    payload = {
        "test_id": ulid(5000 + number),
        "lot_id": LOT,
        "sampled_at": "2026-11-18T07:30:00+08:00",
        "tested_at": "2026-11-18T07:40:00+08:00",
        "reported_at": "2026-11-18T07:45:00+08:00",
        "project": "malachite green",
        "method_code": "GB/T 5009.199",
        "limit_standard": "GB 31650",
        "blank_ok": True,
        "control_ok": True,
        "result_kind": "qualitative",
        "result": 1,
    }
    return payload | changes


def a_void(of: int = 1, **changes: Any) -> dict[str, Any]:
    """The payload that takes sale `of` back."""
    payload = {
        "of": ulid(of),
        "reason": "wrong fish",
        "amount_minor": 3650,
        "net_grams": 1825,
        "currency": "CNY",
        "lots": [{"lot_id": LOT, "net_grams": 1825}],
    }
    return payload | changes


@dataclass
class Kept:
    """A record as the journal keeps it, with its batch once sealed."""

    envelope: Envelope
    received_at_ms: int
    verdict: int
    reason: int
    record_hash: bytes
    batch: "Sealed | None" = None
    index: int = 0

    @property
    def numbers(self) -> tuple[int, int]:
        """What the leaf carries."""
        if not Verdict(self.verdict).is_counted:
            return 0, 0
        found = facts(self.envelope.kind, self.envelope.payload_object())
        return found.amount_minor, found.mass_grams

    @property
    def leaf(self) -> sum_tree.Node:
        """The record's leaf."""
        return sum_tree.leaf(self.record_hash, *self.numbers)

    @property
    def lots(self) -> tuple[tuple[bytes, int], ...]:
        """The lots it names."""
        return facts(self.envelope.kind, self.envelope.payload_object()).lots


@dataclass
class Sealed:
    """A batch and the log index of its pin."""

    stream: str
    sequence: int
    records: list[Kept]
    root: sum_tree.Node
    lots: bytes
    position: int
    first_position: int


@dataclass
class Device:
    """A device with its key and its chain."""

    name: str
    key: SoftwareKey
    state: DeviceState
    sequence: int = 0
    previous: bytes = ZERO_HASH


class MemoryLog:
    """The log and its subject map over a list of entries: what the draft's two ports ask."""

    def __init__(self, entries: Sequence[LogEntry]) -> None:
        self.list = list(entries)
        self.leaves = [entry.leaf_hash for entry in entries]
        self.map = SubjectMap()
        self.steps: dict[bytes, list[SubjectStep]] = {}
        for index, entry in enumerate(entries):
            changed = changed_states([(index, entry)], self.map.states)
            self.map.put(changed)
            for key, state in changed.items():
                self.steps.setdefault(key, []).append(SubjectStep(index, state))

    def entries(self, positions: Iterable[int]) -> Mapping[int, bytes]:
        return {position: self.list[position].encode() for position in positions}

    def nodes_proof(self, positions: Sequence[int], size: int) -> list[bytes]:
        return merkle.nodes(self.leaves[:size], positions)

    def history(self, key: bytes, size: int, *, skip: int = 0) -> Sequence[SubjectStep]:
        return self.steps.get(key, [])[skip:]

    def state_before(self, key: bytes, number: int) -> SubjectState:
        return self.steps[key][number - 1].state if number else SubjectState()

    def consistency(self, old_size: int, new_size: int) -> list[bytes]:
        return merkle.consistency(self.leaves[:new_size], old_size)

    def proof(self, key: bytes, size: int) -> SubjectProof:
        found = self.map.proof(key)
        other = None if found.other_key is None else (found.other_key, self.map.states[found.other_key])
        return SubjectProof(key, self.map.states.get(key), found.siblings, other)


@dataclass
class World:
    """What happened so far. Every event is in a block of its own, five seconds after the one before."""

    network: Network = field(default_factory=a_network)
    entries: list[LogEntry] = field(default_factory=list)
    devices: dict[str, Device] = field(default_factory=dict)
    waiting: dict[str, list[Kept]] = field(default_factory=dict)
    sealed: dict[str, list[Sealed]] = field(default_factory=dict)
    lot_maps: dict[str, LotMap] = field(default_factory=dict)
    block_time: int = NOON_S - 3600
    signer: NoteSigner = field(default_factory=lambda: NoteSigner(ORIGIN, sha256(b"log key")))

    def emit(self, noun: str, name: str, *arguments: Any, at: int | None = None, address: bytes | None = None) -> int:
        """Puts an event on the chain; its index in the log."""
        form = next(one for one in event_forms().values() if one.name == name)
        kinds = _split(form.signature)
        topics = [encode([kind], [value]) for kind, value in zip(kinds, arguments[: form.indexed], strict=False)]
        self.block_time = at if at is not None else self.block_time + 5
        number = 1 + len(self.entries)
        self.entries.append(
            LogEntry.of_event(
                chain_id=self.network.chain_id,
                block_number=number,
                block_hash=sha256(b"block %d" % number),
                block_time=self.block_time,
                transaction_index=0,
                log_index=0,
                address=address or self.network.contract(noun).address,
                topics=(form.topic, *topics),
                data=encode(kinds[form.indexed :], arguments[form.indexed :]),
            )
        )
        return len(self.entries) - 1

    def enrol(self, name: str, key: SoftwareKey | None = None, **state: Any) -> Device:
        """Enrols a device."""
        used = key or a_key(name)
        device = Device(name, used, a_state(used, **state))
        self.devices[name] = device
        self.emit("device", "DeviceEnrolled", name_hash(name), abi_state(device.state))
        return device

    def change(self, name: str, event: str, **changes: Any) -> None:
        """A later event of a device, with the state after it."""
        device = self.devices[name]
        device.state = replace(device.state, **changes)
        extra = (COMMITMENT_BYTES,) if event == "DeviceAssigned" else ()
        self.emit("device", event, name_hash(name), *extra, abi_state(device.state))

    def open(self, *kinds: str, flags: int = 0) -> None:
        """Opens streams of the market."""
        for kind in kinds:
            stream = f"{MARKET}/{kind}"
            self.sealed[stream] = []
            self.emit("trace", "StreamOpened", name_hash(stream), 3, name_hash(MARKET), bytes(20), flags)

    def sign(self, device: str, kind: str, payload: dict[str, Any], **changes: Any) -> Envelope:
        """A record signed by the device's own key, or as `changes` say before it is signed."""
        signer = self.devices[device]
        signer.sequence += 1
        fixed = KINDS[kind]
        data = canonical_bytes(payload)
        value = payload.get(
            "amount_minor", payload.get("result", payload.get("net_minor", payload.get("net_grams", 0)))
        )
        if fixed.stream_kind in ("device", "event", "document") or kind in ("hold", "release"):
            value = 0
        envelope = Envelope(
            v=1,
            device=device,
            stream=f"{MARKET}/{fixed.stream_kind}",
            sequence=signer.sequence,
            observed_at_ms=NOON_MS,
            kind=kind,
            value=value,
            exponent=-2 if fixed.exponent is None else fixed.exponent,
            unit=fixed.unit or "CNY",
            previous_hash=signer.previous,
            payload=data,
            payload_hash=keccak256(data),
            algorithm=ALGORITHMS[signer.key.key_type],
            signature=b"",
        )
        envelope = replace(envelope, **changes)
        signer.previous = envelope.digest(self.network.signing_domain)
        return replace(envelope, signature=envelope.signature or signer.key.sign(signer.previous))

    def keep(self, envelope: Envelope, *, verdict: int = 1, reason: int = 0, received_at_ms: int | None = None) -> Kept:
        """Journals a record; it waits to be sealed."""
        received = envelope.observed_at_ms + 250 if received_at_ms is None else received_at_ms
        digest = envelope.digest(self.network.signing_domain)
        kept = Kept(
            envelope, received, verdict, reason, record_hash(digest, envelope.signature, received, verdict, reason)
        )
        self.waiting.setdefault(envelope.stream, []).append(kept)
        return kept

    def sell(self, number: int = 1, *, device: str = SCALE, **changes: Any) -> Kept:
        """A sale by the scale."""
        return self.keep(self.sign(device, "sale", a_sale(number, **changes)))

    def bundle_up(self, envelopes: Sequence[Envelope], gateway: str = GATEWAY) -> list[Envelope]:
        """Records signed together by a gateway."""
        signer, domain = self.devices[gateway], self.network.signing_domain
        digests = [envelope.digest(domain) for envelope in envelopes]
        part = {
            "gateway": gateway,
            "sequence": 41,
            "bundled_at_ms": NOON_MS + 500,
            "count": len(digests),
            "root": bundle_root(digests),
            "previous_hash": ZERO_HASH,
        }
        digest = bundle_digest(domain, **part)
        signature = digest + signer.key.sign(digest)
        return [
            replace(
                envelope,
                algorithm="bundle",
                signature=signature,
                bundle=BundlePart(**part, index=index, path=tuple(bundle_path(digests, index))),
            )
            for index, envelope in enumerate(envelopes)
        ]

    def seal(self, kind: str, *, at: int = NOON_S + 2, header: Mapping[str, Any] | None = None) -> Sealed:
        """Seals what waits in a stream and pins it; nothing waiting gives a heartbeat pin."""
        stream = f"{MARKET}/{kind}"
        records = self.waiting.pop(stream, [])
        earlier = self.sealed.setdefault(stream, [])
        lots = self.lot_maps.setdefault(stream, LotMap())
        for kept in records:
            lots.add(kept.record_hash, kept.lots)
        root = sum_tree.root([kept.leaf for kept in records])
        values = {
            "root": root.hash,
            "previous": earlier[-1].root.hash if earlier else sum_tree.EMPTY.hash,
            "count": len(records),
            "amount": root.amount,
            "mass": root.mass,
            "first_at": NOON_S,
            "last_at": NOON_S,
            "sealed_at": at - 1,
            "content": sha256(b"batch") if records else ZERO_HASH,
            "lots": lots.root(),
            "rules": sha256(b"rules"),
        } | dict(header or {})
        sequence = len(earlier) + 1
        position = self.emit("trace", "Pinned", name_hash(stream), sequence, tuple(values.values()), at=at)
        first = earlier[-1].first_position + len(earlier[-1].records) if earlier else 1
        sealed = Sealed(stream, sequence, records, root, lots.root(), position, first)
        earlier.append(sealed)
        for index, kept in enumerate(records):
            kept.batch, kept.index = sealed, index
        return sealed

    def note(self, *, witnesses: Sequence[str] = (), time: int | None = None, **changes: Any) -> SignedNote:
        """A signed checkpoint over everything so far."""
        log = MemoryLog(self.entries)
        block = len(self.entries)
        note = Note(
            origin=ORIGIN,
            size=len(self.entries),
            root=merkle.root(log.leaves),
            chain_id=self.network.chain_id,
            block=block,
            block_hash=sha256(b"block %d" % block),
            subjects=log.map.root(),
        )
        signed = sign_note(replace(note, **changes), self.signer)
        at = int(MADE_AT.timestamp()) if time is None else time
        lines = tuple(a_witness(label).cosign(signed.text, time=at) for label in witnesses)
        return replace(signed, lines=signed.lines + lines)

    def draft(self, kind: BundleKind = BundleKind.RECORD, *, note: SignedNote | None = None) -> BundleDraft:
        """An empty bundle against a checkpoint over everything so far."""
        log = MemoryLog(self.entries)
        return BundleDraft(kind, note or self.note(), log, log)

    def add_record(self, draft: BundleDraft, kept: Kept, *, with_device: bool = True, **changes: Any) -> None:
        """Shows a record with its device's newest state."""
        batch = kept.batch
        assert batch is not None
        amount, mass = kept.numbers
        values: dict[str, Any] = {
            "received_at_ms": kept.received_at_ms,
            "verdict": kept.verdict,
            "reason": kept.reason,
            "amount": amount,
            "mass": mass,
            "count": len(batch.records),
            "index": kept.index,
            "path": sum_tree.path([one.leaf for one in batch.records], kept.index),
            "pin": batch.position,
        }
        envelope = changes.pop("envelope", kept.envelope)
        draft.add_record(envelope, **(values | changes))
        if with_device:
            device = self.network.contract("device").address
            draft.add_history(device, name_hash(kept.envelope.device), newest=1)
            if kept.envelope.bundle is not None:
                draft.add_history(device, name_hash(kept.envelope.bundle.gateway), newest=1)

    def add_lot(self, draft: BundleDraft, lot: str = LOT, kind: str = "test", *, open_records: bool = True) -> None:
        """Shows the lot's attestations, and what a stream says of it."""
        stream = f"{MARKET}/{kind}"
        key = keccak256(lot.encode())
        draft.add_history(self.network.contract("attestation").address, key)
        pins = self.sealed.get(stream, [])
        entries = 1 + max((len(self.entries) for _ in pins[-1:]), default=0)
        newest = 1 if pins else entries
        draft.add_history(self.network.contract("trace").address, name_hash(stream), newest=newest)
        records = [kept for one in pins for kept in one.records if key in (named for named, _ in kept.lots)]
        shares = [(kept.record_hash, dict(kept.lots)[key]) for kept in records]
        lots = self.lot_maps.get(stream, LotMap())
        proof = lots.proof(key)
        other = next((state for name, state in lots.states.items() if lot_map.map_key(name) == proof.other_key), None)
        draft.add_lot(lot, stream, pins[-1].position if pins else None, shares, proof, other)
        if open_records:
            for kept in records:
                self.add_record(draft, kept)

    def bundle(self, kept: Kept, *, note: SignedNote | None = None) -> bytes:
        """The whole bundle for a record: device, lots, tests."""
        draft = self.draft(note=note)
        self.add_record(draft, kept)
        payload = kept.envelope.payload_object()
        lots = [one["lot_id"] for one in payload.get("lots", [])] or [
            payload[name] for name in ("lot_id",) if name in payload
        ]
        for lot in lots:
            self.add_lot(draft, lot, open_records=kept.envelope.kind != "test")
        return draft.to_bytes(made_at=MADE_AT)

    def write(self, stores: Stores, folder: Path, *, steps: int = 40) -> CheckpointLog:
        """Puts the market into a node's databases and lets the checkpoint log take it in."""
        self._write_projections(stores)
        self._write_journal(stores)
        now_ms = int(MADE_AT.timestamp()) * 1000
        clock = Clock(real=lambda: now_ms)
        settings = CheckpointSettings(self.network.chain_id, self.network.name, self.network.policy)
        log = CheckpointLog(stores, folder / "log", folder / "evidence", self.signer, settings, clock)
        for _ in range(steps):
            log.step()
        return log

    def _write_projections(self, stores: Stores) -> None:
        with stores.projections.write() as connection:
            for entry in self.entries:
                topics = [*entry.topics, None, None, None, None][:4]
                number = entry.block_number
                connection.execute(
                    Block.__table__.insert().values(  # type: ignore[attr-defined]
                        number=number,
                        hash=entry.block_hash,
                        parent_hash=sha256(b"block %d" % (number - 1)),
                        time=entry.block_time,
                        final=True,
                    )
                )
                connection.execute(
                    Event.__table__.insert().values(  # type: ignore[attr-defined]
                        chain_id=entry.chain_id,
                        block_number=number,
                        block_hash=entry.block_hash,
                        block_time=entry.block_time,
                        tx_hash=sha256(b"tx %d" % number),
                        tx_index=0,
                        log_index=0,
                        address=entry.address,
                        topic0=topics[0],
                        topic1=topics[1],
                        topic2=topics[2],
                        topic3=topics[3],
                        data=entry.data,
                        noun="trace",
                        name="",
                    )
                )
            for sealed in (one for many in self.sealed.values() for one in many):
                entry = self.entries[sealed.position]
                connection.execute(
                    Pin.__table__.insert().values(  # type: ignore[attr-defined]
                        stream=name_hash(sealed.stream),
                        sequence=sealed.sequence,
                        root=sealed.root.hash,
                        previous_root=ZERO_HASH,
                        count=len(sealed.records),
                        amount=sealed.root.amount,
                        mass=sealed.root.mass,
                        first_at=NOON_S,
                        last_at=NOON_S,
                        sealed_at=NOON_S,
                        content=ZERO_HASH,
                        lots=sealed.lots,
                        rules=ZERO_HASH,
                        block_number=entry.block_number,
                        block_time=entry.block_time,
                        tx_hash=sha256(b"tx"),
                        log_index=0,
                    )
                )

    def _write_journal(self, stores: Stores) -> None:
        ids: dict[bytes, int] = {}
        with stores.journal.write() as connection:
            for sealed in (one for many in self.sealed.values() for one in many):
                for index, kept in enumerate(sealed.records):
                    amount, mass = kept.numbers
                    envelope = kept.envelope
                    row = connection.execute(
                        Record.__table__.insert().values(  # type: ignore[attr-defined]
                            device=envelope.device,
                            sequence=envelope.sequence,
                            digest=envelope.digest(self.network.signing_domain),
                            record_hash=kept.record_hash,
                            stream=envelope.stream,
                            position=sealed.first_position + index,
                            observed_at_ms=envelope.observed_at_ms,
                            received_at_ms=kept.received_at_ms,
                            verdict=kept.verdict,
                            reason=kept.reason,
                            detail="",
                            marks=0,
                            key_epoch=0,
                            kind=envelope.kind,
                            amount_minor=amount,
                            mass_grams=mass,
                            envelope=envelope.to_cbor(),
                            request_id="",
                        )
                    )
                    ids[kept.record_hash] = row.inserted_primary_key[0]
                    self._write_lots(connection, sealed, kept, ids[kept.record_hash])
                    if envelope.kind == "sales_day":
                        self._write_day(connection, envelope.payload_object(), kept, ids[kept.record_hash])
                    if envelope.kind == "reverdict":
                        of = bytes.fromhex(envelope.payload_object()["of"][2:])
                        connection.execute(
                            Reverdict.__table__.insert().values(  # type: ignore[attr-defined]
                                of_record_id=ids[of],
                                record_id=ids[kept.record_hash],
                                verdict=4,
                                reason=6,
                                at_ms=NOON_MS,
                            )
                        )
                connection.execute(
                    Batch.__table__.insert().values(  # type: ignore[attr-defined]
                        stream=sealed.stream,
                        sequence=sealed.sequence,
                        first_position=sealed.first_position,
                        count=len(sealed.records),
                        amount=sealed.root.amount,
                        mass=sealed.root.mass,
                        root=sealed.root.hash,
                        previous_root=ZERO_HASH,
                        first_at=NOON_S,
                        last_at=NOON_S,
                        sealed_at=NOON_S,
                        content=ZERO_HASH,
                        lots=sealed.lots,
                        rules=ZERO_HASH,
                        tx_key="",
                    )
                )

    def _write_day(self, connection: Any, payload: dict[str, Any], kept: Kept, record_id: int) -> None:
        connection.execute(
            SalesDay.__table__.insert().values(  # type: ignore[attr-defined]
                market="zpk",
                merchant="stall 17",
                day=payload["day"],
                revision=payload["revision"],
                index=payload["index"],
                record_id=record_id,
                record_hash=kept.record_hash,
                payload=payload,
            )
        )

    def _write_lots(self, connection: Any, sealed: Sealed, kept: Kept, record_id: int) -> None:
        for ordinal, (lot, share) in enumerate(kept.lots):
            connection.execute(
                RecordLot.__table__.insert().values(  # type: ignore[attr-defined]
                    record_id=record_id, ordinal=ordinal, lot_key=lot, share_grams=share
                )
            )
            connection.execute(
                LotMention.__table__.insert().values(  # type: ignore[attr-defined]
                    stream=sealed.stream,
                    lot_key=lot,
                    number=record_id,
                    batch_sequence=sealed.sequence,
                    record_id=record_id,
                    record_hash=kept.record_hash,
                    share_grams=share,
                )
            )


COMMITMENT_BYTES = bytes.fromhex(COMMITMENT[2:])


def abi_state(state: DeviceState) -> tuple[Any, ...]:
    """A device's state as the contract encodes it."""
    return (
        state.owner,
        state.enrolled_at,
        state.revoked_from,
        state.device_class,
        state.trust,
        int(state.status),
        [(key.key_hash, key.from_at, key.to_at, key.invalid_from, int(key.key_type)) for key in state.keys],
        [key.public_key for key in state.keys],
        [(one.from_at, one.to_at, one.reason) for one in state.suspensions],
        (state.assignment.merchant, state.assignment.place, state.assignment.from_at),
        [
            (
                one.seal_commitment,
                one.certificate_hash,
                one.firmware_hash,
                one.calibration_hash,
                one.verifier,
                one.from_at,
                one.until_at,
            )
            for one in state.verifications
        ],
    )


def a_market(network: Network | None = None) -> World:
    """A world with a scale, a tester, a gateway, open streams, an attested lot and a passed test, pinned."""
    world = World(network or a_network())
    world.enrol(SCALE)
    world.enrol(TESTER, device_class=3)
    world.enrol(GATEWAY, device_class=5)
    world.open("sale", "test", "void", "device")
    register(world)
    world.keep(world.sign(TESTER, "test", a_test()))
    world.seal("test")
    return world


def register(world: World, lot: str = LOT) -> None:
    """Attests a lot's registration."""
    nothing = ZERO_HASH
    topic, record = keccak256(lot.encode()), sha256(lot.encode())
    last = (50_000, b"GRM", NOON_S - 7200, nothing, nothing)
    world.emit("attestation", "LotRegistered", topic, 3, record, nothing, nothing, *last)


def b64(value: bytes) -> str:
    """Standard base64."""
    return base64.b64encode(value).decode()


def subject(world: World, noun: str, topic: bytes) -> bytes:
    """A subject's key in the map."""
    return subject_key(world.network.contract(noun).address, topic)


def _split(signature: str) -> list[str]:
    """The argument types of a signature, structs whole."""
    inner = signature[signature.index("(") + 1 : -1]
    parts, depth, start = [], 0, 0
    for place, letter in enumerate(inner):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            parts.append(inner[start:place])
            start = place + 1
    return [*parts, inner[start:]]
