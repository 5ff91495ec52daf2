"""Puts the API together: services in, an ASGI application out. `tidemark serve` runs it with uvicorn."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import httpx
from fastapi import APIRouter, Depends, FastAPI
from starlette.responses import RedirectResponse
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from api import problems
from api.live import LiveFeed
from api.metrics import CountRequests, Metrics
from api.pages import explorer, front, items, receipts
from api.routes import chain, devices, files, health, ingest, lots, markets, records, sales
from api.security import SecurityHeaders, limit_query
from api.services import ContentSource, ProofSource, Services
from api.settings import ApiSettings
from ledger_node.domain.clock import Clock
from ledger_node.store.database import Stores

API: Final = "/api/v1"
_DESCRIPTION: Final = (
    "Records that scales, probes and testers signed, how they were judged, where they are pinned, and their proofs. "
    "Every answer about a record can be checked without this server: ask for its proof and verify it with "
    "`tidemark verify` or the verifier page. Money is in minor units, weights are grams, moments are RFC 3339."
)


def create_app(
    settings: ApiSettings,
    stores: Stores,
    network_bytes: bytes,
    proofs: ProofSource,
    content: ContentSource,
    clock: Clock,
) -> FastAPI:
    """The application over these stores; it owns nothing but its live feed and its client of the ingest process."""
    services = Services(settings, stores, network_bytes, proofs, content, clock)
    feed = LiveFeed(services)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        task = asyncio.create_task(feed.run())
        async with httpx.AsyncClient(timeout=ingest.TIMEOUT, trust_env=False) as client:
            app.state.ingest_client = client
            yield
        feed.stop()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    app = FastAPI(
        title="Tidemark",
        version="1",
        summary="A permissioned traceability ledger for fresh-food markets",
        description=_DESCRIPTION,
        openapi_url=f"{API}/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        separate_input_output_schemas=False,
    )
    app.state.services = services
    app.state.live = feed
    app.state.metrics = Metrics()
    problems.install(app)
    _add_routes(app)
    app.mount("/static", CachedFiles(directory=settings.static_folder), name="static")
    app.add_middleware(CountRequests, metrics=app.state.metrics)
    app.add_middleware(SecurityHeaders)
    _describe_problems(app)
    return app


def _add_routes(app: FastAPI) -> None:
    checked = [Depends(limit_query)]
    api = APIRouter(prefix=API, dependencies=checked)
    for module in (records, sales, lots, devices, chain, markets, ingest):
        api.include_router(module.router)
    app.include_router(api)
    for module in (files, health):
        app.include_router(module.router, dependencies=checked)
    for page in (front, items, receipts, explorer):
        app.include_router(page.router, dependencies=checked)

    @app.get("/verify", include_in_schema=False)
    async def open_verifier() -> RedirectResponse:  # pyright: ignore[reportUnusedFunction]
        """The verifier page: one file that also works from a disk, with the network off."""
        return RedirectResponse("/static/verify.html", 307)


def _describe_problems(app: FastAPI) -> None:
    """Adds the schema that all problem answers refer to."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        document = plain()
        schemas: dict[str, Any] = document.setdefault("components", {}).setdefault("schemas", {})
        schemas.setdefault("Problem", problems.Problem.model_json_schema())
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        for methods in document["paths"].values():
            for operation in methods.values():
                _replace_validation(operation["responses"])
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def _replace_validation(responses: dict[str, Any]) -> None:
    found: Mapping[str, Any] | None = responses.get("422")
    if found is not None and "application/json" in found.get("content", {}):
        content = dict(found["content"])
        content.pop("application/json")
        content.setdefault(problems.MEDIA_TYPE, {"schema": {"$ref": "#/components/schemas/Problem"}})
        responses["422"] = {**found, "content": content}


class CachedFiles(StaticFiles):
    """Static files: for ever where the address carries a mark of the content, else asked again each time."""

    def file_response(self, full_path: Any, stat_result: Any, scope: Scope, status_code: int = 200) -> Any:
        """As in Starlette, with our caching, and the type that WebAssembly needs."""
        answer = super().file_response(full_path, stat_result, scope, status_code)
        is_marked = scope.get("query_string", b"").startswith(b"v=")
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable" if is_marked else "no-cache"
        if str(full_path).endswith("verify.html"):
            # The file carries its own, stricter policy by meta, with its script's hash.
            answer.headers["Content-Security-Policy"] = "frame-ancestors 'none'"
        return answer
