"""Ingest without transport: frames in, answers out. Tests, benchmarks, simulators and the process itself drive it.

Frames are read by workers and written by this one writer in the order they came; an answer exists only when its
records are committed.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from ledger_node.domain.clock import Clock
from ledger_node.domain.device import DeviceState
from ledger_node.domain.device_key import Signer
from ledger_node.domain.hold import HoldList
from ledger_node.domain.judge import MarketRules
from ledger_node.domain.record import Reason
from ledger_node.domain.typed_data import SigningDomain
from ledger_node.store.database import Stores
from ledger_node.store.devices import DeviceDirectory
from oracles.ingest.own_records import OwnRecords
from oracles.ingest.reading import HEAD_BYTES, Frame, Reader, Reading, Refused
from oracles.ingest.transaction import Chunk, ForkReporter, Memory
from oracles.ingest.workers import InlineReaders, Items, ProcessReaders
from oracles.ingest.writer import ItemFailed, Writer
from oracles.ingest.writer_lease import WriterLease

CHUNK_BYTES: Final = 450_000
"""About 500 envelopes, fewer where each carries a bundle's path."""
_REGISTRY_SECONDS: Final = 0.5
_ATTEMPTS: Final = 5
_POISONED: Final = (IntegrityError, DataError, ItemFailed)
"""What would happen again with the same item, however the database and this process fare."""
_log = logging.getLogger("tidemark.ingest")


@dataclass(slots=True)
class Answer:
    """What one frame's sender is told: a receipt a device (JSON), and what was refused."""

    receipts: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    refused: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def to_json(self) -> dict[str, Any]:
        """As the HTTP answer has it."""
        return {"receipts": self.receipts, "refused": self.refused}

    def to_ack(self) -> dict[str, Any]:
        """As the `ack` topic has it: a topic is of one device, so there is one receipt or none."""
        return {"receipt": self.receipts[0] if self.receipts else None, "refused": self.refused}


class IngestCore:
    """Reads and writes; call from one thread at a time. `workers` 0 reads in this process."""

    def __init__(
        self,
        stores: Stores,
        directory: DeviceDirectory,
        rules: MarketRules,
        node_key: Signer,
        domain: SigningDomain,
        clock: Clock,
        *,
        forks: ForkReporter | None = None,
        workers: int = 0,
        holder: str = "",
    ) -> None:
        self.directory = directory
        self.own = OwnRecords(rules.market, node_key, domain, directory)
        self.memory = Memory(rules, self.own, forks)
        self._lease = WriterLease(stores.journal, holder) if holder else None
        self._writer = Writer(stores.journal, self.memory, self._lease)
        self._clock = clock
        self._refreshed_at = float("-inf")
        self._owes_hold_list = False
        self.on_hold_list: Callable[[HoldList], None] = lambda _: None
        self._readers: InlineReaders | ProcessReaders
        if workers:
            self._readers = ProcessReaders(workers, directory, domain, rules)
        else:
            self._readers = InlineReaders(Reader(directory, domain, rules))

    @property
    def reads_inline(self) -> bool:
        """Whether `read` does the work itself instead of handing it to a worker process."""
        return isinstance(self._readers, InlineReaders)

    def close(self) -> None:
        """Ends the workers and gives the lease back."""
        self._readers.close()
        if self._lease is not None:
            self._lease.release()

    def take(self, frames: Sequence[Frame]) -> list[Answer]:
        """Reads, judges and journals the frames; their answers in the same order."""
        self.refresh()
        waiting = [(part, self.read(part)) for part in chunks_of(frames)]
        return [answer for part, items in waiting for answer in self.write(part, items.result())]

    def read(self, frames: Sequence[Frame]) -> "Future[Items]":
        """The first half: items of each frame, without effects."""
        return self._readers.submit(frames)

    def write(self, frames: Sequence[Frame], items: Items) -> list[Answer]:
        """The second half: one transaction. DBAPIError when the database stays away: nothing was acknowledged."""
        if any(_is_unknown(item) for part in items for item in part) and self.refresh(force=True):
            items = self.read(frames).result()
        flat = [item for part in items for item in part]
        chunk = self._commit(flat)
        for message in chunk.hold_lists:
            self.on_hold_list(message)
        self._pay_hold_list()
        return [_answer(part, chunk) for part in items]

    def _pay_hold_list(self) -> None:
        """Says the newest hold list when a lot may have been held by a transaction whose outcome nobody heard."""
        if not self._owes_hold_list:
            return
        try:
            newest = self.reissue_holds()
        except DBAPIError:
            return  # what is committed is committed; the next write tries again
        self._owes_hold_list = False
        self.on_hold_list(newest)

    def _commit(self, items: Sequence[Reading | Refused]) -> Chunk:
        """Writes; what failed or is unknown is done again, for the unique key decides what was kept.

        A chunk that cannot be judged or held is written in halves, down to the one item that is to blame: that one is
        refused when it fails again, so that nobody's record waits behind it for ever.
        """
        try:
            return self._write_again(items)
        except _POISONED:
            self._owes_hold_list = True
            if len(items) > 1:
                middle = len(items) // 2
                return self._commit(items[:middle]).joined(self._commit(items[middle:]))
        try:
            return self._write_again(items)
        except _POISONED as poison:
            _log.error("an item cannot be kept", exc_info=poison)
            (item,) = items
            if isinstance(item, Refused):
                return Chunk(judgements=[None])
            refused = Refused(
                item.hash, Reason.SCHEMA, "the journal cannot hold it", item.envelope[:HEAD_BYTES], item.sequence
            )
            return replace(self._write_again([refused]), unkept={item.hash: refused})

    def _write_again(self, items: Sequence[Reading | Refused]) -> Chunk:
        received_at_ms, rate = self._clock.now_ms(), self._clock.rate()
        for attempt in range(_ATTEMPTS):
            try:
                self._renew()
                return self._writer.write(items, received_at_ms, rate)
            except (IntegrityError, DataError):
                raise
            except DBAPIError:
                self._owes_hold_list = True
                if attempt == _ATTEMPTS - 1:
                    raise
                time.sleep(0.1 * 2**attempt)
        raise AssertionError("the last attempt returns or raises")

    def _renew(self) -> None:
        if self._lease is not None:
            self._lease.renew()

    def refresh(self, *, force: bool = False) -> Mapping[bytes, DeviceState]:
        """Looks whether the registry has changed, every half second; a back-dated revocation makes reverdicts."""
        now = time.monotonic()
        if not force and now - self._refreshed_at < _REGISTRY_SECONDS:
            return {}
        self._refreshed_at = now
        changed = self.directory.refresh()
        if changed:
            self._renew()
            self._writer.reverdict_revoked(changed, self._clock.now_ms())
        return changed

    def reissue_holds(self) -> HoldList:
        """The newest hold list, signed with the present time."""
        self._renew()
        return self._writer.reissue_holds(self._clock.now_ms())

    def report_refusals(self) -> int:
        """Journals the hours' refusals that have no record yet; how many hours."""
        self._renew()
        return self._writer.report_refusals(self._clock.now_ms())

    def gaps(self) -> list[tuple[str, int, int]]:
        """What is missing: (device, first, last), ascending."""
        return [(one.device, *gap) for one in self.memory.standings.with_gaps() for gap in one.head.gaps]


def chunks_of(frames: Sequence[Frame]) -> Iterator[Sequence[Frame]]:
    """The frames in runs of about 500 envelopes, told by their size."""
    start, size = 0, 0
    for place, frame in enumerate(frames):
        size += len(frame.data)
        if size >= CHUNK_BYTES:
            yield frames[start : place + 1]
            start, size = place + 1, 0
    if start < len(frames):
        yield frames[start:]


def _is_unknown(item: Reading | Refused) -> bool:
    return isinstance(item, Refused) and item.reason == Reason.DEVICE_UNKNOWN


def _answer(items: Sequence[Reading | Refused], chunk: Chunk) -> Answer:
    answer = Answer()
    devices: dict[str, None] = {}
    for item in items:
        if isinstance(item, Reading):
            devices[item.device] = None
        refused = item if isinstance(item, Refused) else chunk.unkept.get(item.hash)
        if refused is not None:
            answer.refused.append(
                {
                    "hash": "0x" + refused.hash.hex(),
                    "reason": refused.reason.name,
                    "detail": refused.detail,
                    "device": refused.device,
                    "sequence": refused.sequence,
                }
            )
    answer.receipts = [chunk.receipts[device] for device in devices if device in chunk.receipts]
    return answer
