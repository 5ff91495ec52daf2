"""Signs what a device sees: the next number, the hash of the record before, and durable before it returns.

What a payload must say is `ledger_node.domain.payload`; where records wait is `flash`; how they travel is `link`.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from ledger_node.domain.canonical_json import canonical_bytes
from ledger_node.domain.clock import Clock
from ledger_node.domain.digest import keccak256
from ledger_node.domain.envelope import ALGORITHMS, Envelope
from ledger_node.domain.envelope import Clock as ClockClaim
from ledger_node.domain.frame import FRAME_LIMIT_ENVELOPES
from ledger_node.domain.payload import KINDS, check_payload, currency_exponent
from ledger_node.domain.typed_data import SigningDomain
from ledger_node.errors import EnvelopeMalformed
from oracles.device.flash import Flash
from oracles.device.identity import Identity
from oracles.device.link import Link

QUEUED_AFTER_MS: Final = 60_000
"""A record delivered later than this says that it was held back."""


class Recorder:
    """The signing hand of one device in one market; safe to use from several threads."""

    def __init__(
        self,
        identity: Identity,
        flash: Flash,
        domain: SigningDomain,
        *,
        market: str,
        clock: Clock,
        currency: str = "CNY",
        clock_claim: ClockClaim | None = None,
    ) -> None:
        self.identity = identity
        self.flash = flash
        self.domain = domain
        self.market = market
        self.clock = clock
        self.currency = currency
        self.clock_claim = clock_claim
        self._lock = threading.RLock()

    def sign(
        self,
        kind: str,
        value: int,
        payload: Mapping[str, Any],
        *,
        observed_at_ms: int | None = None,
        stream: str | None = None,
        tag: int | None = None,
    ) -> Envelope:
        """The next record of this device, durable before it is returned.

        `value` is in the kind's unit and exponent (minor units, grams, m°C, …); `stream` defaults to the market's.
        After a loss the lost numbers are declared first. EnvelopeMalformed when the payload is not the kind's.
        """
        with self._lock:
            if self.flash.lost is not None and kind != "gap":
                self._declare_losses()
            check_payload(kind, payload)
            known = KINDS[kind]
            return self._record(
                kind,
                value,
                canonical_bytes(dict(payload)),
                known.unit or self.currency,
                currency_exponent(self.currency) if known.exponent is None else known.exponent,
                self.clock.now_ms() if observed_at_ms is None else observed_at_ms,
                stream or f"market/{self.market}/{known.stream_kind}",
                tag,
            )

    def declare_gap(self, from_sequence: int, to_sequence: int, reason: str) -> Envelope:
        """A record saying that numbers will never come."""
        members = {"from_sequence": from_sequence, "to_sequence": to_sequence, "reason": reason}
        return self.sign("gap", to_sequence - from_sequence + 1, members)

    def birth(self, *, firmware_hash: bytes, streams: Sequence[str] = ()) -> Envelope:
        """What a device says first after it was switched on."""
        payload: dict[str, Any] = {
            "streams": list(streams),
            "firmware_hash": "0x" + firmware_hash.hex(),
            "boot_counter": self.flash.boots,
        }
        if (claim := self.clock_claim) is not None:
            payload["clock"] = {
                "source": claim.source,
                "offset_ms": claim.offset_ms,
                "accuracy_ms": claim.accuracy_ms,
            }
        return self.sign("birth", self.flash.boots, payload)

    def use(self, identity: Identity) -> None:
        """Signs with another key from now on; only after the node's configuration said that the rotation is final."""
        with self._lock:
            if identity.name != self.identity.name:
                raise ValueError(f"{identity.name} is not {self.identity.name}")
            self.identity = identity

    def deliver(self, link: Link) -> int:
        """Hands over everything that still waits, oldest first; how many were taken.

        Raises NotKept when the other side does not take them: they stay here.
        """
        with self._lock:
            waiting = [Envelope.from_cbor(data) for data in self.flash.unkept()]
        for start in range(0, len(waiting), FRAME_LIMIT_ENVELOPES):
            part = waiting[start : start + FRAME_LIMIT_ENVELOPES]
            now_ms = self.clock.now_ms()
            late = [replace(one, queued=True) if now_ms - one.observed_at_ms > QUEUED_AFTER_MS else one for one in part]
            link.keep(late)
            with self._lock:
                self.flash.kept(part[-1].sequence)
        return len(waiting)

    def _declare_losses(self) -> None:
        lost = self.flash.lost
        if lost is None:
            raise AssertionError("nothing was lost")
        self.declare_gap(lost[0], lost[1], "power lost")
        self.flash.declared()

    def _record(
        self,
        kind: str,
        value: int,
        payload: bytes,
        unit: str,
        exponent: int,
        observed_at_ms: int,
        stream: str,
        tag: int | None,
    ) -> Envelope:
        self.flash.reserve_next()
        identity = self.identity
        unsigned = Envelope(
            v=1,
            device=identity.name,
            stream=stream,
            sequence=self.flash.next_sequence,
            observed_at_ms=observed_at_ms,
            kind=kind,
            value=value,
            exponent=exponent,
            unit=unit,
            previous_hash=self.flash.last_digest,
            payload=payload,
            payload_hash=keccak256(payload),
            algorithm=ALGORITHMS[identity.key_type],
            signature=b"",
            key_epoch=identity.key_epoch,
            clock=self.clock_claim,
        )
        try:
            digest = unsigned.digest(self.domain)
        except OverflowError as wrong:
            raise EnvelopeMalformed("/value", str(wrong)) from wrong
        envelope = replace(unsigned, signature=identity.sign(digest))
        self.flash.append(envelope.sequence, digest, envelope.to_cbor(), tag=tag)
        return envelope
