"""Working out sales days: which merchants have one, what it says, and whether it says anything new. Writes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from ledger_node.content.content_keys import ContentKeys
from ledger_node.domain.sales_day import (
    NO_DAY_BEFORE,
    DayBefore,
    DayFacts,
    is_same_day,
    merchant_pseudonym,
    sales_day_payload,
)
from ledger_node.sealing.day_reader import MarketDay, Window, days_touched, read_device_day, read_market_day
from ledger_node.sealing.merchants import Register
from ledger_node.sealing.subjects import merchant_subject
from ledger_node.store.journal import SalesDay, SalesDayCursor

PSEUDONYM_PURPOSE: Final = "sales-day"
_SALES_DAY = SalesDay.__table__  # type: ignore[attr-defined]
_CURSOR = SalesDayCursor.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class SalesDaySettings:
    """Which market, in which zone and currency."""

    market: str
    zone: ZoneInfo
    currency: str

    @property
    def stream(self) -> str:
        """Where sales days are journaled."""
        return f"market/{self.market}/sales-day"

    def start_ms(self, day: date) -> int:
        """The day's first moment."""
        return int(datetime.combine(day, time.min, self.zone).timestamp()) * 1000

    def day_of(self, at_ms: int) -> date:
        """The market's day at a moment."""
        return datetime.fromtimestamp(at_ms // 1000, self.zone).date()


@dataclass(frozen=True, slots=True)
class DayCursor:
    next_day: date
    record_id: int
    reverdict_id: int


@dataclass(frozen=True, slots=True)
class _Statement:
    """A merchant's newest record of one day."""

    revision: int
    payload: dict[str, Any]


@dataclass(slots=True)
class _Chain:
    """A merchant's records so far: newest statement of each day, and where its chain stands."""

    days: dict[str, _Statement]
    index: int
    previous_hash: bytes


@dataclass(frozen=True, slots=True)
class Stated:
    """A day's record that is to be journaled."""

    merchant: str
    payload: dict[str, Any]


class DayPlanner:
    """Works on one register and one snapshot: records up to `last_record_id`."""

    def __init__(self, settings: SalesDaySettings, register: Register, keys: ContentKeys, last_record_id: int) -> None:
        self._settings = settings
        self._register = register
        self._keys = keys
        self._last_record_id = last_record_id

    def days_to_revise(self, connection: Connection, cursor: DayCursor) -> list[date]:
        """Closed days from the first that may have changed on: each may carry into the next."""
        moments = days_touched(
            connection,
            self._settings.market,
            after_id=cursor.record_id,
            upto_id=self._last_record_id,
            after_reverdict=cursor.reverdict_id,
            before_ms=self._settings.start_ms(cursor.next_day),
        )
        first_stated = connection.execute(
            select(_SALES_DAY.c.day).where(_SALES_DAY.c.market == self._settings.market).order_by("day").limit(1)
        ).scalar_one_or_none()
        if not moments or first_stated is None:
            return []
        first = max(date.fromisoformat(first_stated), min(self._settings.day_of(moment) for moment in moments))
        return [first + timedelta(days=number) for number in range((cursor.next_day - first).days)]

    def plan(self, connection: Connection, day: date, *, is_closed: bool) -> list[Stated]:
        """The day's records in the order of their pseudonyms, without those that say what was stated already.

        A closed day is only revised: merchants that came onto the register since have no record of it.
        """
        window = Window(
            self._settings.start_ms(day), self._settings.start_ms(day + timedelta(days=1)), self._last_record_id
        )
        market_day = read_market_day(connection, self._settings.market, window, self._register.trust)
        lasts = self._device_lasts(connection, day)
        chains = self._chains(connection)
        stated: list[Stated] = []
        for merchant in self._merchants(chains, market_day):
            chain = chains.get(merchant) or _Chain({}, NO_DAY_BEFORE.index, NO_DAY_BEFORE.previous_hash)
            earlier = chain.days.get(day.isoformat())
            if is_closed and earlier is None and merchant not in market_day.devices_of:
                continue
            payload = self._payload(connection, merchant, day, window, market_day, lasts, chain)
            if earlier is None or not is_same_day(earlier.payload, payload):
                stated.append(Stated(merchant, payload))
        return sorted(stated, key=lambda one: str(one.payload["merchant_ref"]))

    def _merchants(self, chains: Mapping[str, "_Chain"], market_day: MarketDay) -> set[str]:
        """All on the register, all who sold, and all who ever had a day: a chain does not end in silence."""
        return {one for one in {*chains, *self._register.devices, *market_day.devices_of} if one}

    def _payload(
        self,
        connection: Connection,
        merchant: str,
        day: date,
        window: Window,
        market_day: MarketDay,
        lasts: Mapping[str, int],
        chain: "_Chain",
    ) -> dict[str, Any]:
        movements = market_day.movements.get(merchant, [])
        names = market_day.devices_of.get(merchant, set()) | self._register.devices.get(merchant, frozenset())
        devices = [read_device_day(connection, name, lasts.get(name, 0), window, movements) for name in sorted(names)]
        eve = chain.days.get((day - timedelta(days=1)).isoformat())
        earlier = chain.days.get(day.isoformat())
        key = self._keys.of_subject(merchant_subject(merchant), PSEUDONYM_PURPOSE)
        return sales_day_payload(
            merchant_ref=merchant_pseudonym(key.secret, day.isoformat()),
            market=self._settings.market,
            day=day.isoformat(),
            currency=self._settings.currency,
            revision=0 if earlier is None else earlier.revision + 1,
            facts=DayFacts(
                movements, devices, market_day.settled.get(merchant, {}), market_day.quarantined.get(merchant, 0)
            ),
            before=DayBefore(chain.index, chain.previous_hash, eve.payload["carry_out_minor"] if eve else 0),
        )

    def _chains(self, connection: Connection) -> dict[str, "_Chain"]:
        query = select(_SALES_DAY).where(_SALES_DAY.c.market == self._settings.market).order_by(_SALES_DAY.c.id)
        chains: dict[str, _Chain] = {}
        for row in connection.execute(query).mappings():
            chain = chains.setdefault(row["merchant"], _Chain({}, 0, b""))
            chain.days[row["day"]] = _Statement(row["revision"], row["payload"])
            chain.index, chain.previous_hash = row["index"], row["record_hash"]
        return chains

    def _device_lasts(self, connection: Connection, day: date) -> dict[str, int]:
        """Up to which number earlier days account for each device."""
        eve = (day - timedelta(days=1)).isoformat()
        rows = connection.execute(
            select(_SALES_DAY.c.payload)
            .where(_SALES_DAY.c.market == self._settings.market, _SALES_DAY.c.day == eve)
            .order_by(_SALES_DAY.c.id)
        )
        return {one["device"]: one["last_sequence"] for row in rows for one in row.payload["devices"]}


def read_cursor(connection: Connection, settings: SalesDaySettings, first_ms: int | None) -> DayCursor | None:
    """How far the market's days are stated; before the first, the day of the first sale, or None without one."""
    row = connection.execute(select(_CURSOR).where(_CURSOR.c.market == settings.market)).first()
    if row is not None:
        return DayCursor(date.fromisoformat(row.next_day), row.record_id, row.reverdict_id)
    return None if first_ms is None else DayCursor(settings.day_of(first_ms), 0, 0)
