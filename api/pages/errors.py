"""The page of a failure: what happened, in words a shopper understands, and where to go from there."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import HTMLResponse

from api.pages.render import reader_of, render


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """What `error.html` may use."""

    status: int
    name: str
    title: str
    text: str
    detail: str
    is_unknown_code: bool


def error_page(request: Request, status: int, name: str, detail: str, headers: Mapping[str, str]) -> HTMLResponse:
    """The failure `name` for a person. The detail is shown small: it is in English, for whoever helps."""
    reader = reader_of(request)
    key = next((one for one in (name, str(status)) if reader.word("error.title", one) != one), "other")
    page = ErrorPage(
        status=status,
        name=name,
        title=reader.word("error.title", key),
        text=reader.word("error.text", key),
        detail=detail,
        is_unknown_code=name == "SaleNotFound",
    )
    return render(request, "error.html", page, status=status, headers={"Cache-Control": "no-store", **headers})
