"""From records to a sealed batch: leaves, root, times, the file's bytes and the pin. No database, no store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ledger_node.content.batch_file import BatchFile, Wrapped, encode_batch_file, entry_bytes, seal_entry
from ledger_node.content.content_keys import ContentKey
from ledger_node.domain.batch import (
    NO_CONTENT,
    BatchHeader,
    PinHeader,
    batch_root,
    counted_leaf,
    times_of,
)
from ledger_node.domain.digest import sha256
from ledger_node.sealing.unsealed import UnsealedRecord


@dataclass(frozen=True, slots=True)
class BuiltBatch:
    """A batch ready to be stored; `file` is empty for a heartbeat."""

    stream: str
    sequence: int
    pin: PinHeader
    file: bytes


def build_batch(header: BatchHeader, records: Sequence[UnsealedRecord], keys: Mapping[int, ContentKey]) -> BuiltBatch:
    """The batch of these records in position order; of none, a heartbeat. SumOverflow never wraps."""
    leaves = tuple(counted_leaf(one.record_hash, one.verdict, one.amount_minor, one.mass_grams) for one in records)
    root = batch_root(leaves)
    file = b""
    if records:
        file = encode_batch_file(BatchFile(header, leaves, tuple(_wrap(one, keys.get(one.id)) for one in records)))
    pin = PinHeader(
        root=root.hash,
        previous_root=header.previous_root,
        count=len(records),
        amount=root.amount,
        mass=root.mass,
        first_at=header.first_at,
        last_at=header.last_at,
        sealed_at=header.sealed_at,
        content=sha256(file) if file else NO_CONTENT,
        lots=header.lots,
        rules=header.rules,
    )
    return BuiltBatch(header.stream, header.sequence, pin, file)


def counted_times(records: Sequence[UnsealedRecord], sealed_at: int) -> tuple[int, int]:
    """First and last second of the counted records, or the sealing's."""
    return times_of([one.observed_at_ms for one in records if one.is_counted], sealed_at)


def _wrap(record: UnsealedRecord, key: ContentKey | None) -> Wrapped:
    entry = entry_bytes(record.envelope, record.received_at_ms, record.verdict, record.reason)
    return Wrapped(entry) if key is None else seal_entry(entry, record.record_hash, key)
