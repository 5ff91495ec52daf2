"""The first half of ingest: bytes in, verified readings out. Repeatable, without effects, one core a worker.

Decodes an envelope, holds it to its form, finds the device's key of that time, checks the signature (or the gateway's
over a bundle) and judges whatever needs no other record. What the journal must know is `writer`'s.
"""

import logging
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

from sqlalchemy.exc import SQLAlchemyError

from ledger_node.domain.canonical_json import INTEGER_LIMIT, parse_canonical
from ledger_node.domain.device import DeviceClass, DeviceState, DeviceStatus, KeyAt, key_at
from ledger_node.domain.device_key import verify_signature
from ledger_node.domain.digest import sha256
from ledger_node.domain.envelope import KEY_TYPES, BundlePart, Envelope, StampPart
from ledger_node.domain.frame import FrameItem, split_frame
from ledger_node.domain.judge import FINE, Finding, MarketRules, judge_assignment, judge_device, judge_stream
from ledger_node.domain.payload import KINDS, check_payload, facts
from ledger_node.domain.plausibility import judge_plausibility
from ledger_node.domain.record import Reason, verify_bundle_path
from ledger_node.domain.typed_data import SigningDomain
from ledger_node.errors import EnvelopeMalformed, EnvelopeTooLarge
from ledger_node.store.devices import NOT_READ, DeviceDirectory, RegistryVersion

HEAD_BYTES = 256
_TRUST_OF_BUNDLED = 1
_BUNDLES_REMEMBERED = 4096
_log = logging.getLogger("tidemark.ingest")


class Source(NamedTuple):
    """Where a frame came from: a topic names market, gateway and device; `certificate` names the peer, if any."""

    name: str
    market: str | None = None
    gateway: str | None = None
    device: str | None = None
    certificate: str | None = None


class Frame(NamedTuple):
    """One message as it arrived."""

    data: bytes
    source: Source


class Reading(NamedTuple):
    """One attributable record, signature verified, with all findings that need no other record.

    `early` is of status and metrology, `plausible` of numbers, `placed` of stream and assignment; each None when all is
    well. `stamped_at_ms` is the gateway's verified stamp. `hash` is of the envelope's bytes as sent.
    """

    hash: bytes
    envelope: bytes
    device: str
    stream: str
    sequence: int
    observed_at_ms: int
    kind: str
    digest: bytes
    previous_hash: bytes
    signature_hash: bytes
    payload: dict[str, Any]
    amount_minor: int
    mass_grams: int
    lots: tuple[tuple[bytes, int], ...]
    key_epoch: int
    queued: bool
    stamped_at_ms: int | None
    early: Finding | None
    plausible: Finding | None
    placed: Finding | None


class Refused(NamedTuple):
    """A message nobody can be held to: why, its hash and first bytes, and what it claims to be.

    `is_vouched` when a certificate or signed request shows that it came through a gateway: then a bad signature counts
    against the device.
    """

    hash: bytes
    reason: Reason
    detail: str
    head: bytes
    sequence: int | None = None
    device: str | None = None
    source: str = ""
    is_vouched: bool = False


class _Refusal(Exception):
    """Ends the reading of one envelope."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@dataclass
class Reader:
    """Reads frames against one state of the registry."""

    directory: DeviceDirectory
    domain: SigningDomain
    rules: MarketRules
    _bundles: dict[tuple[object, ...], str] = field(default_factory=dict[tuple[object, ...], str])
    _bundles_of: RegistryVersion = NOT_READ

    def read(self, frame: Frame) -> list[Reading | Refused]:
        """Every envelope of the frame in order, or one refusal of the whole message."""
        try:
            items = split_frame(frame.data)
        except EnvelopeMalformed as fault:
            reason = Reason.SIZE if isinstance(fault, EnvelopeTooLarge) else Reason.SCHEMA
            detail, head = printable(str(fault)), frame.data[:HEAD_BYTES]
            return [Refused(sha256(frame.data), reason, detail, head, source=frame.source.name)]
        return [self._read_one(item, frame.source) for item in items]

    def _read_one(self, item: FrameItem, source: Source) -> Reading | Refused:
        envelope: Envelope | None = None
        raw = item.raw
        try:
            envelope = item.read()
            return self._verify(envelope, raw, not item.is_json, source)
        except EnvelopeMalformed as fault:
            reason = Reason.SIZE if isinstance(fault, EnvelopeTooLarge) else Reason.SCHEMA
            detail = str(fault)
        except _Refusal as refusal:
            reason, detail = refusal.reason, refusal.detail
        except (SQLAlchemyError, OSError, MemoryError):
            raise
        except Exception:
            # A fault of ours: no record may stop the reading of all others, and each that comes again.
            _log.exception("a record could not be read")
            reason, detail = Reason.SCHEMA, "the reader failed on it"
        device, sequence = (envelope.device, envelope.sequence) if envelope else _claims(item.decoded)
        vouched = source.certificate is not None and source.certificate == source.gateway
        head = raw[:HEAD_BYTES]
        return Refused(sha256(raw), reason, printable(detail), head, sequence, device, source.name, vouched)

    def _verify(self, envelope: Envelope, raw: bytes, is_cbor: bool, source: Source) -> Reading:
        kind = envelope.kind
        if kind not in KINDS:
            raise EnvelopeMalformed("/kind", "unknown kind")
        if envelope.payload is None:
            raise EnvelopeMalformed("/payload", "is missing")
        payload = parse_canonical(envelope.payload)
        check_payload(kind, payload)
        self._check_topic(envelope, source)
        state = self.directory.state(envelope.device)
        if state is None or not state.keys:
            raise _Refusal(Reason.DEVICE_UNKNOWN, f"{envelope.device} is not enrolled")
        early, key = judge_device(state, kind, envelope.observed_at_ms)
        digest = envelope.digest(self.domain)
        self._check_signature(envelope, digest, state, key)
        plausible = judge_plausibility(
            self.rules, kind, payload, value=envelope.value, exponent=envelope.exponent, unit=envelope.unit
        )
        placed = judge_stream(self.rules, state, kind, envelope.stream)
        if placed is FINE:
            merchant, place = payload.get("merchant_ref"), payload.get("place_ref")
            placed = judge_assignment(state, envelope.observed_at_ms, merchant, place)
        amount, mass, lots = facts(kind, payload)
        return Reading(
            sha256(raw),
            raw if is_cbor else envelope.to_cbor(),
            envelope.device,
            envelope.stream,
            envelope.sequence,
            envelope.observed_at_ms,
            kind,
            digest,
            envelope.previous_hash,
            sha256(envelope.signature),
            payload,
            amount,
            mass,
            lots,
            key.epoch,
            bool(envelope.queued),
            self._stamped_at(envelope.stamp, digest),
            None if early is FINE else early,
            None if plausible is FINE else plausible,
            None if placed is FINE else placed,
        )

    def _check_topic(self, envelope: Envelope, source: Source) -> None:
        if source.market is not None and source.market != self.rules.market:
            raise _Refusal(Reason.TOPIC, f"the topic is of market {source.market}, this is {self.rules.market}")
        if source.device is not None and source.device != envelope.device:
            raise _Refusal(Reason.TOPIC, f"the topic is of {source.device}, the record of {envelope.device}")

    def _check_signature(self, envelope: Envelope, digest: bytes, state: DeviceState, key: KeyAt) -> None:
        if envelope.bundle is not None:
            self._check_bundle(envelope.bundle, envelope.signature, digest, state)
            return
        algorithm = KEY_TYPES[envelope.algorithm]
        if algorithm != key.key.key_type:
            raise _Refusal(Reason.SIGNATURE, f"{envelope.algorithm} is not the algorithm of the device's key")
        if not verify_signature(algorithm, key.key.public_key, digest, envelope.signature):
            raise _Refusal(Reason.SIGNATURE, f"not signed by key {key.epoch} of {envelope.device}")

    def _check_bundle(self, bundle: BundlePart, signature: bytes, digest: bytes, state: DeviceState) -> None:
        if state.trust > _TRUST_OF_BUNDLED:
            raise _Refusal(Reason.SIGNATURE, "the device signs for itself: a gateway may not sign for it")
        why = self._why_bundle_fails(bundle, signature)
        if why:
            raise _Refusal(Reason.SIGNATURE, why)
        if not verify_bundle_path(digest, bundle.index, bundle.count, bundle.path, bundle.root):
            raise _Refusal(Reason.SIGNATURE, f"not record {bundle.index} of the {bundle.count} of its bundle")

    def _why_bundle_fails(self, bundle: BundlePart, signature: bytes) -> str:
        """Why the gateway's signature over the bundle does not stand, "" when it does; 50 records share the answer."""
        if self._bundles_of != self.directory.version or len(self._bundles) >= _BUNDLES_REMEMBERED:
            self._bundles.clear()
            self._bundles_of = self.directory.version
        said = (
            signature,
            bundle.gateway,
            bundle.sequence,
            bundle.bundled_at_ms,
            bundle.count,
            bundle.root,
            bundle.previous_hash,
        )
        why = self._bundles.get(said)
        if why is None:
            why = self._bundles[said] = self._examine_bundle(bundle, signature)
        return why

    def _examine_bundle(self, bundle: BundlePart, signature: bytes) -> str:
        expected = bundle.digest(self.domain)
        if signature[:32] != expected:
            return "the signature is of another bundle"
        gateway = self.directory.state(bundle.gateway)
        if gateway is None or not gateway.keys or gateway.device_class != DeviceClass.GATEWAY:
            return f"{bundle.gateway} is no enrolled gateway"
        found = key_at(gateway, bundle.bundled_at_ms // 1000)
        if found.status != DeviceStatus.ACTIVE:
            return f"the key of {bundle.gateway} was {found.status.name.lower()} then"
        fits = verify_signature(found.key.key_type, found.key.public_key, expected, _gateway_signature(signature))
        return "" if fits else f"not signed by key {found.epoch} of {bundle.gateway}"

    def _stamped_at(self, stamp: StampPart | None, digest: bytes) -> int | None:
        """When the gateway received the record, if its signed word stands; a bad stamp only loses its own weight."""
        if stamp is None:
            return None
        gateway = self.directory.state(stamp.gateway)
        if gateway is None or not gateway.keys or gateway.device_class != DeviceClass.GATEWAY:
            return None
        found = key_at(gateway, stamp.received_at_ms // 1000)
        if found.status != DeviceStatus.ACTIVE or KEY_TYPES[stamp.algorithm] != found.key.key_type:
            return None
        signed = stamp.digest(self.domain, digest)
        fits = verify_signature(found.key.key_type, found.key.public_key, signed, stamp.signature)
        return stamp.received_at_ms if fits else None


def _gateway_signature(signature: bytes) -> bytes:
    return signature[32:]


def _claims(item: Any) -> tuple[str | None, int | None]:
    """Device and sequence that an unreadable JSON envelope claims, so that its sender can find it."""
    if not isinstance(item, dict):
        return None, None
    members = cast(dict[str, Any], item)
    device, sequence = members.get("device"), members.get("sequence")
    is_safe = type(sequence) is int and 0 <= sequence <= INTEGER_LIMIT
    return printable(device) if type(device) is str else None, sequence if is_safe else None


def printable(text: str) -> str:
    """Text of strangers as databases and JSON can hold it: no lone surrogates, no NUL, at most 500 characters."""
    return text[:500].encode("utf-8", "replace").decode().replace("\0", "?")
