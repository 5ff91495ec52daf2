"""Renders a page: templates with the words, formats and links of the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from api import formatting
from api.language import COOKIE, COOKIE_SECONDS, chosen, negotiate
from api.messages import message, messages_under
from api.pages.tide_mark import tide_mark
from api.register import Language, MarketRegister, Name
from api.security import POLICY
from api.services import Services, services
from api.settings import TEMPLATES
from ledger_node.domain.digest import sha256

_OTHER: Final[Mapping[Language, Language]] = {"zh-CN": "en", "en": "zh-CN"}


@dataclass(frozen=True, slots=True)
class Reader:
    """Who a page is for: language, the market's zone and register. Templates call its methods."""

    language: Language
    services: Services

    def t(self, key: str, /, **values: object) -> str:
        """A message of the catalogue."""
        return message(self.language, key, **values)

    def word(self, table: str, value: object) -> str:
        """A word of a closed list, or the value itself where the catalogue has none."""
        try:
            return message(self.language, f"{table}.{value}")
        except KeyError:
            return str(value)

    def texts(self, prefix: str) -> dict[str, str]:
        """The messages that a script on the page needs."""
        return messages_under(self.language, prefix)

    def date(self, moment: str | int | None) -> str:
        """A day."""
        return "–" if moment is None else formatting.date_of(_ms(moment), self._zone, self.language)

    def time(self, moment: str | int | None) -> str:
        """Day and minute."""
        return "–" if moment is None else formatting.date_time(_ms(moment), self._zone, self.language)

    def second(self, moment: str | int | None) -> str:
        """Day and second."""
        return "–" if moment is None else formatting.date_time(_ms(moment), self._zone, self.language, seconds=True)

    def clock(self, moment: str | int) -> str:
        """The time of day."""
        return formatting.time_of(_ms(moment), self._zone, seconds=True)

    def span(self, milliseconds: int) -> str:
        """How long."""
        return formatting.duration(milliseconds // 1000, self.language)

    def name(self, table: str, key: str) -> str | None:
        """The register's name for a commitment, code or number."""
        names: Mapping[str, Name] = getattr(self.register, table)
        found = names.get(key)
        return None if found is None else found.say(self.language)

    def item(self, code: str, fallback: str) -> str:
        """What goods are called."""
        return self.name("items", code) or fallback

    def stall(self, place_ref: str, merchant_ref: str) -> str:
        """What a stall is called, or the short form of its commitment."""
        found = self.name("places", place_ref) or self.name("merchants", merchant_ref)
        return found or self.t("stall.unnamed", ref=place_ref[2:8].upper())

    @property
    def register(self) -> MarketRegister:
        """The market's register."""
        return self.services.settings.register

    @property
    def market(self) -> str:
        """The market's name."""
        market = self.services.settings.market
        return self.name("markets", market) or self.t("market.unnamed", market=market)

    @property
    def _zone(self) -> Any:
        return self.services.settings.time_zone


def reader_of(request: Request) -> Reader:
    """The reader of this request."""
    return Reader(negotiate(request), services(request))


def render(
    request: Request,
    template: str,
    page: object,
    *,
    status: int = 200,
    json_url: str | None = None,
    policy: str = POLICY,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """The page as an answer; `page` is the documented context, `json_url` the same for programs."""
    reader = reader_of(request)
    found = reader.services
    text = (
        environment(found.settings.static_folder)
        .get_template(template)
        .render(
            page=page,
            r=reader,
            t=reader.t,
            lang=reader.language,
            other_language=_OTHER[reader.language],
            other_url=_other_url(request, _OTHER[reader.language]),
            json_url=json_url,
            demo=found.settings.demo,
            path=request.url.path,
            network_sha256=sha256(found.network_bytes).hex(),
        )
    )
    answer = HTMLResponse(text, status, headers={"Content-Security-Policy": policy, **(headers or {})})
    answer.headers.setdefault("Cache-Control", "no-cache")
    answer.headers["Vary"] = "Accept-Language, Cookie"
    answer.headers["Content-Language"] = reader.language
    if (asked := chosen(request)) is not None:
        answer.set_cookie(COOKIE, asked, max_age=COOKIE_SECONDS, samesite="lax", httponly=True)
    return answer


@lru_cache(maxsize=8)
def environment(static_folder: Path) -> Environment:
    """The templates with what all of them may call."""
    found = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    @cache
    def static(name: str) -> str:
        return static_url(static_folder, name)

    shared: dict[str, Any] = found.globals
    shared.update(
        static=static,
        money=formatting.money,
        weight=formatting.weight,
        temperature=formatting.temperature,
        decimal=formatting.decimal,
        short=formatting.short_hash,
        tide_mark=_tide_mark,
    )
    return found


def _tide_mark(seed: str) -> Markup:
    return Markup(tide_mark(seed))  # noqa: S704  our own SVG, made of numbers


def static_url(folder: Path, name: str) -> str:
    """The address of a static file with a mark of its content, so that it may be cached for ever."""
    path = folder / name
    return f"/static/{name}?v={sha256(path.read_bytes()).hex()[:12]}" if path.is_file() else f"/static/{name}"


def _other_url(request: Request, language: Language) -> str:
    fields = {**request.query_params, "lang": language}
    return f"{quote(request.url.path)}?{urlencode(fields)}"


def _ms(moment: str | int) -> int:
    return moment if isinstance(moment, int) else formatting.parse_rfc3339(moment)
