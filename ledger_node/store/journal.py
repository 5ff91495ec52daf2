"""Tables of the journal: records, verdicts, batches, queued transactions, and what is computed in the same commit.

One database for all of them, so that joint changes are one transaction (`oracles.md` section 3). Rows of `record`,
`batch` and `tx` are never deleted. Hot paths use `Model.__table__` with SQLAlchemy Core.
"""

# pyright: reportAssignmentType=false, reportIncompatibleVariableOverride=false
# SQLModel reads `__tablename__` and `metadata` as plain values; its stubs say otherwise.

from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, MetaData, UniqueConstraint
from sqlmodel import Field, SQLModel

from ledger_node.store.types import Bytes, Id, Uint128

journal_metadata = MetaData()


class JournalTable(SQLModel):
    """Base of every table of the journal database."""

    metadata = journal_metadata


def _bytes(*, nullable: bool = False, unique: bool = False, primary_key: bool = False) -> Any:
    return Field(sa_column=Column(Bytes, nullable=nullable, unique=unique, primary_key=primary_key))


def _big(*, nullable: bool = False, primary_key: bool = False) -> Any:
    return Field(sa_column=Column(BigInteger, nullable=nullable, primary_key=primary_key))


def _sum() -> Any:
    return Field(sa_column=Column(Uint128, nullable=False))


_BY_KEY: dict[str, Any] = {"sqlite_with_rowid": False}
"""Rows that are only found by their key stand in its tree, not beside it: one tree less to write."""


class Record(JournalTable, table=True):
    """One signed record with its verdict and its place in a stream. `envelope` is the CBOR form."""

    __tablename__ = "record"
    __table_args__ = (
        UniqueConstraint("device", "sequence", "digest"),
        UniqueConstraint("stream", "position"),
        Index("record_by_kind_time", "stream", "kind", "observed_at_ms"),
        Index("record_by_hash", "record_hash"),
    )
    id: int | None = Field(default=None, sa_column=Column(Id, primary_key=True, autoincrement=True))
    device: str
    sequence: int = _big()
    digest: bytes = _bytes()
    record_hash: bytes = _bytes()
    stream: str
    position: int = _big()
    observed_at_ms: int = _big()
    received_at_ms: int = _big()
    verdict: int
    reason: int
    detail: str = ""
    marks: int = 0
    key_epoch: int
    kind: str
    amount_minor: int = _big()
    mass_grams: int = _big()
    envelope: bytes = _bytes()
    request_id: str = ""


class RecordLot(JournalTable, table=True):
    """A lot that a record names, in the record's order of first mention; share in grams."""

    __tablename__ = "record_lot"
    __table_args__ = (Index("record_lot_by_lot", "lot_key", "record_id"), _BY_KEY)
    record_id: int = _big(primary_key=True)
    ordinal: int = Field(primary_key=True)
    lot_key: bytes = _bytes()
    share_grams: int = _big()


class DeviceHead(JournalTable, table=True):
    """The newest record of a device, what is missing before it, and the newest signed receipt."""

    __tablename__ = "device_head"
    __table_args__ = _BY_KEY
    device: str = Field(primary_key=True)
    sequence: int = _big()
    digest: bytes = _bytes()
    contiguous_sequence: int = _big()
    contiguous_digest: bytes = _bytes()
    key_epoch: int = 0
    gaps: list[list[int]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    suspended_locally_reason: int = 0
    suspended_locally_from_ms: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, default=0))
    last_seen_at_ms: int = _big()
    receipt: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))


class StreamHead(JournalTable, table=True):
    """The next position of a stream; the single writer of ingest holds it."""

    __tablename__ = "stream_head"
    __table_args__ = _BY_KEY
    stream: str = Field(primary_key=True)
    next_position: int = _big()


class Refusal(JournalTable, table=True):
    """A message that cannot be attributed: kept 30 days, counted for ever in `refusals` records."""

    __tablename__ = "refusal"
    id: int | None = Field(default=None, sa_column=Column(Id, primary_key=True, autoincrement=True))
    hash: bytes = _bytes()
    reason: int
    detail: str = ""
    source: str
    head: bytes = _bytes()
    at_ms: int = _big()


class Batch(JournalTable, table=True):
    """A closed run of a stream: its leaves are the records at positions first_position … + count − 1, in order."""

    __tablename__ = "batch"
    __table_args__ = (UniqueConstraint("stream", "sequence"), Index("batch_by_position", "stream", "first_position"))
    id: int | None = Field(default=None, sa_column=Column(Id, primary_key=True, autoincrement=True))
    stream: str
    sequence: int = _big()
    first_position: int = _big()
    count: int
    amount: int = _sum()
    mass: int = _sum()
    root: bytes = _bytes()
    previous_root: bytes = _bytes()
    first_at: int = _big()
    last_at: int = _big()
    sealed_at: int = _big()
    content: bytes = _bytes()
    lots: bytes = _bytes()
    rules: bytes = _bytes()
    tx_key: str


class LotMapLeaf(JournalTable, table=True):
    """The present leaf of one lot in the lot map of one stream (`proofs.md` section 5.4)."""

    __tablename__ = "lot_map_leaf"
    __table_args__ = _BY_KEY
    stream: str = Field(primary_key=True)
    lot_key: bytes = _bytes(primary_key=True)
    count: int = _big()
    mass: int = _sum()
    head: bytes = _bytes()


class LotMention(JournalTable, table=True):
    """Each record that a lot map has taken in, in order; gives any past state of the map."""

    __tablename__ = "lot_mention"
    __table_args__ = _BY_KEY
    stream: str = Field(primary_key=True)
    lot_key: bytes = _bytes(primary_key=True)
    number: int = _big(primary_key=True)
    batch_sequence: int = _big()
    record_id: int = _big()
    record_hash: bytes = _bytes()
    share_grams: int = _big()


class Tx(JournalTable, table=True):
    """A transaction and its stored bytes. States: queued, signed, sent, mined, final, failed, replaced."""

    __tablename__ = "tx"
    __table_args__ = (UniqueConstraint("lane", "nonce"), Index("tx_by_state", "lane", "state", "id"))
    id: int | None = Field(default=None, sa_column=Column(Id, primary_key=True, autoincrement=True))
    idempotency_key: str = Field(unique=True)
    lane: str
    nonce: int | None = _big(nullable=True)
    to_address: bytes = _bytes()
    data: bytes = _bytes()
    gas: int | None = _big(nullable=True)
    fee: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    raw: bytes | None = _bytes(nullable=True)
    hash: bytes | None = _bytes(nullable=True)
    state: str = "queued"
    reason: str = ""
    first_at_ms: int = _big()
    last_at_ms: int = _big()
    sends: int = 0
    block: int | None = _big(nullable=True)
    block_hash: bytes | None = _bytes(nullable=True)
    receipt: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    replaced_by: int | None = _big(nullable=True)


class TxHistory(JournalTable, table=True):
    """Every change of state of every transaction."""

    __tablename__ = "tx_history"
    id: int | None = Field(default=None, sa_column=Column(Id, primary_key=True, autoincrement=True))
    tx_id: int = _big()
    state: str
    at_ms: int = _big()
    detail: str = ""


class Lease(JournalTable, table=True):
    """Who may work on a lane or a job; `fencing` grows with every holder."""

    __tablename__ = "lease"
    name: str = Field(primary_key=True)
    holder: str
    fencing: int = _big()
    expires_at_ms: int = _big()


class Alarm(JournalTable, table=True):
    """Something a person must look at; `cleared_at_ms` when it no longer holds."""

    __tablename__ = "alarm"
    id: int | None = Field(default=None, sa_column=Column(Id, primary_key=True, autoincrement=True))
    source: str
    code: str
    subject: str
    message: str
    at_ms: int = _big()
    cleared_at_ms: int | None = _big(nullable=True)


class StreamPause(JournalTable, table=True):
    """A stream whose pin reverted: nothing of it is sent until a person clears the pause."""

    __tablename__ = "stream_pause"
    stream: str = Field(primary_key=True)
    reason: str
    at_ms: int = _big()


class Lot(JournalTable, table=True):
    """A lot as its intake record states it. `lot_key` = keccak256(lot_id); `state` open, held, recalled, closed."""

    __tablename__ = "lot"
    lot_key: bytes = _bytes(primary_key=True)
    lot_id: str = Field(unique=True)
    market: str
    merchant_ref: str
    item_code: str
    item_name: str
    net_grams: int = _big()
    state: str = "open"
    intake_record_id: int = _big()
    arrived_at_ms: int = _big()
    payload: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


class LotParent(JournalTable, table=True):
    """Which lots a lot was made from."""

    __tablename__ = "lot_parent"
    lot_key: bytes = _bytes(primary_key=True)
    parent_key: bytes = _bytes(primary_key=True)


class LotBalance(JournalTable, table=True):
    """Grams of a lot that came to a merchant and left again; `disputed` once more went out than can have come in."""

    __tablename__ = "lot_balance"
    __table_args__ = _BY_KEY
    lot_key: bytes = _bytes(primary_key=True)
    merchant_ref: str = Field(primary_key=True)
    in_grams: int = _big()
    out_grams: int = _big()
    divisions_grams: int = _big()
    disputed: bool = False


class Sale(JournalTable, table=True):
    """A sale by its ids. `trace_code` is the serial printed on the receipt; `state` sold, voided, refunded."""

    __tablename__ = "sale"
    record_id: int = _big(primary_key=True)
    sale_id: str = Field(unique=True)
    ticket_id: str = Field(index=True)
    trace_code: str | None = Field(default=None, unique=True)
    market: str
    merchant_ref: str
    place_ref: str
    device: str
    item_code: str
    item_name: str
    gtin: str | None = None
    net_grams: int = _big()
    unit_price_minor_per_kilogram: int = _big()
    amount_minor: int = _big()
    currency: str
    observed_at_ms: int = _big()
    counted: bool = True
    state: str = "sold"
    refunded_minor: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, default=0))
    refunded_grams: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, default=0))
    pay_method: str = ""
    pay_ref: str | None = Field(default=None, index=True)
    settled_minor: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, default=0))


class FoodTest(JournalTable, table=True):
    """A food-safety test of a lot. `result` 1 PASS 2 FAIL 3 INVALID 4 SUSPECT."""

    __tablename__ = "test"
    record_id: int = _big(primary_key=True)
    test_id: str = Field(unique=True)
    lot_key: bytes = Field(sa_column=Column(Bytes, nullable=False, index=True))
    market: str
    project: str
    method_code: str
    limit_standard: str
    result: int
    retest_of: str | None = None
    tested_at_ms: int = _big()
    payload: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


class Hold(JournalTable, table=True):
    """A lot that must not be sold; `released_at_ms` when two officers released it."""

    __tablename__ = "hold"
    id: int | None = Field(default=None, sa_column=Column(Id, primary_key=True, autoincrement=True))
    market: str
    lot_key: bytes = Field(sa_column=Column(Bytes, nullable=False, index=True))
    cause_record_id: int = _big()
    version: int = _big()
    held_from_ms: int = _big()
    released_at_ms: int | None = _big(nullable=True)


class HoldVersion(JournalTable, table=True):
    """The newest signed hold list of a market, as published (JSON with signature)."""

    __tablename__ = "hold_version"
    market: str = Field(primary_key=True)
    version: int = _big()
    issued_at_ms: int = _big()
    message: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


class Reverdict(JournalTable, table=True):
    """A later change of mind about a record; the record and its pin stay as they are."""

    __tablename__ = "reverdict"
    id: int | None = Field(default=None, sa_column=Column(Id, primary_key=True, autoincrement=True))
    of_record_id: int = Field(sa_column=Column(BigInteger, nullable=False, index=True))
    record_id: int = _big()
    verdict: int
    reason: int
    at_ms: int = _big()


class LiveEvent(JournalTable, table=True):
    """What the live page shows, in order; written in the transaction of its cause.

    `record_id` names the record it is about; a sale has no `body`, because its record and its sale say it all.
    """

    __tablename__ = "live_event"
    id: int | None = Field(default=None, sa_column=Column(Id, primary_key=True, autoincrement=True))
    market: str
    type: str
    record_id: int | None = _big(nullable=True)
    body: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    at_ms: int = _big()


class SaleMinute(JournalTable, table=True):
    """Counted sales of one stall and item in one minute (unix minutes)."""

    __tablename__ = "sale_minute"
    __table_args__ = _BY_KEY
    market: str = Field(primary_key=True)
    minute: int = _big(primary_key=True)
    merchant_ref: str = Field(primary_key=True)
    item_code: str = Field(primary_key=True)
    currency: str = Field(primary_key=True)
    count: int = 0
    grams: int = _big()
    minor: int = _big()


class VerdictCount(JournalTable, table=True):
    """How many records got which verdict and reason, by market, device and hour; nothing is silently dropped."""

    __tablename__ = "verdict_count"
    __table_args__ = _BY_KEY
    market: str = Field(primary_key=True)
    device: str = Field(primary_key=True)
    hour: int = _big(primary_key=True)
    verdict: int = Field(primary_key=True)
    reason: int = Field(primary_key=True)
    count: int = _big()


class SalesDay(JournalTable, table=True):
    """One merchant's day in one revision, as its `sales_day` record states it."""

    __tablename__ = "sales_day"
    __table_args__ = (UniqueConstraint("market", "merchant", "day", "revision"),)
    id: int | None = Field(default=None, sa_column=Column(Id, primary_key=True, autoincrement=True))
    market: str
    merchant: str
    day: str
    revision: int
    index: int
    record_id: int = _big()
    record_hash: bytes = _bytes()
    payload: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


class Command(JournalTable, table=True):
    """A numbered command to a gateway or device, signed by the node when sent."""

    __tablename__ = "command"
    id: int | None = Field(default=None, sa_column=Column(Id, primary_key=True, autoincrement=True))
    device: str
    name: str
    arguments: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    at_ms: int = _big()
    sent_at_ms: int | None = _big(nullable=True)
    acknowledged_at_ms: int | None = _big(nullable=True)


class SealedRow(JournalTable, table=True):
    """Which content key the batch file's entry of a record is sealed under; absent where the entry is in clear."""

    __tablename__ = "sealed_row"
    record_id: int = _big(primary_key=True)
    key_id: bytes = Field(sa_column=Column(Bytes, nullable=False, index=True))


class SalesDayCursor(JournalTable, table=True):
    """How far the sales days of a market have taken in the journal: the next day to close, and what revisions saw."""

    __tablename__ = "sales_day_cursor"
    market: str = Field(primary_key=True)
    next_day: str
    record_id: int = _big()
    reverdict_id: int = _big()
