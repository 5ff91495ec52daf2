"""Builds proof bundles from a node's stores, against the newest published checkpoint.

Everything that question 8 asks for goes in: for each lot of a record its attestations and the test stream's records,
and whatever later record takes it back. A record that no published checkpoint covers yet is RecordNotYetProven.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

from ledger_node.domain.checkpoint_note import SignedNote
from ledger_node.domain.log_entry import LogEntry
from ledger_node.domain.network import Network
from ledger_node.domain.payload import KINDS, facts
from ledger_node.domain.record import name_hash
from ledger_node.errors import RecordNotYetProven
from ledger_node.proof.assemble import BundleDraft, lot_topic
from ledger_node.proof.bundle import BundleKind
from ledger_node.proof.case import OPENED_KINDS, stream_kind
from ledger_node.proof.events import event_of, pin_header
from ledger_node.proof.journal_view import JournalView, StoredRecord
from ledger_node.proof.lot_maps import LotMaps
from ledger_node.store.database import Stores
from ledger_node.store.log_reader import LogReader, SubjectMapReader

TAIL_STEP: Final = 8
LOT_STREAM_KINDS: Final = tuple(dict.fromkeys(kind.stream_kind for kind in KINDS.values()))


def real_now() -> datetime:
    """This machine's time: when a file was made is said to whoever reads it, and recorded nowhere."""
    return datetime.now(UTC)


class BundleBuilder:
    """Makes bundles of every kind. Safe between threads."""

    def __init__(
        self,
        stores: Stores,
        network: Network,
        *,
        log: LogReader | None = None,
        subjects: SubjectMapReader | None = None,
        now: Callable[[], datetime] = real_now,
    ) -> None:
        self._network = network
        self._journal = JournalView(stores)
        self._log = log or LogReader(stores.log)
        self._subjects = subjects or SubjectMapReader(stores.log)
        self._lots = LotMaps(stores.journal)
        self._now = now

    def record(self, record: int | bytes, *, kept: SignedNote | None = None) -> bytes:
        """A bundle of kind `record` for a row number or record hash; with proof from a kept checkpoint, if asked.

        Raises RecordNotFound or RecordNotYetProven.
        """
        return self.journey([record], kept=kept)

    def journey(self, records: Sequence[int | bytes], *, kept: SignedNote | None = None) -> bytes:
        """One bundle of kind `record` for several records, the first being what it is about."""
        stored = [self._journal.record(one) for one in records]
        draft = self._draft(BundleKind.RECORD, stored[0])
        self._continue(draft, kept)
        shown: set[bytes] = set()
        for one in stored:
            self._add_record(draft, one, shown)
            for later in self._later(one):
                self._add_record(draft, later, shown, is_extra=True)
        for lot, market in self._lots_of(stored):
            draft.add_history(self._network.contract("attestation").address, lot_topic(lot))
            self._add_lot(draft, lot, f"{market}/test", shown)
        return draft.to_bytes(made_at=self._now())

    def sales_day(self, record: int | bytes) -> bytes:
        """A merchant's day and the chain of its later days and revisions up to the newest pin."""
        first = self._journal.record(record)
        draft = self._draft(BundleKind.SALES_DAY, first)
        shown: set[bytes] = set()
        for one in self._journal.merchant_days(first):
            self._add_record(draft, one, shown, is_extra=one is not first)
        self._add_stream_tail(draft, first.envelope.stream, with_records=True)
        return draft.to_bytes(made_at=self._now())

    def history(self, noun: str, topic: bytes) -> bytes:
        """All that a contract has said about one subject, or that it never said anything."""
        draft = self._draft(BundleKind.HISTORY)
        draft.add_history(self._network.contract(noun).address, topic)
        return draft.to_bytes(made_at=self._now())

    def stream(self, stream: str) -> bytes:
        """All pins of a stream."""
        draft = self._draft(BundleKind.STREAM)
        draft.add_history(self._network.contract("trace").address, name_hash(stream))
        return draft.to_bytes(made_at=self._now())

    def lot(self, lot: str, market: str) -> bytes:
        """Every record of every stream of `market` ("market/zpk") that names a lot, and all attestations about it."""
        draft = self._draft(BundleKind.LOT)
        trace = self._network.contract("trace").address
        opened = draft.add_history(trace, name_hash(market))
        entries = [LogEntry.decode(encoded) for encoded in self._log.entries(opened).values()]
        streams = {entry.topics[1] for entry in entries}
        draft.add_history(self._network.contract("attestation").address, lot_topic(lot))
        shown: set[bytes] = set()
        for kind in LOT_STREAM_KINDS:
            if name_hash(f"{market}/{kind}") in streams:
                self._add_lot(draft, lot, f"{market}/{kind}", shown)
        return draft.to_bytes(made_at=self._now())

    def consistency(self, old: SignedNote) -> bytes:
        """That the log continues an older checkpoint."""
        draft = self._draft(BundleKind.CONSISTENCY)
        draft.add_old_checkpoint(old)
        return draft.to_bytes(made_at=self._now())

    def _draft(self, kind: BundleKind, about: StoredRecord | None = None) -> BundleDraft:
        note = self._log.newest_published()
        if note is None:
            raise RecordNotYetProven(bytes(32) if about is None else about.record_hash, "before the first checkpoint")
        return BundleDraft(kind, note.signed, self._log, self._subjects)

    def _continue(self, draft: BundleDraft, kept: SignedNote | None) -> None:
        if kept is not None and kept.note.origin == draft.note.note.origin and 0 < kept.note.size <= draft.size:
            draft.add_old_checkpoint(kept)

    def _add_record(
        self, draft: BundleDraft, record: StoredRecord, shown: set[bytes], *, is_extra: bool = False
    ) -> None:
        """Shows a record with its device's and gateway's state; an extra that is not proven yet is left out."""
        if record.record_hash in shown:
            return
        sealed = self._journal.sealed(record)
        position = None if sealed is None else self._pin_position(record.envelope.stream, sealed.sequence)
        if sealed is None or position is None or position >= draft.size:
            if is_extra:
                return
            stage = "sealed" if position is None else "pinned"
            raise RecordNotYetProven(record.record_hash, "kept" if sealed is None else stage)
        shown.add(record.record_hash)
        leaf = sealed.leaves[sealed.index]
        draft.add_record(
            record.envelope,
            received_at_ms=record.received_at_ms,
            verdict=record.verdict,
            reason=record.reason,
            amount=leaf.amount,
            mass=leaf.mass,
            count=len(sealed.leaves),
            index=sealed.index,
            path=sealed.path(),
            pin=position,
        )
        device = self._network.contract("device").address
        draft.add_history(device, name_hash(record.envelope.device), newest=1)
        if record.envelope.bundle is not None:
            draft.add_history(device, name_hash(record.envelope.bundle.gateway), newest=1)

    def _pin_position(self, stream: str, sequence: int) -> int | None:
        place = self._journal.pin(stream, sequence)
        return None if place is None else self._log.position(place.block_number, place.log_index)

    def _later(self, record: StoredRecord) -> list[StoredRecord]:
        voids = self._journal.voids(record) if record.envelope.kind == "sale" else []
        return [*voids, *self._journal.reverdicts(record)]

    def _lots_of(self, records: Sequence[StoredRecord]) -> list[tuple[str, str]]:
        """The lots that records name, each with the market whose test stream speaks of it."""
        found: dict[tuple[str, str], None] = {}
        for one in records:
            payload = one.envelope.payload_object()
            if not facts(one.envelope.kind, payload).lots:
                continue
            market = one.envelope.stream.rpartition("/")[0]
            lots = [lot["lot_id"] for lot in payload["lots"]] if "lots" in payload else [payload["lot_id"]]
            found.update(dict.fromkeys((lot, market) for lot in lots))
        return list(found)

    def _add_lot(self, draft: BundleDraft, lot: str, stream: str, shown: set[bytes]) -> None:
        pin, sequence = self._add_stream_tail(draft, stream)
        key = lot_topic(lot)
        mentions = self._lots.mentions(stream, sequence, key)
        proof, other = self._lots.proof(stream, sequence, key)
        draft.add_lot(lot, stream, pin, [(record_hash, share) for _, record_hash, share in mentions], proof, other)
        if stream_kind(stream) in OPENED_KINDS:
            for record_id, _, _ in mentions:
                self._add_record(draft, self._journal.record(record_id), shown, is_extra=True)

    def _add_stream_tail(
        self, draft: BundleDraft, stream: str, *, with_records: bool = False
    ) -> tuple[int | None, int]:
        """Shows a stream's history from its last pin on: that pin's position and number; None, 0 without a pin."""
        trace, topic, newest = self._network.contract("trace").address, name_hash(stream), 1
        while True:
            positions = draft.add_history(trace, topic, newest=newest)
            entries = self._log.entries(positions)
            for position in reversed(positions):
                event = event_of(LogEntry.decode(entries[position]), self._network)
                is_pin = event is not None and event.name == "Pinned"
                if event is not None and is_pin and (not with_records or pin_header(event).count):
                    return position, event.arguments[1]
            if len(positions) < newest:
                return None, 0
            newest += TAIL_STEP
