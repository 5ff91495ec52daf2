"""Everything a consumer's page says about one sale, gathered once: sale, lots, tests, holds, scale, tank, re-weighs."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, select

from api.queries import devices, lots, sales, tables, temperature
from api.queries.lots import AttestationView, HoldView, LotItem, TestView
from api.queries.records import SEALED_FIELDS
from api.queries.sales import SaleView
from api.queries.temperature import TemperatureView
from api.services import Views
from api.wire import Hex32, Moment, View, at_s, hex_of
from ledger_node.domain.cold_profile import COLD_PROFILES
from ledger_node.domain.device import DeviceStatus, key_at
from ledger_node.domain.envelope import Envelope
from ledger_node.domain.record import Mark, Reason, Verdict
from ledger_node.errors import DeviceNotFound

TEMPERATURE_WINDOW_MS: Final = 48 * 3_600_000
SCALE_CLASS: Final = "SCALE"


class LotStory(View):
    """A lot's part of a sale: what its intake said, who its parents are, what was tested and attested."""

    lot: LotItem
    share_grams: int
    intake: dict[str, Any]
    intake_record_hash: Hex32 | None
    parents: Sequence[LotItem]
    tests: Sequence[TestView]
    holds: Sequence[HoldView]
    attestations: Sequence[AttestationView]


class ScaleStory(View):
    """The scale at the moment of the sale."""

    name: str
    status_then: str
    trust: int
    verified_then: bool
    verified_until: Moment | None
    certificate_hash: Hex32 | None


class Reweigh(View):
    """A later weighing of the same goods on the market's own scale."""

    record_hash: Hex32
    net_grams: int
    division_grams: int
    difference_grams: int
    at_ms: int


class ColdStory(View):
    """The tank's temperatures with the limits of the goods' profile."""

    profile: str | None
    source: str | None
    lowest_millicelsius: int | None
    highest_millicelsius: int | None
    readings_outside: int
    measured: TemperatureView


class SaleStory(View):
    """A sale and everything before it that somebody signed."""

    sale: SaleView
    sold_at_ms: int
    verdict: str
    reason: str
    marks: Sequence[str]
    lots: Sequence[LotStory]
    scale: ScaleStory | None
    cold: ColdStory | None
    reweighs: Sequence[Reweigh]


def story_of(views: Views, name: str) -> SaleStory:
    """The story of the sale whose id or trace code is `name`."""
    row = sales.find_row(views.journal, name)
    record = views.journal.execute(select(tables.record).where(tables.record.c.id == row["record_id"])).mappings().one()
    sale = sales.view_of(views, row)
    parts = [_lot_story(views, bytes.fromhex(share.lot_key[2:]), share.share_grams) for share in sale.lots]
    told = [part for part in parts if part is not None]
    return SaleStory(
        sale=sale,
        sold_at_ms=row["observed_at_ms"],
        verdict=Verdict(record["verdict"]).name,
        reason=Reason(record["reason"]).name,
        marks=[mark.name or "" for mark in Mark(record["marks"])],
        lots=told,
        scale=_scale(views, row["device"], row["observed_at_ms"] // 1000),
        cold=_cold(views, row, told),
        reweighs=_reweighs(views.journal, row),
    )


def proof_records(views: Views, name: str) -> list[bytes]:
    """Hashes of what a sale's proof shows: the sale first, then intakes and tests of its lots, oldest first."""
    row = sales.find_row(views.journal, name)
    record, named = tables.record.c, tables.record_lot.c
    first = views.journal.execute(select(record.record_hash).where(record.id == row["record_id"])).scalar_one()
    keys = select(named.lot_key).where(named.record_id == row["record_id"])
    intakes = select(tables.lot.c.intake_record_id).where(tables.lot.c.lot_key.in_(keys))
    tests = select(tables.food_test.c.record_id).where(tables.food_test.c.lot_key.in_(keys))
    others = views.journal.execute(
        select(record.record_hash, record.id)
        .where(record.id.in_(intakes.union(tests)), record.record_hash != first)
        .order_by(record.id)
        .limit(24)
    ).all()
    return [first, *(other.record_hash for other in others)]


def first_proven(views: Views, market: str) -> str | None:
    """The page of the newest sale that a published checkpoint covers, or None before there is one."""
    sale = tables.sale.c
    names = views.journal.execute(
        select(sale.trace_code)
        .where(sale.market == market, sale.trace_code.is_not(None), sale.counted, sale.state == "sold")
        .order_by(sale.record_id.desc())
        .limit(200)
    ).scalars()
    for name in list(names):
        found = sales.find(views, name)
        if found.progress.stage == "proven":
            return found.page_url
    return None


def _lot_story(views: Views, key: bytes, share_grams: int) -> LotStory | None:
    row = views.journal.execute(select(tables.lot).where(tables.lot.c.lot_key == key)).mappings().first()
    if row is None:
        return None
    full = lots.find(views, hex_of(key))
    family = [key, *(bytes.fromhex(parent.lot_key[2:]) for parent in full.parents)]
    return LotStory(
        lot=lots.item_of(row),
        share_grams=share_grams,
        intake={name: value for name, value in row["payload"].items() if name not in SEALED_FIELDS},
        intake_record_hash=full.intake_record_hash,
        parents=full.parents,
        tests=lots.tests_of(views.journal, family),
        holds=lots.holds_of(views.journal, family),
        attestations=full.attestations,
    )


def _scale(views: Views, name: str, at_second: int) -> ScaleStory | None:
    try:
        state = devices.state_of(views.projections, name)
    except DeviceNotFound:
        return None
    verified, until = devices.verified_at(state, at_second)
    filed = [one for one in state.verifications if one.is_filed and one.until_at == until]
    status = key_at(state, at_second).status if state.keys else DeviceStatus.UNKNOWN
    return ScaleStory(
        name=name,
        status_then=status.name,
        trust=state.trust,
        verified_then=verified,
        verified_until=at_s(until),
        certificate_hash=hex_of(filed[-1].certificate_hash) if filed else None,
    )


def _cold(views: Views, row: RowMapping, told: Sequence[LotStory]) -> ColdStory | None:
    probe = temperature.probe_at(views, row["place_ref"], row["merchant_ref"])
    name = next((one.intake["cold_profile"] for one in told if one.intake.get("cold_profile")), None)
    # A tank's probe says nothing about goods that lie on ice beside it.
    if probe is None or temperature.profile_of(views.journal, probe) not in (None, name):
        return None
    sold = row["observed_at_ms"]
    arrived = views.journal.execute(
        select(tables.lot.c.arrived_at_ms).where(
            tables.lot.c.lot_key.in_([bytes.fromhex(one.lot.lot_key[2:]) for one in told])
        )
    ).scalars()
    start = max(min(arrived, default=sold), sold - TEMPERATURE_WINDOW_MS)
    measured = temperature.between(views.journal, probe, start, sold)
    profile = COLD_PROFILES.get(name or "")
    outside = 0 if profile is None else sum(not profile.contains(one.millicelsius) for one in measured.readings)
    return ColdStory(
        profile=name,
        source=None if profile is None else profile.source,
        lowest_millicelsius=None if profile is None else profile.lowest_millicelsius,
        highest_millicelsius=None if profile is None else profile.highest_millicelsius,
        readings_outside=outside,
        measured=measured,
    )


def _reweighs(journal: Connection, row: RowMapping) -> list[Reweigh]:
    """Re-weighs of this sale: records of its lots of that kind whose payload names its trace code."""
    record, named = tables.record.c, tables.record_lot.c
    keys = select(named.lot_key).where(named.record_id == row["record_id"])
    rows = journal.execute(
        select(record.record_hash, record.envelope, record.observed_at_ms)
        .where(
            record.id.in_(select(named.record_id).where(named.lot_key.in_(keys))),
            record.kind == "reweigh",
            record.id > row["record_id"],
        )
        .order_by(record.id)
        .limit(20)
    ).all()
    found = list[Reweigh]()
    for one in rows:
        payload = Envelope.from_cbor(one.envelope).payload_object()
        if payload["trace_code"] == row["trace_code"]:
            found.append(
                Reweigh(
                    record_hash=hex_of(one.record_hash),
                    net_grams=payload["net_grams"],
                    division_grams=payload["division_grams"],
                    difference_grams=payload["difference_grams"],
                    at_ms=one.observed_at_ms,
                )
            )
    return found
