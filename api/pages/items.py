"""The consumer's page: what a scan of a receipt's code opens."""

import base64
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse

from api.formatting import parse_rfc3339
from api.pages.item_story import Told, tell
from api.pages.render import Reader, reader_of, render
from api.queries import story
from api.queries.story import SaleStory
from api.services import ServicesDep
from ledger_node.domain.identifier import has_check_digit, is_trace_code
from ledger_node.domain.network import Network
from ledger_node.errors import IdentifierMalformed, SaleNotFound
from ledger_node.proof.sentences import question_text, step_text

router = APIRouter(tags=["page"], include_in_schema=False)
GtinPath = Annotated[str, Path(max_length=32)]
SerialPath = Annotated[str, Path(max_length=64)]


@dataclass(frozen=True, slots=True)
class ItemPage:
    """What `item.html` may use. `chart` feeds the temperature chart, `check` the verification in the browser."""

    story: SaleStory
    told: Told
    name: str
    code: str
    stall: str
    chart: dict[str, Any] | None
    check: dict[str, Any]


@router.get("/01/{gtin}/21/{serial}")
async def open_digital_link(
    request: Request, services: ServicesDep, gtin: GtinPath, serial: SerialPath
) -> HTMLResponse:
    """The page of one sold item by its GS1 Digital Link."""
    if not (len(gtin) == 14 and has_check_digit(gtin)):
        raise IdentifierMalformed(gtin, "a GTIN has 14 digits, the last of which checks the others")
    return await _item(request, services, serial.upper(), gtin)


@router.get("/t/{code}")
async def open_trace_code(request: Request, services: ServicesDep, code: SerialPath) -> HTMLResponse:
    """The page of one sold item by its trace code."""
    return await _item(request, services, code.upper(), None)


@router.get("/t")
async def find_trace_code(code: Annotated[str, Query(max_length=256)] = "") -> RedirectResponse:
    """Where the form without JavaScript leads: a typed code or a pasted address."""
    typed = code.strip().rstrip("/").rpartition("/")[2].replace("-", "").replace(" ", "").upper()
    return RedirectResponse(f"/t/{typed[:64]}" if typed.isalnum() and typed.isascii() else "/scan", 303)


async def _item(request: Request, services: ServicesDep, code: str, gtin: str | None) -> HTMLResponse:
    if not is_trace_code(code):
        raise SaleNotFound(code)
    told = await services.together(lambda views: story.story_of(views, code))
    if gtin is not None and told.sale.gtin != gtin:
        raise SaleNotFound(f"{gtin}/{code}")
    reader = reader_of(request)
    page = ItemPage(
        story=told,
        told=tell(told, reader),
        name=reader.item(told.sale.item_code, told.sale.item_name),
        code=" ".join((code[:4], code[4:8], code[8:12], code[12:])),
        stall=reader.stall(told.sale.place_ref, told.sale.merchant_ref),
        chart=_chart(told, reader),
        check=check_of(
            services.network_bytes, reader, f"/api/v1/sales/{code}/proof", story_hashes(told), told.sale.progress.stage
        ),
    )
    return render(request, "item.html", page, json_url=f"/api/v1/sales/{code}/story")


def story_hashes(told: SaleStory) -> list[str]:
    """The records whose claims the page shows: ticked off as the bundle proves them."""
    hashes = [told.sale.record_hash, *(lot.intake_record_hash for lot in told.lots)]
    hashes += [test.record_hash for lot in told.lots for test in lot.tests]
    return list(dict.fromkeys(one for one in hashes if one is not None))


def check_of(network_bytes: bytes, reader: Reader, bundle_url: str, hashes: list[str], stage: str) -> dict[str, Any]:
    """What the script needs to check a bundle: the network file built in, questions, steps and words."""
    language = "zh" if reader.language == "zh-CN" else "en"
    return {
        "bundle": bundle_url,
        "network": base64.b64encode(network_bytes).decode(),
        "language": language,
        "witnessed": Network.parse(network_bytes).policy.has_witnesses,
        "stage": stage,
        "records": hashes,
        "now": reader.services.clock.now_ms(),
        "questions": {str(number): question_text(number)[language] for number in range(1, 10)},
        "steps": {str(number): step_text(number)[language] for number in range(1, 19)},
        "texts": reader.texts("check"),
    }


def _chart(told: SaleStory, reader: Reader) -> dict[str, Any] | None:
    if told.cold is None or not told.cold.measured.readings:
        return None
    measured = told.cold.measured
    return {
        "times": [one.at_ms // 1000 for one in measured.readings],
        "values": [one.millicelsius for one in measured.readings],
        "from": parse_rfc3339(measured.from_at) // 1000,
        "to": parse_rfc3339(measured.to_at) // 1000,
        "gaps": [[gap.from_ms // 1000, gap.to_ms // 1000] for gap in measured.gaps],
        "low": told.cold.lowest_millicelsius,
        "high": told.cold.highest_millicelsius,
        "zone": str(reader.services.settings.time_zone),
        "language": reader.language,
        "texts": reader.texts("chart"),
    }
