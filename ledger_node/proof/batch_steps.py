"""Steps 13 to 15: the record in its batch and sums, its verdict, its times."""

from typing import Final

from ledger_node.domain import sum_tree
from ledger_node.domain.checkpoint_note import SignedNote
from ledger_node.domain.contract_numbers import StreamFlag
from ledger_node.domain.payload import KINDS
from ledger_node.domain.record import Reason, Verdict, name_hash
from ledger_node.errors import MerkleProofWrong, SumOverflow
from ledger_node.proof.bundle import HeartbeatRun, History
from ledger_node.proof.case import Case, RecordCase
from ledger_node.proof.stated import stated_facts, stated_value

TOLERANCE_MS: Final = 60_000
_BY_VALUE_AMOUNT: Final = frozenset({"sale", "void", "refund", "settlement", "sales_day"})
_BY_VALUE_MASS: Final = frozenset({"intake", "waste", "transfer"})


def check_batches(case: Case) -> None:
    """Steps 13 and 14 for every record."""
    claims = {one.number for one in case.claims()}
    for one in case.records:
        if one.payload is not None:
            one.facts = stated_facts(one.record.envelope.kind, one.payload)
        _check_sum_of_record(case, one)
        _check_path(case, one)
    for one in case.records:
        record = one.record
        if one.number in claims and not Verdict(record.verdict).is_counted:
            reason = Reason(record.reason).name if record.reason in set(Reason) else str(record.reason)
            case.no(14, "verdict_not_accepted", 3, verdict=Verdict(record.verdict).name, reason=reason)


def check_times(case: Case) -> None:
    """Step 15: observed, received, pinned; and not before the checkpoint that a heartbeat names."""
    for one in case.records:
        observed, received = one.record.envelope.observed_at_ms, one.record.received_at_ms
        if observed > received + TOLERANCE_MS:
            case.no(15, "times_do_not_fit", 6, a=observed, event="receipt by the node", b=received)
        if one.pin is not None and received > one.pin.block_time * 1000 + TOLERANCE_MS:
            case.no(15, "times_do_not_fit", 6, a=received, event="the pin's block", b=one.pin.block_time * 1000)
        if one.pin is None:
            case.cannot_tell(15, "times_do_not_fit", 6, a=received, event="the pin's block", b="?")
    for run in case.bundle.heartbeats:
        _check_heartbeat(case, run)


def _check_sum_of_record(case: Case, one: RecordCase) -> None:
    record, envelope = one.record, one.record.envelope
    mass: int | None
    if envelope.kind not in KINDS or (one.payload is not None and one.facts is None):
        case.cannot_tell(13, "sum_not_of_record", 3, field="amount", a=record.amount, b="?")
        return
    if not Verdict(record.verdict).is_counted or _is_unsummed(case, envelope.stream):
        amount, mass = 0, 0
    elif one.facts is not None:
        amount, mass = one.facts.amount_minor, one.facts.mass_grams
    else:
        # With the payload withheld the signed value still says one of the two.
        amount = envelope.value if envelope.kind in _BY_VALUE_AMOUNT else 0
        mass = envelope.value if envelope.kind in _BY_VALUE_MASS else (None if amount else 0)
    if record.amount != amount:
        case.no(13, "sum_not_of_record", 3, field="amount", a=record.amount, b=amount)
    elif mass is not None and record.mass != mass:
        case.no(13, "sum_not_of_record", 3, field="mass", a=record.mass, b=mass)
    elif one.payload is not None and stated_value(envelope.kind, one.payload) not in (None, envelope.value):
        case.no(
            13, "sum_not_of_record", 3, field="amount", a=envelope.value, b=stated_value(envelope.kind, one.payload)
        )


def _is_unsummed(case: Case, stream: str) -> bool:
    history = case.history("trace", name_hash(stream))
    events = case.events(history) if isinstance(history, History) else []
    return any(
        event is not None and event.name == "StreamOpened" and event.arguments[4] & StreamFlag.UNSUMMED
        for _, event in events
    )


def _check_path(case: Case, one: RecordCase) -> None:
    record, header = one.record, one.header
    try:
        leaf = sum_tree.leaf(one.record_hash, record.amount, record.mass)
        root = sum_tree.fold(leaf, record.batch.index, record.batch.count, record.batch.path)
    except (MerkleProofWrong, SumOverflow):
        case.no(13, "record_not_in_batch", 3)
        return
    if header is None:
        case.cannot_tell(13, "record_not_in_batch", 3)
    elif header.root != root.hash or header.count != record.batch.count:
        case.no(13, "record_not_in_batch", 3)
    elif (header.amount, header.mass) != (root.amount, root.mass):
        case.no(13, "sums_differ", 3, a=f"{root.amount}, {root.mass}", b=f"{header.amount}, {header.mass}")


def _check_heartbeat(case: Case, run: HeartbeatRun) -> None:
    """The members lead from a heartbeat to the record, and the heartbeat's checkpoint is older than the record."""
    domain, target = case.network.signing_domain, case.records[run.record].record.envelope
    digests = [member.digest(domain) for member in run.members]
    previous = [*(member.previous_hash for member in run.members[1:]), target.previous_hash]
    first, observed = run.members[0], target.observed_at_ms
    named = None if first.payload is None else first.payload_object().get("checkpoint")
    values = {"a": observed, "event": "the checkpoint of the heartbeat"}
    if digests != previous or first.kind != "heartbeat" or not isinstance(named, dict):
        case.cannot_tell(15, "times_do_not_fit", 6, b="?", **values)
        return
    old = case.old_note
    if old is None or named.get("size") != old.note.size or named.get("root") != "0x" + old.note.root.hex():
        case.cannot_tell(15, "times_do_not_fit", 6, b="?", **values)
        return
    existed_ms = _least_time_ms(case, old)
    if observed + TOLERANCE_MS < existed_ms:
        case.no(15, "times_do_not_fit", 6, b=existed_ms, **values)


def _least_time_ms(case: Case, old: SignedNote) -> int:
    """When the old checkpoint cannot have existed yet: the time of the newest shown block that it covers."""
    times = [entry.block_time for index, entry in case.log.entries.items() if index < old.note.size]
    return max(times, default=0) * 1000
