"""Lots by key or GS1 Digital Link."""

from typing import Annotated

from fastapi import APIRouter, Path

from api.problems import problems
from api.queries import lots
from api.queries.lots import LotItem, LotView
from api.services import ServicesDep
from api.wire import BeforeQuery, LimitQuery, Page, page_of
from ledger_node.errors import LotNotFound

router = APIRouter(tags=["lots"])
LotPath = Annotated[
    str,
    Path(
        max_length=400,
        description="the lot's key (`0x…`) or its canonical Digital Link",
        examples=["https://id.gs1.org/01/09506000134352/10/L2026-0301"],
    ),
]


@router.get("/lots", responses=problems())
async def list_lots(services: ServicesDep, before: BeforeQuery = None, limit: LimitQuery = 30) -> Page[LotItem]:
    """Lots as their intake records state them, newest first."""
    found, keys = await services.journal(lambda journal: lots.listed(journal, limit=limit, before=before))
    return page_of(found, limit, keys)


@router.get("/lots/{lot:path}", responses=problems(LotNotFound))
async def read_lot(services: ServicesDep, lot: LotPath) -> LotView:
    """One lot: intake, parents, children, tests, holds, attestations, what was sold of it."""
    return await services.together(lambda views: lots.find(views, lot))
