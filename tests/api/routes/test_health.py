"""Alive, ready, and figures."""

from pathlib import Path

import httpx

from ledger_node.store import Stores
from tests.api.conftest import Api, an_app
from tests.support.a_bundle import World
from tests.support.a_seafood_market import SeafoodMarket
from tests.support.serving import serving


def test_a_node_that_follows_its_chain_is_ready(api: Api) -> None:
    assert api.get("/healthz") == {"status": "ok"}
    assert api.get("/readyz") == {"status": "ok"}


def test_a_node_before_its_first_block_is_alive_but_not_ready(stores: Stores, tmp_path: Path) -> None:
    empty = SeafoodMarket(stores, tmp_path, World())
    with serving(an_app(empty)) as url, httpx.Client(base_url=url) as client:
        assert client.get("/healthz").status_code == 200
        waiting = client.get("/readyz")
        assert (waiting.status_code, waiting.json()["part"]) == (503, "indexer")
        for page in ("/", "/live", "/explorer", "/lots", "/devices"):
            assert client.get(page, headers={"Accept": "text/html"}).status_code == 200, page
        assert client.get("/api/v1/markets/zpk/first-proven").status_code == 404
        assert client.get("/log/checkpoint").status_code == 404
        assert client.get("/api/v1/checkpoints/newest").status_code == 404


def test_figures_tell_how_far_behind_each_step_is(either: Api) -> None:
    either.client.get("/api/v1/records/xyz")
    text = either.client.get("/metrics").text
    assert 'tidemark_records{reason="NONE",verdict="ACCEPTED"} 940.0' in text
    assert 'tidemark_transactions{state="mined"} 1.0' in text
    assert "tidemark_head_block 27.0" in text
    assert "tidemark_final_block 26.0" in text
    assert "tidemark_log_size 26.0" in text
    assert 'tidemark_http_requests_total{route="/api/v1/records/{record_hash}",status="422"} 1.0' in text
    unsealed = next(line for line in text.splitlines() if line.startswith("tidemark_oldest_unsealed_age_seconds "))
    assert float(unsealed.split()[1]) > 60
