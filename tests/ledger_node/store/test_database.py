"""What the stores promise on both databases: whole transactions, exact sums, leases that one holder has."""

import pytest
from sqlalchemy import insert, inspect, select

from ledger_node.store import Stores, migrate
from ledger_node.store.database import METADATA, Database
from ledger_node.store.journal import Batch, Lease, journal_metadata
from ledger_node.store.lease import acquire, release, still_holds

LEASES = journal_metadata.tables["lease"]
BATCHES = journal_metadata.tables["batch"]


def all_databases(stores: Stores) -> list[Database]:
    return [stores.journal, stores.projections, stores.log]


def test_every_table_is_made_by_the_migrations(stores: Stores) -> None:
    for database in all_databases(stores):
        schema = None if database.is_sqlite else database.name
        found = set(inspect(database.engine).get_table_names(schema=schema))
        assert set(METADATA[database.name].tables) <= found


def test_migrating_again_changes_nothing(stores: Stores) -> None:
    migrate(stores)


def test_a_failed_transaction_leaves_nothing(stores: Stores) -> None:
    def fail_half_way() -> None:
        with stores.journal.write() as connection:
            acquire(connection, LEASES, "lane-0", "me", now_ms=0)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    with stores.journal.read() as connection:
        assert connection.execute(select(LEASES)).all() == []


def test_a_lease_has_one_holder_until_it_lapses(stores: Stores) -> None:
    with stores.journal.write() as connection:
        mine = acquire(connection, LEASES, "lane-0", "me", now_ms=0, seconds=15)
        assert mine is not None
        assert mine.fencing == 1
        assert acquire(connection, LEASES, "lane-0", "other", now_ms=14_999, seconds=15) is None
        other = acquire(connection, LEASES, "lane-0", "other", now_ms=15_000, seconds=15)
        assert other is not None
        assert other.fencing == 2
        assert not still_holds(connection, LEASES, mine)
        assert still_holds(connection, LEASES, other)


def test_a_lease_that_lapsed_is_kept_until_somebody_takes_it(stores: Stores) -> None:
    with stores.journal.write() as connection:
        mine = acquire(connection, LEASES, "lane-0", "me", now_ms=0)
        assert mine is not None
        assert acquire(connection, LEASES, "lane-0", "me", now_ms=10**9) == mine
        assert still_holds(connection, LEASES, mine)
        release(connection, LEASES, mine)
        assert not still_holds(connection, LEASES, mine)


def test_a_lease_taken_before_the_clock_was_put_back_binds_nobody_for_hours(stores: Stores) -> None:
    hour_ms = 3_600_000
    with stores.journal.write() as connection:
        assert acquire(connection, LEASES, "lane-0", "me", now_ms=hour_ms) is not None
        assert acquire(connection, LEASES, "lane-0", "other", now_ms=hour_ms - 30_000) is None
        assert acquire(connection, LEASES, "lane-0", "other", now_ms=0) is not None


def test_a_lease_given_back_is_free_at_once(stores: Stores) -> None:
    with stores.journal.write() as connection:
        mine = acquire(connection, LEASES, "index", "me", now_ms=0)
        assert mine is not None
        release(connection, LEASES, mine)
        assert acquire(connection, LEASES, "index", "other", now_ms=1) is not None


@pytest.mark.parametrize("total", [0, 1, 2**64, 2**128 - 1])
def test_sums_of_128_bits_come_back_exactly(stores: Stores, total: int) -> None:
    row = {
        "stream": "market/zpk/sale", "sequence": 1, "first_position": 0, "count": 1, "amount": total, "mass": total,
        "root": bytes(32), "previous_root": bytes(32), "first_at": 0, "last_at": 0, "sealed_at": 0,
        "content": bytes(32), "lots": bytes(32), "rules": bytes(32), "tx_key": "pin",
    }  # fmt: skip
    with stores.journal.write() as connection:
        connection.execute(insert(BATCHES).values(**row))
    with stores.journal.read() as connection:
        found = connection.execute(select(BATCHES)).mappings().one()
    assert (found["amount"], found["mass"]) == (total, total)


def test_a_sum_of_more_than_128_bits_is_refused(stores: Stores) -> None:
    with pytest.raises(Exception, match="does not fit 128 bits"), stores.journal.read() as connection:
        connection.execute(select(BATCHES).where(BATCHES.c.amount == 2**128)).all()


def test_the_models_name_their_tables() -> None:
    assert {Batch.__tablename__, Lease.__tablename__} <= set(journal_metadata.tables)
