"""Lots, devices, parties; blocks, streams, pins, batches, checkpoints."""

import pytest

from tests.api.conftest import Api
from tests.support.a_seafood_market import lot_id, scale


def test_a_lot_is_found_by_link_and_by_key(either: Api) -> None:
    by_link = either.get(f"/api/v1/lots/{lot_id(1)}")
    assert either.get(f"/api/v1/lots/{by_link['lot_key']}") == by_link
    assert by_link["attestations"][0]["kind"] == "LotRegistered"
    assert by_link["sales_count"] == 10


def test_a_held_lot_names_its_hold_and_its_family(either: Api) -> None:
    held = either.get(f"/api/v1/lots/{lot_id(3)}")
    assert held["state"] == "held"
    assert held["holds"][0]["version"] == 12
    assert [one["lot_id"] for one in held["parents"]] == [lot_id(4)]
    parent = either.get(f"/api/v1/lots/{lot_id(4)}")
    assert [one["lot_id"] for one in parent["children"]] == [lot_id(3)]
    assert parent["tests"][0]["result"] == "FAIL"
    assert parent["holds"][0]["cause_record_hash"] == parent["tests"][0]["record_hash"]


def test_lots_are_listed_newest_first_by_pages(api: Api) -> None:
    first = api.get("/api/v1/lots?limit=3")
    rest = api.get(f"/api/v1/lots?limit=3&before={first['next']}")
    assert [one["lot_id"] for one in [*first["items"], *rest["items"]]] == [lot_id(n) for n in (4, 3, 2, 1)]
    assert rest["next"] is None


@pytest.mark.parametrize("name", ["https://id.gs1.org/01/x", "0x12", "0x" + "ab" * 32, "nothing"])
def test_an_unknown_lot_is_not_found(api: Api, name: str) -> None:
    assert api.client.get(f"/api/v1/lots/{name}").status_code == 404


def test_devices_are_listed_by_class(either: Api) -> None:
    everything = either.get("/api/v1/devices")
    scales = either.get("/api/v1/devices?class=SCALE")
    assert [one["name"] for one in scales] == [scale(n) for n in (1, 2, 3)]
    assert len(everything) == 10


def test_a_device_tells_its_history(either: Api) -> None:
    found = either.get(f"/api/v1/devices/{scale(1)}")
    assert found["status"] == "ACTIVE"
    assert found["verified_until"] is not None
    assert found["newest_sequence"] == 8, "as of the last head that was written"
    assert either.get(f"/api/v1/devices/{found['device']}")["name"] == scale(1)


def test_the_key_at_a_moment_is_the_registrys(api: Api) -> None:
    path = f"/api/v1/devices/{scale(1)}/keys"
    assert api.get(path)["then"] is None
    now = api.get(path, params={"at": "2026-11-18T11:07:00+00:00"})["then"]
    assert (now["status"], now["key"]["epoch"]) == ("ACTIVE", 0)
    before = api.get(path, params={"at": "2020-01-01T00:00:00+08:00"})["then"]
    assert before["status"] == "PENDING"


def test_verification_gaps_and_verdicts_are_told(api: Api) -> None:
    assert api.get(f"/api/v1/devices/{scale(1)}/metrology")["verifications"][0]["verifier"] == 7
    assert api.get(f"/api/v1/devices/{scale(2)}/gaps")["gaps"] == [[3, 4]]
    counts = api.get(f"/api/v1/devices/{scale(1)}/verdicts")["counts"]
    assert counts[0] == {"verdict": "ACCEPTED", "reason": "NONE", "count": 940}
    assert api.client.get("/api/v1/devices/nobody/verdicts").status_code == 404
    assert api.client.get("/api/v1/devices/nobody/gaps").status_code == 404


def test_blocks_carry_their_events_and_pins(either: Api) -> None:
    listed = either.get("/api/v1/blocks?limit=5")
    assert [one["number"] for one in listed["items"]] == list(range(27, 22, -1))
    assert listed["items"][0]["final"] is False
    assert either.get("/api/v1/blocks/26")["pin_list"][0]["stream"] == "market/zpk/sale"
    assert either.client.get("/api/v1/blocks/99").status_code == 404


def test_pins_are_listed_of_all_streams_and_of_one(either: Api) -> None:
    seen, path = [], "/api/v1/pins?limit=3"
    while path:
        page = either.get(path)
        seen += [(one["stream"], one["sequence"]) for one in page["items"]]
        path = f"/api/v1/pins?limit=3&before={page['next']}" if page["next"] is not None else ""
    assert len(seen) == len(set(seen)) == 7
    one = either.get("/api/v1/pins?stream=market/zpk/sale&limit=2")
    assert [item["sequence"] for item in one["items"]] == [4, 3]
    assert either.get(f"/api/v1/pins?stream=market/zpk/sale&before={one['next']}")["items"][0]["sequence"] == 2


def test_a_pin_and_its_batch_say_the_same(either: Api) -> None:
    pin = either.get("/api/v1/pins/market/zpk/sale/2")
    batch = either.get("/api/v1/batches/market/zpk/sale/2")
    assert pin["root"] == batch["root"]
    assert pin["mass"] == batch["mass"]
    assert len(batch["records"]) == pin["count"] == 8
    part = either.get("/api/v1/batches/market/zpk/sale/2?leaf=6&limit=5")
    assert [one["hash"] for one in part["records"]] == [one["hash"] for one in batch["records"][6:]]
    assert either.get("/api/v1/batches/market/zpk/sale/2?limit=3")["next_leaf"] == 3


def test_batches_tell_the_state_of_their_transactions(api: Api) -> None:
    listed = api.get("/api/v1/batches?stream=market/zpk/sale")["items"]
    assert [(one["sequence"], one["transaction_state"]) for one in listed[:2]] == [(5, None), (4, "mined")]


def test_streams_parties_and_checkpoints_are_told(either: Api) -> None:
    assert either.get("/api/v1/streams/market/zpk/sale")["sequence"] == 4
    assert len(either.get("/api/v1/streams")) == 6
    assert either.get("/api/v1/parties/3")["kinds"] == ["MARKET", "ORACLE"]
    assert len(either.get("/api/v1/parties")) == 3
    newest = either.get("/api/v1/checkpoints/newest")
    assert newest["size"] == "26"
    assert newest["witnesses"] == 0
    assert either.get(f"/api/v1/checkpoints/{newest['id']}") == newest
    assert either.get("/api/v1/checkpoints")["items"] == [newest]


@pytest.mark.parametrize(
    "path",
    ["streams/market/x/y", "pins/market/zpk/sale/99", "batches/market/zpk/sale/99", "parties/99", "checkpoints/99"],
)
def test_what_is_not_there_is_not_found(api: Api, path: str) -> None:
    assert api.client.get(f"/api/v1/{path}").status_code == 404


def test_times_of_the_chain_are_moments(api: Api) -> None:
    assert api.get("/api/v1/blocks/1")["time"].endswith("Z")
    assert api.get("/api/v1/parties/3")["verified_until"] is not None
