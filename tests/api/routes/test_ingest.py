"""Frames by HTTP go to the ingest process as they are, and its answer comes back as it is."""

from collections.abc import Generator

import httpx
import pytest
from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, Response

from ledger_node.domain.frame import FRAME_LIMIT_BYTES
from scripts.node_folder import free_ports
from tests.api.conftest import Api, an_app
from tests.support.a_seafood_market import SeafoodMarket
from tests.support.serving import serving


@pytest.fixture
def door(market: SeafoodMarket) -> Generator[tuple[httpx.Client, list[Request], dict[str, int]]]:
    """The API in front of a door that answers with `status` and keeps what it was asked."""
    seen: list[Request] = []
    says = {"status": 200}
    behind = FastAPI()

    @behind.post("/api/v1/ingest")
    async def take(request: Request) -> Response:
        request.state.body_taken = await request.body()
        seen.append(request)
        headers = {"Retry-After": "7"} if says["status"] != 200 else {}
        return JSONResponse({"receipts": [], "refused": []}, says["status"], headers=headers)

    with (
        serving(behind) as inner,
        serving(an_app(market, ingest_url=inner)) as url,
        httpx.Client(base_url=url) as client,
    ):
        yield client, seen, says


def test_a_frame_is_forwarded_whole(door: tuple[httpx.Client, list[Request], dict[str, int]]) -> None:
    client, seen, _ = door
    headers = {"Content-Type": "application/cbor", "Signature": "sig1=:x:", "X-Request-Id": "frame1"}
    answer = client.post("/api/v1/ingest", content=b"\xa1\x01\x02", headers=headers)
    assert answer.json() == {"receipts": [], "refused": []}
    assert seen[0].state.body_taken == b"\xa1\x01\x02"
    assert seen[0].headers["content-type"] == "application/cbor"
    assert seen[0].headers["signature"] == "sig1=:x:"
    assert seen[0].headers["x-request-id"] == "frame1"


@pytest.mark.parametrize("status", [429, 503])
def test_back_pressure_reaches_the_gateway(
    door: tuple[httpx.Client, list[Request], dict[str, int]], status: int
) -> None:
    client, _, says = door
    says["status"] = status
    answer = client.post("/api/v1/ingest", content=b"x")
    assert answer.status_code == status
    assert answer.headers["retry-after"] == "7"


def test_a_frame_over_its_limit_is_not_even_read(door: tuple[httpx.Client, list[Request], dict[str, int]]) -> None:
    client, seen, _ = door
    assert client.post("/api/v1/ingest", content=bytes(FRAME_LIMIT_BYTES + 1)).status_code == 413
    piece = bytes(1 << 16)
    chunked = client.post("/api/v1/ingest", content=(piece for _ in range(4)))
    assert chunked.status_code == 413
    assert seen == []


def test_an_ingest_that_is_away_is_said_so(market: SeafoodMarket) -> None:
    nobody = f"http://127.0.0.1:{free_ports(1)[0]}"
    with serving(an_app(market, ingest_url=nobody)) as url:
        answer = httpx.post(f"{url}/api/v1/ingest", content=b"x")
    assert answer.status_code == 503
    assert answer.json()["part"] == "ingest"
    assert answer.headers["retry-after"]


def test_a_node_without_ingest_says_so(api: Api) -> None:
    assert api.client.post("/api/v1/ingest", content=b"x").status_code == 503
