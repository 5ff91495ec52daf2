"""The start page, the scan page, the live page, the page for programmers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import select
from starlette.responses import HTMLResponse

from api.pages.render import reader_of, render
from api.queries import story, tables
from api.queries.live import LiveState
from api.queries.progress import STAGES, progress_of
from api.queries.sales import page_path
from api.routes.markets import feed_of
from api.security import SCAN_POLICY
from api.services import ServicesDep, Views
from ledger_node.domain.record import Verdict

router = APIRouter(tags=["page"], include_in_schema=False)
LIVE_ROWS = 14


@dataclass(frozen=True, slots=True)
class HomePage:
    """What `home.html` may use; `sample_url` is a proven sale's page, once there is one."""

    market: str
    state: LiveState
    sample_url: str | None
    seed: str


@dataclass(frozen=True, slots=True)
class ScanPage:
    """What `scan.html` may use."""

    texts: dict[str, str]
    wasm_url: str


@dataclass(frozen=True, slots=True)
class LiveRow:
    """A sale on its way."""

    time: str
    name: str
    grams: int
    amount_minor: int
    currency: str
    stage: str
    stage_number: int
    stream: str
    position: int
    url: str | None
    record_url: str
    verdict: str


@dataclass(frozen=True, slots=True)
class LivePage:
    """What `live.html` may use; `feed` is what its script needs."""

    state: LiveState
    rows: Sequence[LiveRow]
    stages: Sequence[str]
    feed: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """One call of the API."""

    method: str
    path: str
    summary: str
    description: str
    try_url: str | None


@dataclass(frozen=True, slots=True)
class DocsPage:
    """What `docs.html` may use: calls by tag."""

    groups: Sequence[tuple[str, Sequence[Operation]]]


@router.get("/")
async def show_home(request: Request, services: ServicesDep) -> HTMLResponse:
    """What this is, and where to begin."""
    settings, state = services.settings, await feed_of(request).state()
    sample = await services.together(lambda views: story.first_proven(views, settings.market))
    reader = reader_of(request)
    page = HomePage(market=reader.market, state=state, sample_url=sample, seed=services.settings.market)
    return render(request, "home.html", page, json_url="/api/v1/openapi.json")


@router.get("/scan")
async def show_scan(request: Request) -> HTMLResponse:
    """Reads a receipt's code with the camera, a picture, or by hand."""
    page = ScanPage(texts=reader_of(request).texts("scan.script"), wasm_url="/static/vendor/zxing_reader.wasm")
    return render(request, "scan.html", page, policy=SCAN_POLICY)


@router.get("/live")
async def show_live(request: Request, services: ServicesDep) -> HTMLResponse:
    """Sales as they are signed, judged, sealed, pinned and final."""
    settings, state = services.settings, await feed_of(request).state()
    rows = await services.together(lambda views: _live_rows(views, request))
    reader = reader_of(request)
    page = LivePage(
        state=state,
        rows=rows,
        stages=STAGES,
        feed={
            "stream": f"/api/v1/markets/{settings.market}/live",
            "tiles": f"/api/v1/markets/{settings.market}/tiles",
            "cursor": state.cursor,
            "language": reader.language,
            "zone": str(settings.time_zone),
            "rows": LIVE_ROWS,
            "texts": reader.texts("live.script"),
            "items": {code: name.say(reader.language) for code, name in reader.register.items.items()},
        },
    )
    return render(request, "live.html", page, json_url=f"/api/v1/markets/{settings.market}/tiles")


@router.get("/api/v1/docs")
async def show_docs(request: Request) -> HTMLResponse:
    """The API for programmers, from its own OpenAPI document."""
    document: dict[str, Any] = request.app.openapi()
    groups: dict[str, list[Operation]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method == "head":
                continue
            is_plain = method == "get" and "{" not in path and "live" not in path
            groups.setdefault(operation.get("tags", ["other"])[0], []).append(
                Operation(
                    method.upper(),
                    path,
                    operation.get("summary", ""),
                    str(operation.get("description", "")).split("\n")[0],
                    path if is_plain else None,
                )
            )
    return render(request, "docs.html", DocsPage(groups=list(groups.items())), json_url="/api/v1/openapi.json")


def _live_rows(views: Views, request: Request) -> list[LiveRow]:
    reader = reader_of(request)
    sale, record = tables.sale.c, tables.record.c
    rows = views.journal.execute(
        select(tables.sale, record.record_hash, record.stream, record.position, record.verdict.label("judged"))
        .join_from(tables.sale, tables.record, record.id == sale.record_id)
        .where(sale.market == reader.services.settings.market)
        .order_by(sale.record_id.desc())
        .limit(LIVE_ROWS)
    ).mappings()
    found = list[LiveRow]()
    for row in rows:
        stage = progress_of(views, row["stream"], row["position"]).stage
        found.append(
            LiveRow(
                time=reader.clock(row["observed_at_ms"]),
                name=reader.item(row["item_code"], row["item_name"]),
                grams=row["net_grams"],
                amount_minor=row["amount_minor"],
                currency=row["currency"],
                stage=stage,
                stage_number=STAGES.index(stage),
                stream=row["stream"],
                position=row["position"],
                url=page_path(row["trace_code"], row["gtin"]),
                record_url=f"/records/0x{row['record_hash'].hex()}",
                verdict=Verdict(row["judged"]).name,
            )
        )
    return found
