"""A proof bundle as values: what stands in each member of a `*.tidemark.json` file (`proofs.md` section 4).

Reading and refusing is `bundle_reader`'s work; whether any of it is true is `verify`'s.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from ledger_node.domain.envelope import Envelope
from ledger_node.domain.log_entry import LogEntry
from ledger_node.domain.lot_map import LotState
from ledger_node.domain.subject_map import SubjectState
from ledger_node.domain.sum_tree import Node

VERSION: Final = 1
MEDIA_TYPE: Final = "application/vnd.tidemark.proof+json"


class BundleKind(StrEnum):
    """What a bundle is about."""

    RECORD = "record"
    HISTORY = "history"
    LOT = "lot"
    SALES_DAY = "sales_day"
    STREAM = "stream"
    CONSISTENCY = "consistency"


@dataclass(frozen=True, slots=True)
class LogPart:
    """Shown entries of the log with their places, and one proof for all of them."""

    indices: tuple[int, ...]
    encoded: tuple[bytes, ...]
    entries: Mapping[int, LogEntry]
    nodes: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class BatchPlace:
    """Where a record stands in its batch; the path goes from the leaf up."""

    count: int
    index: int
    path: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class BundleRecord:
    """A record with what ingest said of it, its leaf, and the log index of its pin."""

    envelope: Envelope
    received_at_ms: int
    verdict: int
    reason: int
    amount: int
    mass: int
    batch: BatchPlace
    pin: int


@dataclass(frozen=True, slots=True)
class History:
    """All or the tail of what was said about (address, topic): `entries` are log indices.

    `before` is the state that the skipped entries left behind.
    """

    address: bytes
    topic: bytes
    entries: tuple[int, ...]
    before: SubjectState
    path: tuple[bytes, ...]

    @property
    def is_whole(self) -> bool:
        """Whether nothing was skipped."""
        return self.before.count == 0


@dataclass(frozen=True, slots=True)
class Absence:
    """That nothing was ever said about (address, topic); `other` is the key found in its place."""

    address: bytes
    topic: bytes
    other: tuple[bytes, SubjectState] | None
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class LotProof:
    """Every record of one stream that names a lot, or that none does (`records` empty).

    `pin` is the log index of the stream's last pin; None while it has none.
    """

    lot: str
    stream: str
    pin: int | None
    records: tuple[tuple[bytes, int], ...] = ()
    other: tuple[bytes, LotState] | None = None
    path: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class HeartbeatRun:
    """The records of a device from its last heartbeat to just before record number `record` of the bundle."""

    record: int
    members: tuple[Envelope, ...]


@dataclass(frozen=True, slots=True)
class Opening:
    """One value shown behind a commitment."""

    pointer: str
    value: str
    blinding: bytes


@dataclass(frozen=True, slots=True)
class Content:
    """A file that the records name: its CID, SHA-256, length in bytes, media type."""

    cid: str
    sha256: bytes
    length: int
    media_type: str


@dataclass(frozen=True, slots=True)
class Bundle:
    """A whole bundle. `raw` is the parsed JSON, for pointers into it."""

    kind: BundleKind
    chain_id: int
    made_at: datetime
    checkpoint: str
    log: LogPart | None
    records: tuple[BundleRecord, ...]
    histories: tuple[History | Absence, ...]
    lots: tuple[LotProof, ...]
    heartbeats: tuple[HeartbeatRun, ...]
    openings: tuple[Opening, ...]
    contents: tuple[Content, ...]
    timestamps: tuple[bytes, ...]
    old_checkpoint: str | None
    consistency: tuple[bytes, ...] | None
    raw: Mapping[str, Any]
