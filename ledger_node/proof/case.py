"""What the steps of one verification share: the bundle, the anchor, what was found so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from ledger_node.domain.checkpoint_note import SignedNote
from ledger_node.domain.log_entry import LogEntry
from ledger_node.domain.network import Network
from ledger_node.domain.payload import Facts
from ledger_node.domain.record import record_hash
from ledger_node.errors import EventMalformed, NetworkFileWrong
from ledger_node.proof.bundle import Absence, Bundle, BundleRecord, History, LogPart
from ledger_node.proof.events import Event, PinHeader, event_of
from ledger_node.proof.findings import Finding, Say

NOTHING_SHOWN: Final = LogPart((), (), {}, ())
OPENED_KINDS: Final = frozenset({"test", "event", "document"})
"""Stream kinds whose records a lot proof must show; of the others hash and share suffice."""


@dataclass(slots=True)
class RecordCase:
    """A record under check and what the steps have learned about it."""

    number: int
    record: BundleRecord
    digest: bytes
    record_hash: bytes
    payload: Mapping[str, Any] | None
    facts: Facts | None = None
    pin: LogEntry | None = None
    header: PinHeader | None = None


@dataclass(slots=True)
class Case:
    """One verification in progress."""

    bundle: Bundle
    network: Network
    now: datetime
    kept: SignedNote | None
    note: SignedNote | None = None
    old_note: SignedNote | None = None
    findings: list[Finding] = field(default_factory=list[Finding])
    facts: dict[str, Any] = field(default_factory=dict[str, Any])
    records: list[RecordCase] = field(default_factory=list[RecordCase])
    decoded: dict[int, Event | None] = field(default_factory=dict[int, Event | None])

    def no(self, step: int, code: str, *questions: int, **values: Any) -> None:
        """Something is wrong."""
        self.findings.append(Finding(step, code, Say.NO, frozenset(questions), values))

    def cannot_tell(self, step: int, code: str, *questions: int, **values: Any) -> None:
        """What was given does not decide it."""
        self.findings.append(Finding(step, code, Say.CANNOT_TELL, frozenset(questions), values))

    def has_failed(self, *steps: int) -> bool:
        """Whether one of these steps found something wrong."""
        return any(one.step in steps and one.say is Say.NO for one in self.findings)

    @property
    def log(self) -> LogPart:
        """The shown entries; none in a bundle without a log."""
        return self.bundle.log or NOTHING_SHOWN

    def address(self, noun: str) -> bytes:
        """A contract's address; 20 zero bytes when the network has none of that noun."""
        try:
            return self.network.contract(noun).address
        except NetworkFileWrong:
            return bytes(20)

    def history(self, noun: str, topic: bytes) -> History | Absence | None:
        """What the bundle shows of a subject."""
        address = self.address(noun)
        return next((one for one in self.bundle.histories if one.address == address and one.topic == topic), None)

    def event(self, index: int) -> Event | None:
        """The event at a log index; None when it is not shown, unknown, or does not decode."""
        if index not in self.decoded:
            self.decoded[index] = self._decode(index)
        return self.decoded[index]

    def _decode(self, index: int) -> Event | None:
        entry = self.log.entries.get(index)
        if entry is None or entry.chain_id != self.network.chain_id:
            return None
        try:
            return event_of(entry, self.network)
        except EventMalformed:
            return None

    def events(self, history: History) -> list[tuple[int, Event | None]]:
        """The history's events with their log indices; None for one that is not about its subject."""
        return [(index, self.event(index) if self._is_about(index, history) else None) for index in history.entries]

    def _is_about(self, index: int, history: History) -> bool:
        entry = self.log.entries.get(index)
        return entry is not None and entry.address == history.address and history.topic in entry.subjects

    def add_records(self) -> None:
        """Computes what every step needs of each record."""
        domain = self.network.signing_domain
        for number, record in enumerate(self.bundle.records):
            digest = record.envelope.digest(domain)
            hashed = record_hash(
                digest, record.envelope.signature, record.received_at_ms, record.verdict, record.reason
            )
            payload = None if record.envelope.payload is None else record.envelope.payload_object()
            self.records.append(RecordCase(number, record, digest, hashed, payload))

    def claims(self) -> list[RecordCase]:
        """The records that the bundle is about: the first, and all that are not shown for a lot proof's sake."""
        opened = {
            record_hash
            for lot in self.bundle.lots
            if stream_kind(lot.stream) in OPENED_KINDS
            for record_hash, _ in lot.records
        }
        return [one for one in self.records if one.number == 0 or one.record_hash not in opened]


def stream_kind(stream: str) -> str:
    """The last part of a stream's name."""
    return stream.rpartition("/")[2]


def sibling_stream(stream: str, kind: str) -> str:
    """The stream of another kind of the same market or party."""
    return f"{stream.rpartition('/')[0]}/{kind}"
