"""Whether this process lives, whether it can serve, and its figures for Prometheus."""

from typing import Any

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.metrics import Metrics
from api.problems import problems
from api.queries.counters import counters
from api.services import ServicesDep
from api.wire import View
from ledger_node.errors import PartUnavailable

router = APIRouter(tags=["health"])
_TEXT: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "figures"}
}


class Health(View):
    """`ok`, or the answer is a problem."""

    status: str


@router.get("/healthz")
async def healthz() -> Health:
    """Whether the process answers at all."""
    return Health(status="ok")


@router.get("/readyz", responses=problems(PartUnavailable))
async def readyz(services: ServicesDep) -> Health:
    """Whether the databases answer and the chain has been followed to some block."""
    found = await services.together(counters)
    if found.head_block is None:
        raise PartUnavailable("indexer", "no block has been taken in yet")
    return Health(status="ok")


@router.get("/metrics", response_class=Response, responses={**problems(PartUnavailable), **_TEXT})
async def metrics(request: Request, services: ServicesDep) -> Response:
    """Figures in Prometheus' text form."""
    figures: Metrics = request.app.state.metrics
    now = services.clock.now_ms()
    text = await run_in_threadpool(figures.render, services, request.app.state.live, now)
    return Response(text, headers={"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"})
