"""Files: the log's tiles and checkpoint, content by identifier, the network file."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.content_type import sniffed
from api.problems import problems
from api.services import ServicesDep
from ledger_node.content.cid import Cid
from ledger_node.errors import CheckpointNotFound, ContentError, TileNotFound

router = APIRouter(tags=["files"])
CONTENT_LIMIT_BYTES: Final = 20 << 20
_IMMUTABLE: Final = "public, max-age=31536000, immutable"
_BYTES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {}}, "description": "the bytes"}
}
_NOTE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "the signed note"}
}
_NETWORK: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/json": {"schema": {"type": "object"}}}, "description": "the network file"}
}
TilePath = Annotated[
    str,
    Path(
        pattern=r"^(entries|[0-9]{1,2})/(x[0-9]{3}/)*[0-9]{3}(\.p/[0-9]{1,3})?$",
        description="level or `entries`, then the number in groups of three digits, as C2SP tlog-tiles writes it",
        examples=["0/000", "entries/000.p/12"],
    ),
]
CidPath = Annotated[str, Path(max_length=128, description="a CIDv1 of ours", examples=["bafkrei…"])]


@router.get("/.well-known/tidemark-network.json", response_class=Response, responses={**problems(), **_NETWORK})
async def read_network(services: ServicesDep) -> Response:
    """The network file of this node. Compare its SHA-256 with one you have from elsewhere before you trust it."""
    return Response(
        services.network_bytes,
        media_type="application/json",
        headers={"Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*"},
    )


@router.get("/log/checkpoint", response_class=Response, responses={**problems(CheckpointNotFound), **_NOTE})
async def read_checkpoint_file(services: ServicesDep) -> Response:
    """The published checkpoint as a signed note."""
    try:
        note = await run_in_threadpool((services.settings.log_folder / "checkpoint").read_bytes)
    except FileNotFoundError as missing:
        raise CheckpointNotFound("checkpoint") from missing
    return Response(note, media_type="text/plain; charset=utf-8", headers={"Cache-Control": "max-age=2"})


@router.get("/log/tile/{tile:path}", response_class=Response, responses={**problems(TileNotFound), **_BYTES})
async def read_tile(services: ServicesDep, tile: TilePath) -> Response:
    """A tile of the log's tree, or of its entries (gzip)."""
    try:
        data = await run_in_threadpool((services.settings.log_folder / "tile" / tile).read_bytes)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as missing:
        raise TileNotFound(tile) from missing
    headers = {"Cache-Control": _IMMUTABLE}
    if tile.startswith("entries/"):
        headers["Content-Encoding"] = "gzip"
    return Response(data, media_type="application/octet-stream", headers=headers)


@router.head("/content/{cid}", include_in_schema=False)
@router.get("/content/{cid}", response_class=Response, responses={**problems(ContentError), **_BYTES})
async def read_content(services: ServicesDep, cid: CidPath) -> Response:
    """Content by its identifier, hashed again as it is read. The type is what we find in it, never what was claimed."""
    wanted = Cid.parse(cid)
    data = await run_in_threadpool(lambda: b"".join(services.content.read(wanted, limit_bytes=CONTENT_LIMIT_BYTES)))
    media_type, extension, is_shown = sniffed(data)
    return Response(
        data,
        media_type=media_type,
        headers={
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Content-Disposition": f'{"inline" if is_shown else "attachment"}; filename="{wanted}.{extension}"',
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "ETag": f'"{wanted}"',
            "Cache-Control": _IMMUTABLE,
        },
    )
