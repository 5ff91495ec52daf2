"""The chain of a device as a pure fold: any order of arrival ends in the same head."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from ledger_node.domain.balance import Balance
from ledger_node.domain.device_chain import Head, Link, Neighbours, contiguous_end, extend, fill, with_contiguous
from ledger_node.domain.judge import FINE
from ledger_node.domain.record import Mark, Reason


def _digest(sequence: int) -> bytes:
    return bytes(24) + sequence.to_bytes(8, "big")


def _link(sequence: int, **changes: object) -> Link:
    return Link(sequence, _digest(sequence), _digest(sequence - 1), 0)._replace(**changes)  # type: ignore[arg-type]


def _take(head: Head, sequence: int) -> Head:
    if sequence > head.sequence:
        head, finding = extend(head, _link(sequence))
    else:
        assert head.misses(sequence)
        head, finding = fill(head, _link(sequence), Neighbours())
    assert finding.reason == Reason.NONE
    end = contiguous_end(head)
    return with_contiguous(head, _digest(end))


@given(st.permutations(range(1, 9)))
def test_any_order_ends_in_the_same_head_without_gaps(order: list[int]) -> None:
    head = Head()
    for count, sequence in enumerate(order, 1):
        head = _take(head, sequence)
        arrived = set(order[:count])
        assert contiguous_end(head) == next(n for n in range(9) if n + 1 not in arrived)
        missing = {n for first, last in head.gaps for n in range(first, last + 1)}
        assert missing == set(range(1, head.sequence)) - arrived
    assert head == Head(8, _digest(8), 0, 8, _digest(8))


def test_the_next_record_joins_and_a_wrong_previous_hash_breaks() -> None:
    head, finding = extend(Head(), _link(1))
    assert finding is FINE
    assert extend(head, _link(2))[1] is FINE
    assert extend(head, _link(2, previous_hash=_digest(9)))[1].reason == Reason.CHAIN_BREAK


def test_a_number_ahead_leaves_a_gap_with_a_mark() -> None:
    head, _ = extend(Head(), _link(1))
    head, finding = extend(head, _link(5))
    assert (finding.reason, finding.marks, head.gaps) == (Reason.NONE, Mark.SEQUENCE_GAP, ((2, 4),))
    head, finding = fill(head, _link(3), Neighbours())
    assert head.gaps == ((2, 2), (4, 4))


def test_a_filled_number_is_held_to_both_its_neighbours() -> None:
    head, _ = extend(Head(), _link(1))
    head, _ = extend(head, _link(3))
    for neighbours in (Neighbours(before=_digest(9)), Neighbours(successor_previous=_digest(9))):
        assert fill(head, _link(2), neighbours)[1].reason == Reason.CHAIN_BREAK
    assert fill(head, _link(2), Neighbours(_digest(1), _digest(2)))[1] is FINE


def test_declared_numbers_are_no_gap_when_the_record_still_follows_the_last() -> None:
    head, _ = extend(Head(), _link(1))
    after, finding = extend(head, _link(65, previous_hash=_digest(1), declared=(2, 64)))
    assert (finding, after.gaps) == (FINE, ())
    _, finding = extend(head, _link(65, previous_hash=_digest(9), declared=(2, 64)))
    assert finding.reason == Reason.CHAIN_BREAK
    after, finding = extend(head, _link(65, declared=(2, 50)))
    assert (finding.marks, after.gaps) == (Mark.SEQUENCE_GAP, ((51, 64),))


def test_a_chain_may_restart_only_in_a_new_key_epoch() -> None:
    head, _ = extend(Head(), _link(1))
    zero = bytes(32)
    assert extend(head, _link(2, previous_hash=zero))[1].reason == Reason.CHAIN_BREAK
    assert extend(head, _link(2, previous_hash=zero, key_epoch=1))[1].marks == Mark.CHAIN_RESTART
    assert extend(head, _link(9, previous_hash=zero, key_epoch=1))[1].marks == Mark.CHAIN_RESTART | Mark.SEQUENCE_GAP
    assert extend(replace(head, key_epoch=1), _link(2, previous_hash=zero, key_epoch=1))[1].reason == Reason.CHAIN_BREAK


def test_a_balance_tolerates_fifty_grams_or_its_share_and_half_of_each_division() -> None:
    small = Balance().received(1_000)
    assert small.tolerance_grams() == 50
    assert not small.gave(1_050).is_over()
    assert small.gave(1_051).is_over()
    large = Balance().received(100_000)
    assert large.tolerance_grams() == 2_000
    assert large.tolerance_grams(5) == 500
    weighed = large.gave(102_005, 10)
    assert (weighed.tolerance_grams(), weighed.is_over()) == (2_005, False)
    assert weighed.gave(1).is_over()
    assert (large.gave(40_000).left_grams(), weighed.left_grams()) == (60_000, 0)
