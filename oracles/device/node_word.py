"""What a device believes of what the node tells it: only what a known node key signed, for now, and newer than before.

Anything else is ignored with an alarm, and the last good word stays (`oracles.md` section 10).
"""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from ledger_node.domain.clock import Clock
from ledger_node.domain.command import Command, Configuration
from ledger_node.domain.device_key import KeyType
from ledger_node.domain.hold import HoldList
from ledger_node.domain.identifier import lot_key
from ledger_node.domain.nesting import is_nested_deeper
from ledger_node.domain.typed_data import SigningDomain
from ledger_node.errors import SignedMessageWrong
from oracles.device.alarm import Alarm, log_alarm

NodeKeys = Mapping[str, tuple[KeyType, bytes]]
"""Node device name → its key, from the registry."""
HOLD_LIST_LIFE_MS: Final = 24 * 3_600_000
AHEAD_LIMIT_MS: Final = 180_000


class _Signed(Protocol):
    @property
    def node(self) -> str: ...
    def verify(self, domain: SigningDomain, key_type: KeyType, public_key: bytes) -> bool: ...


def require_known_signer(signed: _Signed, what: str, domain: SigningDomain, node_keys: NodeKeys) -> None:
    """SignedMessageWrong unless the node named in `signed` is known and its key made the signature."""
    key = node_keys.get(signed.node)
    if key is None:
        raise SignedMessageWrong(what, f"{signed.node} is no node known here")
    if not signed.verify(domain, *key):
        raise SignedMessageWrong(what, f"not signed by the key of {signed.node}")


def read_message(message: bytes, what: str) -> Any:
    """The JSON value of a message; SignedMessageWrong when it is none."""
    try:
        text = message.decode()
        if is_nested_deeper(text):
            raise SignedMessageWrong(what, "nested too deeply")
        return json.loads(text)
    except ValueError as wrong:
        raise SignedMessageWrong(what, "not JSON") from wrong


@dataclass(frozen=True, slots=True)
class HoldAnswer:
    """Whether a lot must not be sold; `needs_pin` when the list is too old to say no by itself."""

    is_held: bool
    needs_pin: bool
    version: int
    age_ms: int | None


class HoldWatch:
    """The newest hold list of one market that this device verified; kept in `path` over restarts."""

    def __init__(
        self,
        market: str,
        domain: SigningDomain,
        node_keys: NodeKeys,
        clock: Clock,
        *,
        path: Path | None = None,
        alarm: Alarm = log_alarm,
    ) -> None:
        self.market = f"market/{market}"
        self.domain = domain
        self.node_keys = node_keys
        self.clock = clock
        self.list: HoldList | None = None
        self._path = path
        self._alarm = alarm
        self._lock = threading.Lock()
        if path is not None and path.exists():
            self._read_kept(path.read_bytes())

    def take(self, message: bytes) -> bool:
        """Takes a newer list over; False, with an alarm, when it is not to be believed."""
        try:
            fresh = self._verified(message)
        except SignedMessageWrong as wrong:
            self._alarm("hold-list", str(wrong))
            return False
        with self._lock:
            if self.list is not None and (fresh.version, fresh.issued_at_ms) < (
                self.list.version,
                self.list.issued_at_ms,
            ):
                self._alarm("hold-list", f"version {fresh.version} is older than {self.list.version}")
                return False
            if self._path is not None and fresh != self.list:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._path.write_bytes(message)
            self.list = fresh
        return True

    def take_json(self, members: object) -> bool:
        """As `take`, for a list that came inside another message."""
        return self.take(json.dumps(members).encode())

    def check(self, lot_id: str) -> HoldAnswer:
        """Whether `lot_id` (a canonical Digital Link) is held, by the last good list."""
        known = self.list
        if known is None:
            return HoldAnswer(False, True, 0, None)
        age_ms = self.clock.now_ms() - known.issued_at_ms
        return HoldAnswer(known.holds(lot_key(lot_id)), age_ms > HOLD_LIST_LIFE_MS, known.version, age_ms)

    def _verified(self, message: bytes) -> HoldList:
        fresh = HoldList.from_json(read_message(message, "hold list"))
        if fresh.market != self.market:
            raise SignedMessageWrong("hold list", f"for {fresh.market}, not {self.market}")
        require_known_signer(fresh, "hold list", self.domain, self.node_keys)
        age_ms = self.clock.now_ms() - fresh.issued_at_ms
        if age_ms > HOLD_LIST_LIFE_MS:
            raise SignedMessageWrong("hold list", f"expired: issued {age_ms // 60_000} minutes ago")
        if age_ms < -AHEAD_LIMIT_MS:
            raise SignedMessageWrong("hold list", "issued in the future")
        return fresh

    def _read_kept(self, message: bytes) -> None:
        """The list of before a restart counts however old it is: its age is what asks for the manager."""
        try:
            kept = HoldList.from_json(read_message(message, "hold list"))
            require_known_signer(kept, "hold list", self.domain, self.node_keys)
        except SignedMessageWrong as wrong:
            self._alarm("hold-list", str(wrong))
            return
        self.list = kept


class CommandGate:
    """Lets each command through once: signed by a known node, for this device, unexpired, numbered above the last."""

    def __init__(self, domain: SigningDomain, node_keys: NodeKeys, clock: Clock) -> None:
        self.domain = domain
        self.node_keys = node_keys
        self.clock = clock

    def command(self, message: bytes, device: str, last_number: int) -> Command:
        """The command in `message`; SignedMessageWrong when it is not to be obeyed."""
        command = Command.from_json(read_message(message, "command"))
        if command.device != device:
            raise SignedMessageWrong("command", f"for {command.device}, not {device}")
        require_known_signer(command, "command", self.domain, self.node_keys)
        if command.expires_at_ms <= self.clock.now_ms():
            raise SignedMessageWrong("command", f"number {command.number} has expired")
        if command.number <= last_number:
            raise SignedMessageWrong("command", f"number {command.number} is not above {last_number}")
        return command

    def configuration(self, message: bytes, device: str, last_version: int) -> Configuration:
        """The configuration in `message`; SignedMessageWrong when it does not replace version `last_version`."""
        configuration = Configuration.from_json(read_message(message, "configuration"))
        if configuration.device != device:
            raise SignedMessageWrong("configuration", f"for {configuration.device}, not {device}")
        require_known_signer(configuration, "configuration", self.domain, self.node_keys)
        if configuration.version < last_version:
            raise SignedMessageWrong("configuration", f"version {configuration.version} is below {last_version}")
        return configuration
