"""Sales days on real databases: one leaf a merchant, chains without a hole, revisions that carry over."""

import hmac
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select

from ledger_node.content.content_keys import KeyFolder
from ledger_node.domain import fault
from ledger_node.domain.clock import Clock
from ledger_node.domain.device_key import KeyType, SoftwareKey
from ledger_node.domain.envelope import Envelope
from ledger_node.domain.record import Verdict
from ledger_node.sealing import sales_days
from ledger_node.sealing.day_planner import PSEUDONYM_PURPOSE, SalesDaySettings
from ledger_node.sealing.merchants import Register
from ledger_node.sealing.own_records import OwnDevice
from ledger_node.sealing.sales_days import SalesDays
from ledger_node.sealing.subjects import merchant_subject
from ledger_node.store import Stores
from ledger_node.store.journal import Record, Reverdict, Sale, SalesDay
from tests.support.a_journal import DOMAIN, MERCHANT, NOON_MS, AJournal, a_sale

DAY_MS = 86_400_000
IDLE = "0x" + "99" * 32
SCALE = "urn:tidemark:device:zpk-scale-001"
SETTINGS = SalesDaySettings("zpk", ZoneInfo("Asia/Shanghai"), "CNY")
ONE_AT_NIGHT_MS = NOON_MS + 13 * 3_600_000
LEDGER = OwnDevice("urn:tidemark:device:zpk-ledger", SoftwareKey(KeyType.SECP256K1, b"\7" * 32), DOMAIN)


class ARegister:
    """The register as a test states it."""

    def read(self) -> Register:
        return Register({MERCHANT: frozenset({SCALE}), IDLE: frozenset()}, {SCALE: 2})


class AMarket:
    """A market with a clock that a test moves."""

    def __init__(self, stores: Stores, folder: Path) -> None:
        self.stores, self.at_ms = stores, NOON_MS
        self.journal = AJournal(stores.journal)
        self.keys = KeyFolder(folder / "keys")
        self.days = self.make("one")

    def make(self, holder: str) -> SalesDays:
        clock = Clock(real=lambda: self.at_ms)
        return SalesDays(self.stores, SETTINGS, ARegister(), self.keys, LEDGER, clock, holder=holder)

    def sell(self, *, at_ms: int = NOON_MS, verdict: Verdict = Verdict.ACCEPTED, **more: Any) -> tuple[int, str]:
        payload = a_sale(**more)
        record_id = self.journal.add("sale", payload, at_ms=at_ms, verdict=verdict)
        row = {
            "record_id": record_id, "sale_id": payload["sale_id"], "ticket_id": "t", "market": "zpk",
            "merchant_ref": payload["merchant_ref"], "place_ref": "", "device": SCALE, "item_code": "", "item_name": "",
            "net_grams": payload["net_grams"], "unit_price_minor_per_kilogram": 0, "currency": "CNY",
            "amount_minor": payload["amount_minor"], "observed_at_ms": at_ms, "counted": True, "state": "sold",
        }  # fmt: skip
        with self.stores.journal.write() as connection:
            connection.execute(insert(Sale.__table__).values(**row))  # type: ignore[attr-defined]
        return record_id, payload["sale_id"]

    def take_back(self, kind: str, sale_id: str, amount_minor: int, net_grams: int, *, at_ms: int = NOON_MS) -> int:
        payload = a_sale(amount_minor=amount_minor, net_grams=net_grams)
        for name in ("sale_id", "merchant_ref", "place_ref", "pay_method"):
            del payload[name]
        return self.journal.add(kind, {**payload, "of": sale_id, "reason": "r"}, at_ms=at_ms)

    def stated(self, merchant: str = MERCHANT) -> list[dict[str, Any]]:
        table = SalesDay.__table__  # type: ignore[attr-defined]
        with self.stores.journal.read() as connection:
            rows = connection.execute(select(table).where(table.c.merchant == merchant).order_by(table.c.id))
            return [{**row["payload"], "record_hash": row["record_hash"]} for row in rows.mappings()]


@pytest.fixture
def market(stores: Stores, tmp_path: Path) -> AMarket:
    return AMarket(stores, tmp_path)


def test_a_day_is_stated_an_hour_after_midnight_for_everyone_on_the_register(market: AMarket) -> None:
    market.sell(amount_minor=3650, net_grams=1825)
    market.sell(amount_minor=100, net_grams=50, pay_method="wechat")
    market.at_ms = ONE_AT_NIGHT_MS - 1
    assert market.days.step() == 0
    market.at_ms += 1
    assert market.days.step() == 2
    (day,) = market.stated()
    assert (day["day"], day["revision"], day["index"]) == ("2025-11-22", 0, 1)
    assert (day["sold_minor"], day["net_minor"], day["net_grams"]) == (3750, 3750, 1875)
    assert day["by_channel"]["cash"] == {"net_minor": 3650, "settled_minor": 0}
    assert day["previous_hash"] == "0x" + "00" * 32
    (idle,) = market.stated(IDLE)
    assert (idle["sold_minor"], idle["sales_count"]) == (0, 0)
    assert market.days.step() == 0


def test_merchants_appear_under_a_new_pseudonym_each_day_in_its_order(market: AMarket) -> None:
    market.sell()
    market.at_ms = ONE_AT_NIGHT_MS + DAY_MS
    assert market.days.step() == 4
    key = market.keys.of_subject(merchant_subject(MERCHANT), PSEUDONYM_PURPOSE).secret
    names = [day["merchant_ref"] for day in market.stated()]
    assert names == ["0x" + hmac.digest(key, d.encode(), "sha256").hex() for d in ("2025-11-22", "2025-11-23")]
    table = Record.__table__  # type: ignore[attr-defined]
    with market.stores.journal.read() as connection:
        rows = connection.execute(
            select(table).where(table.c.stream == SETTINGS.stream).order_by(table.c.position)
        ).all()
    first_day = [Envelope.from_cbor(row.envelope).payload_object()["merchant_ref"] for row in rows[:2]]
    assert first_day == sorted(first_day)
    assert [row.position for row in rows] == [0, 1, 2, 3]


def test_own_records_are_one_signed_chain(market: AMarket) -> None:
    market.sell()
    market.at_ms = ONE_AT_NIGHT_MS + DAY_MS
    market.days.step()
    table = Record.__table__  # type: ignore[attr-defined]
    with market.stores.journal.read() as connection:
        rows = connection.execute(select(table).where(table.c.device == LEDGER.name).order_by(table.c.sequence)).all()
    previous = bytes(32)
    for number, row in enumerate(rows, 1):
        envelope = Envelope.from_cbor(row.envelope)
        assert (envelope.sequence, envelope.previous_hash) == (number, previous)
        assert envelope.signature == LEDGER.key.sign(envelope.digest(DOMAIN))
        previous = envelope.digest(DOMAIN)


def test_returns_above_sales_are_carried_into_the_next_day(market: AMarket) -> None:
    _, sale_id = market.sell(amount_minor=1000, net_grams=500)
    market.at_ms = ONE_AT_NIGHT_MS
    market.days.step()
    market.take_back("refund", sale_id, 1000, 500, at_ms=NOON_MS + DAY_MS)
    market.sell(amount_minor=300, net_grams=100, at_ms=NOON_MS + DAY_MS)
    market.sell(amount_minor=2000, net_grams=900, at_ms=NOON_MS + 2 * DAY_MS)
    market.at_ms = ONE_AT_NIGHT_MS + 2 * DAY_MS
    market.days.step()
    _, second, third = market.stated()
    assert (second["refund_minor"], second["net_minor"], second["carry_out_minor"]) == (1000, 0, 700)
    assert second["by_channel"] == {"cash": {"net_minor": -700, "settled_minor": 0}}
    assert second["net_grams"] == 0
    assert (third["carry_in_minor"], third["net_minor"]) == (700, 1300)


def test_a_late_sale_revises_its_day_and_the_days_it_carries_into(market: AMarket) -> None:
    _, sale_id = market.sell(amount_minor=1000, net_grams=500)
    market.take_back("refund", sale_id, 1000, 500)
    market.take_back("refund", sale_id, 400, 100)
    market.sell(amount_minor=900, net_grams=100, at_ms=NOON_MS + DAY_MS)
    market.at_ms = ONE_AT_NIGHT_MS + DAY_MS
    assert market.days.step() == 4
    market.sell(amount_minor=250, net_grams=10, verdict=Verdict.ACCEPTED_LATE)
    assert market.days.step() == 2
    first, second, first_again, second_again = market.stated()
    assert (first["carry_out_minor"], second["net_minor"]) == (400, 500)
    assert (first_again["revision"], first_again["carry_out_minor"]) == (1, 150)
    assert (second_again["revision"], second_again["net_minor"]) == (1, 750)
    assert [day["index"] for day in market.stated()] == [1, 2, 3, 4]
    hashes = ["0x" + day["record_hash"].hex() for day in market.stated()]
    assert [day["previous_hash"] for day in market.stated()[1:]] == hashes[:-1]
    assert market.days.step() == 0


def test_a_reverdict_takes_a_sale_out_by_a_revision(market: AMarket) -> None:
    record_id, _ = market.sell(amount_minor=500)
    market.at_ms = ONE_AT_NIGHT_MS
    market.days.step()
    with market.stores.journal.write() as connection:
        connection.execute(
            insert(Reverdict.__table__).values(  # type: ignore[attr-defined]
                of_record_id=record_id, record_id=1, verdict=int(Verdict.REJECTED), reason=6, at_ms=market.at_ms
            )
        )
    assert market.days.step() == 1
    assert [day["sold_minor"] for day in market.stated()] == [500, 0]


def test_device_runs_join_and_account_for_every_number(market: AMarket) -> None:
    _, sale_id = market.sell()
    market.journal.add("heartbeat", {}, at_ms=NOON_MS)
    market.take_back("void", sale_id, 10, 1)
    market.sell(verdict=Verdict.QUARANTINED)
    market.journal._sequences[SCALE] += 3
    market.sell(at_ms=NOON_MS + 1000)
    market.sell(at_ms=NOON_MS + DAY_MS)
    market.at_ms = ONE_AT_NIGHT_MS + 2 * DAY_MS
    market.days.step()
    runs = [day["devices"][0] for day in market.stated()]
    assert runs[0] == {
        "device": SCALE, "first_sequence": 1, "last_sequence": 8,
        "sales": 2, "refunds": 0, "voids": 1, "other": 2, "missing": 3,
    }  # fmt: skip
    assert (runs[1]["first_sequence"], runs[1]["last_sequence"], runs[1]["sales"]) == (9, 9, 1)
    assert (runs[2]["first_sequence"], runs[2]["last_sequence"]) == (10, 9)
    for run in runs:
        parts = run["sales"] + run["refunds"] + run["voids"] + run["other"] + run["missing"]
        assert run["last_sequence"] - run["first_sequence"] + 1 == parts
    quality = market.stated()[0]["quality"]
    assert (quality["completeness_permille"], quality["quarantined"], quality["grade"]) == (625, 1, "A")
    assert quality["trust_mix"] == {"2": 3}


def test_settlements_are_stated_beside_the_channel_they_came_through(market: AMarket) -> None:
    pay_ref = "0x" + "ab" * 32
    market.sell(amount_minor=800, pay_method="wechat", pay_ref=pay_ref)
    market.at_ms = ONE_AT_NIGHT_MS
    market.days.step()
    settlement = {"pay_ref": pay_ref, "amount_minor": 790, "fee_minor": 10, "settled_at": "x", "channel": "wechat"}
    market.journal.add(
        "settlement", settlement, stream="party/bank/settlement", device="urn:bank", at_ms=NOON_MS + DAY_MS
    )
    assert market.days.step() == 1
    assert market.stated()[-1]["by_channel"] == {"wechat": {"net_minor": 800, "settled_minor": 790}}


@pytest.mark.parametrize("label", ["sales-day.before-commit", "sales-day.after-commit"])
def test_a_crash_states_no_day_twice(label: str, market: AMarket) -> None:
    market.sell()
    market.at_ms = ONE_AT_NIGHT_MS

    def fail() -> None:
        raise OSError("reported as failed")

    fault.arm(label, fail)
    try:
        with pytest.raises(OSError, match="reported"):
            market.days.step()
    finally:
        fault.disarm()
    market.days.step()
    assert [day["revision"] for day in market.stated()] == [0]


def test_of_two_makers_one_works(market: AMarket) -> None:
    market.sell()
    market.at_ms = ONE_AT_NIGHT_MS
    assert market.days.step() == 2
    other = market.make("two")
    market.sell(amount_minor=5, verdict=Verdict.ACCEPTED_LATE)
    assert other.step() == 0
    market.at_ms += 15_001
    assert other.step() == 1


def test_a_lease_lost_on_the_way_skips_no_day(market: AMarket, monkeypatch: pytest.MonkeyPatch) -> None:
    market.sell()
    market.at_ms = ONE_AT_NIGHT_MS + 2 * DAY_MS
    answers = iter([False])
    holds = sales_days.still_holds
    monkeypatch.setattr(sales_days, "still_holds", lambda *rest: next(answers, None) is not False and holds(*rest))
    assert market.days.step() == 0
    market.days.step()
    assert [day["day"] for day in market.stated()] == ["2025-11-22", "2025-11-23", "2025-11-24"]


def test_days_are_the_markets(market: AMarket) -> None:
    assert SETTINGS.day_of(NOON_MS + 12 * 3_600_000) == date(2025, 11, 23)
    assert SETTINGS.day_of(NOON_MS + 12 * 3_600_000 - 1) == date(2025, 11, 22)
