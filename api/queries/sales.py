"""Sales: one by its id or trace code, a ticket with its lines."""

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, or_, select

from api.queries import tables
from api.queries.progress import Progress, progress_of
from api.queries.records import LotShare, lots_of
from api.services import Views
from api.wire import Hex32, Moment, View, at_ms, hex_of
from ledger_node.errors import SaleNotFound, TicketNotFound


class SaleView(View):
    """A sale as its ticket shows it; nothing about the buyer."""

    sale_id: str
    ticket_id: str
    trace_code: str | None
    market: str
    merchant_ref: str
    place_ref: str
    device: str
    item_code: str
    item_name: str
    gtin: str | None
    net_grams: int
    unit_price_minor_per_kilogram: int
    amount_minor: int
    currency: str
    sold_at: Moment
    counted: bool
    state: str
    refunded_minor: int
    refunded_grams: int
    record_hash: Hex32
    lots: Sequence[LotShare]
    progress: Progress
    page_url: str | None
    proof_url: str


class TicketView(View):
    """One customer's lines. `total_minor` is the sum of what was sold, less refunds; a void line counts nothing."""

    ticket_id: str
    market: str
    merchant_ref: str
    place_ref: str
    currency: str
    sold_at: Moment
    total_minor: int
    sales: Sequence[SaleView]


def find_row(journal: Connection, name: str) -> RowMapping:
    """The sale whose id or trace code is `name`; SaleNotFound where none is."""
    sale = tables.sale.c
    row = (
        journal.execute(select(tables.sale).where(or_(sale.sale_id == name, sale.trace_code == name)).limit(1))
        .mappings()
        .first()
    )
    if row is None:
        raise SaleNotFound(name)
    return row


def find(views: Views, name: str) -> SaleView:
    """The sale with its lots and how far its record has come."""
    return view_of(views, find_row(views.journal, name))


def find_ticket(views: Views, ticket_id: str) -> TicketView:
    """All lines of a ticket in the order they were weighed."""
    sale = tables.sale.c
    rows = (
        views.journal.execute(select(tables.sale).where(sale.ticket_id == ticket_id).order_by(sale.record_id))
        .mappings()
        .all()
    )
    if not rows:
        raise TicketNotFound(ticket_id)
    lines = [view_of(views, row) for row in rows]
    first = lines[0]
    kept = [line for line in lines if line.state != "voided"]
    return TicketView(
        ticket_id=ticket_id,
        market=first.market,
        merchant_ref=first.merchant_ref,
        place_ref=first.place_ref,
        currency=first.currency,
        sold_at=first.sold_at,
        total_minor=sum(line.amount_minor - line.refunded_minor for line in kept),
        sales=lines,
    )


def page_path(trace_code: str | None, gtin: str | None) -> str | None:
    """Where a scan of the sale's code leads: a GS1 Digital Link where the goods have a GTIN."""
    if trace_code is None:
        return None
    return f"/01/{gtin}/21/{trace_code}" if gtin else f"/t/{trace_code}"


def view_of(views: Views, row: RowMapping) -> SaleView:
    """A row of the journal's sales with what belongs to it."""
    record = tables.record.c
    place = views.journal.execute(
        select(record.record_hash, record.stream, record.position).where(record.id == row["record_id"])
    ).one()
    return SaleView(
        sale_id=row["sale_id"],
        ticket_id=row["ticket_id"],
        trace_code=row["trace_code"],
        market=row["market"],
        merchant_ref=row["merchant_ref"],
        place_ref=row["place_ref"],
        device=row["device"],
        item_code=row["item_code"],
        item_name=row["item_name"],
        gtin=row["gtin"],
        net_grams=row["net_grams"],
        unit_price_minor_per_kilogram=row["unit_price_minor_per_kilogram"],
        amount_minor=row["amount_minor"],
        currency=row["currency"],
        sold_at=at_ms(row["observed_at_ms"]),
        counted=row["counted"],
        state=row["state"],
        refunded_minor=row["refunded_minor"],
        refunded_grams=row["refunded_grams"],
        record_hash=hex_of(place.record_hash),
        lots=lots_of(views.journal, row["record_id"]),
        progress=progress_of(views, place.stream, place.position),
        page_url=page_path(row["trace_code"], row["gtin"]),
        proof_url=f"/api/v1/records/0x{place.record_hash.hex()}/proof",
    )
