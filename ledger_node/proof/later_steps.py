"""Step 16: what came later and takes a record, a lot or a day back, as far as the shown histories say.

What should be shown and is not is named, and the answer is "cannot tell".
"""

from collections.abc import Iterable
from typing import Any, Final

from ledger_node.domain.digest import keccak256
from ledger_node.domain.record import Verdict, name_hash
from ledger_node.proof.bundle import History
from ledger_node.proof.case import Case, RecordCase
from ledger_node.proof.events import Event

FAIL: Final = 2
LOT_DISPUTED, LOT_HELD, LOT_RECALLED = 2, 3, 4
_NAMED: Final = {"LotRegistered": 9, "CertificateAttested": 9, "LabReportAttested": 8}
"""Where an attestation event names the one it supersedes."""


def check_later(case: Case) -> None:
    """Runs step 16."""
    for one in case.claims():
        _check_voids(case, one)
        _check_reverdicts(case, one)
    for lot in lots_asked(case):
        _check_tests(case, lot)
        _check_attestations(case, lot)
        _check_lot_state(case, lot)
    for stream in dict.fromkeys(one.record.envelope.stream for one in case.records):
        _check_stream(case, stream)


def lots_asked(case: Case) -> list[bytes]:
    """The keys of the lots that the bundle's claims name, and those its lot proofs are about."""
    named = (lot for one in case.claims() if one.facts is not None for lot, _ in one.facts.lots)
    proven = (keccak256(lot.lot.encode()) for lot in case.bundle.lots)
    return list(dict.fromkeys((*named, *proven)))


def _counted(records: Iterable[RecordCase], *kinds: str) -> list[RecordCase]:
    found = [
        one
        for one in records
        if one.record.envelope.kind in kinds and one.payload is not None and Verdict(one.record.verdict).is_counted
    ]
    return sorted(found, key=lambda one: (one.record.envelope.observed_at_ms, one.number))


def _block(one: RecordCase) -> Any:
    return "?" if one.pin is None else one.pin.block_number


def _check_voids(case: Case, claim: RecordCase) -> None:
    sale = None if claim.payload is None else claim.payload.get("sale_id")
    for one in _counted(case.records, "void"):
        if one.payload is not None and sale is not None and one.payload.get("of") == sale:
            case.no(16, "voided", 8, what="record voided", n=_block(one), reason=one.payload.get("reason", "?"))


def _check_reverdicts(case: Case, claim: RecordCase) -> None:
    changed = [
        one
        for one in _counted(case.records, "reverdict")
        if one.payload is not None and one.payload.get("of") == "0x" + claim.record_hash.hex()
    ]
    if changed and changed[-1].payload is not None and changed[-1].payload.get("verdict") not in (1, 2):
        case.no(
            16,
            "superseded",
            8,
            what="verdict changed",
            n=_block(changed[-1]),
            reason=changed[-1].payload.get("reason", "?"),
        )


def _check_tests(case: Case, lot: bytes) -> None:
    """A FAIL or a hold counts until a release that names the lot."""
    fault: tuple[str, RecordCase] | None = None
    for one in _counted(case.records, "test", "retest", "hold", "release"):
        if one.facts is None or lot not in (key for key, _ in one.facts.lots):
            continue
        kind = one.record.envelope.kind
        if kind == "release":
            fault = None
        elif kind == "hold":
            fault = fault or ("lot on hold", one)
        elif one.record.envelope.value == FAIL:
            fault = ("lot failed a test", one)
    if fault is not None and fault[1].payload is not None:
        reason = fault[1].payload.get("project") or fault[1].payload.get("reason", "?")
        case.no(16, "recalled", 8, what=fault[0], n=_block(fault[1]), reason=reason)


def _check_attestations(case: Case, lot: bytes) -> None:
    history = case.history("attestation", lot)
    if history is None or (isinstance(history, History) and not history.is_whole):
        case.cannot_tell(11, "history_incomplete", 7, 8, subject="0x" + lot.hex())
        return
    if not isinstance(history, History):
        return
    live: dict[bytes, tuple[int, Event]] = {}
    for index, event in case.events(history):
        if event is None:
            case.cannot_tell(11, "history_incomplete", 8, subject="0x" + lot.hex())
            return
        _fold(case, live, index, event)
    for index, event in live.values():
        if event.name == "LabReportAttested" and event.arguments[3] == FAIL:
            case.no(16, "recalled", 8, what="lab report failed", n=_block_of(case, index), reason=event.arguments[3])


def _fold(case: Case, live: dict[bytes, tuple[int, Event]], index: int, event: Event) -> None:
    uid = event.arguments[2]
    if event.name in _NAMED:
        live.pop(event.arguments[_NAMED[event.name]], None)
        live[uid] = index, event
    elif event.name == "AttestationVoided":
        ended = live.pop(uid, None)
        # A failed report that a regulator ends no longer speaks against the lot.
        if ended is not None and not _is_failed_report(ended[1]):
            case.no(16, "voided", 8, what="attestation voided", n=_block_of(case, index), reason=event.arguments[3])
    elif event.name == "AttestationRevokedByAttester":
        ended = live.pop(uid, None)
        if ended is not None and not _is_failed_report(ended[1]):
            case.no(16, "revoked", 8, what="attestation revoked", n=_block_of(case, index), reason=ended[1].name)


def _is_failed_report(event: Event) -> bool:
    return event.name == "LabReportAttested" and event.arguments[3] == FAIL


def _block_of(case: Case, index: int) -> int:
    return case.log.entries[index].block_number


def _check_lot_state(case: Case, lot: bytes) -> None:
    history = case.history("lot", lot)
    if not isinstance(history, History):
        return
    states = [
        (index, event) for index, event in case.events(history) if event is not None and event.name == "LotStateSet"
    ]
    if states:
        index, event = states[-1]
        if event.arguments[1] in (LOT_HELD, LOT_RECALLED):
            case.no(16, "recalled", 8, what="lot on hold", n=_block_of(case, index), reason=event.arguments[1])
        elif event.arguments[1] == LOT_DISPUTED:
            case.no(16, "disputed", 8, what="lot disputed", n=_block_of(case, index), reason=event.arguments[1])


def _check_stream(case: Case, stream: str) -> None:
    history = case.history("trace", name_hash(stream))
    if not isinstance(history, History):
        return
    pins = {
        int.from_bytes(one.pin.topics[2], "big")
        for one in case.records
        if one.pin is not None and one.record.envelope.stream == stream
    }
    for index, event in case.events(history):
        if event is not None and event.name == "StreamFlagged" and event.arguments[1] in pins:
            case.no(16, "disputed", 8, what="stream disputed", n=_block_of(case, index), reason=event.arguments[1])
