"""When to ask a device for records that are missing: 3 s after a gap is seen, then again, ever more rarely."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from oracles.ingest.commands import CommandDesk

FIRST_SECONDS: Final = 3.0
AGAIN_SECONDS: Final = 30.0
LONGEST_SECONDS: Final = 300.0


@dataclass(slots=True)
class _Wish:
    """A gap that was seen: when to ask next, and how long to wait after that; seconds of a monotonic clock."""

    ask_at: float
    then_wait: float = AGAIN_SECONDS


@dataclass(slots=True)
class ResendAsker:
    """Remembers gaps by their first number; a gap that shrinks from its end keeps its place in time."""

    desk: CommandDesk
    _wishes: dict[tuple[str, int], _Wish] = field(default_factory=dict[tuple[str, int], _Wish])

    def step(self, gaps: Iterable[tuple[str, int, int]], now: float) -> int:
        """Orders what is due; how many."""
        ordered = 0
        seen: set[tuple[str, int]] = set()
        for device, first, last in gaps:
            key = (device, first)
            seen.add(key)
            wish = self._wishes.setdefault(key, _Wish(now + FIRST_SECONDS))
            if now >= wish.ask_at:
                self.desk.order(device, "resend", {"from": first, "to": last})
                ordered += 1
                wish.ask_at = now + wish.then_wait
                wish.then_wait = min(LONGEST_SECONDS, wish.then_wait * 2)
        for key in self._wishes.keys() - seen:
            del self._wishes[key]
        return ordered
