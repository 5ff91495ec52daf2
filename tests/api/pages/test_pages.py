"""Every page in both languages, without scripts: what it says, where its claims and its JSON are."""

import re

import pytest
from sqlalchemy import update

from ledger_node.store.journal import Sale
from tests.api.conftest import Api
from tests.support.a_seafood_market import lot_id, scale

LANGUAGES = ("zh-CN", "en")
NAMES = (
    *("home", "item", "receipt", "scan", "live", "docs", "explorer", "blocks", "block", "pins", "pin", "stream"),
    *("records", "record", "checkpoints", "devices", "device", "lots", "lot", "parties", "party"),
)


def paths(api: Api) -> dict[str, str]:
    sale = api.get(f"/api/v1/sales/{api.market.code(0)}")
    return {
        "home": "/",
        "item": sale["page_url"],
        "receipt": f"/receipts/{sale['ticket_id']}",
        "scan": "/scan",
        "live": "/live",
        "docs": "/api/v1/docs",
        "explorer": "/explorer",
        "blocks": "/explorer/blocks",
        "block": "/explorer/blocks/26",
        "pins": "/explorer/pins",
        "pin": "/explorer/pins/market/zpk/sale/1",
        "stream": "/explorer/streams/market/zpk/sale",
        "records": "/explorer/records",
        "record": f"/records/{sale['record_hash']}",
        "checkpoints": "/explorer/checkpoints",
        "devices": "/devices",
        "device": f"/devices/{scale(1)}",
        "lots": "/lots",
        "lot": f"/lots/{lot_id(1)}",
        "parties": "/parties",
        "party": "/parties/3",
    }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_every_page_renders_and_links_its_json(api: Api, name: str, language: str) -> None:
    page = api.page(paths(api)[name], language)
    assert f'<html lang="{language}">' in page
    assert page.count("<h1") == 1
    json_link = re.search(r'<link rel="alternate" type="application/json" href="([^"]+)">', page)
    assert (json_link is not None) == (name != "scan")
    if json_link:
        answer = api.client.get(json_link[1])
        assert answer.status_code == 200, json_link[1]
        assert "json" in answer.headers["content-type"]
    for link in set(re.findall(r'href="(/[^"#]*)"', page)):
        assert api.client.get(link.replace("&amp;", "&")).status_code in (200, 202, 307), link


def test_an_items_page_follows_the_order_of_the_specification(api: Api) -> None:
    page = api.page(f"/t/{api.market.code(2)}", "zh-CN")
    marks = [
        "这批货已停售",
        "<h1>带鱼</h1>",
        "这个码只属于一次称重",
        "来路</h2>",
        "检测与合格证</h2>",
        "秤</h2>",
        "在这部手机上核验</h2>",
    ]
    places = [page.index(mark) for mark in marks]
    assert places == sorted(places)


def test_an_items_page_names_the_certificate_and_the_verification(api: Api) -> None:
    page = api.page(f"/t/{api.market.code(0)}", "zh-CN")
    assert "承诺达标合格证" in page
    assert "检定有效期至" in page
    assert "西北太平洋（FAO 61）" in page
    assert "2026年11月18日 18:07" in page, "the market's time, not the reader's"


def test_an_items_page_shows_no_price_and_no_buyer(api: Api) -> None:
    for language in LANGUAGES:
        page = api.page(f"/t/{api.market.code(0)}", language)
        assert "¥" not in page
        assert "wechat" not in page
        assert "payer" not in page


def test_both_links_of_an_item_open_the_same_page(api: Api) -> None:
    code = api.market.code(0)
    by_link = api.page(f"/01/09506000134352/21/{code}")
    by_code = api.page(f"/t/{code.lower()}")
    assert re.sub(r"/(t|01)[^\"]*", "", by_link) == re.sub(r"/(t|01)[^\"]*", "", by_code)


@pytest.mark.parametrize(
    ("path", "status", "title"),
    [
        ("/t/7ZQ4M8RC2KX9TB5WE", 404, "No such weighing"),
        ("/t/short", 404, "No such weighing"),
        ("/01/09506000134353/21/7ZQ4M8RC2KX9TB5WE", 400, "The code is malformed"),
        ("/01/123/21/7ZQ4M8RC2KX9TB5WE", 400, "The code is malformed"),
        ("/receipts/01J00000000000000000000000", 404, "Not found"),
        ("/records/0x12", 422, "Something in the address is wrong"),
        ("/nothing/here", 404, "Not found"),
    ],
)
def test_what_is_wrong_is_said_on_a_page(api: Api, path: str, status: int, title: str) -> None:
    answer = api.client.get(path, headers={"Accept": "text/html", "Accept-Language": "en"})
    assert answer.status_code == status
    assert f"<h1>{title}</h1>" in answer.text


def test_a_code_under_another_gtin_is_not_shown(api: Api) -> None:
    answer = api.client.get(f"/01/09506000134369/21/{api.market.code(0)}", headers={"Accept": "text/html"})
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("  qtab ew5d jbg7 azpeo ", "/t/QTABEW5DJBG7AZPEO"),
        ("QTAB-EW5D-JBG7-AZPEO", "/t/QTABEW5DJBG7AZPEO"),
        ("https://elsewhere.example/01/09506000134352/21/QTABEW5DJBG7AZPEO", "/t/QTABEW5DJBG7AZPEO"),
        ("//elsewhere.example", "/scan"),
        ("海鲈鱼", "/scan"),
        ("", "/scan"),
    ],
)
def test_a_code_typed_by_hand_stays_on_this_server(api: Api, typed: str, place: str) -> None:
    answer = api.client.get("/t", params={"code": typed})
    assert (answer.status_code, answer.headers["location"]) == (303, place)


def test_the_search_leads_to_what_was_named(api: Api) -> None:
    sale = api.get(f"/api/v1/sales/{api.market.code(0)}")
    device = api.get(f"/api/v1/devices/{scale(1)}")["device"]
    lot = api.get(f"/api/v1/lots/{lot_id(1)}")["lot_key"]
    for text, place in {
        "26": "/explorer/blocks/26",
        sale["record_hash"]: f"/records/{sale['record_hash']}",
        sale["record_hash"][2:].upper(): f"/records/{sale['record_hash']}",
        lot: f"/lots/{lot}",
        device: f"/devices/{device}",
        scale(1): f"/devices/{scale(1)}",
        "market/zpk/sale": "/explorer/streams/market/zpk/sale",
        lot_id(1): f"/lots/{lot_id(1)}",
        api.market.code(0): f"/t/{api.market.code(0)}",
    }.items():
        answer = api.client.get("/explorer/search", params={"q": text})
        assert answer.headers.get("location") == place, text
    for text in ("zzz", "ab" * 32):
        assert api.client.get("/explorer/search", params={"q": text}).status_code == 404


def test_what_people_wrote_is_escaped(either: Api) -> None:
    with either.market.stores.journal.write() as connection:
        connection.execute(update(Sale).values(item_code="NEW", item_name="<script>alert(1)</script>"))
    for path in (f"/t/{either.market.code(0)}", "/live"):
        page = either.page(path)
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page


def test_a_receipt_prints_each_lines_code(api: Api) -> None:
    ticket = api.get(f"/api/v1/sales/{api.market.code(0)}")["ticket_id"]
    page = api.page(f"/receipts/{ticket}")
    assert page.count('<svg xmlns="http://www.w3.org/2000/svg"') == 1
    assert "¥26.88" in page
    assert "zpk-scale-001" in page


def test_a_live_page_reloads_by_itself_without_scripts(api: Api) -> None:
    page = api.page("/live", "zh-CN")
    assert '<noscript><meta http-equiv="refresh" content="30"></noscript>' in page
    assert page.count('class="sale-row"') == 15, "fourteen sales and the template of one"
