"""The seven entries of the specification's log vector (`proofs.md` section 11)."""

import hashlib

from ledger_node.domain.digest import keccak256
from ledger_node.domain.log_entry import LogEntry

TOPIC0 = keccak256(b"Example(bytes32,uint256)")


def subject(number: int) -> bytes:
    return hashlib.sha256(f"subject {number}".encode()).digest()


def entry(index: int) -> LogEntry:
    return LogEntry.of_event(
        chain_id=1337,
        block_number=100 + index,
        block_hash=hashlib.sha256(f"block {index}".encode()).digest(),
        block_time=1763800000 + 2 * index,
        transaction_index=0,
        log_index=0,
        address=b"\x11" * 20,
        topics=(TOPIC0, subject(index % 3)),
        data=index.to_bytes(32, "big"),
    )


def big_entry(length: int) -> LogEntry:
    return LogEntry.of_event(
        chain_id=1337,
        block_number=107,
        block_hash=hashlib.sha256(b"block 7").digest(),
        block_time=1763800014,
        transaction_index=3,
        log_index=9,
        address=b"\x11" * 20,
        topics=(TOPIC0,),
        data=bytes(length),
    )


SEVEN = [entry(index) for index in range(7)]
