"""Queued, signed and sent transactions in the journal: the submitter's store, and how others queue.

`enqueue` runs inside the caller's transaction, so that an effect and its transaction are one. Rows are never deleted:
the signed bytes are what puts a lost block back.
"""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, Table, func, insert, select, update

from ledger_node.chain.tx_rules import pin_of
from ledger_node.chain.tx_store import (
    IN_FLIGHT,
    Change,
    LaneLease,
    LaneTx,
    NewBytes,
    QueuedTx,
    Trouble,
    TxState,
)
from ledger_node.domain import fault
from ledger_node.domain.clock import Clock
from ledger_node.errors import LeaseLost, TxKeyReused
from ledger_node.store.alarms import raise_alarm
from ledger_node.store.database import Database
from ledger_node.store.journal import Lease, StreamPause, Tx, TxHistory
from ledger_node.store.lease import Held, acquire, release, still_holds
from ledger_node.store.upsert import upsert

_TX: Table = Tx.__table__  # type: ignore[attr-defined]
_HISTORY: Table = TxHistory.__table__  # type: ignore[attr-defined]
_LEASE: Table = Lease.__table__  # type: ignore[attr-defined]
_PAUSE: Table = StreamPause.__table__  # type: ignore[attr-defined]
SOURCE: Final = "submit"


def enqueue(connection: Connection, *, key: str, lane: str, to_address: bytes, data: bytes, now_ms: int) -> bool:
    """Queues a transaction in the caller's transaction; False when it is there already. Raises TxKeyReused."""
    found = connection.execute(select(_TX.c.to_address, _TX.c.data).where(_TX.c.idempotency_key == key)).first()
    if found is not None:
        if (found.to_address, found.data) != (to_address, data):
            raise TxKeyReused(key)
        return False
    _insert(connection, key=key, lane=lane, to_address=to_address, data=data, now_ms=now_ms)
    return True


def pauses(connection: Connection) -> dict[str, str]:
    """The streams of which nothing is sent, with the reason."""
    return {row.stream: row.reason for row in connection.execute(select(_PAUSE))}


def resume_stream(connection: Connection, stream: str, *, now_ms: int) -> int:
    """Clears a stream's pause and queues its failed pins again; how many. For a person who has looked."""
    connection.execute(_PAUSE.delete().where(_PAUSE.c.stream == stream))
    failed = connection.execute(
        select(_TX.c.id, _TX.c.idempotency_key).where(
            _TX.c.state == TxState.FAILED, _TX.c.idempotency_key.startswith(f"pin/{stream}/", autoescape=True)
        )
    ).all()
    again = [row.id for row in failed if stream_of(row.idempotency_key) == stream]
    for tx_id in again:
        values = {"nonce": None, "raw": None, "hash": None, "reason": "", "block": None, "block_hash": None}
        _apply(connection, Change(tx_id, TxState.QUEUED, "the stream was resumed", values), now_ms)
    return len(again)


def stream_of(key: str) -> str:
    """The stream of a pin's idempotency key; empty for other transactions."""
    return pin_of(key)[0]


class JournalTxStore:
    """The submitter's store (`ledger_node.chain.tx_store.TxStore`) on the journal."""

    def __init__(self, journal: Database, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock

    # --- leases ---

    def acquire(self, lane: str, holder: str) -> LaneLease | None:
        """Takes or renews the lane's lease; None while another holds it."""
        with self._journal.write() as connection:
            held = acquire(connection, _LEASE, f"lane/{lane}", holder, now_ms=self._clock.real())
        return None if held is None else LaneLease(lane, holder, held.fencing)

    def release(self, lease: LaneLease) -> None:
        """Gives the lease back."""
        with self._journal.write() as connection:
            release(connection, _LEASE, _held(lease))

    # --- reading ---

    def queued(self, lane: str, limit: int) -> list[QueuedTx]:
        """The oldest transactions without a nonce, but none of a paused stream."""
        with self._journal.read() as connection:
            paused = pauses(connection)
            query = select(_TX).where(_TX.c.lane == lane, _TX.c.state == TxState.QUEUED).order_by(_TX.c.id)
            if paused:
                query = query.where(
                    *[~_TX.c.idempotency_key.startswith(f"pin/{one}/", autoescape=True) for one in paused]
                )
            rows = connection.execute(query.limit(limit)).all()
        return [QueuedTx(row.id, row.idempotency_key, row.to_address, row.data) for row in rows]

    def in_flight(self, lane: str) -> list[LaneTx]:
        """Signed and sent ones, by nonce."""
        return self._rows(select(_TX).where(_TX.c.lane == lane, _TX.c.state.in_(IN_FLIGHT)))

    def mined(self, lane: str) -> list[LaneTx]:
        """Mined ones that are not final, by nonce."""
        return self._rows(select(_TX).where(_TX.c.lane == lane, _TX.c.state == TxState.MINED))

    def from_nonce(self, lane: str, nonce: int) -> list[LaneTx]:
        """Those at this nonce and above that a block held, also where they failed there; by nonce."""
        states = (TxState.MINED, TxState.FINAL, TxState.FAILED)
        return self._rows(
            select(_TX).where(
                _TX.c.lane == lane, _TX.c.state.in_(states), _TX.c.nonce >= nonce, _TX.c.block.is_not(None)
            )
        )

    def highest_nonce(self, lane: str) -> int | None:
        """The highest nonce ever given in this lane."""
        with self._journal.read() as connection:
            return _highest_nonce(connection, lane)

    def count_in_blocks(self, lane: str) -> int:
        """One above the highest nonce that a block held: how many the chain must have counted."""
        with self._journal.read() as connection:
            highest: int | None = connection.execute(
                select(func.max(_TX.c.nonce)).where(_TX.c.lane == lane, _TX.c.block.is_not(None))
            ).scalar()
        return 0 if highest is None else highest + 1

    # --- writing ---

    def assign(
        self, lease: LaneLease, queued: Sequence[QueuedTx], first_nonce: int, make: Callable[[QueuedTx, int], NewBytes]
    ) -> None:
        """Gives each transaction the next nonce, not below `first_nonce`, with its signed bytes: all or none."""
        now_ms = self._clock.now_ms()
        with self._write(lease) as connection:
            highest = _highest_nonce(connection, lease.lane)
            nonce = max(first_nonce, 0 if highest is None else highest + 1)
            for number, one in enumerate(queued):
                new = make(one, nonce + number)
                values = _signed_values(new) | {"nonce": nonce + number}
                _apply(connection, Change(one.id, TxState.SIGNED, f"nonce {nonce + number}", values), now_ms)
            fault.reach("T2")

    def fill(self, lease: LaneLease, lane_tx: LaneTx | None, nonce: int, to_address: bytes, new: NewBytes) -> None:
        """Puts a transaction that does nothing at `nonce`, in place of `lane_tx`, which becomes `replaced`."""
        now_ms = self._clock.now_ms()
        with self._write(lease) as connection:
            if lane_tx is not None:
                connection.execute(update(_TX).where(_TX.c.id == lane_tx.id).values(nonce=None))
            key = f"fill/{lease.lane}/{nonce}/{new.signed.hash.hex()[:16]}"
            filler = _insert(
                connection, key=key, lane=lease.lane, to_address=to_address, data=b"", now_ms=now_ms,
            )  # fmt: skip
            values = _signed_values(new) | {"nonce": nonce}
            _apply(connection, Change(filler, TxState.SIGNED, f"fills nonce {nonce}", values), now_ms)
            if lane_tx is not None:
                detail = f"its nonce {nonce} was filled"
                _apply(connection, Change(lane_tx.id, TxState.REPLACED, detail, {"replaced_by": filler}), now_ms)

    def change(self, lease: LaneLease, changes: Sequence[Change], troubles: Sequence[Trouble] = ()) -> None:
        """Applies changes, each with its history row, and raises alarms, in one transaction."""
        if not changes and not troubles:
            return
        now_ms = self._clock.now_ms()
        with self._write(lease) as connection:
            for one in changes:
                _apply(connection, one, now_ms)
            for trouble in troubles:
                raise_alarm(
                    connection,
                    source=SOURCE,
                    code=trouble.code,
                    subject=trouble.subject,
                    message=trouble.message,
                    at_ms=now_ms,
                )
                if trouble.pause:
                    row = {"stream": trouble.pause, "reason": trouble.message, "at_ms": now_ms}
                    upsert(connection, _PAUSE, [row])

    @contextmanager
    def _write(self, lease: LaneLease) -> Generator[Connection]:
        with self._journal.write() as connection:
            if not still_holds(connection, _LEASE, _held(lease)):
                raise LeaseLost(lease.lane, lease.fencing)
            yield connection

    def _rows(self, query: Select[Any]) -> list[LaneTx]:
        with self._journal.read() as connection:
            return [_lane_tx(row) for row in connection.execute(query.order_by(_TX.c.nonce))]


def _held(lease: LaneLease) -> Held:
    return Held(f"lane/{lease.lane}", lease.holder, lease.fencing)


def _highest_nonce(connection: Connection, lane: str) -> int | None:
    highest: int | None = connection.execute(select(func.max(_TX.c.nonce)).where(_TX.c.lane == lane)).scalar()
    return highest


def _insert(connection: Connection, *, key: str, lane: str, to_address: bytes, data: bytes, now_ms: int) -> int:
    inserted = connection.execute(
        insert(_TX).values(
            idempotency_key=key, lane=lane, to_address=to_address, data=data, state=TxState.QUEUED, reason="",
            sends=0, first_at_ms=now_ms, last_at_ms=now_ms,
        )
    ).inserted_primary_key  # fmt: skip
    if inserted is None:
        raise AssertionError("an inserted row has a number")
    tx_id: int = inserted[0]
    connection.execute(insert(_HISTORY).values(tx_id=tx_id, state=TxState.QUEUED, at_ms=now_ms, detail=""))
    return tx_id


def _apply(connection: Connection, change: Change, now_ms: int) -> None:
    values = {"state": change.state, "last_at_ms": now_ms, **change.values}
    connection.execute(update(_TX).where(_TX.c.id == change.tx_id).values(**values))
    connection.execute(
        insert(_HISTORY).values(tx_id=change.tx_id, state=change.state, at_ms=now_ms, detail=change.detail)
    )


def _signed_values(new: NewBytes) -> dict[str, Any]:
    return {"raw": new.signed.raw, "hash": new.signed.hash, "gas": new.gas, "fee": new.fee}


def _lane_tx(row: Row[Any]) -> LaneTx:
    fee: dict[str, Any] = row.fee or {}
    before = tuple(bytes.fromhex(one) for one in fee.get("hashes_before", ()))
    return LaneTx(
        id=row.id,
        key=row.idempotency_key,
        to_address=row.to_address,
        data=row.data,
        nonce=row.nonce,
        gas=row.gas,
        raw=row.raw,
        hashes=(*before, row.hash),
        fee=fee,
        state=TxState(row.state),
        sends=row.sends,
        block=row.block,
        block_hash=row.block_hash,
    )
