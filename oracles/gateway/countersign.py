"""What a gateway signs about records of others: when it received one, and bundles for devices that cannot sign.

A device of trust 1 hands over records whose signature is still to come (`awaiting_bundle`); each group that is
committed together becomes one bundle of at most 50, numbered and chained by the gateway.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from ledger_node.domain.device_key import KeyType
from ledger_node.domain.envelope import ALGORITHMS, SIGNATURE_BYTES, BundlePart, Envelope, StampPart
from ledger_node.domain.record import BUNDLE_LIMIT, ZERO_HASH, bundle_digest, bundle_path, bundle_root, stamp_digest
from ledger_node.domain.typed_data import SigningDomain
from ledger_node.errors import IdentityUnavailable
from oracles.device.identity import Identity

_TO_COME: Final = bytes(SIGNATURE_BYTES["bundle"])
_NO_BUNDLE: Final = BundlePart("-", 1, 1, 0, ZERO_HASH, ZERO_HASH, 0, ())


def awaiting_bundle(envelope: Envelope) -> Envelope:
    """The record as a device of trust 1 hands it over."""
    return replace(envelope, algorithm="bundle", signature=_TO_COME, bundle=_NO_BUNDLE)


def is_awaiting(envelope: Envelope) -> bool:
    """Whether the gateway is to sign for the device."""
    return envelope.algorithm == "bundle" and envelope.signature == _TO_COME


def stamped(envelope: Envelope, domain: SigningDomain, gateway: Identity, *, at_ms: int, offset_ms: int) -> Envelope:
    """The envelope with the gateway's word on when it came and how far the device's clock was off then."""
    digest = stamp_digest(domain, digest=envelope.digest(domain), received_at_ms=at_ms, offset_ms=offset_ms)
    algorithm = ALGORITHMS[gateway.key_type]
    return replace(envelope, stamp=StampPart(gateway.name, at_ms, offset_ms, algorithm, gateway.sign(digest)))


@dataclass(frozen=True, slots=True)
class BundleHead:
    """The gateway's newest bundle: the next one is numbered and chained after it."""

    sequence: int = 0
    digest: bytes = ZERO_HASH

    def bundle(
        self, envelopes: Sequence[Envelope], domain: SigningDomain, gateway: Identity, at_ms: int
    ) -> tuple[list[Envelope], "BundleHead"]:
        """1 to 50 records signed together. Raises IdentityUnavailable unless the gateway's key is secp256k1."""
        if gateway.key_type != KeyType.SECP256K1:
            raise IdentityUnavailable(gateway.name, "bundles are signed with secp256k1", "Give the gateway such a key")
        if not 1 <= len(envelopes) <= BUNDLE_LIMIT:
            raise ValueError(f"a bundle has 1 to {BUNDLE_LIMIT} records, not {len(envelopes)}")
        digests = [envelope.digest(domain) for envelope in envelopes]
        head = BundleHead(self.sequence + 1, ZERO_HASH)
        root = bundle_root(digests)
        digest = bundle_digest(
            domain,
            gateway=gateway.name,
            sequence=head.sequence,
            bundled_at_ms=at_ms,
            count=len(digests),
            root=root,
            previous_hash=self.digest,
        )
        signature = digest + gateway.sign(digest)
        part = BundlePart(gateway.name, head.sequence, at_ms, len(digests), root, self.digest, 0, ())
        signed = [
            replace(
                envelope,
                signature=signature,
                bundle=replace(part, index=index, path=tuple(bundle_path(digests, index))),
            )
            for index, envelope in enumerate(envelopes)
        ]
        return signed, replace(head, digest=digest)
