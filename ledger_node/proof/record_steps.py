"""Steps 10 and 12: who signed each record, and whether that key was good at that time."""

from datetime import UTC, datetime

from ledger_node.domain.clock import LAST_SECOND
from ledger_node.domain.device import (
    DeviceClass,
    DeviceState,
    DeviceStatus,
    KeyAt,
    KeyEpoch,
    key_at,
    metrology_at,
)
from ledger_node.domain.device_key import key_hash, verify_signature
from ledger_node.domain.envelope import KEY_TYPES, Envelope
from ledger_node.domain.judge import WEIGHED_KINDS
from ledger_node.domain.record import name_hash, verify_bundle_path
from ledger_node.errors import EventMalformed
from ledger_node.proof.bundle import History
from ledger_node.proof.case import Case, RecordCase
from ledger_node.proof.events import device_state
from ledger_node.proof.stated import stated_value


def check_records_signed(case: Case) -> None:
    """Steps 10 and 12 for every record: signature, key, status, verification at the time it names."""
    for one in case.records:
        envelope = one.record.envelope
        device = _state(case, envelope.device)
        if device is None:
            continue
        if envelope.bundle is None:
            _check_own_signature(case, one, device)
        else:
            _check_gateway_signature(case, one)
            _check_status(case, device, envelope.observed_at_ms)
        _check_metrology(case, device, envelope)


def _state(case: Case, device: str) -> DeviceState | None:
    """The device's newest state that the bundle shows; a finding when there is none."""
    topic = name_hash(device)
    history = case.history("device", topic)
    if isinstance(history, History):
        event = case.event(history.entries[-1])
        if event is not None and event.noun == "device" and event.arguments[0] == topic:
            try:
                state = device_state(event)
            except EventMalformed:
                state = None
            if state is not None and state.keys:
                return state
    case.cannot_tell(11, "history_incomplete", 1, 2, subject=device)
    return None


def _check_own_signature(case: Case, one: RecordCase, device: DeviceState) -> None:
    envelope = one.record.envelope
    at = _check_status(case, device, envelope.observed_at_ms)
    if _has_signed(at.key, envelope.algorithm, one.digest, envelope.signature):
        return
    if any(_has_signed(key, envelope.algorithm, one.digest, envelope.signature) for key in device.keys):
        # Genuine, but by a key that was not in force when the record says it was made.
        if at.status is DeviceStatus.ACTIVE:
            _refuse_key(case, envelope.observed_at_ms, DeviceStatus.RETIRED, at.key.from_at)
        return
    _refuse_signature(case, one, envelope)


def _has_signed(key: KeyEpoch, algorithm: str, digest: bytes, signature: bytes) -> bool:
    return (
        KEY_TYPES.get(algorithm) is key.key_type
        and key_hash(key.public_key) == key.key_hash
        and verify_signature(key.key_type, key.public_key, digest, signature)
    )


def _refuse_signature(case: Case, one: RecordCase, envelope: Envelope) -> None:
    stated = None if one.payload is None else stated_value(envelope.kind, one.payload)
    if stated is not None and stated != envelope.value:
        case.no(10, "payload_altered", 1, 9)
    else:
        case.no(10, "signature_bad", 1)


def _check_gateway_signature(case: Case, one: RecordCase) -> None:
    envelope, part = one.record.envelope, one.record.envelope.bundle
    gateway = None if part is None else _state(case, part.gateway)
    if part is None or gateway is None:
        return
    at = _check_status(case, gateway, part.bundled_at_ms)
    digest = part.digest(case.network.signing_domain)
    signature = envelope.signature[32:]
    if (
        envelope.signature[:32] != digest
        or not verify_bundle_path(one.digest, part.index, part.count, part.path, part.root)
        or not _has_signed(at.key, "ES256K", digest, signature)
    ):
        _refuse_signature(case, one, envelope)


def _check_status(case: Case, device: DeviceState, at_ms: int) -> KeyAt:
    at = key_at(device, at_ms // 1000)
    if at.status is not DeviceStatus.ACTIVE:
        _refuse_key(case, at_ms, at.status, _since(device, at, at_ms // 1000))
    return at


def _refuse_key(case: Case, at_ms: int, status: DeviceStatus, since_s: int) -> None:
    case.no(12, "key_not_valid", 2, time=_time(at_ms // 1000), state=status.name.lower(), since=_time(since_s))


def _since(device: DeviceState, at: KeyAt, time_s: int) -> int:
    if at.status is DeviceStatus.REVOKED:
        return min(one for one in (device.revoked_from, at.key.invalid_from) if one)
    if at.status is DeviceStatus.SUSPENDED:
        return next(
            one.from_at
            for one in device.suspensions
            if one.from_at <= time_s and (one.to_at == 0 or time_s < one.to_at)
        )
    return at.key.to_at


def _check_metrology(case: Case, device: DeviceState, envelope: Envelope) -> None:
    """What a scale weighed counts only within its verification, as ingest judges it."""
    found = metrology_at(device.verifications, envelope.observed_at_ms // 1000)
    if device.device_class == DeviceClass.SCALE and envelope.kind in WEIGHED_KINDS and not found.verified:
        case.no(12, "metrology_expired", 2, date=_time(found.metrology.until_at)[:10])


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(min(seconds, LAST_SECOND), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
