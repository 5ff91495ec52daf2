"""Lots: what an intake record said of them, what happened to them since, what they were made from."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, func, select

from api.queries import tables
from api.queries.records import SEALED_FIELDS
from api.services import Views
from api.wire import Hex32, Moment, View, at_ms, at_s, hex_of
from ledger_node.domain.digest import keccak256
from ledger_node.errors import LotNotFound

TEST_RESULTS = {1: "PASS", 2: "FAIL", 3: "INVALID", 4: "SUSPECT"}
LIST_LIMIT = 50


class LotItem(View):
    """A lot as lists show it."""

    lot_key: Hex32
    lot_id: str
    market: str
    item_code: str
    item_name: str
    net_grams: int
    state: str
    arrived_at: Moment


class TestView(View):
    """A food-safety test of a lot."""

    __test__ = False  # a view, not a test of pytest's

    test_id: str
    project: str
    method_code: str
    limit_standard: str
    result: str
    tested_at: Moment
    retest_of: str | None
    record_hash: Hex32
    payload: dict[str, Any]


class HoldView(View):
    """A time in which a lot must not be sold."""

    version: int
    held_from: Moment
    released_at: Moment | None
    cause_record_hash: Hex32 | None


class AttestationView(View):
    """A statement under a registered schema about a lot, on chain."""

    uid: Hex32
    kind: str
    schema_text: str
    facts: dict[str, Any]
    party: int
    at: Moment | None
    expires_at: Moment | None
    revoked_at: Moment | None
    voided: bool
    superseded_by: Hex32 | None
    block: int


class LotView(LotItem):
    """All that is public about a lot."""

    merchant_ref: str
    intake_record_hash: Hex32
    intake: dict[str, Any]
    parents: Sequence[LotItem]
    children: Sequence[LotItem]
    tests: Sequence[TestView]
    holds: Sequence[HoldView]
    attestations: Sequence[AttestationView]
    sales_count: int
    sold_grams: int


def find_row(journal: Connection, name: str) -> RowMapping:
    """The lot by its key (`0x…`) or its canonical Digital Link; LotNotFound where there is none."""
    try:
        key = bytes.fromhex(name.removeprefix("0x")) if name.startswith("0x") else keccak256(name.encode())
    except ValueError as wrong:
        raise LotNotFound(name) from wrong
    row = journal.execute(select(tables.lot).where(tables.lot.c.lot_key == key)).mappings().first()
    if row is None:
        raise LotNotFound(name)
    return row


def find(views: Views, name: str) -> LotView:
    """The lot with its parents, children, tests, holds, attestations and what was sold of it."""
    row = find_row(views.journal, name)
    key = row["lot_key"]
    sold = _sold(views.journal, key)
    return LotView(
        **item_of(row).model_dump(),
        merchant_ref=row["merchant_ref"],
        intake_record_hash=_hash_of(views.journal, row["intake_record_id"]) or "0x" + "00" * 32,
        intake={name: value for name, value in row["payload"].items() if name not in SEALED_FIELDS},
        parents=_related(views.journal, tables.lot_parent.c.lot_key == key, tables.lot_parent.c.parent_key),
        children=_related(views.journal, tables.lot_parent.c.parent_key == key, tables.lot_parent.c.lot_key),
        tests=tests_of(views.journal, [key]),
        holds=holds_of(views.journal, [key]),
        attestations=attestations_of(views.projections, key),
        sales_count=sold[0],
        sold_grams=sold[1],
    )


def listed(journal: Connection, *, limit: int, before: int | None = None) -> tuple[list[LotItem], list[int]]:
    """Up to `limit` + 1 lots by the order of their intake, newest first, with the keys of that order."""
    lot = tables.lot.c
    query = select(tables.lot).order_by(lot.intake_record_id.desc()).limit(limit + 1)
    if before is not None:
        query = query.where(lot.intake_record_id < before)
    rows = journal.execute(query).mappings().all()
    return [item_of(row) for row in rows], [row["intake_record_id"] for row in rows]


def item_of(row: RowMapping) -> LotItem:
    """A row as lists show it."""
    return LotItem(
        lot_key=hex_of(row["lot_key"]),
        lot_id=row["lot_id"],
        market=row["market"],
        item_code=row["item_code"],
        item_name=row["item_name"],
        net_grams=row["net_grams"],
        state=row["state"],
        arrived_at=at_ms(row["arrived_at_ms"]),
    )


def tests_of(journal: Connection, keys: Sequence[bytes]) -> list[TestView]:
    """Tests of these lots, newest first."""
    test = tables.food_test.c
    rows = journal.execute(
        select(tables.food_test, tables.record.c.record_hash)
        .join_from(tables.food_test, tables.record, tables.record.c.id == test.record_id)
        .where(test.lot_key.in_(keys))
        .order_by(test.tested_at_ms.desc(), test.record_id.desc())
        .limit(LIST_LIMIT)
    ).mappings()
    return [
        TestView(
            test_id=row["test_id"],
            project=row["project"],
            method_code=row["method_code"],
            limit_standard=row["limit_standard"],
            result=TEST_RESULTS.get(row["result"], "INVALID"),
            tested_at=at_ms(row["tested_at_ms"]),
            retest_of=row["retest_of"],
            record_hash=hex_of(row["record_hash"]),
            payload={name: value for name, value in row["payload"].items() if name not in SEALED_FIELDS},
        )
        for row in rows
    ]


def holds_of(journal: Connection, keys: Sequence[bytes]) -> list[HoldView]:
    """Holds of these lots, newest first."""
    hold = tables.hold.c
    rows = journal.execute(
        select(tables.hold).where(hold.lot_key.in_(keys)).order_by(hold.id.desc()).limit(LIST_LIMIT)
    ).mappings()
    return [
        HoldView(
            version=row["version"],
            held_from=at_ms(row["held_from_ms"]),
            released_at=None if row["released_at_ms"] is None else at_ms(row["released_at_ms"]),
            cause_record_hash=_hash_of(journal, row["cause_record_id"]),
        )
        for row in rows
    ]


def attestations_of(projections: Connection, lot_key: bytes) -> list[AttestationView]:
    """What parties attested about the lot on chain, oldest first."""
    said = tables.attestation.c
    rows = projections.execute(
        select(tables.attestation, tables.schema.c.schema_text)
        .outerjoin_from(tables.attestation, tables.schema, tables.schema.c.uid == said.schema_uid)
        .where(said.lot_key == lot_key)
        .order_by(said.block_number, said.uid)
        .limit(LIST_LIMIT)
    ).mappings()
    return [
        AttestationView(
            uid=hex_of(row["uid"]),
            kind=row["kind"],
            facts=row["facts"],
            schema_text=row["schema_text"] or hex_of(row["schema_uid"]),
            party=row["party"],
            at=at_s(row["time"]),
            expires_at=at_s(row["expires_at"]),
            revoked_at=at_s(row["revoked_at"]),
            voided=row["voided"],
            superseded_by=None if row["superseded_by"] is None else hex_of(row["superseded_by"]),
            block=row["block_number"],
        )
        for row in rows
    ]


def _sold(journal: Connection, lot_key: bytes) -> tuple[int, int]:
    named, sale = tables.record_lot.c, tables.sale.c
    count, grams = journal.execute(
        select(func.count(), func.coalesce(func.sum(named.share_grams), 0))
        .select_from(tables.record_lot.join(tables.sale, sale.record_id == named.record_id))
        .where(named.lot_key == lot_key, sale.state != "voided", sale.counted)
    ).one()
    return int(count), int(grams)


def _related(journal: Connection, condition: Any, column: Any) -> list[LotItem]:
    rows = journal.execute(
        select(tables.lot)
        .join_from(tables.lot_parent, tables.lot, tables.lot.c.lot_key == column)
        .where(condition)
        .order_by(tables.lot.c.intake_record_id)
        .limit(LIST_LIMIT)
    ).mappings()
    return [item_of(row) for row in rows]


def _hash_of(journal: Connection, record_id: int) -> str | None:
    found = journal.execute(select(tables.record.c.record_hash).where(tables.record.c.id == record_id)).scalar()
    return None if found is None else hex_of(found)
