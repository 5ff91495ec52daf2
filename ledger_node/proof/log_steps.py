"""Steps 8, 9 and 11: entries in the log, pins among them, and whether histories are whole."""

from ledger_node.domain.merkle import leaf_hash, verify_nodes
from ledger_node.domain.record import name_hash
from ledger_node.domain.subject_map import absence_root, history_root, subject_key
from ledger_node.errors import MerkleProofWrong
from ledger_node.proof.bundle import Absence, BundleKind, History
from ledger_node.proof.case import Case, RecordCase
from ledger_node.proof.events import pin_header


def check_log(case: Case) -> None:
    """Step 8: all shown entries stand at their places in the tree of the checkpoint."""
    if case.bundle.log is None or case.note is None:
        return
    log, note = case.bundle.log, case.note.note
    shown = [(index, leaf_hash(encoded)) for index, encoded in zip(log.indices, log.encoded, strict=True)]
    try:
        verify_nodes(shown, note.size, log.nodes, note.root)
    except MerkleProofWrong:
        case.no(8, "entry_not_in_log", 4, size=note.size)


def check_pins(case: Case) -> None:
    """Step 9: every entry is of this ledger's contracts and chain, and every record's pin is one of its stream."""
    network = case.network
    if any(
        entry.chain_id != network.chain_id or not network.is_ours(entry.address) for entry in case.log.entries.values()
    ):
        case.no(9, "pin_foreign", 4)
    for one in case.records:
        _check_pin(case, one)


def _check_pin(case: Case, one: RecordCase) -> None:
    entry, event = case.log.entries.get(one.record.pin), case.event(one.record.pin)
    if entry is None or event is None or event.name != "Pinned":
        case.no(9, "pin_foreign", 4)
        return
    one.pin, one.header = entry, pin_header(event)
    if event.arguments[0] != name_hash(one.record.envelope.stream):
        case.no(9, "stream_differs", 3)


def check_histories(case: Case) -> None:
    """Step 11: nothing more was ever said about each subject than what is shown."""
    if case.note is None:
        return
    if not case.bundle.histories and case.bundle.kind in (BundleKind.HISTORY, BundleKind.STREAM):
        case.cannot_tell(11, "history_incomplete", 7, subject="any subject")
    for history in case.bundle.histories:
        if not _is_proven(case, history, case.note.note.subjects):
            case.no(11, "history_incomplete", *_questions(case, history.address), subject="0x" + history.topic.hex())


def _is_proven(case: Case, history: History | Absence, root: bytes) -> bool:
    key = subject_key(history.address, history.topic)
    try:
        if isinstance(history, Absence):
            return absence_root(key, history.other, history.path) == root
        entries: list[tuple[int, bytes]] = []
        for index in history.entries:
            entry = case.log.entries.get(index)
            if entry is None or entry.address != history.address or history.topic not in entry.subjects:
                return False
            entries.append((index, entry.leaf_hash))
        if history.before.count + len(entries) >= 1 << 64:
            return False
        return history_root(key, history.before, entries, history.path) == root
    except MerkleProofWrong:
        return False


def _questions(case: Case, address: bytes) -> tuple[int, ...]:
    if case.bundle.kind is BundleKind.HISTORY:
        return (7,)
    return (2,) if address == case.address("device") else (7, 8)
