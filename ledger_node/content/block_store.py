"""What every store does alike once it can give a block and keep blocks: archives, and hashing a thing anew."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import BinaryIO, Final

from ledger_node.content.car import CarReader, write_car
from ledger_node.content.cid import DAG_PB, Cid
from ledger_node.content.content_store import Finding, FindingState
from ledger_node.content.unixfs import Block, decode_node
from ledger_node.errors import CarMalformed, ContentAltered, ContentMissing

GROUP_BYTES: Final = 4 << 20


def groups(blocks: Iterable[Block]) -> Iterator[list[Block]]:
    """The blocks some megabytes at a time; the last group may be empty."""
    group: list[Block] = []
    size = 0
    for block in blocks:
        group.append(block)
        size += len(block.data)
        if size >= GROUP_BYTES:
            yield group
            group, size = [], 0
    yield group


class BlockStore(ABC):
    """A part of ContentStore, on top of four things that each store does its own way."""

    @abstractmethod
    def block(self, cid: Cid) -> bytes:
        """One block, hashed now. ContentMissing, ContentAltered."""

    @abstractmethod
    def has(self, cid: Cid) -> bool:
        """See ContentStore."""

    @abstractmethod
    def _putting(self) -> AbstractContextManager[None]:
        """Holds while something is taken in."""

    @abstractmethod
    def _keep(self, blocks: Sequence[Block]) -> None:
        """Keeps some blocks, acknowledged when this returns."""

    def export(self, roots: Sequence[Cid], sink: BinaryIO) -> None:
        """See ContentStore."""
        write_car(roots, self.block, sink)

    def load(self, car: BinaryIO) -> list[Cid]:
        """See ContentStore. Blocks of a refused file are unpinned garbage, and nothing was pinned."""
        with self._putting():
            reader = CarReader(car)
            for group in groups(reader.blocks()):
                self._keep(group)
            for root in reader.roots:
                if not self.has(root):
                    raise CarMalformed(reader.offset, f"root {root} is not contained whole")
            return list(reader.roots)

    def check(self, cid: Cid) -> Iterator[Finding]:
        """See ContentStore."""
        waiting, seen = [cid], set[Cid]()
        while waiting:
            one = waiting.pop()
            if one in seen:
                continue
            seen.add(one)
            try:
                data = self.block(one)
                if one.codec == DAG_PB:
                    waiting.extend(link.cid for link in reversed(decode_node(Block(one, data)).links))
            except ContentMissing:
                yield Finding(one, FindingState.MISSING)
            except ContentAltered as error:
                yield Finding(one, FindingState.ALTERED, error.where)
            else:
                yield Finding(one, FindingState.SOUND)
