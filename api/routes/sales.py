"""Sales, tickets, their stories, proofs and QR codes."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from starlette.responses import Response

from api.problems import problems
from api.qr import qr_svg
from api.queries import sales, story
from api.queries.sales import SaleView, TicketView
from api.queries.story import SaleStory
from api.routes.records import PROOF, proof_response
from api.services import Services, ServicesDep
from ledger_node.errors import RecordNotYetProven, SaleNotFound, TicketNotFound

router = APIRouter(tags=["sales"])
SalePath = Annotated[
    str, Path(pattern="^[0-9A-Z]{17,26}$", description="a sale's ULID or trace code", examples=["7ZQ4M8RC2KX9TB5WE"])
]
TicketPath = Annotated[str, Path(pattern="^[0-9A-Z]{26}$", description="a ticket's ULID")]
_SVG: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/svg+xml": {"schema": {"type": "string"}}}, "description": "the code"}
}


@router.get("/sales/{sale}", responses=problems(SaleNotFound))
async def read_sale(services: ServicesDep, sale: SalePath) -> SaleView:
    """One sale by its id or by the trace code on its receipt."""
    return await services.together(lambda views: sales.find(views, sale))


@router.get("/sales/{sale}/story", responses=problems(SaleNotFound))
async def read_story(services: ServicesDep, sale: SalePath) -> SaleStory:
    """What the consumer's page says: lots, tests, holds, the tank's temperatures, the scale."""
    return await services.together(lambda views: story.story_of(views, sale))


@router.get(
    "/sales/{sale}/proof",
    response_class=Response,
    responses={**problems(SaleNotFound, RecordNotYetProven), **PROOF},
)
async def read_sale_proof(services: ServicesDep, sale: SalePath) -> Response:
    """One bundle for the sale with the intakes and tests of its lots, as far as they are proven."""
    hashes = await services.together(lambda views: story.proof_records(views, sale))
    return await proof_response(services, hashes[0], lambda: _journey(services, hashes), sale)


@router.get("/sales/{sale}/qr.svg", response_class=Response, responses={**problems(SaleNotFound), **_SVG})
async def read_qr(services: ServicesDep, sale: SalePath) -> Response:
    """The QR code of a sale's page, error level M."""
    row = await services.journal(lambda journal: sales.find_row(journal, sale))
    path = sales.page_path(row["trace_code"], row["gtin"])
    if path is None:
        raise SaleNotFound(sale)
    return Response(
        qr_svg(services.settings.public_url + path),
        media_type="image/svg+xml",
        headers={"Cache-Control": "public, max-age=86400"},
    )


@router.get("/tickets/{ticket}", responses=problems(TicketNotFound))
async def read_ticket(services: ServicesDep, ticket: TicketPath) -> TicketView:
    """One customer's lines."""
    return await services.together(lambda views: sales.find_ticket(views, ticket))


def _journey(services: Services, hashes: list[bytes]) -> bytes:
    """The largest bundle there is yet: what came before a sale was journaled earlier, but may be pinned later."""
    if len(hashes) > 1:
        try:
            return services.proofs.journey(hashes)
        except RecordNotYetProven as early:
            if early.record_hash == hashes[0]:
                raise
    return services.proofs.record(hashes[0])
