"""Steps 3 to 7: the checkpoint, who signed it, how old it is, and whether it continues what was kept."""

from datetime import UTC, datetime, timedelta
from typing import Final

from ledger_node.domain.checkpoint_note import (
    Cosignature,
    SignedNote,
    cosignatures_of,
    log_signature_fits,
    parse_note,
)
from ledger_node.domain.clock import LAST_SECOND
from ledger_node.domain.merkle import fold_consistency
from ledger_node.errors import MerkleProofWrong, NoteMalformed
from ledger_node.proof.case import Case

FRESH: Final = timedelta(hours=24)
CLOCK_TOLERANCE_SECONDS: Final = 300
_TIME_LIMIT: Final = 1 << 63


def check_checkpoint(case: Case) -> None:
    """Runs steps 3 to 7."""
    case.note = _read(case, case.bundle.checkpoint)
    if case.bundle.old_checkpoint is not None:
        case.old_note = _read(case, case.bundle.old_checkpoint)
    if case.note is None:
        return
    notes = [one for one in (case.note, case.old_note) if one is not None]
    case.facts.update(
        origin=case.note.note.origin,
        size=case.note.note.size,
        block=case.note.note.block,
        root=case.note.note.root.hex(),
    )
    for note in notes:
        if not log_signature_fits(note, case.network.policy.logs):
            case.no(4, "log_signature_bad", 5)
    since = _check_witnesses(case, case.note)
    _check_age(case, since)
    if not case.has_failed(3, 4):
        _check_kept(case, case.note)
        _check_consistency(case, case.note)


def _read(case: Case, text: str) -> SignedNote | None:
    try:
        signed = parse_note(text)
    except NoteMalformed as wrong:
        case.no(3, "checkpoint_malformed", 5, why=str(wrong))
        return None
    note, network = signed.note, case.network
    known = any(key.name == note.origin for key in network.policy.logs)
    if not known or note.chain_id != network.chain_id or case.bundle.chain_id != network.chain_id:
        case.no(3, "log_unknown", 5, origin=note.origin)
    return signed


def _check_witnesses(case: Case, note: SignedNote) -> int | None:
    """When the quorum was first met (unix seconds); None without witnesses or quorum."""
    policy = case.network.policy
    log_keys = {key.public_key for key in policy.logs}
    latest = int(case.now.timestamp()) + CLOCK_TOLERANCE_SECONDS
    times: dict[str, int] = {}
    for name, key in policy.witnesses.items():
        found = cosignatures_of(note, key)
        if found is None:
            case.no(5, "cosignature_bad", 5, witness=key.name)
        elif key.public_key not in log_keys and (counted := _counted(found, latest)):
            times[name] = min(counted)
    quorum = policy.judge(times)
    case.facts.update(signed=quorum.signed, required=quorum.required, existed_by=quorum.since)
    if not quorum.met:
        case.cannot_tell(5, "quorum_missing", 5, n=quorum.signed, k=quorum.required)
    return quorum.since


def _counted(found: list[Cosignature], latest: int) -> list[int]:
    return [one.time for one in found if 0 < one.time < _TIME_LIMIT and one.time <= latest]


def _check_age(case: Case, since: int | None) -> None:
    # Without witnesses nobody attests a time: the maker's own word is all there is.
    made_at = case.bundle.made_at if since is None else datetime.fromtimestamp(min(since, LAST_SECOND), UTC)
    age = case.now - made_at
    if age > FRESH:
        case.cannot_tell(6, "checkpoint_stale", 2, 7, 8, 10, age=f"{int(age.total_seconds()) // 3600} h")


def _check_kept(case: Case, note: SignedNote) -> None:
    kept = case.kept
    if kept is None or kept.note.origin != note.note.origin:
        return
    old = case.old_note
    if _contradict(kept, note) or (old is not None and _contradict(kept, old)):
        case.no(7, "history_split", 5, file="")
        return
    shown = old is not None and old.note.size == kept.note.size
    case.facts["kept_compared"] = kept.note.size == note.note.size or shown


def _contradict(one: SignedNote, other: SignedNote) -> bool:
    """Whether two notes of one log cannot both be honest, seen without any proof."""
    a, b = one.note, other.note
    if a.size == b.size:
        return a.root != b.root
    smaller, larger = (a, b) if a.size < b.size else (b, a)
    return smaller.block > larger.block


def _check_consistency(case: Case, note: SignedNote) -> None:
    """A malformed proof never becomes an accusation: only one that gives the larger root convicts."""
    old, path = case.old_note, case.bundle.consistency
    if old is None or path is None:
        return
    if old.note.origin != note.note.origin:
        case.no(3, "log_unknown", 5, origin=old.note.origin)
        return
    m, n = old.note.size, note.note.size
    if not 0 < m <= n or (m == n and path):
        case.no(2, "bad_member", 5, pointer="/consistency", why=f"no proof from {m} to {n}")
    elif _contradict(old, note):
        case.no(7, "history_split", 5, file="")
    elif m != n:
        _fold(case, old, note, path)


def _fold(case: Case, old: SignedNote, note: SignedNote, path: tuple[bytes, ...]) -> None:
    m, n = old.note.size, note.note.size
    try:
        # The first node is always written out where the old root is not a subtree; else the old root is that node.
        old_root, new_root = fold_consistency(m, n, old.note.root, path)
    except MerkleProofWrong as wrong:
        case.no(2, "bad_member", 5, pointer="/consistency", why=str(wrong))
        return
    if new_root != note.note.root:
        case.no(2, "bad_member", 5, pointer="/consistency", why="leads to another root")
    elif old_root != old.note.root:
        case.no(7, "history_split", 5, file="")
