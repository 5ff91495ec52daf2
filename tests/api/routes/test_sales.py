"""Sales, tickets, stories, journeys and codes."""

import json
from datetime import UTC, datetime

from sqlalchemy import select, update

from ledger_node.proof.verify import verify
from ledger_node.store.journal import Lot
from tests.api.conftest import Api


def test_a_sale_is_found_by_its_id_and_by_its_code(either: Api) -> None:
    by_code = either.get(f"/api/v1/sales/{either.market.code(0)}")
    assert either.get(f"/api/v1/sales/{by_code['sale_id']}") == by_code
    assert by_code["page_url"] == f"/01/09506000134352/21/{either.market.code(0)}"
    assert by_code["amount_minor"] == 2688


def test_nothing_about_the_buyer_is_said(api: Api) -> None:
    text = json.dumps([api.get(f"/api/v1/sales/{api.market.code(0)}{part}") for part in ("", "/story")])
    assert "payer" not in text
    assert "cost_minor" not in text


def test_a_story_gathers_lot_test_tank_and_scale(either: Api) -> None:
    story = either.get(f"/api/v1/sales/{either.market.code(1)}/story")
    assert story["lots"][0]["intake"]["origin_name"] == "福建宁德"
    assert story["lots"][0]["tests"][0]["result"] == "PASS"
    assert story["scale"]["verified_then"] is True
    assert story["cold"]["profile"] == "ice"
    assert story["cold"]["highest_millicelsius"] == 2000
    assert story["cold"]["readings_outside"] > 0
    assert len(story["cold"]["measured"]["gaps"]) >= 1


def test_a_journey_proves_the_sale_and_what_came_before_it(either: Api) -> None:
    answer = either.client.get(f"/api/v1/sales/{either.market.code(0)}/proof")
    kinds = [one["envelope"]["kind"] for one in answer.json()["records"]]
    assert sorted(kinds) == ["intake", "sale", "test"]
    assert verify(answer.content, either.market.world.network, now=datetime.now(UTC)).is_verified()


def test_a_journey_whose_sale_is_not_proven_waits(api: Api) -> None:
    assert api.client.get(f"/api/v1/sales/{api.market.code(28)}/proof").status_code == 202


def test_a_ticket_adds_up_what_stands(api: Api) -> None:
    refunded = api.get(f"/api/v1/sales/{api.market.code(3)}")
    ticket = api.get(f"/api/v1/tickets/{refunded['ticket_id']}")
    assert ticket["total_minor"] == refunded["amount_minor"] - 500
    voided = api.get(f"/api/v1/sales/{api.market.code(1)}")
    assert api.get(f"/api/v1/tickets/{voided['ticket_id']}")["total_minor"] == 0


def test_a_code_that_was_never_issued_is_not_found(api: Api) -> None:
    answer = api.client.get("/api/v1/sales/7ZQ4M8RC2KX9TB5WE")
    assert answer.status_code == 404
    assert answer.json()["title"] == "No sale has this id or trace code: it was not issued by this market."


def test_the_code_is_drawn_at_level_m_with_its_quiet_zone(api: Api) -> None:
    answer = api.client.get(f"/api/v1/sales/{api.market.code(0)}/qr.svg")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.text.startswith("<svg")
    assert 'viewBox="0 0 41 41"' in answer.text, "version 4 and four modules on each side"
    assert "style=" not in answer.text


def test_the_first_proven_sale_is_named_for_whoever_starts_the_node(either: Api) -> None:
    answer = either.client.get("/api/v1/markets/zpk/first-proven")
    assert answer.text == f"/01/09506000134352/21/{either.market.code(23)}"
    assert either.client.get("/api/v1/markets/other/first-proven").status_code == 404


def test_a_tanks_probe_says_nothing_about_goods_on_ice(either: Api) -> None:
    with either.market.stores.journal.write() as connection:
        for lot in connection.execute(select(Lot.lot_key, Lot.payload)).all():  # type: ignore[call-overload]
            payload = {**lot.payload, "cold_profile": "frozen"}
            connection.execute(update(Lot).where(Lot.lot_key == lot.lot_key).values(payload=payload))  # type: ignore[arg-type]
    assert either.get(f"/api/v1/sales/{either.market.code(0)}/story")["cold"] is None
