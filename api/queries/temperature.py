"""Temperatures that probes signed around a lot's place and time, and the spans nobody measured.

Readings of one probe are found by its own run of sequence numbers, whose times ascend: no scan of a market's climate.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import cbor2
from sqlalchemy import Connection, select

from api.queries import tables
from api.queries.devices import names
from api.services import Views
from api.wire import Moment, View, at_ms
from ledger_node.domain.device import DeviceClass
from ledger_node.domain.envelope import FIELDS, Envelope

_VALUE: Final = next(key for key, name in FIELDS.items() if name == "value")
READINGS_LIMIT: Final = 1500
GAP_INTERVALS: Final = 3
"""A pause of more than this many usual intervals is a span without data (`market.md` section 1, SILENT)."""


class Reading(View):
    """One reading: thousandths of a degree Celsius."""

    at_ms: int
    millicelsius: int


class Span(View):
    """A time in which no reading was kept."""

    from_at: Moment
    to_at: Moment
    from_ms: int
    to_ms: int


class TemperatureView(View):
    """What one probe saw between two moments."""

    probe: str
    from_at: Moment
    to_at: Moment
    readings: Sequence[Reading]
    gaps: Sequence[Span]
    completeness_permille: int
    minimum_millicelsius: int | None
    mean_millicelsius: int | None
    maximum_millicelsius: int | None


def probe_at(views: Views, place_ref: str, merchant_ref: str) -> str | None:
    """The probe that the registry assigns to a place, else to a merchant; None where there is none."""
    device = tables.device.c
    rows = views.projections.execute(
        select(device.device, device.state).where(device.device_class == int(DeviceClass.PROBE))
    ).all()
    for wanted, member in ((place_ref, "place"), (merchant_ref, "merchant")):
        for row in rows:
            if row.state["assignment"][member] == wanted:
                return names(views.journal).get(row.device)
    return None


def profile_of(journal: Connection, probe: str) -> str | None:
    """The cold profile that the probe's newest reading names: what kind of goods its place is for."""
    record = tables.record.c
    envelope = journal.execute(
        select(record.envelope)
        .where(record.device == probe, record.kind == "temperature")
        .order_by(record.sequence.desc())
        .limit(1)
    ).scalar()
    named = None if envelope is None else Envelope.from_cbor(envelope).payload_object().get("cold_profile")
    return None if named is None else str(named)


def between(journal: Connection, probe: str, from_ms: int, to_ms: int) -> TemperatureView:
    """The probe's readings in [from, to], thinned to READINGS_LIMIT, with the spans that no reading covers."""
    readings = _readings(journal, probe, from_ms, to_ms)
    gaps = spans_without_data([one.at_ms for one in readings], from_ms, to_ms)
    missing = sum(gap.to_ms - gap.from_ms for gap in gaps)
    values = [one.millicelsius for one in readings]
    return TemperatureView(
        probe=probe,
        from_at=at_ms(from_ms),
        to_at=at_ms(to_ms),
        readings=thinned(readings),
        gaps=gaps,
        completeness_permille=1000 - 1000 * missing // max(1, to_ms - from_ms),
        minimum_millicelsius=min(values, default=None),
        mean_millicelsius=sum(values) // len(values) if values else None,
        maximum_millicelsius=max(values, default=None),
    )


def spans_without_data(times: Sequence[int], from_ms: int, to_ms: int) -> list[Span]:
    """Pauses longer than three usual intervals (the median), also before the first and after the last reading."""
    if not times:
        return [_span(from_ms, to_ms)] if to_ms > from_ms else []
    steps = sorted(later - sooner for sooner, later in pairwise(times))
    usual = steps[len(steps) // 2] if steps else 5 * 60_000
    edges = [from_ms, *times, to_ms]
    return [_span(sooner, later) for sooner, later in pairwise(edges) if later - sooner > GAP_INTERVALS * usual]


def thinned(readings: Sequence[Reading]) -> list[Reading]:
    """Every n-th reading, so that READINGS_LIMIT is kept."""
    step = -(-len(readings) // READINGS_LIMIT) or 1
    return list(readings[::step])


def _readings(journal: Connection, probe: str, from_ms: int, to_ms: int) -> list[Reading]:
    record = tables.record.c
    first = _sequence_at(journal, probe, from_ms)
    if first is None:
        return []
    rows = journal.execute(
        select(record.observed_at_ms, record.envelope, record.kind)
        .where(record.device == probe, record.sequence >= first)
        .order_by(record.sequence)
        .limit(4 * READINGS_LIMIT)
    )
    found = list[Reading]()
    for row in rows:
        if row.observed_at_ms > to_ms:
            break
        if row.kind == "temperature" and row.observed_at_ms >= from_ms:
            found.append(Reading(at_ms=row.observed_at_ms, millicelsius=_value_of(row.envelope)))
    return found


def _value_of(envelope: bytes) -> int:
    """The value alone of an envelope that ingest has checked: a page reads hundreds of them."""
    value: int = cbor2.loads(envelope)[_VALUE]
    return value


def _sequence_at(journal: Connection, probe: str, at: int) -> int | None:
    """The first kept sequence number observed at or after `at`, by bisection; None where there is none."""
    record = tables.record.c
    head = journal.execute(select(tables.device_head.c.sequence).where(tables.device_head.c.device == probe)).scalar()
    if head is None:
        return None
    low, high = 1, int(head) + 1
    while low < high:
        middle = (low + high) // 2
        seen = journal.execute(
            select(record.observed_at_ms, record.sequence)
            .where(record.device == probe, record.sequence >= middle)
            .order_by(record.sequence)
            .limit(1)
        ).first()
        if seen is None or seen.observed_at_ms >= at:
            high = middle
        else:
            low = seen.sequence + 1
    return low if low <= int(head) else None


def _span(from_ms: int, to_ms: int) -> Span:
    return Span(from_at=at_ms(from_ms), to_at=at_ms(to_ms), from_ms=from_ms, to_ms=to_ms)
