"""The rules by which ingest judges a record (`oracles.md` section 3). Pure: states, heads and times come as arguments.

Order, first failure decides: size, schema, device status and metrology, signature, sequence, clock, plausibility,
cross-checks. After a status or metrology failure the signature still runs and a bad one wins, so REJECTED always means
that the holder of that key said it. What numbers can be true is `plausibility`'s, what other records say is
`cross_check`'s, the chain of a device's records `device_chain`'s.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from ledger_node.domain.device import DeviceClass, DeviceState, DeviceStatus, KeyAt, key_at, metrology_at
from ledger_node.domain.payload import KINDS
from ledger_node.domain.record import ZERO_HASH, Mark, Reason, Verdict

WEIGHED_KINDS: Final = frozenset({"sale", "void", "refund", "intake", "waste", "transfer", "reweigh"})
_QUARANTINED: Final = frozenset(
    {
        Reason.METROLOGY_EXPIRED,
        Reason.CHAIN_BREAK,
        Reason.CLOCK_AHEAD,
        Reason.CLOCK_BEHIND,
        Reason.TOO_LATE,
        Reason.RANGE,
        Reason.PHYSICS,
        Reason.ARITHMETIC,
        Reason.UNSTABLE,
        Reason.LOT_UNKNOWN,
        Reason.LOT_ON_HOLD,
    }
)
_REJECTED: Final = frozenset(
    {
        Reason.KEY_NOT_VALID_THEN,
        Reason.SUSPENDED,
        Reason.REVOKED,
        Reason.STREAM,
        Reason.UNIT,
        Reason.REUSED_ID,
    }
)


@dataclass(frozen=True, slots=True)
class ClockRules:
    """How far a record's time may be from the reference, in milliseconds."""

    ahead_ms: int = 60_000
    behind_ms: int = 180_000
    far_ahead_ms: int = 3_600_000
    late_ms: int = 7 * 86_400_000


@dataclass(frozen=True, slots=True)
class MarketRules:
    """What a market's node judges by. `capacity_grams` is a scale's; temperatures are in m°C."""

    market: str
    currency: str = "CNY"
    time_zone: str = "Asia/Shanghai"
    capacity_grams: int = 300_000
    lowest_millicelsius: int = -80_000
    highest_millicelsius: int = 100_000
    clock: ClockRules = ClockRules()


class Finding(NamedTuple):
    """What a check found: the reason (NONE when all is well), why in words, and remarks."""

    reason: Reason = Reason.NONE
    detail: str = ""
    marks: Mark = Mark.NONE


FINE: Final = Finding()


class Judgement(NamedTuple):
    """What is recorded about a record."""

    verdict: Verdict
    reason: Reason
    marks: Mark
    detail: str


def verdict_of(reason: Reason, *, is_far_ahead: bool = False) -> Verdict:
    """The verdict that belongs to the first reason; ValueError for a reason that refuses instead."""
    if reason is Reason.NONE:
        return Verdict.ACCEPTED
    if reason == Reason.LATE:
        return Verdict.ACCEPTED_LATE
    if reason == Reason.CLOCK_AHEAD and is_far_ahead:
        return Verdict.REJECTED
    if reason in _QUARANTINED:
        return Verdict.QUARANTINED
    if reason in _REJECTED:
        return Verdict.REJECTED
    if reason == Reason.FORK:
        return Verdict.FORKED
    raise ValueError(f"{reason.name} refuses, it has no verdict")


def judge(findings: Sequence[Finding], *, is_far_ahead: bool = False) -> Judgement:
    """The judgement of findings in the order of the checks: the first reason decides, all marks stand beside it.

    LATE only says when a sound record came: a later check that fails wins over it.
    """
    marks = Mark.NONE
    first = FINE
    for finding in findings:
        if finding is FINE:
            continue
        marks |= finding.marks
        if first.reason in (Reason.NONE, Reason.LATE) and finding.reason != Reason.NONE:
            first = finding
    return Judgement(verdict_of(first.reason, is_far_ahead=is_far_ahead), first.reason, marks, first.detail)


def judge_device(state: DeviceState, kind: str, observed_at_ms: int) -> tuple[Finding, KeyAt]:
    """Status, key epoch and metrology at the observed time, and the key that must have signed; LookupError without one.

    Nothing looks at "now": a device rotated or suspended since is judged as it stood when it observed.
    """
    observed_at = observed_at_ms // 1000
    found = key_at(state, observed_at)
    if found.status in (DeviceStatus.PENDING, DeviceStatus.RETIRED, DeviceStatus.UNKNOWN):
        return Finding(Reason.KEY_NOT_VALID_THEN, f"the key was {found.status.name.lower()} then"), found
    if found.status == DeviceStatus.SUSPENDED:
        return Finding(Reason.SUSPENDED, "the device was suspended then"), found
    if found.status == DeviceStatus.REVOKED:
        return Finding(Reason.REVOKED, "the key was revoked from an earlier time on"), found
    verified, newest = metrology_at(state.verifications, observed_at)
    if verified:
        return FINE, found
    if state.device_class == DeviceClass.SCALE and kind in WEIGHED_KINDS:
        until = f"ended at {newest.until_at}" if newest.is_filed else "was never filed"
        return Finding(Reason.METROLOGY_EXPIRED, f"the scale's verification {until}"), found
    return Finding(marks=Mark.CALIBRATION_DUE if newest.is_filed else Mark.NONE), found


def judge_stream(rules: MarketRules, state: DeviceState, kind: str, stream: str) -> Finding:
    """Whether the stream is the kind's, of this market or of the device's own party."""
    stream_kind = KINDS[kind].stream_kind
    if stream in (f"market/{rules.market}/{stream_kind}", f"party/{state.owner}/{stream_kind}"):
        return FINE
    return Finding(
        Reason.STREAM, f"{stream} is not the stream of {kind} in market/{rules.market} or party/{state.owner}"
    )


def judge_assignment(
    state: DeviceState, observed_at_ms: int, merchant_ref: str | None, place_ref: str | None
) -> Finding:
    """Whether the merchant and place in the payload are those the device is assigned to, where it is assigned."""
    assignment = state.assignment
    if observed_at_ms < assignment.from_at * 1000:
        return FINE
    for said, assigned, what in (
        (merchant_ref, assignment.merchant, "merchant"),
        (place_ref, assignment.place, "place"),
    ):
        if said is not None and assigned != ZERO_HASH and said != f"0x{assigned.hex()}":
            return Finding(Reason.STREAM, f"the device is assigned to another {what}")
    return FINE


def judge_clock(
    rules: ClockRules,
    observed_at_ms: int,
    received_at_ms: int,
    *,
    stamped_at_ms: int | None = None,
    queued: bool = False,
    rate: int = 1,
) -> Finding:
    """Whether the record's time fits: the reference is the gateway's stamp, else the node's receipt.

    `rate` is how many milliseconds of the ledger's clock pass in a real one: while a demonstration catches up, the same
    transport takes that much longer by its clock. The seven days of a late record are not stretched.
    """
    reference = received_at_ms if stamped_at_ms is None else stamped_at_ms
    behind = reference - observed_at_ms
    if behind < -rules.ahead_ms * rate:
        return Finding(Reason.CLOCK_AHEAD, f"observed {-behind} ms after the reference")
    if received_at_ms - observed_at_ms > rules.late_ms:
        return Finding(Reason.TOO_LATE, f"observed {received_at_ms - observed_at_ms} ms before it came")
    if behind > rules.behind_ms * rate:
        if queued:
            return Finding(Reason.LATE, f"observed {behind} ms before the reference, held back meanwhile")
        return Finding(Reason.CLOCK_BEHIND, f"observed {behind} ms before the reference")
    if received_at_ms - observed_at_ms > rules.behind_ms * rate:
        return Finding(Reason.LATE, f"came {received_at_ms - observed_at_ms} ms after it was observed and stamped")
    return FINE


def is_far_ahead(rules: ClockRules, observed_at_ms: int, reference_ms: int) -> bool:
    """Whether the record's time is so far ahead that it is rejected instead of quarantined."""
    return observed_at_ms - reference_ms > rules.far_ahead_ms
