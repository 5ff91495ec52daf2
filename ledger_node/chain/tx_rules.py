"""What a receipt, a vanished block or a refusal means for a stored transaction; and what a transaction offers to pay.

Pure: from values to the changes that the lane has its store apply.
"""

from typing import Any

from ledger_node.chain.answers import Receipt
from ledger_node.chain.engine import Dynamic, Engine, Legacy
from ledger_node.chain.tx_store import Change, LaneTx, Trouble, TxState


def pin_of(key: str) -> tuple[str, int]:
    """Stream and sequence of a pin's key; an empty stream for other transactions."""
    if not key.startswith("pin/"):
        return "", 0
    stream, _, sequence = key.removeprefix("pin/").rpartition("/")
    return stream, int(sequence)


def as_sent(one: LaneTx, detail: str) -> Change:
    """The node has it."""
    return Change(one.id, TxState.SENT, detail, {"sends": one.sends + 1})


def as_lost(one: LaneTx, why: str) -> Change:
    """The block that held it is gone: its bytes are to be sent again."""
    values = {"block": None, "block_hash": None, "receipt": None, "reason": ""}
    return Change(one.id, TxState.SENT, f"{why} (was {one.state} in block {one.block})", values)


def as_in_block(one: LaneTx, receipt: Receipt) -> tuple[Change, Trouble | None]:
    """What a receipt changes, and the trouble when the transaction reverted in its block."""
    values: dict[str, Any] = {
        "block": receipt.block_number,
        "block_hash": receipt.block_hash,
        "receipt": receipt.to_json(),
    }
    if receipt.succeeded:
        return Change(one.id, TxState.MINED, f"block {receipt.block_number}", values), None
    reason = f"it reverted in block {receipt.block_number}"
    trouble = revert_trouble(one.key, pin_of(one.key)[0], reason)
    return Change(one.id, TxState.FAILED, reason, {**values, "reason": reason}), trouble


def revert_trouble(key: str, stream: str, why: str) -> Trouble:
    """A reverted pin pauses its stream; of another transaction a person is only told."""
    return Trouble("pin-reverted" if stream else "transaction-reverted", key, why, pause=stream)


def first_price(engine: Engine) -> dict[str, Any]:
    """What a transaction offers when it is first signed, as its row keeps it."""
    fee = engine.fee
    if isinstance(fee, Legacy):
        return {"gas_price": fee.price}
    if isinstance(fee, Dynamic):
        first = max(fee.tip, fee.cap // 4)
        return {"max_fee_per_gas": first, "max_priority_fee_per_gas": fee.tip}
    return {"gas_price": 0}


def raised_price(fee: dict[str, Any]) -> dict[str, Any]:
    """Every price an eighth higher, rounded up."""
    return {name: -(-9 * int(price) // 8) for name, price in fee.items() if name != "hashes_before"}
