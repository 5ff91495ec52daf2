"""The data sets as the packages carry them, against the figures of the specification."""

from pathlib import Path

import pytest

from oracles.sources.fresh_food import DEPARTMENTS, FreshFood, load_fresh_food
from oracles.sources.sea_surface import SeaSurface, load_sea_surface


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sources")


@pytest.fixture(scope="module")
def fresh(folder: Path) -> FreshFood:
    return load_fresh_food(folder)


@pytest.fixture(scope="module")
def sea(folder: Path) -> SeaSurface:
    return load_sea_surface(folder)


def test_the_fresh_departments_have_the_checked_number_of_lines(fresh: FreshFood) -> None:
    assert len(fresh) == 304_759
    counts = [0] * len(DEPARTMENTS)
    for store, _ in fresh.stores:
        for day in range(364):
            for line in fresh.lines(store, day):
                counts[line.department] += 1
    assert dict(zip(DEPARTMENTS, counts, strict=True)) == {
        "PRODUCE": 147_651,
        "MEAT": 49_822,
        "MEAT-PCKGD": 63_041,
        "DELI": 35_478,
        "SEAFOOD": 2_339,
        "SEAFOOD-PCKGD": 6_428,
    }


def test_102_stores_have_more_than_a_thousand_lines(fresh: FreshFood) -> None:
    assert sum(count > 1000 for _, count in fresh.stores) == 102
    assert list(fresh.stores) == sorted(fresh.stores, key=lambda pair: (-pair[1], pair[0]))


def test_the_corrected_day_has_its_trough_before_dawn(fresh: FreshFood) -> None:
    hours = [0] * 24
    for store, _ in fresh.stores[:100]:
        for day in range(364):
            for line in fresh.lines(store, day):
                hours[line.minute // 60] += 1
    assert hours.index(min(hours)) in (2, 3, 4)


def test_the_lines_of_a_store_and_day_are_in_order_of_time(fresh: FreshFood) -> None:
    store = fresh.stores[0][0]
    for day in range(364):
        minutes = [line.minute for line in fresh.lines(store, day)]
        assert minutes == sorted(minutes)
    assert fresh.lines(store, 3) == fresh.lines(store, 3 + 364)


def test_the_copy_equals_what_the_package_says_and_a_damaged_one_is_made_anew(folder: Path, fresh: FreshFood) -> None:
    path = folder / "fresh_food.columns"
    assert load_fresh_food(folder).lines(fresh.stores[0][0], 5) == fresh.lines(fresh.stores[0][0], 5)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert len(load_fresh_food(folder)) == len(fresh)
    assert path.read_bytes() == whole


def test_the_sea_has_its_readings_range_and_gaps(sea: SeaSurface) -> None:
    there = [value for value in sea.readings if value > -1000]
    # 19,226 rows, one of them for a half hour that stands twice.
    assert (len(there), sea.missing) == (19_225, 24)
    assert (min(there), max(there)) == (3_612, 22_150)


def test_a_gap_of_the_series_stays_a_gap_and_a_year_later_the_same_is_said(sea: SeaSurface) -> None:
    assert sea.at(sea.start_ms) == 4_929
    assert sea.at(sea.start_ms + 15 * 60_000) == 4_908
    gap = next(place for place, value in enumerate(sea.readings) if value < -1000)
    assert sea.at(sea.start_ms + gap * 30 * 60_000) is None
    assert sea.at(sea.start_ms + 366 * 86_400_000) == 4_929
