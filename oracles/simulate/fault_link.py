"""A link on which things go wrong on purpose: no network for an hour, doubled, swapped or damaged messages.

Which record is hit is a function of the seed and the record's device and number, so a run can be repeated.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from ledger_node.domain.clock import Clock
from ledger_node.domain.envelope import Envelope
from ledger_node.errors import LinkDown
from oracles.device.link import Link
from oracles.simulate.fault_plan import FaultPlan
from oracles.simulate.listening import Downlink
from oracles.simulate.truth import TruthFile

_HOUR_MS: Final = 3_600_000


class FaultyLink:
    """Wraps the link of one gateway's devices."""

    def __init__(self, inner: Link, faults: FaultPlan, truth: TruthFile, clock: Clock) -> None:
        self.inner = inner
        self._faults = faults
        self._truth = truth
        self._clock = clock
        self._held_back: set[tuple[str, int]] = set()
        self._noted: set[tuple[Any, ...]] = set()

    def keep(self, envelopes: Sequence[Envelope]) -> None:
        """As the inner link, except where a fault befalls; LinkDown when it keeps the device waiting."""
        self._require_network(envelopes[0].device)
        self._hold_back(envelopes)
        sent: list[Envelope] = []
        for envelope in envelopes:
            place = (envelope.device, envelope.sequence)
            if self._faults.befalls("bad-signature", *place):
                self._note("bad-signature", envelope)
                sent.append(replace(envelope, signature=_damaged(envelope.signature)))
                continue
            sent.append(envelope)
            if self._faults.befalls("duplicate", *place):
                self._note("duplicate", envelope)
                sent.append(envelope)
        for index in range(len(sent) - 1):
            if (sent[index].device, sent[index].sequence) in self._held_back:
                sent[index], sent[index + 1] = sent[index + 1], sent[index]
        self.inner.keep(sent)
        self._held_back.difference_update((one.device, one.sequence) for one in envelopes)

    def down(self, device: str, after: int = 0) -> dict[str, Any]:
        """What the gateway hands down; nothing while there is no network."""
        self._require_network(device)
        return self.inner.down(device, after) if isinstance(self.inner, Downlink) else {}

    def _require_network(self, device: str) -> None:
        now_ms = self._clock.now_ms()
        hour = now_ms // _HOUR_MS
        if self._faults.befalls("offline", device, hour):
            if (device, hour) not in self._noted:
                self._noted.add((device, hour))
                self._truth.note("offline", device, now_ms, until_ms=(hour + 1) * _HOUR_MS)
            raise LinkDown(device, "no network")

    def _hold_back(self, envelopes: Sequence[Envelope]) -> None:
        """A record to be swapped with the next one waits until there is a next one."""
        last = envelopes[-1]
        place = (last.device, last.sequence)
        for envelope in envelopes:
            one = (envelope.device, envelope.sequence)
            if one not in self._held_back and self._faults.befalls("reorder", *one):
                self._held_back.add(one)
                self._note("reorder", envelope)
        if place in self._held_back and len(envelopes) == 1:
            raise LinkDown(last.device, "the next record overtakes this one")

    def _note(self, fault: str, envelope: Envelope) -> None:
        key = (fault, envelope.device, envelope.sequence)
        if key not in self._noted:
            self._noted.add(key)
            self._truth.note(fault, envelope.device, envelope.observed_at_ms, sequence=envelope.sequence)


def _damaged(signature: bytes) -> bytes:
    return bytes([signature[0] ^ 1]) + signature[1:]
