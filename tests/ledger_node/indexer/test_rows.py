"""Rows and before-images: whatever blocks do, undoing them newest first gives every earlier state again."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from ledger_node.indexer.digest import digest_of_tables
from ledger_node.indexer.rows import Rows, restore_before_images, sql_integer
from ledger_node.store import Stores
from ledger_node.store.projections import BeforeImage, Device, LotHolding, PartyAlias

CHANGE = st.tuples(st.sampled_from(["put", "remove", "change"]), st.integers(0, 3), st.integers(0, 2**128 - 1))
BLOCKS = st.lists(st.lists(CHANGE, max_size=6), max_size=5)


def _apply(rows: Rows, changes: list[tuple[str, int, int]]) -> None:
    for what, number, value in changes:
        key: dict[str, Any] = {"lot_key": bytes([number]) * 32, "party": number % 2}
        if what == "put":
            rows.put(LotHolding, **key, held=value)
            rows.put(PartyAlias, alias_key=bytes([number]), party=value % 1000)
        elif what == "remove":
            rows.remove(LotHolding, **key)
        else:
            found = rows.get(LotHolding, **key)
            assert rows.change(LotHolding, key, held=value) == (found is not None)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(BLOCKS)
def test_undoing_blocks_gives_back_every_state_before_them(
    stores: Stores, blocks: list[list[tuple[str, int, int]]]
) -> None:
    states = []
    with stores.projections.write() as connection:
        for model in (LotHolding, PartyAlias, BeforeImage):
            connection.execute(delete(model.__table__))  # type: ignore[attr-defined]
        for number, changes in enumerate(blocks):
            states.append(digest_of_tables(connection))
            rows = Rows(connection, keep_before=True)
            _apply(rows, changes)
            rows.flush(number)
        for number in reversed(range(len(blocks))):
            restore_before_images(connection, number)
            assert digest_of_tables(connection) == states.pop()


def test_json_and_bytes_survive_a_before_image(stores: Stores) -> None:
    row: dict[str, Any] = {
        "device": b"\1" * 32,
        "owner": 7,
        "device_class": 1,
        "trust": 2,
        "status": 2,
        "enrolled_at": sql_integer(2**64 - 1),
        "revoked_from": 0,
        "version": 1,
        "state": {"owner": 7, "enrolled_at": 2**64 - 1, "keys": [{"key_hash": "0xab"}]},
    }
    with stores.projections.write() as connection:
        rows = Rows(connection, keep_before=True)
        rows.put(Device, **row)
        rows.flush(1)
        before = digest_of_tables(connection)
        rows = Rows(connection, keep_before=True)
        rows.put(Device, **{**row, "version": 2, "state": {}})
        rows.flush(2)
        assert digest_of_tables(connection) != before
        restore_before_images(connection, 2)
        assert digest_of_tables(connection) == before
        assert Rows(connection, keep_before=True).get(Device, device=b"\1" * 32) == row


def test_a_row_must_name_every_column(stores: Stores) -> None:
    with stores.projections.write() as connection, pytest.raises(ValueError, match="party_alias"):
        Rows(connection, keep_before=True).put(PartyAlias, alias_key=b"\1")
