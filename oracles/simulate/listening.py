"""What a simulated device does with what its gateway hands down: held lots, refusals, given-up numbers, commands.

Also what a device says by itself: its birth when it is switched on, a heartbeat every five minutes with the newest
checkpoint that it was handed.
"""

from collections.abc import Mapping
from typing import Any, Final, Protocol, runtime_checkable

from ledger_node.domain.checkpoint_note import parse_note
from ledger_node.domain.clock import Clock
from ledger_node.domain.digest import sha256
from ledger_node.errors import LedgerError
from oracles.device.node_word import HoldWatch
from oracles.device.recorder import Recorder

HEARTBEAT_MS: Final = 300_000
FIRMWARE: Final = sha256(b"tidemark device simulator 0.1.0")


@runtime_checkable
class Downlink(Protocol):
    """Where a gateway hands things down: `HttpLink`, or the gateway itself."""

    def down(self, device: str, after: int = 0) -> dict[str, Any]: ...


class Listener:
    """The ear of one device."""

    def __init__(self, recorder: Recorder, holds: HoldWatch, clock: Clock) -> None:
        self._recorder = recorder
        self._holds = holds
        self._clock = clock
        self._heard = 0
        self._heard_version = (0, 0)
        self._next_heartbeat_ms = 0
        self._was_born = False

    def step(self, link: Downlink) -> bool:
        """Hears what is new and speaks when it is time; whether records were signed. Raises NotKept."""
        signed = not self._was_born
        if not self._was_born:
            self._recorder.birth(firmware_hash=FIRMWARE)
            self._was_born = True
        device = self._recorder.identity.name
        down = link.down(device, self._heard)
        self._take_holds(down.get("holds"))
        for notice in down.get("notices", ()):
            signed |= self._take(notice)
            self._heard = max(self._heard, int(notice["id"]))
        now_ms = self._clock.now_ms()
        if now_ms >= self._next_heartbeat_ms:
            self._next_heartbeat_ms = now_ms + HEARTBEAT_MS
            claim = _claim(down.get("checkpoint"))
            self._recorder.sign("heartbeat", 1, {"checkpoint": claim}, observed_at_ms=now_ms)
            signed = True
        return signed

    def may_sell(self, payload: Mapping[str, Any]) -> bool:
        """Whether none of a sale's lots is on the newest hold list that this device verified."""
        return not any(self._holds.check(lot["lot_id"]).is_held for lot in payload["lots"])

    def _take_holds(self, holds: Any) -> None:
        """Lists are verified once each: the same one comes at every contact."""
        if isinstance(holds, dict):
            version = (int(holds.get("version", 0)), int(holds.get("issuedAtMs", 0)))
            if version != self._heard_version and self._holds.take_json(holds):
                self._heard_version = version

    def _take(self, notice: Mapping[str, Any]) -> bool:
        if notice["type"] == "refused":
            sequence = int(notice["sequence"])
            reason = f"refused {notice['reason']}"[:64]
            for first, last in filter(None, (notice.get("declared"), [sequence, sequence])):
                self._recorder.declare_gap(first, last, reason)
            return True
        if notice["type"] == "shed":
            self._summarise(notice)
            for first, last in notice["runs"]:
                self._recorder.declare_gap(first, last, str(notice["reason"])[:64])
            return True
        if notice["type"] == "command" and notice["command"]["name"] == "rebirth":
            self._recorder.birth(firmware_hash=FIRMWARE)
            return True
        return False

    def _summarise(self, notice: Mapping[str, Any]) -> None:
        """Climate that was given up comes back as one record a minute."""
        if "kind" in notice:
            members = {name: notice[name] for name in ("minimum", "maximum", "mean", "last", "readings")}
            at_ms = int(notice["observed_at_ms"])
            self._recorder.sign(notice["kind"], int(notice["mean"]), members, observed_at_ms=at_ms)


def _claim(checkpoint: Any) -> dict[str, Any] | None:
    if not isinstance(checkpoint, str):
        return None
    try:
        note = parse_note(checkpoint).note
    except LedgerError:
        return None
    return {"size": note.size, "root": "0x" + note.root.hex(), "origin": note.origin}
