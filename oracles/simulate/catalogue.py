"""What the replayed seafood market sells: species with codes, names, origins, prices and how they are kept.

`AM02005` is the ministry's code of sea bass; the other codes follow its pattern for the demonstration and are to be
confirmed against the ministry's list. Prices are fen per kilogram, weights grams; GTINs are of GS1's example prefix.
"""

from dataclasses import dataclass
from typing import Final, Literal

from ledger_node.domain.identifier import check_digit


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a species comes from: a boat on a fishing ground, or a farm."""

    producer: str
    name: str
    code: str
    province_code: str
    catch_area: str | None


@dataclass(frozen=True, slots=True)
class Item:
    """A species as it is sold. `piece_grams` is the usual weight of what one customer takes."""

    code: str
    name: str
    number: int
    method: Literal["wild", "farmed"]
    origin: Origin
    price_minor_per_kilogram: int
    piece_grams: int
    cold_profile: str

    @property
    def gtin(self) -> str:
        """GTIN-14 of the species in the demonstration."""
        digits = f"095060001{self.number:04d}"
        return digits + check_digit(digits)


_ZHOUSHAN: Final = Origin("浙岭渔 90058", "舟山渔场", "330900", "33", "61")
_XIANGSHAN: Final = Origin("象山港养殖场", "象山港", "330225", "33", None)
_DALIAN: Final = Origin("大连獐子岛海区", "獐子岛", "210200", "21", "61")
_YANTAI: Final = Origin("鲁烟渔 61277", "烟威渔场", "370600", "37", "61")
_NINGDE: Final = Origin("宁德三都澳养殖场", "三都澳", "350900", "35", None)
_ZHANJIANG: Final = Origin("湛江东海岛养殖场", "东海岛", "440800", "44", None)

CATALOGUE: Final[tuple[Item, ...]] = (
    Item("AM02005", "海鲈鱼", 3435, "farmed", _ZHANJIANG, 3300, 900, "live-seawater"),
    Item("AM02001", "大黄鱼", 3436, "farmed", _NINGDE, 4600, 700, "live-seawater"),
    Item("AM02002", "小黄鱼", 3437, "wild", _ZHOUSHAN, 3900, 450, "ice"),
    Item("AM02003", "带鱼", 3438, "wild", _ZHOUSHAN, 3200, 800, "ice"),
    Item("AM02004", "银鲳", 3439, "wild", _ZHOUSHAN, 7800, 520, "ice"),
    Item("AM02006", "鲅鱼", 3440, "wild", _YANTAI, 2900, 1200, "ice"),
    Item("AM02007", "多宝鱼", 3441, "farmed", _DALIAN, 5200, 750, "live-seawater"),
    Item("AM02008", "石斑鱼", 3442, "farmed", _ZHANJIANG, 9200, 680, "live-seawater"),
    Item("AM03001", "梭子蟹", 3443, "wild", _ZHOUSHAN, 8600, 600, "live-seawater"),
    Item("AM03002", "南美白对虾", 3444, "farmed", _XIANGSHAN, 5600, 500, "live-seawater"),
    Item("AM04001", "花蛤", 3445, "farmed", _XIANGSHAN, 1500, 750, "live-seawater"),
    Item("AM04002", "生蚝", 3446, "farmed", _NINGDE, 2400, 1000, "live-seawater"),
)


def item_of_product(product: int, stall: int) -> Item:
    """The species that stands for a product of the data at a stall; each stall sells a third of the catalogue."""
    return CATALOGUE[(stall * 4 + product % 4) % len(CATALOGUE)]
