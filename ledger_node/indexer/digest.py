"""Digests of the projections, and the rebuild that must come out equal (`proofs.md` section 8, rule 8).

A digest covers every row in key order, as canonical text, so it is the same on SQLite and PostgreSQL. Left out is what
is no function of the events: leases, before-images, and whether a block is final yet.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlalchemy import Connection, Table, select

from ledger_node.indexer.row_json import canonical_line
from ledger_node.store.projections import projections_metadata

OMITTED_TABLES: Final = frozenset({"lease", "before_image"})
OMITTED_COLUMNS: Final[Mapping[str, frozenset[str]]] = {"block": frozenset({"final"})}


def digest_of_tables(connection: Connection) -> dict[str, str]:
    """Table → SHA-256 over its rows, in hexadecimal."""
    digests: dict[str, str] = {}
    for table in compared_tables():
        digest = hashlib.sha256()
        for row in rows_in_key_order(connection, table):
            digest.update(canonical_line(table, row))
        digests[table.name] = digest.hexdigest()
    return digests


def differing_tables(left: Connection, right: Connection) -> list[str]:
    """The tables whose digests differ, by name."""
    first, second = digest_of_tables(left), digest_of_tables(right)
    return sorted(name for name in first if first[name] != second[name])


def compared_tables() -> list[Table]:
    """The tables that a rebuild must give again, by name."""
    tables = projections_metadata.tables
    return [tables[name] for name in sorted(tables) if name not in OMITTED_TABLES]


def rows_in_key_order(connection: Connection, table: Table) -> Iterator[Mapping[str, Any]]:
    """All rows of a table, without the columns that a digest leaves out."""
    omitted = OMITTED_COLUMNS.get(table.name, frozenset())
    columns = [column for column in table.c if column.name not in omitted]
    query = select(*columns).order_by(*table.primary_key.columns).execution_options(stream_results=True)
    for row in connection.execute(query).mappings():
        yield {str(name): value for name, value in row.items()}
