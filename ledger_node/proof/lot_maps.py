"""The lot maps of streams as of a pin, from the journal's mentions (`proofs.md` section 5.4).

One map a stream is kept in memory and moved forward pin by pin; asked for an older pin it is built anew.
"""

from collections.abc import Iterable
from threading import RLock

from sqlalchemy import Table, select

from ledger_node.domain.lot_map import LotMap, LotState, map_key
from ledger_node.domain.sparse_tree import SparseProof
from ledger_node.store.database import Database
from ledger_node.store.journal import LotMention

_MENTION: Table = LotMention.__table__  # type: ignore[attr-defined]


class LotMaps:
    """Places of lots in the lot maps of all streams."""

    def __init__(self, journal: Database) -> None:
        self._journal = journal
        self._lock = RLock()
        self._maps: dict[str, tuple[int, LotMap]] = {}

    def proof(self, stream: str, sequence: int, lot_key: bytes) -> tuple[SparseProof, LotState | None]:
        """The lot's siblings as of pin `sequence`, and the state of the key found in its place."""
        with self._lock:
            current = self._at(stream, sequence)
            found = current.proof(lot_key)
            if found.other_key is None:
                return found, None
            return found, next(state for key, state in current.states.items() if map_key(key) == found.other_key)

    def mentions(self, stream: str, sequence: int, lot_key: bytes) -> list[tuple[int, bytes, int]]:
        """(record id, record hash, share in grams) of every record up to pin `sequence` that names the lot."""
        query = (
            select(_MENTION.c.record_id, _MENTION.c.record_hash, _MENTION.c.share_grams)
            .where(_MENTION.c.stream == stream, _MENTION.c.lot_key == lot_key, _MENTION.c.batch_sequence <= sequence)
            .order_by(_MENTION.c.number)
        )
        with self._journal.read() as connection:
            return [(row.record_id, row.record_hash, row.share_grams) for row in connection.execute(query)]

    def _at(self, stream: str, sequence: int) -> LotMap:
        known = self._maps.get(stream)
        if known is None or known[0] > sequence:
            known = (0, LotMap())
        if known[0] < sequence:
            for record_hash, lot_key, share in self._between(stream, known[0], sequence):
                known[1].add(record_hash, [(lot_key, share)])
            known = (sequence, known[1])
            self._maps[stream] = known
        return known[1]

    def _between(self, stream: str, after: int, upto: int) -> Iterable[tuple[bytes, bytes, int]]:
        query = (
            select(_MENTION.c.record_hash, _MENTION.c.lot_key, _MENTION.c.share_grams)
            .where(_MENTION.c.stream == stream, _MENTION.c.batch_sequence > after, _MENTION.c.batch_sequence <= upto)
            .order_by(_MENTION.c.batch_sequence, _MENTION.c.number)
        )
        with self._journal.read() as connection:
            return [(row.record_hash, row.lot_key, row.share_grams) for row in connection.execute(query)]
