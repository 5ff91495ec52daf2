"""Signed records and their proofs."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.problems import problems
from api.queries import records
from api.queries.progress import progress_of
from api.queries.records import RecordItem, RecordView
from api.services import Services, ServicesDep, Views
from api.wire import BeforeQuery, HashPath, LimitQuery, NameQuery, Page, bytes_of, page_of
from ledger_node.domain.record import Verdict
from ledger_node.errors import RecordNotFound, RecordNotYetProven

router = APIRouter(tags=["records"])
_PROOF_TYPE = "application/vnd.tidemark.proof+json"
PROOF: dict[int | str, dict[str, Any]] = {
    200: {"content": {_PROOF_TYPE: {"schema": {"type": "object"}}}, "description": "the proof bundle"}
}

VerdictQuery = Annotated[records.VerdictName | None, Query(description="only records with this verdict")]


@router.get("/records", responses=problems())
async def list_records(
    services: ServicesDep,
    stream: NameQuery = None,
    kind: NameQuery = None,
    device: NameQuery = None,
    verdict: VerdictQuery = None,
    before: BeforeQuery = None,
    limit: LimitQuery = 30,
) -> Page[RecordItem]:
    """Records that were journaled, newest first."""
    found = await services.journal(
        lambda journal: records.listed(
            journal,
            limit=limit,
            before=before,
            stream=stream,
            kind=kind,
            device=device,
            verdict=None if verdict is None else Verdict[verdict],
        )
    )
    return page_of(found, limit, [one.id for one in found])


@router.get("/records/{record_hash}", responses=problems(RecordNotFound))
async def read_record(services: ServicesDep, record_hash: HashPath) -> RecordView:
    """One record: what was signed, how it was judged, how far it has come."""
    wanted = bytes_of(record_hash, "record_hash")
    return await services.together(lambda views: records.find(views, wanted))


@router.get(
    "/records/{record_hash}/proof",
    response_class=Response,
    responses={**problems(RecordNotFound, RecordNotYetProven), **PROOF},
)
async def read_proof(services: ServicesDep, record_hash: HashPath) -> Response:
    """The record's proof bundle against the newest published checkpoint; 202 while no checkpoint covers it."""
    wanted = bytes_of(record_hash, "record_hash")
    return await proof_response(services, wanted, lambda: services.proofs.record(wanted), wanted.hex()[:16])


async def proof_response(services: Services, record_hash: bytes, build: Callable[[], bytes], name: str) -> Response:
    """The bundle of a record as a file to keep: valid for ever, but a newer one answers up to a later block."""
    try:
        bundle = await run_in_threadpool(build)
    except RecordNotYetProven as early:
        raise await services.together(lambda views: _not_yet(views, record_hash)) from early
    return Response(
        bundle,
        media_type=_PROOF_TYPE,
        headers={
            "Content-Disposition": f'inline; filename="{name}.tidemark.json"',
            "Cache-Control": "no-store",
        },
    )


def _not_yet(views: Views, record_hash: bytes) -> RecordNotYetProven:
    """The same failure with the stage as all three databases know it: the builder sees the log alone."""
    row = records.find_row(views.journal, record_hash)
    return RecordNotYetProven(record_hash, progress_of(views, row["stream"], row["position"]).stage)
