"""Only one process may be ingest's writer: a lease in the journal, fenced in every transaction."""

from sqlalchemy import Connection, Table

from ledger_node.domain.clock import Clock
from ledger_node.errors import WriterElsewhere
from ledger_node.store.database import Database
from ledger_node.store.journal import Lease
from ledger_node.store.lease import KeptLease

_LEASE: Table = Lease.__table__  # type: ignore[attr-defined]
_LEASE_NAME = "ingest"


class WriterLease:
    """The right to be the one writer: taken from the journal, renewed while working, checked in every transaction."""

    def __init__(self, journal: Database, clock: Clock, holder: str) -> None:
        self._lease = KeptLease(journal, _LEASE, _LEASE_NAME, clock, holder=holder)

    def renew(self) -> None:
        """Takes or renews it when it is a third old; WriterElsewhere while another process has it."""
        if not self._lease.take():
            raise WriterElsewhere(_LEASE_NAME)

    def check(self, connection: Connection) -> None:
        """WriterElsewhere when it was lost meanwhile."""
        if not self._lease.is_kept(connection):
            raise WriterElsewhere(_LEASE_NAME)

    def release(self) -> None:
        """Gives it back, so that a restart need not wait for it to lapse."""
        self._lease.give_back()
