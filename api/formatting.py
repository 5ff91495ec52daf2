"""How quantities read on pages: money, weight, temperature, moments, in the market's time zone and two languages.

Everything comes in as the integers that were signed; nothing passes through a float.
"""

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from api.register import Language
from ledger_node.domain.clock import LAST_SECOND

_CURRENCY_SIGNS = {"CNY": "¥", "EUR": "€", "USD": "$", "GBP": "£", "JPY": "JP¥"}
_CURRENCY_DIGITS = {"JPY": 0, "KRW": 0, "VND": 0, "BHD": 3, "KWD": 3}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MINUS = "\u2212"
_NARROW = "\u202f"


def decimal(value: int, digits: int, *, trim: bool = False) -> str:
    """`value` × 10^−digits with a true minus and thin spaces between thousands; `trim` drops trailing zeros."""
    sign, text = (_MINUS if value < 0 else ""), str(abs(value)).rjust(digits + 1, "0")
    whole, fraction = (text[:-digits], text[-digits:]) if digits else (text, "")
    if trim:
        fraction = fraction.rstrip("0")
    return f"{sign}{int(whole):,}".replace(",", _NARROW) + (f".{fraction}" if fraction else "")


def money(amount_minor: int, currency: str = "CNY") -> str:
    """An amount with its currency's sign."""
    text = decimal(amount_minor, _CURRENCY_DIGITS.get(currency, 2))
    sign = _CURRENCY_SIGNS.get(currency)
    return f"{sign}{text}" if sign else f"{currency} {text}"


def weight(grams: int) -> str:
    """Grams below one kilogram, else kilograms with three decimals; tonnes from ten on."""
    if abs(grams) >= 10_000_000:
        return f"{decimal(grams, 6, trim=True)} t"
    return f"{decimal(grams, 3)} kg" if abs(grams) >= 1000 else f"{decimal(grams, 0)} g"


def temperature(millicelsius: int) -> str:
    """Degrees Celsius with one decimal, rounded half away from zero."""
    tenths = (abs(millicelsius) + 50) // 100
    return f"{decimal(-tenths if millicelsius < 0 else tenths, 1)} °C"


def duration(seconds: int, language: Language) -> str:
    """A span in its largest two units."""
    units = ((86_400, "天", "d"), (3600, "小时", "h"), (60, "分", "min"), (1, "秒", "s"))
    left, parts = max(0, seconds), list[str]()
    for size, zh, en in units:
        if left >= size or (size == 1 and not parts):
            parts.append(f"{left // size}{_NARROW}{zh if language == 'zh-CN' else en}")
            left %= size
    return " ".join(parts[:2])


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_MS: Final = -62_135_596_800_000
_LAST_MS: Final = LAST_SECOND * 1000 + 999
"""The years 1 to 9999, which is as far as calendars go."""
_DAY_MS: Final = 86_400_000


def moment(at_ms: int, zone: ZoneInfo) -> datetime:
    """Milliseconds since 1970 in the market's zone."""
    return _utc(at_ms, _FIRST_MS + _DAY_MS, _LAST_MS - _DAY_MS).astimezone(zone)


def date_of(at_ms: int, zone: ZoneInfo, language: Language) -> str:
    """The day."""
    at = moment(at_ms, zone)
    if language == "zh-CN":
        return f"{at.year}年{at.month}月{at.day}日"
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year}"


def time_of(at_ms: int, zone: ZoneInfo, *, seconds: bool = False) -> str:
    """The time of day."""
    return moment(at_ms, zone).strftime("%H:%M:%S" if seconds else "%H:%M")


def date_time(at_ms: int, zone: ZoneInfo, language: Language, *, seconds: bool = False) -> str:
    """Day and time of day."""
    gap = " " if language == "zh-CN" else ", "
    return f"{date_of(at_ms, zone, language)}{gap}{time_of(at_ms, zone, seconds=seconds)}"


def rfc3339(at_ms: int) -> str:
    """As on the wire: UTC with milliseconds. What a device claims beyond the years 1 to 9999 is shown as their end."""
    return _utc(at_ms, _FIRST_MS, _LAST_MS).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _utc(at_ms: int, first_ms: int, last_ms: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=min(max(at_ms, first_ms), last_ms))


def short_hash(text: str) -> str:
    """The ends of a long hash, for reading; the whole stands in the link or title."""
    return f"{text[:10]}…{text[-6:]}" if len(text) > 20 else text


def parse_rfc3339(text: str) -> int:
    """Milliseconds since 1970 of a moment as on the wire; ValueError for other text."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text} has no offset")
    return round(at.timestamp() * 1000)
