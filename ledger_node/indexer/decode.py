"""Logs into events: by the noun of the contract, with the bindings generated from it.

A log of ours that does not decode stops the indexer. `eas` and `schema` are open to everybody, so there a text that is
no UTF-8 is only kept as it is: else one stranger's transaction would stop us.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from ledger_node.bindings import (
    attestation_resolver,
    device_registry,
    eas,
    ledger_access,
    lot_ledger,
    party_registry,
    pin_registry,
    schema_registry,
)
from ledger_node.errors import EventMalformed, EventUndecodable
from ledger_node.indexer.blocks import Place

Decode = Callable[[Sequence[bytes], bytes], Any]

DECODERS: Final[Mapping[str, Decode]] = {
    "access": ledger_access.decode_event,
    "party": party_registry.decode_event,
    "device": device_registry.decode_event,
    "trace": pin_registry.decode_event,
    "lot": lot_ledger.decode_event,
    "attestation": attestation_resolver.decode_event,
    "eas": eas.decode_event,
    "schema": schema_registry.decode_event,
}
OPEN_TO_ALL: Final = frozenset({"eas", "schema"})


def decode(place: Place, topics: Sequence[bytes], data: bytes) -> Any:
    """The event as a dataclass of the bindings; None where `PlacedEvent.event` may be. Raises EventUndecodable."""
    decoder = DECODERS.get(place.noun)
    if decoder is None:
        raise _undecodable(place, "a contract of this noun is unknown to this version")
    try:
        return decoder(topics, data)
    except EventMalformed as wrong:
        if place.noun in OPEN_TO_ALL:
            return None
        raise _undecodable(place, str(wrong)) from wrong


def _undecodable(place: Place, why: str) -> EventUndecodable:
    return EventUndecodable(place.noun, place.address, place.block_number, place.log_index, why)
