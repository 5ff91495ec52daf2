"""The register of merchants: who gets a sales day although nothing was sold, and which devices work for whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import select

from ledger_node.domain.device import DeviceState
from ledger_node.domain.record import name_hash
from ledger_node.store.database import Stores
from ledger_node.store.journal import DeviceHead
from ledger_node.store.projections import Device

_DEVICE = Device.__table__  # type: ignore[attr-defined]
_DEVICE_HEAD = DeviceHead.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Register:
    """Devices by the merchant they are assigned to (`merchant_ref`), and the trust of each device by name."""

    devices: Mapping[str, frozenset[str]]
    trust: Mapping[str, int]


class MerchantRegister(Protocol):
    """Where the register comes from."""

    def read(self) -> Register:
        """The register as it stands."""
        ...


class DeviceAssignments:
    """The register that the chain's device assignments make: commitments, no names of persons."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def read(self) -> Register:
        """See MerchantRegister. A device that never sent a record has no name here and is left out."""
        with self._stores.journal.read() as connection:
            names = {name_hash(row.device): row.device for row in connection.execute(select(_DEVICE_HEAD.c.device))}
        devices: dict[str, set[str]] = {}
        trust: dict[str, int] = {}
        with self._stores.projections.read() as connection:
            for row in connection.execute(select(_DEVICE.c.device, _DEVICE.c.state)):
                state = DeviceState.from_json(row.state)
                name = names.get(row.device)
                if name is not None:
                    trust[name] = state.trust
                if any(state.assignment.merchant):
                    mine = devices.setdefault("0x" + state.assignment.merchant.hex(), set())
                    if name is not None:
                        mine.add(name)
        return Register({merchant: frozenset(names) for merchant, names in devices.items()}, trust)
