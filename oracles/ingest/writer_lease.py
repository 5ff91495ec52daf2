"""Only one process may be ingest's writer: a lease in the journal, fenced in every transaction."""

import time

from sqlalchemy import Connection, Table

from ledger_node.domain.clock import real_now_ms
from ledger_node.errors import WriterElsewhere
from ledger_node.store import lease
from ledger_node.store.database import Database
from ledger_node.store.journal import Lease

_LEASE: Table = Lease.__table__  # type: ignore[attr-defined]
_LEASE_NAME = "ingest"


class WriterLease:
    """The right to be the one writer: taken from the journal, renewed while working, checked in every transaction."""

    def __init__(self, journal: Database, holder: str) -> None:
        self._journal = journal
        self._holder = holder
        self._held: lease.Held | None = None
        self._renewed_at = 0.0

    def renew(self) -> None:
        """Takes or renews it when it is a third old; WriterElsewhere while another process has it."""
        if self._held is not None and time.monotonic() - self._renewed_at < lease.LEASE_SECONDS / 3:
            return
        with self._journal.write() as connection:
            self._held = lease.acquire(connection, _LEASE, _LEASE_NAME, self._holder, now_ms=real_now_ms())
        if self._held is None:
            raise WriterElsewhere(_LEASE_NAME)
        self._renewed_at = time.monotonic()

    def check(self, connection: Connection) -> None:
        """WriterElsewhere when it was lost meanwhile."""
        if self._held is None or not lease.still_holds(connection, _LEASE, self._held):
            self._held = None
            raise WriterElsewhere(_LEASE_NAME)

    def release(self) -> None:
        """Gives it back, so that a restart need not wait for it to lapse."""
        if self._held is not None:
            with self._journal.write() as connection:
                lease.release(connection, _LEASE, self._held)
            self._held = None
