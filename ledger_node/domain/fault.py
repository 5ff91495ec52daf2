"""Named places at which a test may kill the process, or let a done thing be reported as failed.

The labels are those of the crash matrix (`oracles.md` section 8). Nothing happens unless a test armed a label.
"""

from collections.abc import Callable

_armed: dict[str, Callable[[], None]] = {}


def arm(label: str, action: Callable[[], None]) -> None:
    """From now on `reach(label)` calls `action`."""
    _armed[label] = action


def disarm() -> None:
    """Forgets every armed label."""
    _armed.clear()


def reach(label: str) -> None:
    """Says that the process stands at `label`."""
    if _armed and (action := _armed.get(label)):
        action()
