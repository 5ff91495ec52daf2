"""The lot map of each stream, kept in memory between batches and in `lot_map_leaf` and `lot_mention` for ever.

A map is taken from the table when first asked for, and again after anything went wrong: what a failed commit left in
memory is not trusted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, insert, select

from ledger_node.domain.lot_map import LotMap, LotState
from ledger_node.errors import JournalContradictsItself
from ledger_node.sealing.unsealed import Tail, UnsealedRecord
from ledger_node.store.journal import LotMapLeaf, LotMention
from ledger_node.store.upsert import upsert

_LEAF = LotMapLeaf.__table__  # type: ignore[attr-defined]
_MENTION = LotMention.__table__  # type: ignore[attr-defined]


@dataclass(slots=True)
class LotChanges:
    """What one batch does to its stream's map; rows still without stream and batch."""

    root: bytes
    leaves: dict[bytes, LotState] = field(default_factory=dict[bytes, LotState])
    mentions: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])


class LotMaps:
    """The maps of all streams one sealer works on."""

    def __init__(self) -> None:
        self._maps: dict[str, LotMap] = {}

    def forget(self, stream: str | None = None) -> None:
        """Drops one map, or all; the table has the truth."""
        if stream is None:
            self._maps.clear()
        else:
            self._maps.pop(stream, None)

    def take_in(
        self,
        connection: Connection,
        stream: str,
        tail: Tail,
        records: Sequence[UnsealedRecord],
        lots: Mapping[int, Sequence[tuple[bytes, int]]],
    ) -> LotChanges:
        """Adds records in leaf order. JournalContradictsItself when the stored map is not the last pin's."""
        known = self._maps.get(stream)
        if known is None:
            known = self._maps[stream] = _load(connection, stream)
            if known.root() != tail.lots:
                del self._maps[stream]
                raise JournalContradictsItself(stream, "the stored lot map is not the one of the newest batch")
        changes = LotChanges(b"")
        for record in records:
            named = lots.get(record.id, ())
            shares = dict(named)
            for lot_key, state in known.add(record.record_hash, named).items():
                changes.leaves[lot_key] = state
                changes.mentions.append(
                    {
                        "lot_key": lot_key,
                        "number": state.count,
                        "record_id": record.id,
                        "record_hash": record.record_hash,
                        "share_grams": shares[lot_key],
                    }
                )
        changes.root = known.root()
        return changes


def write_changes(connection: Connection, stream: str, batch_sequence: int, changes: LotChanges) -> None:
    """Writes what `take_in` found, in the transaction of the batch."""
    upsert(
        connection,
        _LEAF,
        [
            {"stream": stream, "lot_key": lot_key, "count": state.count, "mass": state.mass, "head": state.head}
            for lot_key, state in changes.leaves.items()
        ],
    )
    if changes.mentions:
        rows = [{"stream": stream, "batch_sequence": batch_sequence, **mention} for mention in changes.mentions]
        connection.execute(insert(_MENTION), rows)


def _load(connection: Connection, stream: str) -> LotMap:
    rows = connection.execute(select(_LEAF).where(_LEAF.c.stream == stream)).mappings()
    return LotMap({row["lot_key"]: LotState(row["count"], row["mass"], row["head"]) for row in rows})
