"""Devices: state over time from the chain, gaps and verdicts from the journal."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, func, select

from api.queries import tables
from api.services import Views
from api.wire import Address, Hex, Hex32, Moment, View, at_ms, at_s, hex_of
from ledger_node.domain.device import DeviceClass, DeviceState, DeviceStatus, key_at, metrology_at
from ledger_node.domain.device_key import KeyType
from ledger_node.domain.record import Reason, Verdict, name_hash
from ledger_node.errors import DeviceNotFound

SUSPENSIONS = {
    1: "FORK",
    2: "CASE_OPENED",
    3: "BAD_SIGNATURES",
    4: "VERIFICATION_LAPSED",
    5: "MEMBERSHIP_ENDED",
    99: "OTHER",
}


class KeyView(View):
    """A key of a device and when it is in force."""

    epoch: int
    key_hash: Hex32
    key_type: str
    public_key: Hex
    address: Address | None
    from_at: Moment | None
    to_at: Moment | None
    invalid_from: Moment | None


class KeyAtView(View):
    """The key in force at one moment and what the device's status was then."""

    at: Moment
    status: str
    key: KeyView


class MetrologyView(View):
    """A verification of a measuring device."""

    certificate_hash: Hex32
    calibration_hash: Hex32
    firmware_hash: Hex32
    verifier: int
    from_at: Moment | None
    until_at: Moment | None


class SuspensionView(View):
    """A time in which the device's records are rejected."""

    from_at: Moment | None
    to_at: Moment | None
    reason: str


class DeviceItem(View):
    """A device as lists show it; `name` is null while no record of it has been seen."""

    device: Hex32
    name: str | None
    device_class: str
    owner: int
    trust: int
    status: str
    last_seen_at: Moment | None
    verified_until: Moment | None


class DeviceView(DeviceItem):
    """All that is public about a device."""

    enrolled_at: Moment | None
    revoked_from: Moment | None
    registry_version: int
    keys: Sequence[KeyView]
    verifications: Sequence[MetrologyView]
    suspensions: Sequence[SuspensionView]
    merchant: Hex32
    place: Hex32
    newest_sequence: int | None
    contiguous_sequence: int | None


class GapsView(View):
    """Sequence numbers that are missing, as [first, last] ranges."""

    device: str
    newest_sequence: int
    contiguous_sequence: int
    gaps: Sequence[Sequence[int]]


class VerdictsView(View):
    """How many records of a device got which verdict."""

    device: str
    counts: Sequence["VerdictCountView"]


class VerdictCountView(View):
    """One verdict and reason."""

    verdict: str
    reason: str
    count: int


def find_row(projections: Connection, name: str) -> RowMapping:
    """The device by its name, or by its id as `0x…`; DeviceNotFound where there is none."""
    row = projections.execute(select(tables.device).where(tables.device.c.device == device_id(name))).mappings().first()
    if row is None:
        raise DeviceNotFound(name)
    return row


def device_id(name: str) -> bytes:
    """The id on chain: keccak256 of the name, unless `name` is the id already."""
    if len(name) == 66 and name.startswith("0x"):
        try:
            return bytes.fromhex(name[2:])
        except ValueError:
            pass
    return name_hash(name)


def state_of(projections: Connection, name: str) -> DeviceState:
    """The device's whole state; DeviceNotFound where there is none."""
    return DeviceState.from_json(find_row(projections, name)["state"])


def find(views: Views, name: str) -> DeviceView:
    """The device with its history and its newest record."""
    row = find_row(views.projections, name)
    state = DeviceState.from_json(row["state"])
    head = _head(views.journal, name_of(views.journal, row["device"]))
    return DeviceView(
        **_item(row, state, head).model_dump(),
        enrolled_at=at_s(state.enrolled_at),
        revoked_from=at_s(state.revoked_from),
        registry_version=row["version"],
        keys=key_views(state),
        verifications=metrology_views(state),
        suspensions=[
            SuspensionView(
                from_at=at_s(one.from_at), to_at=at_s(one.to_at), reason=SUSPENSIONS.get(one.reason, "OTHER")
            )
            for one in state.suspensions
        ],
        merchant=hex_of(state.assignment.merchant),
        place=hex_of(state.assignment.place),
        newest_sequence=None if head is None else head["sequence"],
        contiguous_sequence=None if head is None else head["contiguous_sequence"],
    )


def listed(views: Views, *, device_class: DeviceClass | None = None) -> list[DeviceItem]:
    """All devices, by class and name."""
    query = select(tables.device)
    if device_class is not None:
        query = query.where(tables.device.c.device_class == int(device_class))
    heads = {name_hash(row["device"]): row for row in views.journal.execute(select(tables.device_head)).mappings()}
    items = [
        (row["device_class"], _item(row, DeviceState.from_json(row["state"]), heads.get(row["device"])))
        for row in views.projections.execute(query).mappings()
    ]
    return [item for _, item in sorted(items, key=lambda pair: (pair[0], pair[1].name or pair[1].device))]


def key_views(state: DeviceState) -> list[KeyView]:
    """The key epochs, oldest first."""
    return [
        KeyView(
            epoch=epoch,
            key_hash=hex_of(key.key_hash),
            key_type=KeyType(key.key_type).name,
            public_key=hex_of(key.public_key),
            address=hex_of(key.key_hash[12:]) if key.key_type == KeyType.SECP256K1 else None,
            from_at=at_s(key.from_at),
            to_at=at_s(key.to_at),
            invalid_from=at_s(key.invalid_from),
        )
        for epoch, key in enumerate(state.keys)
    ]


def key_view_at(projections: Connection, name: str, at_second: int) -> KeyAtView:
    """The key in force at a second."""
    state = state_of(projections, name)
    if not state.keys:
        raise DeviceNotFound(name)
    then = key_at(state, at_second)
    return KeyAtView(at=at_ms(at_second * 1000), status=then.status.name, key=key_views(state)[then.epoch])


def metrology_views(state: DeviceState) -> list[MetrologyView]:
    """The verifications, oldest first."""
    return [
        MetrologyView(
            certificate_hash=hex_of(one.certificate_hash),
            calibration_hash=hex_of(one.calibration_hash),
            firmware_hash=hex_of(one.firmware_hash),
            verifier=one.verifier,
            from_at=at_s(one.from_at),
            until_at=at_s(one.until_at),
        )
        for one in state.verifications
        if one.is_filed
    ]


def verified_at(state: DeviceState, at_second: int) -> tuple[bool, int]:
    """Whether a verification covered the second, and until when (seconds; 0 where there was none)."""
    then = metrology_at(state.verifications, at_second)
    return then.verified, then.metrology.until_at


def gaps_of(journal: Connection, name: str) -> GapsView:
    """What is missing of a device's run; DeviceNotFound where no record of it was ever kept."""
    head = _head(journal, name)
    if head is None:
        raise DeviceNotFound(name)
    return GapsView(
        device=name,
        newest_sequence=head["sequence"],
        contiguous_sequence=head["contiguous_sequence"],
        gaps=head["gaps"],
    )


def verdicts_of(journal: Connection, name: str) -> VerdictsView:
    """Verdicts by reason, over all time; empty where nothing was ever judged."""
    count = tables.verdict_count.c
    rows = journal.execute(
        select(count.verdict, count.reason, func.sum(count.count))
        .where(count.device == name)
        .group_by(count.verdict, count.reason)
        .order_by(count.verdict, count.reason)
    ).all()
    return VerdictsView(device=name, counts=[verdict_count(*row) for row in rows])


def verdict_count(verdict: int, reason: int, count: int) -> VerdictCountView:
    """One row of counts in words; verdict 0 stands for what was refused and never journaled."""
    known = verdict in Verdict.__members__.values()
    return VerdictCountView(
        verdict=Verdict(verdict).name if known else "REFUSED", reason=Reason(reason).name, count=int(count)
    )


def name_of(journal: Connection, device: bytes) -> str | None:
    """The name of a device by its id, where a record of it was seen."""
    return names(journal).get(device)


def names(journal: Connection) -> Mapping[bytes, str]:
    """Names of all devices that ever sent a record, by id."""
    return {name_hash(name): name for name in journal.execute(select(tables.device_head.c.device)).scalars()}


def _head(journal: Connection, name: str | None) -> RowMapping | None:
    if name is None:
        return None
    return journal.execute(select(tables.device_head).where(tables.device_head.c.device == name)).mappings().first()


def _item(row: RowMapping, state: DeviceState, head: RowMapping | Mapping[str, Any] | None) -> DeviceItem:
    filed = [one.until_at for one in state.verifications if one.is_filed]
    return DeviceItem(
        device=hex_of(row["device"]),
        name=None if head is None else head["device"],
        device_class=_class_name(row["device_class"]),
        owner=row["owner"],
        trust=row["trust"],
        status=DeviceStatus(row["status"]).name,
        last_seen_at=None if head is None else at_ms(head["last_seen_at_ms"]),
        verified_until=at_s(filed[-1]) if filed else None,
    )


def _class_name(number: int) -> str:
    return DeviceClass(number).name if number in DeviceClass.__members__.values() else f"CLASS_{number}"
