"""What every answer carries and every request must keep to: headers, content security policy, body and query limits."""

from typing import Any, Final
from uuid import uuid4

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ledger_node.errors import BodyTooLarge, QueryFieldUnknown, QueryWrong

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "font-src 'self'; media-src 'self' blob:; manifest-src 'self'; worker-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
SCAN_POLICY: Final = POLICY.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'")
"""The scan page alone may compile the barcode reader's WebAssembly, which we serve ourselves."""

_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=(), payment=(), usb=()",
    "Strict-Transport-Security": "max-age=31536000",
}
QUERY_LIMIT_BYTES: Final = 4096


class SecurityHeaders:
    """Adds the headers to every answer that has not set its own, and a request id that logs carry on."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        asked = Headers(scope=scope).get("x-request-id", "")
        request_id = asked if asked.isascii() and asked.isalnum() and len(asked) <= 64 else uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Content-Security-Policy", POLICY)
                headers["X-Request-Id"] = request_id
            await send(message)

        await self.app(scope, receive, send_with_headers)


def limit_query(request: Request) -> None:
    """Refuses query fields that the route does not have, repeated ones, and queries over 4 kB."""
    if len(request.scope.get("query_string", b"")) > QUERY_LIMIT_BYTES:
        raise QueryWrong("query", f"longer than {QUERY_LIMIT_BYTES} bytes")
    known = known_fields(request.scope["route"])
    seen = set[str]()
    for name, _ in request.query_params.multi_items():
        if name not in known:
            raise QueryFieldUnknown(name, known)
        if name in seen:
            raise QueryWrong(name, "stands twice")
        seen.add(name)


def known_fields(route: Any) -> tuple[str, ...]:
    """The query fields that a route declares; pages know `lang` besides."""
    if not isinstance(route, APIRoute):
        return ()
    declared = [field.alias for field in route.dependant.query_params]
    for dependency in route.dependant.dependencies:
        declared += [field.alias for field in dependency.query_params]
    return tuple(sorted({*declared, *(("lang",) if "page" in route.tags else ())}))


async def read_body(request: Request, limit_bytes: int) -> bytes:
    """The whole body; BodyTooLarge as soon as it passes the limit, whatever its length was said to be."""
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > limit_bytes:
        raise BodyTooLarge(limit_bytes)
    parts, size = list[bytes](), 0
    async for part in request.stream():
        size += len(part)
        if size > limit_bytes:
            raise BodyTooLarge(limit_bytes)
        parts.append(part)
    return b"".join(parts)
