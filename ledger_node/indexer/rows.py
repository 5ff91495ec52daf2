"""The rows that projections read and change, collected in memory and written in the block's transaction.

A projection never sees SQL: it gets and puts whole rows by primary key. What a row was before its block first touched
it is kept as a before-image, so that the block can be undone; blocks that are final already keep none.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table, and_, delete, insert, select
from sqlmodel import SQLModel

from ledger_node.indexer.row_json import decode_row, encode_row
from ledger_node.store.projections import BeforeImage, projections_metadata
from ledger_node.store.upsert import upsert

_IMAGE: Table = BeforeImage.__table__  # type: ignore[attr-defined]
SQL_INTEGER_LIMIT = 2**63 - 1

Row = dict[str, Any]
_Key = tuple[Any, ...]
_Place = tuple[str, _Key]


def sql_integer(value: int) -> int:
    """A uint64 from the chain as SQL can hold it: what lies past 2^63 − 1 means "for ever" and stays that."""
    return min(value, SQL_INTEGER_LIMIT)


class Rows:
    """Reads through, collects changes, writes them at `flush`. One transaction long."""

    def __init__(self, connection: Connection, *, keep_before: bool) -> None:
        self._connection = connection
        self._keep_before = keep_before
        self._changed: dict[_Place, Row | None] = {}
        self._stored: dict[_Place, Row | None] = {}  # as the database has it
        self._before: dict[_Place, Row | None] = {}

    def get(self, model: type[SQLModel], **key: Any) -> Row | None:
        """The row with this primary key as the events so far leave it; a copy."""
        table = table_of(model)
        place = (table.name, _key_values(table, key))
        row = self._changed[place] if place in self._changed else self._load(place)
        return None if row is None else dict(row)

    def put(self, model: type[SQLModel], **row: Any) -> None:
        """Sets a whole row, new or known: every column is given."""
        table = table_of(model)
        if row.keys() != _columns(table):
            raise ValueError(f"{table.name}: columns {sorted(row.keys() ^ _columns(table))}")
        self._set((table.name, _key_values(table, row)), row)

    def change(self, model: type[SQLModel], key: Mapping[str, Any], **values: Any) -> bool:
        """Sets some columns of a row; False, and nothing done, when there is none."""
        row = self.get(model, **key)
        if row is None:
            return False
        self.put(model, **{**row, **values})
        return True

    def remove(self, model: type[SQLModel], **key: Any) -> None:
        """Takes a row out, if it is there."""
        table = table_of(model)
        self._set((table.name, _key_values(table, key)), None)

    def flush(self, block_number: int) -> None:
        """Writes all changes, and the before-images as those of `block_number`."""
        written: dict[str, list[Row]] = {}
        for (name, key), row in self._changed.items():
            table = projections_metadata.tables[name]
            if row is None:
                self._connection.execute(delete(table).where(_where(table, key)))
            else:
                written.setdefault(name, []).append(row)
        for name, rows in written.items():
            upsert(self._connection, projections_metadata.tables[name], rows)
        if self._before:
            self._connection.execute(insert(_IMAGE), self._images(block_number))
        self._changed.clear()
        self._stored.clear()
        self._before.clear()

    def _images(self, block_number: int) -> list[Row]:
        images: list[Row] = []
        for (name, key), row in self._before.items():
            table = projections_metadata.tables[name]
            named = dict(zip(_key_names(table), key, strict=True))
            images.append(
                {
                    "block_number": block_number,
                    "table": name,
                    "key": encode_row(table, named),
                    "row": None if row is None else encode_row(table, row),
                }
            )
        return images

    def _set(self, place: _Place, row: Row | None) -> None:
        if self._keep_before and place not in self._changed:
            self._before[place] = self._load(place)
        self._changed[place] = row

    def _load(self, place: _Place) -> Row | None:
        if place not in self._stored:
            name, key = place
            table = projections_metadata.tables[name]
            found = self._connection.execute(select(table).where(_where(table, key))).mappings().first()
            self._stored[place] = None if found is None else dict(found)
        return self._stored[place]


def restore_before_images(connection: Connection, block_number: int) -> None:
    """Puts back what the rows were before the block, and forgets the images."""
    of_block = select(_IMAGE).where(_IMAGE.c.block_number == block_number).order_by(_IMAGE.c.id.desc())
    for image in connection.execute(of_block).mappings().all():
        table = projections_metadata.tables[image["table"]]
        if image["row"] is None:
            key = decode_row(table, image["key"])
            connection.execute(delete(table).where(_where(table, _key_values(table, key))))
        else:
            upsert(connection, table, [decode_row(table, image["row"])])
    connection.execute(delete(_IMAGE).where(_IMAGE.c.block_number == block_number))


def table_of(model: type[SQLModel]) -> Table:
    """The table of a model."""
    table: Table = model.__table__  # type: ignore[attr-defined]
    return table


@cache
def _columns(table: Table) -> frozenset[str]:
    return frozenset(table.c.keys())


@cache
def _key_names(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.primary_key)


def _key_values(table: Table, row: Mapping[str, Any]) -> _Key:
    return tuple([row[name] for name in _key_names(table)])


def _where(table: Table, key: _Key) -> Any:
    return and_(*(column == value for column, value in zip(table.primary_key, key, strict=True)))
