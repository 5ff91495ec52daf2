"""Blocks from a node, checked: headers by hash, logs by block hash when live, by range when catching up.

Every log's block hash and number is compared with its header (address and position: `ledger_node.chain.rpc`). A bloom
filter that promises logs where the node shows none means that its index lags, and it is asked again. Contracts that
`access` lists on the way are followed from the event after their listing.
"""

import time
from collections.abc import Callable, Sequence
from typing import Final

from ledger_node.bindings.ledger_access import ContractListed
from ledger_node.chain.answers import Header, Log
from ledger_node.chain.rpc import Node
from ledger_node.errors import NodeBehind, NodeRefused, NodeUnreachable
from ledger_node.indexer.blocks import Place, PlacedEvent, ReadBlock
from ledger_node.indexer.bloom import may_contain
from ledger_node.indexer.contracts import Contracts
from ledger_node.indexer.decode import decode
from ledger_node.indexer.projections.contracts import noun_of

PAGE_LIMIT: Final = 10_000
FIRST_PAGE: Final = 500
SLOW_SECONDS: Final = 30.0
FAST_SECONDS: Final = 5.0


class BlockReader:
    """Reads blocks of one node and decodes what our contracts emitted in them."""

    def __init__(self, node: Node, *, seconds: Callable[[], float] = time.monotonic) -> None:
        self._node = node
        self._seconds = seconds
        self.page = FIRST_PAGE

    def header(self, number: int) -> Header | None:
        """The node's header at a height; None when the chain is shorter."""
        return self._node.header(number)

    def live(self, number: int, contracts: Contracts) -> ReadBlock | None:
        """The block at a height with its events; None when the chain is shorter."""
        header = self.header(number)
        if header is None:
            return None
        before = -1
        logs: Sequence[Log] = ()
        while before != len(contracts.addresses):  # a contract listed in this very block: its logs too
            before = len(contracts.addresses)
            logs = self._node.logs_by_hash(header.hash, contracts.addresses)
            _require_complete(header, logs, contracts)
            _take_listings(logs, contracts)
        return _read_block(header, logs, contracts)

    def range(self, first: int, last: int, contracts: Contracts) -> list[ReadBlock]:
        """Up to `page` blocks from `first`, in order, none past `last`; the page adapts to how the node bears it."""
        while True:
            end = min(last, first + self.page - 1)
            began = self._seconds()
            try:
                logs = self._range_logs(first, end, contracts)
            except (NodeRefused, NodeUnreachable) as failed:  # "too many", in whatever words, or not in time
                if end == first or (isinstance(failed, NodeUnreachable) and failed.why != "time-out"):
                    raise
                self.page = (end - first + 1) // 2
                continue
            self._adapt(self._seconds() - began)
            return self._with_headers(first, end, logs, contracts)

    def _range_logs(self, first: int, end: int, contracts: Contracts) -> Sequence[Log]:
        before = -1
        logs: Sequence[Log] = ()
        while before != len(contracts.addresses):
            before = len(contracts.addresses)
            logs = self._node.logs_by_range(first, end, contracts.addresses)
            _take_listings(logs, contracts)
        return logs

    def _adapt(self, seconds: float) -> None:
        if seconds > SLOW_SECONDS:
            self.page = max(1, self.page // 2)
        elif seconds < FAST_SECONDS:
            self.page = min(PAGE_LIMIT, self.page * 2)

    def _with_headers(self, first: int, end: int, logs: Sequence[Log], contracts: Contracts) -> list[ReadBlock]:
        by_block: dict[int, list[Log]] = {}
        for log in logs:
            by_block.setdefault(log.block_number, []).append(log)
        blocks: list[ReadBlock] = []
        for number, header in zip(range(first, end + 1), self._node.headers(range(first, end + 1)), strict=True):
            if header is None:
                raise NodeBehind(number, "the node has logs up to it but no header")
            if blocks and header.parent_hash != blocks[-1].hash:
                raise NodeBehind(number, "its parent is not the block before it; the chain changed while it was read")
            own = by_block.get(number, ())
            _require_complete(header, own, contracts)
            blocks.append(_read_block(header, own, contracts))
        return blocks


def _require_complete(header: Header, logs: Sequence[Log], contracts: Contracts) -> None:
    if not logs and may_contain(header.logs_bloom, contracts.addresses):
        raise NodeBehind(header.number, "its bloom filter promises logs that the node does not show")


def _take_listings(logs: Sequence[Log], contracts: Contracts) -> None:
    for log in logs:
        if log.topics and log.topics[0] == ContractListed.TOPIC:
            if contracts.noun_at(log.address, log.block_number, log.log_index) != "access":
                continue
            event = ContractListed.from_log(log.topics, log.data)
            contracts.add(event.listed, noun_of(event), log.block_number, log.log_index)


def _read_block(header: Header, logs: Sequence[Log], contracts: Contracts) -> ReadBlock:
    events: list[PlacedEvent] = []
    for log in logs:
        if log.block_hash != header.hash or log.block_number != header.number:
            raise NodeBehind(header.number, f"a log of block {log.block_number} 0x{log.block_hash.hex()}")
        noun = contracts.noun_at(log.address, log.block_number, log.log_index)
        if noun is None:
            continue  # emitted before the contract was listed
        place = Place(
            header.number, header.hash, header.time, log.tx_hash, log.tx_index, log.log_index, log.address, noun
        )
        events.append(PlacedEvent(place, tuple(log.topics), log.data, decode(place, log.topics, log.data)))
    return ReadBlock(header.number, header.hash, header.parent_hash, header.time, tuple(events))
