"""The registry's devices as ingest reads them: states by name, kept in memory until the projections change."""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from sqlalchemy import Connection, Table, func, select

from ledger_node.domain.device import DeviceState
from ledger_node.domain.record import name_hash
from ledger_node.store.database import Database
from ledger_node.store.projections import Block, Device

_BLOCK: Table = Block.__table__  # type: ignore[attr-defined]
_DEVICE: Table = Device.__table__  # type: ignore[attr-defined]


class RegistryVersion(NamedTuple):
    """What tells one state of the registry from another: any change of a row, or of the history that led to it.

    Number of devices, newest version among them, sum of versions; number and hash of the newest block taken in.
    """

    devices: int
    newest: int
    total: int
    block: int
    block_hash: bytes


NOT_READ: Final = RegistryVersion(-1, 0, 0, 0, b"")


@dataclass
class DeviceDirectory:
    """All enrolled devices by name hash. Read by any thread; `refresh` swaps the whole table at once."""

    projections: Database
    version: RegistryVersion = NOT_READ
    _states: dict[bytes, DeviceState] = field(default_factory=dict[bytes, DeviceState])

    def state(self, name: str) -> DeviceState | None:
        """The device called `name`, None when it is not enrolled."""
        return self._states.get(name_hash(name))

    def state_of(self, device: bytes) -> DeviceState | None:
        """The device whose name's hash is `device`."""
        return self._states.get(device)

    def states(self) -> dict[bytes, DeviceState]:
        """All devices by name hash; not to be changed."""
        return self._states

    def refresh(self) -> dict[bytes, DeviceState]:
        """Reads the table again if it has changed; gives the devices that are new or differ from before.

        After a reorganisation versions may count up to the same sums with other states: so the block that was newest
        last time must still be there.
        """
        with self.projections.read() as connection:
            version = _version(connection)
            seen = connection.execute(select(_BLOCK.c.hash).where(_BLOCK.c.number == self.version.block)).scalar()
            is_same_history = not self.version.block_hash or seen == self.version.block_hash
            if is_same_history and version[:3] == self.version[:3]:
                self.version = version
                return {}
            rows = connection.execute(select(_DEVICE.c.device, _DEVICE.c.state)).all()
        states = {row.device: DeviceState.from_json(row.state) for row in rows}
        changed = {device: state for device, state in states.items() if self._states.get(device) != state}
        self._states, self.version = states, version
        return changed


def _version(connection: Connection) -> RegistryVersion:
    c = _DEVICE.c
    sums = select(func.count(), func.coalesce(func.max(c.version), 0), func.coalesce(func.sum(c.version), 0))
    count, newest, total = connection.execute(sums.select_from(_DEVICE)).one()
    block = connection.execute(select(_BLOCK.c.number, _BLOCK.c.hash).order_by(_BLOCK.c.number.desc()).limit(1)).first()
    number, block_hash = (0, b"") if block is None else (block.number, block.hash)
    return RegistryVersion(int(count), int(newest), int(total), number, block_hash)
