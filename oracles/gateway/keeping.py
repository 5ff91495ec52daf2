"""Takes records over from devices: checked, stamped, bundled where the gateway signs, and committed in groups.

What is not kept is told at once, with the reason: slow, full, or not this gateway's.
"""

from collections.abc import Collection, Sequence
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass
from typing import Any, Final

from ledger_node.domain.clock import Clock
from ledger_node.domain.digest import sha256
from ledger_node.domain.envelope import Envelope
from ledger_node.domain.record import BUNDLE_LIMIT
from ledger_node.domain.topic import leaf_of
from ledger_node.domain.typed_data import SigningDomain
from ledger_node.errors import EnvelopeMalformed, LinkDown, OutboxFull
from oracles.device.identity import Identity
from oracles.gateway import shedding
from oracles.gateway.countersign import BundleHead, is_awaiting, stamped
from oracles.gateway.courier import FALLBACK_AFTER_SECONDS, NODE_SILENT_SECONDS
from oracles.gateway.group_commit import QUEUE_LIMIT, GroupCommit
from oracles.gateway.outbox import LIMIT_AGE_MS, LIMIT_BYTES, NewRow, Outbox

KEEP_TIMEOUT_SECONDS: Final = 30.0
HEARTBEAT_MS: Final = 300_000


@dataclass(frozen=True, slots=True)
class GatewayLimits:
    """How much a gateway takes; times in milliseconds of the market's clock unless the name says seconds."""

    outbox_bytes: int = LIMIT_BYTES
    outbox_age_ms: int = LIMIT_AGE_MS
    queue_rows: int = QUEUE_LIMIT
    heartbeat_ms: int = HEARTBEAT_MS
    fallback_after_seconds: float = FALLBACK_AFTER_SECONDS
    node_silent_seconds: float = NODE_SILENT_SECONDS


class Keeper:
    """The taking side of one gateway."""

    def __init__(
        self,
        outbox: Outbox,
        gateway: Identity,
        domain: SigningDomain,
        clock: Clock,
        limits: GatewayLimits,
        bundled_devices: Collection[str],
    ) -> None:
        self._outbox = outbox
        self._gateway = gateway
        self._domain = domain
        self._clock = clock
        self._limits = limits
        self._bundled = frozenset(bundled_devices)
        self._group_commit = GroupCommit(self._commit, queue_limit=limits.queue_rows)

    def keep(self, envelopes: Sequence[Envelope], offset_ms: int) -> None:
        """Returns once they are on the disk; `offset_ms` is how far the device's clock was behind the gateway's.

        Raises NotKept, or EnvelopeMalformed for what no node would take.
        """
        now_ms = self._clock.now_ms()
        self._check(envelopes)
        ready = [
            envelope
            if envelope.stamp is not None
            else stamped(envelope, self._domain, self._gateway, at_ms=now_ms, offset_ms=offset_ms)
            for envelope in envelopes
        ]
        future = self._group_commit.submit(ready)
        try:
            future.result(KEEP_TIMEOUT_SECONDS)
        except FutureTimeout as wrong:
            raise LinkDown(self._gateway.name, "the disk does not answer") from wrong

    def close(self) -> None:
        """Commits what was submitted and ends."""
        self._group_commit.close()

    def _check(self, envelopes: Sequence[Envelope]) -> None:
        for envelope in envelopes:
            leaf_of(envelope.kind)
            if envelope.payload is None:
                raise EnvelopeMalformed("/payload", "is missing")
            if set(envelope.device) & set("/+#"):
                raise EnvelopeMalformed("/device", "cannot be a level of a topic")
            if is_awaiting(envelope) and envelope.device not in self._bundled:
                raise EnvelopeMalformed("/signature", f"{self._gateway.name} does not sign for {envelope.device}")

    def _commit(self, envelopes: Sequence[Envelope]) -> None:
        now_ms = self._clock.now_ms()
        signed, memory = self._bundle(envelopes, now_ms)
        rows = [
            NewRow(
                one.device,
                one.sequence,
                one.digest(self._domain),
                leaf_of(one.kind),
                one.to_cbor(),
                now_ms,
                sha256(one.signature),
            )
            for one in signed
        ]
        self._make_room(sum(len(row.envelope) for row in rows), now_ms)
        self._outbox.keep(rows, memory)

    def _bundle(self, envelopes: Sequence[Envelope], now_ms: int) -> tuple[list[Envelope], dict[str, Any]]:
        """The records with the gateway's signature where it signs, and the number of its newest bundle."""
        ready = [one for one in envelopes if not is_awaiting(one)]
        unsigned = [
            one
            for one in envelopes
            if is_awaiting(one) and not self._outbox.known(one.device, one.sequence, one.digest(self._domain))
        ]
        if not unsigned:
            return ready, {}
        sequence, digest = self._outbox.memory("bundle", [0, bytes(32).hex()])
        head = BundleHead(sequence, bytes.fromhex(digest))
        for start in range(0, len(unsigned), BUNDLE_LIMIT):
            part = unsigned[start : start + BUNDLE_LIMIT]
            signed, head = head.bundle(part, self._domain, self._gateway, now_ms)
            ready += signed
        return ready, {"bundle": [head.sequence, head.digest.hex()]}

    def _make_room(self, needed_bytes: int, now_ms: int) -> None:
        limit = self._limits.outbox_bytes
        over = self._outbox.used_bytes + needed_bytes - limit
        if over > 0:
            shedding.shed(self._outbox, over)
        oldest_ms = self._outbox.oldest_at_ms()
        is_too_old = oldest_ms is not None and now_ms - oldest_ms > self._limits.outbox_age_ms
        if self._outbox.used_bytes + needed_bytes > limit or is_too_old:
            raise OutboxFull(self._outbox.used_bytes, limit)
