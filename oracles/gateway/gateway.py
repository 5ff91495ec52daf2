"""The gateway: takes records over from devices, keeps them on its disk, and carries them to the node until it has them.

A device hears "kept" only after the commit. `Gateway` wires the outbox, the group commit, the courier, the answers and
the gateway's own records (birth, heartbeat with the newest checkpoint); the HTTP door for devices of other processes is
`keep_server`.
"""

import json
import threading
import time
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, Final

from ledger_node.domain.checkpoint_note import parse_note
from ledger_node.domain.clock import Clock
from ledger_node.domain.digest import sha256
from ledger_node.domain.envelope import Clock as ClockClaim
from ledger_node.domain.envelope import Envelope
from ledger_node.domain.topic import node_topic, parse_topic
from ledger_node.domain.typed_data import SigningDomain
from ledger_node.errors import NoteMalformed, NotKept
from oracles.device.alarm import Alarm, log_alarm
from oracles.device.flash import Flash
from oracles.device.identity import Identity
from oracles.device.node_word import HoldWatch, NodeKeys
from oracles.device.recorder import Recorder
from oracles.device.uplink import Message, Uplink
from oracles.gateway.answers import Answers
from oracles.gateway.courier import Courier
from oracles.gateway.fallback import Fallback
from oracles.gateway.keeping import GatewayLimits, Keeper
from oracles.gateway.outbox import Outbox

_HOUSEKEEPING_SECONDS: Final = 1.0
_IDLE_SECONDS: Final = 0.05


class Gateway:
    """One gateway of one market, with its files in `folder`.

    `broker` is (host, port) or None; `ingest_url` the node's HTTP way in or None; `bundled_devices` are those that the
    gateway signs for. `identity.name` must be `name`.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        market: str,
        identity: Identity,
        broker: tuple[str, int] | None,
        ingest_url: str | None,
        node_keys: NodeKeys,
        clock: Clock,
        domain: SigningDomain,
        *,
        bundled_devices: Collection[str] = (),
        limits: GatewayLimits | None = None,
        alarm: Alarm = log_alarm,
    ) -> None:
        self.name = name
        self.market = market
        self.checkpoint: str | None = None
        self.outbox = Outbox(folder / "outbox.sqlite")
        self.holds = HoldWatch(market, domain, node_keys, clock, path=folder / "holds.json", alarm=alarm)
        self._clock = clock
        self._limits = limits or GatewayLimits()
        self._alarm = alarm
        self._flash = Flash(folder / "flash")
        self._recorder = Recorder(
            identity, self._flash, domain, market=market, clock=clock, clock_claim=ClockClaim("ntp", 0, 50)
        )
        self._uplink = None if broker is None else Uplink(*broker, market, name)
        self._fallback = None if ingest_url is None else Fallback(ingest_url, identity, clock)
        self._answers = Answers(self.outbox, domain, node_keys, clock, market, alarm)
        self._courier = Courier(
            self.outbox,
            self._answers,
            clock,
            alarm,
            uplink=self._uplink,
            fallback=self._fallback,
            fallback_after_seconds=self._limits.fallback_after_seconds,
            node_silent_seconds=self._limits.node_silent_seconds,
        )
        self._keeper = Keeper(self.outbox, identity, domain, clock, self._limits, bundled_devices)
        self._node_state = b""
        self._next_heartbeat_ms = 0
        self._next_housekeeping = 0.0
        self._started_ms = clock.now_ms()

    def keep(self, envelopes: Sequence[Envelope], *, offset_ms: int = 0) -> None:
        """Returns once the envelopes are on the disk; raises NotKept (GatewaySlow, OutboxFull, LinkDown) otherwise."""
        if envelopes:
            self._keeper.keep(envelopes, offset_ms)
            if self._uplink is not None:
                self._uplink.wake.set()

    def now_ms(self) -> int:
        """The market's clock here."""
        return self._clock.now_ms()

    def down(self, device: str, after: int = 0) -> dict[str, Any]:
        """What `device` is to hear: hold list, checkpoint, and notices numbered above `after`."""
        return {
            "holds": None if self.holds.list is None else self.holds.list.to_json(),
            "checkpoint": self.checkpoint,
            "notices": self.outbox.notices(device, after),
        }

    def run(self, stop: threading.Event) -> None:
        """Carries records until `stop` is set."""
        self._recorder.birth(firmware_hash=sha256(b"tidemark gateway 0.1.0"))
        if self._uplink is not None:
            self._uplink.start()
        wake = threading.Event() if self._uplink is None else self._uplink.wake
        try:
            while not stop.is_set():
                wake.clear()
                if not self.step():
                    wake.wait(_IDLE_SECONDS)
        finally:
            self.close()

    def step(self) -> bool:
        """Takes answers in, sends what is due; whether there was anything to do."""
        took = self._take_messages()
        now = time.monotonic()
        if now >= self._next_housekeeping:
            self._next_housekeeping = now + _HOUSEKEEPING_SECONDS
            self._keep_house()
        return self._courier.step() or took

    def close(self) -> None:
        """Ends the session and closes the files; what was kept stays kept."""
        self._keeper.close()
        if self._uplink is not None:
            self._uplink.stop()
        if self._fallback is not None:
            self._fallback.close()
        self._flash.close()
        self.outbox.close()

    def _take_messages(self) -> bool:
        if self._uplink is None:
            return False
        took = False
        while not self._uplink.inbox.empty():
            self._take_message(self._uplink, self._uplink.inbox.get())
            took = True
        return took

    def _take_message(self, uplink: Uplink, message: Message) -> None:
        if message.topic == node_topic(self.market, "holds"):
            self.holds.take(message.payload)
        elif message.topic == node_topic(self.market, "checkpoint"):
            self._take_checkpoint(message.payload)
        elif message.topic == node_topic(self.market, "state"):
            self._take_state(message.payload)
        elif (topic := parse_topic(message.topic)) is not None:
            if topic.leaf == "ack":
                self._courier.heard()
                self._answers.take_ack(topic.device, message.payload)
            elif topic.leaf == "cmd":
                self._obey(uplink, topic.device, message.payload)
            elif topic.leaf == "cfg" and message.payload:
                self._answers.take_configuration(topic.device, message.payload)

    def _obey(self, uplink: Uplink, device: str, payload: bytes) -> None:
        answer = self._answers.take_command(device, payload)
        if answer is not None:
            uplink.publish(device, "cmdack", _json_bytes(answer))

    def _take_state(self, payload: bytes) -> None:
        """A node that has just come (again) cannot have answered what was under way: it goes at once, not in 30 s.

        The word is not signed; who forges it makes the same bytes travel once more.
        """
        if payload != self._node_state:
            self._node_state = payload
            if b"true" in payload:
                self._courier.heard()
                self.outbox.hurry()

    def _take_checkpoint(self, payload: bytes) -> None:
        """The newest checkpoint is handed down as it is; who relies on it checks its signatures."""
        try:
            text = payload.decode()
            parse_note(text)
        except (UnicodeDecodeError, NoteMalformed) as wrong:
            self._alarm("checkpoint", str(wrong))
            return
        self.checkpoint = text

    def _keep_house(self) -> None:
        now_ms = self._clock.now_ms()
        self.outbox.delete_old(now_ms)
        if now_ms >= self._next_heartbeat_ms:
            self._next_heartbeat_ms = now_ms + self._limits.heartbeat_ms
            self._recorder.sign("heartbeat", 1, self._heartbeat(now_ms), observed_at_ms=now_ms)
        if self._flash.unkept():
            try:
                self._recorder.deliver(self)
            except NotKept as wrong:
                self._alarm("own-records", str(wrong))

    def _heartbeat(self, now_ms: int) -> dict[str, Any]:
        oldest_ms = self.outbox.oldest_at_ms()
        payload: dict[str, Any] = {
            "checkpoint": checkpoint_claim(self.checkpoint),
            "uptime_seconds": (now_ms - self._started_ms) // 1000,
            "queued": self.outbox.waiting(),
            "queue_age_seconds": 0 if oldest_ms is None else max(0, now_ms - oldest_ms) // 1000,
            "boot_counter": self._flash.boots,
        }
        return payload


def checkpoint_claim(text: str | None) -> dict[str, Any] | None:
    """Size and root of a checkpoint note, as heartbeats carry them."""
    if text is None:
        return None
    note = parse_note(text).note
    return {"size": note.size, "root": "0x" + note.root.hex(), "origin": note.origin}


def _json_bytes(value: dict[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
