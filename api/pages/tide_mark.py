"""A picture drawn from a record's hash: tide lines that are the same wherever the record is shown, and only there.

Decoration with a use: two receipts side by side can be told apart at a glance. It proves nothing and says nothing.
"""

import math
from itertools import pairwise
from typing import Final

from ledger_node.domain.digest import sha256

WIDTH: Final = 800
HEIGHT: Final = 240
_POINTS: Final = 28


def tide_mark(seed: str, *, lines: int = 15, css: str = "tide-mark") -> str:
    """An SVG of `lines` waves in the current colour, derived from `seed`."""
    numbers = sha256(f"tide mark {seed}".encode())
    paths = "".join(
        f'<path d="{_line(numbers, place, lines)}" opacity="{0.25 + 0.75 * place / lines:.2f}"/>'
        for place in range(lines)
    )
    return (
        f'<svg class="{css}" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" aria-hidden="true" '
        f'focusable="false" fill="none" stroke="currentColor">{paths}</svg>'
    )


def _line(numbers: bytes, place: int, lines: int) -> str:
    """One wave: three swells whose lengths, phases and heights drift slowly from line to line."""
    base = HEIGHT * (0.16 + 0.78 * place / lines)
    depth = place / lines
    points = list[tuple[float, float]]()
    for step in range(_POINTS + 1):
        x = step / _POINTS
        y = 0.0
        for swell in range(3):
            length = 1.1 + (numbers[swell] % 64) / 32 + 1.3 * swell
            phase = numbers[8 + swell] / 256 * math.tau + depth * (numbers[16 + swell] - 128) / 36
            height = (9 + numbers[24 + swell] / 20) / (swell + 1)
            y += height * math.sin(math.tau * length * x + phase)
        crest = math.exp(-((x - 0.25 - numbers[4] / 512) ** 2) / 0.05)
        points.append((x * WIDTH, base + y * (0.45 + 0.8 * crest) * (1.1 - 0.5 * depth)))
    return _smooth(points)


def _smooth(points: list[tuple[float, float]]) -> str:
    """A curve through the middles between points, with the points as handles."""
    (x, y), *rest = points
    path = [f"M{x:.0f} {y:.1f}"]
    for (ax, ay), (bx, by) in pairwise(points[1:]):
        path.append(f"Q{ax:.0f} {ay:.1f} {(ax + bx) / 2:.0f} {(ay + by) / 2:.1f}")
    x, y = rest[-1]
    return "".join([*path, f"L{x:.0f} {y:.1f}"])
