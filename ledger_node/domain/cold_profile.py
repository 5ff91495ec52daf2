"""Temperature limits of goods by profile (`market.md` section 1, cold chain).

Profiles are data: the numbers come from the standards named and are to be confirmed for each product; `market` is the
market's own rule for its tanks. Temperatures are thousandths of a degree Celsius; a bound that a profile lacks is None.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class ColdProfile:
    """Between which temperatures goods are to be kept, and who says so."""

    name: str
    lowest_millicelsius: int | None
    highest_millicelsius: int | None
    source: str

    def contains(self, millicelsius: int) -> bool:
        """Whether a reading lies within the limits."""
        return (self.lowest_millicelsius is None or millicelsius >= self.lowest_millicelsius) and (
            self.highest_millicelsius is None or millicelsius <= self.highest_millicelsius
        )


COLD_PROFILES: Final[Mapping[str, ColdProfile]] = {
    profile.name: profile
    for profile in (
        ColdProfile("frozen", None, -18_000, "GB/T 24616-2019"),
        ColdProfile("chilled", 0, 8_000, "GB/T 24616-2019"),
        ColdProfile("ice", 0, 2_000, "EC 853/2004"),
        ColdProfile("histamine", None, 4_400, "FDA Hazards Guide"),
        ColdProfile("live-seawater", 2_000, 20_000, "market"),
    )
}
