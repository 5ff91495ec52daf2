"""What differs between chains: when a block is final, what a transaction costs, how receipts are asked for.

Everything above speaks standard JSON-RPC and asks a profile of this module for the rest (`chain.md` section 1).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import TypeAlias

from ledger_node.chain.answers import Receipt
from ledger_node.chain.rpc import Node
from ledger_node.errors import NodeAnswerWrong

DEFAULT_DEPTH_BLOCKS = 12
GANACHE_GAS_PRICE = 20_000_000_000
"""wei; ganache asks for a base fee, at most a billion wei in blocks that are less than half full."""
_FIRST_MEMBER = re.compile(rb'\A\s*\{\s*"block"\s*:\s*\{\s*"number"\s*:\s*"(0x[0-9a-f]+)"')


@dataclass(frozen=True, slots=True)
class Immediate:
    """A block is final as soon as it exists (QBFT, IBFT, CometBFT)."""


@dataclass(frozen=True, slots=True)
class Depth:
    """A block is final when `blocks` stand upon it."""

    blocks: int


@dataclass(frozen=True, slots=True)
class StateFile:
    """A block is final when the completely written state file at `path` holds it; a crash may lose later ones."""

    path: Path


Finality: TypeAlias = Immediate | Depth | StateFile


@dataclass(frozen=True, slots=True)
class Free:
    """Gas costs nothing: legacy transactions of gas price 0."""


@dataclass(frozen=True, slots=True)
class Legacy:
    """Legacy transactions of one gas price, in wei, which is never raised."""

    price: int


@dataclass(frozen=True, slots=True)
class Dynamic:
    """EIP-1559 transactions: a quarter of `cap` at first, an eighth more each time one is stuck, `cap` at most.

    Wei a gas; `tip` of it goes to the block's maker.
    """

    cap: int
    tip: int = 1_000_000_000


FeePolicy: TypeAlias = Free | Legacy | Dynamic


class ReceiptMethod(Enum):
    """How a block's receipts are asked for."""

    BY_BLOCK = "eth_getBlockReceipts"
    BY_HASH = "eth_getTransactionReceipt"


class HeaderPolicy(Enum):
    """What a header's reserved bytes are: nothing, or the seals of a proof-of-authority chain, kept as bytes."""

    PLAIN = "plain"
    SEALED = "sealed"


@dataclass(frozen=True, slots=True)
class Engine:
    """One profile."""

    name: str
    finality: Finality
    block_period_seconds: Decimal
    fee: FeePolicy
    receipts: ReceiptMethod
    batch_limit: int
    headers: HeaderPolicy

    def final_block(self, node: Node) -> int:
        """The number of the newest final block; 0, the genesis, when none after it is. Raises what `node` raises."""
        head = node.block_number()
        if isinstance(self.finality, Immediate):
            return head
        if isinstance(self.finality, Depth):
            return max(0, head - self.finality.blocks)
        return min(head, block_of_state_file(self.finality.path))

    def block_receipts(self, node: Node, block_hash: bytes) -> list[Receipt]:
        """The receipts of a block in order. Raises NodeAnswerWrong when the node no longer has them all."""
        if self.receipts is ReceiptMethod.BY_BLOCK:
            found = node.receipts(block_hash)
            if found is None:
                raise NodeAnswerWrong("eth_getBlockReceipts", f"no block 0x{block_hash.hex()}")
            return found
        receipts: Sequence[Receipt | None] = node.receipts_by_hash(node.block_tx_hashes(block_hash))
        kept = [one for one in receipts if one is not None and one.block_hash == block_hash]
        if len(kept) != len(receipts):
            raise NodeAnswerWrong("eth_getTransactionReceipt", f"block 0x{block_hash.hex()} has lost a receipt")
        return kept


def block_of_state_file(path: Path) -> int:
    """The block that a state file of anvil's holds: its first member names it. 0 where there is no such file."""
    try:
        with path.open("rb") as file:
            found = _FIRST_MEMBER.match(file.read(256))
    except FileNotFoundError:
        return 0
    return int(found[1], 16) if found else 0


def anvil_engine(state_file: Path) -> Engine:
    """The default: one process with durable state."""
    return Engine(
        name="anvil",
        finality=StateFile(state_file),
        block_period_seconds=Decimal(1),
        fee=Free(),
        receipts=ReceiptMethod.BY_BLOCK,
        batch_limit=100,
        headers=HeaderPolicy.PLAIN,
    )


def ganache_engine(*, depth_blocks: int = DEFAULT_DEPTH_BLOCKS) -> Engine:
    """For development and teaching."""
    return Engine(
        name="ganache",
        finality=Depth(depth_blocks),
        block_period_seconds=Decimal(1),
        fee=Legacy(GANACHE_GAS_PRICE),
        receipts=ReceiptMethod.BY_HASH,
        batch_limit=100,
        headers=HeaderPolicy.PLAIN,
    )


def url_engine(
    *,
    finality: Finality | None = None,
    fee: FeePolicy | None = None,
    block_period_seconds: Decimal = Decimal(5),
    receipts: ReceiptMethod = ReceiptMethod.BY_HASH,
    batch_limit: int = 50,
) -> Engine:
    """Any other EVM node, as configured."""
    return Engine(
        name="url",
        finality=finality or Depth(DEFAULT_DEPTH_BLOCKS),
        block_period_seconds=block_period_seconds,
        fee=fee or Free(),
        receipts=receipts,
        batch_limit=batch_limit,
        headers=HeaderPolicy.SEALED,
    )
