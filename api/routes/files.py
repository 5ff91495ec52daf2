"""Files: the log's tiles and checkpoint, content by identifier, the network file."""

import io
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from fastapi import APIRouter, Path, Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.content_type import sniffed
from api.problems import problems
from api.services import Services, ServicesDep
from ledger_node.content.cid import Cid
from ledger_node.errors import CheckpointNotFound, ContentError, ContentTooLarge, TileNotFound

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

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
async def read_content(
    services: ServicesDep,
    cid: CidPath,
    form: Annotated[
        Literal["raw", "car"], Query(alias="format", description="the content itself, or its blocks as a CARv1")
    ] = "raw",
) -> Response:
    """Content by its identifier, hashed again as it is read. The type is what we find in it, never what was claimed."""
    wanted = Cid.parse(cid)
    if form == "car":
        return await _content_as_car(services, wanted)
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


async def _content_as_car(services: Services, wanted: Cid) -> Response:
    """What another member takes in whole: each block verifies by itself."""
    car = _Bounded()
    await run_in_threadpool(services.content.export, [wanted], car)
    headers = {"Content-Disposition": f'attachment; filename="{wanted}.car"', "Cache-Control": _IMMUTABLE}
    return Response(car.getvalue(), media_type="application/vnd.ipld.car; version=1", headers=headers)


class _Bounded(io.BytesIO):
    """Takes as much as an answer may hold; ContentTooLarge beyond."""

    def write(self, data: "Buffer", /) -> int:
        length = self.tell() + memoryview(data).nbytes
        if length > CONTENT_LIMIT_BYTES:
            raise ContentTooLarge(length, CONTENT_LIMIT_BYTES)
        return super().write(data)
