"""Where a record belongs in its device's chain: new, filling a gap, kept already, or a fork of one that is kept."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select, tuple_

from ledger_node.domain.device_chain import Link, Neighbours, contiguous_end, extend, fill, with_contiguous
from ledger_node.domain.envelope import Envelope
from ledger_node.domain.judge import FINE, Finding
from ledger_node.domain.record import Reason
from oracles.ingest.reading import Reading
from oracles.ingest.rows import RECORD
from oracles.ingest.standing import Standing, Standings

_KEY_NOT_VALID = frozenset({Reason.KEY_NOT_VALID_THEN, Reason.REVOKED})
_QUERY_SIZE = 400


class Kept(NamedTuple):
    """A record that is in the journal, or will be with this transaction."""

    id: int
    digest: bytes
    record_hash: bytes
    verdict: int
    reason: int
    kind: str
    envelope: bytes


class Places:
    """The records of one transaction beside those of the journal, by device and sequence."""

    def __init__(self, connection: Connection, standings: Standings, readings: Sequence[Reading]) -> None:
        self._connection = connection
        self._standings = standings
        self._kept: dict[tuple[str, int], list[Kept]] = {}
        old = {
            (one.device, one.sequence) for one in readings if one.sequence <= standings.device(one.device).head.sequence
        }
        self._read(sorted(old))

    def _read(self, places: Sequence[tuple[str, int]]) -> None:
        c = RECORD.c
        columns = (c.device, c.sequence, c.id, c.digest, c.record_hash, c.verdict, c.reason, c.kind, c.envelope)
        for start in range(0, len(places), _QUERY_SIZE):
            part = places[start : start + _QUERY_SIZE]
            query = select(*columns).where(tuple_(c.device, c.sequence).in_(part)).order_by(c.id)
            for row in self._connection.execute(query):
                self._kept.setdefault((row[0], row[1]), []).append(Kept(*row[2:]))

    def add(self, reading: Reading, kept: Kept) -> None:
        """A record was journaled."""
        self._kept.setdefault((reading.device, reading.sequence), []).append(kept)

    def is_kept(self, reading: Reading) -> bool:
        """Whether this very record is kept already."""
        return any(one.digest == reading.digest for one in self._kept.get((reading.device, reading.sequence), ()))

    def forked(self, reading: Reading) -> Kept | None:
        """The kept record that this one contradicts: same number, other digest, both keys valid in their time."""
        if reading.early is not None and reading.early.reason in _KEY_NOT_VALID:
            return None
        kept = self._kept.get((reading.device, reading.sequence), ())
        return next((one for one in kept if one.reason not in _KEY_NOT_VALID), None)

    def is_forked(self, reading: Reading) -> bool:
        """Whether this number was forked before."""
        return any(one.reason == Reason.FORK for one in self._kept.get((reading.device, reading.sequence), ()))

    def place(self, standing: Standing, reading: Reading) -> Finding:
        """Moves the device's head and says whether the record joins its chain."""
        declared = None
        if reading.kind == "gap" and reading.plausible is None:
            declared = (reading.payload["from_sequence"], min(reading.payload["to_sequence"], reading.sequence - 1))
        link = Link(reading.sequence, reading.digest, reading.previous_hash, reading.key_epoch, declared)
        head = standing.head
        if reading.sequence > head.sequence:
            head, finding = extend(head, link)
        elif head.misses(reading.sequence):
            head, finding = fill(head, link, self._neighbours(reading))
        else:
            # Its number is taken by a record whose key was not valid, or was declared lost: it joins beside it.
            finding = self._beside(reading)
        end = contiguous_end(head)
        if end == head.contiguous_sequence:
            standing.head = head
        elif end == head.sequence:
            standing.head = with_contiguous(head, head.digest)
        else:
            standing.head = with_contiguous(head, self._digest_at(reading.device, end, reading))
        return finding

    def _beside(self, reading: Reading) -> Finding:
        before = self._neighbours(reading).before
        if before is None or before == reading.previous_hash:
            return FINE
        return Finding(Reason.CHAIN_BREAK, f"previousHash is 0x{reading.previous_hash.hex()}, not 0x{before.hex()}")

    def _neighbours(self, reading: Reading) -> Neighbours:
        before = self._digest_at(reading.device, reading.sequence - 1, reading)
        after = self._one(reading.device, reading.sequence + 1)
        return Neighbours(before, Envelope.from_cbor(after.envelope).previous_hash if after is not None else None)

    def _digest_at(self, device: str, sequence: int, current: Reading) -> bytes | None:
        if sequence == current.sequence:
            return current.digest
        kept = self._one(device, sequence)
        return kept.digest if kept is not None else None

    def _one(self, device: str, sequence: int) -> Kept | None:
        """The record of this number that stands in the chain."""
        if (device, sequence) not in self._kept:
            self._read([(device, sequence)])
        kept = self._kept.get((device, sequence), ())
        return next((one for one in kept if one.reason not in _KEY_NOT_VALID), kept[0] if kept else None)
