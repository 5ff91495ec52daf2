"""Batch files in the content store: put before the commit, pinned after it.

A file without a batch row is garbage after 24 h, so the pin comes second; what a crash between the two left unpinned is
pinned when a sealer takes over.
"""

import io
from typing import Final

import structlog
from sqlalchemy import Connection, select

from ledger_node.content.cid import Cid, raw_cid
from ledger_node.content.content_store import ContentStore, PinReason, ReasonKind
from ledger_node.domain.batch import NO_CONTENT, pin_key
from ledger_node.errors import ContentAltered, ContentMissing
from ledger_node.sealing.batch_builder import BuiltBatch
from ledger_node.store.journal import Batch

PIN_DEADLINE_SECONDS: Final = 5.0
_BATCH = Batch.__table__  # type: ignore[attr-defined]
_log = structlog.get_logger("sealer")


def put_file(store: ContentStore, built: BuiltBatch) -> None:
    """Makes a batch's file durable. ContentMismatch when the store answers with another name."""
    store.put(io.BytesIO(built.file), expect=raw_cid(built.pin.content))


def keep_file(store: ContentStore, stream: str, sequence: int, cid: Cid) -> None:
    """Keeps a batch's file from the garbage collection."""
    reason = PinReason(ReasonKind.EVENT, pin_key(stream, sequence))
    store.pin(cid, reason, deadline_seconds=PIN_DEADLINE_SECONDS)


def pin_all_files(connection: Connection, store: ContentStore) -> list[Cid]:
    """Pins the files of all batches that are not pinned yet; gives back those that are missing or altered."""
    pinned = {pin.cid for pin in store.pins()}
    query = select(_BATCH.c.stream, _BATCH.c.sequence, _BATCH.c.content).where(_BATCH.c.content != NO_CONTENT)
    lost: list[Cid] = []
    for row in connection.execute(query).all():
        cid = raw_cid(row.content)
        if cid in pinned:
            continue
        try:
            keep_file(store, row.stream, row.sequence, cid)
        except (ContentMissing, ContentAltered):
            _log.warning("batch file missing", stream=row.stream, sequence=row.sequence, cid=str(cid))
            lost.append(cid)
    return lost
