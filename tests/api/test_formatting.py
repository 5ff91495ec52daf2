"""Quantities read as people write them, from integers alone."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import formatting

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (3650, "CNY", "¥36.50"),
        (5, "CNY", "¥0.05"),
        (-123456789, "CNY", "¥−1\u202f234\u202f567.89"),
        (1200, "JPY", "JP¥1\u202f200"),
        (1200, "XAU", "XAU 12.00"),
    ],
)
def test_money(minor: int, currency: str, text: str) -> None:
    assert formatting.money(minor, currency) == text


@pytest.mark.parametrize(
    ("grams", "text"),
    [(480, "480 g"), (1825, "1.825 kg"), (0, "0 g"), (12_345_678, "12.345678 t"), (-1500, "−1.500 kg")],
)
def test_weight(grams: int, text: str) -> None:
    assert formatting.weight(grams) == text


@pytest.mark.parametrize(
    ("millicelsius", "text"), [(14_249, "14.2 °C"), (14_250, "14.3 °C"), (-18_000, "−18.0 °C"), (-49, "0.0 °C")]
)
def test_temperature(millicelsius: int, text: str) -> None:
    assert formatting.temperature(millicelsius) == text


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [(0, "0 秒", "0 s"), (65, "1 分 5 秒", "1 min 5 s"), (90_061, "1 天 1 小时", "1 d 1 h"), (-4, "0 秒", "0 s")],
)
def test_duration(seconds: int, zh: str, en: str) -> None:
    assert formatting.duration(seconds, "zh-CN").replace("\u202f", " ") == zh
    assert formatting.duration(seconds, "en").replace("\u202f", " ") == en


def test_moments_are_the_markets() -> None:
    at = 1_795_000_020_000  # 2026-11-18T11:07:00Z
    assert formatting.date_time(at, ZONE, "zh-CN") == "2026年11月18日 19:07"
    assert formatting.date_time(at, ZONE, "en", seconds=True) == "18 Nov 2026, 19:07:00"
    assert formatting.rfc3339(at) == "2026-11-18T11:07:00.000Z"


@given(st.integers(0, 4_000_000_000_000))
def test_a_moment_on_the_wire_reads_back(at_ms: int) -> None:
    assert formatting.parse_rfc3339(formatting.rfc3339(at_ms)) == at_ms


def test_a_moment_without_offset_is_no_moment() -> None:
    with pytest.raises(ValueError, match="offset"):
        formatting.parse_rfc3339("2026-11-18T11:07:00")


@given(st.integers(-(10**20), 10**20), st.integers(0, 8))
def test_decimal_keeps_every_digit(value: int, digits: int) -> None:
    text = formatting.decimal(value, digits)
    assert int(text.replace("\u202f", "").replace("−", "-").replace(".", "")) == value


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "UTC"])
def test_a_moment_beyond_all_calendars_is_shown_as_their_end(zone: str) -> None:
    for at_ms, year in ((2**53 - 1, "9999"), (-(2**53), "0001")):
        assert formatting.rfc3339(at_ms).startswith(year)
        assert str(int(year)) in formatting.date_time(at_ms, ZoneInfo(zone), "en")
    assert formatting.rfc3339(253_402_300_799_999) == "9999-12-31T23:59:59.999Z"
