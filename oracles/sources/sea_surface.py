"""Sea-surface temperatures of the `bokeh-sampledata` package: what a live tank's probe reads, gaps included.

19,226 half-hour readings of the buoy B01 in the Gulf of Maine, 2016-02-15 to 2017-03-22, by NERACOOS, free to
redistribute with attribution. Missing half hours stay missing: a real probe fails too.
"""

import csv
import gzip
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Final

ATTRIBUTION: Final = "NERACOOS buoy B01, sea-surface temperature 2016-02-15 to 2017-03-22"
INTERVAL_SECONDS: Final = 1800


@dataclass(frozen=True, slots=True)
class SeaReading:
    """A temperature in thousandths of a degree Celsius, at `slot` half hours after the first one."""

    slot: int
    millicelsius: int


def read_sea_surface() -> list[SeaReading]:
    """All readings in order of time."""
    path = files("bokeh_sampledata") / "_data" / "sea_surface_temperature.csv.gz"
    with path.open("rb") as packed, gzip.open(packed, "rt", encoding="utf-8", newline="") as text:
        rows = list(csv.reader(text))[1:]
    readings: list[SeaReading] = []
    first: datetime | None = None
    for moment, celsius in rows:
        at = datetime.fromisoformat(moment)
        first = first or at
        if celsius and celsius != "NaN":
            slot = int((at - first).total_seconds()) // INTERVAL_SECONDS
            readings.append(SeaReading(slot, round(float(celsius) * 1000)))
    return readings
