"""Reading the checkpoint log for proofs: notes, entries, tree hashes, histories of subjects, the subject map.

Everything here is as of a *size*: the log may have grown past the note that a proof is issued against. Only the
checkpoint process writes these tables (`ledger_node.checkpoint`), and it only ever appends.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from threading import RLock

from sqlalchemy import Connection, Row, Table, func, select

from ledger_node.domain.checkpoint_note import SignedNote, parse_note
from ledger_node.domain.log_tile import TileTree
from ledger_node.domain.merkle import MAXIMUM_SIZE, consistency_ranges, node_ranges
from ledger_node.domain.sparse_tree import SparseProof
from ledger_node.domain.subject_map import SubjectMap, SubjectState
from ledger_node.store.database import Database
from ledger_node.store.log import CheckpointNote, LogEntryRow, LogTile, Subject, SubjectEntry

_ENTRY: Table = LogEntryRow.__table__  # type: ignore[attr-defined]
_TILE: Table = LogTile.__table__  # type: ignore[attr-defined]
_NOTE: Table = CheckpointNote.__table__  # type: ignore[attr-defined]
_SUBJECT: Table = Subject.__table__  # type: ignore[attr-defined]
_SUBJECT_ENTRY: Table = SubjectEntry.__table__  # type: ignore[attr-defined]
_KEYS_IN_ONE_QUERY = 500


@dataclass(frozen=True, slots=True)
class StoredNote:
    """A signed note with what it says; `whole` is the file with all signature lines. `id` grows with every note."""

    id: int
    origin: str
    size: int
    root: bytes
    block_number: int
    block_hash: bytes
    subjects: bytes
    actions_count: int
    actions_head: bytes
    whole: str
    signed_at_ms: int
    published_at_ms: int | None

    @property
    def signed(self) -> SignedNote:
        """The note as parsed from `whole`."""
        return parse_note(self.whole)


@dataclass(frozen=True, slots=True)
class SubjectStep:
    """One entry of a subject's history: the entry's position in the log, and count and head after it."""

    position: int
    state: SubjectState


@dataclass(frozen=True, slots=True)
class SubjectProof:
    """A key's place in the map as of a size: its state (None: absent), the siblings, and who sits there instead."""

    key: bytes
    state: SubjectState | None
    siblings: tuple[bytes, ...]
    other: tuple[bytes, SubjectState] | None


class LogReader:
    """The log's notes, entries, proofs and histories. Safe between threads; keeps the tiles it used last."""

    def __init__(self, log: Database) -> None:
        self._log = log
        self.tree = TileTree(self._read_tile)

    def newest_published(self, origin: str | None = None) -> StoredNote | None:
        """The newest note whose quorum was met: the one that proofs are issued against."""
        query = select(_NOTE).where(_NOTE.c.published_at_ms.is_not(None))
        return self._note(query if origin is None else query.where(_NOTE.c.origin == origin))

    def newest_signed(self, origin: str | None = None) -> StoredNote | None:
        """The newest note, published or not."""
        query = select(_NOTE)
        return self._note(query if origin is None else query.where(_NOTE.c.origin == origin))

    def published_at_size(self, size: int) -> StoredNote | None:
        """The newest published note of exactly this size, as for a consistency proof from an old checkpoint."""
        return self._note(select(_NOTE).where(_NOTE.c.published_at_ms.is_not(None), _NOTE.c.size == size))

    def published_covering(self, position: int) -> StoredNote | None:
        """The first published note that covers the entry at `position`; None while it waits for one."""
        query = select(_NOTE).where(_NOTE.c.published_at_ms.is_not(None), _NOTE.c.size > position)
        with self._log.read() as connection:
            row = connection.execute(query.order_by(_NOTE.c.id).limit(1)).first()
        return None if row is None else _stored_note(row)

    def position(self, block_number: int, log_index: int) -> int | None:
        """Where the event (its index in the block) stands in the log; None while it is not in."""
        query = select(_ENTRY.c.position).where(_ENTRY.c.block_number == block_number, _ENTRY.c.log_index == log_index)
        with self._log.read() as connection:
            return connection.execute(query).scalar()

    def entry(self, position: int) -> bytes:
        """The entry's bytes. Raises LookupError when the log is shorter."""
        return self.entries([position])[position]

    def entries(self, positions: Iterable[int]) -> dict[int, bytes]:
        """Position → entry's bytes. Raises LookupError when one is not there."""
        wanted = sorted(set(positions))
        found: dict[int, bytes] = {}
        with self._log.read() as connection:
            for start in range(0, len(wanted), _KEYS_IN_ONE_QUERY):
                part = wanted[start : start + _KEYS_IN_ONE_QUERY]
                query = select(_ENTRY.c.position, _ENTRY.c.encoded).where(_ENTRY.c.position.in_(part))
                found.update((row.position, row.encoded) for row in connection.execute(query))
        if missing := [position for position in wanted if position not in found]:
            raise LookupError(f"the log has no entry {missing[0]}")
        return found

    def subtree(self, level: int, number: int) -> bytes:
        """Hash of the complete subtree over entries [number·2^level, (number + 1)·2^level)."""
        return self.tree.subtree(level, number)

    def root(self, size: int) -> bytes:
        """Root of the first `size` entries."""
        return self.tree.root(size)

    def nodes_proof(self, positions: Sequence[int], size: int) -> list[bytes]:
        """One proof for all of `positions` (ascending) in the tree of `size`; `merkle.fold_nodes` folds it."""
        return [self.tree.range_hash(start, end) for start, end in node_ranges(positions, size)]

    def consistency(self, old_size: int, new_size: int) -> list[bytes]:
        """Proof that the log of `old_size` is a prefix of that of `new_size` (RFC 9162 section 2.1.4)."""
        return [self.tree.range_hash(start, end) for start, end in consistency_ranges(old_size, new_size)]

    def history(self, key: bytes, size: int, *, skip: int = 0) -> list[SubjectStep]:
        """What was said about a subject (`subject_map.subject_key`) in a log of `size`, without the first `skip`."""
        query = (
            select(_SUBJECT_ENTRY.c.position, _SUBJECT_ENTRY.c.number, _SUBJECT_ENTRY.c.head)
            .where(_SUBJECT_ENTRY.c.key == key, _SUBJECT_ENTRY.c.position < size, _SUBJECT_ENTRY.c.number >= skip)
            .order_by(_SUBJECT_ENTRY.c.number)
        )
        with self._log.read() as connection:
            rows = connection.execute(query).all()
        return [SubjectStep(row.position, SubjectState(row.number + 1, row.head)) for row in rows]

    def state(self, key: bytes, size: int) -> SubjectState | None:
        """Count and head of a subject in a log of `size`; None when nothing was said about it."""
        with self._log.read() as connection:
            return states_at(connection, [key], size).get(key)

    def state_before(self, key: bytes, number: int) -> SubjectState:
        """Count and head of a subject before its entry `number` (counted from 0): the start of a tail."""
        if number == 0:
            return SubjectState()
        query = select(_SUBJECT_ENTRY.c.head).where(_SUBJECT_ENTRY.c.key == key, _SUBJECT_ENTRY.c.number == number - 1)
        with self._log.read() as connection:
            head = connection.execute(query).scalar()
        if head is None:
            raise LookupError(f"the subject has no entry {number - 1}")
        return SubjectState(number, head)

    def _note(self, query: object) -> StoredNote | None:
        with self._log.read() as connection:
            row = connection.execute(query.order_by(_NOTE.c.id.desc()).limit(1)).first()  # type: ignore[attr-defined]
        return None if row is None else _stored_note(row)

    def _read_tile(self, level: int, number: int) -> bytes:
        with self._log.read() as connection:
            return read_tile(connection, level, number)


class SubjectMapReader:
    """The subject map in memory, as of any size: proofs that a history is whole, or that nothing was ever said.

    It moves to the size it is asked for, at the price of what changed between; asking for the newest note's size, as
    bundles do, costs nothing most of the time.
    """

    def __init__(self, log: Database) -> None:
        self._log = log
        self._lock = RLock()
        self._map: SubjectMap | None = None
        self._size = 0

    def root(self, size: int) -> bytes:
        """The map's root in a log of `size`."""
        with self._lock:
            return self._at(size).root()

    def proof(self, key: bytes, size: int) -> SubjectProof:
        """The key's state and place in the map of a log of `size`, whether it is there or not."""
        with self._lock:
            subjects = self._at(size)
            found: SparseProof = subjects.proof(key)
            other = None if found.other_key is None else (found.other_key, subjects.states[found.other_key])
            return SubjectProof(key, subjects.states.get(key), found.siblings, other)

    def _at(self, size: int) -> SubjectMap:
        with self._log.read() as connection:
            length = connection.execute(select(func.max(_ENTRY.c.position))).scalar()
            if size > (0 if length is None else length + 1):
                raise LookupError(f"the log has {0 if length is None else length + 1} entries, not {size}")
            if self._map is None:
                self._map, self._size = load_map(connection, size), size
            elif size != self._size:
                move_map(connection, self._map, self._size, size)
                self._size = size
        return self._map


def load_map(connection: Connection, size: int) -> SubjectMap:
    """The subject map of a log of `size`, from the stored leaves."""
    rows = connection.execute(select(_SUBJECT.c.key, _SUBJECT.c.count.label("entries"), _SUBJECT.c.head))
    subjects = SubjectMap({row.key: SubjectState(row.entries, row.head) for row in rows})
    # Without an upper end: on PostgreSQL each query sees what was committed when it began.
    move_map(connection, subjects, MAXIMUM_SIZE, size)
    return subjects


def move_map(connection: Connection, subjects: SubjectMap, old_size: int, new_size: int) -> None:
    """Brings a map from one size of the log to another, forward or back."""
    low, high = sorted((old_size, new_size))
    query = select(_SUBJECT_ENTRY.c.key).where(_SUBJECT_ENTRY.c.position >= low, _SUBJECT_ENTRY.c.position < high)
    keys = list(dict.fromkeys(connection.execute(query).scalars()))
    states = states_at(connection, keys, new_size)
    subjects.put(states)
    subjects.discard(key for key in keys if key not in states)


def states_at(connection: Connection, keys: Sequence[bytes], size: int) -> dict[bytes, SubjectState]:
    """The states of those of `keys` that a log of `size` knows."""
    states: dict[bytes, SubjectState] = {}
    for start in range(0, len(keys), _KEYS_IN_ONE_QUERY):
        last = (
            select(_SUBJECT_ENTRY.c.key, func.max(_SUBJECT_ENTRY.c.number).label("number"))
            .where(_SUBJECT_ENTRY.c.key.in_(keys[start : start + _KEYS_IN_ONE_QUERY]), _SUBJECT_ENTRY.c.position < size)
            .group_by(_SUBJECT_ENTRY.c.key)
            .subquery()
        )
        query = select(_SUBJECT_ENTRY.c.key, _SUBJECT_ENTRY.c.number, _SUBJECT_ENTRY.c.head).join(
            last, (last.c.key == _SUBJECT_ENTRY.c.key) & (last.c.number == _SUBJECT_ENTRY.c.number)
        )
        states.update((row.key, SubjectState(row.number + 1, row.head)) for row in connection.execute(query))
    return states


def read_tile(connection: Connection, level: int, number: int) -> bytes:
    """A tile's hashes. Raises LookupError when there is no such tile."""
    query = select(_TILE.c.hashes).where(_TILE.c.level == level, _TILE.c.number == number)
    hashes: bytes | None = connection.execute(query).scalar()
    if hashes is None:
        raise LookupError(f"the log has no tile {level}/{number}")
    return hashes


def _stored_note(row: Row[tuple[object, ...]]) -> StoredNote:
    values = dict(row._mapping)  # pyright: ignore[reportPrivateUsage]
    values["whole"] = values.pop("text")
    return StoredNote(**values)
