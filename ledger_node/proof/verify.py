"""Checks a proof bundle against a network file: eighteen steps, ten answers. Pure: no clock, network or files.

What keeps checkpoints, reads content or writes evidence lives beside it (`kept`, `evidence`) and in the command line.
"""

from datetime import datetime
from typing import Any, Final, TypeAlias

from ledger_node.domain.checkpoint_note import SignedNote
from ledger_node.domain.network import Network
from ledger_node.errors import BundleWrong
from ledger_node.proof.batch_steps import check_batches, check_times
from ledger_node.proof.bundle import Bundle, BundleKind
from ledger_node.proof.bundle_reader import read_bundle
from ledger_node.proof.case import Case, RecordCase
from ledger_node.proof.checkpoint_steps import check_checkpoint
from ledger_node.proof.complete_steps import check_complete
from ledger_node.proof.findings import Finding, Say, Verification, conclude
from ledger_node.proof.later_steps import check_later
from ledger_node.proof.log_steps import check_histories, check_log, check_pins
from ledger_node.proof.record_steps import check_records_signed
from ledger_node.proof.shown_steps import check_shown

Checkpoint: TypeAlias = SignedNote
"""A checkpoint somebody kept: the whole note with its lines."""

_ABOUT_RECORDS: Final = frozenset({1, 2, 3, 6, 9})
_ASKED: Final = {
    BundleKind.RECORD: frozenset(range(1, 10)),
    BundleKind.HISTORY: frozenset({4, 5, 7}),
    BundleKind.LOT: frozenset({4, 5, 7, 8}),
    BundleKind.SALES_DAY: frozenset(range(1, 10)),
    BundleKind.STREAM: frozenset({4, 5, 7}),
    BundleKind.CONSISTENCY: frozenset({5}),
}


def verify(bundle: bytes, network: Network, *, now: datetime, kept: Checkpoint | None = None) -> Verification:
    """What the file proves, as of its checkpoint. Never raises for what stands in `bundle`."""
    try:
        parsed = read_bundle(bundle)
    except BundleWrong as wrong:
        values = {"why": wrong.why, "byte": wrong.byte, "pointer": wrong.pointer or "/"}
        step = 2 if wrong.code == "bad_member" else 1
        return conclude(None, [Finding(step, wrong.code, Say.NO, frozenset(), values)], frozenset(), {})
    case = Case(parsed, network, now, kept)
    case.add_records()
    check_checkpoint(case)
    check_log(case)
    check_pins(case)
    check_histories(case)
    check_records_signed(case)
    check_batches(case)
    check_times(case)
    check_later(case)
    check_complete(case)
    check_shown(case)
    _tell_facts(case)
    return conclude(parsed.kind, sorted(case.findings, key=lambda one: one.step), _asked(parsed), case.facts)


def _asked(bundle: Bundle) -> frozenset[int]:
    asked = _ASKED[bundle.kind]
    return asked | _ABOUT_RECORDS if bundle.records else asked


def _tell_facts(case: Case) -> None:
    pins = [one.pin for one in case.records if one.pin is not None]
    case.facts.update(
        kind=str(case.bundle.kind),
        chain_id=case.network.chain_id,
        made_at=case.bundle.made_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        records=[_record_facts(one) for one in case.records],
        pin_block=pins[0].block_number if pins else case.facts.get("block"),
        lots=[lot.lot for lot in case.bundle.lots],
    )
    if case.bundle.kind is BundleKind.RECORD:
        case.facts["run_is_shown"] = False


def _record_facts(one: RecordCase) -> dict[str, Any]:
    envelope, record = one.record.envelope, one.record
    return {
        "device": envelope.device,
        "kind": envelope.kind,
        "stream": envelope.stream,
        "sequence": envelope.sequence,
        "observed_at_ms": envelope.observed_at_ms,
        "received_at_ms": record.received_at_ms,
        "verdict": record.verdict,
        "record_hash": one.record_hash.hex(),
        "digest": one.digest.hex(),
        "amount": str(record.amount),
        "mass": str(record.mass),
        "batch_count": record.batch.count,
        "batch_index": record.batch.index,
        "pin_block": None if one.pin is None else one.pin.block_number,
        "pin_block_time": None if one.pin is None else one.pin.block_time,
        "pin_sequence": None if one.pin is None else int.from_bytes(one.pin.topics[2], "big"),
    }
