"""Believing a batch file: every check against its pin, in the order of `content.md` section 8.

Length, hash, canonical form, header against pin, leaves against root, count and sums, then each entry that can be
opened. An entry without a key is counted as sealed, not as wrong. Whose key signed, and whether it was in force then,
is for the caller to say.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag

from ledger_node.content.batch_file import FILE_LIMIT_BYTES, BatchFile, Entry, decode_batch_file, open_entry, read_entry
from ledger_node.content.content_keys import ContentKeys
from ledger_node.domain.batch import PinHeader, batch_root
from ledger_node.domain.digest import sha256
from ledger_node.domain.record import record_hash
from ledger_node.domain.sum_tree import Leaf
from ledger_node.domain.typed_data import SigningDomain
from ledger_node.errors import (
    BatchFileMalformed,
    ContentAltered,
    ContentKeyMissing,
    EnvelopeMalformed,
    SumOverflow,
)

_HEADER_OFFSET: Final = 1
SignatureCheck = Callable[[Entry, bytes], bool]
"""Whether the entry's signature over the digest is by the device's key of that time."""


@dataclass(frozen=True, slots=True)
class BatchReading:
    """A batch file that fits its pin. `entries` in position order, None where sealed for us."""

    file: BatchFile
    entries: tuple[Entry | None, ...]

    @property
    def sealed_count(self) -> int:
        """How many entries we hold no key for."""
        return sum(entry is None for entry in self.entries)


def read_batch(
    data: bytes,
    stream: str,
    sequence: int,
    pin: PinHeader,
    *,
    domain: SigningDomain,
    keys: ContentKeys | None = None,
    is_signed: SignatureCheck | None = None,
) -> BatchReading:
    """The batch that pin `sequence` of `stream` commits to.

    ContentAltered when the bytes are not the pinned ones or an entry does not fit its leaf; BatchFileMalformed when
    the pinned bytes themselves break a rule, which convicts the sealer.
    """
    if len(data) > FILE_LIMIT_BYTES:
        raise BatchFileMalformed(FILE_LIMIT_BYTES, f"{len(data)} bytes, more than {FILE_LIMIT_BYTES}")
    if sha256(data) != pin.content:
        raise ContentAltered(f"pin {stream}/{sequence}", "the hash is not the pinned content")
    file = decode_batch_file(data)
    _compare_header(file, stream, sequence, pin)
    _compare_root(file, pin)
    secrets = _secrets(file, keys)
    entries = tuple(_open(number, leaf, file, domain, secrets, is_signed) for number, leaf in enumerate(file.leaves))
    return BatchReading(file, entries)


def _compare_header(file: BatchFile, stream: str, sequence: int, pin: PinHeader) -> None:
    header = file.header
    pairs = {
        "stream": (header.stream, stream),
        "sequence": (header.sequence, sequence),
        "previous root": (header.previous_root, pin.previous_root),
        "firstAt": (header.first_at, pin.first_at),
        "lastAt": (header.last_at, pin.last_at),
        "sealedAt": (header.sealed_at, pin.sealed_at),
        "rules": (header.rules, pin.rules),
        "lots": (header.lots, pin.lots),
    }
    for name, (said, pinned) in pairs.items():
        if said != pinned:
            raise BatchFileMalformed(_HEADER_OFFSET, f"{name} is not the pin's")


def _compare_root(file: BatchFile, pin: PinHeader) -> None:
    try:
        root = batch_root(file.leaves)
    except SumOverflow as error:
        raise BatchFileMalformed(_HEADER_OFFSET, str(error)) from error
    if (root.hash, len(file.leaves)) != (pin.root, pin.count):
        raise BatchFileMalformed(_HEADER_OFFSET, "the leaves give another root or count than the pin's")
    if (root.amount, root.mass) != (pin.amount, pin.mass):
        raise BatchFileMalformed(_HEADER_OFFSET, "the leaves give other sums than the pin's")


def _secrets(file: BatchFile, keys: ContentKeys | None) -> dict[bytes, bytes]:
    """The secrets of all keys that the file names and we hold."""
    found: dict[bytes, bytes] = {}
    if keys is None:
        return found
    for key_id in {one.key_id for one in file.wrapped if one.key_id is not None}:
        try:
            found[key_id] = keys.by_id(key_id).secret
        except ContentKeyMissing:
            continue
    return found


def _open(
    number: int,
    leaf: Leaf,
    file: BatchFile,
    domain: SigningDomain,
    secrets: Mapping[bytes, bytes],
    is_signed: SignatureCheck | None,
) -> Entry | None:
    where = f"entry {number}"
    wrapped = file.wrapped[number]
    secret = None if wrapped.key_id is None else secrets.get(wrapped.key_id)
    try:
        data = open_entry(wrapped, leaf.record_hash, secret)
        entry = None if data is None else read_entry(data)
    except (InvalidTag, EnvelopeMalformed) as error:
        raise ContentAltered("", f"{where} of the batch file: {error or 'its seal does not fit'}") from error
    if entry is None:
        return None
    digest = entry.envelope.digest(domain)
    found = record_hash(digest, entry.envelope.signature, entry.received_at_ms, entry.verdict, entry.reason)
    if found != leaf.record_hash or entry.envelope.stream != file.header.stream:
        raise ContentAltered("", f"{where} of the batch file is not the record of its leaf")
    if is_signed is not None and not is_signed(entry, digest):
        raise ContentAltered("", f"{where} of the batch file: the signature does not fit")
    return entry
