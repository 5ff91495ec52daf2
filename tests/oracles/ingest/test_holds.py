"""Food safety: what a failed test does at once, and what it takes to undo it."""

from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from ledger_node.domain.hold import HoldList
from ledger_node.domain.payload import lot_key
from ledger_node.domain.record import Reason, Verdict
from ledger_node.store.journal import Alarm
from oracles.ingest import rows
from oracles.ingest.rows import HOLD, HOLD_VERSION, LIVE_EVENT, RECORD, TEST
from oracles.ingest.writer import Writer
from tests.oracles.ingest.world import (
    LAB,
    LOT,
    MINUTE,
    NODE,
    OTHER_LOT,
    SCALE,
    SECOND,
    SYSTEM,
    TESTER,
    World,
    a_test,
    intake,
    sale,
)

CHILD, GRANDCHILD = (f"https://id.gs1.org/01/09506000134352/10/ZPK-1{one}" for one in ("A", "A1"))
OFFICERS = [{"role": "manager", "officer_ref": "0x" + "aa" * 32}, {"role": "lab", "officer_ref": "0x" + "bb" * 32}]
ALARM = Alarm.__table__  # type: ignore[attr-defined]


def fail(world: World, number: int = 1, lot: str = LOT, **changes: Any) -> None:
    """A tester finds a residue."""
    world.send(
        world.devices[TESTER].sign("test", a_test(number, lot=lot, result=2, **changes), 2, at_ms=world.hand.now)
    )


def verdict_of_sale(world: World, number: int, lot: str = LOT, **changes: Any) -> tuple[int, int]:
    """What becomes of a sale of the lot."""
    payload = sale(number, lot=lot)
    world.send(world.devices[SCALE].sign("sale", payload, 2000, **({"at_ms": world.hand.now} | changes)))
    row = [row for row in world.rows(RECORD) if row["kind"] == "sale"][-1]
    return row["verdict"], row["reason"]


def receive_children(world: World) -> None:
    """LOT → CHILD → GRANDCHILD."""
    system = world.devices[SYSTEM]
    world.send(
        system.sign("intake", intake(CHILD, parent_lots=[LOT]), 100_000),
        system.sign("intake", intake(GRANDCHILD, parent_lots=[CHILD]), 100_000),
    )


def test_a_fail_holds_its_lot_and_all_made_from_it_with_a_signed_list(world: World) -> None:
    receive_children(world)
    world.stock(OTHER_LOT)
    published: list[HoldList] = []
    world.core.on_hold_list = published.append
    fail(world)
    held = {row["lot_key"] for row in world.rows(HOLD)}
    assert held == {lot_key(one) for one in (LOT, CHILD, GRANDCHILD)}
    (message,) = published
    key = world.devices[NODE].key
    assert message.verify(world.core.own.domain, key.key_type, key.public_key)
    assert (message.market, message.version, set(message.lots)) == ("market/zpk", 1, held)
    assert HoldList.from_json(world.rows(HOLD_VERSION)[0]["message"]) == message
    said = [row for row in world.rows(RECORD) if row["kind"] == "hold"]
    assert [(row["device"], row["stream"], row["verdict"]) for row in said] == [(NODE, "market/zpk/test", 1)] * 3
    assert len([row for row in world.rows(LIVE_EVENT) if row["type"] == "hold"]) == 3


def test_a_sale_after_the_hold_is_quarantined_and_one_before_stands(world: World) -> None:
    receive_children(world)
    fail(world)
    world.hand.now += MINUTE
    assert verdict_of_sale(world, 1) == (Verdict.QUARANTINED, Reason.LOT_ON_HOLD)
    assert verdict_of_sale(world, 2, CHILD) == (Verdict.QUARANTINED, Reason.LOT_ON_HOLD)
    before = world.hand.now - MINUTE - SECOND
    assert verdict_of_sale(world, 3, at_ms=before) == (Verdict.ACCEPTED, Reason.NONE)


def test_a_hold_in_the_same_frame_as_the_sale_already_counts(world: World) -> None:
    world.restart()
    fail(world)
    world.restart()
    world.hand.now += SECOND
    assert verdict_of_sale(world, 1) == (Verdict.QUARANTINED, Reason.LOT_ON_HOLD)


def test_a_lot_made_later_from_a_held_one_is_held(world: World) -> None:
    fail(world)
    receive_children(world)
    assert {row["lot_key"] for row in world.rows(HOLD)} == {lot_key(one) for one in (LOT, CHILD, GRANDCHILD)}
    assert world.rows(HOLD_VERSION)[0]["version"] == 3


def test_a_second_fail_of_a_held_lot_changes_no_list(world: World) -> None:
    fail(world, 1)
    fail(world, 2)
    assert world.rows(HOLD_VERSION)[0]["version"] == 1
    assert len(world.rows(HOLD)) == 1


@pytest.mark.parametrize("result", [1, 3, 4])
def test_pass_invalid_and_suspect_hold_nothing(world: World, result: int) -> None:
    world.send(world.devices[TESTER].sign("test", a_test(1, result=result), result))
    assert world.rows(HOLD) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"blank_ok": False},
        {"control_ok": False},
        {"kit": {"maker": "m", "lot": "k", "expires_on": "2026-02-28"}},
    ],
)
def test_an_expired_kit_or_a_failed_control_makes_it_invalid(world: World, changes: dict[str, Any]) -> None:
    fail(world, **changes)
    assert [row["result"] for row in world.rows(TEST)] == [3]
    assert world.rows(HOLD) == []


def test_two_invalid_tests_in_a_row_call_for_a_retest(world: World) -> None:
    fail(world, 1, control_ok=False)
    assert world.rows(ALARM) == []
    fail(world, 2, control_ok=False)
    assert [(row["code"], row["subject"]) for row in world.rows(ALARM)] == [("RETEST_WANTED", LOT)]


def release(world: World, retest: int = 2, **changes: Any) -> None:
    """The market's system releases the lot."""
    payload = {"lot_id": LOT, "retest_id": a_test(retest)["test_id"], "officers": OFFICERS, "reason": "retested"}
    world.hand.now += SECOND
    world.send(world.devices[SYSTEM].sign("release", payload | changes, 1, at_ms=world.hand.now))


def retest(world: World, number: int = 2, by: str = LAB, **changes: Any) -> None:
    """Another tester looks again."""
    payload = a_test(number, **({"retest_of": a_test(1)["test_id"]} | changes))
    world.send(world.devices[by].sign("retest", payload, payload["result"], at_ms=world.hand.now))


def is_held(world: World) -> bool:
    """Whether a sale of the lot is refused now."""
    open_holds = [row for row in world.rows(HOLD) if row["released_at_ms"] is None]
    states = {row["state"] for row in world.rows(rows.LOT)}
    assert states == ({"held"} if open_holds else {"open"})
    return bool(open_holds)


def test_a_labs_pass_and_two_officers_release_the_lot(world: World) -> None:
    fail(world)
    retest(world)
    assert is_held(world), "a PASS alone releases nothing"
    release(world)
    assert not is_held(world)
    assert world.rows(HOLD_VERSION)[0]["version"] == 2
    assert world.rows(HOLD_VERSION)[0]["message"]["lots"] == []
    world.hand.now += SECOND
    assert verdict_of_sale(world, 1) == (Verdict.ACCEPTED, Reason.NONE)


@pytest.mark.parametrize(
    "officers",
    [
        OFFICERS[:1],
        OFFICERS[1:],
        [OFFICERS[0], {"role": "manager", "officer_ref": "0x" + "cc" * 32}],
        [OFFICERS[0], {"role": "lab", "officer_ref": OFFICERS[0]["officer_ref"]}],
    ],
)
def test_fewer_than_manager_and_lab_or_regulator_release_nothing(world: World, officers: list[Any]) -> None:
    fail(world)
    retest(world)
    release(world, officers=officers)
    assert is_held(world)


def test_a_pass_by_the_tester_that_failed_it_of_another_lot_or_no_retest_releases_nothing(world: World) -> None:
    fail(world)
    retest(world, 2, by=TESTER)
    release(world, 2)
    retest(world, 3, result=4)
    release(world, 3)
    retest(world, 4, retest_of=None)
    release(world, 4)
    world.stock(OTHER_LOT)
    retest(world, 5, lot=OTHER_LOT)
    release(world, 5)
    assert [row["released_at_ms"] for row in world.rows(HOLD)] == [None]


def test_the_list_is_reissued_with_the_present_time(world: World) -> None:
    fail(world)
    world.hand.now += 15 * MINUTE
    again = world.core.reissue_holds()
    assert (again.version, again.issued_at_ms, again.lots) == (1, world.hand.now, (lot_key(LOT),))


def test_an_empty_list_is_version_nothing_and_still_signed(world: World) -> None:
    message = world.core.reissue_holds()
    key = world.devices[NODE].key
    assert (message.version, message.lots) == (0, ())
    assert message.verify(world.core.own.domain, key.key_type, key.public_key)


def test_a_hold_whose_commit_was_not_heard_of_is_told_all_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[HoldList] = []
    world.core.on_hold_list = said.append
    commits = Writer._commit
    lost = iter([True])

    def unsure(self: Writer, *rest: Any) -> Any:
        done = commits(self, *rest)
        if next(lost, False):
            self.memory.drop()
            raise OperationalError("COMMIT", {}, Exception("the connection was lost after it was sent"))
        return done

    monkeypatch.setattr(Writer, "_commit", unsure)
    world.send(world.devices[TESTER].sign("test", a_test(1, result=2), 2))
    assert [one.lots for one in said] == [(lot_key(LOT),)]
    world.send(world.sell(1))
    assert len(said) == 1
