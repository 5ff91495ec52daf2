"""The builder over a node's databases: what it makes is verified with nothing but the network file."""

import json
from pathlib import Path

import pytest

from ledger_node.domain.digest import keccak256
from ledger_node.domain.record import name_hash
from ledger_node.errors import RecordNotFound, RecordNotYetProven
from ledger_node.proof.build import BundleBuilder
from ledger_node.proof.findings import Say, Verification
from ledger_node.proof.verify import verify
from ledger_node.store import Stores
from tests.support.a_bundle import (
    GATEWAY,
    LOT,
    MADE_AT,
    MARKET,
    SCALE,
    TESTER,
    Kept,
    World,
    a_market,
    a_sale,
    a_test,
    a_void,
)
from tests.support.proof_vectors import two_days


@pytest.fixture
def market() -> World:
    return a_market()


def built(stores: Stores, world: World, folder: Path) -> BundleBuilder:
    world.write(stores, folder)
    return BundleBuilder(stores, world.network, now=lambda: MADE_AT)


def checked(bundle: bytes, world: World) -> Verification:
    return verify(bundle, world.network, now=MADE_AT)


def sold(world: World, count: int = 5) -> Kept:
    kept = [world.sell(number) for number in range(1, count + 1)]
    world.seal("sale")
    return kept[1]


def test_a_sale_is_verified(stores: Stores, market: World, tmp_path: Path) -> None:
    kept = sold(market)
    bundle = built(stores, market, tmp_path).record(kept.record_hash)
    outcome = checked(bundle, market)
    assert outcome.findings == ()
    assert outcome.is_verified()
    assert len(json.loads(bundle)["records"]) == 2, "the lot's test is shown with the sale"


def test_a_record_is_found_by_its_row_number_too(stores: Stores, market: World, tmp_path: Path) -> None:
    kept = sold(market)
    builder = built(stores, market, tmp_path)
    by_hash = builder.record(kept.record_hash)
    assert by_hash in [builder.record(number) for number in range(1, 7)]


def test_a_record_that_a_gateway_signed_for_is_verified(stores: Stores, market: World, tmp_path: Path) -> None:
    envelopes = market.bundle_up([market.sign(SCALE, "sale", a_sale(number)) for number in range(1, 4)])
    kept = [market.keep(envelope, received_at_ms=envelope.observed_at_ms + 900) for envelope in envelopes]
    market.seal("sale")
    bundle = built(stores, market, tmp_path).record(kept[2].record_hash)
    assert checked(bundle, market).is_verified()
    assert name_hash(GATEWAY).hex() in bundle.decode()


def test_a_voided_sale_says_so(stores: Stores, market: World, tmp_path: Path) -> None:
    kept = sold(market)
    market.keep(market.sign(SCALE, "void", a_void(2)))
    market.seal("void")
    outcome = checked(built(stores, market, tmp_path).record(kept.record_hash), market)
    assert (outcome.answers[7].answer, outcome.answers[7].code) == (Say.NO, "voided")


def test_a_failed_test_of_the_lot_says_so(stores: Stores, market: World, tmp_path: Path) -> None:
    kept = sold(market)
    market.keep(market.sign(TESTER, "retest", a_test(2, result=2)))
    market.seal("test")
    outcome = checked(built(stores, market, tmp_path).record(kept.record_hash), market)
    assert outcome.answers[7].code == "recalled"
    assert outcome.exit_code() == 1


def test_a_later_verdict_says_so(stores: Stores, market: World, tmp_path: Path) -> None:
    kept = sold(market)
    payload = {"of": "0x" + kept.record_hash.hex(), "verdict": 4, "reason": 6}
    market.keep(market.sign(GATEWAY, "reverdict", payload))
    market.seal("device")
    outcome = checked(built(stores, market, tmp_path).record(kept.record_hash), market)
    assert outcome.answers[7].code == "superseded"


def test_a_market_without_any_test_is_shown_to_have_none(stores: Stores, tmp_path: Path) -> None:
    world = World()
    world.enrol(SCALE)
    world.open("sale", "test")
    kept = sold(world)
    bundle = built(stores, world, tmp_path).record(kept.record_hash)
    assert checked(bundle, world).is_verified()
    assert json.loads(bundle)["lots"][0]["pin"] is None


@pytest.mark.parametrize("kind", ["test", "void"])
def test_records_of_other_kinds_are_verified(stores: Stores, market: World, tmp_path: Path, kind: str) -> None:
    sold(market)
    payload = a_test(3) if kind == "test" else a_void(1)
    kept = market.keep(market.sign(TESTER if kind == "test" else SCALE, kind, payload))
    market.seal(kind)
    assert checked(built(stores, market, tmp_path).record(kept.record_hash), market).is_verified()


def test_what_no_checkpoint_covers_is_not_yet_proven(stores: Stores, market: World, tmp_path: Path) -> None:
    sold(market)
    builder = built(stores, market, tmp_path)
    with pytest.raises(RecordNotFound):
        builder.record(bytes(32))
    with pytest.raises(RecordNotFound):
        builder.record(10_000)


def test_before_the_first_checkpoint_nothing_is_proven(stores: Stores, market: World, tmp_path: Path) -> None:
    kept = sold(market)
    market.write(stores, tmp_path, steps=0)
    with pytest.raises(RecordNotYetProven) as refused:
        BundleBuilder(stores, market.network).record(kept.record_hash)
    assert refused.value.record_hash == kept.record_hash


def test_each_further_kind_is_verified(stores: Stores, market: World, tmp_path: Path) -> None:
    sold(market)
    builder = built(stores, market, tmp_path)
    lot = keccak256(LOT.encode())
    for bundle in (
        builder.history("device", name_hash(SCALE)),
        builder.history("attestation", keccak256(b"another lot")),
        builder.history("attestation", lot),
        builder.stream(f"{MARKET}/sale"),
        builder.lot(LOT, MARKET),
    ):
        outcome = checked(bundle, market)
        assert outcome.findings == ()
        assert outcome.is_verified()


def test_a_merchants_days_are_shown_up_to_the_newest_pin(stores: Stores, tmp_path: Path) -> None:
    world, days = two_days()
    world.seal("sales-day")
    bundle = built(stores, world, tmp_path).sales_day(days[0].record_hash)
    outcome = checked(bundle, world)
    assert outcome.findings == ()
    assert outcome.is_verified()
    assert len(json.loads(bundle)["records"]) == 2


def test_a_kept_checkpoint_is_continued(stores: Stores, market: World, tmp_path: Path) -> None:
    old = market.note()
    kept = sold(market)
    builder = built(stores, market, tmp_path)
    outcome = verify(builder.record(kept.record_hash, kept=old), market.network, now=MADE_AT, kept=old)
    assert outcome.is_verified()
    assert outcome.facts["kept_compared"] is True
    assert verify(builder.consistency(old), market.network, now=MADE_AT).is_verified()
