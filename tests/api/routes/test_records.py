"""Records: lists, one record, its proof; on both kinds of database where a query is at stake."""

import json
from datetime import UTC, datetime

from ledger_node.proof.verify import verify
from tests.api.conftest import Api
from tests.support.a_seafood_market import scale


def test_a_list_runs_from_new_to_old_without_hole_or_repeat(either: Api) -> None:
    seen: list[int] = []
    path = "/api/v1/records?limit=97"
    while path:
        page = either.get(path)
        seen += [one["id"] for one in page["items"]]
        path = f"/api/v1/records?limit=97&before={page['next']}" if page["next"] is not None else ""
    assert seen == sorted(set(seen), reverse=True)
    assert len(seen) == either.get("/api/v1/markets/zpk/tiles")["state"]["records_kept"]


def test_a_list_is_narrowed(either: Api) -> None:
    found = either.get(f"/api/v1/records?kind=sale&device={scale(2)}&stream=market/zpk/sale&verdict=ACCEPTED")["items"]
    assert {(one["kind"], one["device"]) for one in found} == {("sale", scale(2))}
    assert len(found) == 10
    assert either.get("/api/v1/records?verdict=FORKED")["items"] == []


def test_a_record_says_what_was_signed_and_how_far_it_has_come(either: Api) -> None:
    kept = either.market.sales[2]
    found = either.get(f"/api/v1/records/{kept.record_hash.hex()}")
    assert found["hash"] == "0x" + kept.record_hash.hex()
    assert found["payload"]["trace_code"] == either.market.code(2)
    assert found["payload_hash"] == "0x" + kept.envelope.payload_hash.hex()
    assert found["progress"]["stage"] == "proven"
    assert found["progress"]["pin"]["sequence"] == 1
    assert found["progress"]["batch_index"] == 2
    assert found["lots"][0]["lot_id"].endswith("/10/ZPK-261117-03")


def test_what_is_sealed_for_others_is_withheld_and_named(api: Api) -> None:
    sale = api.get(f"/api/v1/records/{api.market.sales[0].record_hash.hex()}")
    assert sale["withheld"] == ["payer_ref"]
    assert "payer_ref" not in sale["payload"]
    intake = api.get("/api/v1/records?kind=intake")["items"][0]
    assert api.get(f"/api/v1/records/{intake['hash']}")["withheld"] == ["cost_minor_per_kilogram"]
    assert "3100" not in json.dumps(api.get("/api/v1/lots/" + api.get("/api/v1/lots")["items"][0]["lot_key"]))


def test_each_stage_has_its_name(either: Api) -> None:
    stages = [
        either.get(f"/api/v1/sales/{either.market.code(number)}")["progress"]["stage"] for number in (0, 24, 26, 28)
    ]
    assert stages == ["proven", "pinned", "sealed", "kept"]


def test_the_proof_is_checked_without_the_server(either: Api) -> None:
    answer = either.client.get(f"/api/v1/records/{either.market.sales[5].record_hash.hex()}/proof")
    assert answer.headers["content-type"] == "application/vnd.tidemark.proof+json"
    outcome = verify(answer.content, either.market.world.network, now=datetime.now(UTC))
    assert outcome.is_verified()


def test_what_is_not_yet_proven_says_how_far_it_is(api: Api) -> None:
    for number, stage in ((24, "pinned"), (26, "sealed"), (28, "kept")):
        answer = api.client.get(f"/api/v1/records/{api.market.sales[number].record_hash.hex()}/proof")
        assert answer.status_code == 202
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"] == "urn:tidemark:problem:RecordNotYetProven"
        assert answer.json()["stage"] == stage
        assert answer.headers["retry-after"]
