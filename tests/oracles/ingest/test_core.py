"""Ingest end to end, without transport: what is journaled, answered and counted."""

from collections.abc import Generator

import pytest

from ledger_node.domain.receipt import Receipt
from ledger_node.domain.record import Verdict
from ledger_node.store import Stores
from oracles.ingest.rows import DEVICE_HEAD, RECORD, RECORD_LOT, SALE, SALE_MINUTE, STREAM_HEAD, VERDICT_COUNT
from tests.oracles.ingest.world import DOMAIN, NODE, SCALE, SECOND, World, sale


@pytest.fixture
def world(stores: Stores) -> Generator[World]:
    made = World(stores)
    yield made
    made.core.close()


def test_a_sale_is_journaled_with_its_place_lot_and_sums(world: World) -> None:
    world.stock()
    answer = world.send(world.sell(1), world.sell(2))
    assert answer.refused == []
    sales = [row for row in world.rows(RECORD) if row["kind"] == "sale"]
    assert [
        (row["verdict"], row["reason"], row["position"], row["amount_minor"], row["mass_grams"]) for row in sales
    ] == [
        (Verdict.ACCEPTED, 0, 0, 2000, 1000),
        (Verdict.ACCEPTED, 0, 1, 2000, 1000),
    ]
    shares = [row["share_grams"] for row in world.rows(RECORD_LOT)]
    assert shares == [100_000, 1000, 1000]
    assert [(row["counted"], row["state"]) for row in world.rows(SALE)] == [(True, "sold"), (True, "sold")]
    minute = world.rows(SALE_MINUTE)
    assert [(row["count"], row["grams"], row["minor"]) for row in minute] == [(2, 2000, 4000)]
    assert {row["stream"]: row["next_position"] for row in world.rows(STREAM_HEAD)} == {
        "market/zpk/sale": 2,
        "market/zpk/intake": 1,
    }


def test_the_receipt_is_the_nodes_and_covers_what_was_kept(world: World) -> None:
    world.stock()
    last = world.sell(1)
    answer = world.send(last)
    receipt = Receipt.from_json(answer.receipts[0])
    key = world.devices[NODE].key
    assert receipt.verify(DOMAIN, key.key_type, key.public_key)
    assert (receipt.device, receipt.contiguous_sequence, receipt.head_hash) == (SCALE, 1, last.digest(DOMAIN))
    assert world.rows(DEVICE_HEAD)[0]["receipt"] == answer.receipts[0]


def test_the_same_record_again_is_answered_with_the_first_receipt(world: World) -> None:
    world.stock()
    envelope = world.sell(1)
    first = world.send(envelope)
    world.hand.now += SECOND
    again = world.send(envelope, envelope)
    assert again == first
    assert len(world.rows(RECORD)) == 2
    duplicates = [row for row in world.rows(VERDICT_COUNT) if row["device"] == SCALE and row["verdict"] == 0]
    assert [(row["reason"], row["count"]) for row in duplicates] == [(0, 2)]


def test_a_restarted_process_goes_on_where_the_first_stopped(world: World) -> None:
    world.stock()
    envelopes = [world.sell(number) for number in range(1, 5)]
    world.send(*envelopes[:2])
    world.restart()
    answer = world.send(*envelopes)
    assert answer.receipts[0]["contiguousSequence"] == 4
    assert [row["position"] for row in world.rows(RECORD) if row["kind"] == "sale"] == [0, 1, 2, 3]


@pytest.mark.slow
def test_worker_processes_read_the_same_as_this_one(world: World) -> None:
    world.core.close()
    world.restart(workers=2)
    world.stock()
    answer = world.send(*[world.sell(number) for number in range(1, 9)])
    assert answer.receipts[0]["contiguousSequence"] == 8
    assert {row["verdict"] for row in world.rows(RECORD)} == {1}
    assert sale(1)["amount_minor"] == 2000
