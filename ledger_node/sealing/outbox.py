"""Queueing a pin's transaction in the transaction of its batch."""

from sqlalchemy import Connection, insert

from ledger_node.store.journal import Tx

_TX = Tx.__table__  # type: ignore[attr-defined]


def queue_pin(connection: Connection, *, key: str, lane: str, to_address: bytes, data: bytes, now_ms: int) -> None:
    """Adds one queued transaction; its key lets it be there once only."""
    connection.execute(
        insert(_TX).values(
            idempotency_key=key,
            lane=lane,
            to_address=to_address,
            data=data,
            state="queued",
            first_at_ms=now_ms,
            last_at_ms=now_ms,
        )
    )
