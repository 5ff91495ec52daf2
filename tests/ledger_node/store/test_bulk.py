"""Bulk statements write and read what SQLAlchemy would, on both databases, and refuse what they cannot convert."""

import pytest
from sqlalchemy import select

from ledger_node.store import Stores
from ledger_node.store.bulk_insert import BulkInsert
from ledger_node.store.bulk_select import BulkSelect
from ledger_node.store.journal import journal_metadata

TABLES = journal_metadata.tables
COUNTS = TABLES["verdict_count"]
COUNT_COLUMNS = ("market", "device", "hour", "verdict", "reason", "count")
BALANCES = TABLES["lot_balance"]
BALANCE_COLUMNS = ("lot_key", "merchant_ref", "in_grams", "out_grams", "divisions_grams", "disputed")


def test_rows_that_are_there_grow_where_they_should(stores: Stores) -> None:
    adding = BulkInsert(COUNTS, COUNT_COLUMNS, adding=("count",))
    with stores.journal.write() as connection:
        adding.write(connection, [("zpk", "scale", 1, 1, 0, 2), ("zpk", "probe", 1, 1, 0, 7)])
        adding.write(connection, [("zpk", "scale", 1, 1, 0, 3)])
        kept = connection.execute(select(COUNTS.c.device, COUNTS.c.count).order_by(COUNTS.c.device)).all()
    assert [tuple(row) for row in kept] == [("probe", 7), ("scale", 5)]


def test_rows_that_are_there_are_replaced_where_they_should(stores: Stores) -> None:
    replacing = BulkInsert(BALANCES, BALANCE_COLUMNS, replacing=True)
    with stores.journal.write() as connection:
        replacing.write(connection, [(b"lot", "me", 10, 1, 0, False)])
        replacing.write(connection, [(b"lot", "me", 10, 11, 5, True), (b"lot", "you", 1, 0, 0, False)])
        kept = connection.execute(select(BALANCES).order_by(BALANCES.c.merchant_ref)).all()
    assert [tuple(row) for row in kept] == [(b"lot", "me", 10, 11, 5, True), (b"lot", "you", 1, 0, 0, False)]


def test_hundreds_of_values_are_looked_up_and_only_those_there_are_found(stores: Stores) -> None:
    known = BulkSelect(BALANCES, ("merchant_ref", "in_grams"), "merchant_ref")
    rows = [(b"lot", f"merchant {number}", number, 0, 0, False) for number in range(0, 3000, 2)]
    with stores.journal.write() as connection:
        BulkInsert(BALANCES, BALANCE_COLUMNS).write(connection, rows)
        found = known.read(connection, {f"merchant {number}" for number in range(1500)})
        assert known.read(connection, set()) == []
    assert sorted(found) == sorted((f"merchant {number}", number) for number in range(0, 1500, 2))


def test_columns_that_need_converting_are_refused() -> None:
    with pytest.raises(ValueError, match="converted"):
        BulkInsert(TABLES["batch"], ("stream", "amount"))
    with pytest.raises(ValueError, match="no columns colour"):
        BulkSelect(BALANCES, ("colour",), "lot_key")
    with pytest.raises(ValueError, match="converting"):
        BulkSelect(BALANCES, ("disputed",), "lot_key")
    with pytest.raises(ValueError, match="converting"):
        BulkSelect(TABLES["live_event"], ("body",), "id")
