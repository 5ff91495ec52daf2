"""What every answer carries, and what every request must keep to."""

import re

import httpx
import pytest

from tests.api.conftest import Api

PAGES = ("/", "/scan", "/live", "/explorer", "/explorer/blocks", "/explorer/pins", "/devices", "/lots", "/parties")


@pytest.mark.parametrize("path", [*PAGES, "/api/v1/records", "/healthz", "/static/css/base.css", "/nothing"])
def test_every_answer_carries_the_headers(api: Api, path: str) -> None:
    headers = api.client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["strict-transport-security"].startswith("max-age=")
    assert re.fullmatch("[0-9a-f]{32}", headers["x-request-id"])
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert "http" not in policy
    assert ("'wasm-unsafe-eval'" in policy) == (path == "/scan")


@pytest.mark.parametrize("path", PAGES)
def test_no_page_has_inline_script_or_style(api: Api, path: str) -> None:
    page = api.page(path)
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", page)
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", page), "nothing is loaded from another host"


def test_a_request_id_is_carried_on_but_not_anything(api: Api) -> None:
    assert api.client.get("/healthz", headers={"X-Request-Id": "abc123"}).headers["x-request-id"] == "abc123"
    assert api.client.get("/healthz", headers={"X-Request-Id": "a b\tc"}).headers["x-request-id"] != "a b\tc"


@pytest.mark.parametrize(
    ("path", "status", "name"),
    [
        ("/api/v1/records?x=1", 400, "QueryFieldUnknown"),
        ("/api/v1/records?limit=5&limit=6", 422, "QueryWrong"),
        ("/api/v1/records?limit=0", 422, "QueryWrong"),
        ("/api/v1/records?limit=101", 422, "QueryWrong"),
        ("/api/v1/records?stream=" + "a" * 129, 422, "QueryWrong"),
        ("/api/v1/records?kind=" + "a" * 5000, 422, "QueryWrong"),
        ("/api/v1/records?before=-1", 422, "QueryWrong"),
        ("/api/v1/devices/x/keys?at=2026-11-18T11:07:00", 422, "QueryWrong"),
        ("/api/v1/devices/x/keys?at=9999-12-31T23:59:59-23:59", 422, "QueryWrong"),
        ("/api/v1/devices/x/keys?at=0001-01-01T00:00:00%2B23:59", 422, "QueryWrong"),
        ("/explorer?secret=1", 400, "QueryFieldUnknown"),
        ("/healthz?x=1", 400, "QueryFieldUnknown"),
    ],
)
def test_queries_are_held_to_what_is_declared(api: Api, path: str, status: int, name: str) -> None:
    answer = api.client.get(path)
    assert answer.status_code == status
    assert answer.json()["type"] == f"urn:tidemark:problem:{name}"


@pytest.mark.parametrize(
    "tile",
    ["0/../../../../etc/passwd", "..%2F..%2Fetc%2Fpasswd", "0/x001", "0/00", "entries", "0/000/000", "0/000.p/999"],
)
def test_no_tile_leads_out_of_the_log(api: Api, tile: str) -> None:
    assert api.client.get(f"/log/tile/{tile}").status_code in (404, 422)


def test_a_fault_of_ours_tells_nothing(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> bytes:
        raise RuntimeError("the secret is 42")

    monkeypatch.setattr(type(api.app.state.services.proofs), "record", broken)
    # The server closes the connection after such a fault, so this one is not the shared client's.
    answer = httpx.get(f"{api.client.base_url}/api/v1/records/{'ab' * 32}/proof")
    assert answer.status_code == 500
    assert "42" not in answer.text
    assert answer.json()["type"] == "urn:tidemark:problem:InternalFault"


def test_static_files_are_cached_by_their_content(api: Api) -> None:
    page = api.page("/")
    marked = re.search(r'href="(/static/css/base\.css\?v=[0-9a-f]{12})"', page)
    assert marked
    assert "immutable" in api.client.get(marked[1]).headers["cache-control"]
    assert api.client.get("/static/css/base.css").headers["cache-control"] == "no-cache"
