"""A ticket as the scale prints it: each line with the code that opens its page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Path, Request
from markupsafe import Markup
from starlette.responses import HTMLResponse

from api.pages.render import reader_of, render
from api.qr import qr_svg
from api.queries import sales
from api.queries.sales import SaleView, TicketView
from api.services import ServicesDep

router = APIRouter(tags=["page"], include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Line:
    """One line with its code, if it has one."""

    sale: SaleView
    name: str
    qr: Markup | None
    code: str


@dataclass(frozen=True, slots=True)
class ReceiptPage:
    """What `receipt.html` may use."""

    ticket: TicketView
    stall: str
    lines: Sequence[Line]


@router.get("/receipts/{ticket}")
async def show_receipt(
    request: Request, services: ServicesDep, ticket: Annotated[str, Path(max_length=64)]
) -> HTMLResponse:
    """The receipt, to print or to scan from the screen."""
    found = await services.together(lambda views: sales.find_ticket(views, ticket.upper()))
    reader = reader_of(request)
    lines = list[Line]()
    for sale in found.sales:
        url = None if sale.page_url is None else services.settings.public_url + sale.page_url
        code = sale.trace_code or ""
        lines.append(
            Line(
                sale=sale,
                name=reader.item(sale.item_code, sale.item_name),
                qr=None if url is None else Markup(qr_svg(url, title=reader.t("receipt.code_title", code=code))),  # noqa: S704
                code=" ".join((code[:4], code[4:8], code[8:12], code[12:])).strip(),
            )
        )
    page = ReceiptPage(ticket=found, stall=reader.stall(found.place_ref, found.merchant_ref), lines=lines)
    return render(request, "receipt.html", page, json_url=f"/api/v1/tickets/{found.ticket_id}")
