"""Evidence that a log has shown two pasts: what goes into the file, and what such a file convicts of.

A file convicts by itself: anybody with the network file judges it offline. Writing it to disk is
`ledger_node.store.evidence`'s work.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from ledger_node.domain.checkpoint_note import SignedNote, log_signature_fits, parse_note
from ledger_node.domain.merkle import fold_consistency
from ledger_node.domain.network import Network
from ledger_node.domain.strict_json import read_canonical
from ledger_node.errors import BundleWrong, MerkleProofWrong, NoteMalformed
from ledger_node.proof.members import hash_of, items_of, members_of, text_of, wrong

VERSION: Final = 1
SPLIT: Final = "split_view"
ROLLBACK: Final = "rollback"
_MEMBERS: Final = frozenset({"tidemark_evidence", "kind", "network", "notes", "parts", "says", "found_at"})


@dataclass(frozen=True, slots=True)
class Judgement:
    """What an evidence file shows; `convicts` when the log's own signatures contradict each other."""

    kind: str
    convicts: bool
    why: str


def evidence_of(older: SignedNote, newer: SignedNote, consistency: Sequence[bytes] = ()) -> tuple[str, dict[str, Any]]:
    """The kind and parts of the file about two notes that cannot both be honest."""
    smaller, larger = sorted((older, newer), key=lambda one: one.note.size)
    kind = ROLLBACK if smaller.note.size < larger.note.size and smaller.note.block > larger.note.block else SPLIT
    path = [base64.b64encode(one).decode() for one in consistency]
    return kind, {"consistency": path} if path else {}


def is_evidence(data: bytes) -> bool:
    """Whether a file claims to be evidence rather than a bundle."""
    if b'"tidemark_evidence"' not in data:
        return False
    try:
        found = read_canonical(data)
    except BundleWrong:
        return False
    return isinstance(found, dict) and "tidemark_evidence" in found


def judge_evidence(data: bytes, network: Network) -> Judgement:
    """Whether the file convicts the log. Raises BundleWrong for a file that cannot be read."""
    found = members_of(read_canonical(data), "", _MEMBERS)
    if type(found["tidemark_evidence"]) is not int or found["tidemark_evidence"] != VERSION:
        raise wrong("/tidemark_evidence", "an unknown version")
    for name in ("network", "says", "found_at"):
        if type(found[name]) is not str:
            raise wrong(f"/{name}", "not text")
    kind = text_of(found["kind"], "/kind", 64)
    texts = items_of(found["notes"], "/notes", text_of, highest=8)
    if kind not in (SPLIT, ROLLBACK):
        return Judgement(kind, False, "nothing that two signed notes could show: it needs the chain to judge it")
    if len(texts) != 2:
        raise wrong("/notes", "two notes are needed")
    try:
        first, second = (parse_note(text) for text in texts)
    except NoteMalformed as error:
        raise BundleWrong("bad_member", str(error), pointer="/notes") from error
    for note in (first, second):
        if not log_signature_fits(note, network.policy.logs):
            return Judgement(kind, False, f"a note is not signed by a log that this network knows: {note.note.origin}")
    if first.note.origin != second.note.origin:
        return Judgement(kind, False, "the notes are of two different logs")
    parts = members_of(found["parts"], "/parts", frozenset(), frozenset({"consistency"}))
    path = items_of(parts.get("consistency", []), "/parts/consistency", hash_of, highest=64)
    smaller, larger = sorted((first, second), key=lambda one: one.note.size)
    return _judge(kind, smaller, larger, path)


def _judge(kind: str, smaller: SignedNote, larger: SignedNote, path: tuple[bytes, ...]) -> Judgement:
    m, n = smaller.note, larger.note
    if m.size == n.size:
        same = m.root == n.root
        return Judgement(kind, not same, f"one size, {m.size}, with {'one root' if same else 'two roots'}")
    if m.block > n.block:
        return Judgement(kind, True, f"block {m.block} with {m.size} events, but earlier block {n.block} with {n.size}")
    try:
        old_root, new_root = fold_consistency(m.size, n.size, m.root, path)
    except MerkleProofWrong as error:
        return Judgement(kind, False, f"the consistency proof is malformed: {error}")
    if new_root != n.root:
        return Judgement(kind, False, "the consistency proof does not lead to the larger note's root")
    if old_root == m.root:
        return Judgement(kind, False, "the larger log continues the smaller one")
    return Judgement(kind, True, f"the log of {n.size} does not begin with the log of {m.size} that was signed")
