"""One entry of the checkpoint log: an event of the ledger's contracts, encoded to the byte (`proofs.md` section 2.2).

    01 ‖ chain id u64 ‖ block u64 ‖ block hash[32] ‖ block time u64 ‖ transaction index u32 ‖ log index u32
       ‖ contract[20] ‖ number of topics u8 ‖ topics ‖ data length u32 ‖ 00 data | 01 sha256(data)

Data over 16,384 bytes stand as their hash, so no entry passes what a tile can hold.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final, Self

from ledger_node.domain.digest import sha256
from ledger_node.domain.merkle import leaf_hash
from ledger_node.errors import LogEntryMalformed

VERSION: Final = 1
MAXIMUM_INLINE_DATA: Final = 16_384
MAXIMUM_ENTRY_BYTES: Final = 16_603
_FIXED: Final = 1 + 8 + 8 + 32 + 8 + 4 + 4 + 20 + 1


@dataclass(frozen=True)
class LogEntry:
    """An event in its place on the chain.

    `data` is the event's data if `data_length` ≤ 16,384, else None; `data_hash` stands in its place then.
    """

    chain_id: int
    block_number: int
    block_hash: bytes
    block_time: int
    transaction_index: int
    log_index: int
    address: bytes
    topics: tuple[bytes, ...]
    data_length: int
    data: bytes | None
    data_hash: bytes | None = None

    @classmethod
    def of_event(
        cls,
        *,
        chain_id: int,
        block_number: int,
        block_hash: bytes,
        block_time: int,
        transaction_index: int,
        log_index: int,
        address: bytes,
        topics: tuple[bytes, ...],
        data: bytes,
    ) -> Self:
        """The entry for an event as a node reports it."""
        inline = len(data) <= MAXIMUM_INLINE_DATA
        return cls(
            chain_id=chain_id,
            block_number=block_number,
            block_hash=block_hash,
            block_time=block_time,
            transaction_index=transaction_index,
            log_index=log_index,
            address=address,
            topics=topics,
            data_length=len(data),
            data=data if inline else None,
            data_hash=None if inline else sha256(data),
        )

    def encode(self) -> bytes:
        """The entry's bytes. Raises OverflowError or ValueError for fields that no chain can have."""
        if len(self.block_hash) != 32 or len(self.address) != 20 or len(self.topics) > 4:
            raise ValueError("block hash, address or topics of the wrong width")
        if any(len(topic) != 32 for topic in self.topics):
            raise ValueError("a topic of the wrong width")
        if (self.data is None) != (self.data_length > MAXIMUM_INLINE_DATA):
            raise ValueError("data stand inline exactly up to 16,384 bytes")
        tail = b"\x00" + self.data if self.data is not None else b"\x01" + (self.data_hash or b"")
        return b"".join(
            (
                bytes((VERSION,)),
                self.chain_id.to_bytes(8, "big"),
                self.block_number.to_bytes(8, "big"),
                self.block_hash,
                self.block_time.to_bytes(8, "big"),
                self.transaction_index.to_bytes(4, "big"),
                self.log_index.to_bytes(4, "big"),
                self.address,
                bytes((len(self.topics),)),
                *self.topics,
                self.data_length.to_bytes(4, "big"),
                tail,
            )
        )

    @cached_property
    def leaf_hash(self) -> bytes:
        """Hash of the log's leaf for this entry."""
        return leaf_hash(self.encode())

    @property
    def subjects(self) -> tuple[bytes, ...]:
        """The distinct topics 1–3: what the event speaks about."""
        return tuple(dict.fromkeys(self.topics[1:4]))

    @classmethod
    def decode(cls, encoded: bytes) -> Self:
        """Reads exactly one entry. Raises LogEntryMalformed for any other bytes."""
        if len(encoded) < _FIXED or encoded[0] != VERSION:
            raise LogEntryMalformed("too short" if len(encoded) < _FIXED else f"version {encoded[0]} is unknown")
        count = encoded[_FIXED - 1]
        start = _FIXED + 32 * count
        if count > 4 or len(encoded) < start + 5:
            raise LogEntryMalformed(f"{count} topics" if count > 4 else "too short")
        data_length, flag, tail = (
            int.from_bytes(encoded[start : start + 4], "big"),
            encoded[start + 4],
            encoded[start + 5 :],
        )
        _require_tail(data_length, flag, len(tail))
        return cls(
            chain_id=int.from_bytes(encoded[1:9], "big"),
            block_number=int.from_bytes(encoded[9:17], "big"),
            block_hash=encoded[17:49],
            block_time=int.from_bytes(encoded[49:57], "big"),
            transaction_index=int.from_bytes(encoded[57:61], "big"),
            log_index=int.from_bytes(encoded[61:65], "big"),
            address=encoded[65:85],
            topics=tuple(encoded[_FIXED + 32 * i : _FIXED + 32 * (i + 1)] for i in range(count)),
            data_length=data_length,
            data=tail if flag == 0 else None,
            data_hash=tail if flag == 1 else None,
        )


def _require_tail(data_length: int, flag: int, tail_length: int) -> None:
    if flag > 1:
        raise LogEntryMalformed(f"flag {flag} is unknown")
    if (flag == 1) != (data_length > MAXIMUM_INLINE_DATA):
        raise LogEntryMalformed(f"data of {data_length} bytes with flag {flag}")
    if tail_length != (32 if flag else data_length):
        raise LogEntryMalformed(f"{tail_length} bytes where {32 if flag else data_length} belong")
