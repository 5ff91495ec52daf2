"""A temperature probe: one reading an interval, none when nothing moved by its dead-band, and a range it believes.

Values are thousandths of a degree Celsius. A probe that has been silent for an hour speaks even when nothing moved, so
that a flat line can be told from a dead probe.
"""

from dataclasses import dataclass
from typing import Any, Final

from ledger_node.domain.envelope import Envelope
from ledger_node.errors import ScaleRefuses
from oracles.device.recorder import Recorder

SPEAK_AFTER_MS: Final = 3_600_000


@dataclass(frozen=True, slots=True)
class ProbeModel:
    """Range in m°C and the interval between readings."""

    lowest_millicelsius: int = -40_000
    highest_millicelsius: int = 85_000
    interval_ms: int = 300_000


class Probe:
    """One probe in one place (`place` is a label of the market, `cold_profile` the rules that hold there)."""

    def __init__(
        self,
        recorder: Recorder,
        place: str,
        *,
        merchant_ref: str | None = None,
        place_ref: str | None = None,
        cold_profile: str | None = None,
        model: ProbeModel | None = None,
        dead_band_millicelsius: int = 0,
    ) -> None:
        self.recorder = recorder
        self.place = place
        self.merchant_ref = merchant_ref
        self.place_ref = place_ref
        self.cold_profile = cold_profile
        self.model = model or ProbeModel()
        self.dead_band_millicelsius = dead_band_millicelsius
        self._last: tuple[int, int] | None = None

    def read(self, millicelsius: int, *, observed_at_ms: int | None = None, tag: int | None = None) -> Envelope | None:
        """Signs the reading, or None when it lies within the dead-band of the last one that was signed.

        ScaleRefuses outside the probe's range: that is a broken wire, not a temperature.
        """
        if not self.model.lowest_millicelsius <= millicelsius <= self.model.highest_millicelsius:
            raise ScaleRefuses("range", f"{millicelsius} m°C is outside what this probe can measure")
        at_ms = self.recorder.clock.now_ms() if observed_at_ms is None else observed_at_ms
        if self._last is not None:
            value, spoken_at_ms = self._last
            is_still = abs(millicelsius - value) < self.dead_band_millicelsius
            if is_still and at_ms - spoken_at_ms < SPEAK_AFTER_MS:
                return None
        self._last = millicelsius, at_ms
        payload: dict[str, Any] = {
            "market_id": self.recorder.market,
            "place": self.place,
            "interval_seconds": self.model.interval_ms // 1000,
        }
        optional = {
            "merchant_ref": self.merchant_ref,
            "place_ref": self.place_ref,
            "cold_profile": self.cold_profile,
        }
        payload |= {name: value for name, value in optional.items() if value is not None}
        return self.recorder.sign("temperature", millicelsius, payload, observed_at_ms=observed_at_ms, tag=tag)
