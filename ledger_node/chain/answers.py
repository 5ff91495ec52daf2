"""What nodes answer, as values: headers, logs, receipts, read from JSON with every field checked.

A field that is missing or has another form raises NodeAnswerWrong; fields that we do not use are not looked at.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from ledger_node.errors import NodeAnswerWrong


@dataclass(frozen=True, slots=True)
class Header:
    """A block's place in the chain; `time` in seconds. `extra` are its reserved bytes, kept as they are.

    `logs_bloom` says which contracts may have emitted something in it; empty where a node does not tell.
    """

    number: int
    hash: bytes
    parent_hash: bytes
    time: int
    extra: bytes = b""
    logs_bloom: bytes = b""


@dataclass(frozen=True, slots=True)
class Log:
    """One event as the chain keeps it."""

    address: bytes
    topics: tuple[bytes, ...]
    data: bytes
    block_hash: bytes
    block_number: int
    tx_hash: bytes
    tx_index: int
    log_index: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a transaction. `contract_address` of one that created a contract."""

    tx_hash: bytes
    tx_index: int
    block_hash: bytes
    block_number: int
    sender: bytes
    contract_address: bytes | None
    gas_used: int
    succeeded: bool

    def to_json(self) -> dict[str, Any]:
        """The form in which the journal keeps it."""
        return {
            "tx_index": self.tx_index,
            "block_hash": f"0x{self.block_hash.hex()}",
            "block_number": self.block_number,
            "gas_used": self.gas_used,
            "succeeded": self.succeeded,
        }


def quantity_of(what: str, value: object) -> int:
    """A number as JSON-RPC writes it: `0x1f`."""
    if isinstance(value, str) and value.startswith("0x"):
        try:
            return int(value, 16)
        except ValueError:
            pass
    raise NodeAnswerWrong(what, f"{value!r} is no quantity")


def data_of(what: str, value: object) -> bytes:
    """Bytes as JSON-RPC writes them: `0x` and an even number of digits."""
    if isinstance(value, str) and value.startswith("0x"):
        try:
            return bytes.fromhex(value[2:])
        except ValueError:
            pass
    raise NodeAnswerWrong(what, f"{str(value)[:80]!r} are no bytes")


def word_of(what: str, value: object) -> bytes:
    """A hash: 32 bytes."""
    return _sized(what, value, 32)


def header_of(answer: object) -> Header:
    """A header out of a block's JSON."""
    row = _object("block", answer)
    return Header(
        number=quantity_of("block number", row.get("number")),
        hash=word_of("block hash", row.get("hash")),
        parent_hash=word_of("parent hash", row.get("parentHash")),
        time=quantity_of("block time", row.get("timestamp")),
        extra=data_of("extra data", row.get("extraData", "0x")),
        logs_bloom=data_of("logs bloom", row.get("logsBloom") or "0x"),
    )


def log_of(answer: object) -> Log:
    """A log out of its JSON."""
    row = _object("log", answer)
    topics = row.get("topics")
    if not isinstance(topics, list) or len(cast(list[object], topics)) > 4:
        raise NodeAnswerWrong("log topics", f"{topics!r}")
    if row.get("removed"):
        raise NodeAnswerWrong("log", "a removed log")
    return Log(
        address=_sized("log address", row.get("address"), 20),
        topics=tuple(word_of("log topic", one) for one in cast(list[object], topics)),
        data=data_of("log data", row.get("data")),
        block_hash=word_of("log block hash", row.get("blockHash")),
        block_number=quantity_of("log block number", row.get("blockNumber")),
        tx_hash=word_of("log transaction", row.get("transactionHash")),
        tx_index=quantity_of("log transaction index", row.get("transactionIndex")),
        log_index=quantity_of("log index", row.get("logIndex")),
    )


def receipt_of(answer: object) -> Receipt:
    """A receipt out of its JSON."""
    row = _object("receipt", answer)
    created = row.get("contractAddress")
    status = quantity_of("receipt status", row.get("status"))
    if status not in (0, 1):
        raise NodeAnswerWrong("receipt status", str(status))
    return Receipt(
        tx_hash=word_of("receipt transaction", row.get("transactionHash")),
        tx_index=quantity_of("receipt index", row.get("transactionIndex")),
        block_hash=word_of("receipt block hash", row.get("blockHash")),
        block_number=quantity_of("receipt block number", row.get("blockNumber")),
        sender=_sized("receipt sender", row.get("from"), 20),
        contract_address=None if created is None else _sized("receipt contract", created, 20),
        gas_used=quantity_of("receipt gas", row.get("gasUsed")),
        succeeded=status == 1,
    )


def _sized(what: str, value: object, size: int) -> bytes:
    data = data_of(what, value)
    if len(data) != size:
        raise NodeAnswerWrong(what, f"{len(data)} bytes instead of {size}")
    return data


def _object(what: str, answer: object) -> Mapping[str, Any]:
    if not isinstance(answer, dict):
        raise NodeAnswerWrong(what, f"{str(answer)[:80]!r} is no object")
    return cast(Mapping[str, Any], answer)
