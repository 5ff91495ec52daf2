"""Which contracts are the ledger's, and from which event on: those deployed with it, those `access` listed later."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Table, select

from ledger_node.store.projections import ListedContract

_LISTED: Table = ListedContract.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class KnownContract:
    """A contract of ours; its events count after (block, log index) `since`."""

    noun: str
    since: tuple[int, int]


class Contracts:
    """Address → contract. Grows while blocks are read; made anew from the table after blocks were undone."""

    def __init__(self, deployed: Mapping[bytes, str], listed: Iterable[tuple[bytes, str, int, int]] = ()) -> None:
        self._known = {address: KnownContract(noun, (-1, -1)) for address, noun in deployed.items()}
        for address, noun, block_number, log_index in listed:
            self.add(address, noun, block_number, log_index)

    @property
    def addresses(self) -> tuple[bytes, ...]:
        """All addresses whose logs must be read."""
        return tuple(self._known)

    def noun_at(self, address: bytes, block_number: int, log_index: int) -> str | None:
        """The noun of the contract, if an event of it at this place counts."""
        known = self._known.get(address)
        return known.noun if known is not None and (block_number, log_index) > known.since else None

    def add(self, address: bytes, noun: str, block_number: int, log_index: int) -> bool:
        """Takes in a listing; False when the contract is known already."""
        if address in self._known:
            return False
        self._known[address] = KnownContract(noun, (block_number, log_index))
        return True


def load_contracts(connection: Connection, deployed: Mapping[bytes, str]) -> Contracts:
    """The contracts as of the cursor."""
    rows = connection.execute(select(_LISTED)).all()
    return Contracts(deployed, [(row.address, row.noun, row.block_number, row.log_index) for row in rows])
