"""Where every device and stream stands, in the memory of the one writer; the journal has the same after each commit.

Nothing here is rolled back: when a commit fails or its outcome is unknown, the whole memory is dropped and read again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, Table, func, select

from ledger_node.domain.device_chain import Head
from ledger_node.store.journal import DeviceHead, Record, StreamHead

_DEVICE_HEAD: Table = DeviceHead.__table__  # type: ignore[attr-defined]
_STREAM_HEAD: Table = StreamHead.__table__  # type: ignore[attr-defined]
_RECORD: Table = Record.__table__  # type: ignore[attr-defined]
HEAD_COLUMNS: Final = (
    "device", "sequence", "digest", "contiguous_sequence", "contiguous_digest", "key_epoch", "gaps",
    "suspended_locally_reason", "suspended_locally_from_ms", "last_seen_at_ms", "receipt",
)  # fmt: skip


@dataclass(slots=True)
class Standing:
    """A device's head, its local suspension (reason 0: none) and the newest receipt that was signed for it."""

    device: str
    head: Head = field(default_factory=Head)
    suspended_reason: int = 0
    suspended_from_ms: int = 0
    last_seen_at_ms: int = 0
    receipt: dict[str, Any] | None = None

    def row(self) -> tuple[Any, ...]:
        """As `device_head` keeps it, in the order of HEAD_COLUMNS."""
        head = self.head
        return (
            self.device,
            head.sequence,
            head.digest,
            head.contiguous_sequence,
            head.contiguous_digest,
            head.key_epoch,
            head.gaps,
            self.suspended_reason,
            self.suspended_from_ms,
            self.last_seen_at_ms,
            self.receipt,
        )


class Standings:
    """All heads. `touch` gives a device's standing and remembers that its row must be written."""

    def __init__(self) -> None:
        self.drop()

    def drop(self) -> None:
        """Forgets everything."""
        self._devices: dict[str, Standing] = {}
        self._positions: dict[str, int] = {}
        self._touched: dict[str, Standing] = {}
        self._moved: set[str] = set()
        self._is_loaded: bool = False

    def load(self, connection: Connection) -> None:
        """Reads everything, once until `drop`."""
        if self._is_loaded:
            return
        for row in connection.execute(select(_DEVICE_HEAD)).mappings():
            gaps = tuple((first, last) for first, last in row["gaps"])
            head = Head(
                row["sequence"],
                row["digest"],
                row["key_epoch"],
                row["contiguous_sequence"],
                row["contiguous_digest"],
                gaps,
            )
            self._devices[row["device"]] = Standing(
                row["device"],
                head,
                row["suspended_locally_reason"],
                row["suspended_locally_from_ms"],
                row["last_seen_at_ms"],
                row["receipt"],
            )
        for stream, position in connection.execute(select(_STREAM_HEAD.c.stream, _STREAM_HEAD.c.next_position)):
            self._positions[stream] = position
        self._is_loaded = True

    def device(self, name: str) -> Standing:
        """The standing of a device, empty when nothing of it was ever kept."""
        standing = self._devices.get(name)
        if standing is None:
            standing = self._devices[name] = Standing(name)
        return standing

    def touch(self, name: str) -> Standing:
        """The same, to be written with this transaction."""
        standing = self._touched.get(name)
        if standing is None:
            standing = self._touched[name] = self.device(name)
        return standing

    def touched(self) -> Iterable[Standing]:
        """What this transaction has to write."""
        return self._touched.values()

    def next_position(self, connection: Connection, stream: str) -> int:
        """The next free position of a stream."""
        position = self._positions.get(stream)
        if position is None:
            newest = select(func.max(_RECORD.c.position)).where(_RECORD.c.stream == stream)
            last = connection.execute(newest).scalar()
            position = 0 if last is None else last + 1
        self._positions[stream] = position + 1
        self._moved.add(stream)
        return position

    def moved_streams(self) -> list[dict[str, Any]]:
        """The rows of `stream_head` that this transaction has to write."""
        return [{"stream": stream, "next_position": self._positions[stream]} for stream in sorted(self._moved)]

    def written(self) -> None:
        """Says that the transaction committed."""
        self._touched = {}
        self._moved = set()

    def names(self) -> list[str]:
        """Every device of which something is kept."""
        return sorted(self._devices)

    def with_gaps(self) -> list[Standing]:
        """Devices of which something is missing."""
        return [one for one in self._devices.values() if one.head.gaps]
