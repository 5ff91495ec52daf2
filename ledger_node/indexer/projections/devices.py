"""Devices: every event carries the device's whole state, so each replaces what was known. Times are seconds."""

from collections.abc import Mapping

from ledger_node.bindings import device_registry as registry
from ledger_node.domain import device as domain
from ledger_node.domain.device_key import KeyType
from ledger_node.indexer.blocks import Place
from ledger_node.indexer.projections.handler import Handler
from ledger_node.indexer.rows import Rows, sql_integer
from ledger_node.store.projections import Device, DeviceKey, DeviceMetrology

DeviceEvent = (
    registry.DeviceEnrolled
    | registry.DeviceKeyRotated
    | registry.DeviceKeyReplacementProposed
    | registry.DeviceKeyInvalidated
    | registry.DeviceAssigned
    | registry.DeviceCertified
    | registry.DeviceSuspended
    | registry.DeviceResumed
    | registry.DeviceRevoked
    | registry.DeviceRetired
    | registry.DeviceForkProven
)


def state_of(state: registry.DeviceState) -> domain.DeviceState:
    """The registry's struct as the domain knows it: each key beside its public key."""
    return domain.DeviceState(
        owner=state.owner,
        enrolled_at=state.enrolled_at,
        revoked_from=state.revoked_from,
        device_class=state.class_,
        trust=state.trust,
        status=domain.DeviceStatus(state.status),
        keys=tuple(
            domain.KeyEpoch(key.key_hash, key.from_, key.to, key.invalid_from, KeyType(key.key_type), public_key)
            for key, public_key in zip(state.keys, state.public_keys, strict=True)
        ),
        suspensions=tuple(domain.Suspension(one.from_, one.to, one.reason) for one in state.suspensions),
        assignment=domain.Assignment(state.assignment.merchant, state.assignment.place, state.assignment.from_),
        verifications=tuple(
            domain.Metrology(
                one.seal_commitment,
                one.certificate_hash,
                one.firmware_hash,
                one.calibration_hash,
                one.verifier,
                one.from_,
                one.until,
            )
            for one in state.verifications
        ),
    )


def _changed(rows: Rows, event: DeviceEvent, place: Place) -> None:
    state = state_of(event.state)
    known = rows.get(Device, device=event.device)
    rows.put(
        Device,
        device=event.device,
        owner=state.owner,
        device_class=state.device_class,
        trust=state.trust,
        status=int(state.status),
        enrolled_at=sql_integer(state.enrolled_at),
        revoked_from=sql_integer(state.revoked_from),
        version=1 if known is None else known["version"] + 1,
        state=state.to_json(),
    )
    for number, key in enumerate(state.keys):
        _put_key(rows, event.device, number, key)
    for number, metrology in enumerate(state.verifications):
        _put_metrology(rows, event.device, number, metrology)


def _put_key(rows: Rows, device: bytes, number: int, key: domain.KeyEpoch) -> None:
    rows.put(
        DeviceKey,
        device=device,
        epoch=number,
        key_hash=key.key_hash,
        key_type=int(key.key_type),
        public_key=key.public_key,
        from_at=sql_integer(key.from_at),
        to_at=sql_integer(key.to_at),
        invalid_from=sql_integer(key.invalid_from),
    )


def _put_metrology(rows: Rows, device: bytes, number: int, metrology: domain.Metrology) -> None:
    rows.put(
        DeviceMetrology,
        device=device,
        number=number,
        certificate_hash=metrology.certificate_hash,
        calibration_hash=metrology.calibration_hash,
        firmware_hash=metrology.firmware_hash,
        seal_commitment=metrology.seal_commitment,
        verifier=metrology.verifier,
        from_at=sql_integer(metrology.from_at),
        until_at=sql_integer(metrology.until_at),
    )


HANDLERS: Mapping[type, Handler] = dict.fromkeys(
    (
        registry.DeviceEnrolled,
        registry.DeviceKeyRotated,
        registry.DeviceKeyReplacementProposed,
        registry.DeviceKeyInvalidated,
        registry.DeviceAssigned,
        registry.DeviceCertified,
        registry.DeviceSuspended,
        registry.DeviceResumed,
        registry.DeviceRevoked,
        registry.DeviceRetired,
        registry.DeviceForkProven,
    ),
    _changed,
)
