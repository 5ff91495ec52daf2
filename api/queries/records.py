"""Signed records: one by its hash, or lists of them newest first."""

from collections.abc import Sequence
from typing import Any, Literal

from sqlalchemy import Connection, RowMapping, Select, select

from api.queries import tables
from api.queries.progress import Progress, progress_of
from api.services import Views
from api.wire import Decimal, Hex, Hex32, Moment, View, at_ms, hex_of
from ledger_node.domain.envelope import Envelope
from ledger_node.domain.record import Mark, Reason, Verdict
from ledger_node.errors import RecordNotFound

SEALED_FIELDS = frozenset({"cost_minor_per_kilogram", "pay_ref", "payer_ref", "contact", "operator_ref"})
"""Payload members that no public answer shows: sealed for the merchant, or about a buyer or a person."""

VerdictName = Literal["ACCEPTED", "ACCEPTED_LATE", "QUARANTINED", "REJECTED", "FORKED"]


class RecordItem(View):
    """A record as lists show it."""

    id: int
    hash: Hex32
    device: str
    sequence: int
    stream: str
    kind: str
    observed_at: Moment
    received_at: Moment
    verdict: VerdictName
    reason: str
    amount_minor: int
    mass_grams: int


class LotShare(View):
    """A lot that a record names."""

    lot_key: Hex32
    lot_id: str | None
    item_name: str | None
    share_grams: int


class ReverdictView(View):
    """A later change of mind; the record and its pin stay as they are."""

    verdict: VerdictName
    reason: str
    at: Moment


class RecordView(RecordItem):
    """All that is public about a record. `payload` leaves out what is sealed and says so in `withheld`."""

    position: int
    digest: Hex32
    value: Decimal
    exponent: int
    unit: str
    previous_hash: Hex32
    payload_hash: Hex32
    payload: dict[str, Any]
    withheld: Sequence[str]
    algorithm: str
    signature: Hex
    key_epoch: int
    detail: str
    marks: Sequence[str]
    lots: Sequence[LotShare]
    reverdicts: Sequence[ReverdictView]
    progress: Progress
    proof_url: str


def find_row(journal: Connection, record_hash: bytes) -> RowMapping:
    """The row of a record; RecordNotFound where there is none."""
    row = (
        journal.execute(select(tables.record).where(tables.record.c.record_hash == record_hash).limit(1))
        .mappings()
        .first()
    )
    if row is None:
        raise RecordNotFound("0x" + record_hash.hex())
    return row


def find(views: Views, record_hash: bytes) -> RecordView:
    """The record with everything public about it."""
    row = find_row(views.journal, record_hash)
    envelope = Envelope.from_cbor(row["envelope"])
    payload, withheld = public_payload(envelope)
    return RecordView(
        **item_of(row).model_dump(),
        position=row["position"],
        digest=hex_of(row["digest"]),
        value=str(envelope.value),
        exponent=envelope.exponent,
        unit=envelope.unit,
        previous_hash=hex_of(envelope.previous_hash),
        payload_hash=hex_of(envelope.payload_hash),
        payload=payload,
        withheld=withheld,
        algorithm=envelope.algorithm,
        signature=hex_of(envelope.signature),
        key_epoch=row["key_epoch"],
        detail=row["detail"],
        marks=[mark.name or "" for mark in Mark(row["marks"])],
        lots=lots_of(views.journal, row["id"]),
        reverdicts=_reverdicts(views.journal, row["id"]),
        progress=progress_of(views, row["stream"], row["position"]),
        proof_url=f"/api/v1/records/0x{record_hash.hex()}/proof",
    )


def listed(
    journal: Connection,
    *,
    limit: int,
    before: int | None = None,
    stream: str | None = None,
    kind: str | None = None,
    device: str | None = None,
    verdict: Verdict | None = None,
) -> list[RecordItem]:
    """Up to `limit` + 1 records, newest first."""
    record = tables.record.c
    query: Select[Any] = select(tables.record).order_by(record.id.desc()).limit(limit + 1)
    wanted = {record.stream: stream, record.kind: kind, record.device: device, record.verdict: verdict}
    for column, value in wanted.items():
        if value is not None:
            query = query.where(column == value)
    if before is not None:
        query = query.where(record.id < before)
    return [item_of(row) for row in journal.execute(query).mappings()]


def of_batch(journal: Connection, stream: str, first_position: int, count: int, start: int, limit: int) -> list[Any]:
    """Records of a batch in leaf order, from leaf `start` on."""
    record = tables.record.c
    first = first_position + start
    query = (
        select(tables.record)
        .where(
            record.stream == stream,
            record.position >= first,
            record.position < min(first + limit, first_position + count),
        )
        .order_by(record.position)
    )
    return [item_of(row) for row in journal.execute(query).mappings()]


def item_of(row: RowMapping) -> RecordItem:
    """A row as lists show it."""
    return RecordItem(
        id=row["id"],
        hash=hex_of(row["record_hash"]),
        device=row["device"],
        sequence=row["sequence"],
        stream=row["stream"],
        kind=row["kind"],
        observed_at=at_ms(row["observed_at_ms"]),
        received_at=at_ms(row["received_at_ms"]),
        verdict=Verdict(row["verdict"]).name,
        reason=Reason(row["reason"]).name,
        amount_minor=row["amount_minor"],
        mass_grams=row["mass_grams"],
    )


def public_payload(envelope: Envelope) -> tuple[dict[str, Any], list[str]]:
    """What anyone may read of a payload, and the names of what was left out."""
    payload = envelope.payload_object()
    withheld = sorted(SEALED_FIELDS & payload.keys())
    return {name: value for name, value in payload.items() if name not in SEALED_FIELDS}, withheld


def lots_of(journal: Connection, record_id: int) -> list[LotShare]:
    """The lots a record names, in its own order."""
    named = tables.record_lot.c
    rows = journal.execute(
        select(named.lot_key, named.share_grams, tables.lot.c.lot_id, tables.lot.c.item_name)
        .outerjoin_from(tables.record_lot, tables.lot, tables.lot.c.lot_key == named.lot_key)
        .where(named.record_id == record_id)
        .order_by(named.ordinal)
    ).all()
    return [
        LotShare(lot_key=hex_of(row.lot_key), share_grams=row.share_grams, lot_id=row.lot_id, item_name=row.item_name)
        for row in rows
    ]


def _reverdicts(journal: Connection, record_id: int) -> list[ReverdictView]:
    rows = journal.execute(
        select(tables.reverdict).where(tables.reverdict.c.of_record_id == record_id).order_by(tables.reverdict.c.id)
    ).mappings()
    return [
        ReverdictView(
            verdict=Verdict(row["verdict"]).name,
            reason=Reason(row["reason"]).name,
            at=at_ms(row["at_ms"]),
        )
        for row in rows
    ]
