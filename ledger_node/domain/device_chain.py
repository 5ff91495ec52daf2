"""The chain of a device's records: its head, what is missing, and where a new record fits (`oracles.md` section 3).

Pure and small: ingest keeps one `Head` a device. A gap never blocks: the record is taken, the missing range asked for
again, and the chain checked when the range is filled.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

from ledger_node.domain.judge import FINE, Finding
from ledger_node.domain.record import ZERO_HASH, Mark, Reason


@dataclass(frozen=True, slots=True)
class Head:
    """Where a device's chain stands. `gaps` are missing ranges, both ends included, ascending.

    `contiguous_digest` is the digest of record `contiguous_sequence`, zero where that one was declared lost.
    """

    sequence: int = 0
    digest: bytes = ZERO_HASH
    key_epoch: int = 0
    contiguous_sequence: int = 0
    contiguous_digest: bytes = ZERO_HASH
    gaps: tuple[tuple[int, int], ...] = ()

    def misses(self, sequence: int) -> bool:
        """Whether `sequence` lies in a gap."""
        return any(first <= sequence <= last for first, last in self.gaps)


class Link(NamedTuple):
    """What a record says of its place in the chain; `declared` is the range a `gap` record gives up."""

    sequence: int
    digest: bytes
    previous_hash: bytes
    key_epoch: int
    declared: tuple[int, int] | None = None


class Neighbours(NamedTuple):
    """What is known around a record that fills a gap: the digest before it, the previousHash after it."""

    before: bytes | None = None
    successor_previous: bytes | None = None


def extend(head: Head, link: Link) -> tuple[Head, Finding]:
    """The head after a record beyond it, and whether it joins the chain."""
    if link.sequence == head.sequence + 1 and not head.gaps and link.previous_hash == head.digest:
        # Nearly every record: the next one, with nothing missing.
        return Head(link.sequence, link.digest, link.key_epoch, link.sequence, link.digest), FINE
    missing = (head.sequence + 1, link.sequence - 1)
    gaps = head.gaps if missing[0] > missing[1] else (*head.gaps, missing)
    if link.declared is not None:
        gaps = _without(gaps, *link.declared)
    if not any(first <= missing[1] and missing[0] <= last for first, last in gaps):
        finding = _join(head, link)
    elif link.previous_hash == ZERO_HASH:
        finding = _restart(head, link, Mark.SEQUENCE_GAP)
    else:
        finding = Finding(marks=Mark.SEQUENCE_GAP)
    return replace(head, sequence=link.sequence, digest=link.digest, key_epoch=link.key_epoch, gaps=gaps), finding


def fill(head: Head, link: Link, neighbours: Neighbours) -> tuple[Head, Finding]:
    """The head after a record that a gap was waiting for, and whether both its neighbours agree with it."""
    finding = FINE
    before, after = neighbours.before, neighbours.successor_previous
    if before is not None and link.previous_hash != before:
        finding = Finding(Reason.CHAIN_BREAK, f"previousHash is 0x{link.previous_hash.hex()}, not 0x{before.hex()}")
    elif after is not None and after != link.digest:
        finding = Finding(Reason.CHAIN_BREAK, f"the next record names 0x{after.hex()}, not 0x{link.digest.hex()}")
    gaps = _without(head.gaps, link.sequence, link.sequence)
    if link.declared is not None:
        gaps = _without(gaps, *link.declared)
    return replace(head, gaps=gaps), finding


def contiguous_end(head: Head) -> int:
    """The last number up to which every record is here or declared lost."""
    return head.gaps[0][0] - 1 if head.gaps else head.sequence


def with_contiguous(head: Head, digest_of_end: bytes | None) -> Head:
    """The head with its contiguous end told anew; `digest_of_end` None when that number was declared lost."""
    return replace(head, contiguous_sequence=contiguous_end(head), contiguous_digest=digest_of_end or ZERO_HASH)


def _join(head: Head, link: Link) -> Finding:
    """A record that follows the head directly, or after numbers it declares lost."""
    if link.previous_hash == head.digest:
        return FINE
    if link.previous_hash == ZERO_HASH:
        return _restart(head, link, Mark.NONE)
    return Finding(Reason.CHAIN_BREAK, f"previousHash is 0x{link.previous_hash.hex()}, not 0x{head.digest.hex()}")


def _restart(head: Head, link: Link, marks: Mark) -> Finding:
    # Zero is allowed at sequence 1, or first in a new key epoch after lost state.
    if link.sequence == 1:
        return Finding(marks=marks)
    if link.key_epoch > head.key_epoch:
        return Finding(marks=marks | Mark.CHAIN_RESTART)
    return Finding(Reason.CHAIN_BREAK, f"previousHash is zero inside key epoch {link.key_epoch}", marks)


def _without(gaps: tuple[tuple[int, int], ...], first: int, last: int) -> tuple[tuple[int, int], ...]:
    """The gaps less the range first … last."""
    left: list[tuple[int, int]] = []
    for low, high in gaps:
        if last < low or high < first:
            left.append((low, high))
            continue
        if low < first:
            left.append((low, first - 1))
        if high > last:
            left.append((last + 1, high))
    return tuple(left)
