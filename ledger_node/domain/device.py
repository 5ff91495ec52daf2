"""What the registry knows of a device, and what that meant at a given second.

The same folding as `DeviceRegistry.keyAt` and `metrologyAt`: intervals are [from, to), a zero `to` is open, and nothing
looks at "now". Times are seconds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, NamedTuple

from ledger_node.domain.device_key import KeyType


class DeviceStatus(IntEnum):
    """As in the device registry."""

    UNKNOWN = 0
    PENDING = 1
    ACTIVE = 2
    SUSPENDED = 3
    REVOKED = 4
    RETIRED = 5


class DeviceClass(IntEnum):
    """What a device is; the number on chain."""

    SCALE = 1
    PROBE = 2
    TESTER = 3
    COUNTER = 4
    GATEWAY = 5
    SYSTEM = 6
    NODE = 7


@dataclass(frozen=True, slots=True)
class KeyEpoch:
    """One key of a device and when it was in force; `invalid_from` 0 while never invalidated."""

    key_hash: bytes
    from_at: int
    to_at: int
    invalid_from: int
    key_type: KeyType
    public_key: bytes


@dataclass(frozen=True, slots=True)
class Suspension:
    """[from, to) during which records are rejected; `to` 0 while it lasts."""

    from_at: int
    to_at: int
    reason: int


@dataclass(frozen=True, slots=True)
class Assignment:
    """Keyed commitments to the merchant and place a device works for."""

    merchant: bytes
    place: bytes
    from_at: int


@dataclass(frozen=True, slots=True)
class Metrology:
    """One verification of a measuring device, valid in [from, until)."""

    seal_commitment: bytes
    certificate_hash: bytes
    firmware_hash: bytes
    calibration_hash: bytes
    verifier: int
    from_at: int
    until_at: int

    @property
    def is_filed(self) -> bool:
        """Whether the device was ever certified: the chain stores zeros otherwise."""
        return self.until_at != 0


NO_ASSIGNMENT = Assignment(bytes(32), bytes(32), 0)
NO_METROLOGY = Metrology(bytes(32), bytes(32), bytes(32), bytes(32), 0, 0, 0)


@dataclass(frozen=True, slots=True)
class DeviceState:
    """A device's whole state, as every device event carries it; `verifications` oldest first."""

    owner: int
    enrolled_at: int
    revoked_from: int
    device_class: int
    trust: int
    status: DeviceStatus
    keys: tuple[KeyEpoch, ...]
    suspensions: tuple[Suspension, ...] = ()
    assignment: Assignment = NO_ASSIGNMENT
    verifications: tuple[Metrology, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain JSON, bytes as `0x` hex; `from_json` reads it back."""
        return {
            "owner": self.owner,
            "enrolled_at": self.enrolled_at,
            "revoked_from": self.revoked_from,
            "device_class": self.device_class,
            "trust": self.trust,
            "status": int(self.status),
            "keys": [_plain(key, KeyEpoch) for key in self.keys],
            "suspensions": [_plain(one, Suspension) for one in self.suspensions],
            "assignment": _plain(self.assignment, Assignment),
            "verifications": [_plain(one, Metrology) for one in self.verifications],
        }

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> "DeviceState":
        """What `to_json` wrote."""
        return cls(
            owner=row["owner"],
            enrolled_at=row["enrolled_at"],
            revoked_from=row["revoked_from"],
            device_class=row["device_class"],
            trust=row["trust"],
            status=DeviceStatus(row["status"]),
            keys=tuple(_key_epoch(key) for key in row["keys"]),
            suspensions=tuple(Suspension(**one) for one in row["suspensions"]),
            assignment=Assignment(**_rich(row["assignment"])),
            verifications=tuple(Metrology(**_rich(one)) for one in row["verifications"]),
        )


class KeyAt(NamedTuple):
    """Epoch number, key and status of a device at one second. Outside every epoch the nearest key is named."""

    epoch: int
    key: KeyEpoch
    status: DeviceStatus


class MetrologyAt(NamedTuple):
    """Whether a verification covered the second, and which one was newest then."""

    verified: bool
    metrology: Metrology


def key_at(state: DeviceState, time_s: int) -> KeyAt:
    """The device's key and status at `time_s`; LookupError when it never had a key.

    Before the first epoch the status is Pending and the first key is named; after the last was closed, Retired.
    """
    if not state.keys:
        raise LookupError("a device without a key epoch")
    epoch = _epoch_index(state.keys, time_s)
    if epoch < 0:
        return KeyAt(0, state.keys[0], DeviceStatus.PENDING)
    key = state.keys[epoch]
    return KeyAt(epoch, key, _status_at(state, key, time_s))


def metrology_at(verifications: Sequence[Metrology], time_s: int) -> MetrologyAt:
    """The newest verification that began at or before `time_s`, and whether it still held."""
    begun = [one for one in verifications if one.is_filed and one.from_at <= time_s]
    if not begun:
        return MetrologyAt(False, NO_METROLOGY)
    newest = begun[-1]
    return MetrologyAt(time_s < newest.until_at, newest)


def _epoch_index(keys: Sequence[KeyEpoch], time_s: int) -> int:
    low, high = 0, len(keys)
    while low < high:
        middle = (low + high) // 2
        if keys[middle].from_at <= time_s:
            low = middle + 1
        else:
            high = middle
    return low - 1


def _status_at(state: DeviceState, key: KeyEpoch, time_s: int) -> DeviceStatus:
    if state.revoked_from and time_s >= state.revoked_from:
        return DeviceStatus.REVOKED
    if key.invalid_from and time_s >= key.invalid_from:
        return DeviceStatus.REVOKED
    if any(one.from_at <= time_s and (one.to_at == 0 or time_s < one.to_at) for one in state.suspensions):
        return DeviceStatus.SUSPENDED
    if key.to_at and time_s >= key.to_at:
        return DeviceStatus.RETIRED
    return DeviceStatus.ACTIVE


def _plain(value: object, of: type) -> dict[str, Any]:
    names: tuple[str, ...] = of.__slots__  # type: ignore[attr-defined]
    values = {name: getattr(value, name) for name in names}
    return {name: "0x" + one.hex() if isinstance(one, bytes) else int(one) for name, one in values.items()}


def _key_epoch(row: Mapping[str, Any]) -> KeyEpoch:
    values = _rich(row)
    values["key_type"] = KeyType(row["key_type"])
    return KeyEpoch(**values)


def _rich(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: bytes.fromhex(one.removeprefix("0x")) if isinstance(one, str) else one for name, one in row.items()}
