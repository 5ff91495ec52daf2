"""A record of every kind becomes something a stranger can check: on each engine, on each database."""

import time
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ledger_node.domain.device import DeviceClass
from ledger_node.domain.payload import KINDS
from ledger_node.store import Stores
from tests.integration.pipeline import Pipeline
from tests.oracles.ingest.world import LOT, OTHER_LOT, a_test, intake, returned, sale, ulid
from tests.support.chain import DEVICES, a_chain, a_device

REF = "0x" + "11" * 32
CID = "bafkreigks6arfsq3xxfpvqrrwonchxcnu6do76auprhhfomao6c273sixm"
MORE_DEVICES = (
    a_device("zpk-intake-01", DeviceClass.SYSTEM, is_verified=False),
    a_device("zpk-lab-01", DeviceClass.TESTER, owner="lab"),
    a_device("zpk-bank-01", DeviceClass.SYSTEM, owner="bank", is_verified=False),
)


@pytest.fixture
def pipeline(engine_name: str, stores: Stores, tmp_path: Path) -> Generator[Pipeline]:
    with a_chain(engine_name, tmp_path / "chain", devices=(*DEVICES, *MORE_DEVICES)) as chain:
        chain.mine()
        one = Pipeline(chain, stores, tmp_path)
        yield one
        one.close()


def rfc3339(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms // 1000, UTC).isoformat()


def records_of_every_kind(pipeline: Pipeline) -> dict[str, tuple[str, int, dict[str, Any], str | None]]:
    """Kind → device, value, payload, stream (None: the market's of that kind); in an order in which each may happen."""
    now = pipeline.chain.clock.now_ms()
    bank = f"party/{pipeline.chain.parties['bank']}/settlement"
    times = {"sampled_at": rfc3339(now - 3000), "tested_at": rfc3339(now - 2000), "reported_at": rfc3339(now)}
    sold, voided, refunded = sale(1), sale(2), sale(3)
    document = {"content": CID, "type": "certificate"}
    return {
        "birth": ("zpk-scale-001", 1, {"boot_counter": 1}, None),
        "intake": ("zpk-intake-01", 100_000, intake(arrived_at=rfc3339(now)), None),
        "test": ("zpk-tester-01", 1, a_test(1, **times), None),
        "retest": ("zpk-lab-01", 1, a_test(2, retest_of=ulid(3_000_001), **times), None),
        "sale": ("zpk-scale-001", sold["amount_minor"], sold, None),
        "void": ("zpk-scale-001", voided["amount_minor"], returned(voided), None),
        "refund": ("zpk-scale-001", refunded["amount_minor"], returned(refunded), None),
        "settlement": (
            "zpk-bank-01", 2000,
            {"pay_ref": REF, "amount_minor": 2000, "fee_minor": 8, "settled_at": rfc3339(now), "channel": "wechat"},
            bank,
        ),
        "waste": ("zpk-scale-001", 500, {"lot_id": LOT, "net_grams": 500, "reason": "spoiled"}, None),
        "transfer": ("zpk-scale-001", 700, {"lot_id": LOT, "net_grams": 700, "reason": "to B02", "to_ref": REF}, None),
        "reweigh": (
            "zpk-scale-002", 1000,
            {"trace_code": sold["trace_code"], "net_grams": 1000, "division_grams": 5, "difference_grams": 0}, None,
        ),
        "complaint": (
            "zpk-intake-01", 0,
            {"trace_code": sold["trace_code"], "category": "weight", "text_ref": REF, "state": "open"}, None,
        ),
        "temperature": ("zpk-probe-001", 3500, {"place": "tank A01"}, None),
        "humidity": ("zpk-probe-001", 6500, {}, None),
        "door": ("zpk-probe-001", 1, {"open": True}, None),
        "count": ("zpk-probe-001", 12, {"entered": 12}, None),
        "heartbeat": ("zpk-gw-01", 0, {"checkpoint": None, "queued": 0}, None),
        "seal": ("zpk-scale-002", 0, {"state": "closed"}, None),
        "gap": ("zpk-probe-001", 1, {"from_sequence": 0, "to_sequence": 0, "reason": "power lost"}, None),
        "document": ("zpk-intake-01", 0, document, None),
        "epcis-event": ("zpk-intake-01", 0, {"event_hash": REF, "lots": [{"lot_id": LOT, "net_grams": 100}]}, None),
        "access": (
            "zpk-intake-01", 0,
            {"consent": REF, "recipient": 63, "purpose": 1, "datasets": 1, "rows": 1, "at_ms": now}, None,
        ),
    }  # fmt: skip


OWN_KINDS = {"hold", "release", "reverdict", "refusals", "sales_day", "gap"}
"""Kinds that the node itself makes, or that only a loss makes; they have tests of their own."""


def test_a_record_of_every_kind_is_proven(pipeline: Pipeline) -> None:
    records = records_of_every_kind(pipeline)
    assert set(records) | OWN_KINDS == set(KINDS)
    hashes: dict[str, bytes] = {}
    for kind, (device, value, payload, stream) in records.items():
        if kind in OWN_KINDS:
            continue
        for before in (sale(2), sale(3)) if kind == "void" else ():
            pipeline.take(pipeline.sign("zpk-scale-001", "sale", before["amount_minor"], before))
        hashes[kind] = pipeline.take(pipeline.sign(device, kind, value, payload, stream=stream))[0]
    outcomes = {kind: pipeline.verify(pipeline.prove(one)) for kind, one in hashes.items()}
    unproven = {kind: outcome.findings for kind, outcome in outcomes.items() if not outcome.is_verified()}
    # What was voided or refunded afterwards says so; everything else is verified.
    assert unproven == {}


def test_a_failed_test_holds_the_lot_and_its_sales_are_not_counted(pipeline: Pipeline) -> None:
    now = pipeline.chain.clock.now_ms()
    times = {"sampled_at": rfc3339(now - 3000), "tested_at": rfc3339(now - 2000), "reported_at": rfc3339(now)}
    pipeline.take(pipeline.sign("zpk-intake-01", "intake", 100_000, intake(OTHER_LOT, arrived_at=rfc3339(now))))
    pipeline.take(pipeline.sign("zpk-tester-01", "test", 2, a_test(9, lot=OTHER_LOT, result=2, **times)))
    time.sleep(0.05)  # three seconds of the market's clock: the sale is observed after the hold
    late = sale(9, lot=OTHER_LOT)
    sold = pipeline.take(pipeline.sign("zpk-scale-001", "sale", late["amount_minor"], late))[0]
    outcome = pipeline.verify(pipeline.prove(sold))
    assert outcome.exit_code() == 1
    assert any(step.code == "verdict_not_accepted" for step in outcome.steps)
