"""What a node's refusal of a raw transaction means: the table of `oracles.md` section 8, in every engine's words."""

from enum import Enum
from typing import Final


class Reply(Enum):
    """What is to be done about a refusal."""

    KNOWN = "as sent"
    NONCE_TOO_LOW = "ours if it has a receipt; else the key was used elsewhere"
    NONCE_TOO_HIGH = "send the missing nonces again"
    UNDERPRICED = "raise the price"
    UNAFFORDABLE = "pause the lane"
    BUSY = "the same bytes later"
    REVERTED = "failed"
    UNKNOWN = "keep, try again, tell a person after ten times"


_WORDS: Final = (
    (Reply.KNOWN, ("already known", "known transaction", "already imported")),
    (Reply.NONCE_TOO_LOW, ("nonce too low", "nonce is too low", "nonce_too_low", "doesn't have the correct nonce")),
    (Reply.NONCE_TOO_HIGH, ("nonce too high", "nonce is too distant", "nonce gap", "invalid nonce")),
    (Reply.UNDERPRICED, ("underpriced", "fee too low", "less than block base fee", "gas price below")),
    (Reply.UNAFFORDABLE, ("insufficient funds", "exceeds block gas limit", "enough funds", "upfront cost")),
    (Reply.BUSY, ("txpool is full", "queue limit", "pool is full", "connection", "time-out", "timeout", "timed out")),
    (Reply.REVERTED, ("execution reverted", "reverted")),
)  # fmt: skip


def meaning_of(message: str) -> Reply:
    """What the words of a refusal mean."""
    lower = message.lower()
    return next((reply for reply, words in _WORDS if any(word in lower for word in words)), Reply.UNKNOWN)
