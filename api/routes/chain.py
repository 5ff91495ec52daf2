"""Blocks, streams, pins, batches, parties, checkpoints."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.problems import problems
from api.queries import batches, chain, checkpoints
from api.queries.batches import BatchItem, BatchView
from api.queries.chain import BlockItem, BlockView, PartyView, PinItem, PinView, StreamItem
from api.queries.checkpoints import CheckpointView
from api.services import ServicesDep
from api.wire import BeforeQuery, LimitQuery, NameQuery, NumberPath, Page, page_of
from ledger_node.errors import (
    BatchNotFound,
    BlockNotFound,
    CheckpointNotFound,
    PartyNotFound,
    PinNotFound,
    StreamNotFound,
)

router = APIRouter(tags=["chain"])
StreamPath = Annotated[
    str, Path(pattern="^[A-Za-z0-9:/._-]{1,128}$", description="a stream's name", examples=["market/zpk/sale"])
]
LeafQuery = Annotated[int, Query(ge=0, le=2**32, description="the first leaf to show")]


@router.get("/blocks", responses=problems())
async def list_blocks(services: ServicesDep, before: BeforeQuery = None, limit: LimitQuery = 30) -> Page[BlockItem]:
    """Blocks that were taken in, newest first."""
    found = await services.projections(lambda projections: chain.blocks(projections, limit=limit, before=before))
    return page_of(found, limit, [one.number for one in found])


@router.get("/blocks/{number}", responses=problems(BlockNotFound))
async def read_block(services: ServicesDep, number: NumberPath) -> BlockView:
    """A block with our contracts' events in it."""
    return await services.together(lambda views: chain.block(views, number))


@router.get("/streams", responses=problems())
async def list_streams(services: ServicesDep) -> list[StreamItem]:
    """All open streams with their heads."""
    return await services.together(chain.streams)


@router.get("/streams/{stream:path}", responses=problems(StreamNotFound))
async def read_stream(services: ServicesDep, stream: StreamPath) -> StreamItem:
    """One stream with its head."""
    return await services.together(lambda views: chain.stream(views, stream))


@router.get("/pins", responses=problems())
async def list_pins(
    services: ServicesDep, stream: NameQuery = None, before: BeforeQuery = None, limit: LimitQuery = 30
) -> Page[PinItem]:
    """Pins, newest first; of one stream or of all."""
    found, keys = await services.together(lambda views: chain.pins(views, limit=limit, stream=stream, before=before))
    return page_of(found, limit, keys)


@router.get("/pins/{stream:path}/{sequence}", responses=problems(PinNotFound))
async def read_pin(services: ServicesDep, stream: StreamPath, sequence: NumberPath) -> PinView:
    """One pin with everything its event says."""
    return await services.together(lambda views: chain.pin(views, stream, sequence))


@router.get("/batches", responses=problems())
async def list_batches(
    services: ServicesDep, stream: NameQuery = None, before: BeforeQuery = None, limit: LimitQuery = 30
) -> Page[BatchItem]:
    """Closed batches, newest first, with the state of their transactions."""
    found = await services.journal(lambda journal: batches.listed(journal, limit=limit, stream=stream, before=before))
    return page_of(found, limit, [one.id for one in found])


@router.get("/batches/{stream:path}/{sequence}", responses=problems(BatchNotFound))
async def read_batch(
    services: ServicesDep, stream: StreamPath, sequence: NumberPath, leaf: LeafQuery = 0, limit: LimitQuery = 50
) -> BatchView:
    """One batch with its records in leaf order."""
    return await services.journal(lambda journal: batches.find(journal, stream, sequence, leaf=leaf, limit=limit))


@router.get("/parties", responses=problems())
async def list_parties(services: ServicesDep) -> list[PartyView]:
    """All parties: numbers and kinds, no personal data."""
    return await services.projections(chain.parties)


@router.get("/parties/{number}", responses=problems(PartyNotFound))
async def read_party(services: ServicesDep, number: Annotated[int, Path(ge=0, le=2**32 - 1)]) -> PartyView:
    """One party."""
    return await services.projections(lambda projections: chain.party(projections, number))


@router.get("/checkpoints", responses=problems())
async def list_checkpoints(
    services: ServicesDep, before: BeforeQuery = None, limit: LimitQuery = 30
) -> Page[CheckpointView]:
    """Signed tree heads of the log, newest first."""
    found = await services.log(lambda log: checkpoints.listed(log, limit=limit, before=before))
    return page_of(found, limit, [one.id for one in found])


@router.get("/checkpoints/newest", responses=problems(CheckpointNotFound))
async def read_newest_checkpoint(services: ServicesDep) -> CheckpointView:
    """The newest published checkpoint: what proofs are issued against."""
    found = await services.log(checkpoints.newest)
    if found is None:
        raise CheckpointNotFound("newest")
    return found


@router.get("/checkpoints/{number}", responses=problems(CheckpointNotFound))
async def read_checkpoint(services: ServicesDep, number: NumberPath) -> CheckpointView:
    """One checkpoint by its number here."""
    return await services.log(lambda log: checkpoints.find(log, number))
