"""The sealer: closes batches, keeps their files, and queues their pins (`oracles.md` section 5).

Each batch has one commit point. First everything repeatable: read the records, build the file, put it into the content
store. Then one transaction: batch row, lot map, the queued pin. A crash before it leaves a file nobody names; the next
step begins anew from the rows. One sealer works at a time, by a lease that is checked again inside the transaction.
"""

import threading
from collections.abc import Mapping
from typing import Final

import structlog
from sqlalchemy import Connection, insert
from sqlalchemy.exc import SQLAlchemyError

from ledger_node.bindings.pin_registry import encode_pin
from ledger_node.content.cid import raw_cid
from ledger_node.content.content_keys import ContentKey, ContentKeys
from ledger_node.content.content_store import ContentStore
from ledger_node.domain import fault
from ledger_node.domain.batch import BatchHeader, closed_count, pin_key, stream_id
from ledger_node.domain.clock import Clock
from ledger_node.errors import LedgerError
from ledger_node.sealing.batch_builder import BuiltBatch, build_batch, counted_times
from ledger_node.sealing.kept_files import keep_file, pin_all_files, put_file
from ledger_node.sealing.lot_maps import LotChanges, LotMaps, write_changes
from ledger_node.sealing.settings import SealingSettings
from ledger_node.sealing.subjects import keys_of
from ledger_node.sealing.unsealed import (
    Tail,
    UnsealedRecord,
    first_position,
    lots_of,
    next_positions,
    tail_of,
    unsealed,
)
from ledger_node.store.alarms import clear_alarm, raise_alarm
from ledger_node.store.database import Stores
from ledger_node.store.journal import Batch, Lease, SealedRow
from ledger_node.store.lease import LEASE_SECONDS, Held, acquire, release, still_holds
from ledger_node.store.tx import enqueue

SOURCE: Final = "sealer"
ALARM_CODE: Final = "SEALING_FAILED"
RENEW_MS: Final = LEASE_SECONDS * 1000 // 3
PAUSE_SECONDS: Final = 0.1
FAILURE_PAUSE_SECONDS: Final = 2.0
_BATCH = Batch.__table__  # type: ignore[attr-defined]
_SEALED_ROW = SealedRow.__table__  # type: ignore[attr-defined]
_LEASE = Lease.__table__  # type: ignore[attr-defined]
_log = structlog.get_logger("sealer")


class _LeaseLost(Exception):
    """Another sealer has taken over while we worked."""


class Sealer:
    """Seals the streams of one journal. `holder` names this process in the lease."""

    def __init__(
        self,
        stores: Stores,
        content: ContentStore,
        settings: SealingSettings,
        keys: ContentKeys,
        clock: Clock,
        *,
        holder: str,
    ) -> None:
        self._journal = stores.journal
        self._content = content
        self._settings = settings
        self._keys = keys
        self._clock = clock
        self._holder = holder
        self._started_at = clock.now_s()
        self._held: Held | None = None
        self._renewed_at_ms = 0
        self._tails: dict[str, Tail] = {}
        self._lot_maps = LotMaps()

    def run(self, stop: threading.Event) -> None:
        """Steps until told to stop. What fails is reported as an alarm and tried again."""
        try:
            while not stop.is_set():
                pause = PAUSE_SECONDS
                try:
                    if self.step():
                        pause = 0.0
                except (LedgerError, OSError, SQLAlchemyError) as error:
                    _log.error("sealing failed", error=str(error), kind=type(error).__name__)
                    self._raise_alarm("journal", error)
                    pause = FAILURE_PAUSE_SECONDS
                stop.wait(pause)
        finally:
            self._give_back()

    def step(self) -> int:
        """Seals all that is due; how many batches. 0 while another sealer holds the lease.

        A stream that fails is alarmed and left for the next step; the others go on. The first failure is raised at the
        end.
        """
        if not self._hold_lease():
            return 0
        with self._journal.read() as connection:
            heads = next_positions(connection)
        sealed, first_error = 0, None
        for stream in sorted({*heads, *self._settings.streams}):
            try:
                sealed += self._seal_stream(stream, heads.get(stream))
            except _LeaseLost:
                self._forget()
                return sealed
            except (LedgerError, OSError, SQLAlchemyError) as error:
                self._forget_stream(stream)
                self._raise_alarm(stream, error)
                first_error = first_error or error
        if first_error is not None:
            raise first_error
        return sealed

    def _seal_stream(self, stream: str, next_position: int | None) -> int:
        sealed = 0
        while (tail := self._tail(stream)).next_position is None or next_position != tail.next_position:
            if next_position is None or not self._seal_records(stream, tail):
                break
            sealed += 1
        is_quiet = next_position is None or next_position == tail.next_position
        if is_quiet and stream in self._settings.streams and self._is_silent(stream, tail):
            self._store(tail, build_batch(self._header(stream, tail, [], tail.lots), [], {}), [], {}, None)
            sealed += 1
        return sealed

    def _is_silent(self, stream: str, tail: Tail) -> bool:
        quiet_s = self._clock.now_s() - (tail.sealed_at or self._started_at)
        return quiet_s >= self._settings.close_rule(stream).heartbeat_seconds * self._clock.rate()

    def _seal_records(self, stream: str, tail: Tail) -> bool:
        """Seals one batch if one is due."""
        rule = self._settings.close_rule(stream)
        with self._journal.read() as connection:
            start = tail.next_position
            if start is None:
                start = first_position(connection, stream)
            if start is None:
                return False
            rows = unsealed(connection, stream, start, rule.count)
            count = closed_count(
                [row.candidate() for row in rows],
                rule,
                now_ms=self._clock.now_ms(),
                rate=self._clock.rate(),
                zone=self._settings.zone,
            )
            if count == 0:
                return False
            records = rows[:count]
            keys = keys_of(connection, records, self._keys)
            changes = self._lot_maps.take_in(
                connection, stream, tail, records, lots_of(connection, [one.id for one in records])
            )
        built = build_batch(self._header(stream, tail, records, changes.root), records, keys)
        put_file(self._content, built)
        fault.reach("S1")
        self._store(tail, built, records, keys, changes)
        keep_file(self._content, built.stream, built.sequence, raw_cid(built.pin.content))
        return True

    def _header(self, stream: str, tail: Tail, records: list[UnsealedRecord], lots: bytes) -> BatchHeader:
        sealed_at = max(self._clock.now_s(), tail.sealed_at)
        first_at, last_at = counted_times(records, sealed_at)
        return BatchHeader(
            stream, tail.sequence + 1, tail.root, first_at, last_at, sealed_at, self._settings.rules, lots
        )

    def _store(
        self,
        tail: Tail,
        built: BuiltBatch,
        records: list[UnsealedRecord],
        keys: Mapping[int, ContentKey],
        changes: LotChanges | None,
    ) -> None:
        """The commit point: all rows of one batch, or none."""
        stream, sequence, pin = built.stream, built.sequence, built.pin
        position = records[0].position if records else tail.next_position or 0
        key = pin_key(stream, sequence)
        with self._journal.write() as connection:
            self._require_lease(connection)
            connection.execute(
                insert(_BATCH).values(
                    stream=stream,
                    sequence=sequence,
                    first_position=position,
                    count=pin.count,
                    amount=pin.amount,
                    mass=pin.mass,
                    root=pin.root,
                    previous_root=pin.previous_root,
                    first_at=pin.first_at,
                    last_at=pin.last_at,
                    sealed_at=pin.sealed_at,
                    content=pin.content,
                    lots=pin.lots,
                    rules=pin.rules,
                    tx_key=key,
                )
            )
            if keys:
                rows = [{"record_id": record_id, "key_id": one.key_id} for record_id, one in keys.items()]
                connection.execute(insert(_SEALED_ROW), rows)
            if changes is not None:
                write_changes(connection, stream, sequence, changes)
            enqueue(
                connection,
                key=key,
                lane=self._settings.lane_of(stream),
                to_address=self._settings.pin_registry,
                data=encode_pin(stream_id(stream), sequence, pin),
                now_ms=self._clock.now_ms(),
            )
            clear_alarm(connection, source=SOURCE, code=ALARM_CODE, subject=stream, at_ms=self._clock.now_ms())
            fault.reach("S2")
        fault.reach("S3")
        next_position = position + pin.count if records or tail.next_position is not None else None
        self._tails[stream] = Tail(sequence, next_position, pin.root, pin.lots, pin.sealed_at)

    def _tail(self, stream: str) -> Tail:
        if stream not in self._tails:
            with self._journal.read() as connection:
                self._tails[stream] = tail_of(connection, stream)
        return self._tails[stream]

    def _hold_lease(self) -> bool:
        """Takes or renews the lease; whoever takes it over trusts nothing it remembers."""
        now_ms = self._clock.real()
        if self._held is not None and now_ms - self._renewed_at_ms < RENEW_MS:
            return True
        with self._journal.write() as connection:
            held = acquire(connection, _LEASE, SOURCE, self._holder, now_ms=now_ms)
        if held is None or held != self._held:
            self._forget()
        if held is not None and self._held is None:
            with self._journal.read() as connection:
                pin_all_files(connection, self._content)
        self._held, self._renewed_at_ms = held, now_ms
        return held is not None

    def _require_lease(self, connection: Connection) -> None:
        if self._held is None or not still_holds(connection, _LEASE, self._held):
            raise _LeaseLost

    def _give_back(self) -> None:
        if self._held is not None:
            with self._journal.write() as connection:
                release(connection, _LEASE, self._held)
            self._held = None

    def _forget(self) -> None:
        self._held = None
        self._tails.clear()
        self._lot_maps.forget()

    def _forget_stream(self, stream: str) -> None:
        self._tails.pop(stream, None)
        self._lot_maps.forget(stream)

    def _raise_alarm(self, subject: str, error: Exception) -> None:
        try:
            with self._journal.write() as connection:
                raise_alarm(
                    connection,
                    source=SOURCE,
                    code=ALARM_CODE,
                    subject=subject,
                    message=f"{type(error).__name__}: {error}"[:500],
                    at_ms=self._clock.now_ms(),
                )
        except SQLAlchemyError:
            _log.error("the alarm could not be stored", subject=subject)
