"""Devices: keys over time, verification, gaps, verdicts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query

from api.problems import problems
from api.queries import devices
from api.queries.devices import (
    DeviceItem,
    DeviceView,
    GapsView,
    KeyAtView,
    KeyView,
    MetrologyView,
    VerdictsView,
)
from api.services import ServicesDep
from api.wire import View
from ledger_node.domain.clock import LAST_SECOND
from ledger_node.domain.device import DeviceClass
from ledger_node.errors import DeviceNotFound, QueryWrong

router = APIRouter(tags=["devices"])
DevicePath = Annotated[
    str,
    Path(
        pattern="^[A-Za-z0-9:._-]{1,128}$",
        description="the device's name, or its id as `0x…`",
        examples=["urn:tidemark:device:zpk-scale-001"],
    ),
]
ClassQuery = Annotated[
    Literal["SCALE", "PROBE", "TESTER", "COUNTER", "GATEWAY", "SYSTEM", "NODE"] | None,
    Query(alias="class", description="only devices of this class"),
]


class KeysView(View):
    """The key epochs of a device, oldest first; `then` answers `at`."""

    device: str
    keys: Sequence[KeyView]
    then: KeyAtView | None


class MetrologiesView(View):
    """The verifications of a device, oldest first."""

    device: str
    verifications: Sequence[MetrologyView]


@router.get("/devices", responses=problems())
async def list_devices(services: ServicesDep, device_class: ClassQuery = None) -> list[DeviceItem]:
    """All enrolled devices."""
    wanted = None if device_class is None else DeviceClass[device_class]
    return await services.together(lambda views: devices.listed(views, device_class=wanted))


@router.get("/devices/{device}", responses=problems(DeviceNotFound))
async def read_device(services: ServicesDep, device: DevicePath) -> DeviceView:
    """The device as the registry holds it, and its newest record."""
    return await services.together(lambda views: devices.find(views, device))


@router.get("/devices/{device}/keys", responses=problems(DeviceNotFound))
async def read_keys(
    services: ServicesDep,
    device: DevicePath,
    at: Annotated[datetime | None, Query(description="RFC 3339 with offset: which key was in force then")] = None,
) -> KeysView:
    """The device's keys over time, as `keyAt` of the registry answers."""
    if at is not None and (at.tzinfo is None or not 0 <= at.timestamp() <= LAST_SECOND):
        raise QueryWrong("at", "a moment since 1970, with its offset from UTC")
    state = await services.projections(lambda projections: devices.state_of(projections, device))
    then = None
    if at is not None:
        second = int(at.timestamp())
        then = await services.projections(lambda projections: devices.key_view_at(projections, device, second))
    return KeysView(device=device, keys=devices.key_views(state), then=then)


@router.get("/devices/{device}/metrology", responses=problems(DeviceNotFound))
async def read_metrology(services: ServicesDep, device: DevicePath) -> MetrologiesView:
    """The device's verifications over time."""
    state = await services.projections(lambda projections: devices.state_of(projections, device))
    return MetrologiesView(device=device, verifications=devices.metrology_views(state))


@router.get("/devices/{device}/gaps", responses=problems(DeviceNotFound))
async def read_gaps(services: ServicesDep, device: DevicePath) -> GapsView:
    """What is missing of the device's run of numbers."""
    return await services.journal(lambda journal: devices.gaps_of(journal, device))


@router.get("/devices/{device}/verdicts", responses=problems(DeviceNotFound))
async def read_verdicts(services: ServicesDep, device: DevicePath) -> VerdictsView:
    """How the device's records were judged."""
    await services.projections(lambda projections: devices.find_row(projections, device))
    return await services.journal(lambda journal: devices.verdicts_of(journal, device))
