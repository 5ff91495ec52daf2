"""The second half of ingest: the one writer. Readings in, verdicts, places and receipts out, one transaction a chunk.

Only when the transaction is committed may an answer leave. When a commit's outcome is unknown, memory is dropped and
the chunk replayed: the unique key (device, sequence, digest) decides, and a record that is kept already is answered
with its device's receipt again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import delete, func, select
from sqlalchemy.exc import SQLAlchemyError

from ledger_node.domain import fault
from ledger_node.domain.device import DeviceState
from ledger_node.domain.hold import HoldList
from ledger_node.domain.judge import Judgement
from ledger_node.domain.record import Reason, Verdict, name_hash
from ledger_node.store.database import Database
from oracles.ingest.placing import Kept
from oracles.ingest.reading import Reading, Refused
from oracles.ingest.rows import HOUR_MS, RECORD, REFUSAL, REVERDICT, VERDICT_COUNT
from oracles.ingest.transaction import Chunk, Memory, Transaction
from oracles.ingest.writer_lease import WriterLease

_REFUSALS_KEPT_MS = 30 * 86_400_000
_REVERDICTS_A_TRANSACTION = 200
T = TypeVar("T")


class ItemFailed(Exception):
    """Judging one reading failed for a reason that is neither the database's nor the machine's; the cause says why."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Holds every head in memory and writes alone; not thread-safe, and only one process may have one (a lease)."""

    journal: Database
    memory: Memory
    lease: WriterLease | None = None

    def write(self, items: Sequence[Reading | Refused], now_ms: int, rate: int = 1) -> Chunk:
        """Judges and journals `items` in order, in one transaction; `now_ms` is when the node received them.

        On any failure memory is dropped and the error raised: calling again with the same items is safe.
        """
        readings = [one for one in items if isinstance(one, Reading)]
        fault.reach("I1")

        def work(transaction: Transaction) -> Chunk:
            for item in items:
                if isinstance(item, Reading):
                    transaction.chunk.judgements.append(_take(transaction, item))
                else:
                    transaction.refuse(item)
                    transaction.chunk.judgements.append(None)
            transaction.finish(readings)
            fault.reach("I2")
            return transaction.chunk

        chunk = self._commit(work, readings, now_ms, rate)
        fault.reach("I3")
        return chunk

    def reissue_holds(self, now_ms: int) -> HoldList:
        """The newest hold list, signed anew; an empty one when nothing was ever held."""

        def work(transaction: Transaction) -> HoldList:
            message = transaction.holds.reissue()
            transaction.finish(())
            return message

        return self._commit(work, (), now_ms)

    def report_refusals(self, now_ms: int) -> int:
        """One `refusals` record for the hours that ended and have none yet; how many hours it covers.

        Refusals older than 30 days are forgotten in the same transaction; their counts stay.
        """
        this_hour = now_ms // HOUR_MS

        def work(transaction: Transaction) -> int:
            first = self._first_unreported_hour(transaction)
            c = VERDICT_COUNT.c
            counted = (c.market == self.memory.rules.market, c.device == "", c.verdict == 0)
            span = (c.hour >= first, c.hour < this_hour)
            query = select(c.reason, func.sum(c.count)).where(*counted, *span).group_by(c.reason).order_by(c.reason)
            totals = [(int(reason), int(count)) for reason, count in transaction.connection.execute(query)]
            if not totals:
                return 0
            payload = {
                "market_id": self.memory.rules.market,
                "from_ms": first * HOUR_MS,
                "to_ms": this_hour * HOUR_MS,
                "totals": [{"reason": reason, "count": count} for reason, count in totals],
            }
            number = transaction.journal_own("refusals", payload)
            transaction.rows.live(
                self.memory.rules.market, "refusal", now_ms, record_id=number, totals=payload["totals"]
            )
            transaction.connection.execute(delete(REFUSAL).where(REFUSAL.c.at_ms < now_ms - _REFUSALS_KEPT_MS))
            transaction.finish(())
            return this_hour - first

        return self._commit(work, (), now_ms)

    def _first_unreported_hour(self, transaction: Transaction) -> int:
        c = RECORD.c
        last = select(func.max(c.observed_at_ms)).where(c.device == self.memory.own.name, c.kind == "refusals")
        at_ms = transaction.connection.execute(last).scalar()
        return 0 if at_ms is None else int(at_ms) // HOUR_MS

    def reverdict_revoked(self, changed: Mapping[bytes, DeviceState], now_ms: int) -> int:
        """One `reverdict` for each counted record that a back-dated revocation or key invalidation makes doubtful.

        `changed` are devices by name hash as the registry has them now. Repeatable: a record that has one gets none.
        """
        doubtful = {one: state for one, state in changed.items() if _is_doubted(state)}
        names = [name for name in self._device_names() if name_hash(name) in doubtful] if doubtful else []
        total = 0
        for name in names:
            kept = self._doubted(name, doubtful[name_hash(name)])
            for start in range(0, len(kept), _REVERDICTS_A_TRANSACTION):
                part = kept[start : start + _REVERDICTS_A_TRANSACTION]

                def work(transaction: Transaction, part: Sequence[Kept] = part) -> int:
                    for one in part:
                        transaction.reverdict(one, Verdict.REJECTED, Reason.REVOKED, "revocation")
                    transaction.finish(())
                    return len(part)

                total += self._commit(work, (), now_ms)
        return total

    def _device_names(self) -> list[str]:
        with self.journal.read() as connection:
            self.memory.standings.load(connection)
        return self.memory.standings.names()

    def _doubted(self, name: str, state: DeviceState) -> list[Kept]:
        c = RECORD.c
        columns = (c.id, c.digest, c.record_hash, c.verdict, c.reason, c.kind, c.envelope)
        counted = c.verdict.in_((Verdict.ACCEPTED, Verdict.ACCEPTED_LATE))
        has_one = select(REVERDICT.c.id).where(REVERDICT.c.of_record_id == c.id).exists()
        query = (
            select(*columns, c.key_epoch, c.observed_at_ms).where(c.device == name, counted, ~has_one).order_by(c.id)
        )
        with self.journal.read() as connection:
            rows = connection.execute(query).all()
        return [Kept(*row[:7]) for row in rows if _doubts(state, row.key_epoch, row.observed_at_ms)]

    def _commit(self, work: Callable[[Transaction], T], readings: Sequence[Reading], now_ms: int, rate: int = 1) -> T:
        try:
            with self.journal.write() as connection:
                if self.lease is not None:
                    self.lease.check(connection)
                transaction = Transaction(connection, self.memory, readings, now_ms, rate)
                result = work(transaction)
        except BaseException:
            self.memory.drop()
            raise
        self.memory.written(transaction.bad_signatures)
        return result


def _take(transaction: Transaction, reading: Reading) -> Judgement | None:
    """ItemFailed when the fault may lie in the reading: not the database's, not the process's."""
    try:
        return transaction.take(reading)
    except (SQLAlchemyError, OSError, MemoryError):
        raise
    except Exception as fault:
        raise ItemFailed(f"{reading.device} {reading.sequence}") from fault


def _is_doubted(state: DeviceState) -> bool:
    return bool(state.revoked_from) or any(key.invalid_from for key in state.keys)


def _doubts(state: DeviceState, key_epoch: int, observed_at_ms: int) -> bool:
    observed_at = observed_at_ms // 1000
    if state.revoked_from and observed_at >= state.revoked_from:
        return True
    key = state.keys[key_epoch] if key_epoch < len(state.keys) else None
    return key is not None and bool(key.invalid_from) and observed_at >= key.invalid_from
