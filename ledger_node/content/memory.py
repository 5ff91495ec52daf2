"""The fake that ships: a ContentStore in memory that can be told to lose, alter, delay, and fail before or after."""

import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO

from ledger_node.content import dag
from ledger_node.content.block_store import BlockStore
from ledger_node.content.cid import DAG_PB, Cid
from ledger_node.content.content_store import Collected, FindingState, Pin, PinReason, Stored
from ledger_node.content.unixfs import Block, file_blocks
from ledger_node.domain.digest import sha256
from ledger_node.errors import ContentAltered, ContentMismatch, ContentMissing


class MemoryStore(BlockStore):
    """Blocks and pins in dictionaries; hashes on every read like the others."""

    def __init__(self, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self.blocks: dict[bytes, bytes] = {}
        self._ages: dict[bytes, float] = {}
        self._pins: dict[Cid, set[PinReason]] = {}
        self._sleep = sleep
        self._delay_seconds = 0.0
        self._before: Exception | None = None
        self._after: Exception | None = None

    # What a test may ask of it

    def lose(self, cid: Cid) -> None:
        """Forgets one block."""
        self.blocks.pop(cid.digest, None)

    def alter(self, cid: Cid, data: bytes) -> None:
        """Puts other bytes under a block's name."""
        self.blocks[cid.digest] = data

    def delay(self, seconds: float) -> None:
        """Lets every call take so long."""
        self._delay_seconds = seconds

    def fail_before(self, error: Exception | None) -> None:
        """Lets writes fail with nothing done; None ends it."""
        self._before = error

    def fail_after(self, error: Exception | None) -> None:
        """Lets writes be done and reported as failed; None ends it."""
        self._after = error

    # ContentStore

    def put(self, source: BinaryIO, *, expect: Cid | None = None) -> Stored:
        """See ContentStore."""
        with self._putting():
            blocks = list(file_blocks(source))
            root = blocks[-1].cid
            if expect is not None and root != expect:
                raise ContentMismatch(str(expect), str(root), "the bytes")
            self._keep(blocks)
            plain = b"".join(block.data for block in blocks if block.cid.codec != DAG_PB)
            return Stored(root, len(plain), sha256(plain))

    def put_many(self, items: Iterable[bytes]) -> list[Stored]:
        """See ContentStore."""
        with self._putting():
            blocks = [Block(Cid.of(item), item) for item in items]
            self._keep(blocks)
            return [Stored(block.cid, len(block.data), block.cid.digest) for block in blocks]

    def block(self, cid: Cid) -> bytes:
        """One verified block."""
        data = self.blocks.get(cid.digest)
        if data is None:
            raise ContentMissing(str(cid))
        if sha256(data) != cid.digest:
            raise ContentAltered(str(cid), "memory")
        return data

    def read(self, cid: Cid, *, limit_bytes: int) -> Iterator[bytes]:
        """See ContentStore."""
        self._sleep(self._delay_seconds)
        return dag.read_file(cid, self.block, limit_bytes=limit_bytes)

    def has(self, cid: Cid) -> bool:
        """See ContentStore."""
        return all(finding.state == FindingState.SOUND for finding in self.check(cid))

    def pin(self, cid: Cid, reason: PinReason, *, deadline_seconds: float) -> None:
        """See ContentStore."""
        with self._putting():
            for block in dag.walk(cid, self.block):
                self.blocks[block.cid.digest] = block.data
            self._pins.setdefault(cid, set()).add(reason)

    def unpin(self, cid: Cid, reason: PinReason) -> None:
        """See ContentStore."""
        reasons = self._pins.get(cid, set())
        reasons.discard(reason)
        if not reasons:
            self._pins.pop(cid, None)

    def pins(self) -> Iterator[Pin]:
        """See ContentStore."""
        order = sorted(self._pins.items(), key=lambda item: item[0].to_bytes())
        return iter([Pin(cid, tuple(sorted(reasons, key=repr))) for cid, reasons in order])

    def collect(self, *, older_than_seconds: int) -> Collected:
        """See ContentStore."""
        marked = {block.cid.digest for cid in self._pins for block in dag.walk(cid, self.block)}
        horizon = time.monotonic() - older_than_seconds
        gone = [one for one in self.blocks if one not in marked and self._ages.get(one, 0.0) < horizon]
        length = sum(len(self.blocks.pop(one)) for one in gone)
        return Collected(len(gone), length, len(self.blocks))

    def _keep(self, blocks: Sequence[Block]) -> None:
        for block in blocks:
            self.blocks[block.cid.digest] = block.data
            self._ages[block.cid.digest] = time.monotonic()

    @contextmanager
    def _putting(self) -> Generator[None]:
        """One write, which may fail before or, done, after."""
        self._sleep(self._delay_seconds)
        if self._before is not None:
            raise self._before
        yield
        if self._after is not None:
            raise self._after
