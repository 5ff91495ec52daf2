"""Reordered, doubled, missing and lost records: the chain of a device as ingest follows it."""

import random

from sqlalchemy import Table

from ledger_node.domain.envelope import Envelope
from ledger_node.domain.record import Mark, Reason, Verdict
from ledger_node.store.journal import Command
from oracles.ingest.commands import CommandDesk
from oracles.ingest.resend import ResendAsker
from oracles.ingest.rows import DEVICE_HEAD, RECORD
from tests.oracles.ingest.world import DOMAIN, SCALE, TESTER, World

COMMAND: Table = Command.__table__  # type: ignore[attr-defined]


def of_scale(world: World) -> list[tuple[int, int, int]]:
    """(sequence, verdict, marks) of what the scale sent, in order of arrival."""
    return [(row["sequence"], row["verdict"], row["marks"]) for row in world.rows(RECORD) if row["device"] == SCALE]


def test_a_gap_never_blocks_and_closes_when_it_is_filled(world: World) -> None:
    first, second, third = world.sell(1), world.sell(2), world.sell(3)
    answer = world.send(first, third)
    assert answer.receipts[0]["contiguousSequence"] == 1
    assert world.core.gaps() == [(SCALE, 2, 2)]
    answer = world.send(second)
    assert answer.receipts[0]["contiguousSequence"] == 3
    assert answer.receipts[0]["headHash"] == "0x" + third.digest(DOMAIN).hex()
    assert world.core.gaps() == []
    assert of_scale(world) == [(1, 1, 0), (3, 1, Mark.SEQUENCE_GAP), (2, 1, 0)]


def test_any_order_ends_in_the_same_head(world: World) -> None:
    envelopes = [world.sell(number) for number in range(1, 21)]
    shuffled = [*envelopes, *envelopes[:7]]
    random.Random(7).shuffle(shuffled)
    for start in range(0, len(shuffled), 3):
        answer = world.send(*shuffled[start : start + 3])
    assert answer.receipts[0]["contiguousSequence"] == 20
    assert sorted(one[0] for one in of_scale(world)) == list(range(1, 21))
    assert {one[1] for one in of_scale(world)} == {Verdict.ACCEPTED}
    head = next(row for row in world.rows(DEVICE_HEAD) if row["device"] == SCALE)
    assert (head["sequence"], head["gaps"], head["digest"]) == (20, [], envelopes[-1].digest(DOMAIN))


def test_a_record_that_fills_a_gap_must_fit_its_neighbours(world: World) -> None:
    first, second, third = world.sell(1), world.sell(2), world.sell(3)
    world.send(first, third)
    scale = world.devices[SCALE]
    scale.sequence, scale.previous = 1, first.digest(DOMAIN)
    other = world.sell(9)
    world.send(other)
    row = next(row for row in world.rows(RECORD) if row["digest"] == other.digest(DOMAIN))
    assert (row["verdict"], row["reason"]) == (Verdict.QUARANTINED, Reason.CHAIN_BREAK)
    assert world.send(second).refused == []
    row = next(row for row in world.rows(RECORD) if row["digest"] == second.digest(DOMAIN))
    assert row["verdict"] == Verdict.FORKED


def test_numbers_declared_lost_are_no_gap(world: World) -> None:
    first = world.sell(1)
    world.send(first)
    scale = world.devices[SCALE]
    lost = {"from_sequence": 2, "to_sequence": 64, "reason": "power lost"}
    declared = scale.sign("gap", lost, sequence=65)
    answer = world.send(declared)
    assert answer.receipts[0]["contiguousSequence"] == 65
    assert of_scale(world)[-1] == (65, Verdict.ACCEPTED, Mark.NONE)
    assert world.core.gaps() == []
    assert world.send(world.sell(2)).receipts[0]["contiguousSequence"] == 66


def test_a_gap_seen_first_and_declared_later_is_closed(world: World) -> None:
    world.send(world.sell(1))
    scale = world.devices[SCALE]
    scale.sequence = 4
    world.send(world.sell(2))
    assert world.core.gaps() == [(SCALE, 2, 4)]
    declared = scale.sign("gap", {"from_sequence": 2, "to_sequence": 3, "reason": "power lost"})
    answer = world.send(declared)
    assert (answer.receipts[0]["contiguousSequence"], answer.receipts[0]["headHash"]) == (3, "0x" + "00" * 32)
    assert world.core.gaps() == [(SCALE, 4, 4)]


def test_the_first_record_heard_of_a_device_may_be_a_late_number(world: World) -> None:
    tester = world.devices[TESTER]
    tester.sequence, tester.previous = 499, b"\x01" * 32
    answer = world.send(tester.sign("heartbeat", {}))
    assert answer.receipts[0]["contiguousSequence"] == 0
    assert world.core.gaps() == [(TESTER, 1, 499)]


def test_the_journal_finds_duplicates_across_many_chunks(world: World) -> None:
    envelopes: list[Envelope] = [world.sell(number) for number in range(1, 130)]
    for start in range(0, len(envelopes), 60):
        world.send(*envelopes[start : start + 60])
    world.restart()
    for start in range(0, len(envelopes), 60):
        answer = world.send(*envelopes[start : start + 60])
    assert answer.receipts[0]["contiguousSequence"] == 129
    assert len(of_scale(world)) == 129


def test_a_missing_range_is_asked_for_after_three_seconds_and_then_more_rarely(world: World) -> None:
    asker = ResendAsker(CommandDesk(world.stores.journal, world.core.own, world.hand.clock()))
    gaps = [(SCALE, 2, 5)]
    asked = [second for second in range(200) if asker.step(gaps, float(second))]
    assert asked == [3, 33, 93]
    assert [row["arguments"] for row in world.rows(COMMAND)] == [{"from": 2, "to": 5}] * 3
    assert asker.step([], 300.0) == 0
    assert asker.step(gaps, 400.0) == 0, "a gap that comes back waits anew"
