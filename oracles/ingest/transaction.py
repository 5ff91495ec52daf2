"""One transaction of ingest: each reading gets its place, verdict, row and effects; receipts are signed at its end.

Everything is decided in memory and gathered; `finish` writes it. The transaction itself, and what happens when its
outcome is unknown, is `writer`'s.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import Connection

from ledger_node.domain.cross_check import judge_cross
from ledger_node.domain.device import DeviceState
from ledger_node.domain.hold import HoldList
from ledger_node.domain.judge import FINE, Finding, Judgement, MarketRules, is_far_ahead, judge, judge_clock
from ledger_node.domain.payload import KINDS
from ledger_node.domain.receipt import sign_receipt
from ledger_node.domain.record import Mark, Reason, Verdict, record_hash_of
from ledger_node.store.alarms import raise_alarm
from ledger_node.store.bulk_insert import BulkInsert
from ledger_node.store.upsert import upsert
from oracles.ingest.effects import Effects
from oracles.ingest.holds import Holds
from oracles.ingest.known import JournalKnown, lots_of_sale
from oracles.ingest.own_records import OwnRecords
from oracles.ingest.placing import Kept, Places
from oracles.ingest.reading import Reading, Refused
from oracles.ingest.rows import DEVICE_HEAD, HOUR_MS, STREAM_HEAD, RecordIds, Rows
from oracles.ingest.standing import HEAD_COLUMNS, Standing, Standings

FORK, CASE_OPENED = 1, 2
"""Reasons of suspension, as the device registry numbers them."""


_HEADS = BulkInsert(DEVICE_HEAD, HEAD_COLUMNS, replacing=True)
_CHAIN_LAG_MS = 60_000
_BAD_SIGNATURES_AN_HOUR = 3


class ForkReporter(Protocol):
    """Queues the evidence of a fork for the chain, in the writer's transaction."""

    def queue(self, connection: Connection, first: bytes, second: bytes, state: DeviceState, at_ms: int) -> None:
        """`first` and `second` are the two envelopes in CBOR; `state` is the device's."""
        ...


@dataclass(frozen=True, slots=True)
class Memory:
    """What the one writer keeps between transactions, and what it judges by."""

    rules: MarketRules
    own: OwnRecords
    forks: ForkReporter | None
    standings: Standings = field(default_factory=Standings)
    known: JournalKnown = field(default_factory=JournalKnown)
    bad_signatures: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    """When a device's bad signatures came, the last hour's; a restart may forget them."""

    def drop(self) -> None:
        """Forgets what the journal can tell again."""
        self.standings.drop()
        self.known.drop()

    def written(self, bad_signatures: dict[str, list[int]]) -> None:
        """Says that the transaction committed, with the bad signatures as it counted them."""
        self.standings.written()
        self.bad_signatures.clear()
        self.bad_signatures.update(bad_signatures)


@dataclass(slots=True)
class Chunk:
    """What came of one transaction: receipts by device (JSON), a judgement an item (None: refused or a duplicate).

    `unkept` are readings, by hash, that the journal could not hold and that were refused after all.
    """

    receipts: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    judgements: list[Judgement | None] = field(default_factory=list[Judgement | None])
    duplicates: int = 0
    hold_lists: list[HoldList] = field(default_factory=list[HoldList])
    unkept: dict[bytes, Refused] = field(default_factory=dict[bytes, Refused])

    def joined(self, later: "Chunk") -> "Chunk":
        """Both, as if they had been one transaction."""
        return Chunk(
            self.receipts | later.receipts,
            self.judgements + later.judgements,
            self.duplicates + later.duplicates,
            later.hold_lists or self.hold_lists,
            self.unkept | later.unkept,
        )


class Transaction:
    """The work between BEGIN and COMMIT."""

    def __init__(
        self, connection: Connection, memory: Memory, readings: Sequence[Reading], now_ms: int, rate: int = 1
    ) -> None:
        self.connection = connection
        self.now_ms = now_ms
        self.rows = Rows()
        self.chunk = Chunk()
        self._rules, self._own, self._forks = memory.rules, memory.own, memory.forks
        self._standings, self._known = memory.standings, memory.known
        # A copy: what a failed attempt counted must not count again with the next.
        self.bad_signatures = dict(memory.bad_signatures)
        self._rate = rate
        self._standings.load(connection)
        self._known.prepare(connection, readings)
        self._ids = RecordIds(connection, len(readings))
        self._places = Places(connection, self._standings, readings)
        self._effects = Effects(connection, self._rules.market, self._known, self.rows, now_ms)
        self.holds = Holds(
            connection, self._own, self._known, self.rows, now_ms, self.journal_own, self.chunk.hold_lists
        )

    # --- one record --------------------------------------------------------------------------------------------------

    def take(self, reading: Reading) -> Judgement | None:
        """Judges and gathers one record; None when it is kept already."""
        if self._places.is_kept(reading):
            self.chunk.duplicates += 1
            self.rows.count_verdict(self._rules.market, reading.device, self.now_ms, 0, 0)
            return None
        standing = self._standings.touch(reading.device)
        standing.last_seen_at_ms = self.now_ms
        early = reading.early or self._suspended_locally(standing, reading)
        contradicted = None if early is not None else self._places.forked(reading)
        if contradicted is not None:
            return self._fork(standing, reading, contradicted)
        if early is not None and self._places.forked(reading) is not None:
            chain = FINE  # its number is taken and its device suspended: it moves nothing
        else:
            chain = self._places.place(standing, reading)
        judgement = self._judge(reading, early, chain)
        self._journal(standing, reading, judgement)
        if reading.kind == "seal" and reading.payload["state"] == "opened" and judgement.verdict != Verdict.REJECTED:
            self._suspend(standing, CASE_OPENED, "CASE_OPENED", "the case was opened")
        return judgement

    def _judge(self, reading: Reading, early: Finding | None, chain: Finding) -> Judgement:
        stamped = reading.stamped_at_ms
        now_ms, rate = self.now_ms, self._rate
        if stamped is not None and stamped > now_ms + self._rules.clock.ahead_ms * rate:
            stamped = None
        clock = judge_clock(
            self._rules.clock, reading.observed_at_ms, now_ms, stamped_at_ms=stamped, queued=reading.queued, rate=rate
        )
        reference = now_ms if stamped is None else stamped
        far = is_far_ahead(self._rules.clock, reading.observed_at_ms, reference)
        findings = [early or FINE, chain, clock, reading.plausible or FINE, reading.placed or FINE]
        judgement = judge(findings, is_far_ahead=far)
        if not judgement.verdict.is_counted:
            return judgement
        cross = judge_cross(self._rules, reading.kind, reading.payload, reading.observed_at_ms, self._known)
        return judgement if cross is FINE else judge([*findings, cross], is_far_ahead=far)

    def _journal(self, standing: Standing, reading: Reading, judgement: Judgement) -> int:
        """Gathers the record's row with everything that follows from it."""
        number = self._ids.next()
        lots = reading.lots
        if reading.kind in ("reweigh", "complaint") and "trace_code" in reading.payload:
            lots = lots_of_sale(self.connection, reading.payload["trace_code"])
        marks = judgement.marks | self._effects.balance(reading, judgement, number)
        verdict, reason = judgement.verdict, judgement.reason
        counted = verdict.is_counted
        hashed = record_hash_of(reading.digest, reading.signature_hash, self.now_ms, verdict, reason)
        stream = self._pinned_stream(reading)
        self.rows.records.append(
            (
                number,
                reading.device,
                reading.sequence,
                reading.digest,
                hashed,
                stream,
                self._standings.next_position(self.connection, stream),
                reading.observed_at_ms,
                self.now_ms,
                int(verdict),
                int(reason),
                judgement.detail[:500],
                int(marks),
                reading.key_epoch,
                reading.kind,
                reading.amount_minor if counted else 0,
                reading.mass_grams if counted else 0,
                reading.envelope,
                reading.hash.hex()[:16],
            )
        )
        for ordinal, (key, share) in enumerate(lots):
            self.rows.record_lots.append((number, ordinal, key, share if counted else 0))
        self.rows.count_verdict(self._rules.market, reading.device, self.now_ms, verdict, reason)
        kept = Kept(number, reading.digest, hashed, verdict, reason, reading.kind, reading.envelope)
        self._places.add(reading, kept)
        if verdict <= Verdict.QUARANTINED and reading.device != self._own.name:
            self._effects.apply(reading, judgement, number, hashed)
            self.holds.after(reading, number, hashed)
        return number

    def _pinned_stream(self, reading: Reading) -> str:
        """A record that names a stream which is not its own is pinned in its kind's stream of this market."""
        if reading.placed is None or reading.placed.reason != Reason.STREAM:
            return reading.stream
        return f"market/{self._rules.market}/{KINDS[reading.kind].stream_kind}"

    def journal_own(self, kind: str, payload: dict[str, Any], value: int = 0) -> int:
        """Signs and journals a record of the node's own."""
        standing = self._standings.touch(self._own.name)
        standing.last_seen_at_ms = self.now_ms
        reading = self._own.make(self._standings, kind, payload, self.now_ms, value)
        self._places.place(standing, reading)
        return self._journal(standing, reading, Judgement(Verdict.ACCEPTED, Reason.NONE, Mark.NONE, ""))

    # --- what is wrong with a device ---------------------------------------------------------------------------------

    def _suspended_locally(self, standing: Standing, reading: Reading) -> Finding | None:
        if not standing.suspended_reason or reading.observed_at_ms < standing.suspended_from_ms:
            return None
        state = self._own.directory.state(reading.device)
        registered = state.suspensions if state is not None else ()
        if any(one.from_at * 1000 >= standing.suspended_from_ms - _CHAIN_LAG_MS for one in registered):
            return None  # the registry has heard of it: from then on it alone decides
        return Finding(Reason.SUSPENDED, "suspended by this node, the registry has not yet been told")

    def _fork(self, standing: Standing, reading: Reading, first: Kept) -> Judgement:
        detail = f"record {reading.sequence} is kept with digest 0x{first.digest.hex()}"
        judgement = Judgement(Verdict.FORKED, Reason.FORK, Mark.NONE, detail)
        is_first = not self._places.is_forked(reading)
        self._journal(standing, reading, judgement)
        self._suspend(standing, FORK, "FORK", f"two records of number {reading.sequence}")
        if is_first:
            self.reverdict(first, Verdict.FORKED, Reason.FORK, "fork")
        state = self._own.directory.state(reading.device)
        if is_first and self._forks is not None and state is not None:
            self._forks.queue(self.connection, first.envelope, reading.envelope, state, self.now_ms)
        return judgement

    def _suspend(self, standing: Standing, reason: int, code: str, message: str) -> None:
        if not standing.suspended_reason:
            standing.suspended_reason, standing.suspended_from_ms = reason, self.now_ms
        raise_alarm(
            self.connection, source="ingest", code=code, subject=standing.device, message=message, at_ms=self.now_ms
        )
        self.rows.live(self._rules.market, "device", self.now_ms, device=standing.device, state="suspended", why=code)

    def reverdict(self, of: Kept, verdict: Verdict, reason: Reason, cause: str) -> None:
        """A later change of mind about a kept record: a record of its own, and the sums follow."""
        payload = {
            "of": "0x" + of.record_hash.hex(),
            "market_id": self._rules.market,
            "verdict": int(verdict),
            "reason": int(reason),
            "cause": cause,
        }
        made = self.journal_own("reverdict", payload)
        self.rows.reverdicts.append(
            {
                "of_record_id": of.id,
                "record_id": made,
                "verdict": int(verdict),
                "reason": int(reason),
                "at_ms": self.now_ms,
            }
        )
        if of.kind == "sale" and not verdict.is_counted:
            self._effects.uncount(of.id)

    def refuse(self, refused: Refused) -> None:
        """Gathers a message that is nobody's."""
        self.rows.refusals.append(
            {
                "hash": refused.hash,
                "reason": int(refused.reason),
                "detail": refused.detail,
                "source": refused.source[:128],
                "head": refused.head,
                "at_ms": self.now_ms,
            }
        )
        self.rows.count_verdict(self._rules.market, "", self.now_ms, 0, refused.reason)
        if refused.reason == Reason.SIGNATURE and refused.is_vouched and refused.device is not None:
            self._count_bad_signature(refused.device)

    def _count_bad_signature(self, device: str) -> None:
        since = self.now_ms - HOUR_MS
        times = [at_ms for at_ms in self.bad_signatures.get(device, ()) if at_ms > since]
        self.bad_signatures[device] = [*times, self.now_ms]
        if len(times) + 1 >= _BAD_SIGNATURES_AN_HOUR:
            message = f"{len(times) + 1} bad signatures within an hour"
            raise_alarm(
                self.connection,
                source="ingest",
                code="BAD_SIGNATURES",
                subject=device,
                message=message,
                at_ms=self.now_ms,
            )

    # --- the end of a transaction ------------------------------------------------------------------------------------

    def finish(self, readings: Sequence[Reading]) -> None:
        """Signs a receipt for each device whose contiguous end has moved, and writes everything."""
        for device in dict.fromkeys(reading.device for reading in readings):
            standing = self._standings.device(device)
            head, receipt = standing.head, standing.receipt
            said = (receipt["contiguousSequence"], receipt["headHash"]) if receipt is not None else None
            if said != (head.contiguous_sequence, "0x" + head.contiguous_digest.hex()):
                standing = self._standings.touch(device)
                standing.receipt = sign_receipt(
                    self._own.domain,
                    self._own.signer,
                    self._own.name,
                    device=device,
                    contiguous_sequence=head.contiguous_sequence,
                    head_hash=head.contiguous_digest,
                    received_at_ms=self.now_ms,
                ).to_json()
            if standing.receipt is not None:
                self.chunk.receipts[device] = standing.receipt
        self.rows.write(self.connection)
        _HEADS.write(self.connection, [one.row() for one in self._standings.touched()])
        upsert(self.connection, STREAM_HEAD, self._standings.moved_streams())
