"""Records by HTTP, for gateways whose broker is away: forwarded as they are to the ingest process, which judges."""

from typing import Any, Final

import httpx
from fastapi import APIRouter, Request
from starlette.responses import Response

from api.problems import problems
from api.security import read_body
from api.services import ServicesDep
from ledger_node.domain.frame import FRAME_LIMIT_BYTES
from ledger_node.errors import BodyTooLarge, EnvelopeMalformed, PartUnavailable

router = APIRouter(tags=["ingest"])
TIMEOUT: Final = httpx.Timeout(connect=2.0, read=30.0, write=10.0, pool=5.0)
_PASSED_ON: Final = ("content-type", "signature", "signature-input", "content-digest", "x-request-id")
_HANDED_BACK: Final = ("content-type", "retry-after")
_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"application/json": {"schema": {"type": "object"}, "example": {"receipts": [], "refused": []}}},
        "description": "the node's signed receipts, and what was refused",
    },
    429: {"description": "the queue is full: ask again after Retry-After seconds"},
}


@router.post(
    "/ingest",
    response_class=Response,
    responses={**problems(EnvelopeMalformed, BodyTooLarge, PartUnavailable), **_ANSWER},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/cbor": {"schema": {"type": "string", "format": "binary"}},
                "application/json": {"schema": {"type": "array", "items": {"type": "object"}}},
            },
        }
    },
)
async def post_frame(request: Request, services: ServicesDep) -> Response:
    """One frame of 1 to 64 signed envelopes, at most 128 KiB. Nothing is acknowledged before it is journaled."""
    frame = await read_body(request, FRAME_LIMIT_BYTES)
    if services.settings.ingest_url is None:
        raise PartUnavailable("ingest", "this node takes no records by HTTP", 60)
    client: httpx.AsyncClient = request.app.state.ingest_client
    headers = {name: request.headers[name] for name in _PASSED_ON if name in request.headers}
    headers["x-request-id"] = request.state.request_id
    try:
        answer = await client.post(services.settings.ingest_url + "/api/v1/ingest", content=frame, headers=headers)
    except httpx.HTTPError as error:
        raise PartUnavailable("ingest", f"it does not answer ({type(error).__name__})") from error
    handed = {name: answer.headers[name] for name in _HANDED_BACK if name in answer.headers}
    return Response(answer.content, answer.status_code, headers={**handed, "Cache-Control": "no-store"})
