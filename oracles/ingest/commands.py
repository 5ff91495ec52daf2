"""Commands to devices: written to the journal first, numbered by their row, signed when sent, noted when answered."""

from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import Table, insert, select, update

from ledger_node.domain.clock import Clock
from ledger_node.domain.command import COMMAND_LIFE_MS, sign_command
from ledger_node.domain.command import Command as SignedCommand
from ledger_node.store.database import Database
from ledger_node.store.journal import Command
from oracles.ingest.own_records import OwnRecords

_COMMAND: Table = Command.__table__  # type: ignore[attr-defined]
_AT_ONCE = 64


class Order(NamedTuple):
    """A command that has not been sent yet."""

    number: int
    device: str
    name: str
    arguments: dict[str, Any]


class CommandDesk:
    """The table of commands, for ingest's process: it alone has the node's key and the broker."""

    def __init__(self, journal: Database, own: OwnRecords, clock: Clock) -> None:
        self._journal = journal
        self._own = own
        self._clock = clock

    def order(self, device: str, name: str, arguments: dict[str, Any]) -> None:
        """Asks for a command to be sent."""
        with self._journal.write() as connection:
            row = {"device": device, "name": name, "arguments": arguments, "at_ms": self._clock.now_ms()}
            connection.execute(insert(_COMMAND).values(row))

    def unsent(self, is_heard: Callable[[str], bool]) -> list[Order]:
        """What waits to be sent to devices that can be reached, oldest first. What waits for others bars nobody."""
        c = _COMMAND.c
        waiting = c.sent_at_ms.is_(None)
        with self._journal.read() as connection:
            devices = connection.execute(select(c.device).where(waiting).distinct()).scalars()
            heard = [device for device in devices if is_heard(device)][:_AT_ONCE]
            if not heard:
                return []
            columns = (c.id, c.device, c.name, c.arguments)
            query = select(*columns).where(waiting, c.device.in_(heard)).order_by(c.id).limit(_AT_ONCE)
            return [Order(*row) for row in connection.execute(query)]

    def sign(self, order: Order) -> SignedCommand:
        """The command as it travels; it expires a minute of real time from now."""
        return sign_command(
            self._own.domain,
            self._own.signer,
            self._own.name,
            device=order.device,
            number=order.number,
            name=order.name,
            arguments=order.arguments,
            expires_at_ms=self._clock.now_ms() + COMMAND_LIFE_MS * self._clock.rate(),
        )

    def sent(self, order: Order) -> None:
        """Notes that it went out."""
        self._stamp(order.number, order.device, "sent_at_ms")

    def acknowledged(self, device: str, number: int) -> None:
        """Notes that the device or its gateway answered."""
        self._stamp(number, device, "acknowledged_at_ms")

    def _stamp(self, number: int, device: str, column: str) -> None:
        with self._journal.write() as connection:
            connection.execute(
                update(_COMMAND)
                .where(_COMMAND.c.id == number, _COMMAND.c.device == device)
                .values({column: self._clock.now_ms()})
            )
