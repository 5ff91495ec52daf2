"""The public data sets are what the specification found in them."""

from oracles.sources.fresh_food import read_fresh_lines
from oracles.sources.sea_surface import read_sea_surface


def test_the_sea_surface_series_has_its_readings_and_its_gaps() -> None:
    readings = read_sea_surface()
    assert len(readings) == 19_226
    assert (min(r.millicelsius for r in readings), max(r.millicelsius for r in readings)) == (3_612, 22_150)
    missing = readings[-1].slot + 1 - len(readings)
    assert missing > 0


def test_fresh_lines_are_of_the_busiest_stores_and_of_the_days_asked_for() -> None:
    lines = read_fresh_lines(3, range(10, 12))
    assert len(lines) == 3
    assert all(line.day in (10, 11) for store in lines.values() for line in store)
    assert all(line.spent_cents > 0 for store in lines.values() for line in store)
    assert sum(map(len, lines.values())) > 50


def test_times_are_set_five_hours_back() -> None:
    hours = [line.second // 3600 for store in read_fresh_lines(5, range(30)).values() for line in store]
    night = sum(hour in (3, 4, 5, 6) for hour in hours)
    evening = sum(hour in (15, 16, 17, 18) for hour in hours)
    assert night * 20 < evening
