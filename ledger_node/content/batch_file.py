"""The batch file: all records of one pin as deterministic CBOR, at most 1 MiB, hence one raw block (`content.md` §8).

`[header, leaves, envelopes]`; root, count and sums are not in it, they follow from the leaves. Encoder and decoder
read one field list. Who may read a sealed entry is decided by who holds its subject's key; which records go into a
batch is `domain.batch`'s work.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

import cbor2
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger_node.content.content_keys import KEY_ID_BYTES, ContentKey
from ledger_node.content.seal import derive_key
from ledger_node.domain.batch import BatchHeader
from ledger_node.domain.envelope import Envelope
from ledger_node.domain.sum_tree import Leaf
from ledger_node.errors import BatchFileMalformed, EnvelopeMalformed

FILE_LIMIT_BYTES: Final = 1 << 20
VERSION: Final = 1
LEAF_BYTES: Final = 64
_INFO: Final = b"tidemark envelope v1"
_NONCE: Final = bytes(12)
_UINT64: Final = 1 << 64


class _Field(NamedTuple):
    name: str
    kind: Literal["uint", "text", "hash"]


HEADER_FIELDS: Final[Mapping[int, _Field]] = {
    0: _Field("version", "uint"),
    1: _Field("stream", "text"),
    2: _Field("sequence", "uint"),
    3: _Field("previous_root", "hash"),
    4: _Field("first_at", "uint"),
    5: _Field("last_at", "uint"),
    6: _Field("sealed_at", "uint"),
    7: _Field("rules", "hash"),
    8: _Field("lots", "hash"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One record as the batch file tells it: what was signed, and what ingest decided."""

    envelope: Envelope
    received_at_ms: int
    verdict: int
    reason: int


@dataclass(frozen=True, slots=True)
class Wrapped:
    """An entry's bytes as the file carries them: in clear, or sealed under the key with this id."""

    data: bytes
    key_id: bytes | None = None


@dataclass(frozen=True, slots=True)
class BatchFile:
    """A batch file's three parts, in position order."""

    header: BatchHeader
    leaves: tuple[Leaf, ...]
    wrapped: tuple[Wrapped, ...]


def entry_bytes(envelope: bytes, received_at_ms: int, verdict: int, reason: int) -> bytes:
    """CBOR of `[envelope map, receivedAtMs, verdict, reason]`; `envelope` is deterministic CBOR already."""
    return b"".join((b"\x84", envelope, cbor2.dumps(received_at_ms), cbor2.dumps(verdict), cbor2.dumps(reason)))


def seal_entry(entry: bytes, record: bytes, key: ContentKey) -> Wrapped:
    """The entry of record hash `record` under its subject's key: the same bytes at every rebuild."""
    cipher = AESGCM(derive_key(key.secret, salt=record, info=_INFO))
    return Wrapped(cipher.encrypt(_NONCE, entry, record), key.key_id)


def open_entry(wrapped: Wrapped, record: bytes, secret: bytes | None) -> bytes | None:
    """The entry in clear; None where it is sealed and `secret` is not at hand. InvalidTag when it was altered."""
    if wrapped.key_id is None:
        return wrapped.data
    if secret is None:
        return None
    return AESGCM(derive_key(secret, salt=record, info=_INFO)).decrypt(_NONCE, wrapped.data, record)


def encode_batch_file(file: BatchFile) -> bytes:
    """The file's bytes; ValueError above 1 MiB, which the sealer's limits exclude."""
    if len(file.leaves) != len(file.wrapped):
        raise ValueError(f"{len(file.leaves)} leaves for {len(file.wrapped)} envelopes")
    header = {
        number: VERSION if field.name == "version" else getattr(file.header, field.name)
        for number, field in HEADER_FIELDS.items()
    }
    envelopes = [[0, one.data] if one.key_id is None else [1, one.key_id, one.data] for one in file.wrapped]
    data = cbor2.dumps([header, [leaf.packed() for leaf in file.leaves], envelopes])
    if len(data) > FILE_LIMIT_BYTES:
        raise ValueError(f"a batch file of {len(data)} bytes")
    return data


def decode_batch_file(data: bytes) -> BatchFile:
    """Reads exactly the bytes that `encode_batch_file` writes; BatchFileMalformed with the first fault's offset."""
    if len(data) > FILE_LIMIT_BYTES:
        raise BatchFileMalformed(FILE_LIMIT_BYTES, f"{len(data)} bytes, more than {FILE_LIMIT_BYTES}")
    try:
        parts: Any = cbor2.loads(data)
    except Exception as error:  # the decoder's own errors, and recursion on hostile nesting
        raise BatchFileMalformed(0, f"not CBOR: {error}") from error
    if type(parts) is not list or len(parts) != 3:
        raise BatchFileMalformed(0, "not an array of header, leaves, envelopes")
    file = BatchFile(
        _read_header(parts[0]),
        tuple(_read_leaf(one, number, parts) for number, one in enumerate(_array(parts, 1))),
        tuple(_read_wrapped(one, number, parts) for number, one in enumerate(_array(parts, 2))),
    )
    if len(file.leaves) != len(file.wrapped):
        raise BatchFileMalformed(_place(parts, 2, 0), f"{len(file.leaves)} leaves, {len(file.wrapped)} envelopes")
    written = encode_batch_file(file)
    if written != data:
        raise BatchFileMalformed(_first_difference(written, data), "not the deterministic encoding")
    return file


def read_entry(data: bytes) -> Entry:
    """Reads what `entry_bytes` wrote; EnvelopeMalformed otherwise."""
    try:
        parts: Any = cbor2.loads(data)
    except Exception as error:  # as above
        raise EnvelopeMalformed("", f"not CBOR: {error}") from error
    if type(parts) is not list or len(parts) != 4 or type(parts[0]) is not dict:
        raise EnvelopeMalformed("", "an entry is an array of envelope, receivedAtMs, verdict, reason")
    envelope = Envelope.from_cbor_map(parts[0])
    received_at_ms, verdict, reason = parts[1:]
    for value, limit in ((received_at_ms, _UINT64), (verdict, 1 << 8), (reason, 1 << 16)):
        if type(value) is not int or not 0 <= value < limit:
            raise EnvelopeMalformed("", f"{value!r} is no number of an entry")
    if entry_bytes(envelope.to_cbor(), received_at_ms, verdict, reason) != data:
        raise EnvelopeMalformed("", "not the deterministic encoding")
    return Entry(envelope, received_at_ms, verdict, reason)


def _read_header(value: object) -> BatchHeader:
    if type(value) is not dict or list(value) != list(HEADER_FIELDS):
        raise BatchFileMalformed(1, "the header has other items, or in another order")
    for number, field in HEADER_FIELDS.items():
        if not _is_of_kind(value[number], field.kind):
            raise BatchFileMalformed(1, f"header item {number}, {field.name}, is no {field.kind}")
    if value[0] != VERSION:
        raise BatchFileMalformed(1, f"version {value[0]} is not known")
    members = {field.name: value[number] for number, field in HEADER_FIELDS.items() if field.name != "version"}
    return BatchHeader(**members)


def _is_of_kind(value: object, kind: str) -> bool:
    if kind == "uint":
        return type(value) is int and 0 <= value < _UINT64
    if kind == "text":
        return type(value) is str
    return type(value) is bytes and len(value) == 32


def _array(parts: list[Any], number: int) -> list[Any]:
    if type(parts[number]) is not list:
        raise BatchFileMalformed(_place(parts, number, None), "not an array")
    result: list[Any] = parts[number]
    return result


def _read_leaf(value: object, number: int, parts: list[Any]) -> Leaf:
    if type(value) is not bytes or len(value) != LEAF_BYTES:
        raise BatchFileMalformed(_place(parts, 1, number), f"leaf {number} is no byte string of {LEAF_BYTES}")
    return Leaf(value[:32], int.from_bytes(value[32:48], "big"), int.from_bytes(value[48:], "big"))


def _read_wrapped(value: object, number: int, parts: list[Any]) -> Wrapped:
    if type(value) is list and len(value) == 2 and type(value[0]) is int and type(value[1]) is bytes:
        if value[0] == 0:
            return Wrapped(value[1])
    elif type(value) is list and len(value) == 3 and type(value[0]) is int and value[0] == 1:
        key_id, data = value[1:]
        if type(key_id) is bytes and len(key_id) == KEY_ID_BYTES and type(data) is bytes:
            return Wrapped(data, key_id)
    raise BatchFileMalformed(_place(parts, 2, number), f"envelope {number} is neither in clear nor sealed")


def _place(parts: list[Any], part: int, number: int | None) -> int:
    """Where item `number` of an array begins, as long as what stands before it is canonical."""
    try:
        before = 1 + sum(len(cbor2.dumps(one)) for one in parts[:part])
        if number is None:
            return before
        items = parts[part]
        head = len(cbor2.dumps(items)) - sum(len(cbor2.dumps(one)) for one in items)
        return before + head + sum(len(cbor2.dumps(one)) for one in items[:number])
    except Exception:  # something decoded that cannot be encoded: the fault is near the start anyway
        return 0


def _first_difference(left: bytes, right: bytes) -> int:
    pairs = zip(left, right, strict=False)
    return next((place for place, (a, b) in enumerate(pairs) if a != b), min(len(left), len(right)))
