"""Records that the sealer's process makes itself: signed by its own device, journaled in the caller's transaction.

The device (class system) and the stream have this one writer; ingest holds the heads of all others in memory, so
nothing here may touch them.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select

from ledger_node.domain.canonical_json import canonical_bytes
from ledger_node.domain.device_key import Signer
from ledger_node.domain.digest import keccak256
from ledger_node.domain.envelope import ALGORITHMS, SIGNATURE_BYTES, Envelope
from ledger_node.domain.payload import KINDS, check_payload, currency_exponent, facts
from ledger_node.domain.record import ZERO_HASH, Mark, Reason, Verdict, record_hash
from ledger_node.domain.typed_data import SigningDomain
from ledger_node.store.journal import DeviceHead, Record, RecordLot, StreamHead
from ledger_node.store.upsert import upsert

_RECORD = Record.__table__  # type: ignore[attr-defined]
_RECORD_LOT = RecordLot.__table__  # type: ignore[attr-defined]
_DEVICE_HEAD = DeviceHead.__table__  # type: ignore[attr-defined]
_STREAM_HEAD = StreamHead.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class OwnDevice:
    """The enrolled device in whose name this process signs."""

    name: str
    key: Signer
    domain: SigningDomain
    key_epoch: int = 0


@dataclass(frozen=True, slots=True)
class Journaled:
    """Where an own record went."""

    record_id: int
    record_hash: bytes


def journal_own_record(
    connection: Connection,
    device: OwnDevice,
    *,
    stream: str,
    kind: str,
    value: int,
    payload: dict[str, Any],
    currency: str | None,
    now_ms: int,
) -> Journaled:
    """Signs and journals the device's next record as ACCEPTED. EnvelopeMalformed when the payload breaks its form."""
    check_payload(kind, payload)
    head = connection.execute(select(_DEVICE_HEAD).where(_DEVICE_HEAD.c.device == device.name)).first()
    sequence, previous = (head.sequence + 1, head.digest) if head is not None else (1, ZERO_HASH)
    envelope = _signed(device, sequence, previous, stream, kind, value, payload, currency, now_ms)
    digest = envelope.digest(device.domain)
    hashed = record_hash(digest, envelope.signature, now_ms, Verdict.ACCEPTED, Reason.NONE)
    said = facts(kind, payload)
    position = connection.execute(
        select(_STREAM_HEAD.c.next_position).where(_STREAM_HEAD.c.stream == stream)
    ).scalar_one_or_none()
    row: dict[str, Any] = {
        "device": device.name,
        "sequence": sequence,
        "digest": digest,
        "record_hash": hashed,
        "stream": stream,
        "position": position or 0,
        "observed_at_ms": now_ms,
        "received_at_ms": now_ms,
        "verdict": int(Verdict.ACCEPTED),
        "reason": int(Reason.NONE),
        "detail": "",
        "marks": int(Mark.NONE),
        "key_epoch": device.key_epoch,
        "kind": kind,
        "amount_minor": said.amount_minor,
        "mass_grams": said.mass_grams,
        "envelope": envelope.to_cbor(),
        "request_id": "",
    }
    key = connection.execute(insert(_RECORD).values(**row)).inserted_primary_key
    if key is None:
        raise AssertionError("an inserted row has a key")
    record_id: int = key[0]
    lots = [
        {"record_id": record_id, "ordinal": ordinal, "lot_key": lot_key, "share_grams": share}
        for ordinal, (lot_key, share) in enumerate(said.lots)
    ]
    if lots:
        connection.execute(insert(_RECORD_LOT), lots)
    upsert(connection, _STREAM_HEAD, [{"stream": stream, "next_position": row["position"] + 1}])
    upsert(connection, _DEVICE_HEAD, [_head_row(device.name, sequence, digest, now_ms)])
    return Journaled(record_id, hashed)


def _signed(
    device: OwnDevice,
    sequence: int,
    previous: bytes,
    stream: str,
    kind: str,
    value: int,
    payload: dict[str, Any],
    currency: str | None,
    now_ms: int,
) -> Envelope:
    rule = KINDS[kind]
    unit = rule.unit or currency
    if unit is None:
        raise ValueError(f"a {kind} is an amount of some currency")
    data = canonical_bytes(payload)
    algorithm = ALGORITHMS[device.key.key_type]
    unsigned = Envelope(
        v=1,
        device=device.name,
        stream=stream,
        sequence=sequence,
        observed_at_ms=now_ms,
        kind=kind,
        value=value,
        exponent=currency_exponent(unit) if rule.exponent is None else rule.exponent,
        unit=unit,
        previous_hash=previous,
        payload=data,
        payload_hash=keccak256(data),
        algorithm=algorithm,
        signature=bytes(SIGNATURE_BYTES[algorithm]),
    )
    signature = device.key.sign(unsigned.digest(device.domain))
    return Envelope.from_cbor_map(unsigned.to_cbor_map() | {13: signature})


def _head_row(device: str, sequence: int, digest: bytes, now_ms: int) -> dict[str, Any]:
    return {
        "device": device,
        "sequence": sequence,
        "digest": digest,
        "contiguous_sequence": sequence,
        "contiguous_digest": digest,
        "gaps": [],
        "suspended_locally_reason": 0,
        "last_seen_at_ms": now_ms,
        "receipt": None,
    }
