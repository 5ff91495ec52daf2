"""Making a batch file again from the journal: the same records, keys and header give the same bytes and CID.

For files that every store has lost (`content.md` sections 8 and 11), and to show that the journal still holds what
was pinned.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, select

from ledger_node.content.cid import Cid, raw_cid
from ledger_node.content.content_keys import ContentKey, ContentKeys
from ledger_node.content.content_store import ContentStore
from ledger_node.domain.batch import NO_CONTENT, BatchHeader
from ledger_node.errors import ContentMismatch, ContentMissing, JournalContradictsItself
from ledger_node.sealing.batch_builder import BuiltBatch, build_batch
from ledger_node.sealing.kept_files import keep_file, put_file
from ledger_node.sealing.unsealed import unsealed
from ledger_node.store.database import Stores
from ledger_node.store.journal import Batch, SealedRow

_BATCH = Batch.__table__  # type: ignore[attr-defined]
_SEALED_ROW = SealedRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class BatchId:
    """Which batch."""

    stream: str
    sequence: int


def rebuild_batch_file(stores: Stores, batch: BatchId, keys: ContentKeys) -> tuple[Cid, bytes]:
    """The file's name and bytes.

    ContentMissing for an unknown batch or a heartbeat, which has no file; ContentKeyMissing when a subject's key was
    destroyed; JournalContradictsItself or ContentMismatch when the journal no longer holds what was pinned.
    """
    built = _checked(stores, batch, keys)
    return raw_cid(built.pin.content), built.file


def restore_batch_file(stores: Stores, batch: BatchId, keys: ContentKeys, store: ContentStore) -> Cid:
    """Puts the rebuilt file back into a store and keeps it; errors as above."""
    built = _checked(stores, batch, keys)
    cid = raw_cid(built.pin.content)
    put_file(store, built)
    keep_file(store, batch.stream, batch.sequence, cid)
    return cid


def _checked(stores: Stores, batch: BatchId, keys: ContentKeys) -> BuiltBatch:
    with stores.journal.read() as connection:
        row = _batch_row(connection, batch)
        built = _rebuild(connection, row, keys)
    if built.pin.content != row["content"]:
        raise ContentMismatch(str(raw_cid(row["content"])), str(raw_cid(built.pin.content)), "the journal")
    return built


def _batch_row(connection: Connection, batch: BatchId) -> RowMapping:
    query = select(_BATCH).where(_BATCH.c.stream == batch.stream, _BATCH.c.sequence == batch.sequence)
    row = connection.execute(query).mappings().first()
    if row is None or row["content"] == NO_CONTENT:
        raise ContentMissing(f"batch {batch.stream}/{batch.sequence}", "the journal: unknown, or a heartbeat")
    return row


def _rebuild(connection: Connection, row: RowMapping, keys: ContentKeys) -> BuiltBatch:
    names = BatchHeader.__slots__
    header = BatchHeader(**{name: row[name] for name in names})
    records = unsealed(connection, header.stream, row["first_position"], row["count"])
    if len(records) != row["count"]:
        raise JournalContradictsItself(header.stream, f"{len(records)} of {row['count']} records of the batch are here")
    return build_batch(header, records, _keys_of(connection, [one.id for one in records], keys))


def _keys_of(connection: Connection, ids: list[int], keys: ContentKeys) -> dict[int, ContentKey]:
    found: dict[int, ContentKey] = {}
    for start in range(0, len(ids), 500):
        query = select(_SEALED_ROW).where(_SEALED_ROW.c.record_id.in_(ids[start : start + 500]))
        for row in connection.execute(query):
            found[row.record_id] = keys.by_id(row.key_id)
    return found
