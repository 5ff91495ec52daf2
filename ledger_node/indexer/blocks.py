"""What a block is on its way from the node to the tables: header, logs of ours, decoded events in their places."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Place:
    """Where an event stands: block, transaction, log; and which contract of ours (`noun`) emitted it."""

    block_number: int
    block_hash: bytes
    block_time: int
    tx_hash: bytes
    tx_index: int
    log_index: int
    address: bytes
    noun: str


@dataclass(frozen=True, slots=True)
class PlacedEvent:
    """An event of ours: raw, decoded (a dataclass of `ledger_node.bindings`), and its place.

    `event` is None for bytes that anybody may have emitted through a contract open to all, and that do not decode.
    """

    place: Place
    topics: tuple[bytes, ...]
    data: bytes
    event: Any

    @property
    def name(self) -> str:
        """The event's name; empty when it does not decode."""
        return "" if self.event is None else type(self.event).__name__


@dataclass(frozen=True, slots=True)
class ReadBlock:
    """A block as read from the node, checked, with its events of ours in order."""

    number: int
    hash: bytes
    parent_hash: bytes
    time: int
    events: Sequence[PlacedEvent]


@dataclass(frozen=True, slots=True)
class CursorAt:
    """The last block taken in."""

    number: int
    hash: bytes
