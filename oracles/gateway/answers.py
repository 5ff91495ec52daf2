"""What the node's answers do to the outbox: receipts let rows go, refusals bury them, commands send them again.

A receipt counts only when a known node key signed it, when it is not above what went through this gateway, and when it
names the record that is here. Anything else is ignored with an alarm; the last good receipt stays.
"""

from collections.abc import Mapping
from typing import Any

from ledger_node.domain.clock import Clock
from ledger_node.domain.digest import sha256
from ledger_node.domain.envelope import Envelope
from ledger_node.domain.receipt import Receipt
from ledger_node.domain.record import ZERO_HASH
from ledger_node.domain.typed_data import SigningDomain
from ledger_node.errors import SignedMessageWrong
from oracles.device.alarm import Alarm
from oracles.device.node_word import CommandGate, NodeKeys, read_message, require_known_signer
from oracles.gateway.outbox import Outbox, Row


class Answers:
    """Applies acknowledgements and commands to one outbox."""

    def __init__(
        self, outbox: Outbox, domain: SigningDomain, node_keys: NodeKeys, clock: Clock, market: str, alarm: Alarm
    ) -> None:
        self._outbox = outbox
        self._domain = domain
        self._node_keys = node_keys
        self._clock = clock
        self._market = market
        self._alarm = alarm
        self._gate = CommandGate(domain, node_keys, clock)

    def take_ack(self, device: str, message: bytes) -> None:
        """An `ack` message: `{"receipt": … or null, "refused": […]}`."""
        try:
            body = read_message(message, "ack")
            if not isinstance(body, dict):
                raise SignedMessageWrong("ack", "not an object")
        except SignedMessageWrong as wrong:
            self._alarm("ack", str(wrong))
            return
        if body.get("receipt") is not None:
            self.take_receipt(body["receipt"], device)
        refused = body.get("refused") or []
        if not isinstance(refused, list):
            self._alarm("ack", "its refusals are no list")
            return
        for refusal in refused:
            self.take_refusal(device, refusal)

    def take_receipt(self, obj: object, device: str | None = None) -> bool:
        """Lets the covered rows go; False, with an alarm, when the receipt is not to be believed."""
        try:
            receipt = Receipt.from_json(obj)
            self._check(receipt, device)
        except SignedMessageWrong as wrong:
            self._alarm("receipt", str(wrong))
            return False
        self._outbox.acknowledge(receipt.device, receipt.contiguous_sequence, receipt.to_json(), self._clock.now_ms())
        return True

    def take_refusal(self, device: str | None, refusal: object) -> bool:
        """Buries the row whose bytes the node will never take; False when there is none such."""
        if not isinstance(refusal, Mapping) or not isinstance(refusal.get("hash"), str):
            self._alarm("refusal", "not an object with a hash")
            return False
        named = refusal.get("device")
        device = device or (named if isinstance(named, str) else None)
        rows = [] if device is None else self._outbox.in_flight_rows(device)
        for row in rows:
            if "0x" + sha256(row.envelope).hex() == refusal["hash"]:
                reason = str(refusal.get("reason", ""))[:64]
                self._alarm("refused", f"{row.device} {row.sequence}: {reason} {refusal.get('detail', '')}")
                self._outbox.bury(row.id, _notice(row, reason))
                return True
        return False

    def take_command(self, device: str, message: bytes) -> dict[str, Any] | None:
        """Obeys a command or leaves it for the device; what to say on `cmdack`, None when it is not to be obeyed."""
        memory = f"command {device}"
        try:
            command = self._gate.command(message, device, self._outbox.memory(memory, 0))
        except SignedMessageWrong as wrong:
            self._alarm("command", str(wrong))
            return None
        self._outbox.remember(memory, command.number)
        answer = {"number": command.number, "name": command.name, "result": "done"}
        if command.name == "resend":
            first, last = command.arguments.get("from"), command.arguments.get("to")
            if type(first) is not int or type(last) is not int or not 0 < first <= last:
                return answer | {"result": "refused", "detail": "from and to are no range of numbers"}
            return answer | {"rows": self._outbox.ask_again(device, first, last)}
        self._outbox.tell(device, {"type": "command", "command": command.to_json()})
        return answer | {"result": "handed down"}

    def take_configuration(self, device: str, message: bytes) -> bool:
        """Hands a newer configuration down to its device."""
        memory = f"configuration {device}"
        version = self._outbox.memory(memory, 0)
        try:
            configuration = self._gate.configuration(message, device, version)
        except SignedMessageWrong as wrong:
            self._alarm("configuration", str(wrong))
            return False
        if configuration.version > version:
            self._outbox.tell(device, {"type": "configuration", "configuration": configuration.to_json()})
            self._outbox.remember(memory, configuration.version)
        return True

    def _check(self, receipt: Receipt, device: str | None) -> None:
        if device is not None and receipt.device != device:
            raise SignedMessageWrong("receipt", f"for {receipt.device} on the topic of {device}")
        require_known_signer(receipt, "receipt", self._domain, self._node_keys)
        sequence = receipt.contiguous_sequence
        highest = self._outbox.highest_sequence(receipt.device)
        if sequence > highest:
            raise SignedMessageWrong("receipt", f"{receipt.device} {sequence}, but {highest} is the highest sent")
        rows = self._outbox.record_rows(receipt.device, sequence, sequence)
        if rows and receipt.head_hash != ZERO_HASH and all(row.digest != receipt.head_hash for row in rows):
            raise SignedMessageWrong("receipt", f"{receipt.device} {sequence} is another record than the one sent")


def _notice(row: Row, reason: str) -> dict[str, Any]:
    """What the device is told: its number is lost, and which numbers a lost `gap` was to declare."""
    notice: dict[str, Any] = {"type": "refused", "sequence": row.sequence, "reason": reason}
    envelope = Envelope.from_cbor(row.envelope)
    if envelope.kind == "gap":
        payload = envelope.payload_object()
        notice["declared"] = [payload["from_sequence"], payload["to_sequence"]]
    return notice
