"""The registry's devices as ingest reads them: states by name, kept in memory until the projections change."""

from dataclasses import dataclass, field

from sqlalchemy import Table, func, select

from ledger_node.domain.device import DeviceState
from ledger_node.domain.record import name_hash
from ledger_node.store.database import Database
from ledger_node.store.projections import Device

_DEVICE: Table = Device.__table__  # type: ignore[attr-defined]

RegistryVersion = tuple[int, int, int]
"""Number of devices, newest version among them, sum of versions: differs whenever any row does."""


@dataclass
class DeviceDirectory:
    """All enrolled devices by name hash. Read by any thread; `refresh` swaps the whole table at once."""

    projections: Database
    version: RegistryVersion = (-1, 0, 0)
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
        """Reads the table again if it has changed; gives the devices that are new or differ from before."""
        with self.projections.read() as connection:
            newest = func.coalesce(func.max(_DEVICE.c.version), 0)
            total = func.coalesce(func.sum(_DEVICE.c.version), 0)
            count, most, sum_of = connection.execute(select(func.count(), newest, total).select_from(_DEVICE)).one()
            version = (int(count), int(most), int(sum_of))
            if version == self.version:
                return {}
            rows = connection.execute(select(_DEVICE.c.device, _DEVICE.c.state)).all()
        states = {row.device: DeviceState.from_json(row.state) for row in rows}
        changed = {device: state for device, state in states.items() if self._states.get(device) != state}
        self._states, self.version = states, version
        return changed
