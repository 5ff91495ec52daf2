"""The device directory follows the registry, also where a reorganisation leaves the same counts behind."""

from dataclasses import replace

from sqlalchemy import insert, update

from ledger_node.domain.device import DeviceState, DeviceStatus, Suspension
from ledger_node.domain.record import name_hash
from ledger_node.store import Stores
from ledger_node.store.devices import DeviceDirectory
from ledger_node.store.projections import Block, Device, projections_metadata

BLOCKS = projections_metadata.tables["block"]
SCALE = "urn:tidemark:device:zpk-scale-001"
ACTIVE = DeviceState(1, 100, 0, 1, 2, DeviceStatus.ACTIVE, ())
SUSPENDED = replace(ACTIVE, status=DeviceStatus.SUSPENDED, suspensions=(Suspension(200, 0, 3),))


def keep(stores: Stores, state: DeviceState, *, version: int, block: int, block_hash: bytes) -> None:
    """The device's row and the block that wrote it, in place of what was there."""
    row = {"version": version, "status": int(state.status), "state": state.to_json()}
    with stores.projections.write() as connection:
        if connection.execute(update(Device).values(**row)).rowcount == 0:
            same = {"owner": 1, "device_class": 1, "trust": 2, "enrolled_at": 100, "revoked_from": 0}
            connection.execute(insert(Device).values(device=name_hash(SCALE), **same, **row))
        if connection.execute(update(BLOCKS).where(BLOCKS.c.number == block).values(hash=block_hash)).rowcount == 0:
            values = {"number": block, "hash": block_hash, "parent_hash": bytes(32), "time": block}
            connection.execute(insert(Block).values(final=False, **values))


def test_a_changed_device_is_read_again(stores: Stores) -> None:
    directory = DeviceDirectory(stores.projections)
    keep(stores, ACTIVE, version=1, block=1, block_hash=b"a" * 32)
    assert directory.refresh() == {name_hash(SCALE): ACTIVE}
    keep(stores, SUSPENDED, version=2, block=2, block_hash=b"b" * 32)
    assert directory.refresh() == {name_hash(SCALE): SUSPENDED}
    assert directory.state(SCALE) == SUSPENDED


def test_a_block_without_devices_changes_only_the_version(stores: Stores) -> None:
    directory = DeviceDirectory(stores.projections)
    keep(stores, ACTIVE, version=1, block=1, block_hash=b"a" * 32)
    directory.refresh()
    states, before = directory.states(), directory.version
    keep(stores, ACTIVE, version=1, block=2, block_hash=b"b" * 32)
    assert directory.refresh() == {}
    assert directory.states() is states
    assert directory.version != before


def test_another_history_with_the_same_counts_is_read_again(stores: Stores) -> None:
    directory = DeviceDirectory(stores.projections)
    keep(stores, ACTIVE, version=2, block=5, block_hash=b"a" * 32)
    directory.refresh()
    keep(stores, SUSPENDED, version=2, block=5, block_hash=b"b" * 32)
    assert directory.refresh() == {name_hash(SCALE): SUSPENDED}
