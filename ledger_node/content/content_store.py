"""What every content store can do, and the values it deals in. Backends: `local`, and `memory`, the fake that ships."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO, Final, Protocol

from ledger_node.content.cid import Cid

PIECE_LIMIT_BYTES: Final = 1 << 20
"""Files are cut into blocks of this size, and read in pieces no larger."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What a put has made durable; `sha256` is that of the plain bytes."""

    cid: Cid
    length: int
    sha256: bytes


class ReasonKind(StrEnum):
    """Why content is kept."""

    EVENT = "event"
    RECORD = "record"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class PinReason:
    """One reason to keep something: an event, a record or a person's order, named by `reference`.

    `party` is whose quota it counts against; empty for the node's own.
    """

    kind: ReasonKind
    reference: str
    party: str = ""


@dataclass(frozen=True, slots=True)
class Pin:
    """Something that is kept, with all its reasons; it goes when the last reason goes."""

    cid: Cid
    reasons: tuple[PinReason, ...]


class FindingState(StrEnum):
    """What a check found."""

    SOUND = "sound"
    MISSING = "missing"
    ALTERED = "altered"


@dataclass(frozen=True, slots=True)
class Finding:
    """The state of one block when it was hashed anew."""

    cid: Cid
    state: FindingState
    where: str = ""


@dataclass(frozen=True, slots=True)
class Collected:
    """What a collection of garbage removed, and what it kept."""

    blocks: int
    length: int
    kept: int


class ContentStore(Protocol):
    """Bytes by identifier. Nothing is acknowledged before it is durable; every read is hashed again."""

    def put(self, source: BinaryIO, *, expect: Cid | None = None) -> Stored:
        """Keeps a file, in constant memory. ContentMismatch when it is not `expect`."""
        ...

    def put_many(self, items: Iterable[bytes]) -> list[Stored]:
        """Keeps small things with one commit for all."""
        ...

    def read(self, cid: Cid, *, limit_bytes: int) -> Iterator[bytes]:
        """Verified pieces of at most 1 MiB. ContentMissing, ContentAltered, ContentTooLarge."""
        ...

    def has(self, cid: Cid) -> bool:
        """Whether every block of it is here; asks no network."""
        ...

    def pin(self, cid: Cid, reason: PinReason, *, deadline_seconds: float) -> None:
        """Keeps it until the reason goes; fetches what is missing. ContentMissing, ContentQuotaExceeded."""
        ...

    def unpin(self, cid: Cid, reason: PinReason) -> None:
        """Takes one reason away; nothing happens when it was not there."""
        ...

    def pins(self) -> Iterator[Pin]:
        """All that is kept, in the order of identifiers."""
        ...

    def export(self, roots: Sequence[Cid], sink: BinaryIO) -> None:
        """Writes a CARv1: depth first, each block once, hence the same bytes everywhere."""
        ...

    def load(self, car: BinaryIO) -> list[Cid]:
        """Takes in a CARv1 whole or not at all; its roots. CarMalformed."""
        ...

    def check(self, cid: Cid) -> Iterator[Finding]:
        """Hashes every block of it anew, now."""
        ...

    def collect(self, *, older_than_seconds: int) -> Collected:
        """Removes blocks that no pin needs and that are older."""
        ...


def read_all(store: ContentStore, cid: Cid, *, limit_bytes: int) -> bytes:
    """The whole of a small file."""
    return b"".join(store.read(cid, limit_bytes=limit_bytes))
