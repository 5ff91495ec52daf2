"""Many rows of one table with one prepared statement: tuples in, no dictionary and no expression a row.

SQLAlchemy's own executemany spends more on a row than SQLite does, and ingest writes thousands a second. Values must be
what the driver takes: JSON is written here, other converted types are refused when the statement is made.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any, Final

from sqlalchemy import JSON, Connection, Dialect, Table
from sqlalchemy.types import TypeDecorator
from sqlmodel.sql.sqltypes import AutoString

_json_text: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class BulkInsert:
    """An INSERT into `columns` of `table`; rows are tuples in that order.

    Where a row's primary key is there already: an error, or with `replacing` its columns take the new values, or with
    `adding` those columns grow by them.
    """

    def __init__(
        self, table: Table, columns: Sequence[str], *, replacing: bool = False, adding: Sequence[str] = ()
    ) -> None:
        check_plain(table, columns)
        self._table = table
        self._columns: Final = tuple(columns)
        self._replacing, self._adding = replacing, tuple(adding)
        self._json: Final = tuple(place for place, name in enumerate(columns) if isinstance(table.c[name].type, JSON))
        self._text: dict[str, str] = {}

    def write(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
        """Inserts the rows in order, in the caller's transaction."""
        if not rows:
            return
        dialect = connection.dialect
        text = self._text.get(dialect.name)
        if text is None:
            text = self._text[dialect.name] = self._statement(dialect)
        connection.exec_driver_sql(text, [self._plain(row) for row in rows] if self._json else list(rows))

    def _statement(self, dialect: Dialect) -> str:
        quote: Callable[[str], str] = dialect.identifier_preparer.quote
        table, names = quote(self._table.name), ", ".join(quote(name) for name in self._columns)
        marks = ", ".join([mark_of(dialect)] * len(self._columns))
        text = f"INSERT INTO {table} ({names}) VALUES ({marks})"
        if not (self._replacing or self._adding):
            return text
        key = [column.name for column in self._table.primary_key]
        changed = self._adding or [name for name in self._columns if name not in key]
        old = "" if self._replacing else f"{table}.{{0}} + "
        sets = ", ".join(f"{{0}} = {old}excluded.{{0}}".format(quote(name)) for name in changed)
        return f"{text} ON CONFLICT ({', '.join(quote(name) for name in key)}) DO UPDATE SET {sets}"

    def _plain(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        values = list(row)
        for place in self._json:
            values[place] = None if values[place] is None else _json_text(values[place])
        return tuple(values)


def check_plain(table: Table, columns: Sequence[str]) -> None:
    """ValueError for columns that the table lacks or whose values SQLAlchemy converts on their way."""
    unknown = [name for name in columns if name not in table.c]
    if unknown:
        raise ValueError(f"{table.name} has no columns {', '.join(unknown)}")
    kinds = [table.c[name].type for name in columns]
    if any(isinstance(kind, TypeDecorator) and not isinstance(kind, AutoString) for kind in kinds):
        raise ValueError(f"{table.name} has columns whose values are converted: use SQLAlchemy's insert")


def mark_of(dialect: Dialect) -> str:
    """What stands for a value in the driver's own SQL."""
    return "?" if dialect.paramstyle == "qmark" else "%s"
