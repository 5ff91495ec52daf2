"""Insert-or-replace by primary key, the same on SQLite and PostgreSQL."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def upsert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Writes `rows` (all with the same columns); one whose primary key is there replaces the columns given."""
    if not rows:
        return
    key = [column.name for column in table.primary_key]
    names = [name for name in rows[0] if name not in key]
    if connection.dialect.name == "sqlite":
        to_sqlite = sqlite.insert(table)
        new = to_sqlite.excluded
        connection.execute(to_sqlite.on_conflict_do_update(index_elements=key, set_={n: new[n] for n in names}), rows)
    else:
        to_postgres = postgresql.insert(table)
        new = to_postgres.excluded
        connection.execute(to_postgres.on_conflict_do_update(index_elements=key, set_={n: new[n] for n in names}), rows)
