"""Sales days: at midnight + 1 h one record for every merchant on the register, and a revision when a day changed.

Each pass works from one snapshot of the journal: first the closed days that late records or reverdicts may have
changed, then the days that are due, each day's records in one transaction. How far it looked is noted last, so a crash
in between only makes the next pass look again. The sealer pins the stream like any other.
"""

import threading
from datetime import date, timedelta
from typing import Final

import structlog
from sqlalchemy import Connection, insert
from sqlalchemy.exc import SQLAlchemyError

from ledger_node.content.content_keys import ContentKeys
from ledger_node.domain import fault
from ledger_node.domain.clock import Clock
from ledger_node.errors import LedgerError
from ledger_node.sealing.day_planner import DayCursor, DayPlanner, SalesDaySettings, Stated, read_cursor
from ledger_node.sealing.day_reader import first_movement_ms, newest_ids
from ledger_node.sealing.merchants import MerchantRegister
from ledger_node.sealing.own_records import OwnDevice, journal_own_record
from ledger_node.store.database import Stores
from ledger_node.store.journal import Lease, SalesDay, SalesDayCursor
from ledger_node.store.lease import Held, acquire, still_holds
from ledger_node.store.upsert import upsert

CLOSE_AFTER_MIDNIGHT_MS: Final = 3_600_000
PASS_SECONDS: Final = 60
_SALES_DAY = SalesDay.__table__  # type: ignore[attr-defined]
_CURSOR = SalesDayCursor.__table__  # type: ignore[attr-defined]
_LEASE = Lease.__table__  # type: ignore[attr-defined]
_log = structlog.get_logger("sales-days")


class _LeaseLost(Exception):
    """Another process holds the lease."""


class SalesDays:
    """Makes the sales days of one market; the only writer of `device` and of the sales-day stream."""

    def __init__(
        self,
        stores: Stores,
        settings: SalesDaySettings,
        register: MerchantRegister,
        keys: ContentKeys,
        device: OwnDevice,
        clock: Clock,
        *,
        holder: str,
    ) -> None:
        self._journal = stores.journal
        self._settings = settings
        self._register = register
        self._keys = keys
        self._device = device
        self._clock = clock
        self._holder = holder

    def run(self, stop: threading.Event) -> None:
        """A pass a minute until told to stop; what fails is logged and tried again."""
        while not stop.is_set():
            try:
                self.step()
            except (LedgerError, OSError, SQLAlchemyError) as error:
                _log.error("sales days failed", error=str(error), kind=type(error).__name__)
            stop.wait(PASS_SECONDS / self._clock.rate())

    def step(self) -> int:
        """One pass; how many records were journaled. 0 while another process makes the days.

        Where the lease is lost on the way the pass ends at once, with nothing noted: the next one looks again.
        """
        held = self._acquire()
        if held is None:
            return 0
        try:
            return self._pass(held)
        except _LeaseLost:
            _log.warning("another process makes the sales days now", stream=self._settings.stream)
            return 0

    def _pass(self, held: Held) -> int:
        register = self._register.read()
        with self._journal.read() as connection:
            cursor = read_cursor(connection, self._settings, first_movement_ms(connection, self._settings.market))
            record_id, reverdict_id = newest_ids(connection)
            if cursor is None:
                return 0
            planner = DayPlanner(self._settings, register, self._keys, record_id)
            revised = planner.days_to_revise(connection, cursor)
        count = sum(self._state(planner, held, day, is_closed=True) for day in revised)
        next_day = cursor.next_day
        while self._is_over(next_day):
            count += self._state(planner, held, next_day, is_closed=False)
            next_day += timedelta(days=1)
        self._note(held, cursor, DayCursor(next_day, record_id, reverdict_id))
        return count

    def _is_over(self, day: date) -> bool:
        return self._clock.now_ms() >= self._settings.start_ms(day + timedelta(days=1)) + CLOSE_AFTER_MIDNIGHT_MS

    def _acquire(self) -> Held | None:
        with self._journal.write() as connection:
            return acquire(connection, _LEASE, self._settings.stream, self._holder, now_ms=self._clock.real())

    def _state(self, planner: DayPlanner, held: Held, day: date, *, is_closed: bool) -> int:
        """Journals one day's records in one transaction; what was stated before a crash is not stated again."""
        with self._journal.read() as connection:
            stated = planner.plan(connection, day, is_closed=is_closed)
        if not stated:
            return 0
        if self._acquire() != held:
            raise _LeaseLost
        with self._journal.write() as connection:
            if not still_holds(connection, _LEASE, held):
                raise _LeaseLost
            for one in stated:
                self._journal_day(connection, one)
            fault.reach("sales-day.before-commit")
        fault.reach("sales-day.after-commit")
        return len(stated)

    def _journal_day(self, connection: Connection, stated: Stated) -> None:
        payload = stated.payload
        done = journal_own_record(
            connection,
            self._device,
            stream=self._settings.stream,
            kind="sales_day",
            value=payload["net_minor"],
            payload=payload,
            currency=self._settings.currency,
            now_ms=self._clock.now_ms(),
        )
        connection.execute(
            insert(_SALES_DAY).values(
                market=self._settings.market,
                merchant=stated.merchant,
                day=payload["day"],
                revision=payload["revision"],
                index=payload["index"],
                record_id=done.record_id,
                record_hash=done.record_hash,
                payload=payload,
            )
        )

    def _note(self, held: Held, before: DayCursor, after: DayCursor) -> None:
        if after == before:
            return
        row = {"next_day": after.next_day.isoformat(), "record_id": after.record_id, "reverdict_id": after.reverdict_id}
        with self._journal.write() as connection:
            if still_holds(connection, _LEASE, held):
                upsert(connection, _CURSOR, [{"market": self._settings.market, **row}])
