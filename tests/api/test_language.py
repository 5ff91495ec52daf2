"""The address decides, then the cookie, then the browser, else Chinese; the choice is remembered."""

import pytest

from tests.api.conftest import Api

CHINESE, ENGLISH = '<html lang="zh-CN">', '<html lang="en">'


@pytest.mark.parametrize(
    ("accepted", "shown"),
    [
        ("", CHINESE),
        ("zh-TW,zh;q=0.9", CHINESE),
        ("en-GB,en;q=0.9,zh;q=0.8", ENGLISH),
        ("fr, de;q=0.9, en;q=0.2, zh;q=0.1", ENGLISH),
        ("en;q=0, zh;q=0.1", CHINESE),
        ("en;q=nonsense", CHINESE),
        ("fr", CHINESE),
    ],
)
def test_the_browser_is_followed(api: Api, accepted: str, shown: str) -> None:
    answer = api.client.get("/scan", headers={"Accept-Language": accepted})
    assert shown in answer.text
    assert answer.headers["vary"] == "Accept-Language, Cookie"


def test_the_cookie_is_followed_before_the_browser(api: Api) -> None:
    headers = {"Accept-Language": "en", "Cookie": "tidemark_language=zh-CN"}
    assert CHINESE in api.client.get("/scan", headers=headers).text


def test_the_address_wins_and_is_remembered(api: Api) -> None:
    headers = {"Accept-Language": "zh", "Cookie": "tidemark_language=zh-CN"}
    answer = api.client.get("/scan?lang=en", headers=headers)
    api.client.cookies.clear()
    assert ENGLISH in answer.text
    assert "tidemark_language=en" in answer.headers["set-cookie"]
    assert answer.headers["content-language"] == "en"


def test_an_unknown_language_in_the_address_is_ignored(api: Api) -> None:
    answer = api.client.get("/scan?lang=xx", headers={"Accept-Language": "en"})
    assert ENGLISH in answer.text
    assert "set-cookie" not in answer.headers


def test_the_switch_keeps_the_rest_of_the_address(api: Api) -> None:
    page = api.page("/explorer/blocks?before=9")
    assert "/explorer/blocks?before=9&amp;lang=zh-CN" in page
