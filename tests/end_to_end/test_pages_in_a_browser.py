"""What people see and do in a real browser: a receipt is scanned, its proof computed, a changed bit caught."""

import json
import re
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, Route, expect
from sqlalchemy import insert, select

from ledger_node.store import migrate, open_stores
from ledger_node.store.journal import LiveEvent
from tests.api.conftest import an_app
from tests.support.a_seafood_market import NOW_MS, SeafoodMarket, a_seafood_market, lot_id, scale
from tests.support.browser import DESK, PHONE, chromium, keep_screenshot, open_page, playwright
from tests.support.fake_camera import film_of, picture_of
from tests.support.serving import serving

pytestmark = pytest.mark.browser
LANGUAGES = ("zh-CN", "en")
WORDS = {
    "zh-CN": {
        "verified": "核验通过",
        "failed": "核验失败：第 10 步",
        "device": "核对设备签名",
        "sealed": "已在本机核验",
    },
    "en": {
        "verified": "Verified",
        "failed": "Failed at step 10",
        "device": "Check the device's signature",
        "sealed": "Checked on this phone",
    },
}


@dataclass(frozen=True)
class Site:
    """A served market."""

    market: SeafoodMarket
    url: str

    @property
    def host(self) -> str:
        """Its host and port."""
        return self.url.removeprefix("http://")

    def item(self, number: int) -> str:
        """The page of sale `number`."""
        return f"{self.url}/t/{self.market.code(number)}"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Generator[Site]:
    folder = tmp_path_factory.mktemp("site")
    stores = open_stores(folder)
    migrate(stores)
    market = a_seafood_market(stores, folder)
    with serving(an_app(market)) as url:
        yield Site(market, url)
    stores.dispose()


@pytest.fixture(scope="module")
def play() -> Generator[Playwright]:
    with playwright() as found:
        yield found


@pytest.fixture(scope="module")
def browser(play: Playwright) -> Generator[Browser]:
    with chromium(play) as found:
        yield found


def pages(site: Site) -> dict[str, str]:
    sale = site.market.sales[0]
    return {
        "home": "/",
        "item": f"/t/{site.market.code(0)}",
        "item-held": f"/t/{site.market.code(2)}",
        "item-pending": f"/t/{site.market.code(28)}",
        "receipt": f"/receipts/{sale.envelope.payload_object()['ticket_id']}",
        "scan": "/scan",
        "live": "/live",
        "explorer": "/explorer",
        "record": f"/records/0x{sale.record_hash.hex()}",
        "pin": "/explorer/pins/market/zpk/sale/1",
        "block": "/explorer/blocks/26",
        "device": f"/devices/{scale(1)}",
        "lot": f"/lots/{lot_id(4)}",
        "party": "/parties/3",
        "docs": "/api/v1/docs",
    }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("screen", "size"), [("phone", PHONE), ("desk", DESK)])
def test_every_page_is_clean_accessible_and_fits(
    browser: Browser, site: Site, language: str, screen: str, size: dict[str, int]
) -> None:
    for scheme in ("light", "dark") if screen == "phone" else ("light",):
        context = browser.new_context(viewport=size, locale=language, color_scheme=scheme)  # type: ignore[arg-type]
        for name, path in pages(site).items():
            settled = "[data-outcome]:not([data-state=waiting]):not([data-state=running])"
            watched = open_page(context, site.url + path, wait_for=settled if "item" in name else None)
            watched.must_be_clean(site.host)
            watched.must_not_overflow()
            watched.must_be_accessible()
            keep_screenshot(watched, f"{name}-{language}-{screen}-{scheme}")
            watched.page.close()
        context.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_receipts_code_is_scanned_and_ends_on_a_page_that_says_what_was_proven(
    play: Playwright, site: Site, tmp_path: Path, language: str
) -> None:
    path = f"/01/09506000134352/21/{site.market.code(0)}"
    film = film_of(f"https://zpk.example{path}", tmp_path / "camera.mjpeg")
    camera = (
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    )
    with chromium(play, *camera) as browser:
        context = browser.new_context(viewport=PHONE, locale=language)  # type: ignore[arg-type]
        watched = open_page(context, f"{site.url}/scan", allowed=["willReadFrequently"])
        watched.page.click("[data-start]")
        watched.page.wait_for_url(f"{site.url}{path}", timeout=40_000)
        expect(watched.page.locator("[data-outcome]")).to_have_attribute("data-state", "verified", timeout=20_000)
        expect(watched.page.locator("[data-outcome] [data-title]")).to_have_text(WORDS[language]["verified"])
        expect(watched.page.locator("[data-seal-text]")).to_have_text(WORDS[language]["sealed"])
        assert watched.page.locator("[data-answers] [data-say=yes]").count() == 9
        assert watched.page.locator("[data-steps] [data-say=yes]").count() == 18
        assert watched.page.locator(".source.proven").count() >= 4, "sale, intake and test are ticked"
        watched.must_be_clean(site.host)
        keep_screenshot(watched, f"scanned-{language}-phone")


def test_a_picture_of_the_code_does_too(browser: Browser, site: Site, tmp_path: Path) -> None:
    context = browser.new_context(viewport=PHONE, locale="en")  # type: ignore[arg-type]
    watched = open_page(context, f"{site.url}/scan", allowed=["willReadFrequently"])
    foreign = picture_of("https://evil.example/login", tmp_path / "foreign.png")
    watched.page.set_input_files("[data-file]", foreign)
    expect(watched.page.locator("[data-state]")).to_contain_text("This code is not a trace code")
    right = picture_of(f"https://zpk.example/t/{site.market.code(4)}", tmp_path / "right.png")
    watched.page.set_input_files("[data-file]", right)
    watched.page.wait_for_url(site.item(4))
    context.close()


def flip(place: str, bundle: dict[str, Any]) -> None:
    """Changes one bit of a served bundle."""
    record = bundle["records"][0]
    if place == "payload":
        record["envelope"]["payload"]["net_grams"] ^= 1
    elif place == "signature":
        text = record["envelope"]["signature"]
        record["envelope"]["signature"] = text[:20] + f"{int(text[20], 16) ^ 1:x}" + text[21:]
    elif place == "amount":
        record["amount"] = str(int(record["amount"]) ^ 1)
    elif place == "verdict":
        record["verdict"] ^= 2
    elif place == "checkpoint":
        lines = bundle["checkpoint"].split("\n")
        lines[1] = str(int(lines[1]) ^ 1)
        bundle["checkpoint"] = "\n".join(lines)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("place", "step"), [("payload", 10), ("signature", 10), ("amount", 13), ("verdict", 13), ("checkpoint", 4)]
)
def test_one_changed_bit_is_caught_and_its_step_named(
    browser: Browser, site: Site, place: str, step: int, language: str
) -> None:
    context = browser.new_context(viewport=PHONE, locale=language)  # type: ignore[arg-type]

    def altered(route: Route) -> None:
        answer = route.fetch()
        bundle = json.loads(answer.body())
        flip(place, bundle)
        body = json.dumps(bundle, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        route.fulfill(response=answer, body=body.encode())

    context.route("**/proof", altered)
    watched = open_page(context, site.item(0), wait_for="[data-outcome][data-state=failed]")
    title = watched.page.inner_text("[data-outcome] [data-title]")
    assert re.search(r"\d+", title)
    assert int(re.findall(r"\d+", title)[0]) == step, title
    failed = watched.page.locator(f"[data-step='{step}'] [data-say=no]")
    expect(failed).to_be_visible()
    assert watched.page.inner_text("[data-outcome] [data-text]").strip()
    expect(watched.page.locator("[data-seal]")).to_have_attribute("data-state", "failed")
    assert watched.page.locator(".source.proven").count() == 0
    if place == "payload":
        assert title == WORDS[language]["failed"]
        assert WORDS[language]["device"] in watched.page.inner_text("[data-outcome] [data-text]")
        keep_screenshot(watched, f"altered-{language}-phone")
    context.close()


def test_a_proof_that_is_under_way_says_so_and_is_asked_for_again(browser: Browser, site: Site) -> None:
    context = browser.new_context(viewport=PHONE, locale="en")  # type: ignore[arg-type]
    watched = open_page(context, site.item(28), wait_for="[data-outcome][data-state=pending]")
    assert "Proof under way" in watched.page.inner_text("[data-seal-text]")
    with watched.page.expect_request("**/proof", timeout=10_000):
        pass
    context.close()


def test_a_server_that_is_away_is_not_a_failed_proof(browser: Browser, site: Site) -> None:
    context = browser.new_context(viewport=PHONE, locale="en")  # type: ignore[arg-type]
    context.route("**/proof", lambda route: route.abort())
    watched = open_page(context, site.item(0), wait_for="[data-outcome][data-state=unreachable]")
    assert "What was signed is unaffected" in watched.page.inner_text("[data-outcome] [data-text]")
    context.close()


def test_everything_is_readable_without_scripts(browser: Browser, site: Site) -> None:
    context = browser.new_context(viewport=PHONE, locale="zh-CN", java_script_enabled=False)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(site.item(0))
    text = page.inner_text("main")
    for word in ("海鲈鱼", "来路", "承诺达标合格证", "检定有效期至", "不能在这里核验", "下载证明包"):
        assert word in text, word
    page.click("summary >> text=温度表")
    assert page.locator("table tbody tr").count() > 10
    page.goto(f"{site.url}/scan")
    page.fill("#code", site.market.code(0))
    page.click("text=查看")
    assert page.url == site.item(0)
    context.close()


def test_the_live_page_shows_a_sale_as_it_happens(browser: Browser, site: Site) -> None:
    context = browser.new_context(viewport=DESK, locale="en")  # type: ignore[arg-type]
    watched = open_page(context, f"{site.url}/live", wait_for="[data-link][data-state=on]")
    before = watched.page.locator("[data-sales] .sale-row").count()
    with site.market.stores.journal.write() as connection:
        row = dict(connection.execute(select(LiveEvent.__table__)).mappings().first() or {})  # type: ignore[attr-defined]
        connection.execute(insert(LiveEvent).values(**{**row, "id": None, "at_ms": NOW_MS}))
        test = {"kind": "test", "item_code": "AM02005", "item_name": "海鲈鱼", "result": 2}
        connection.execute(insert(LiveEvent).values(market="zpk", type="test", body=test, at_ms=NOW_MS))
    arrived = watched.page.locator("[data-sales] .sale-row.new")
    expect(arrived).to_have_count(1)
    expect(arrived.locator(".sale-name")).to_have_text("Sea bass")
    assert watched.page.locator("[data-sales] .sale-row").count() == before, "the oldest made room"
    expect(watched.page.locator("[data-ticker] li").first).to_contain_text("test: Sea bass fail")
    watched.must_be_clean(site.host)
    context.close()


def test_the_live_page_polls_where_the_stream_does_not_get_through(browser: Browser, site: Site) -> None:
    context = browser.new_context(viewport=DESK, locale="en")  # type: ignore[arg-type]
    context.add_init_script("delete window.EventSource")
    watched = open_page(context, f"{site.url}/live", wait_for="[data-link][data-state=polling]")
    with watched.page.expect_response("**/tiles*", timeout=15_000) as answer:
        pass
    assert answer.value.status == 200
    context.close()
