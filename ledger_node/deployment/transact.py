"""Sends a run of transactions from one key and waits until the chain has taken each: for deployment and founding only.

Nothing of the ledger's daily work goes this way: that is `chain.submitter`, which survives a crash at any step. Here a
run that was cut off is simply started again, and whoever calls asks the chain what is done already.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ledger_node.chain.answers import Receipt
from ledger_node.chain.engine import Dynamic, Engine, Legacy
from ledger_node.chain.replies import Reply, meaning_of
from ledger_node.chain.rpc import Node
from ledger_node.chain.signer import SignedTransaction, Signer, Transaction, sign_checked
from ledger_node.errors import DeploymentFailed, LedgerError

GAS_EACH: Final = 3_000_000
PATIENCE_SECONDS: Final = 60
_POLL_SECONDS: Final = 0.05
_ITS_RECEIPT_DECIDES: Final = frozenset({Reply.KNOWN, Reply.NONCE_TOO_LOW})


@dataclass(frozen=True, slots=True)
class Step:
    """One transaction: what it is for, to which contract (None creates one), with which data."""

    name: str
    to: bytes | None
    data: bytes
    gas: int = GAS_EACH


def transact(node: Node, engine: Engine, signer: Signer, chain_id: int, steps: Sequence[Step]) -> list[Receipt]:
    """The receipts of all steps, in order. Raises DeploymentFailed with the step that the chain did not take.

    A step whose gas would not fit the block with others goes into a later block; the node orders by nonce.
    """
    if not steps:
        return []
    nonce = node.nonce(signer.address, "pending")
    signed = [
        sign_checked(signer, transaction_of(engine, chain_id, nonce + index, step)) for index, step in enumerate(steps)
    ]
    send(node, steps, signed)
    return await_receipts(node, signer, steps, signed)


def send(node: Node, steps: Sequence[Step], signed: Sequence[SignedTransaction]) -> None:
    """Hands over the transactions that the node does not have yet. Raises DeploymentFailed.

    ganache would carry out again what it has already: so it is asked first.
    """
    known = node.known([one.hash for one in signed])
    missing = [(step, one) for step, one, is_known in zip(steps, signed, known, strict=True) if not is_known]
    for (step, _), sent in zip(missing, node.send_raw([one.raw for _, one in missing]), strict=True):
        if sent.refusal is not None and meaning_of(sent.refusal.message) not in _ITS_RECEIPT_DECIDES:
            raise DeploymentFailed(step.name, str(sent.refusal))


def await_receipts(
    node: Node, signer: Signer, steps: Sequence[Step], signed: Sequence[SignedTransaction]
) -> list[Receipt]:
    """Waits until every transaction is in a block. Raises DeploymentFailed for one that is not, or that reverted."""
    limit = time.monotonic() + PATIENCE_SECONDS
    while True:
        receipts = node.receipts_by_hash([one.hash for one in signed])
        found = [one for one in receipts if one is not None]
        if len(found) == len(steps):
            break
        if time.monotonic() > limit:
            raise DeploymentFailed(steps[receipts.index(None)].name, f"not in a block within {PATIENCE_SECONDS} s")
        time.sleep(_POLL_SECONDS)
    for step, receipt in zip(steps, found, strict=True):
        if not receipt.succeeded:
            raise DeploymentFailed(step.name, _why(node, signer, step))
    return found


def transaction_of(engine: Engine, chain_id: int, nonce: int, step: Step) -> Transaction:
    """The transaction of a step, at the engine's price."""
    fee = engine.fee
    price = fee.price if isinstance(fee, Legacy) else 0
    cap, tip = (fee.cap, fee.tip) if isinstance(fee, Dynamic) else (None, 0)
    return Transaction(chain_id, nonce, step.to, step.data, step.gas, price, cap, tip)


def _why(node: Node, signer: Signer, step: Step) -> str:
    """The reason of a reverted step, asked anew."""
    if step.to is None:
        return "the creation failed"
    try:
        node.call(step.to, step.data, sender=signer.address)
    except LedgerError as reason:
        return str(reason)
    return "it reverted, and would not now"
