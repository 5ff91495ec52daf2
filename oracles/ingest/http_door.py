"""`POST /api/v1/ingest`: the way in for gateways whose broker is away, on a loopback port of the process's own.

A frame in, receipts and refusals out. A request signed as RFC 9421 says tells who sent it; on the loopback of a
demonstration an unsigned one is taken too, for what is inside is signed anyway. Overload is 429, a database that is
away 503, both with Retry-After.
"""

from collections.abc import Awaitable, Callable
from typing import Final

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError

from ledger_node.domain.clock import Clock
from ledger_node.domain.device import DeviceClass, DeviceStatus, key_at
from ledger_node.domain.frame import FRAME_LIMIT_BYTES
from ledger_node.domain.http_signature import read_request, verify_request
from ledger_node.errors import IngestOverloaded, SignedMessageWrong
from ledger_node.store.devices import DeviceDirectory
from oracles.ingest.core import Answer
from oracles.ingest.reading import Frame, Source

PATH: Final = "/api/v1/ingest"
_RETRY_AFTER_SECONDS: Final = 2
_FORMS: Final = ("application/cbor", "application/cbor-seq", "application/json", "application/octet-stream")


def create_door(
    submit: Callable[[Frame], Awaitable[Answer]],
    directory: DeviceDirectory,
    clock: Clock,
    *,
    needs_signature: bool = False,
) -> FastAPI:
    """The application with its one route, and `/healthz`."""
    app = FastAPI(title="Tidemark ingest", docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:  # pyright: ignore[reportUnusedFunction]
        return {"status": "ok"}

    @app.post(PATH)
    async def ingest(request: Request) -> JSONResponse:  # pyright: ignore[reportUnusedFunction]
        form = request.headers.get("content-type", _FORMS[0]).partition(";")[0].strip().lower()
        if form not in _FORMS:
            return _problem(415, "A frame is CBOR or JSON.", f"content type {form[:64]}")
        body = await _read_body(request)
        if body is None:
            return _problem(413, "A frame has at most 128 KiB.", "the body is larger")
        try:
            source = _source(request, body, directory, clock, needs_signature=needs_signature)
        except SignedMessageWrong as wrong:
            return _problem(401, "The request is not signed by an enrolled gateway.", wrong.why)
        try:
            answer = await submit(Frame(body, source))
        except IngestOverloaded as overload:
            return _problem(429, "Too many messages are waiting.", str(overload), overload.retry_after_seconds)
        except DBAPIError:
            return _problem(503, "The journal is away.", "nothing was acknowledged", _RETRY_AFTER_SECONDS)
        return JSONResponse(answer.to_json())

    return app


async def _read_body(request: Request) -> bytes | None:
    """The whole body, None as soon as it passes a frame's limit."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > FRAME_LIMIT_BYTES:
            return None
    return bytes(body)


def _source(
    request: Request, body: bytes, directory: DeviceDirectory, clock: Clock, *, needs_signature: bool
) -> Source:
    """Who sent it. SignedMessageWrong for a signature that does not stand, or one missing where it must be."""
    peer = request.client.host if request.client is not None else "unknown"
    if "signature-input" not in request.headers:
        if needs_signature:
            raise SignedMessageWrong("request", "no signature")
        return Source(f"http {peer}")
    claim = read_request(request.method, request.url.path, body, dict(request.headers))
    gateway = directory.state(claim.key_id)
    if gateway is None or not gateway.keys or gateway.device_class != DeviceClass.GATEWAY:
        raise SignedMessageWrong("request", f"{claim.key_id} is no enrolled gateway")
    found = key_at(gateway, claim.created_at)
    fits = verify_request(claim, found.key.key_type, found.key.public_key, now_s=clock.now_s())
    if found.status != DeviceStatus.ACTIVE or not fits:
        raise SignedMessageWrong("request", f"not signed, or not now, by the key of {claim.key_id}")
    return Source(f"http {claim.key_id}", gateway=claim.key_id, certificate=claim.key_id)


def _problem(status: int, title: str, detail: str, retry_after_seconds: int | None = None) -> JSONResponse:
    headers = {} if retry_after_seconds is None else {"Retry-After": str(retry_after_seconds)}
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return JSONResponse(body, status, headers, media_type="application/problem+json")
