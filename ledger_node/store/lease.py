"""Leases: one process at a time works on a lane or a job, and a late one is caught by its fencing number."""

import uuid
from dataclasses import dataclass

from sqlalchemy import Connection, Table, insert, select, update
from sqlalchemy.exc import IntegrityError

from ledger_node.domain.clock import Clock
from ledger_node.store.database import Database

LEASE_SECONDS = 15
_CLOCKS_APART_MS = 60_000
_GIVEN_BACK = 0


@dataclass(frozen=True, slots=True)
class Held:
    """A lease this process holds; `fencing` is larger than that of every holder before."""

    name: str
    holder: str
    fencing: int


def acquire(
    connection: Connection, table: Table, name: str, holder: str, *, now_ms: int, seconds: int = LEASE_SECONDS
) -> Held | None:
    """Takes or renews the lease `name`; None while somebody else holds it. Call inside a write transaction."""
    expires = now_ms + seconds * 1000
    row = connection.execute(select(table).where(table.c.name == name)).mappings().first()
    if row is None:
        try:
            with connection.begin_nested():
                connection.execute(insert(table).values(name=name, holder=holder, fencing=1, expires_at_ms=expires))
        except IntegrityError:
            return None
        return Held(name, holder, 1)
    # What lapses far ahead was taken by a clock that has since been put back: waiting for it could take for ever.
    lapses_in_ms = row["expires_at_ms"] - now_ms
    if row["holder"] != holder and 0 < lapses_in_ms <= seconds * 1000 + _CLOCKS_APART_MS:
        return None
    fencing = row["fencing"] if row["holder"] == holder else row["fencing"] + 1
    changed = connection.execute(
        update(table)
        .where(table.c.name == name, table.c.fencing == row["fencing"], table.c.holder == row["holder"])
        .values(holder=holder, fencing=fencing, expires_at_ms=expires)
    )
    return Held(name, holder, fencing) if changed.rowcount == 1 else None


def still_holds(connection: Connection, table: Table, held: Held) -> bool:
    """Whether `held` is still ours; checked in the transaction of the effect it guards.

    A lease that lapsed and that nobody took since is still ours: the fencing number decides, not the clock.
    """
    row = connection.execute(select(table).where(table.c.name == held.name).with_for_update()).mappings().first()
    return (
        row is not None
        and row["holder"] == held.holder
        and row["fencing"] == held.fencing
        and row["expires_at_ms"] != _GIVEN_BACK
    )


def release(connection: Connection, table: Table, held: Held) -> None:
    """Gives the lease back, so that the next holder need not wait for it to lapse."""
    connection.execute(
        update(table)
        .where(table.c.name == held.name, table.c.holder == held.holder, table.c.fencing == held.fencing)
        .values(expires_at_ms=_GIVEN_BACK)
    )


class KeptLease:
    """The lease of a long-running job: taken, renewed when a third of its life is over, given back.

    Leases are about processes, so they lapse in real time, also while a demonstration's clock runs fast.
    """

    def __init__(self, database: Database, table: Table, name: str, clock: Clock, *, holder: str = "") -> None:
        self._database = database
        self._table = table
        self._name = name
        self._clock = clock
        self._holder = holder or uuid.uuid4().hex
        self._held: Held | None = None
        self._renew_at_ms = 0

    def take(self) -> bool:
        """Takes or renews it when that is due; whether it is ours."""
        now_ms = self._clock.real()
        if self._held is None or now_ms >= self._renew_at_ms:
            with self._database.write() as connection:
                self._held = acquire(connection, self._table, self._name, self._holder, now_ms=now_ms)
            self._renew_at_ms = now_ms + LEASE_SECONDS * 1000 // 3
        return self._held is not None

    def is_kept(self, connection: Connection) -> bool:
        """Whether it is still ours, asked in the transaction of the effect that it guards; a lost one is forgotten."""
        if self._held is None or not still_holds(connection, self._table, self._held):
            self._held = None
        return self._held is not None

    def give_back(self) -> None:
        """Releases it, if it is ours."""
        if self._held is not None:
            with self._database.write() as connection:
                release(connection, self._table, self._held)
            self._held = None
