"""The explorer: blocks, pins, streams, checkpoints, records, devices, lots, parties, for those who want to look."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse

from api.pages.items import check_of
from api.pages.render import reader_of, render
from api.queries import batches, chain, checkpoints, devices, lots, records, sales
from api.queries.batches import BatchView
from api.queries.chain import BlockItem, BlockView, PartyView, PinItem, PinView, StreamItem
from api.queries.checkpoints import CheckpointView
from api.queries.devices import DeviceItem, DeviceView, VerdictsView
from api.queries.lots import LotView
from api.queries.records import RecordItem, RecordView
from api.services import ServicesDep, Views
from api.wire import BeforeQuery, NumberPath, bytes_of
from ledger_node.errors import BatchNotFound, NothingFound, PageNotFound, SaleNotFound

router = APIRouter(tags=["page"], include_in_schema=False)
ROWS = 25
NamePath = Annotated[str, Path(max_length=400)]


@dataclass(frozen=True, slots=True)
class ExplorerPage:
    """What `explorer/index.html` may use."""

    blocks: Sequence[BlockItem]
    pins: Sequence[PinItem]
    streams: Sequence[StreamItem]
    checkpoint: CheckpointView | None
    records: Sequence[RecordItem]


@dataclass(frozen=True, slots=True)
class ListPage:
    """What the list templates may use: rows, and the address of older ones."""

    rows: Sequence[Any]
    older_url: str | None
    of: str | None = None


@dataclass(frozen=True, slots=True)
class StreamPage:
    """What `explorer/stream.html` may use."""

    stream: StreamItem
    pins: ListPage


@dataclass(frozen=True, slots=True)
class PinPage:
    """What `explorer/pin.html` may use; `batch` is null where the journal is not ours."""

    pin: PinView
    batch: BatchView | None


@dataclass(frozen=True, slots=True)
class RecordPage:
    """What `explorer/record.html` may use."""

    record: RecordView
    sale_url: str | None
    check: dict[str, Any]


@dataclass(frozen=True, slots=True)
class DevicePage:
    """What `explorer/device.html` may use."""

    device: DeviceView
    verdicts: VerdictsView | None
    records: Sequence[RecordItem]


@dataclass(frozen=True, slots=True)
class PartyPage:
    """What `explorer/party.html` may use."""

    party: PartyView
    devices: Sequence[DeviceItem]


@router.get("/explorer")
async def show_explorer(request: Request, services: ServicesDep) -> HTMLResponse:
    """The newest of everything."""
    page = ExplorerPage(
        blocks=(await services.projections(lambda projections: chain.blocks(projections, limit=8)))[:8],
        pins=(await services.together(lambda views: chain.pins(views, limit=10)))[0][:10],
        streams=await services.together(chain.streams),
        checkpoint=await services.log(checkpoints.newest),
        records=await _newest_records(services),
    )
    return render(request, "explorer/index.html", page, json_url="/api/v1/pins")


@router.get("/explorer/search")
async def search(services: ServicesDep, q: Annotated[str, Query(max_length=400)] = "") -> RedirectResponse:
    """Leads to whatever the text names: a block, record, trace code, lot, device, stream or party."""
    return RedirectResponse(await _place_of(services, q.strip()), 303)


@router.get("/explorer/blocks")
async def show_blocks(request: Request, services: ServicesDep, before: BeforeQuery = None) -> HTMLResponse:
    """Blocks, newest first."""
    rows = await services.projections(lambda projections: chain.blocks(projections, limit=ROWS, before=before))
    return _show_list(request, "blocks", rows, [one.number for one in rows])


@router.get("/explorer/blocks/{number}")
async def show_block(request: Request, services: ServicesDep, number: NumberPath) -> HTMLResponse:
    """One block."""
    page: BlockView = await services.together(lambda views: chain.block(views, number))
    return render(request, "explorer/block.html", page, json_url=f"/api/v1/blocks/{number}")


@router.get("/explorer/pins")
async def show_pins(request: Request, services: ServicesDep, before: BeforeQuery = None) -> HTMLResponse:
    """Pins of all streams, newest first."""
    rows, keys = await services.together(lambda views: chain.pins(views, limit=ROWS, before=before))
    return _show_list(request, "pins", rows, keys)


@router.get("/explorer/records")
async def show_records(request: Request, services: ServicesDep, before: BeforeQuery = None) -> HTMLResponse:
    """Records of all streams, newest first."""
    rows = await services.journal(lambda journal: records.listed(journal, limit=ROWS, before=before))
    return _show_list(request, "records", rows, [one.id for one in rows])


@router.get("/explorer/checkpoints")
async def show_checkpoints(request: Request, services: ServicesDep, before: BeforeQuery = None) -> HTMLResponse:
    """Checkpoints of the log, newest first."""
    rows = await services.log(lambda log: checkpoints.listed(log, limit=ROWS, before=before))
    return _show_list(request, "checkpoints", rows, [one.id for one in rows])


@router.get("/explorer/streams/{stream:path}")
async def show_stream(
    request: Request, services: ServicesDep, stream: NamePath, before: BeforeQuery = None
) -> HTMLResponse:
    """One stream with its pins."""
    rows, keys = await services.together(lambda views: chain.pins(views, limit=ROWS, stream=stream, before=before))
    page = StreamPage(
        stream=await services.together(lambda views: chain.stream(views, stream)),
        pins=_list(rows, keys, f"/explorer/streams/{stream}"),
    )
    return render(request, "explorer/stream.html", page, json_url=f"/api/v1/streams/{stream}")


@router.get("/explorer/pins/{stream:path}/{sequence}")
async def show_pin(request: Request, services: ServicesDep, stream: NamePath, sequence: NumberPath) -> HTMLResponse:
    """One pin with the records under it."""
    pin = await services.together(lambda views: chain.pin(views, stream, sequence))
    try:
        batch = await services.journal(lambda journal: batches.find(journal, stream, sequence, leaf=0, limit=50))
    except BatchNotFound:
        batch = None
    return render(
        request, "explorer/pin.html", PinPage(pin=pin, batch=batch), json_url=f"/api/v1/pins/{stream}/{sequence}"
    )


@router.get("/records/{record_hash}")
async def show_record(request: Request, services: ServicesDep, record_hash: NamePath) -> HTMLResponse:
    """One record, and its proof checked in the browser."""
    wanted = bytes_of(record_hash, "record_hash")
    found = await services.together(lambda views: records.find(views, wanted))
    trace_code = found.payload.get("trace_code") if found.kind == "sale" else None
    page = RecordPage(
        record=found,
        sale_url=sales.page_path(trace_code, found.payload.get("gtin")) if trace_code else None,
        check=check_of(services.network_bytes, reader_of(request), found.proof_url, [found.hash], found.progress.stage),
    )
    return render(request, "explorer/record.html", page, json_url=f"/api/v1/records/{found.hash}")


@router.get("/devices")
async def show_devices(request: Request, services: ServicesDep) -> HTMLResponse:
    """All devices."""
    return _show_list(request, "devices", await services.together(devices.listed))


@router.get("/devices/{device}")
async def show_device(request: Request, services: ServicesDep, device: NamePath) -> HTMLResponse:
    """One device: keys, verification, gaps, verdicts, newest records."""
    found = await services.together(lambda views: devices.find(views, device))
    name = found.name
    page = DevicePage(
        device=found,
        verdicts=None if name is None else await services.journal(lambda journal: devices.verdicts_of(journal, name)),
        records=[] if name is None else await _newest_records(services, device=name),
    )
    return render(request, "explorer/device.html", page, json_url=f"/api/v1/devices/{name or found.device}")


@router.get("/lots")
async def show_lots(request: Request, services: ServicesDep, before: BeforeQuery = None) -> HTMLResponse:
    """Lots, newest first."""
    rows, keys = await services.journal(lambda journal: lots.listed(journal, limit=ROWS, before=before))
    return _show_list(request, "lots", rows, keys)


@router.get("/01/{gtin}/10/{lot}")
async def open_lot_link(
    request: Request, services: ServicesDep, gtin: Annotated[str, Path(max_length=32)], lot: NamePath
) -> HTMLResponse:
    """A lot by its GS1 Digital Link here."""
    return await show_lot(request, services, f"https://id.gs1.org/01/{gtin}/10/{lot}")


@router.get("/lots/{lot:path}")
async def show_lot(request: Request, services: ServicesDep, lot: NamePath) -> HTMLResponse:
    """One lot."""
    found: LotView = await services.together(lambda views: lots.find(views, lot))
    return render(request, "explorer/lot.html", found, json_url=f"/api/v1/lots/{found.lot_key}")


@router.get("/parties")
async def show_parties(request: Request, services: ServicesDep) -> HTMLResponse:
    """All parties."""
    return _show_list(request, "parties", await services.projections(chain.parties))


@router.get("/parties/{number}")
async def show_party(request: Request, services: ServicesDep, number: NumberPath) -> HTMLResponse:
    """One party and its devices."""
    found = await services.projections(lambda projections: chain.party(projections, number))
    theirs = [one for one in await services.together(devices.listed) if one.owner == number]
    return render(
        request, "explorer/party.html", PartyPage(party=found, devices=theirs), json_url=f"/api/v1/parties/{number}"
    )


def _show_list(request: Request, name: str, rows: Sequence[Any], keys: Sequence[int] | None = None) -> HTMLResponse:
    """The list `name`: with `keys`, which order the rows, a part and the address of older ones; else all."""
    page = ListPage(rows=rows, older_url=None) if keys is None else _list(rows, keys, request.url.path)
    return render(request, f"explorer/{name}.html", page, json_url=f"/api/v1/{name}")


async def _newest_records(services: ServicesDep, *, device: str | None = None) -> list[RecordItem]:
    return (await services.journal(lambda journal: records.listed(journal, limit=10, device=device)))[:10]


def _list(rows: Sequence[Any], keys: Sequence[int], url: str) -> ListPage:
    more = len(rows) > ROWS
    return ListPage(rows=rows[:ROWS], older_url=f"{url}?before={keys[ROWS - 1]}" if more else None)


async def _place_of(services: ServicesDep, text: str) -> str:
    if text.isdigit() and len(text) < 14:
        return f"/explorer/blocks/{text}"
    bare = text.removeprefix("0x").lower()
    if len(bare) == 64 and all(letter in "0123456789abcdef" for letter in bare):
        found = await services.together(lambda views: _named_by_hash(views, bare))
        if found is not None:
            return found
        raise PageNotFound(text)
    if text.startswith("urn:"):
        return f"/devices/{text}"
    if text.startswith(("market/", "party/")):
        return f"/explorer/streams/{text}"
    if "/10/" in text:
        return f"/lots/{text}"
    code = text.rpartition("/")[2].replace(" ", "").upper()
    try:
        await services.journal(lambda journal: sales.find_row(journal, code))
    except SaleNotFound as unknown:
        raise PageNotFound(text) from unknown
    return f"/t/{code}"


def _named_by_hash(views: Views, bare: str) -> str | None:
    """What 32 bytes name here: a record, a lot or a device."""
    named: dict[str, Callable[[], object]] = {
        f"/records/0x{bare}": lambda: records.find_row(views.journal, bytes.fromhex(bare)),
        f"/lots/0x{bare}": lambda: lots.find_row(views.journal, f"0x{bare}"),
        f"/devices/0x{bare}": lambda: devices.find_row(views.projections, f"0x{bare}"),
    }
    for address, find in named.items():
        try:
            find()
        except NothingFound:
            continue
        return address
    return None
