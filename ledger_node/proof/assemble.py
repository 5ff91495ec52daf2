"""Puts a bundle together: members in, canonical bytes out, with one log proof for everything that is shown.

Which records, histories and lots a bundle needs is `build`'s work. What is read from the log comes through two narrow
ports, which `store.log_reader` fills.
"""

import base64
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from ledger_node.domain.checkpoint_note import SignedNote
from ledger_node.domain.digest import keccak256
from ledger_node.domain.envelope import Envelope
from ledger_node.domain.lot_map import LotState
from ledger_node.domain.sparse_tree import SparseProof
from ledger_node.domain.strict_json import write_canonical
from ledger_node.domain.subject_map import SubjectState, subject_key
from ledger_node.domain.sum_tree import Node
from ledger_node.proof.bundle import VERSION, BundleKind
from ledger_node.store.log_reader import SubjectProof, SubjectStep


class LogView(Protocol):
    """The log, as of a size."""

    def entries(self, positions: Iterable[int]) -> Mapping[int, bytes]:
        """Position → entry's bytes."""
        ...

    def nodes_proof(self, positions: Sequence[int], size: int) -> list[bytes]:
        """One proof for all positions."""
        ...

    def history(self, key: bytes, size: int, *, skip: int = 0) -> Sequence[SubjectStep]:
        """What was said about a subject, without the first `skip`."""
        ...

    def state_before(self, key: bytes, number: int) -> SubjectState:
        """Count and head before a subject's entry `number`."""
        ...

    def consistency(self, old_size: int, new_size: int) -> list[bytes]:
        """Proof that the old log is a prefix of the new one."""
        ...


class SubjectView(Protocol):
    """The subject map, as of a size."""

    def proof(self, key: bytes, size: int) -> SubjectProof:
        """The key's state and place."""
        ...


class BundleDraft:
    """A bundle being put together against one checkpoint."""

    def __init__(self, kind: BundleKind, note: SignedNote, log: LogView, subjects: SubjectView) -> None:
        self.kind = kind
        self.note = note
        self.size = note.note.size
        self._log = log
        self._subjects = subjects
        self._shown: set[int] = set()
        self._histories: dict[tuple[bytes, bytes], dict[str, Any]] = {}
        self._records: list[dict[str, Any]] = []
        self._lots: list[dict[str, Any]] = []
        self._extras: dict[str, Any] = {}

    def add_record(
        self,
        envelope: Envelope,
        *,
        received_at_ms: int,
        verdict: int,
        reason: int,
        amount: int,
        mass: int,
        count: int,
        index: int,
        path: Sequence[Node],
        pin: int,
    ) -> None:
        """Shows a record, its place in its batch, and the log's entry that pins it."""
        self._shown.add(pin)
        self._records.append(
            {
                "envelope": envelope.to_json(),
                "receivedAtMs": received_at_ms,
                "verdict": verdict,
                "reason": reason,
                "amount": str(amount),
                "mass": str(mass),
                "batch": {
                    "count": count,
                    "index": index,
                    "path": [[_base64(node.hash), str(node.amount), str(node.mass)] for node in path],
                },
                "pin": str(pin),
            }
        )

    def add_history(self, address: bytes, topic: bytes, *, newest: int | None = None) -> list[int]:
        """Shows all that was said about a subject, or its absence, or only its `newest` entries; their positions.

        Asked again for the same subject, the longer history stays.
        """
        key = subject_key(address, topic)
        proof = self._subjects.proof(key, self.size)
        row: dict[str, Any] = {
            "address": "0x" + address.hex(),
            "topic": "0x" + topic.hex(),
            "path": [_base64(sibling) for sibling in proof.siblings],
        }
        if proof.state is None:
            row["other"] = None if proof.other is None else _other(*proof.other)
            self._histories[address, topic] = row
            return []
        skip = 0 if newest is None else max(0, proof.state.count - newest)
        known = self._histories.get((address, topic))
        if known is not None and int(known["skipped"]) <= skip:
            return [int(position) for position in known["entries"]]
        before = self._log.state_before(key, skip)
        positions = [step.position for step in self._log.history(key, self.size, skip=skip)]
        row.update(entries=[str(position) for position in positions], skipped=str(skip), before=_base64(before.head))
        self._histories[address, topic] = row
        self._shown.update(positions)
        return positions

    def add_lot(
        self,
        lot: str,
        stream: str,
        pin: int | None,
        records: Sequence[tuple[bytes, int]],
        proof: SparseProof,
        other: LotState | None,
    ) -> None:
        """Shows every record of a stream that names a lot, or that none does."""
        row: dict[str, Any] = {
            "lot": lot,
            "stream": stream,
            "pin": None if pin is None else str(pin),
            "path": [_base64(sibling) for sibling in proof.siblings],
        }
        if records:
            row["records"] = [[_base64(record_hash), str(share)] for record_hash, share in records]
        elif proof.other_key is None or other is None:
            row["other"] = None
        else:
            row["other"] = [_base64(proof.other_key), str(other.count), str(other.mass), _base64(other.head)]
        if pin is not None:
            self._shown.add(pin)
        self._lots.append(row)

    def add_old_checkpoint(self, old: SignedNote) -> None:
        """Shows that the log continues an older checkpoint of its own."""
        sizes = old.note.size, self.size
        self._extras["old_checkpoint"] = old.whole()
        self._extras["consistency"] = (
            [] if sizes[0] == sizes[1] else [_base64(one) for one in self._log.consistency(*sizes)]
        )

    def add(self, name: str, value: Any) -> None:
        """Sets an optional member: heartbeats, openings, contents, timestamps."""
        self._extras[name] = value

    def to_bytes(self, *, made_at: datetime) -> bytes:
        """The file."""
        members: dict[str, Any] = {
            "tidemark_proof": VERSION,
            "kind": str(self.kind),
            "chain_id": str(self.note.note.chain_id),
            "made_at": made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "checkpoint": self.note.whole(),
            **self._extras,
        }
        if self.kind is not BundleKind.CONSISTENCY:
            members["histories"] = list(self._histories.values())
            members["log"] = self._log_member()
            if self._records:
                members["records"] = self._records
            if self._lots or self.kind is BundleKind.LOT:
                members["lots"] = self._lots
        return write_canonical(members) + b"\n"

    def _log_member(self) -> dict[str, Any]:
        positions = sorted(self._shown)
        entries = self._log.entries(positions)
        return {
            "entries": [[str(position), _base64(entries[position])] for position in positions],
            "nodes": [_base64(node) for node in self._log.nodes_proof(positions, self.size)],
        }


def lot_topic(lot: str) -> bytes:
    """A lot's topic on chain and its key in lot maps."""
    return keccak256(lot.encode())


def _other(key: bytes, state: SubjectState) -> list[str]:
    return [_base64(key), str(state.count), _base64(state.head)]


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()
