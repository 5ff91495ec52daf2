"""The operator's log of privileged actions: hash-chained, its head in the next checkpoint (`engineering.md` section 6).

head = sha256(head before ‖ canonical JSON of the row without its head); the head before the first is sha256("").
"""

from typing import Any

import rfc8785
from sqlalchemy import Connection, Table, insert, select, text

from ledger_node.domain.digest import sha256
from ledger_node.store.database import Database
from ledger_node.store.log import Action

_ACTION: Table = Action.__table__  # type: ignore[attr-defined]
FIRST_HEAD = sha256(b"")


def append_action(log: Database, *, at_ms: int, actor: str, action: str, subject: str, detail: str = "") -> int:
    """Records that `actor` did `action` to `subject`; its number, counted from 1. Commits before it returns."""
    with log.write() as connection:
        if not log.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(7041002)"))
        count, head = actions_head(connection)
        row = {
            "number": count + 1,
            "at_ms": at_ms,
            "actor": actor,
            "action": action,
            "subject": subject,
            "detail": detail,
        }
        connection.execute(insert(_ACTION).values(**row, head=head_after(head, row)))
    return count + 1


def actions_head(connection: Connection) -> tuple[int, bytes]:
    """How many actions there are, and the newest head."""
    newest = connection.execute(
        select(_ACTION.c.number, _ACTION.c.head).order_by(_ACTION.c.number.desc()).limit(1)
    ).first()
    return (0, FIRST_HEAD) if newest is None else (newest.number, newest.head)


def recomputed_head(connection: Connection, count: int) -> bytes | None:
    """The head that the first `count` rows give when hashed anew; None when one of them is missing."""
    query = select(_ACTION).where(_ACTION.c.number <= count).order_by(_ACTION.c.number)
    head, number = FIRST_HEAD, 0
    for row in connection.execute(query).mappings():
        number += 1
        if row["number"] != number:
            return None
        head = head_after(head, {name: value for name, value in row.items() if name != "head"})
    return head if number == count else None


def head_after(head: bytes, row: dict[str, Any]) -> bytes:
    """The chain's head once `row` (all columns but the head) has been taken in."""
    return sha256(head + rfc8785.dumps(row))
