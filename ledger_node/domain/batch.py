"""What a batch is: when a run of records is closed, and the numbers its pin carries (`oracles.md` section 5).

Pure. The file that holds the records is `content.batch_file`; storing and queueing are `sealing.sealer`'s work.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from ledger_node.bindings.pin_registry import PinHeader
from ledger_node.domain import sum_tree
from ledger_node.domain.digest import keccak256
from ledger_node.domain.record import Verdict
from ledger_node.domain.sum_tree import SUM_LIMIT, Leaf, Node

__all__ = [
    "NO_CONTENT",
    "BatchHeader",
    "Candidate",
    "CloseRule",
    "PinHeader",
    "batch_root",
    "close_rule",
    "closed_count",
    "counted_leaf",
    "midnight_after",
    "pin_key",
    "stream_id",
    "stream_kind",
    "times_of",
]

MAXIMUM_BYTES: Final = 800_000
HEARTBEAT_SECONDS: Final = 300
QUICK_AGE_SECONDS: Final = 2
SLOW_AGE_SECONDS: Final = 30
QUICK_STREAM_KINDS: Final = frozenset({"sale", "void", "refund", "test", "intake", "service"})
NO_CONTENT: Final = bytes(32)


@dataclass(frozen=True, slots=True)
class CloseRule:
    """When a batch of one stream is closed, whichever comes first; the age is that of its oldest record."""

    count: int = sum_tree.MAXIMUM_COUNT
    size_bytes: int = MAXIMUM_BYTES
    age_seconds: int = SLOW_AGE_SECONDS
    heartbeat_seconds: int = HEARTBEAT_SECONDS


@dataclass(frozen=True, slots=True)
class Candidate:
    """What the close rule looks at in one journaled record that no batch has yet."""

    size_bytes: int
    received_at_ms: int
    amount: int
    mass: int


@dataclass(frozen=True, slots=True)
class BatchHeader:
    """What a batch file says of itself; times in seconds."""

    stream: str
    sequence: int
    previous_root: bytes
    first_at: int
    last_at: int
    sealed_at: int
    rules: bytes
    lots: bytes


def stream_id(stream: str) -> bytes:
    """The stream's 32 bytes on chain: keccak256 of its name."""
    return keccak256(stream.encode())


def stream_kind(stream: str) -> str:
    """The last part of `market/{market}/{kind}` or `party/{party}/{kind}`."""
    return stream.rpartition("/")[2]


def close_rule(stream: str) -> CloseRule:
    """2 s for what people wait for, 30 s for the rest."""
    quick = stream_kind(stream) in QUICK_STREAM_KINDS
    return CloseRule(age_seconds=QUICK_AGE_SECONDS if quick else SLOW_AGE_SECONDS)


def midnight_after(at_ms: int, zone: ZoneInfo) -> int:
    """The market's first midnight after a moment, in milliseconds."""
    day = datetime.fromtimestamp(at_ms // 1000, zone).date() + timedelta(days=1)
    return int(datetime.combine(day, time.min, zone).timestamp()) * 1000


def closed_count(rows: Sequence[Candidate], rule: CloseRule, *, now_ms: int, rate: int, zone: ZoneInfo) -> int:
    """How many of the oldest unsealed records make a batch now; 0 while it stays open.

    `rate` is how fast the ledger's clock runs: the age is meant in real seconds. A batch holds no records received on
    two of the market's days, and no sums that reach 2^128.
    """
    if not rows:
        return 0
    midnight_ms = midnight_after(rows[0].received_at_ms, zone)
    fitting = _fitting(rows, rule, midnight_ms)
    is_cut = fitting < len(rows)
    is_full = fitting >= rule.count or is_cut
    is_old = now_ms - rows[0].received_at_ms >= rule.age_seconds * 1000 * rate
    return fitting if is_full or is_old or now_ms >= midnight_ms else 0


def _fitting(rows: Sequence[Candidate], rule: CloseRule, midnight_ms: int) -> int:
    size = amount = mass = 0
    for number, row in enumerate(rows[: rule.count]):
        size, amount, mass = size + row.size_bytes, amount + row.amount, mass + row.mass
        if number and (size > rule.size_bytes or row.received_at_ms >= midnight_ms):
            return number
        if number and max(amount, mass) >= SUM_LIMIT:
            return number
    return min(len(rows), rule.count)


def counted_leaf(record_hash: bytes, verdict: int, amount_minor: int, mass_grams: int) -> Leaf:
    """A record's leaf: only ACCEPTED and ACCEPTED_LATE put numbers in."""
    if Verdict(verdict).is_counted:
        return Leaf(record_hash, amount_minor, mass_grams)
    return Leaf(record_hash, 0, 0)


def batch_root(leaves: Sequence[Leaf]) -> Node:
    """The Merkle-sum root of a batch's leaves."""
    return sum_tree.root([sum_tree.leaf(leaf.record_hash, leaf.amount, leaf.mass) for leaf in leaves])


def times_of(observed_at_ms: Sequence[int], sealed_at: int) -> tuple[int, int]:
    """First and last second of the counted records; the sealing's own when there is none."""
    if not observed_at_ms:
        return sealed_at, sealed_at
    return min(observed_at_ms) // 1000, max(observed_at_ms) // 1000


def pin_key(stream: str, sequence: int) -> str:
    """The idempotency key of a pin's transaction."""
    return f"pin/{stream}/{sequence}"
