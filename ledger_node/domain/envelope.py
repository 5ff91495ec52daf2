"""The envelope a record travels in: one field list, two encodings.

JSON with the names, or deterministic CBOR (RFC 8949 section 4.2) with the integer keys of `FIELDS`. Both refuse what
they do not know, and CBOR is accepted only in the bytes we would write ourselves. A frame is one message with 1 to 64
envelopes. Here is form only; what a payload must say is `payload`'s, whether the record is believed is `judge`'s.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final, Literal, cast

import cbor2

from ledger_node.domain.canonical_json import INTEGER_LIMIT, canonical_bytes, parse_canonical
from ledger_node.domain.deterministic_cbor import decode_map
from ledger_node.domain.device_key import KeyType
from ledger_node.domain.digest import keccak256
from ledger_node.domain.record import BUNDLE_LIMIT, bundle_digest, record_digest, stamp_digest
from ledger_node.domain.typed_data import SigningDomain
from ledger_node.errors import EnvelopeMalformed

Algorithm = Literal["ES256K", "ES256", "EdDSA", "bundle"]
ClockSource = Literal["ntp", "gateway", "rtc"]
SIGNATURE_BYTES: Final[Mapping[str, int]] = {"ES256K": 65, "ES256": 64, "EdDSA": 64, "bundle": 97}
KEY_TYPES: Final[Mapping[str, KeyType]] = {
    "ES256K": KeyType.SECP256K1,
    "ES256": KeyType.P256,
    "EdDSA": KeyType.ED25519,
}
ALGORITHMS: Final[Mapping[KeyType, Algorithm]] = {
    KeyType.SECP256K1: "ES256K",
    KeyType.P256: "ES256",
    KeyType.ED25519: "EdDSA",
}
FIELDS: Final[Mapping[int, str]] = {
    1: "v",
    2: "device",
    3: "stream",
    4: "sequence",
    5: "observedAtMs",
    6: "kind",
    7: "value",
    8: "exponent",
    9: "unit",
    10: "previousHash",
    11: "payload",
    12: "algorithm",
    13: "signature",
    14: "keyEpoch",
    15: "queued",
    16: "clock",
    17: "bundle",
    18: "stamp",
}
CLOCK_FIELDS: Final[Mapping[int, str]] = {1: "source", 2: "offset_ms", 3: "accuracy_ms"}
BUNDLE_FIELDS: Final[Mapping[int, str]] = {
    1: "gateway",
    2: "sequence",
    3: "bundledAtMs",
    4: "count",
    5: "root",
    6: "previousHash",
    7: "index",
    8: "path",
}
STAMP_FIELDS: Final[Mapping[int, str]] = {
    1: "gateway",
    2: "receivedAtMs",
    3: "offsetMs",
    4: "algorithm",
    5: "signature",
}
VALUE_LIMIT: Final = 1 << 63
_NAME = re.compile(r"[A-Za-z0-9:/._-]{1,128}")
_DECIMAL = re.compile(r"0|-?[1-9][0-9]{0,18}")
_HEX = re.compile(r"0x(?:[0-9a-f]{2})*")
_REQUIRED = frozenset(range(1, 14))
_WITHHELD = frozenset({11})
_KNOWN = frozenset(FIELDS)
_NUMBERS = {name: key for key, name in FIELDS.items()}


@dataclass(frozen=True, slots=True)
class Clock:
    """A claim of the device about its clock; not signed."""

    source: ClockSource
    offset_ms: int
    accuracy_ms: int


@dataclass(frozen=True, slots=True)
class BundlePart:
    """What a gateway signed for several records at once, and this record's place in it."""

    gateway: str
    sequence: int
    bundled_at_ms: int
    count: int
    root: bytes
    previous_hash: bytes
    index: int
    path: tuple[bytes, ...]

    def digest(self, domain: SigningDomain) -> bytes:
        """What the gateway signed."""
        return bundle_digest(
            domain,
            gateway=self.gateway,
            sequence=self.sequence,
            bundled_at_ms=self.bundled_at_ms,
            count=self.count,
            root=self.root,
            previous_hash=self.previous_hash,
        )


@dataclass(frozen=True, slots=True)
class StampPart:
    """A gateway's signed word on when it received one record and how far the device's clock was off."""

    gateway: str
    received_at_ms: int
    offset_ms: int
    algorithm: Algorithm
    signature: bytes

    def digest(self, domain: SigningDomain, record: bytes) -> bytes:
        """What the gateway signed about the record with digest `record`."""
        return stamp_digest(domain, digest=record, received_at_ms=self.received_at_ms, offset_ms=self.offset_ms)


@dataclass(frozen=True, slots=True)
class Envelope:
    """One signed record under way. `payload` is canonical JSON, or None where only its hash is shown."""

    v: int
    device: str
    stream: str
    sequence: int
    observed_at_ms: int
    kind: str
    value: int
    exponent: int
    unit: str
    previous_hash: bytes
    payload: bytes | None
    payload_hash: bytes
    algorithm: Algorithm
    signature: bytes
    key_epoch: int | None = None
    queued: bool | None = None
    clock: Clock | None = None
    bundle: BundlePart | None = None
    stamp: StampPart | None = None

    def digest(self, domain: SigningDomain) -> bytes:
        """What the device signed: 32 bytes."""
        return record_digest(
            domain,
            device=self.device,
            stream=self.stream,
            sequence=self.sequence,
            observed_at_ms=self.observed_at_ms,
            kind=self.kind,
            value=self.value,
            exponent=self.exponent,
            unit=self.unit,
            previous_hash=self.previous_hash,
            payload_hash=self.payload_hash,
        )

    def payload_object(self) -> dict[str, Any]:
        """The payload, parsed anew; LookupError when only its hash is here."""
        if self.payload is None:
            raise LookupError("the payload is withheld")
        return parse_canonical(self.payload)

    def without_payload(self) -> "Envelope":
        """The same record showing only the payload's hash, as bundles may."""
        return replace(self, payload=None)

    def to_json(self) -> dict[str, Any]:
        """JSON members by name; `payloadHash` stands for a withheld payload."""
        result: dict[str, Any] = {
            "v": self.v,
            "device": self.device,
            "stream": self.stream,
            "sequence": self.sequence,
            "observedAtMs": self.observed_at_ms,
            "kind": self.kind,
            "value": str(self.value),
            "exponent": self.exponent,
            "unit": self.unit,
            "previousHash": _hex(self.previous_hash),
            "algorithm": self.algorithm,
            "signature": _hex(self.signature),
        }
        if self.payload is None:
            result["payloadHash"] = _hex(self.payload_hash)
        else:
            result["payload"] = self.payload_object()
        for key, part in self._optional_parts():
            result[FIELDS[key]] = _named_part(key, part)
        return result

    def to_cbor_map(self) -> dict[int, Any]:
        """The map with integer keys, in order; LookupError when the payload is withheld."""
        if self.payload is None:
            raise LookupError("the payload is withheld; only JSON can show its hash instead")
        result: dict[int, Any] = {
            1: self.v,
            2: self.device,
            3: self.stream,
            4: self.sequence,
            5: self.observed_at_ms,
            6: self.kind,
            7: self.value,
            8: self.exponent,
            9: self.unit,
            10: self.previous_hash,
            11: self.payload,
            12: self.algorithm,
            13: self.signature,
        }
        result.update(self._optional_parts())
        return result

    def to_cbor(self) -> bytes:
        """Deterministic CBOR: the map's keys are in order already, and all lengths are definite."""
        return cbor2.dumps(self.to_cbor_map())

    def _optional_parts(self) -> Iterable[tuple[int, Any]]:
        if self.key_epoch is not None:
            yield 14, self.key_epoch
        if self.queued is not None:
            yield 15, self.queued
        if (clock := self.clock) is not None:
            yield 16, {1: clock.source, 2: clock.offset_ms, 3: clock.accuracy_ms}
        if (one := self.bundle) is not None:
            values = (one.gateway, one.sequence, one.bundled_at_ms, one.count, one.root, one.previous_hash, one.index)
            yield 17, {**dict(enumerate(values, 1)), 8: list(one.path)}
        if (stamp := self.stamp) is not None:
            said = (stamp.gateway, stamp.received_at_ms, stamp.offset_ms, stamp.algorithm, stamp.signature)
            yield 18, dict(enumerate(said, 1))

    @classmethod
    def from_json(cls, obj: object) -> "Envelope":
        """Reads the JSON form; EnvelopeMalformed with the pointer of the first fault."""
        if not isinstance(obj, dict):
            raise EnvelopeMalformed("", "an envelope is an object")
        members = cast(dict[str, Any], obj)
        numbered: dict[int, Any] = {}
        payload_hash: bytes | None = None
        for name, value in members.items():
            if name == "payloadHash":
                payload_hash = _bytes_from_hex(value, "/payloadHash", 32)
                continue
            number = _NUMBERS.get(name)
            if number is None:
                raise EnvelopeMalformed(f"/{name}", "unknown member")
            numbered[number] = _from_named(number, value)
        if payload_hash is not None:
            if 11 in numbered:
                raise EnvelopeMalformed("/payloadHash", "stands only where the payload is withheld")
            return _build(numbered, payload_hash)
        return _build(numbered, None)

    @classmethod
    def from_cbor_map(cls, numbered: Mapping[int, Any]) -> "Envelope":
        """Reads a decoded CBOR map; deterministic form is the caller's check."""
        return _build(numbered, None)

    @classmethod
    def from_cbor(cls, data: bytes) -> "Envelope":
        """Reads exactly the bytes that `to_cbor` would write; EnvelopeMalformed otherwise."""
        return _build(decode_map(data), None)


def _build(numbered: Mapping[int, Any], payload_hash: bytes | None) -> Envelope:
    keys = numbered.keys()
    if not keys <= _KNOWN:
        raise EnvelopeMalformed(f"/{next(iter(keys - _KNOWN))}", "unknown member")
    missing = _REQUIRED - keys
    if missing and not (payload_hash is not None and missing == _WITHHELD):
        raise EnvelopeMalformed(f"/{FIELDS[min(missing)]}", "is missing")
    if numbered[1] != 1 or type(numbered[1]) is not int:
        raise EnvelopeMalformed("/v", "only version 1 is known")
    algorithm, signature = numbered[12], numbered[13]
    if type(algorithm) is not str or algorithm not in SIGNATURE_BYTES:
        raise EnvelopeMalformed("/algorithm", "not one of ES256K, ES256, EdDSA, bundle")
    if type(signature) is not bytes or len(signature) != SIGNATURE_BYTES[algorithm]:
        raise EnvelopeMalformed("/signature", f"{algorithm} has {SIGNATURE_BYTES[algorithm]} bytes")
    payload = numbered.get(11)
    if payload_hash is None:
        if type(payload) is not bytes:
            raise EnvelopeMalformed("/payload", "not a byte string")
        payload_hash = keccak256(payload)
    bundle = _read_bundle(numbered[17]) if 17 in keys else None
    if (algorithm == "bundle") != (bundle is not None):
        raise EnvelopeMalformed("/bundle", "goes with algorithm bundle, and with no other")
    queued = numbered.get(15)
    if 15 in keys and type(queued) is not bool:
        raise EnvelopeMalformed("/queued", "not a boolean")
    return Envelope(
        1,
        _name(numbered[2], "/device"),
        _name(numbered[3], "/stream"),
        _integer(numbered[4], "/sequence", 1, INTEGER_LIMIT),
        _integer(numbered[5], "/observedAtMs", 1, INTEGER_LIMIT),
        _name(numbered[6], "/kind"),
        _integer(numbered[7], "/value", -VALUE_LIMIT, VALUE_LIMIT - 1),
        _integer(numbered[8], "/exponent", -128, 127),
        _name(numbered[9], "/unit"),
        _hash(numbered[10], "/previousHash"),
        payload,
        payload_hash,
        cast(Algorithm, algorithm),
        signature,
        _integer(numbered[14], "/keyEpoch", 0, 0xFFFFFFFF) if 14 in keys else None,
        queued,
        _read_clock(numbered[16]) if 16 in keys else None,
        bundle,
        _read_stamp(numbered[18]) if 18 in keys else None,
    )


def _part(value: object, fields: Mapping[int, str], pointer: str) -> dict[int, Any]:
    if type(value) is not dict:
        raise EnvelopeMalformed(pointer, "not a map")
    members = cast(dict[int, Any], value)
    if members.keys() != fields.keys():
        wrong = min(fields.keys() ^ members.keys(), key=str)
        raise EnvelopeMalformed(f"{pointer}/{fields.get(wrong, wrong)}", "is missing or unknown")
    return members


def _read_clock(value: object) -> Clock:
    part = _part(value, CLOCK_FIELDS, "/clock")
    if part[1] not in ("ntp", "gateway", "rtc"):
        raise EnvelopeMalformed("/clock/source", "not one of ntp, gateway, rtc")
    return Clock(
        part[1],
        _integer(part[2], "/clock/offset_ms", -INTEGER_LIMIT, INTEGER_LIMIT),
        _integer(part[3], "/clock/accuracy_ms", 0, INTEGER_LIMIT),
    )


def _read_bundle(value: object) -> BundlePart:
    part = _part(value, BUNDLE_FIELDS, "/bundle")
    path = part[8]
    if type(path) is not list:
        raise EnvelopeMalformed("/bundle/path", "not a list")
    # Counts over 50, indices beyond the count and paths of a wrong length are the signature's failure, not the form's.
    return BundlePart(
        _name(part[1], "/bundle/gateway"),
        _integer(part[2], "/bundle/sequence", 1, INTEGER_LIMIT),
        _integer(part[3], "/bundle/bundledAtMs", 1, INTEGER_LIMIT),
        _integer(part[4], "/bundle/count", 0, 0xFFFFFFFF),
        _hash(part[5], "/bundle/root"),
        _hash(part[6], "/bundle/previousHash"),
        _integer(part[7], "/bundle/index", 0, 0xFFFFFFFF),
        tuple(_hash(one, f"/bundle/path/{place}") for place, one in enumerate(cast(list[object], path))),
    )


def _read_stamp(value: object) -> StampPart:
    part = _part(value, STAMP_FIELDS, "/stamp")
    algorithm, signature = part[4], part[5]
    if type(algorithm) is not str or algorithm not in KEY_TYPES:
        raise EnvelopeMalformed("/stamp/algorithm", "not one of ES256K, ES256, EdDSA")
    if type(signature) is not bytes or len(signature) != SIGNATURE_BYTES[algorithm]:
        raise EnvelopeMalformed("/stamp/signature", f"{algorithm} has {SIGNATURE_BYTES[algorithm]} bytes")
    return StampPart(
        _name(part[1], "/stamp/gateway"),
        _integer(part[2], "/stamp/receivedAtMs", 1, INTEGER_LIMIT),
        _integer(part[3], "/stamp/offsetMs", -INTEGER_LIMIT, INTEGER_LIMIT),
        cast(Algorithm, algorithm),
        signature,
    )


@lru_cache(maxsize=65_536)
def _is_name(value: str) -> bool:
    return _NAME.fullmatch(value) is not None


def _name(value: object, pointer: str) -> str:
    if type(value) is not str or not _is_name(value):
        raise EnvelopeMalformed(pointer, "not a name of 1 to 128 of A–Z a–z 0–9 : / . _ -")
    return value


def _integer(value: object, pointer: str, lowest: int, highest: int) -> int:
    if type(value) is not int or not lowest <= value <= highest:
        raise EnvelopeMalformed(pointer, f"not an integer from {lowest} to {highest}")
    return value


def _hash(value: object, pointer: str) -> bytes:
    if type(value) is not bytes or len(value) != 32:
        raise EnvelopeMalformed(pointer, "not 32 bytes")
    return value


def _hex(data: bytes) -> str:
    return "0x" + data.hex()


def _bytes_from_hex(value: object, pointer: str, length: int | None = None) -> bytes:
    if type(value) is not str or not _HEX.fullmatch(value):
        raise EnvelopeMalformed(pointer, "not lower-case 0x hex")
    data = bytes.fromhex(value[2:])
    if length is not None and len(data) != length:
        raise EnvelopeMalformed(pointer, f"not {length} bytes")
    return data


_PARTS: Final[Mapping[int, Mapping[int, str]]] = {16: CLOCK_FIELDS, 17: BUNDLE_FIELDS, 18: STAMP_FIELDS}
_HEX_MEMBERS = frozenset({"root", "previousHash", "signature"})


def _named_part(key: int, part: Any) -> Any:
    """The JSON form of an optional part whose CBOR form is `part`."""
    if key not in _PARTS:
        return part
    named = {_PARTS[key][number]: value for number, value in part.items()}
    for name, value in named.items():
        if isinstance(value, bytes):
            named[name] = _hex(value)
    if "path" in named:
        named["path"] = [_hex(one) for one in named["path"]]
    return named


def _from_named(number: int, value: Any) -> Any:
    """The CBOR form of JSON member `number`."""
    name = FIELDS[number]
    if name == "value":
        if type(value) is not str or not _DECIMAL.fullmatch(value):
            raise EnvelopeMalformed("/value", "not a decimal string")
        return int(value)
    if name in ("previousHash", "signature"):
        return _bytes_from_hex(value, f"/{name}")
    if name == "payload":
        if type(value) is not dict:
            raise EnvelopeMalformed("/payload", "not an object")
        return canonical_bytes(value)
    if number not in _PARTS:
        return value
    if type(value) is not dict:
        raise EnvelopeMalformed(f"/{name}", "not an object")
    numbers = {label: key for key, label in _PARTS[number].items()}
    result: dict[Any, Any] = {}
    for label, member in cast(dict[str, Any], value).items():
        pointer = f"/{name}/{label}"
        if label in _HEX_MEMBERS:
            member = _bytes_from_hex(member, pointer)
        elif label == "path" and type(member) is list:
            member = [_bytes_from_hex(one, f"{pointer}/{at}") for at, one in enumerate(member)]
        result[numbers.get(label, label)] = member
    return result


__all__ = [
    "ALGORITHMS",
    "BUNDLE_LIMIT",
    "FIELDS",
    "KEY_TYPES",
    "Algorithm",
    "BundlePart",
    "Clock",
    "Envelope",
    "StampPart",
]
