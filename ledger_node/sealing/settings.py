"""What the sealer must be told: which streams it keeps alive, where pins go, and under which rules."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from ledger_node.domain.batch import CloseRule, close_rule, stream_id
from ledger_node.domain.rule_set import rules_hash


@dataclass(frozen=True, slots=True)
class SealingSettings:
    """Settings of one sealer.

    `streams` are the opened streams, which get heartbeat pins; records of other streams are sealed all the same.
    `lanes` are the submitter's lanes in the order agreed at deployment: the stream id modulo their number chooses.
    """

    zone: ZoneInfo
    streams: Sequence[str]
    lanes: Sequence[str]
    pin_registry: bytes
    rules: bytes = field(default_factory=rules_hash)

    def lane_of(self, stream: str) -> str:
        """The lane whose address is the stream's pinner."""
        return self.lanes[int.from_bytes(stream_id(stream), "big") % len(self.lanes)]

    def close_rule(self, stream: str) -> CloseRule:
        """When a batch of the stream closes."""
        return close_rule(stream)
