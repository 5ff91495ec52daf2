"""Rows of one table by a list of values, hundreds at a time, in the driver's own SQL.

SQLAlchemy makes an expression of every value of an IN; for a transaction of ingest that costs more than the look-up.
Values come back as the driver gives them, so columns with converted types, JSON and booleans are refused.
"""

from collections.abc import Callable, Collection, Sequence
from itertools import islice
from typing import Any, Final

from sqlalchemy import JSON, Boolean, Connection, Table

from ledger_node.store.bulk_insert import check_plain, mark_of

_AT_ONCE: Final = 500
"""Fewer than any database's limit of values in a statement."""


class BulkSelect:
    """A SELECT of `columns` of `table` where the column `by` has one of many values."""

    def __init__(self, table: Table, columns: Sequence[str], by: str) -> None:
        check_plain(table, [*columns, by])
        if any(isinstance(table.c[name].type, (JSON, Boolean)) for name in columns):
            raise ValueError(f"{table.name} has columns that need converting: use SQLAlchemy's select")
        self._table, self._columns, self._by = table, tuple(columns), by

    def read(self, connection: Connection, values: Collection[Any]) -> list[tuple[Any, ...]]:
        """The rows found, in no order."""
        found: list[tuple[Any, ...]] = []
        waiting = iter(values)
        dialect = connection.dialect
        quote: Callable[[str], str] = dialect.identifier_preparer.quote
        names = ", ".join(quote(name) for name in self._columns)
        while part := tuple(islice(waiting, _AT_ONCE)):
            marks = ", ".join([mark_of(dialect)] * len(part))
            text = f"SELECT {names} FROM {quote(self._table.name)} WHERE {quote(self._by)} IN ({marks})"
            found.extend(tuple(row) for row in connection.exec_driver_sql(text, part))
        return found
