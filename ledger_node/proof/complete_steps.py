"""Step 17: that nothing is left out of a lot, a merchant's days or a stream (`proofs.md` section 5)."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from ledger_node.domain import lot_map
from ledger_node.domain.digest import keccak256
from ledger_node.domain.record import name_hash
from ledger_node.errors import MerkleProofWrong, SumOverflow
from ledger_node.proof.bundle import Absence, BundleKind, History, LotProof
from ledger_node.proof.case import OPENED_KINDS, Case, RecordCase, sibling_stream, stream_kind
from ledger_node.proof.events import pin_header
from ledger_node.proof.later_steps import lots_asked


def check_complete(case: Case) -> None:
    """Runs step 17."""
    for lot in case.bundle.lots:
        _check_lot(case, lot)
    kind = case.bundle.kind
    if kind in (BundleKind.RECORD, BundleKind.SALES_DAY):
        _check_tests_shown(case)
    if kind is BundleKind.SALES_DAY:
        _check_days(case)
    if kind is BundleKind.STREAM:
        _check_stream(case)
    if kind is BundleKind.LOT:
        _check_every_stream(case)
    if kind is BundleKind.HISTORY:
        for history in case.bundle.histories:
            if isinstance(history, History) and not history.is_whole:
                skipped = history.before.count
                _left_out(case, "0x" + history.topic.hex(), skipped, skipped + len(history.entries))


def _left_out(case: Case, subject: str, missing: Any, of: Any, *, is_proven: bool = False) -> None:
    """Something is missing: proven so, or just not here."""
    if is_proven:
        case.no(17, "left_out", 7, n=missing, m=of, subject=subject)
    else:
        case.cannot_tell(17, "left_out", 7, 8, n=missing, m=of, subject=subject)


def _check_lot(case: Case, lot: LotProof) -> None:
    if not _is_last_pin(case, lot):
        _left_out(case, lot.stream, "?", "?")
        return
    event = None if lot.pin is None else case.event(lot.pin)
    root = lot_map.EMPTY_ROOT if event is None else pin_header(event).lots
    if _lot_root(lot) != root:
        _left_out(case, lot.stream, "?", len(lot.records), is_proven=True)
        return
    if stream_kind(lot.stream) in OPENED_KINDS:
        shown = {one.record_hash for one in case.records if one.record.envelope.stream == lot.stream}
        missing = sum(record_hash not in shown for record_hash, _ in lot.records)
        if missing:
            _left_out(case, lot.stream, missing, len(lot.records), is_proven=True)
            _left_out(case, lot.stream, missing, len(lot.records))


def _lot_root(lot: LotProof) -> bytes | None:
    key = keccak256(lot.lot.encode())
    try:
        if lot.records:
            return lot_map.lot_root(key, lot.records, lot.path)
        return lot_map.absence_root(key, lot.other, lot.path)
    except (MerkleProofWrong, SumOverflow):
        return None


def _is_last_pin(case: Case, lot: LotProof) -> bool:
    """Whether the stream's history shows that its last pin is the one named, or that it has none."""
    history = case.history("trace", name_hash(lot.stream))
    if history is None:
        return False
    if isinstance(history, Absence):
        return lot.pin is None
    pins = [index for index, event in case.events(history) if event is not None and event.name == "Pinned"]
    if lot.pin is None:
        return history.is_whole and not pins
    return bool(pins) and pins[-1] == lot.pin


def _check_tests_shown(case: Case) -> None:
    """For every lot that a claim names, the test stream of its market must be shown."""
    shown = {(keccak256(lot.lot.encode()), lot.stream) for lot in case.bundle.lots}
    for one in case.claims():
        wanted = sibling_stream(one.record.envelope.stream, "test")
        if one.payload is None and one.record.envelope.kind != "sales_day":
            # Which lots it names is not shown, so nothing about them can be complete.
            _left_out(case, one.record.envelope.stream, "?", "?")
        for key, _ in one.facts.lots if one.facts is not None else ():
            if (key, wanted) not in shown:
                _left_out(case, wanted, "?", "?")


def _check_every_stream(case: Case) -> None:
    """Kind `lot`: every stream of the market that the chain knows has its lot proof."""
    if not case.bundle.lots:
        return
    market = case.bundle.lots[0].stream.rpartition("/")[0]
    history = case.history("trace", name_hash(market))
    if not isinstance(history, History) or not history.is_whole:
        _left_out(case, market, "?", "?")
        return
    opened = {
        event.arguments[0] for _, event in case.events(history) if event is not None and event.name == "StreamOpened"
    }
    for key in lots_asked(case):
        shown = {name_hash(lot.stream) for lot in case.bundle.lots if keccak256(lot.lot.encode()) == key}
        if missing := opened - shown:
            _left_out(case, market, len(missing), len(opened), is_proven=True)


def _check_stream(case: Case) -> None:
    """Kind `stream`: the pins are numbered without a hole, from the first where the history is whole."""
    for history in case.bundle.histories:
        if not isinstance(history, History) or history.address != case.address("trace"):
            continue
        events = [event for _, event in case.events(history)]
        numbers = [event.arguments[1] for event in events if event is not None and event.name == "Pinned"]
        start = 1 if history.is_whole else (numbers[0] if numbers else 1)
        subject = "0x" + history.topic.hex()
        if numbers != list(range(start, start + len(numbers))) or None in events:
            _left_out(case, subject, "?", len(numbers), is_proven=True)
        elif not history.is_whole:
            _left_out(case, subject, history.before.count, history.before.count + len(events))


def _check_days(case: Case) -> None:
    """Kind `sales_day`: the merchant's chain without a hole up to the newest pin, device runs that join."""
    days = [one for one in case.claims() if one.record.envelope.kind == "sales_day"]
    for earlier, later in pairwise(days):
        _check_link(case, earlier, later)
    if not days or not _is_in_newest_pin(case, days[-1]):
        _left_out(case, "sales_day", "?", "?")
    for one in days:
        for run in _runs(one).values():
            counted = sum(run[name] for name in ("sales", "refunds", "voids", "other", "missing"))
            if run["last_sequence"] and run["last_sequence"] - run["first_sequence"] + 1 != counted:
                _left_out(case, run["device"], "?", counted, is_proven=True)


def _check_link(case: Case, earlier: RecordCase, later: RecordCase) -> None:
    if earlier.payload is None or later.payload is None or earlier.facts is None or later.facts is None:
        _left_out(case, "sales_day", "?", "?")
        return
    follows = later.payload["index"] == earlier.payload["index"] + 1
    if not follows or later.payload["previous_hash"] != "0x" + earlier.record_hash.hex():
        _left_out(case, "sales_day", "?", "?", is_proven=True)
        return
    if earlier.payload["day"] < later.payload["day"]:
        before, after = _runs(earlier), _runs(later)
        for device in sorted(before.keys() & after.keys()):
            last, first = before[device]["last_sequence"], after[device]["first_sequence"]
            if last and first and first != last + 1:
                _left_out(case, device, first - last - 1, first - last, is_proven=True)


def _runs(one: RecordCase) -> Mapping[str, Mapping[str, Any]]:
    if one.payload is None or one.facts is None:
        return {}
    return {run["device"]: run for run in one.payload["devices"]}


def _is_in_newest_pin(case: Case, day: RecordCase) -> bool:
    history = case.history("trace", name_hash(day.record.envelope.stream))
    if not isinstance(history, History):
        return False
    pins = [
        index
        for index, event in case.events(history)
        if event is not None and event.name == "Pinned" and pin_header(event).count > 0
    ]
    return bool(pins) and pins[-1] == day.record.pin
