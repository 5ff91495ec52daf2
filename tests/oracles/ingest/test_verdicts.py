"""The verdict table of `oracles.md` section 3, row by row, and the order of the checks."""

from dataclasses import replace
from typing import Any

import pytest

from ledger_node.domain.device import Assignment, DeviceClass, DeviceStatus, KeyEpoch, Suspension
from ledger_node.domain.device_key import KeyType, SoftwareKey
from ledger_node.domain.digest import keccak256
from ledger_node.domain.envelope import Envelope
from ledger_node.domain.record import Mark, Reason, Verdict
from oracles.ingest.rows import RECORD, REVERDICT, SALE, SALE_MINUTE
from tests.oracles.ingest.world import (
    DAY,
    GATEWAY,
    HOUR,
    LOT,
    MERCHANT,
    MINUTE,
    NOON,
    OTHER_LOT,
    OTHER_MERCHANT,
    PLACE,
    PROBE,
    SCALE,
    SECOND,
    SYSTEM,
    TESTER,
    World,
    a_test,
    intake,
    returned,
    sale,
    stamped,
)


def judged(world: World, envelope: Envelope) -> tuple[Verdict, Reason]:
    """Sends one record and says what was decided."""
    answer = world.send(envelope)
    assert answer.refused == []
    row = last(world)
    assert row["digest"] == envelope.digest(world.core.own.domain)
    return Verdict(row["verdict"]), Reason(row["reason"])


def last(world: World) -> dict[str, Any]:
    """The newest record that a device sent."""
    return [row for row in world.rows(RECORD) if row["device"] != world.core.own.name][-1]


def sold(world: World, **changes: Any) -> tuple[Verdict, Reason]:
    """Judges a sale that differs from a right one by `changes`."""
    payload = sale(1) | changes
    return judged(world, world.devices[SCALE].sign("sale", payload, payload["amount_minor"]))


def test_a_right_record_is_accepted_and_counted(world: World) -> None:
    assert sold(world) == (Verdict.ACCEPTED, Reason.NONE)
    assert last(world)["amount_minor"] == 2000


def test_a_record_held_back_offline_is_accepted_late(world: World) -> None:
    payload = sale(1)
    late = world.devices[SCALE].sign("sale", payload, 2000, at_ms=NOON - HOUR, queued=True)
    assert judged(world, late) == (Verdict.ACCEPTED_LATE, Reason.LATE)
    assert last(world)["amount_minor"] == 2000


def test_a_late_record_is_explained_by_the_gateways_stamp(world: World) -> None:
    payload = sale(1)
    late = world.devices[SCALE].sign("sale", payload, 2000, at_ms=NOON - HOUR)
    late = stamped(world.devices[GATEWAY], late, NOON - HOUR + SECOND)
    assert judged(world, late) == (Verdict.ACCEPTED_LATE, Reason.LATE)


def test_a_stamp_by_another_key_explains_nothing(world: World) -> None:
    payload = sale(1)
    late = world.devices[SCALE].sign("sale", payload, 2000, at_ms=NOON - HOUR)
    late = stamped(replace(world.devices[TESTER], name=GATEWAY), late, NOON - HOUR + SECOND)
    assert judged(world, late) == (Verdict.QUARANTINED, Reason.CLOCK_BEHIND)


@pytest.mark.parametrize(
    ("ahead_ms", "expected"),
    [
        (60 * SECOND, (Verdict.ACCEPTED, Reason.NONE)),
        (60 * SECOND + 1, (Verdict.QUARANTINED, Reason.CLOCK_AHEAD)),
        (HOUR, (Verdict.QUARANTINED, Reason.CLOCK_AHEAD)),
        (HOUR + 1, (Verdict.REJECTED, Reason.CLOCK_AHEAD)),
        (-180 * SECOND, (Verdict.ACCEPTED, Reason.NONE)),
        (-180 * SECOND - 1, (Verdict.QUARANTINED, Reason.CLOCK_BEHIND)),
        (-7 * DAY, (Verdict.QUARANTINED, Reason.CLOCK_BEHIND)),
        (-7 * DAY - 1, (Verdict.QUARANTINED, Reason.TOO_LATE)),
    ],
)
def test_the_clock_decides_at_its_edges(world: World, ahead_ms: int, expected: tuple[Verdict, Reason]) -> None:
    assert judged(world, world.sell(1, at_ms=NOON + ahead_ms)) == expected


def test_a_queued_record_beyond_seven_days_is_too_late(world: World) -> None:
    payload = sale(1)
    late = world.devices[SCALE].sign("sale", payload, 2000, at_ms=NOON - 7 * DAY - 1, queued=True)
    assert judged(world, late) == (Verdict.QUARANTINED, Reason.TOO_LATE)


def test_a_scale_whose_verification_ended_is_quarantined_not_lost(world: World) -> None:
    state = world.states[SCALE]
    ended = replace(state.verifications[0], until_at=NOON // 1000)
    world.put(SCALE, replace(state, verifications=(ended,)))
    assert sold(world) == (Verdict.QUARANTINED, Reason.METROLOGY_EXPIRED)
    assert last(world)["amount_minor"] == 0


def test_a_scale_that_was_never_verified_is_quarantined(world: World) -> None:
    world.put(SCALE, replace(world.states[SCALE], verifications=()))
    assert sold(world) == (Verdict.QUARANTINED, Reason.METROLOGY_EXPIRED)


def test_a_probe_past_its_calibration_only_gets_a_mark(world: World) -> None:
    state = world.states[PROBE]
    ended = replace(state.verifications[0], until_at=NOON // 1000)
    world.put(PROBE, replace(state, verifications=(ended,)))
    assert judged(world, world.devices[PROBE].sign("temperature", {}, 4000)) == (Verdict.ACCEPTED, Reason.NONE)
    assert last(world)["marks"] == Mark.CALIBRATION_DUE


def test_a_wrong_previous_hash_is_a_chain_break(world: World) -> None:
    world.send(world.sell(1))
    world.devices[SCALE].previous = keccak256(b"something else")
    assert judged(world, world.sell(2)) == (Verdict.QUARANTINED, Reason.CHAIN_BREAK)


def test_a_zero_previous_hash_is_only_for_the_first_or_after_lost_state(world: World) -> None:
    world.send(world.sell(1))
    world.devices[SCALE].previous = bytes(32)
    assert judged(world, world.sell(2)) == (Verdict.QUARANTINED, Reason.CHAIN_BREAK)


def test_a_new_key_epoch_may_restart_the_chain_and_is_marked(world: World) -> None:
    world.send(world.sell(1))
    signer, state = world.devices[SCALE], world.states[SCALE]
    signer.key = SoftwareKey(KeyType.P256, keccak256(b"the second key"))
    old = replace(state.keys[0], to_at=NOON // 1000 + 60)
    new = KeyEpoch(signer.key.key_hash, NOON // 1000 + 60, 0, 0, KeyType.P256, signer.key.public_key)
    world.put(SCALE, replace(state, keys=(old, new)))
    world.hand.now += 2 * MINUTE
    signer.previous = bytes(32)
    assert judged(world, world.sell(2)) == (Verdict.ACCEPTED, Reason.NONE)
    assert last(world)["marks"] == Mark.CHAIN_RESTART
    assert last(world)["key_epoch"] == 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"net_grams": 995}, Reason.ARITHMETIC),
        ({"amount_minor": 2001}, Reason.ARITHMETIC),
        ({"lots": [{"lot_id": LOT, "net_grams": 999}]}, Reason.ARITHMETIC),
        ({"division_grams": 3}, Reason.RANGE),
        ({"rounding_minor": 10, "amount_minor": 1990}, Reason.RANGE),
        ({"discount_minor": -1, "amount_minor": 2001}, Reason.RANGE),
        ({"stable": False}, Reason.UNSTABLE),
        ({"zeroed": False}, Reason.UNSTABLE),
        ({"lots": [{"lot_id": OTHER_LOT, "net_grams": 1000}]}, Reason.LOT_UNKNOWN),
        ({"merchant_ref": OTHER_MERCHANT}, Reason.LOT_UNKNOWN),
    ],
)
def test_a_sale_that_cannot_be_true_is_quarantined(world: World, changes: dict[str, Any], reason: Reason) -> None:
    assert sold(world, **changes) == (Verdict.QUARANTINED, reason)
    assert last(world)["detail"]
    assert world.rows(SALE)[0]["counted"] is False
    assert world.rows(SALE_MINUTE) == []


def test_the_detail_of_an_arithmetic_fault_names_both_values(world: World) -> None:
    sold(world, amount_minor=2001)
    assert last(world)["detail"] == "amount_minor 2001, weight by price 2000"


def test_a_weight_above_the_scales_capacity_is_out_of_range(world: World) -> None:
    assert sold(world, **sale(1, net=300_000)) == (Verdict.QUARANTINED, Reason.RANGE)


def test_a_temperature_below_absolute_zero_is_not_physics(world: World) -> None:
    probe = world.devices[PROBE]
    assert judged(world, probe.sign("temperature", {}, -273_151)) == (Verdict.QUARANTINED, Reason.PHYSICS)
    assert judged(world, probe.sign("temperature", {}, 100_001)) == (Verdict.QUARANTINED, Reason.RANGE)
    assert judged(world, probe.sign("temperature", {}, -273_150)) == (Verdict.QUARANTINED, Reason.RANGE)
    assert judged(world, probe.sign("temperature", {}, 3_500)) == (Verdict.ACCEPTED, Reason.NONE)


def test_a_test_of_a_lot_nobody_received_is_quarantined(world: World) -> None:
    tested = world.devices[TESTER].sign("test", a_test(1, lot=OTHER_LOT), 1)
    assert judged(world, tested) == (Verdict.QUARANTINED, Reason.LOT_UNKNOWN)


def test_a_record_of_before_the_enrolment_has_no_valid_key(world: World) -> None:
    state = world.states[SCALE]
    world.put(SCALE, replace(state, keys=(replace(state.keys[0], from_at=NOON // 1000 + 1),)))
    assert sold(world) == (Verdict.REJECTED, Reason.KEY_NOT_VALID_THEN)


def test_a_device_is_judged_as_it_stood_when_it_observed(world: World) -> None:
    state = world.states[SCALE]
    suspended = Suspension(NOON // 1000, NOON // 1000 + 60, 99)
    world.put(SCALE, replace(state, suspensions=(suspended,), status=DeviceStatus.SUSPENDED))
    world.hand.now += 2 * MINUTE
    assert judged(world, world.sell(1, at_ms=NOON - SECOND)) == (Verdict.ACCEPTED, Reason.NONE)
    assert judged(world, world.sell(2, at_ms=NOON)) == (Verdict.REJECTED, Reason.SUSPENDED)
    assert judged(world, world.sell(3, at_ms=NOON + MINUTE)) == (Verdict.ACCEPTED, Reason.NONE)


def test_a_revoked_key_is_rejected_from_the_day_it_was_revoked_for(world: World) -> None:
    world.put(SCALE, replace(world.states[SCALE], revoked_from=NOON // 1000))
    assert judged(world, world.sell(1, at_ms=NOON - SECOND)) == (Verdict.ACCEPTED, Reason.NONE)
    assert judged(world, world.sell(2, at_ms=NOON)) == (Verdict.REJECTED, Reason.REVOKED)


def test_a_stream_of_another_market_is_rejected_and_pinned_in_ours(world: World) -> None:
    foreign = world.devices[SCALE].sign("sale", sale(1), 2000, stream="market/other/sale")
    assert judged(world, foreign) == (Verdict.REJECTED, Reason.STREAM)
    assert last(world)["stream"] == "market/zpk/sale"


def test_a_stream_of_another_kind_or_party_is_rejected(world: World) -> None:
    for stream in ("market/zpk/intake", "party/6/sale"):
        assert judged(world, world.devices[SCALE].sign("sale", sale(1), 2000, stream=stream)) == (
            Verdict.REJECTED,
            Reason.STREAM,
        )
    own = world.devices[SYSTEM].sign("document", {"content": "b" + "a" * 58, "type": "note"}, stream="party/5/document")
    assert judged(world, own) == (Verdict.ACCEPTED, Reason.NONE)


def test_a_merchant_or_place_other_than_the_assigned_one_is_rejected(world: World) -> None:
    assigned = Assignment(bytes.fromhex(MERCHANT[2:]), bytes.fromhex(PLACE[2:]), NOON // 1000)
    world.put(SCALE, replace(world.states[SCALE], assignment=assigned))
    assert sold(world) == (Verdict.ACCEPTED, Reason.NONE)
    assert sold(world, **sale(2, merchant_ref=OTHER_MERCHANT)) == (Verdict.REJECTED, Reason.STREAM)
    assert sold(world, **sale(3, place_ref=OTHER_MERCHANT)) == (Verdict.REJECTED, Reason.STREAM)


@pytest.mark.parametrize(
    "changes", [{"unit": "GRM"}, {"unit": "EUR"}, {"exponent": -3}, {"exponent": 0}, {"unit": "USD"}]
)
def test_a_unit_or_exponent_other_than_the_kinds_is_rejected(world: World, changes: dict[str, Any]) -> None:
    assert judged(world, world.devices[SCALE].sign("sale", sale(1), 2000, **changes)) == (
        Verdict.REJECTED,
        Reason.UNIT,
    )


def test_an_id_that_was_used_before_is_rejected(world: World) -> None:
    assert sold(world) == (Verdict.ACCEPTED, Reason.NONE)
    assert sold(world) == (Verdict.REJECTED, Reason.REUSED_ID)
    assert sold(world, **sale(2, trace_code=sale(1)["trace_code"])) == (Verdict.REJECTED, Reason.REUSED_ID)
    tester = world.devices[TESTER]
    assert judged(world, tester.sign("test", a_test(1), 1)) == (Verdict.ACCEPTED, Reason.NONE)
    assert judged(world, tester.sign("test", a_test(1), 1)) == (Verdict.REJECTED, Reason.REUSED_ID)
    again = world.devices[SYSTEM].sign("intake", intake(), 100_000)
    assert judged(world, again) == (Verdict.REJECTED, Reason.REUSED_ID)


def test_an_id_used_twice_in_one_frame_is_rejected_the_second_time(world: World) -> None:
    scale = world.devices[SCALE]
    world.send(scale.sign("sale", sale(1), 2000), scale.sign("sale", sale(1), 2000))
    verdicts = [row["verdict"] for row in world.rows(RECORD) if row["kind"] == "sale"]
    assert verdicts == [Verdict.ACCEPTED, Verdict.REJECTED]
    assert len(world.rows(SALE)) == 1


def test_a_void_takes_the_whole_sale_back_the_same_day(world: World) -> None:
    scale, first = world.devices[SCALE], sale(1)
    world.send(scale.sign("sale", first, 2000))
    assert judged(world, scale.sign("void", returned(first), 2000)) == (Verdict.ACCEPTED, Reason.NONE)
    assert world.rows(SALE)[0]["state"] == "voided"
    assert last(world)["stream"] == "market/zpk/void"


def test_a_void_of_a_part_of_another_day_or_of_what_is_settled_is_quarantined(world: World) -> None:
    scale = world.devices[SCALE]
    payloads = [sale(number) for number in range(1, 4)]
    payloads[2]["pay_ref"] = "0x" + "77" * 32
    world.send(*[scale.sign("sale", one, 2000) for one in payloads])
    part = returned(payloads[0], amount_minor=1000)
    assert judged(world, scale.sign("void", part, 1000)) == (Verdict.QUARANTINED, Reason.ARITHMETIC)
    settled = {
        "pay_ref": "0x" + "77" * 32,
        "amount_minor": 2000,
        "fee_minor": 12,
        "settled_at": "2026-03-01T13:00:00+08:00",
        "channel": "wechat",
    }
    bank = world.enrol("urn:tidemark:device:bank", DeviceClass.SYSTEM)
    assert judged(world, bank.sign("settlement", settled, 2000, stream="party/5/settlement"))[0] == Verdict.ACCEPTED
    assert judged(world, scale.sign("void", returned(payloads[2]), 2000)) == (Verdict.QUARANTINED, Reason.RANGE)
    world.hand.now += DAY
    tomorrow = scale.sign("void", returned(payloads[1]), 2000, at_ms=world.hand.now)
    assert judged(world, tomorrow) == (Verdict.QUARANTINED, Reason.RANGE)


def test_refunds_may_add_up_to_the_sale_and_no_more(world: World) -> None:
    scale, first = world.devices[SCALE], sale(1)
    world.send(scale.sign("sale", first, 2000))
    half = returned(first, amount_minor=1000, net_grams=500, lots=[{"lot_id": LOT, "net_grams": 500}])
    assert judged(world, scale.sign("refund", half, 1000)) == (Verdict.ACCEPTED, Reason.NONE)
    assert world.rows(SALE)[0]["refunded_minor"] == 1000
    assert judged(world, scale.sign("refund", returned(first), 2000)) == (Verdict.REJECTED, Reason.REUSED_ID)
    assert judged(world, scale.sign("refund", half, 1000)) == (Verdict.ACCEPTED, Reason.NONE)
    assert world.rows(SALE)[0]["state"] == "refunded"


def test_a_second_void_a_refund_of_a_void_and_another_currency_are_rejected(world: World) -> None:
    scale, first, second = world.devices[SCALE], sale(1), sale(2)
    world.send(scale.sign("sale", first, 2000), scale.sign("sale", second, 2000))
    world.send(scale.sign("void", returned(first), 2000))
    assert judged(world, scale.sign("void", returned(first), 2000)) == (Verdict.REJECTED, Reason.REUSED_ID)
    assert judged(world, scale.sign("refund", returned(first), 2000)) == (Verdict.REJECTED, Reason.REUSED_ID)
    foreign = scale.sign("refund", returned(second, currency="USD"), 2000, unit="USD")
    assert judged(world, foreign) == (Verdict.REJECTED, Reason.UNIT)


def test_a_void_of_a_sale_nobody_knows_is_quarantined(world: World) -> None:
    assert judged(world, world.devices[SCALE].sign("void", returned(sale(9)), 2000)) == (
        Verdict.QUARANTINED,
        Reason.LOT_UNKNOWN,
    )


def test_more_than_was_received_is_accepted_with_a_mark(world: World) -> None:
    world.send(world.sell(1, net=100_000))
    assert last(world)["marks"] == Mark.NONE
    world.send(world.sell(2, net=2_000))
    assert last(world)["marks"] == Mark.NONE, "within two per cent"
    world.send(world.sell(3, net=1_000))
    assert (last(world)["marks"], last(world)["verdict"]) == (Mark.BALANCE_OVER, Verdict.ACCEPTED)


def test_two_records_of_one_number_are_a_fork_and_the_first_is_judged_anew(world: World) -> None:
    first = world.sell(1)
    world.send(first)
    world.devices[SCALE].sequence, world.devices[SCALE].previous = 0, bytes(32)
    second = world.sell(2)
    assert judged(world, second) == (Verdict.FORKED, Reason.FORK)
    original = next(row for row in world.rows(RECORD) if row["digest"] == first.digest(world.core.own.domain))
    assert original["verdict"] == Verdict.ACCEPTED, "pins never change"
    assert [(row["of_record_id"], row["verdict"], row["reason"]) for row in world.rows(REVERDICT)] == [
        (original["id"], Verdict.FORKED, Reason.FORK)
    ]
    assert world.rows(SALE)[0]["counted"] is False
    assert [(row["count"], row["minor"]) for row in world.rows(SALE_MINUTE)] == [(0, 0)]
    said = next(row for row in world.rows(RECORD) if row["kind"] == "reverdict")
    assert said["device"] == world.core.own.name


def test_a_forked_device_is_suspended_at_once_until_the_registry_decides(world: World) -> None:
    world.send(world.sell(1))
    world.devices[SCALE].sequence, world.devices[SCALE].previous = 0, bytes(32)
    world.send(world.sell(2))
    world.hand.now += MINUTE
    world.devices[SCALE].sequence = 1
    assert judged(world, world.sell(3)) == (Verdict.REJECTED, Reason.SUSPENDED)
    world.restart()
    assert judged(world, world.sell(4)) == (Verdict.REJECTED, Reason.SUSPENDED)
    since = NOON // 1000
    resumed = Suspension(since, world.hand.now // 1000 + 1, 1)
    world.put(SCALE, replace(world.states[SCALE], suspensions=(resumed,)))
    world.hand.now += MINUTE
    assert judged(world, world.sell(5)) == (Verdict.ACCEPTED, Reason.NONE)


def test_an_opened_case_suspends_at_once(world: World) -> None:
    assert judged(world, world.devices[SCALE].sign("seal", {"state": "opened"}))[0] == Verdict.ACCEPTED
    world.hand.now += SECOND
    assert judged(world, world.sell(1)) == (Verdict.REJECTED, Reason.SUSPENDED)


def test_the_first_reason_decides(world: World) -> None:
    state = world.states[SCALE]
    world.put(SCALE, replace(state, suspensions=(Suspension(1, 0, 99),)))
    broken = sale(1) | {"amount_minor": 1}
    envelope = world.devices[SCALE].sign("sale", broken, 1, at_ms=NOON - 30 * MINUTE, stream="market/other/sale")
    assert judged(world, envelope) == (Verdict.REJECTED, Reason.SUSPENDED)
    world.put(SCALE, state)
    envelope = world.devices[SCALE].sign("sale", broken, 1, at_ms=NOON - 30 * MINUTE, stream="market/other/sale")
    assert judged(world, envelope) == (Verdict.QUARANTINED, Reason.CLOCK_BEHIND)
    envelope = world.devices[SCALE].sign("sale", broken, 1, stream="market/other/sale")
    assert judged(world, envelope) == (Verdict.QUARANTINED, Reason.ARITHMETIC)


def test_a_bad_signature_wins_over_a_suspension(world: World) -> None:
    world.put(SCALE, replace(world.states[SCALE], suspensions=(Suspension(1, 0, 99),)))
    envelope = world.sell(1)
    forged = replace(envelope, signature=world.devices[TESTER].key.sign(envelope.digest(world.core.own.domain)))
    assert [one["reason"] for one in world.send(forged).refused] == ["SIGNATURE"]


def test_a_back_dated_revocation_reverdicts_what_was_counted_since(world: World) -> None:
    world.send(world.sell(1))
    world.hand.now += HOUR
    world.send(world.sell(2), world.devices[SCALE].sign("heartbeat", {}, at_ms=world.hand.now))
    world.put(SCALE, replace(world.states[SCALE], revoked_from=NOON // 1000 + 60))
    doubted = {row["of_record_id"] for row in world.rows(REVERDICT)}
    kept = [row for row in world.rows(RECORD) if row["device"] == SCALE]
    assert doubted == {row["id"] for row in kept[1:]}
    assert {(row["verdict"], row["reason"]) for row in world.rows(REVERDICT)} == {(Verdict.REJECTED, Reason.REVOKED)}
    assert [row["counted"] for row in world.rows(SALE)] == [True, False]
    world.restart()
    world.core.refresh(force=True)
    assert len(world.rows(REVERDICT)) == 2, "a record that has a reverdict gets no second one"
