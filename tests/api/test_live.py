"""The live feed: what happens reaches every client, in order, and a client that was away goes on without a hole."""

import json
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from sqlalchemy import Connection, insert, select, update

from api import live as feed
from api.live import QUEUE_LIMIT, Client
from api.queries import live
from api.queries.live import LiveCursor
from api.services import Views
from ledger_node.store import Stores
from ledger_node.store.journal import Batch, LiveEvent
from ledger_node.store.log import CheckpointNote
from ledger_node.store.projections import Block, Pin
from tests.api.conftest import Api, an_app
from tests.support.a_seafood_market import NOW_MS
from tests.support.serving import serving

LIVE = "/api/v1/markets/zpk/live"


@contextmanager
def listening(api: Api, **more: Any) -> Generator[Iterator[tuple[str, str, Any]]]:
    """The events of one stream: id, type, data."""
    with api.client.stream("GET", LIVE, timeout=20, **more) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield _events(answer)


def _events(answer: httpx.Response) -> Iterator[tuple[str, str, Any]]:
    fields: dict[str, str] = {}
    for line in answer.iter_lines():
        if line.startswith(":"):
            continue
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif fields:
            yield fields["id"], fields["event"], json.loads(fields["data"])
            fields = {}


def happen(stores: Stores, number: int = 1) -> None:
    """A test result is journaled."""
    with stores.journal.write() as connection:
        for step in range(number):
            body = {"kind": "test", "item_name": "海鲈鱼", "result": 1, "step": step}
            connection.execute(insert(LiveEvent).values(market="zpk", type="test", body=body, at_ms=NOW_MS))


def a_row(connection: Connection, table: Any) -> dict[str, Any]:
    """Some row of a table, without its number: a pattern for a new one."""
    found = connection.execute(select(table.__table__)).mappings().first()
    assert found is not None
    return {name: value for name, value in found.items() if name != "id"}


def until(events: Iterator[tuple[str, str, Any]], kind: str) -> tuple[str, Any]:
    """The next event of a kind, others passed over."""
    return next((place, data) for place, found, data in events if found == kind)


def test_a_client_gets_the_state_first_then_what_happens(either: Api) -> None:
    with listening(either) as events:
        place, kind, state = next(events)
        assert kind == "state"
        assert state["sales_today"] == 24
        assert state["records_kept"] == 910
        assert (state["records_sealed"], state["records_pinned"]) == (908, 906)
        assert state["checkpoint"]["size"] == "26"
        assert state["oldest_unsealed_age_ms"] > 0
        assert LiveCursor.parse(place) is not None
        happen(either.market.stores)
        _, data = until(events, "test")
        assert data["item_name"] == "海鲈鱼"


def test_a_sale_comes_with_its_place_and_its_page(either: Api) -> None:
    stores = either.market.stores
    with listening(either) as events:
        next(events)
        with stores.journal.write() as connection:
            row = a_row(connection, LiveEvent)
            connection.execute(insert(LiveEvent).values(**{**row, "at_ms": NOW_MS}))
        _, sale = until(events, "sale")
    assert sale["stream"] == "market/zpk/sale"
    assert sale["position"] >= 1
    assert sale["page_url"].startswith("/01/09506000134352/21/")
    assert sale["hash"].startswith("0x")


def test_what_happens_right_after_the_first_client_came_is_not_missed(
    either: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly(views: Views) -> LiveCursor:
        time.sleep(1)
        return live.newest_cursor(views)

    slow = SimpleNamespace(newest_cursor=slowly, since=live.since, state=live.state)
    monkeypatch.setattr(feed, "live", slow)
    with (
        serving(an_app(either.market)) as url,
        httpx.Client(base_url=url) as client,
        listening(replace(either, client=client)) as events,
    ):
        next(events)
        happen(either.market.stores)
        assert until(events, "test")[1]["result"] == 1


def test_who_was_away_resumes_without_hole_or_repeat(either: Api) -> None:
    happen(either.market.stores, 3)
    with listening(either, headers={"Last-Event-ID": "0-0-0.0-0-0"}) as events:
        places = [place for place, kind, _ in (next(events) for _ in range(6)) if kind != "state"]
    assert len(set(places)) == len(places)
    with listening(either, headers={"Last-Event-ID": places[2]}) as events:
        again = [next(events)[0] for _ in range(2)]
    assert again == places[3:5]


def test_pins_finality_and_checkpoints_follow(either: Api) -> None:
    stores = either.market.stores
    with listening(either) as events:
        next(events)
        with stores.journal.write() as connection:
            row = a_row(connection, Batch)
            connection.execute(insert(Batch).values(**{**row, "sequence": 90, "sealed_at": NOW_MS // 1000}))
        _, sealed = until(events, "sealed")
        assert sealed["sequence"] == 90
        with stores.projections.write() as connection:
            pin = a_row(connection, Pin)
            block = a_row(connection, Block)
            connection.execute(insert(Block).values(**{**block, "number": 40, "final": False}))
            connection.execute(insert(Pin).values(**{**pin, "sequence": 90, "block_number": 40, "log_index": 3}))
        _, pinned = until(events, "pinned")
        assert (pinned["block"], pinned["sequence"]) == (40, 90)
        assert pinned["stream"].startswith("market/zpk/")
        with stores.projections.write() as connection:
            connection.execute(update(Block).values(final=True))
        assert until(events, "final")[1] == {"block": 40}
        with stores.log.write() as connection:
            note = a_row(connection, CheckpointNote)
            connection.execute(insert(CheckpointNote).values(**{**note, "size": 27, "block_number": 40}))
        assert until(events, "checkpoint")[1]["size"] == "27"


def test_a_chain_that_came_back_shorter_rewinds_the_cursor(either: Api) -> None:
    stores = either.market.stores
    ahead = "900-900-500.0-500-900"
    with listening(either, headers={"Last-Event-ID": ahead}) as events:
        next(events)
        with stores.projections.write() as connection:
            pin = a_row(connection, Pin)
            connection.execute(insert(Pin).values(**{**pin, "sequence": 91, "block_number": 27, "log_index": 9}))
        assert until(events, "pinned")[1]["sequence"] == 91


def test_many_clients_hear_the_same(either: Api) -> None:
    with listening(either) as first, listening(either) as second:
        next(first)
        next(second)
        happen(either.market.stores)
        assert until(first, "test") == until(second, "test")


def test_who_cannot_keep_up_loses_the_oldest_and_is_told() -> None:
    client = Client()
    for number in range(QUEUE_LIMIT + 5):
        client.put("sale", "{}", str(number))
    messages = client.take()
    assert messages[0][0] == "resync"
    assert len(messages) == QUEUE_LIMIT + 1
    assert messages[1][2] == "5"
    client.put("sale", "{}", "x")
    assert client.take() == [("sale", "{}", "x")]


def test_there_is_an_end_to_how_many_may_listen(either: Api) -> None:
    app = an_app(either.market, live_clients=1)
    with serving(app) as url, httpx.Client(base_url=url) as client:
        with client.stream("GET", LIVE) as first:
            events = _events(first)
            next(events)
            refused = client.get(LIVE)
        assert refused.status_code == 503
        assert refused.json()["part"] == "live"


def test_who_polls_gets_the_same_and_nothing_twice(either: Api) -> None:
    first = either.client.get("/api/v1/markets/zpk/tiles")
    same = either.client.get("/api/v1/markets/zpk/tiles", headers={"If-None-Match": first.headers["etag"]})
    assert same.status_code == 304
    assert same.content == b""
    happen(either.market.stores, 2)
    cursor = first.json()["state"]["cursor"]
    later = either.get(f"/api/v1/markets/zpk/tiles?cursor={cursor}")
    assert [one["type"] for one in later["events"]] == ["test", "test"]
    last = later["events"][-1]["cursor"]
    assert either.get(f"/api/v1/markets/zpk/tiles?cursor={last}")["events"] == []


@pytest.mark.parametrize(
    "text", ["", "x", "1-2-3", "1-2-3.4-5", "1-2-3.4-5-6-7", "-1-2-3.4-5-6", "1-2-3.4-5-" + "9" * 40]
)
def test_what_is_no_cursor_is_none(text: str) -> None:
    assert LiveCursor.parse(text) is None


def test_a_cursor_reads_back() -> None:
    for cursor in (LiveCursor(), LiveCursor(1, 2, 3, 4, 5, 6)):
        assert LiveCursor.parse(str(cursor)) == cursor


def test_another_market_is_not_served(api: Api) -> None:
    assert api.client.get("/api/v1/markets/elsewhere/live").status_code == 404
    assert api.client.get("/api/v1/markets/zpk/tiles?cursor=x").status_code == 422
