"""What time it is for the ledger: the world's time, or a demonstration's that starts in the past and catches up.

A replayed market must obey the same rules about time as a live one, so devices, node and chain share one clock. A
`Clock` that starts in the past runs faster until it meets the real time and is the real time from then on. It is a
function of three stored numbers, so every process, also after a restart, reads the same time.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

LAST_SECOND: Final = 253_402_300_799
"""The last of the year 9999 in UTC, as far as calendars go; devices and contracts can claim later ones."""


def real_now_ms() -> int:
    """Milliseconds since 1970 by this machine's clock."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Clock:
    """Time that stood at `start_ms` when the real time was `real_start_ms`, and runs `speed` times as fast.

    Once it has met the real time it is the real time. With `start_ms` equal to `real_start_ms`, or a speed of 1 or
    less, it is the real time from the start.
    """

    start_ms: int = 0
    real_start_ms: int = 0
    speed: int = 1
    real: Callable[[], int] = real_now_ms

    def now_ms(self) -> int:
        """Milliseconds since 1970; never ahead of the real time."""
        real = self.real()
        return min(real, self.start_ms + (real - self.real_start_ms) * self.speed) if self._is_behind() else real

    def now_s(self) -> int:
        """Whole seconds since 1970, as contracts count."""
        return self.now_ms() // 1000

    def rate(self) -> int:
        """How many milliseconds of this clock pass in one real millisecond: `speed` while catching up, then 1."""
        return self.speed if self.now_ms() < self.real() else 1

    def to_json(self) -> dict[str, Any]:
        """The three numbers that every process of a node reads."""
        return {"start_ms": self.start_ms, "real_start_ms": self.real_start_ms, "speed": self.speed}

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> "Clock":
        """What `to_json` wrote."""
        return cls(row["start_ms"], row["real_start_ms"], row["speed"])

    def _is_behind(self) -> bool:
        return self.speed > 1 and self.start_ms < self.real_start_ms
