"""Tables of the checkpoint log: entries, tiles, subjects, signed notes (`proofs.md` sections 2.2, 2.3, 3)."""

# pyright: reportAssignmentType=false, reportIncompatibleVariableOverride=false
# SQLModel reads `__tablename__` and `metadata` as plain values; its stubs say otherwise.

from typing import Any

from sqlalchemy import BigInteger, Column, Index, MetaData, UniqueConstraint
from sqlmodel import Field, SQLModel

from ledger_node.store.types import Bytes, Id

log_metadata = MetaData()


class LogTable(SQLModel):
    """Base of every table of the log database."""

    metadata = log_metadata


def _bytes(*, nullable: bool = False, primary_key: bool = False) -> Any:
    return Field(sa_column=Column(Bytes, nullable=nullable, primary_key=primary_key))


def _big(*, nullable: bool = False, primary_key: bool = False) -> Any:
    return Field(sa_column=Column(BigInteger, nullable=nullable, primary_key=primary_key))


class LogEntryRow(LogTable, table=True):
    """One event of a final block, encoded; `position` is its index in the tree."""

    __tablename__ = "entry"
    __table_args__ = (
        UniqueConstraint("block_number", "log_index"),
        Index("entry_by_subject", "address", "topic1"),
    )
    position: int = _big(primary_key=True)
    encoded: bytes = _bytes()
    block_number: int = _big()
    block_hash: bytes = _bytes()
    log_index: int
    address: bytes = _bytes()
    topic0: bytes | None = _bytes(nullable=True)
    topic1: bytes | None = _bytes(nullable=True)
    topic2: bytes | None = _bytes(nullable=True)
    topic3: bytes | None = _bytes(nullable=True)


class LogTile(LogTable, table=True):
    """A tile of the tree (`ledger_node.domain.log_tile`): up to 256 hashes, joined; the last of a level grows."""

    __tablename__ = "tile"
    level: int = Field(primary_key=True)
    number: int = _big(primary_key=True)
    hashes: bytes = _bytes()


class Subject(LogTable, table=True):
    """The present leaf of one subject in the subject map."""

    __tablename__ = "subject"
    key: bytes = _bytes(primary_key=True)
    address: bytes = _bytes()
    topic: bytes = _bytes()
    count: int = _big()
    head: bytes = _bytes()


class SubjectEntry(LogTable, table=True):
    """The history of a subject: its n-th entry and the head after it; gives any past state of the map."""

    __tablename__ = "subject_entry"
    __table_args__ = (Index("subject_entry_by_position", "position"),)
    key: bytes = _bytes(primary_key=True)
    number: int = _big(primary_key=True)
    position: int = _big()
    head: bytes = _bytes()


class CheckpointNote(LogTable, table=True):
    """A signed note; `published_at_ms` is set once the witnesses' quorum is met."""

    __tablename__ = "note"
    __table_args__ = (UniqueConstraint("origin", "size", "block_number"),)
    id: int | None = Field(default=None, sa_column=Column(Id, primary_key=True, autoincrement=True))
    origin: str
    size: int = _big()
    root: bytes = _bytes()
    block_number: int = _big()
    block_hash: bytes = _bytes()
    subjects: bytes = _bytes()
    actions_count: int = _big()
    actions_head: bytes = _bytes()
    text: str
    signed_at_ms: int = _big()
    published_at_ms: int | None = _big(nullable=True)


class LogState(LogTable, table=True):
    """How far the log has come (roots of the tree and the subject map there), and why it stopped, if it did."""

    __tablename__ = "log_state"
    origin: str = Field(primary_key=True)
    size: int = _big()
    root: bytes = _bytes()
    subjects: bytes = _bytes()
    block_number: int = _big()
    block_hash: bytes = _bytes()
    stopped_reason: str = ""


class Action(LogTable, table=True):
    """The operator's hash-chained log of privileged actions (`engineering.md` section 6)."""

    __tablename__ = "action"
    number: int = _big(primary_key=True)
    at_ms: int = _big()
    actor: str
    action: str
    subject: str
    detail: str
    head: bytes = _bytes()


class Lease(LogTable, table=True):
    """Which process may sign checkpoints."""

    __tablename__ = "lease"
    name: str = Field(primary_key=True)
    holder: str
    fencing: int = _big()
    expires_at_ms: int = _big()
