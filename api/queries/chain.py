"""What the chain holds: blocks, their events, streams, pins, parties."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, func, or_, select

from api.queries import tables
from api.queries.sealed import details_of, summary_of
from api.services import Views
from api.wire import Address, Decimal, Hex32, Moment, View, at_s, hex_of
from ledger_node.domain.contract_numbers import PartyKind
from ledger_node.domain.payload import KINDS
from ledger_node.domain.record import name_hash
from ledger_node.errors import BlockNotFound, PartyNotFound, PinNotFound, StreamNotFound

LOG_INDEX_SPAN = 1 << 20
"""Block and log index make one number that orders pins: block × this + index; below 2^53 up to block 2^33."""


class EventView(View):
    """An event of one of our contracts."""

    contract: str
    name: str
    log_index: int
    transaction: Hex32


class BlockItem(View):
    """A block as lists show it."""

    number: int
    hash: Hex32
    time: Moment | None
    final: bool
    events: int
    pins: int


class BlockView(BlockItem):
    """A block with its events and pins."""

    parent_hash: Hex32
    event_list: Sequence[EventView]
    pin_list: Sequence["PinItem"]


class PinItem(View):
    """A pin as lists show it; `stream` is the stream's id where its name has never been seen here."""

    stream: str
    sequence: int
    count: int
    amount: Decimal
    mass: Decimal
    root: Hex32
    sealed_at: Moment | None
    block: int
    block_at: Moment | None
    transaction: Hex32
    final: bool


class PinView(PinItem):
    """A pin with everything its event says."""

    stream_id: Hex32
    previous_root: Hex32
    first_at: Moment | None
    last_at: Moment | None
    content: Hex32
    lots: Hex32
    rules: Hex32
    log_index: int


class StreamItem(View):
    """An open stream and its head."""

    stream: str
    stream_id: Hex32
    owner: int
    pinner: Address
    flags: int
    sequence: int
    root: Hex32
    sealed_at: Moment | None
    flagged: bool


class WalletView(View):
    """An account of a party."""

    address: Address
    powers: int
    retired_from: Moment | None


class PartyView(View):
    """A party as the chain knows it: a number and kinds, no personal data."""

    number: int
    kinds: Sequence[str]
    jurisdiction: str
    status: int
    merged_into: int
    verified_until: Moment | None
    block: int
    devices: int


def stream_names(views: Views) -> Mapping[bytes, str]:
    """Names of streams by id: of all that a record was ever put in, of every kind beside them and of every owner."""
    seen = set(views.journal.execute(select(tables.stream_head.c.stream)).scalars())
    owners = {name.rpartition("/")[0] for name in seen}
    owners |= {f"party/{owner}" for owner in views.projections.execute(select(tables.stream.c.owner)).scalars()}
    named = seen | {f"{owner}/{kind.stream_kind}" for owner in owners for kind in KINDS.values()}
    return {name_hash(name): name for name in named}


def blocks(projections: Connection, *, limit: int, before: int | None = None) -> list[BlockItem]:
    """Up to `limit` + 1 blocks, newest first."""
    query = select(tables.block).order_by(tables.block.c.number.desc()).limit(limit + 1)
    if before is not None:
        query = query.where(tables.block.c.number < before)
    rows = projections.execute(query).mappings().all()
    numbers = [row["number"] for row in rows]
    events = _counts(projections, tables.event.c.block_number, numbers)
    pins = _counts(projections, tables.pin.c.block_number, numbers)
    return [_block(row, events.get(row["number"], 0), pins.get(row["number"], 0)) for row in rows]


def block(views: Views, number: int) -> BlockView:
    """A block; BlockNotFound where it has not been taken in."""
    row = views.projections.execute(select(tables.block).where(tables.block.c.number == number)).mappings().first()
    if row is None:
        raise BlockNotFound(str(number))
    event = tables.event.c
    events = [
        EventView(
            contract=one["noun"], name=one["name"], log_index=one["log_index"], transaction=hex_of(one["tx_hash"])
        )
        for one in views.projections.execute(
            select(tables.event).where(event.block_number == number).order_by(event.log_index).limit(500)
        ).mappings()
    ]
    pins = _pins(views, select(tables.pin).where(tables.pin.c.block_number == number).order_by(tables.pin.c.log_index))
    return BlockView(
        **_block(row, len(events), len(pins)).model_dump(),
        parent_hash=hex_of(row["parent_hash"]),
        event_list=events,
        pin_list=pins,
    )


def streams(views: Views) -> list[StreamItem]:
    """All open streams by name."""
    names = stream_names(views)
    items = [_stream(row, names) for row in views.projections.execute(select(tables.stream)).mappings()]
    return sorted(items, key=lambda item: item.stream)


def stream(views: Views, name: str) -> StreamItem:
    """A stream by its name; StreamNotFound where none is open."""
    row = (
        views.projections.execute(select(tables.stream).where(tables.stream.c.stream == name_hash(name)))
        .mappings()
        .first()
    )
    if row is None:
        raise StreamNotFound(name)
    return _stream(row, {name_hash(name): name})


def pins(
    views: Views, *, limit: int, stream: str | None = None, before: int | None = None
) -> tuple[list[PinItem], list[int]]:
    """Up to `limit` + 1 pins, newest first, of one stream by sequence or of all by block, with their keys."""
    pin = tables.pin.c
    query = select(tables.pin)
    if stream is not None:
        query = query.where(pin.stream == name_hash(stream)).order_by(pin.sequence.desc())
        query = query if before is None else query.where(pin.sequence < before)
        found = _pins(views, query.limit(limit + 1))
        return found, [one.sequence for one in found]
    query = query.order_by(pin.block_number.desc(), pin.log_index.desc())
    if before is not None:
        number, index = divmod(before, LOG_INDEX_SPAN)
        query = query.where(or_(pin.block_number < number, and_(pin.block_number == number, pin.log_index < index)))
    rows = views.projections.execute(query.limit(limit + 1)).mappings().all()
    return _items(views, rows), [row["block_number"] * LOG_INDEX_SPAN + row["log_index"] for row in rows]


def pin(views: Views, stream: str, sequence: int) -> PinView:
    """A pin of a stream; PinNotFound where there is none."""
    row = (
        views.projections.execute(
            select(tables.pin).where(tables.pin.c.stream == name_hash(stream), tables.pin.c.sequence == sequence)
        )
        .mappings()
        .first()
    )
    if row is None:
        raise PinNotFound(f"{stream}/{sequence}")
    final = _finals(views.projections, [row["block_number"]])
    return PinView(
        **_pin(row, {row["stream"]: stream}, final).model_dump(),
        stream_id=hex_of(row["stream"]),
        **details_of(row),
        log_index=row["log_index"],
    )


def parties(projections: Connection) -> list[PartyView]:
    """All parties by number."""
    devices = _owners(projections)
    rows = projections.execute(select(tables.party).order_by(tables.party.c.number)).mappings()
    return [_party(row, devices.get(row["number"], 0)) for row in rows]


def party(projections: Connection, number: int) -> PartyView:
    """A party by its number; PartyNotFound where there is none."""
    row = projections.execute(select(tables.party).where(tables.party.c.number == number)).mappings().first()
    if row is None:
        raise PartyNotFound(str(number))
    return _party(row, _owners(projections).get(number, 0))


def kinds_of(bits: int) -> list[str]:
    """The kinds of a party by name, from its bits on chain."""
    return [name for name, kind in PartyKind.__members__.items() if bits & kind]


def _pins(views: Views, query: Any) -> list[PinItem]:
    return _items(views, views.projections.execute(query).mappings().all())


def _items(views: Views, rows: Sequence[RowMapping]) -> list[PinItem]:
    names = stream_names(views)
    finals = _finals(views.projections, [row["block_number"] for row in rows])
    return [_pin(row, names, finals) for row in rows]


def _pin(row: RowMapping, names: Mapping[bytes, str], finals: frozenset[int]) -> PinItem:
    return PinItem(
        stream=names.get(row["stream"]) or hex_of(row["stream"]),
        **summary_of(row),
        block=row["block_number"],
        block_at=at_s(row["block_time"]),
        transaction=hex_of(row["tx_hash"]),
        final=row["block_number"] in finals,
    )


def _finals(projections: Connection, numbers: Sequence[int]) -> frozenset[int]:
    block = tables.block.c
    found = projections.execute(select(block.number).where(block.number.in_(set(numbers)), block.final)).scalars()
    return frozenset(found)


def _counts(projections: Connection, column: Any, numbers: Sequence[int]) -> dict[int, int]:
    rows = projections.execute(select(column, func.count()).where(column.in_(numbers)).group_by(column)).all()
    return {int(number): int(count) for number, count in rows}


def _block(row: RowMapping, events: int, pins: int) -> BlockItem:
    return BlockItem(
        number=row["number"],
        hash=hex_of(row["hash"]),
        time=at_s(row["time"]),
        final=row["final"],
        events=events,
        pins=pins,
    )


def _stream(row: RowMapping, names: Mapping[bytes, str]) -> StreamItem:
    return StreamItem(
        stream=names.get(row["stream"]) or hex_of(row["stream"]),
        stream_id=hex_of(row["stream"]),
        owner=row["owner"],
        pinner=hex_of(row["pinner"]),
        flags=row["flags"],
        sequence=row["sequence"],
        root=hex_of(row["root"]),
        sealed_at=at_s(row["sealed_at"]),
        flagged=row["flagged"],
    )


def _owners(projections: Connection) -> dict[int, int]:
    owner = tables.device.c.owner
    return {int(one): int(n) for one, n in projections.execute(select(owner, func.count()).group_by(owner)).all()}


def _party(row: RowMapping, devices: int) -> PartyView:
    return PartyView(
        number=row["number"],
        kinds=kinds_of(row["kinds"]),
        jurisdiction=row["jurisdiction"],
        status=row["status"],
        merged_into=row["merged_into"],
        verified_until=at_s(row["verified_until"]),
        block=row["block_number"],
        devices=devices,
    )
