"""`index.sqlite` of a local store: what is pinned and why, and how much each party uses.

Disposable: blocks, chain events and journal say the same, and `tidemark content reindex` fills it again from them.
"""

import sqlite3
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final

from ledger_node.content.cid import Cid
from ledger_node.content.content_store import Pin, PinReason, ReasonKind
from ledger_node.errors import ContentQuotaExceeded

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS pin (
  cid BLOB NOT NULL, kind TEXT NOT NULL, reference TEXT NOT NULL, party TEXT NOT NULL, length INTEGER NOT NULL,
  PRIMARY KEY (cid, kind, reference)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS pin_by_party ON pin (party, cid);
"""


@dataclass(frozen=True, slots=True)
class Quota:
    """What one party may have pinned: bytes and files; what two parties pin counts for both."""

    length: int
    files: int


class ContentIndex:
    """The index as one process sees it; safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
        self._lock = threading.Lock()
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.executescript(_SCHEMA)

    def add(self, cid: Cid, reason: PinReason, length: int, quota: Quota | None) -> None:
        """Adds a reason. ContentQuotaExceeded when the reason's party would go over its quota."""
        with self._writing() as connection:
            if quota is not None:
                self._require_room(connection, cid, reason.party, length, quota)
            connection.execute(
                "INSERT INTO pin VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET party = excluded.party",
                (cid.to_bytes(), reason.kind.value, reason.reference, reason.party, length),
            )

    def remove(self, cid: Cid, reason: PinReason) -> None:
        """Takes a reason away."""
        with self._writing() as connection:
            connection.execute(
                "DELETE FROM pin WHERE cid = ? AND kind = ? AND reference = ?",
                (cid.to_bytes(), reason.kind.value, reason.reference),
            )

    def pins(self) -> list[Pin]:
        """All pins with their reasons, in the order of identifiers."""
        with self._lock:
            rows = self._connection.execute("SELECT cid, kind, reference, party FROM pin ORDER BY 1, 2, 3").fetchall()
        return [
            Pin(Cid.from_bytes(cid), tuple(PinReason(ReasonKind(kind), text, party) for _, kind, text, party in same))
            for cid, same in groupby(rows, key=lambda row: row[0])
        ]

    def used(self, party: str) -> Quota:
        """Bytes and files that a party's reasons keep."""
        with self._lock:
            return self._used(self._connection, party)

    def clear(self) -> None:
        """Forgets all pins, before they are read in again."""
        with self._writing() as connection:
            connection.execute("DELETE FROM pin")

    def close(self) -> None:
        """Closes the file."""
        self._connection.close()

    def _used(self, connection: sqlite3.Connection, party: str) -> Quota:
        length, files = connection.execute(
            "SELECT COALESCE(SUM(length), 0), COUNT(*) FROM (SELECT DISTINCT cid, length FROM pin WHERE party = ?)",
            (party,),
        ).fetchone()
        return Quota(length, files)

    def _require_room(self, connection: sqlite3.Connection, cid: Cid, party: str, length: int, quota: Quota) -> None:
        has = connection.execute("SELECT 1 FROM pin WHERE party = ? AND cid = ?", (party, cid.to_bytes())).fetchone()
        if has:
            return
        used = self._used(connection, party)
        if used.length + length > quota.length:
            raise ContentQuotaExceeded(party, used.length + length, quota.length)
        if used.files + 1 > quota.files:
            raise ContentQuotaExceeded(party, used.files + 1, quota.files)

    @contextmanager
    def _writing(self) -> Generator[sqlite3.Connection]:
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")
