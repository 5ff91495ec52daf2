"""What the submitter asks of the journal: the port, and the values that pass through it.

`ledger_node.store.tx` implements it on the tables `tx`, `tx_history`, `lease`, `alarm` and `stream_pause`. Every write
is one transaction that holds only while the lane's lease is still ours. Times `…_ms` are the ledger's clock; leases
run on real time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from ledger_node.chain.signer import SignedTransaction


class TxState(StrEnum):
    """queued → signed → sent → mined → final; mined → sent when its block vanishes; failed and replaced are ends."""

    QUEUED = "queued"
    SIGNED = "signed"
    SENT = "sent"
    MINED = "mined"
    FINAL = "final"
    FAILED = "failed"
    REPLACED = "replaced"


IN_FLIGHT = (TxState.SIGNED, TxState.SENT)


@dataclass(frozen=True, slots=True)
class QueuedTx:
    """A transaction that has no nonce yet. `key` is its idempotency key."""

    id: int
    key: str
    to_address: bytes
    data: bytes


@dataclass(frozen=True, slots=True)
class LaneTx:
    """A transaction with its nonce and signed bytes; `hashes` are those of all bytes ever sent for it, newest last."""

    id: int
    key: str
    to_address: bytes
    data: bytes
    nonce: int
    gas: int
    raw: bytes
    hashes: tuple[bytes, ...]
    fee: dict[str, Any]
    state: TxState
    sends: int
    block: int | None
    block_hash: bytes | None


@dataclass(frozen=True, slots=True)
class NewBytes:
    """What was signed for a transaction: the bytes, and at which gas and price."""

    signed: SignedTransaction
    gas: int
    fee: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one transaction: its new state, why, and further columns."""

    tx_id: int
    state: TxState
    detail: str = ""
    values: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something a person must look at; with `pause`, the stream of which nothing more is sent until then."""

    code: str
    subject: str
    message: str
    pause: str = ""


@dataclass(frozen=True, slots=True)
class LaneLease:
    """The right to work on a lane; `fencing` grows with every holder."""

    lane: str
    holder: str
    fencing: int


class TxStore(Protocol):
    """The journal's side of the submitter. Writes raise LeaseLost when another holder has the lane."""

    def acquire(self, lane: str, holder: str) -> LaneLease | None:
        """Takes or renews the lane's lease for 15 s; None while another holds it."""
        ...

    def release(self, lease: LaneLease) -> None:
        """Gives the lease back."""
        ...

    def queued(self, lane: str, limit: int) -> list[QueuedTx]:
        """The oldest transactions without a nonce, but none of a paused stream."""
        ...

    def in_flight(self, lane: str) -> list[LaneTx]:
        """Signed and sent ones, by nonce."""
        ...

    def mined(self, lane: str) -> list[LaneTx]:
        """Mined ones that are not final, by nonce."""
        ...

    def from_nonce(self, lane: str, nonce: int) -> list[LaneTx]:
        """Those at this nonce and above that a block held, also where they failed there; by nonce."""
        ...

    def highest_nonce(self, lane: str) -> int | None:
        """The highest nonce ever given in this lane."""
        ...

    def count_in_blocks(self, lane: str) -> int:
        """One above the highest nonce that a block held: how many the chain must have counted."""
        ...

    def assign(
        self, lease: LaneLease, queued: Sequence[QueuedTx], first_nonce: int, make: Callable[[QueuedTx, int], NewBytes]
    ) -> None:
        """Gives each transaction the next nonce, not below `first_nonce`, with its signed bytes: all or none."""
        ...

    def fill(self, lease: LaneLease, lane_tx: LaneTx | None, nonce: int, to_address: bytes, new: NewBytes) -> None:
        """Puts a transaction that does nothing at `nonce`, in place of `lane_tx`, which becomes `replaced`."""
        ...

    def change(self, lease: LaneLease, changes: Sequence[Change], troubles: Sequence[Trouble] = ()) -> None:
        """Applies changes, each with its history row, and raises alarms, in one transaction."""
        ...
