"""The sealer against real databases and a real content store: what it closes, chains, keeps and queues."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from ledger_node.bindings.pin_registry import PinHeader, encode_pin
from ledger_node.content.batch_reader import read_batch
from ledger_node.content.cid import raw_cid
from ledger_node.content.content_keys import KeyFolder
from ledger_node.content.content_store import read_all
from ledger_node.content.local import LocalStore
from ledger_node.domain import fault, sum_tree
from ledger_node.domain.batch import NO_CONTENT, stream_id
from ledger_node.domain.clock import Clock
from ledger_node.domain.lot_map import EMPTY_ROOT, LotMap
from ledger_node.domain.payload import lot_key
from ledger_node.domain.record import Verdict
from ledger_node.errors import ContentStoreFull, JournalContradictsItself
from ledger_node.sealing.sealer import Sealer
from ledger_node.sealing.settings import SealingSettings
from ledger_node.store import Stores
from ledger_node.store.journal import Alarm, Batch, LotMention, SealedRow, Tx
from tests.support.a_journal import DOMAIN, LOT, NOON_MS, AJournal, a_sale

SALES = "market/zpk/sale"
REGISTRY = (7).to_bytes(20, "big")
SHANGHAI = ZoneInfo("Asia/Shanghai")


class ATime:
    """A clock that a test moves."""

    def __init__(self, at_ms: int = NOON_MS + 2000) -> None:
        self.at_ms = at_ms

    def clock(self) -> Clock:
        return Clock(real=lambda: self.at_ms)


@pytest.fixture
def time() -> ATime:
    return ATime()


@pytest.fixture
def content(tmp_path: Path) -> Any:
    with LocalStore(tmp_path / "content", full_permille=1000) as store:
        yield store


@pytest.fixture
def keys(tmp_path: Path) -> KeyFolder:
    return KeyFolder(tmp_path / "keys")


@pytest.fixture
def make_sealer(stores: Stores, content: LocalStore, keys: KeyFolder, time: ATime) -> Callable[..., Sealer]:
    def make(*, streams: tuple[str, ...] = (), holder: str = "one", clock: Clock | None = None) -> Sealer:
        settings = SealingSettings(SHANGHAI, streams, ("pin-0", "pin-1"), REGISTRY)
        return Sealer(stores, content, settings, keys, clock or time.clock(), holder=holder)

    return make


def rows(stores: Stores, table: Any) -> list[Any]:
    with stores.journal.read() as connection:
        return [dict(row) for row in connection.execute(select(table.__table__)).mappings()]


def pin_of(batch: dict[str, Any]) -> PinHeader:
    names = PinHeader.__slots__
    return PinHeader(**{name: batch[name] for name in names})


def test_a_batch_commits_to_its_records_and_queues_its_pin(
    stores: Stores, content: LocalStore, keys: KeyFolder, time: ATime, make_sealer: Callable[..., Sealer]
) -> None:
    AJournal(stores.journal).add_many("sale", [a_sale(amount_minor=n, net_grams=n * 2) for n in (100, 200, 300)])
    time.at_ms = NOON_MS + 4000
    assert make_sealer().step() == 1
    (batch,) = rows(stores, Batch)
    assert (batch["stream"], batch["sequence"], batch["count"]) == (SALES, 1, 3)
    assert (batch["amount"], batch["mass"]) == (600, 1200)
    assert batch["previous_root"] == sum_tree.EMPTY.hash
    assert (batch["first_at"], batch["last_at"], batch["sealed_at"]) == (
        NOON_MS // 1000, NOON_MS // 1000, NOON_MS // 1000 + 4,
    )  # fmt: skip
    file = read_all(content, raw_cid(batch["content"]), limit_bytes=1 << 20)
    reading = read_batch(file, SALES, 1, pin_of(batch), domain=DOMAIN, keys=keys)
    assert [entry.envelope.sequence for entry in reading.entries if entry] == [1, 2, 3]
    (tx,) = rows(stores, Tx)
    assert tx["idempotency_key"] == batch["tx_key"] == f"pin/{SALES}/1"
    assert (tx["to_address"], tx["state"], tx["nonce"]) == (REGISTRY, "queued", None)
    assert tx["data"] == encode_pin(stream_id(SALES), 1, pin_of(batch))
    assert tx["lane"] == f"pin-{stream_id(SALES)[-1] % 2}"


def test_rows_about_a_merchant_are_sealed_and_others_are_not(
    stores: Stores, content: LocalStore, keys: KeyFolder, time: ATime, make_sealer: Callable[..., Sealer]
) -> None:
    journal = AJournal(stores.journal)
    sale = journal.add("sale", a_sale())
    journal.add("heartbeat", {})
    time.at_ms = NOON_MS + 40_000
    assert make_sealer().step() == 2
    assert [row["record_id"] for row in rows(stores, SealedRow)] == [sale]
    for batch in rows(stores, Batch):
        file = read_all(content, raw_cid(batch["content"]), limit_bytes=1 << 20)
        without = read_batch(file, batch["stream"], 1, pin_of(batch), domain=DOMAIN)
        assert without.sealed_count == (1 if batch["stream"] == SALES else 0)


def test_a_batch_waits_for_its_age_and_the_next_names_the_one_before(
    stores: Stores, time: ATime, make_sealer: Callable[..., Sealer]
) -> None:
    journal = AJournal(stores.journal)
    sealer = make_sealer()
    journal.add("sale", a_sale())
    time.at_ms = NOON_MS + 1250 + 1999
    assert sealer.step() == 0
    time.at_ms += 1
    assert sealer.step() == 1
    journal.add("sale", a_sale(), at_ms=NOON_MS + 60_000)
    time.at_ms += 120_000
    assert sealer.step() == 1
    first, second = rows(stores, Batch)
    assert second["previous_root"] == first["root"]
    assert second["first_position"] == first["first_position"] + 1


def test_ages_are_real_time_while_the_clock_runs_fast(
    stores: Stores, time: ATime, make_sealer: Callable[..., Sealer]
) -> None:
    AJournal(stores.journal).add("sale", a_sale(), received_at_ms=NOON_MS)
    real = [NOON_MS + 10_000_000]
    clock = Clock(start_ms=NOON_MS, real_start_ms=real[0], speed=60, real=lambda: real[0])
    sealer = make_sealer(clock=clock)
    real[0] += 1999
    assert sealer.step() == 0
    real[0] += 1
    assert sealer.step() == 1


def test_silence_is_measured_in_real_time_while_the_clock_runs_fast(
    stores: Stores, make_sealer: Callable[..., Sealer]
) -> None:
    real = [NOON_MS + 100_000_000_000]
    clock = Clock(start_ms=NOON_MS, real_start_ms=real[0], speed=60, real=lambda: real[0])
    sealer = make_sealer(streams=(SALES,), clock=clock)
    real[0] += 299_000
    assert sealer.step() == 0
    real[0] += 1_000
    assert sealer.step() == 1


def test_a_thousand_records_close_at_once(stores: Stores, time: ATime, make_sealer: Callable[..., Sealer]) -> None:
    journal = AJournal(stores.journal)
    journal.add_many("sale", [a_sale()] * 1001)
    time.at_ms = NOON_MS + 1300
    assert make_sealer().step() == 1
    (batch,) = rows(stores, Batch)
    assert batch["count"] == 1000


def test_only_counted_records_put_numbers_and_times_into_a_batch(
    stores: Stores, time: ATime, make_sealer: Callable[..., Sealer]
) -> None:
    journal = AJournal(stores.journal)
    journal.add("sale", a_sale(amount_minor=100), at_ms=NOON_MS - 50_000, verdict=Verdict.QUARANTINED, reason=15)
    journal.add("sale", a_sale(amount_minor=200), verdict=Verdict.ACCEPTED_LATE, reason=13)
    time.at_ms = NOON_MS + 9000
    assert make_sealer().step() == 1
    (batch,) = rows(stores, Batch)
    assert (batch["count"], batch["amount"], batch["first_at"]) == (2, 200, NOON_MS // 1000)


def test_a_batch_of_uncounted_records_bears_the_time_of_its_sealing(
    stores: Stores, time: ATime, make_sealer: Callable[..., Sealer]
) -> None:
    AJournal(stores.journal).add("sale", a_sale(), verdict=Verdict.REJECTED, reason=22)
    time.at_ms = NOON_MS + 9000
    make_sealer().step()
    (batch,) = rows(stores, Batch)
    assert batch["first_at"] == batch["last_at"] == batch["sealed_at"] == NOON_MS // 1000 + 9


def test_silence_for_five_minutes_gives_a_heartbeat_that_repeats_the_lots(
    stores: Stores, time: ATime, make_sealer: Callable[..., Sealer]
) -> None:
    AJournal(stores.journal).add("sale", a_sale())
    sealer = make_sealer(streams=(SALES, "market/zpk/void"))
    time.at_ms = NOON_MS + 4000
    assert sealer.step() == 1
    time.at_ms += 299_000
    assert sealer.step() == 1  # the void stream, which nothing was ever sealed in, since the sealer began
    time.at_ms += 1_000
    assert sealer.step() == 1
    first, silent, heartbeat = rows(stores, Batch)
    assert (silent["stream"], silent["lots"]) == ("market/zpk/void", EMPTY_ROOT)
    assert (heartbeat["sequence"], heartbeat["count"], heartbeat["content"]) == (2, 0, NO_CONTENT)
    assert heartbeat["root"] == sum_tree.EMPTY.hash
    assert heartbeat["lots"] == first["lots"] != EMPTY_ROOT
    assert heartbeat["previous_root"] == first["root"]
    assert len(rows(stores, Tx)) == 3


@pytest.mark.parametrize("first_position", [0, 1])
def test_records_after_heartbeats_are_sealed_wherever_positions_begin(
    first_position: int, stores: Stores, time: ATime, make_sealer: Callable[..., Sealer]
) -> None:
    sealer = make_sealer(streams=(SALES,))
    time.at_ms += 300_000
    assert sealer.step() == 1
    AJournal(stores.journal, first_position=first_position).add("sale", a_sale(), at_ms=time.at_ms)
    time.at_ms += 10_000
    assert sealer.step() == 1
    time.at_ms += 300_000
    assert sealer.step() == 1
    assert [row["count"] for row in rows(stores, Batch)] == [0, 1, 0]


def test_midnight_in_the_market_closes_a_batch(stores: Stores, time: ATime, make_sealer: Callable[..., Sealer]) -> None:
    midnight_ms = NOON_MS + 12 * 3_600_000
    journal = AJournal(stores.journal)
    journal.add("heartbeat", {}, received_at_ms=midnight_ms - 100)
    journal.add("heartbeat", {}, received_at_ms=midnight_ms)
    time.at_ms = midnight_ms + 5
    assert make_sealer().step() == 1
    (batch,) = rows(stores, Batch)
    assert batch["count"] == 1


def test_the_lot_map_takes_in_each_record_once(stores: Stores, time: ATime, make_sealer: Callable[..., Sealer]) -> None:
    journal = AJournal(stores.journal)
    other = LOT + "-other"
    lots = [{"lot_id": LOT, "net_grams": 5}, {"lot_id": other, "net_grams": 7}, {"lot_id": LOT, "net_grams": 1}]
    journal.add("sale", a_sale(lots=lots, net_grams=13))
    time.at_ms = NOON_MS + 5000
    make_sealer().step()
    journal.add("sale", a_sale(lots=lots[1:2], net_grams=7))
    time.at_ms += 5000
    make_sealer(holder="one").step()  # anew from the tables
    mentions = rows(stores, LotMention)
    expected = LotMap()
    for mention in mentions:
        expected.add(mention["record_hash"], [(mention["lot_key"], mention["share_grams"])])
    assert {(m["lot_key"], m["number"], m["batch_sequence"], m["share_grams"]) for m in mentions} == {
        (lot_key(LOT), 1, 1, 6),
        (lot_key(other), 1, 1, 7),
        (lot_key(other), 2, 2, 7),
    }
    assert rows(stores, Batch)[-1]["lots"] == expected.root()


class _Killed(BaseException):
    """Stands for a process that ends here."""


@pytest.mark.parametrize("label", ["S1", "S2", "S3"])
def test_a_sealer_that_dies_anywhere_neither_loses_nor_doubles_a_pin(
    label: str, stores: Stores, content: LocalStore, time: ATime, make_sealer: Callable[..., Sealer]
) -> None:
    AJournal(stores.journal).add_many("sale", [a_sale() for _ in range(5)])
    time.at_ms = NOON_MS + 5000

    def die() -> None:
        raise _Killed

    fault.arm(label, die)
    try:
        with pytest.raises(_Killed):
            make_sealer().step()
    finally:
        fault.disarm()
    time.at_ms += 5000
    make_sealer().step()
    (batch,) = rows(stores, Batch)
    assert batch["count"] == 5
    assert len(rows(stores, Tx)) == 1
    assert [pin.cid for pin in content.pins()] == [raw_cid(batch["content"])]


@pytest.mark.parametrize("label", ["S1", "S2", "S3"])
def test_a_done_thing_reported_as_failed_is_not_done_twice(
    label: str, stores: Stores, time: ATime, make_sealer: Callable[..., Sealer]
) -> None:
    AJournal(stores.journal).add_many("sale", [a_sale() for _ in range(5)])
    time.at_ms = NOON_MS + 5000

    def fail() -> None:
        raise OSError("reported as failed")

    sealer = make_sealer()
    fault.arm(label, fail)
    try:
        with pytest.raises(OSError, match="reported"):
            sealer.step()
    finally:
        fault.disarm()
    assert [row["subject"] for row in rows(stores, Alarm)] == [SALES]
    sealer.step()
    assert [batch["count"] for batch in rows(stores, Batch)] == [5]
    assert len(rows(stores, Tx)) == 1


def test_of_two_sealers_one_works_until_its_lease_lapses(
    stores: Stores, time: ATime, make_sealer: Callable[..., Sealer]
) -> None:
    journal = AJournal(stores.journal)
    first, second = make_sealer(holder="first"), make_sealer(holder="second")
    journal.add("sale", a_sale())
    time.at_ms = NOON_MS + 5000
    assert (first.step(), second.step()) == (1, 0)
    journal.add("sale", a_sale())
    time.at_ms += 15_001
    assert second.step() == 1
    journal.add("sale", a_sale())
    time.at_ms += 4000
    assert first.step() == 0
    assert second.step() == 1
    assert [batch["sequence"] for batch in rows(stores, Batch)] == [1, 2, 3]


def test_a_sealer_whose_lease_was_taken_while_it_worked_commits_nothing(
    stores: Stores, time: ATime, make_sealer: Callable[..., Sealer]
) -> None:
    AJournal(stores.journal).add("sale", a_sale())
    first, second = make_sealer(holder="first"), make_sealer(holder="second")
    time.at_ms = NOON_MS + 5000

    def another_takes_over() -> None:
        fault.disarm()
        time.at_ms += 15_001
        assert second.step() == 1

    fault.arm("S1", another_takes_over)
    try:
        assert first.step() == 0
    finally:
        fault.disarm()
    assert len(rows(stores, Batch)) == 1


def test_a_hole_in_the_positions_stops_that_stream_alone(
    stores: Stores, time: ATime, make_sealer: Callable[..., Sealer]
) -> None:
    journal = AJournal(stores.journal)
    journal.add("sale", a_sale())
    journal._positions[SALES] += 1
    journal.add("sale", a_sale())
    journal.add("void", {**a_sale(), "of": "x"})
    time.at_ms = NOON_MS + 5000
    with pytest.raises(JournalContradictsItself, match="position 1 is missing"):
        make_sealer().step()
    assert [batch["stream"] for batch in rows(stores, Batch)] == ["market/zpk/void"]


def test_sealing_waits_while_the_store_is_full(
    stores: Stores, keys: KeyFolder, tmp_path: Path, time: ATime, make_sealer: Callable[..., Sealer]
) -> None:
    AJournal(stores.journal).add("sale", a_sale())
    time.at_ms = NOON_MS + 5000
    settings = SealingSettings(SHANGHAI, (), ("pin-0",), REGISTRY)
    with LocalStore(tmp_path / "full", full_permille=0) as full:
        sealer = Sealer(stores, full, settings, keys, time.clock(), holder="one")
        with pytest.raises(ContentStoreFull):
            sealer.step()
    assert rows(stores, Batch) == rows(stores, Tx) == []
    assert make_sealer().step() == 1
    assert all(alarm["cleared_at_ms"] for alarm in rows(stores, Alarm))
