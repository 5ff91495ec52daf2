"""What must hold before the log signs anything: its own past, and the chain it copied (`proofs.md` sections 2.2, 3.1).

At start the last stored note must fit tree, subject map and action log, and the files must be those of SQL. At every
step the block the log stands at must still be what the indexer holds.
"""

from sqlalchemy import Connection, Table, select

from ledger_node.checkpoint.append import LogHead
from ledger_node.checkpoint.tile_folder import TileFolder, width_at
from ledger_node.domain.checkpoint_note import VerifierKey, log_signature_fits, parse_note
from ledger_node.domain.log_tile import TileTree, tiles_between
from ledger_node.domain.merkle import HASH_BYTES
from ledger_node.domain.subject_map import SubjectMap
from ledger_node.errors import LogContradictsItself
from ledger_node.store.actions import recomputed_head
from ledger_node.store.log import CheckpointNote, LogEntryRow, LogState
from ledger_node.store.log_reader import StoredNote, load_map, move_map, read_tile
from ledger_node.store.projections import Block

_BLOCK: Table = Block.__table__  # type: ignore[attr-defined]
_ENTRY: Table = LogEntryRow.__table__  # type: ignore[attr-defined]
_NOTE: Table = CheckpointNote.__table__  # type: ignore[attr-defined]
_STATE: Table = LogState.__table__  # type: ignore[attr-defined]


def check_stored_log(
    log: Connection, key: VerifierKey, head: LogHead, newest: StoredNote | None, folder: TileFolder
) -> SubjectMap:
    """The subject map at `head`, if everything fits. Raises LogContradictsItself naming what does not."""
    origin = key.name
    _require_one_origin(log, origin)
    tree = TileTree(lambda level, number: read_tile(log, level, number))
    _require(origin, "root of the tree", head.root, _root_or_none(tree, head.size))
    _check_files(log, origin, head.size, folder)
    _check_published(origin, head, folder, tree)
    if newest is None:
        subjects = load_map(log, head.size)
    else:
        _check_note(log, key, head, newest, tree)
        subjects = load_map(log, newest.size)
        _require(origin, "subjects in the note", newest.subjects, subjects.root())
        move_map(log, subjects, newest.size, head.size)
    _require(origin, "root of the subject map", head.subjects, subjects.root())
    return subjects


def contradicting_block(log: Connection, projections: Connection, head: LogHead) -> tuple[int, bytes, bytes] | None:
    """A block of the log that the chain has otherwise: number, hash in the log, hash on the chain; None if all fits.

    Blocks are linked by their hashes, so the newest block that both know decides for all below it.
    """
    newest = projections.execute(select(_BLOCK.c.number).order_by(_BLOCK.c.number.desc()).limit(1)).scalar()
    if newest is None:
        return None
    number, known = head.block_number, head.block_hash
    if newest < number:
        query = select(_ENTRY.c.block_number, _ENTRY.c.block_hash).where(_ENTRY.c.block_number <= newest)
        row = log.execute(query.order_by(_ENTRY.c.position.desc()).limit(1)).first()
        if row is None:
            return None
        number, known = row.block_number, row.block_hash
    found = projections.execute(select(_BLOCK.c.hash).where(_BLOCK.c.number == number)).scalar()
    return None if found is None or found == known else (number, known, found)


def _require_one_origin(log: Connection, origin: str) -> None:
    for column in (_STATE.c.origin, _NOTE.c.origin):
        other = log.execute(select(column).where(column != origin).limit(1)).scalar()
        if other is not None:
            raise LogContradictsItself(origin, f"the database holds the log of {other}; each origin has its own")


def _check_note(log: Connection, key: VerifierKey, head: LogHead, newest: StoredNote, tree: TileTree) -> None:
    origin, signed = key.name, newest.signed
    note = signed.note
    if not log_signature_fits(signed, [key]):
        raise LogContradictsItself(origin, f"the note of size {newest.size} is not signed by this log's key")
    _require(origin, "size of the note", newest.size, note.size)
    _require(origin, "subjects of the note", newest.subjects, note.subjects)
    if note.size > head.size or note.block > head.block_number:
        raise LogContradictsItself(
            origin,
            f"a note of size {note.size} at block {note.block}, a log of size {head.size} at {head.block_number}",
        )
    _require(origin, "root in the note", note.root, _root_or_none(tree, note.size))
    _require(origin, "actions in the note", note.actions_head, recomputed_head(log, note.actions))


def _check_files(log: Connection, origin: str, size: int, folder: TileFolder) -> None:
    """A missing file is written later; one with other bytes is a contradiction."""
    for level, number, width in tiles_between(0, size):
        if folder.has(level, number, width):
            expected = read_tile(log, level, number)[: width_at(size, level, number) * HASH_BYTES]
            _require(origin, f"tile {level}/{number}", expected, folder.read_tile(level, number, width))


def _check_published(origin: str, head: LogHead, folder: TileFolder, tree: TileTree) -> None:
    """What the world has seen must be a prefix of what we hold; a database from an older backup has less."""
    published = folder.published()
    if published is None:
        return
    note = parse_note(published).note
    if note.origin != origin or note.size > head.size:
        raise LogContradictsItself(
            origin, f"published: {note.origin} of size {note.size}; the database holds size {head.size}"
        )
    _require(origin, "root in the published file", note.root, _root_or_none(tree, note.size))


def _root_or_none(tree: TileTree, size: int) -> bytes | None:
    try:
        return tree.root(size)
    except LookupError:
        return None


def _require(origin: str, what: str, expected: bytes | int, found: bytes | int | None) -> None:
    if expected != found:
        shown = [value.hex() if isinstance(value, bytes) else str(value) for value in (expected, found)]
        raise LogContradictsItself(origin, f"{what}: expected {shown[0][:64]}, found {shown[1][:64]}")
