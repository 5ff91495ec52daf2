"""The durable memory of one device: its counter, its last digest, and what it signed and nobody has taken over yet.

One append-only file of checked entries. With `reserve` 1 every record is on the disk before `append` returns. With
more, numbers are reserved in blocks and only the reservation is synced: a power cut may then lose the records at the
end, but never a number twice; the lost numbers come back as `lost`, to be declared by a signed `gap`. A process that
was killed loses nothing either way, because the system still holds what it wrote; the boot identity tells both apart.
"""

import os
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import cbor2

from ledger_node.domain.record import ZERO_HASH
from ledger_node.errors import FlashDamaged

BLOCK: Final = 64
_HEADER_BYTES: Final = 8
_COMPACT_BYTES: Final = 1 << 20
_RESERVED, _RECORD, _KEPT, _STATE, _CLOSED = range(1, 6)


def boot_identity() -> str:
    """A text that changes when the machine starts anew; empty where the system has none."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


class Flash:
    """The memory in `path`. `tag` is the caller's own number of the newest record, for callers that resume a plan.

    Raises FlashDamaged where signing on could use a number twice.
    """

    def __init__(
        self,
        path: Path,
        *,
        reserve: int = 1,
        boot: Callable[[], str] = boot_identity,
        sync: Callable[[int], None] = os.fsync,
    ) -> None:
        self.path = path
        self.sequence = 0
        self.last_digest = ZERO_HASH
        self.tag = -1
        self.boots = 0
        self.lost: tuple[int, int] | None = None
        self._reserve = reserve
        self._boot = boot()
        self._sync = sync
        self._reserved = 0
        self._written_by = self._boot
        self._was_closed = True
        self._kept = 0
        self._unkept: OrderedDict[int, list[bytes]] = OrderedDict()
        path.parent.mkdir(parents=True, exist_ok=True)
        good = self._load()
        self._file = path.open("r+b" if path.exists() else "w+b")
        self._file.truncate(good)
        self._file.seek(good)
        self._find_losses()
        self.boots += 1
        self._compact()

    @property
    def next_sequence(self) -> int:
        """The number of the next record."""
        return self.sequence + 1

    def append(self, sequence: int, digest: bytes, envelope: bytes, *, tag: int | None = None) -> None:
        """Makes a signed record durable; only then may its signature leave the device."""
        if sequence != self.next_sequence:
            raise ValueError(f"record {sequence} does not follow {self.sequence}")
        self.reserve_next()
        newest = self.tag if tag is None else tag
        self._write([_RECORD, sequence, digest, envelope, newest], durable=self._reserve <= 1)
        self._take_record(sequence, digest, envelope, newest)

    def reserve_next(self) -> None:
        """Makes sure that the next number is reserved on the disk; called before anything is signed with it."""
        if self._reserve > 1 and self.next_sequence > self._reserved:
            self._reserved = self.sequence + self._reserve
            self._write([_RESERVED, self._reserved, self._boot], durable=True)

    def unkept(self) -> list[bytes]:
        """Envelopes that nobody has taken over yet, oldest first."""
        return [one for many in self._unkept.values() for one in many]

    def kept(self, sequence: int) -> None:
        """All records up to `sequence` have been taken over. Forgetting this only means that they are sent again."""
        if sequence <= self._kept:
            return
        self._write([_KEPT, sequence], durable=False)
        self._take_kept(sequence)
        if self._file.tell() > _COMPACT_BYTES:
            self._compact()

    def skip(self, count: int) -> None:
        """Throws `count` numbers away, as a power cut does; they show up as `lost`."""
        first = self.next_sequence if self.lost is None else self.lost[0]
        self._jump(first, self.sequence + count)

    def declared(self) -> None:
        """The lost numbers have been declared by a signed record."""
        self.lost = None
        self._compact()

    def close(self) -> None:
        """A clean shutdown: what was reserved and not used may be used next time."""
        if not self._file.closed:
            self._write([_CLOSED], durable=True)
            self._file.close()

    def _jump(self, first: int, last: int) -> None:
        self.lost = (first, last)
        self.sequence = last
        self._compact()

    def _find_losses(self) -> None:
        if self._reserved > self.sequence and not self._was_closed and self._written_by != self._boot:
            first = self.next_sequence if self.lost is None else self.lost[0]
            self._jump(first, self._reserved)

    def _take_record(self, sequence: int, digest: bytes, envelope: bytes, tag: int) -> None:
        self.sequence, self.last_digest, self.tag = sequence, digest, tag
        self._unkept.setdefault(sequence, []).append(envelope)

    def _take_kept(self, sequence: int) -> None:
        self._kept = sequence
        while self._unkept and next(iter(self._unkept)) <= sequence:
            self._unkept.popitem(last=False)

    def _load(self) -> int:
        """Reads the file; the offset up to which it is good."""
        data = self.path.read_bytes() if self.path.exists() else b""
        good = 0
        for end, entry in _entries(data):
            self._take(entry)
            good = end
        if good < len(data):
            self._judge_tail(data, good)
        return good

    def _judge_tail(self, data: bytes, good: int) -> None:
        """A torn end is what a crash leaves; good entries after a bad one mean that the middle was damaged."""
        self._was_closed = False
        torn = data[good:]
        if self._reserved > self.sequence:
            self._written_by = ""  # whatever was lost lies inside the reserved block
        elif any(True for place in range(1, len(torn)) for _ in _entries(torn[place:])):
            raise FlashDamaged(str(self.path), good, "damaged before its end; replace the device's key")

    def _take(self, entry: list[Any]) -> None:
        kind, *rest = entry
        self._was_closed = kind == _CLOSED
        if kind == _RESERVED:
            self._reserved, self._written_by = rest
        elif kind == _RECORD:
            self._take_record(*rest)
        elif kind == _KEPT:
            self._take_kept(rest[0])
        elif kind == _STATE:
            self.sequence, self.last_digest, self.tag, self.boots, lost, self._kept = rest
            self.lost = tuple(lost) if lost else None

    def _state(self) -> list[Any]:
        lost = list(self.lost) if self.lost else []
        return [_STATE, self.sequence, self.last_digest, self.tag, self.boots, lost, self._kept]

    def _compact(self) -> None:
        """Writes the file anew: the state, then what is still to be taken over."""
        before = self.sequence, self.last_digest, self.tag
        entries: list[list[Any]] = []
        for sequence, envelopes in self._unkept.items():
            entries += [[_RECORD, sequence, ZERO_HASH, envelope, self.tag] for envelope in envelopes]
        entries.append(self._state())
        if self._reserve > 1:
            self._reserved = max(self._reserved, self.sequence)
            entries.append([_RESERVED, self._reserved, self._boot])
        temporary = self.path.with_name(f".{self.path.name}.new")
        with temporary.open("wb") as file:
            file.write(b"".join(_encode(entry) for entry in entries))
            file.flush()
            self._sync(file.fileno())
        self._file.close()
        temporary.replace(self.path)
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            self._sync(folder)
        finally:
            os.close(folder)
        self._file = self.path.open("r+b")
        self._file.seek(0, os.SEEK_END)
        self.sequence, self.last_digest, self.tag = before

    def _write(self, entry: list[Any], *, durable: bool) -> None:
        self._file.write(_encode(entry))
        self._file.flush()
        if durable:
            self._sync(self._file.fileno())


def _encode(entry: list[Any]) -> bytes:
    body = cbor2.dumps(entry)
    return len(body).to_bytes(4, "big") + zlib.crc32(body).to_bytes(4, "big") + body


def _entries(data: bytes) -> Iterator[tuple[int, list[Any]]]:
    """(end, entry) of each entry until the first that is cut short or does not match its check sum."""
    place = 0
    while place + _HEADER_BYTES <= len(data):
        start = place + _HEADER_BYTES
        end = start + int.from_bytes(data[place : place + 4], "big")
        body = data[start:end]
        if end > len(data) or end == start or zlib.crc32(body) != int.from_bytes(data[place + 4 : start], "big"):
            return
        yield end, cbor2.loads(body)
        place = end
