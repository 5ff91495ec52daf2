"""Alarms: what a person must look at. One open row for each (source, code, subject), however often it is raised."""

from sqlalchemy import Connection, Table, insert, select, update

from ledger_node.store.journal import Alarm

_ALARM: Table = Alarm.__table__  # type: ignore[attr-defined]


def raise_alarm(connection: Connection, *, source: str, code: str, subject: str, message: str, at_ms: int) -> bool:
    """Opens an alarm in the journal; False when it is open already. Call inside a write transaction."""
    same = (_ALARM.c.source == source, _ALARM.c.code == code, _ALARM.c.subject == subject)
    if connection.execute(select(_ALARM.c.id).where(*same, _ALARM.c.cleared_at_ms.is_(None)).limit(1)).first():
        return False
    connection.execute(insert(_ALARM).values(source=source, code=code, subject=subject, message=message, at_ms=at_ms))
    return True


def clear_alarm(connection: Connection, *, source: str, code: str, subject: str, at_ms: int) -> None:
    """Notes that it no longer holds."""
    same = (_ALARM.c.source == source, _ALARM.c.code == code, _ALARM.c.subject == subject)
    connection.execute(update(_ALARM).where(*same, _ALARM.c.cleared_at_ms.is_(None)).values(cleared_at_ms=at_ms))
