"""Evidence of a fork, queued for the chain: `DeviceRegistry.submitFork` with both records, in the writer's transaction.

Only records that the device signed itself can be shown there, with keys the chain can check; a record out of a bundle
carries its gateway's signature, so its fork stays a matter for the registrar, who is alarmed.
"""

from dataclasses import dataclass

from sqlalchemy import Connection

from ledger_node.bindings.device_registry import Record, encode_submit_fork
from ledger_node.domain.device import DeviceState, key_at
from ledger_node.domain.device_key import KeyType
from ledger_node.domain.envelope import Envelope
from ledger_node.domain.record import name_hash
from ledger_node.store.tx import enqueue


@dataclass(frozen=True, slots=True)
class ForkEvidence:
    """Queues on `lane` for the registry at `registry` (20 bytes)."""

    registry: bytes
    lane: str

    def queue(self, connection: Connection, first: bytes, second: bytes, state: DeviceState, at_ms: int) -> None:
        """Queues the two envelopes (CBOR) once; nothing when the chain could not check them."""
        a, b = Envelope.from_cbor(first), Envelope.from_cbor(second)
        public_key = _common_key(a, b, state)
        if public_key is None:
            return
        data = encode_submit_fork(_shown(a), a.signature, _shown(b), b.signature, public_key)
        key = f"fork/{a.device}/{a.sequence}"
        enqueue(connection, key=key, lane=self.lane, to_address=self.registry, data=data, now_ms=at_ms)


def _common_key(a: Envelope, b: Envelope, state: DeviceState) -> bytes | None:
    """The one key that signed both, None when there is none the chain could check."""
    keys = {key_at(state, one.observed_at_ms // 1000).key for one in (a, b)}
    if len(keys) != 1 or "bundle" in (a.algorithm, b.algorithm):
        return None
    (key,) = keys
    return None if key.key_type == KeyType.ED25519 else key.public_key


def _shown(envelope: Envelope) -> Record:
    return Record(
        name_hash(envelope.device),
        name_hash(envelope.stream),
        envelope.sequence,
        envelope.observed_at_ms,
        name_hash(envelope.kind),
        envelope.value,
        envelope.exponent,
        name_hash(envelope.unit),
        envelope.previous_hash,
        envelope.payload_hash,
    )
