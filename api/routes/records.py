"""Signed records and their proofs."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.problems import problems
from api.queries import records
from api.queries.progress import progress_of
from api.queries.records import RecordItem, RecordView
from api.services import ServicesDep, Views
from api.wire import BeforeQuery, HashPath, LimitQuery, NameQuery, Page, bytes_of, page_of
from ledger_node.domain.record import Verdict
from ledger_node.errors import RecordNotFound, RecordNotYetProven

router = APIRouter(tags=["records"])
PROOF_TYPE = "application/vnd.tidemark.proof+json"
_PROOF: dict[int | str, dict[str, Any]] = {
    200: {"content": {PROOF_TYPE: {"schema": {"type": "object"}}}, "description": "the proof bundle"}
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
    responses={**problems(RecordNotFound, RecordNotYetProven), **_PROOF},
)
async def read_proof(services: ServicesDep, record_hash: HashPath) -> Response:
    """The record's proof bundle against the newest published checkpoint; 202 while no checkpoint covers it."""
    wanted = bytes_of(record_hash, "record_hash")
    try:
        bundle = await run_in_threadpool(services.proofs.record, wanted)
    except RecordNotYetProven as early:
        raise await services.together(lambda views: not_yet(views, wanted)) from early
    return proof_response(bundle, wanted.hex()[:16])


def not_yet(views: Views, record_hash: bytes) -> RecordNotYetProven:
    """The same failure with the stage as all three databases know it: the builder sees the log alone."""
    row = records.find_row(views.journal, record_hash)
    return RecordNotYetProven(record_hash, progress_of(views, row["stream"], row["position"]).stage)


def proof_response(bundle: bytes, name: str) -> Response:
    """A bundle as a file to keep: valid for ever, but a newer one answers up to a later block."""
    return Response(
        bundle,
        media_type=PROOF_TYPE,
        headers={
            "Content-Disposition": f'inline; filename="{name}.tidemark.json"',
            "Cache-Control": "no-store",
        },
    )
