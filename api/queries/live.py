"""What the live page is fed with: new events of four sources since a cursor, and the counters beside them.

Journal (sales, tests, holds, batches), projections (pins, finality) and log (checkpoints) each have an order of
their own; a cursor names a place in all of them, so that a client that was away goes on without a hole.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping, and_, func, or_, select

from api.queries import chain, tables
from api.queries.sales import page_path
from api.services import Views
from api.wire import Decimal, Moment, View, at_ms, at_s, hex_of
from ledger_node.domain.record import Reason, name_hash

BURST_LIMIT: Final = 400


class LiveMessage(NamedTuple):
    """One event for a page: its type, its JSON members, and the cursor after it."""

    type: str
    body: dict[str, Any]
    cursor: "LiveCursor"


@dataclass(frozen=True, slots=True)
class LiveCursor:
    """A place in all sources, written as `event-batch-block.index-final-note` in SSE ids."""

    event: int = 0
    batch: int = 0
    block: int = 0
    log_index: int = -1
    final: int = 0
    note: int = 0

    def __str__(self) -> str:
        return f"{self.event}-{self.batch}-{self.block}.{self.log_index + 1}-{self.final}-{self.note}"

    @classmethod
    def parse(cls, text: str) -> "LiveCursor | None":
        """What `str` wrote; None for anything else."""
        parts = text.replace(".", "-").split("-")
        if len(parts) != 6 or not all(part.isascii() and part.isdigit() and len(part) < 17 for part in parts):
            return None
        event, batch, block, index, final, note = (int(part) for part in parts)
        return cls(event, batch, block, index - 1, final, note)


class LastCheckpoint(View):
    """The newest published checkpoint."""

    size: Decimal
    block: int
    published_at: Moment
    age_ms: int


class LiveState(View):
    """The counters of today (market's time zone), and how far behind each step is; ages are null when nothing waits."""

    market: str
    at: Moment
    cursor: str
    sales_today: int
    grams_today: int
    minor_today: int
    currency: str
    records_kept: int
    records_sealed: int
    records_pinned: int
    oldest_unsealed_age_ms: int | None
    oldest_unpinned_age_ms: int | None
    head_block: int | None
    head_block_at: Moment | None
    final_block: int | None
    checkpoint: LastCheckpoint | None


def newest_cursor(views: Views) -> LiveCursor:
    """Where all sources stand now."""
    block, index = views.projections.execute(
        select(tables.pin.c.block_number, tables.pin.c.log_index)
        .order_by(tables.pin.c.block_number.desc(), tables.pin.c.log_index.desc())
        .limit(1)
    ).first() or (0, -1)
    return LiveCursor(
        event=views.journal.execute(select(func.max(tables.live_event.c.id))).scalar() or 0,
        batch=views.journal.execute(select(func.max(tables.batch.c.id))).scalar() or 0,
        block=block,
        log_index=index,
        final=_final_block(views) or 0,
        note=_newest_note(views),
    )


def since(views: Views, market: str, cursor: LiveCursor, *, not_before_ms: int = 0) -> list[LiveMessage]:
    """What happened after `cursor`, at most BURST_LIMIT from each source; a chain that came back shorter rewinds it."""
    newest_block = views.projections.execute(select(func.max(tables.block.c.number))).scalar() or 0
    if newest_block < cursor.block:
        cursor = replace(cursor, block=newest_block, log_index=-1, final=min(cursor.final, newest_block))
    messages = list[LiveMessage]()
    for source in (_events, _batches, _pins, _finality, _notes):
        for kind, body, moved in source(views, market, cursor, not_before_ms):
            cursor = moved
            messages.append(LiveMessage(kind, body, cursor))
    return messages


def state(views: Views, market: str, zone: ZoneInfo, now_ms: int, *, rate: int = 1) -> LiveState:
    """The counters as of `now_ms`; ages in real time, where the ledger's clock runs `rate` times as fast."""
    midnight = datetime.fromtimestamp(now_ms / 1000, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    minute = tables.sale_minute.c
    count, grams, minor, currency = views.journal.execute(
        select(
            func.coalesce(func.sum(minute.count), 0),
            func.coalesce(func.sum(minute.grams), 0),
            func.coalesce(func.sum(minute.minor), 0),
            func.max(minute.currency),
        ).where(minute.market == market, minute.minute >= int(midnight.timestamp()) // 60)
    ).one()
    head = (
        views.projections.execute(select(tables.block).order_by(tables.block.c.number.desc()).limit(1))
        .mappings()
        .first()
    )
    lag = _lag(views)
    return LiveState(
        market=market,
        at=at_ms(now_ms),
        cursor=str(newest_cursor(views)),
        sales_today=int(count),
        grams_today=int(grams),
        minor_today=int(minor),
        currency=currency or "CNY",
        records_kept=lag.kept,
        records_sealed=lag.sealed,
        records_pinned=lag.pinned,
        oldest_unsealed_age_ms=_age(lag.unsealed_since_ms, now_ms, rate),
        oldest_unpinned_age_ms=_age(lag.unpinned_since_ms, now_ms, rate),
        head_block=None if head is None else head["number"],
        head_block_at=None if head is None else at_s(head["time"]),
        final_block=_final_block(views),
        checkpoint=_checkpoint(views, now_ms, rate),
    )


@dataclass(slots=True)
class _Lag:
    kept: int = 0
    sealed: int = 0
    pinned: int = 0
    unsealed_since_ms: int | None = None
    unpinned_since_ms: int | None = None


def _lag(views: Views) -> _Lag:
    """Counts over all streams, and since when the oldest record waits for its batch, the oldest batch for its pin."""
    lag = _Lag()
    batch, record = tables.batch.c, tables.record.c
    pinned = {row.stream: row.sequence for row in views.projections.execute(select(tables.stream)).all()}
    for stream, next_position in views.journal.execute(select(tables.stream_head)).all():
        first = _first_position(views, stream)
        if first is None:
            continue
        newest = views.journal.execute(
            select(batch.first_position, batch.count, batch.sequence)
            .where(batch.stream == stream)
            .order_by(batch.sequence.desc())
            .limit(1)
        ).first()
        sealed_to = first if newest is None else newest.first_position + newest.count
        lag.kept += next_position - first
        lag.sealed += sealed_to - first
        if sealed_to < next_position:
            waiting = views.journal.execute(
                select(record.received_at_ms).where(record.stream == stream, record.position == sealed_to)
            ).scalar()
            lag.unsealed_since_ms = _sooner(lag.unsealed_since_ms, waiting)
        pinned_to = _pinned_to(views, stream, pinned.get(name_hash(stream), 0), first)
        lag.pinned += pinned_to - first
        if newest is not None and newest.sequence > pinned.get(name_hash(stream), 0):
            sealed_at = views.journal.execute(
                select(batch.sealed_at)
                .where(batch.stream == stream, batch.sequence > pinned.get(name_hash(stream), 0))
                .order_by(batch.sequence)
                .limit(1)
            ).scalar()
            lag.unpinned_since_ms = _sooner(lag.unpinned_since_ms, None if sealed_at is None else sealed_at * 1000)
    return lag


def _first_position(views: Views, stream: str) -> int | None:
    record = tables.record.c
    return views.journal.execute(select(func.min(record.position)).where(record.stream == stream)).scalar()


def _pinned_to(views: Views, stream: str, sequence: int, first: int) -> int:
    batch = tables.batch.c
    row = views.journal.execute(
        select(batch.first_position, batch.count).where(batch.stream == stream, batch.sequence == sequence)
    ).first()
    return first if row is None else row.first_position + row.count


def _age(since_ms: int | None, now_ms: int, rate: int) -> int | None:
    return None if since_ms is None else max(0, now_ms - since_ms) // rate


def _sooner(one: int | None, other: int | None) -> int | None:
    return min((moment for moment in (one, other) if moment is not None), default=None)


def _final_block(views: Views) -> int | None:
    block = tables.block.c
    return views.projections.execute(select(func.max(block.number)).where(block.final)).scalar()


def _newest_note(views: Views) -> int:
    note = tables.note.c
    return views.log.execute(select(func.max(note.id)).where(note.published_at_ms.is_not(None))).scalar() or 0


def _checkpoint(views: Views, now_ms: int, rate: int) -> LastCheckpoint | None:
    note = tables.note.c
    row = views.log.execute(select(tables.note).where(note.id == _newest_note(views))).mappings().first()
    if row is None:
        return None
    published: int = row["published_at_ms"]
    return LastCheckpoint(
        size=str(row["size"]),
        block=row["block_number"],
        published_at=at_ms(published),
        age_ms=max(0, now_ms - published) // rate,
    )


Step = tuple[str, dict[str, Any], LiveCursor]


def _events(views: Views, market: str, cursor: LiveCursor, not_before_ms: int) -> list[Step]:
    event = tables.live_event.c
    rows = (
        views.journal.execute(
            select(tables.live_event)
            .where(event.id > cursor.event, event.market == market, event.at_ms >= not_before_ms)
            .order_by(event.id)
            .limit(BURST_LIMIT)
        )
        .mappings()
        .all()
    )
    records = _records(views, [row["record_id"] for row in rows if row["record_id"] is not None])
    steps = list[Step]()
    for row in rows:
        body = {"at": at_ms(row["at_ms"]), **records.get(row["record_id"], {}), **(row["body"] or {})}
        steps.append((row["type"], body, replace(cursor, event=row["id"])))
    return steps


def _records(views: Views, record_ids: list[int]) -> dict[int, dict[str, Any]]:
    """What records say, where they stand, and their pages: lets a page follow one sale through sealing and pinning."""
    record, sale = tables.record.c, tables.sale.c
    rows = views.journal.execute(
        select(
            record.id,
            record.record_hash,
            record.stream,
            record.position,
            record.device,
            record.kind,
            record.sequence,
            record.verdict,
            record.reason,
            *(sale[name] for name in _SHOWN_OF_SALE),
            sale.net_grams,
            sale.amount_minor,
            sale.trace_code,
            sale.gtin,
        )
        .outerjoin_from(tables.record, tables.sale, sale.record_id == record.id)
        .where(record.id.in_(record_ids))
    ).mappings()
    return {row["id"]: _record_members(row) for row in rows}


_SHOWN_OF_SALE: Final = ("item_code", "item_name", "merchant_ref", "ticket_id", "sale_id", "currency")


def _record_members(row: RowMapping) -> dict[str, Any]:
    members: dict[str, Any] = {
        "record_id": row["id"],
        "kind": row["kind"],
        "sequence": row["sequence"],
        "verdict": row["verdict"],
        "reason": Reason(row["reason"]).name,
        "hash": hex_of(row["record_hash"]),
        "stream": row["stream"],
        "position": row["position"],
        "device": row["device"],
        "page_url": page_path(row["trace_code"], row["gtin"]),
    }
    if row["sale_id"] is not None:
        members |= {name: row[name] for name in _SHOWN_OF_SALE}
        members |= {"grams": row["net_grams"], "minor": row["amount_minor"]}
    return members


def _batches(views: Views, _market: str, cursor: LiveCursor, not_before_ms: int) -> list[Step]:
    batch = tables.batch.c
    rows = views.journal.execute(
        select(tables.batch)
        .where(batch.id > cursor.batch, batch.sealed_at * 1000 >= not_before_ms)
        .order_by(batch.id)
        .limit(BURST_LIMIT)
    ).mappings()
    return [
        (
            "sealed",
            {
                "at": at_s(row["sealed_at"]),
                "stream": row["stream"],
                "sequence": row["sequence"],
                "first_position": row["first_position"],
                "count": row["count"],
            },
            replace(cursor, batch=row["id"]),
        )
        for row in rows
    ]


def _pins(views: Views, _market: str, cursor: LiveCursor, not_before_ms: int) -> list[Step]:
    pin = tables.pin.c
    later = and_(pin.block_number == cursor.block, pin.log_index > cursor.log_index)
    rows = (
        views.projections.execute(
            select(tables.pin)
            .where(or_(pin.block_number > cursor.block, later), pin.block_time * 1000 >= not_before_ms)
            .order_by(pin.block_number, pin.log_index)
            .limit(BURST_LIMIT)
        )
        .mappings()
        .all()
    )
    names = chain.stream_names(views) if rows else {}
    return [
        (
            "pinned",
            {
                "at": at_s(row["block_time"]),
                "stream": names.get(row["stream"]) or hex_of(row["stream"]),
                "sequence": row["sequence"],
                "count": row["count"],
                "block": row["block_number"],
                "transaction": hex_of(row["tx_hash"]),
            },
            replace(cursor, block=row["block_number"], log_index=row["log_index"]),
        )
        for row in rows
    ]


def _finality(views: Views, _market: str, cursor: LiveCursor, _not_before_ms: int) -> list[Step]:
    final = _final_block(views)
    if final is None or final <= cursor.final:
        return []
    return [("final", {"block": final}, replace(cursor, final=final))]


def _notes(views: Views, _market: str, cursor: LiveCursor, not_before_ms: int) -> list[Step]:
    note = tables.note.c
    rows = views.log.execute(
        select(tables.note)
        .where(note.id > cursor.note, note.published_at_ms.is_not(None), note.published_at_ms >= not_before_ms)
        .order_by(note.id)
        .limit(BURST_LIMIT)
    ).mappings()
    return [
        (
            "checkpoint",
            {"at": at_ms(row["published_at_ms"]), "size": str(row["size"]), "block": row["block_number"]},
            replace(cursor, note=row["id"]),
        )
        for row in rows
    ]
