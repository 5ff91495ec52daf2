"""Reading a market's day out of the journal: who moved what, which numbers devices used, what the bank confirmed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, Row, func, select

from ledger_node.domain.record import Verdict
from ledger_node.domain.sales_day import DeviceDay, Movement, MovementKind, device_day
from ledger_node.sealing.subjects import payload_of
from ledger_node.store.journal import Record, Reverdict, Sale, StreamHead

MOVEMENT_KINDS: Final[tuple[MovementKind, ...]] = ("sale", "void", "refund")
SETTLEMENT_DAYS: Final = 3
DAY_MS: Final = 86_400_000
_RECORD = Record.__table__  # type: ignore[attr-defined]
_REVERDICT = Reverdict.__table__  # type: ignore[attr-defined]
_SALE = Sale.__table__  # type: ignore[attr-defined]
_STREAM_HEAD = StreamHead.__table__  # type: ignore[attr-defined]


@dataclass(slots=True)
class MarketDay:
    """One market's day, by `merchant_ref`; device runs by device."""

    movements: dict[str, list[Movement]] = field(default_factory=dict[str, list[Movement]])
    settled: dict[str, dict[str, int]] = field(default_factory=dict[str, dict[str, int]])
    quarantined: dict[str, int] = field(default_factory=dict[str, int])
    devices_of: dict[str, set[str]] = field(default_factory=dict[str, set[str]])


@dataclass(frozen=True, slots=True)
class Window:
    """A day in milliseconds, [from, to), and the newest record that is taken into account."""

    from_ms: int
    to_ms: int
    last_record_id: int


@dataclass(frozen=True, slots=True)
class _SaleOf:
    merchant: str
    channel: str


def read_market_day(connection: Connection, market: str, window: Window, trust: Mapping[str, int]) -> MarketDay:
    """All counted movements of the day under the newest verdicts, with their settlements."""
    result = MarketDay()
    payers: dict[str, str] = {}
    known: dict[str, _SaleOf] = {}
    verdicts = _changed_verdicts(connection)
    for kind in MOVEMENT_KINDS:  # sales first: voids and refunds ask for them
        for row in _rows(connection, f"market/{market}/{kind}", kind, window):
            payload = payload_of(row.envelope)
            if kind == "sale":
                known[payload["sale_id"]] = _SaleOf(payload["merchant_ref"], payload["pay_method"])
            sale = known.get(payload["sale_id"] if kind == "sale" else payload["of"])
            if sale is None:
                sale = known[payload["of"]] = _earlier_sale(connection, payload)
            result.devices_of.setdefault(sale.merchant, set()).add(row.device)
            verdict = Verdict(verdicts.get(row.id, row.verdict))
            if not verdict.is_counted:
                held = result.quarantined.get(sale.merchant, 0)
                result.quarantined[sale.merchant] = held + (verdict == Verdict.QUARANTINED)
                continue
            if kind == "sale" and payload.get("pay_ref"):
                payers[payload["pay_ref"]] = sale.merchant
            result.movements.setdefault(sale.merchant, []).append(
                Movement(
                    kind,
                    row.record_hash,
                    row.device,
                    row.sequence,
                    row.amount_minor,
                    row.mass_grams,
                    sale.channel,
                    verdict,
                    trust.get(row.device, 0),
                )
            )
    _read_settlements(connection, window, payers, result)
    return result


def read_device_day(
    connection: Connection, device: str, after: int, window: Window, movements: Iterable[Movement]
) -> DeviceDay:
    """The device's run from `after` to the highest number it had used when the day ended."""
    seen = select(_RECORD.c.sequence, _RECORD.c.observed_at_ms).where(
        _RECORD.c.device == device, _RECORD.c.sequence > after, _RECORD.c.id <= window.last_record_id
    )
    rows = connection.execute(seen).all()
    last = max((row.sequence for row in rows if row.observed_at_ms < window.to_ms), default=after)
    kinds: dict[int, MovementKind] = {one.sequence: one.kind for one in movements if one.device == device}
    return device_day(device, after, last, {row.sequence for row in rows}, kinds)


def days_touched(
    connection: Connection, market: str, *, after_id: int, upto_id: int, after_reverdict: int, before_ms: int
) -> list[int]:
    """Moments (ms) within closed days that records journaled since, or new reverdicts, may have changed."""
    since = (_RECORD.c.id > after_id, _RECORD.c.id <= upto_id)
    ours = _RECORD.c.stream.like(f"market/{market}/%") | (_RECORD.c.kind == "settlement")
    late = select(_RECORD.c.observed_at_ms).where(*since, ours, _RECORD.c.observed_at_ms < before_ms)
    changed = (
        select(_RECORD.c.observed_at_ms)
        .join(_REVERDICT, _REVERDICT.c.of_record_id == _RECORD.c.id)
        .where(_REVERDICT.c.id > after_reverdict, ours, _RECORD.c.observed_at_ms < before_ms)
    )
    settled = select(_RECORD.c.observed_at_ms).where(*since, _RECORD.c.kind == "settlement")
    moments = [row.observed_at_ms for query in (late, changed) for row in connection.execute(query)]
    days_ms = [number * DAY_MS for number in range(SETTLEMENT_DAYS)]
    for row in connection.execute(settled):
        moments.extend(row.observed_at_ms - back for back in days_ms if row.observed_at_ms - back < before_ms)
    return moments


def newest_ids(connection: Connection) -> tuple[int, int]:
    """The newest record and reverdict, 0 for none: what a pass takes into account."""
    record = connection.execute(select(func.max(_RECORD.c.id))).scalar_one()
    reverdict = connection.execute(select(func.max(_REVERDICT.c.id))).scalar_one()
    return record or 0, reverdict or 0


def first_movement_ms(connection: Connection, market: str) -> int | None:
    """When the market's first sale was observed; None before it."""
    found: int | None = connection.execute(
        select(func.min(_RECORD.c.observed_at_ms)).where(
            _RECORD.c.stream == f"market/{market}/sale", _RECORD.c.kind == "sale"
        )
    ).scalar_one()
    return found


def _rows(connection: Connection, stream: str, kind: str, window: Window) -> list[Row[Any]]:
    return list(
        connection.execute(
            select(_RECORD)
            .where(
                _RECORD.c.stream == stream,
                _RECORD.c.kind == kind,
                _RECORD.c.observed_at_ms >= window.from_ms,
                _RECORD.c.observed_at_ms < window.to_ms,
                _RECORD.c.id <= window.last_record_id,
            )
            .order_by(_RECORD.c.id)
        )
    )


def _changed_verdicts(connection: Connection) -> dict[int, int]:
    rows = connection.execute(select(_REVERDICT.c.of_record_id, _REVERDICT.c.verdict).order_by(_REVERDICT.c.id))
    return {row.of_record_id: row.verdict for row in rows}


def _earlier_sale(connection: Connection, payload: Mapping[str, Any]) -> _SaleOf:
    """The sale of another day that a void or refund names; the record's own word where the journal has no such sale."""
    row = connection.execute(
        select(_RECORD.c.envelope)
        .join(_SALE, _SALE.c.record_id == _RECORD.c.id)
        .where(_SALE.c.sale_id == payload["of"])
    ).first()
    sale = payload if row is None else payload_of(row.envelope)
    return _SaleOf(sale.get("merchant_ref", ""), sale.get("pay_method", "unknown"))


def _read_settlements(connection: Connection, window: Window, payers: Mapping[str, str], result: MarketDay) -> None:
    horizon_ms = window.to_ms + (SETTLEMENT_DAYS - 1) * DAY_MS
    rows = connection.execute(
        select(_RECORD.c.envelope).where(
            _RECORD.c.kind == "settlement",
            _RECORD.c.verdict.in_((int(Verdict.ACCEPTED), int(Verdict.ACCEPTED_LATE))),
            _RECORD.c.stream.in_(_settlement_streams(connection)),
            _RECORD.c.observed_at_ms >= window.from_ms,
            _RECORD.c.observed_at_ms < horizon_ms,
            _RECORD.c.id <= window.last_record_id,
        )
    )
    for row in rows:
        payload = payload_of(row.envelope)
        merchant = payers.get(payload["pay_ref"])
        if merchant is not None:
            channels = result.settled.setdefault(merchant, {})
            channels[payload["channel"]] = channels.get(payload["channel"], 0) + payload["amount_minor"]


def _settlement_streams(connection: Connection) -> list[str]:
    found = connection.execute(select(_STREAM_HEAD.c.stream).where(_STREAM_HEAD.c.stream.like("%/settlement")))
    return [row.stream for row in found]
