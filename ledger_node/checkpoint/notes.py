"""Signed notes as rows: what is inserted when a checkpoint is signed, and marked when it is published."""

from sqlalchemy import Connection, Table, insert, update

from ledger_node.domain.checkpoint_note import SignedNote
from ledger_node.store.log import CheckpointNote

_NOTE: Table = CheckpointNote.__table__  # type: ignore[attr-defined]


def insert_note(connection: Connection, signed: SignedNote, *, at_ms: int) -> None:
    """Stores a note before anybody sees it; (origin, size, block) is unique."""
    note = signed.note
    connection.execute(
        insert(_NOTE).values(
            origin=note.origin,
            size=note.size,
            root=note.root,
            block_number=note.block,
            block_hash=note.block_hash,
            subjects=note.subjects,
            actions_count=note.actions,
            actions_head=note.actions_head,
            text=signed.whole(),
            signed_at_ms=at_ms,
        )
    )


def mark_published(connection: Connection, note_id: int, whole: str, *, at_ms: int) -> None:
    """Notes that the published file holds this note, with the witnesses' lines it has now."""
    connection.execute(update(_NOTE).where(_NOTE.c.id == note_id).values(text=whole, published_at_ms=at_ms))
