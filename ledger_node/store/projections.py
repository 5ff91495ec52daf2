"""Tables computed from the chain: disposable, rebuilt from block 0, and equal when rebuilt (`proofs.md` section 8)."""

# pyright: reportAssignmentType=false, reportIncompatibleVariableOverride=false
# SQLModel reads `__tablename__` and `metadata` as plain values; its stubs say otherwise.

from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, MetaData, UniqueConstraint
from sqlmodel import Field, SQLModel

from ledger_node.store.types import Bytes, Id, Uint128

projections_metadata = MetaData()


class ProjectionTable(SQLModel):
    """Base of every table of the projections database."""

    metadata = projections_metadata


def _bytes(*, nullable: bool = False, primary_key: bool = False, index: bool = False) -> Any:
    return Field(sa_column=Column(Bytes, nullable=nullable, primary_key=primary_key, index=index))


def _big(*, nullable: bool = False, primary_key: bool = False) -> Any:
    return Field(sa_column=Column(BigInteger, nullable=nullable, primary_key=primary_key))


def _json() -> Any:
    return Field(sa_column=Column(JSON, nullable=False))


class Block(ProjectionTable, table=True):
    """A block that has been taken in; `final` once it can no longer be undone."""

    __tablename__ = "block"
    number: int = _big(primary_key=True)
    hash: bytes = _bytes()
    parent_hash: bytes = _bytes()
    time: int = _big()
    final: bool = False


class Event(ProjectionTable, table=True):
    """A raw log of one of our contracts, in chain order; `log_index` counts in the block."""

    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("chain_id", "block_hash", "log_index"),
        Index("event_by_subject", "address", "topic1"),
    )
    block_number: int = _big(primary_key=True)
    log_index: int = Field(primary_key=True)
    chain_id: int = _big()
    block_hash: bytes = _bytes()
    block_time: int = _big()
    tx_hash: bytes = _bytes()
    tx_index: int
    address: bytes = _bytes()
    topic0: bytes | None = _bytes(nullable=True)
    topic1: bytes | None = _bytes(nullable=True)
    topic2: bytes | None = _bytes(nullable=True)
    topic3: bytes | None = _bytes(nullable=True)
    data: bytes = _bytes()
    noun: str
    name: str


class Cursor(ProjectionTable, table=True):
    """How far a reader of the chain has come."""

    __tablename__ = "cursor"
    name: str = Field(primary_key=True)
    block_number: int = _big()
    block_hash: bytes = _bytes()


class BeforeImage(ProjectionTable, table=True):
    """What a row was before a block changed it (null: it was not there); dropped when the block is final."""

    __tablename__ = "before_image"
    id: int | None = Field(default=None, sa_column=Column(Id, primary_key=True, autoincrement=True))
    block_number: int = Field(sa_column=Column(BigInteger, nullable=False, index=True))
    table: str
    key: dict[str, Any] = _json()
    row: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))


class Lease(ProjectionTable, table=True):
    """Which indexer may write; `fencing` grows with every holder."""

    __tablename__ = "lease"
    name: str = Field(primary_key=True)
    holder: str
    fencing: int = _big()
    expires_at_ms: int = _big()


class Party(ProjectionTable, table=True):
    """An organisation or stallholder as the chain knows it: a number, no personal data.

    `jurisdiction` is ISO 3166-1 numeric, three digits; `status` 1 active, 2 suspended, 3 closed.
    """

    __tablename__ = "party"
    number: int = _big(primary_key=True)
    kinds: int = _big()
    jurisdiction: str
    status: int
    merged_into: int = _big()
    verified_until: int = _big()
    block_number: int = _big()


class PartyAlias(ProjectionTable, table=True):
    """The keyed hash of an outside identifier, bound to one party for ever."""

    __tablename__ = "party_alias"
    alias_key: bytes = _bytes(primary_key=True)
    party: int = _big()


class Credential(ProjectionTable, table=True):
    """What an issuer says about a party; `kind` as in the party registry, `revoked_at` 0 while it stands."""

    __tablename__ = "credential"
    party: int = _big(primary_key=True)
    kind: int = Field(primary_key=True)
    issuer: int = _big()
    hash: bytes = _bytes()
    from_at: int = _big()
    until_at: int = _big()
    revoked_at: int = _big()


class StandingConsent(ProjectionTable, table=True):
    """Lots from `giver` reach `recipient` without a rejection window while `is_on`."""

    __tablename__ = "standing_consent"
    recipient: int = _big(primary_key=True)
    giver: int = _big(primary_key=True)
    is_on: bool


class Wallet(ProjectionTable, table=True):
    """An account of a party with its powers; it may act in [enrolled_at, retired_from), 0 and `not_after` 0: no end."""

    __tablename__ = "wallet"
    address: bytes = _bytes(primary_key=True)
    party: int = _big()
    powers: int = _big()
    enrolled_at: int = _big()
    not_after: int = _big()
    retired_from: int = _big()


class RoleMember(ProjectionTable, table=True):
    """An account that holds a role since a second, with the delay of its acts in seconds."""

    __tablename__ = "role_member"
    role: int = _big(primary_key=True)
    account: bytes = _bytes(primary_key=True)
    since_at: int = _big()
    delay_seconds: int = _big()


class ListedContract(ProjectionTable, table=True):
    """A contract that `access` has listed: its events count from the one after this block and log index."""

    __tablename__ = "listed_contract"
    address: bytes = _bytes(primary_key=True)
    noun: str
    code_hash: bytes = _bytes()
    block_number: int = _big()
    log_index: int


class Device(ProjectionTable, table=True):
    """A device with its whole state after its newest event; `state` is the decoded DeviceState."""

    __tablename__ = "device"
    device: bytes = _bytes(primary_key=True)
    owner: int = _big()
    device_class: int
    trust: int
    status: int
    enrolled_at: int = _big()
    revoked_from: int = _big()
    version: int = _big()
    state: dict[str, Any] = _json()


class DeviceKey(ProjectionTable, table=True):
    """One key epoch of a device."""

    __tablename__ = "device_key"
    device: bytes = _bytes(primary_key=True)
    epoch: int = Field(primary_key=True)
    key_hash: bytes = _bytes(index=True)
    key_type: int
    public_key: bytes = _bytes()
    from_at: int = _big()
    to_at: int = _big()
    invalid_from: int = _big()


class DeviceMetrology(ProjectionTable, table=True):
    """One verification of a device, in the order filed."""

    __tablename__ = "device_metrology"
    device: bytes = _bytes(primary_key=True)
    number: int = Field(primary_key=True)
    certificate_hash: bytes = _bytes()
    calibration_hash: bytes = _bytes()
    firmware_hash: bytes = _bytes()
    seal_commitment: bytes = _bytes()
    verifier: int = _big()
    from_at: int = _big()
    until_at: int = _big()


class Stream(ProjectionTable, table=True):
    """An open stream and its head."""

    __tablename__ = "stream"
    stream: bytes = _bytes(primary_key=True)
    owner: int = _big()
    market: bytes = _bytes()
    pinner: bytes = _bytes()
    flags: int
    sequence: int = _big()
    root: bytes = _bytes()
    sealed_at: int = _big()
    flagged: bool = False


class Pin(ProjectionTable, table=True):
    """One pin as the chain holds it."""

    __tablename__ = "pin"
    __table_args__ = (Index("pin_by_block", "block_number"),)
    stream: bytes = _bytes(primary_key=True)
    sequence: int = _big(primary_key=True)
    root: bytes = _bytes()
    previous_root: bytes = _bytes()
    count: int = _big()
    amount: int = Field(sa_column=Column(Uint128, nullable=False))
    mass: int = Field(sa_column=Column(Uint128, nullable=False))
    first_at: int = _big()
    last_at: int = _big()
    sealed_at: int = _big()
    content: bytes = _bytes()
    lots: bytes = _bytes()
    rules: bytes = _bytes()
    block_number: int = _big()
    block_time: int = _big()
    tx_hash: bytes = _bytes()
    log_index: int


class PinChallenge(ProjectionTable, table=True):
    """A member's request for a pin's batch file; `state` 1 open, 2 answered, 3 flagged."""

    __tablename__ = "pin_challenge"
    stream: bytes = _bytes(primary_key=True)
    sequence: int = _big(primary_key=True)
    challenger: int = _big()
    answer_until: int = _big()
    state: int


class LotState(ProjectionTable, table=True):
    """A lot as the lot ledger has it: `state` 1 open 2 disputed 3 held 4 recalled 5 closed; `cause` a UID or 0."""

    __tablename__ = "lot_state"
    lot_key: bytes = _bytes(primary_key=True)
    state: int
    cause: bytes = _bytes()
    block_number: int = _big()


class LotHolding(ProjectionTable, table=True):
    """What a party holds of a lot, in the lot's unit."""

    __tablename__ = "lot_holding"
    lot_key: bytes = _bytes(primary_key=True)
    party: int = _big(primary_key=True)
    held: int = Field(sa_column=Column(Uint128, nullable=False))


class Schema(ProjectionTable, table=True):
    """A registered attestation schema."""

    __tablename__ = "schema"
    uid: bytes = _bytes(primary_key=True)
    schema_text: str
    resolver: bytes = _bytes()
    revocable: bool


class Attestation(ProjectionTable, table=True):
    """An attestation under one of our schemas or anybody's.

    `lot_key`, `party`, `kind` (name of our resolver's event) and `facts` (its other members, bytes as `0x` hex) come
    from our resolver's event; party 0 and kind "" where it did not speak. Expiry is no part of any event: ask EAS.
    """

    __tablename__ = "attestation"
    __table_args__ = (Index("attestation_by_lot", "lot_key"),)
    uid: bytes = _bytes(primary_key=True)
    schema_uid: bytes = _bytes()
    attester: bytes = _bytes()
    recipient: bytes = _bytes()
    party: int = _big()
    kind: str
    facts: dict[str, Any] = _json()
    lot_key: bytes | None = _bytes(nullable=True)
    device: bytes | None = _bytes(nullable=True)
    time: int = _big()
    expires_at: int = _big()
    revoked_at: int = _big()
    voided: bool = False
    void_reason: int = 0
    superseded_by: bytes | None = _bytes(nullable=True)
    block_number: int = _big()
