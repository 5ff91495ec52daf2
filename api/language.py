"""Which language a page speaks: `?lang=`, else the cookie, else `Accept-Language`, else Chinese."""

from collections.abc import Iterable

from starlette.requests import Request

from api.register import Language

COOKIE = "tidemark_language"
COOKIE_SECONDS = 365 * 86_400
DEFAULT: Language = "zh-CN"


def chosen(request: Request) -> Language | None:
    """The language asked for in the address, if it is one of ours."""
    return _known(request.query_params.get("lang", ""))


def negotiate(request: Request) -> Language:
    """The page's language."""
    return chosen(request) or _known(request.cookies.get(COOKIE, "")) or _accepted(request)


def _accepted(request: Request) -> Language:
    for tag in _by_weight(request.headers.get("accept-language", "")[:1000].split(",")):
        if (language := _known(tag)) is not None:
            return language
    return DEFAULT


def _by_weight(parts: Iterable[str]) -> list[str]:
    weighted: list[tuple[float, str]] = []
    for part in parts:
        tag, _, weight = part.strip().partition(";q=")
        try:
            weighted.append((-float(weight or "1"), tag))
        except ValueError:
            continue
    return [tag for weight, tag in sorted(weighted, key=lambda one: one[0]) if weight < 0]


def _known(tag: str) -> Language | None:
    primary = tag.strip().lower().split("-")[0]
    return "zh-CN" if primary == "zh" else "en" if primary == "en" else None
