"""The market's own register: names for what records and chain hold as commitments, numbers and codes.

No name is on chain or in a signed record (`market.md` section 8): stalls are commitments, parties are numbers, goods
are ministry codes. The operator hands the register in as JSON; where it knows no name, pages show a short form of the
commitment.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Language = Literal["zh-CN", "en"]


@dataclass(frozen=True, slots=True)
class Name:
    """One name in both languages."""

    zh: str
    en: str

    def say(self, language: Language) -> str:
        """The name in a page's language."""
        return self.zh if language == "zh-CN" else self.en


@dataclass(frozen=True, slots=True)
class MarketRegister:
    """Names by market id, place or merchant commitment (`0x…`), item code, party number, device name."""

    markets: Mapping[str, Name] = field(default_factory=dict[str, Name])
    places: Mapping[str, Name] = field(default_factory=dict[str, Name])
    merchants: Mapping[str, Name] = field(default_factory=dict[str, Name])
    sources: Mapping[str, Name] = field(default_factory=dict[str, Name])
    items: Mapping[str, Name] = field(default_factory=dict[str, Name])
    parties: Mapping[str, Name] = field(default_factory=dict[str, Name])

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> "MarketRegister":
        """Reads `{"places": {"0x…": {"zh": …, "en": …}}, …}`; tables that are absent are empty."""
        return cls(**{table: {key: Name(**names) for key, names in row.get(table, {}).items()} for table in _TABLES})

    def to_json(self) -> dict[str, Any]:
        """What `from_json` reads."""
        return {
            table: {key: {"zh": name.zh, "en": name.en} for key, name in getattr(self, table).items()}
            for table in _TABLES
        }


_TABLES = ("markets", "places", "merchants", "sources", "items", "parties")
