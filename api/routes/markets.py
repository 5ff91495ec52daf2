"""Live events of a market, for streams (SSE) and for those who poll."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from api.live import LiveFeed
from api.problems import problems
from api.queries import story
from api.queries.live import LiveCursor, LiveState
from api.services import ServicesDep
from api.wire import View
from ledger_node.domain.digest import sha256
from ledger_node.errors import MarketNotFound, PartUnavailable, QueryWrong, SaleNotFound

router = APIRouter(tags=["markets"])
MarketPath = Annotated[str, Path(pattern="^[a-z0-9-]{1,32}$", description="the market's id", examples=["zpk"])]
CURSOR_PATTERN = r"^\d{1,16}-\d{1,16}-\d{1,16}\.\d{1,16}-\d{1,16}-\d{1,16}$"
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}, "description": "server-sent events"}
}
_TEXT: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "the page's path"}
}


class LiveEventView(View):
    """One event: sale, test, hold, lot, device, refusal, sealed, pinned, final or checkpoint."""

    type: str
    cursor: str
    body: dict[str, Any]


class LiveTiles(View):
    """What a page that polls needs: the counters, and what happened after its cursor."""

    state: LiveState
    events: list[LiveEventView]


@router.get(
    "/markets/{market}/live",
    response_class=StreamingResponse,
    responses={**problems(MarketNotFound, PartUnavailable), **_STREAM},
)
async def stream_live(
    request: Request,
    services: ServicesDep,
    market: MarketPath,
    last_event_id: Annotated[str, Header(max_length=128)] = "",
    cursor: Annotated[
        str, Query(pattern=CURSOR_PATTERN + "|^$", description="as Last-Event-ID, for a first call")
    ] = "",
) -> StreamingResponse:
    """Sales signed, judged, sealed, pinned, final; `Last-Event-ID` resumes up to ten minutes back."""
    _require(market, services.settings.market)
    feed = feed_of(request)
    stream = feed.stream(feed.open(), last_event_id or cursor)
    return StreamingResponse(
        stream, media_type="text/event-stream", headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )


@router.get("/markets/{market}/tiles", responses=problems(MarketNotFound))
async def read_tiles(
    request: Request,
    response: Response,
    services: ServicesDep,
    market: MarketPath,
    cursor: Annotated[str, Query(pattern=CURSOR_PATTERN, description="the cursor of the last answer")] = "",
    if_none_match: Annotated[str, Header(max_length=256)] = "",
) -> LiveTiles:
    """The same for those who poll: counters, and events after `cursor`; 304 when nothing changed."""
    _require(market, services.settings.market)
    place = LiveCursor.parse(cursor) if cursor else None
    if cursor and place is None:
        raise QueryWrong("cursor", "not a cursor")
    feed = feed_of(request)
    messages = [] if place is None else await feed.since(place)
    events = [LiveEventView(type=one.type, cursor=str(one.cursor), body=one.body) for one in messages]
    tiles = LiveTiles(state=await feed.state(), events=events)
    same = tiles.state.model_dump_json(exclude={"at", "checkpoint", "oldest_unsealed_age_ms", "oldest_unpinned_age_ms"})
    tag = f'"{sha256(f"{same}{[one.cursor for one in events]}".encode()).hex()[:32]}"'
    response.headers.update({"ETag": tag, "Cache-Control": "no-cache"})
    if if_none_match == tag:
        response.status_code = 304
    return tiles


@router.get(
    "/markets/{market}/first-proven",
    response_class=PlainTextResponse,
    responses={**problems(MarketNotFound, SaleNotFound), **_TEXT},
)
async def read_first_proven(services: ServicesDep, market: MarketPath) -> PlainTextResponse:
    """The page of a sale that a published checkpoint already covers."""
    _require(market, services.settings.market)
    found = await services.together(lambda views: story.first_proven(views, market))
    if found is None:
        raise SaleNotFound("proven")
    return PlainTextResponse(found, headers={"Cache-Control": "no-store"})


def feed_of(request: Request) -> LiveFeed:
    """The one feed of this process."""
    feed: LiveFeed = request.app.state.live
    return feed


def _require(market: str, ours: str) -> None:
    if market != ours:
        raise MarketNotFound(market)
