"""Records the node makes itself, signed by its key and chained like any device's: holds, reverdicts, refusals."""

from dataclasses import dataclass, field
from typing import Any

from ledger_node.domain.canonical_json import canonical_bytes
from ledger_node.domain.device import key_at
from ledger_node.domain.device_key import Signer
from ledger_node.domain.digest import keccak256, sha256
from ledger_node.domain.envelope import ALGORITHMS, Envelope
from ledger_node.domain.payload import KINDS, check_payload, facts
from ledger_node.domain.record import record_digest
from ledger_node.domain.typed_data import SigningDomain
from ledger_node.store.devices import DeviceDirectory
from oracles.ingest.reading import Reading
from oracles.ingest.standing import Standings


def node_name(market: str) -> str:
    """The device name of a market's node."""
    return f"urn:tidemark:device:{market}-node"


@dataclass(frozen=True, slots=True)
class OwnRecords:
    """Makes the next record of the node's own chain."""

    market: str
    signer: Signer
    domain: SigningDomain
    directory: DeviceDirectory
    name: str = field(init=False)
    """The node as a device."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", node_name(self.market))

    def make(self, standings: Standings, kind: str, payload: dict[str, Any], at_ms: int, value: int = 0) -> Reading:
        """A signed record with the next number; the caller journals it in the same transaction."""
        check_payload(kind, payload)
        head = standings.device(self.name).head
        rule = KINDS[kind]
        body = canonical_bytes(payload)
        stream = f"market/{self.market}/{rule.stream_kind}"
        unit, exponent = rule.unit or "", rule.exponent or 0
        sequence = head.sequence + 1
        digest = record_digest(
            self.domain,
            device=self.name,
            stream=stream,
            sequence=sequence,
            observed_at_ms=at_ms,
            kind=kind,
            value=value,
            exponent=exponent,
            unit=unit,
            previous_hash=head.digest,
            payload_hash=keccak256(body),
        )
        signature = self.signer.sign(digest)
        algorithm = ALGORITHMS[self.signer.key_type]
        envelope = Envelope(
            1,
            self.name,
            stream,
            sequence,
            at_ms,
            kind,
            value,
            exponent,
            unit,
            head.digest,
            body,
            keccak256(body),
            algorithm,
            signature,
        ).to_cbor()
        state = self.directory.state(self.name)
        epoch = key_at(state, at_ms // 1000).epoch if state is not None and state.keys else 0
        amount, mass, lots = facts(kind, payload)
        return Reading(
            sha256(envelope),
            envelope,
            self.name,
            stream,
            sequence,
            at_ms,
            kind,
            digest,
            head.digest,
            sha256(signature),
            payload,
            amount,
            mass,
            lots,
            epoch,
            False,
            None,
            None,
            None,
            None,
        )
