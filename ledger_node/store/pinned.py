"""What the chain has pinned for one batch, by the indexer's projection."""

from sqlalchemy import Table, select

from ledger_node.domain.record import name_hash
from ledger_node.store.database import Database
from ledger_node.store.projections import Pin

_PIN: Table = Pin.__table__  # type: ignore[attr-defined]


def pinned_content(projections: Database, stream: str, sequence: int) -> bytes | None:
    """SHA-256 of the batch's file, None where no such pin is indexed."""
    with projections.read() as connection:
        found: bytes | None = connection.execute(
            select(_PIN.c.content).where(_PIN.c.stream == name_hash(stream), _PIN.c.sequence == sequence)
        ).scalar()
    return found
