"""A device that is its own gateway: its records go straight to the broker, and count as kept when the node says so.

Its flash is the outbox: a record is forgotten only after the node's signed receipt.
"""

import time
from collections.abc import Sequence
from typing import Final

from ledger_node.domain.envelope import Envelope
from ledger_node.domain.receipt import Receipt
from ledger_node.domain.topic import leaf_of, parse_topic
from ledger_node.domain.typed_data import SigningDomain
from ledger_node.errors import LinkDown, SignedMessageWrong
from oracles.device.alarm import Alarm, log_alarm
from oracles.device.link import frames_of
from oracles.device.node_word import NodeKeys, read_message, require_known_signer
from oracles.device.uplink import Uplink

ANSWER_SECONDS: Final = 10.0


class MqttLink:
    """The session of one device. LinkDown when the node does not answer in time: the device keeps its records."""

    def __init__(
        self,
        broker: tuple[str, int],
        market: str,
        device: str,
        domain: SigningDomain,
        node_keys: NodeKeys,
        *,
        answer_seconds: float = ANSWER_SECONDS,
        alarm: Alarm = log_alarm,
    ) -> None:
        self._where = f"{broker[0]}:{broker[1]}"
        self._device = device
        self._domain = domain
        self._node_keys = node_keys
        self._answer_seconds = answer_seconds
        self._alarm = alarm
        self._received = 0
        self._uplink = Uplink(*broker, market, device)
        self._uplink.start()

    def keep(self, envelopes: Sequence[Envelope]) -> None:
        """Sends them, and returns once a verified receipt covers the last one."""
        deadline = time.monotonic() + self._answer_seconds
        while not self._uplink.is_connected:
            self._wait(deadline, "no broker")
        for leaf in dict.fromkeys(leaf_of(one.kind) for one in envelopes):
            for frame in frames_of([one for one in envelopes if leaf_of(one.kind) == leaf]):
                if not self._uplink.publish(self._device, leaf, frame, retain=leaf == "birth"):
                    raise LinkDown(self._where, "the broker went away")
        highest = max(one.sequence for one in envelopes)
        while self._received < highest:
            self._wait(deadline, "no receipt")
            self._take_answers(highest)

    def close(self) -> None:
        """Ends the session."""
        self._uplink.stop()

    def _wait(self, deadline: float, what: str) -> None:
        if time.monotonic() > deadline:
            raise LinkDown(self._where, f"{what} within {self._answer_seconds:g} s")
        self._uplink.wake.wait(0.05)
        self._uplink.wake.clear()

    def _take_answers(self, highest: int) -> None:
        while not self._uplink.inbox.empty():
            message = self._uplink.inbox.get()
            topic = parse_topic(message.topic)
            if topic is None or topic.leaf != "ack":
                continue
            try:
                self._received = max(self._received, self._verified(message.payload, highest))
            except SignedMessageWrong as wrong:
                self._alarm("receipt", str(wrong))

    def _verified(self, payload: bytes, highest: int) -> int:
        body = read_message(payload, "ack")
        if not isinstance(body, dict):
            raise SignedMessageWrong("ack", "not an object")
        if body.get("receipt") is None:
            raise SignedMessageWrong("ack", f"refused: {body.get('refused')}")
        receipt = Receipt.from_json(body["receipt"])
        require_known_signer(receipt, "receipt", self._domain, self._node_keys)
        if receipt.device != self._device or receipt.contiguous_sequence > highest:
            raise SignedMessageWrong(
                "receipt", f"{receipt.device} {receipt.contiguous_sequence} was not sent from here"
            )
        return receipt.contiguous_sequence
