"""Sea-surface temperatures of `bokeh-sampledata` 2026.1: 19,226 half-hour readings from 2016-02-15 to 2017-03-22.

Of buoy B01 in the Gulf of Maine, by NERACOOS, free to redistribute with attribution. 3.6 to 22.2 °C; 24 half hours are
missing and stay missing, one stands twice (the last counts). Here they are the waters that live tanks are fed from.
"""

import csv
import gzip
import importlib.util
from array import array
from datetime import datetime
from pathlib import Path
from typing import Final

from oracles.sources.cache import Columns, cached_columns

STEP_MS: Final = 30 * 60_000
YEAR_MS: Final = 366 * 86_400_000
"""2016 was a leap year; the series repeats after it."""
_MISSING: Final = -(1 << 40)
ATTRIBUTION: Final = "NERACOOS buoy B01, sea-surface temperature 2016-02-15 to 2017-03-22"


class SeaSurface:
    """The series, looked up by time of year; thousandths of a degree Celsius."""

    def __init__(self, columns: Columns) -> None:
        self.readings = columns["millicelsius"]
        self.start_ms = columns["start_ms"][0]

    def at(self, at_ms: int) -> int | None:
        """The temperature at a moment, in between linearly; None where the series has a gap."""
        place, rest = divmod((at_ms - self.start_ms) % YEAR_MS, STEP_MS)
        if place + 1 >= len(self.readings):
            return None
        left, right = self.readings[place], self.readings[place + 1]
        if left == _MISSING or right == _MISSING:
            return None
        return left + (right - left) * rest // STEP_MS

    @property
    def missing(self) -> int:
        """How many half hours have no reading."""
        return self.readings.count(_MISSING)


def load_sea_surface(folder: Path) -> SeaSurface:
    """The series, from the copy in `folder` or out of the package (once)."""
    return SeaSurface(cached_columns(folder / "sea_surface.columns", _read_package))


def _read_package() -> Columns:
    found = importlib.util.find_spec("bokeh_sampledata")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("bokeh_sampledata is not installed")
    values: dict[int, int] = {}
    with gzip.open(Path(found.origin).parent / "_data" / "sea_surface_temperature.csv.gz", "rt") as file:
        rows = csv.reader(file)
        next(rows)
        for moment, celsius in rows:
            at_ms = int(datetime.fromisoformat(moment).timestamp()) * 1000
            values[at_ms] = round(float(celsius) * 1000) if celsius else _MISSING
    start_ms, end_ms = min(values), max(values)
    readings = array("q", (values.get(at_ms, _MISSING) for at_ms in range(start_ms, end_ms + 1, STEP_MS)))
    return {"millicelsius": readings, "start_ms": array("q", [start_ms] * len(readings))}
