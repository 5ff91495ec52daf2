"""The gateway's durable outbox: a SQLite file that holds every envelope until the node's signed receipt covers it.

WAL with synchronous FULL, so what was committed survives a power cut. Tables as `oracles.md` section 4, plus `notice`
(what devices are to be told) and `memory` (numbers the gateway must not forget). The signature is part of what makes a
row one of its kind: else a copy with a spoiled signature that came first would keep the real one out. `next_at_ms` is
in the machine's real time for rows that wait to be sent, and the hour of deletion by the market's clock for rows that
were acknowledged.
"""

import json
import sqlite3
import threading
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from typing import Any, Final, NamedTuple

from ledger_node.domain import fault

LIMIT_BYTES: Final = 2 << 30
LIMIT_AGE_MS: Final = 7 * 86_400_000
GRACE_MS: Final = 24 * 3_600_000
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS outbox(
    id INTEGER PRIMARY KEY, device TEXT NOT NULL, sequence INTEGER NOT NULL, digest BLOB NOT NULL, class TEXT NOT NULL,
    envelope BLOB NOT NULL, size INTEGER NOT NULL, at_ms INTEGER NOT NULL, state INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0, next_at_ms INTEGER NOT NULL DEFAULT 0, signature_hash BLOB NOT NULL,
    UNIQUE(device, sequence, digest, signature_hash));
CREATE INDEX IF NOT EXISTS outbox_due ON outbox(state, next_at_ms);
CREATE TABLE IF NOT EXISTS ack(device TEXT PRIMARY KEY, contiguous_sequence INTEGER NOT NULL, receipt TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS notice(id INTEGER PRIMARY KEY AUTOINCREMENT, device TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS memory(name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class State(IntEnum):
    """Where a row stands."""

    NEW = 0
    IN_FLIGHT = 1
    ACKNOWLEDGED = 2
    DEAD = 3


class NewRow(NamedTuple):
    """An envelope to be kept; `leaf` is the topic class, `at_ms` when the gateway received it."""

    device: str
    sequence: int
    digest: bytes
    leaf: str
    envelope: bytes
    at_ms: int
    signature_hash: bytes


class Row(NamedTuple):
    """A kept envelope."""

    id: int
    device: str
    sequence: int
    digest: bytes
    leaf: str
    envelope: bytes
    at_ms: int
    state: int
    attempts: int


_COLUMNS: Final = "id, device, sequence, digest, class, envelope, at_ms, state, attempts"


class Outbox:
    """One file; safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.executescript(_SCHEMA)
        # Whether the last sends arrived is unknown after a restart: the same bytes go again.
        self._connection.execute("UPDATE outbox SET state = 0, next_at_ms = 0 WHERE state = 1")
        self.used_bytes: int = self._number("SELECT coalesce(sum(size), 0) FROM outbox")

    def keep(self, rows: Sequence[NewRow], memory: dict[str, Any] | None = None) -> int:
        """Commits the rows; those that are here already stay as they are. How many were new.

        sqlite3.OperationalError leaves it unknown whether they are here: the device sends the same bytes again.
        """
        with self._transaction() as connection:
            added = 0
            for row in rows:
                size = len(row.envelope)
                cursor = connection.execute(
                    "INSERT OR IGNORE INTO outbox"
                    "(device, sequence, digest, class, envelope, at_ms, signature_hash, size)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (*row, size),
                )
                if cursor.rowcount:
                    added += 1
                    self.used_bytes += size
            for name, value in (memory or {}).items():
                self._remember(name, value)
            fault.reach("G1")
        fault.reach("G2")
        return added

    def known(self, device: str, sequence: int, digest: bytes) -> bool:
        """Whether this very record is here."""
        return bool(
            self._number(
                "SELECT count(*) FROM outbox WHERE device = ? AND sequence = ? AND digest = ?",
                device,
                sequence,
                digest,
            )
        )

    def due(self, real_ms: int, limit: int) -> list[Row]:
        """Rows to be sent now, in the order they came."""
        return self._rows("state IN (0, 1) AND next_at_ms <= ? ORDER BY id LIMIT ?", real_ms, limit)

    def sent(self, due_again: Iterable[tuple[int, int]]) -> None:
        """(row id, real ms at which to send again unless acknowledged)."""
        with self._transaction() as connection:
            connection.executemany(
                "UPDATE outbox SET state = 1, attempts = attempts + 1, next_at_ms = ? WHERE id = ? AND state < 2",
                [(next_at_ms, row_id) for row_id, next_at_ms in due_again],
            )

    def acknowledge(self, device: str, sequence: int, receipt: dict[str, Any], now_ms: int) -> int:
        """Stores a verified receipt and lets go of the rows it covers that were sent; how many."""
        with self._transaction() as connection:
            known = self._number("SELECT coalesce(max(contiguous_sequence), 0) FROM ack WHERE device = ?", device)
            if sequence >= known:
                connection.execute(
                    "INSERT OR REPLACE INTO ack VALUES (?, ?, ?)", (device, sequence, json.dumps(receipt))
                )
            covered = connection.execute(
                "UPDATE outbox SET state = 2, next_at_ms = ? WHERE device = ? AND sequence <= ? AND state = 1",
                (now_ms + GRACE_MS, device, sequence),
            ).rowcount
        fault.reach("G4")
        return covered

    def bury(self, row_id: int, notice: dict[str, Any]) -> None:
        """The node refused a row for good: it stays for the file, and its device is told."""
        with self._transaction() as connection:
            row = self._first("SELECT device FROM outbox WHERE id = ?", row_id)
            changed = connection.execute("UPDATE outbox SET state = 3 WHERE id = ? AND state < 2", (row_id,)).rowcount
            if changed and row is not None:
                self._tell(row[0], notice)

    def receipt(self, device: str) -> dict[str, Any] | None:
        """The newest receipt of a device."""
        row = self._first("SELECT receipt FROM ack WHERE device = ?", device)
        return None if row is None else json.loads(row[0])

    def highest_sequence(self, device: str) -> int:
        """The highest number that went through here."""
        return max(
            self._number("SELECT coalesce(max(sequence), 0) FROM outbox WHERE device = ?", device),
            self._number("SELECT coalesce(max(contiguous_sequence), 0) FROM ack WHERE device = ?", device),
        )

    def record_rows(self, device: str, from_sequence: int, to_sequence: int) -> list[Row]:
        """The rows of these numbers, whatever their state."""
        return self._rows(
            "device = ? AND sequence BETWEEN ? AND ? ORDER BY sequence, id", device, from_sequence, to_sequence
        )

    def in_flight_rows(self, device: str) -> list[Row]:
        """What was sent and is neither acknowledged nor dead."""
        return self._rows("device = ? AND state = 1 ORDER BY id", device)

    def sheddable_rows(self, leaf: str, limit: int) -> list[Row]:
        """Rows of a class that nobody has acknowledged, oldest first."""
        return self._rows("class = ? AND state IN (0, 1) ORDER BY id LIMIT ?", leaf, limit)

    def ask_again(self, device: str, from_sequence: int, to_sequence: int) -> int:
        """The node asks for these numbers: they are due at once, acknowledged or not."""
        with self._transaction() as connection:
            return connection.execute(
                "UPDATE outbox SET state = 0, next_at_ms = 0"
                " WHERE device = ? AND sequence BETWEEN ? AND ? AND state < 3",
                (device, from_sequence, to_sequence),
            ).rowcount

    def is_awaited(self, leaf: str, first: int, last: int) -> bool:
        """Whether rows of a class between two ids (both included) were sent and have no answer."""
        where = "id BETWEEN ? AND ? AND class = ? AND state = 1"
        return bool(self._number(f"SELECT EXISTS(SELECT 1 FROM outbox WHERE {where})", first, last, leaf))

    def hurry(self) -> int:
        """Everything that was sent and not answered is due now; how many rows."""
        with self._transaction() as connection:
            return connection.execute("UPDATE outbox SET next_at_ms = 0 WHERE state = 1").rowcount

    def delete_old(self, now_ms: int) -> int:
        """Deletes what was acknowledged a day ago, and dead rows that are older than the outbox may be."""
        with self._transaction() as connection:
            where = "(state = 2 AND next_at_ms <= ?) OR (state = 3 AND at_ms <= ?)"
            return self._delete(connection, where, now_ms, now_ms - LIMIT_AGE_MS)

    def make_room(self) -> int:
        """Deletes acknowledged rows before their day is over; how many."""
        with self._transaction() as connection:
            return self._delete(connection, "state = 2")

    def shed(self, row_ids: Sequence[int], device: str, notice: dict[str, Any] | None) -> None:
        """Gives rows up; the notice tells the device, which declares them."""
        with self._transaction() as connection:
            marks = ",".join("?" * len(row_ids))
            self._delete(connection, f"id IN ({marks})", *row_ids)
            if notice is not None:
                self._tell(device, notice)

    def oldest_at_ms(self) -> int | None:
        """When the oldest row that nobody acknowledged came."""
        row = self._first("SELECT min(at_ms) FROM outbox WHERE state IN (0, 1)")
        return None if row is None or row[0] is None else int(row[0])

    def waiting(self) -> int:
        """How many rows nobody has acknowledged."""
        return self._number("SELECT count(*) FROM outbox WHERE state IN (0, 1)")

    def count_in_flight(self) -> int:
        """How many rows were sent and wait for their receipt."""
        return self._number("SELECT count(*) FROM outbox WHERE state = 1")

    def tell(self, device: str, notice: dict[str, Any]) -> None:
        """Something a device is to hear at its next contact."""
        with self._transaction():
            self._tell(device, notice)

    def notices(self, device: str, after: int) -> list[dict[str, Any]]:
        """What a device has not heard yet; `after` says what it has heard, which is forgotten."""
        with self._transaction() as connection:
            connection.execute("DELETE FROM notice WHERE device = ? AND id <= ?", (device, after))
            found = connection.execute("SELECT id, body FROM notice WHERE device = ? ORDER BY id LIMIT 100", (device,))
            return [{"id": row_id, **json.loads(body)} for row_id, body in found]

    def memory(self, name: str, default: Any) -> Any:
        """What was remembered under `name`."""
        row = self._first("SELECT value FROM memory WHERE name = ?", name)
        return default if row is None else json.loads(row[0])

    def remember(self, name: str, value: Any) -> None:
        """Remembers a JSON value."""
        with self._transaction():
            self._remember(name, value)

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._connection.close()

    def _remember(self, name: str, value: Any) -> None:
        self._connection.execute("INSERT OR REPLACE INTO memory VALUES (?, ?)", (name, json.dumps(value)))

    def _tell(self, device: str, notice: dict[str, Any]) -> None:
        self._connection.execute("INSERT INTO notice(device, body) VALUES (?, ?)", (device, json.dumps(notice)))

    def _delete(self, connection: sqlite3.Connection, where: str, *values: Any) -> int:
        freed = connection.execute(f"SELECT coalesce(sum(size), 0) FROM outbox WHERE {where}", values).fetchone()[0]
        count = connection.execute(f"DELETE FROM outbox WHERE {where}", values).rowcount
        self.used_bytes -= freed
        return count

    @contextmanager
    def _transaction(self) -> Generator[sqlite3.Connection]:
        with self._lock:
            used_bytes = self.used_bytes
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                self.used_bytes = used_bytes
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def _rows(self, where: str, *values: Any) -> list[Row]:
        with self._lock:
            found = self._connection.execute(f"SELECT {_COLUMNS} FROM outbox WHERE {where}", values)
            return [Row(*row) for row in found]

    def _first(self, query: str, *values: Any) -> tuple[Any, ...] | None:
        with self._lock:
            row: tuple[Any, ...] | None = self._connection.execute(query, values).fetchone()
            return row

    def _number(self, query: str, *values: Any) -> int:
        row = self._first(query, *values)
        return 0 if row is None or row[0] is None else int(row[0])
