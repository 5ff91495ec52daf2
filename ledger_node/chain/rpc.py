"""The node of a chain over JSON-RPC: typed questions, checked answers.

Raw JSON-RPC with batches, for libraries refuse raw transactions in batches and wait for minutes on a hung node. An
answer that is not about what was asked raises NodeAnswerWrong. Nothing is repeated here: callers know what may be.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from types import TracebackType
from typing import Any, Self, TypeAlias, cast

import httpx

from ledger_node.bindings.contract_errors import decode_error
from ledger_node.chain.answers import (
    Header,
    Log,
    Receipt,
    data_of,
    header_of,
    log_of,
    quantity_of,
    receipt_of,
    word_of,
)
from ledger_node.errors import NodeAnswerWrong, NodeRefused, NodeUnreachable

BlockId: TypeAlias = "int | bytes | str"
"""A block's number, its hash, or `latest`, `pending`, `finalized`."""

REVERT_CODES = frozenset({3, -32000, -32015, -32603})
MAXIMUM_ANSWER_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Sent:
    """What the node said to one raw transaction: its hash, or why it did not take it."""

    tx_hash: bytes | None
    refusal: NodeRefused | None


class Node:
    """One node. Safe to use by several threads; close it, or use it in a `with`.

    Every question may raise NodeUnreachable, NodeRefused and NodeAnswerWrong.
    """

    def __init__(
        self, url: str, *, timeout_seconds: float = 10, connect_seconds: float = 2, batch_limit: int = 100
    ) -> None:
        self.url = url
        self.timeout_seconds = timeout_seconds
        self.batch_limit = batch_limit
        self._ids = count(1)
        # No proxy and no credentials from the environment: a node is where the settings say.
        self._http = httpx.Client(timeout=httpx.Timeout(timeout_seconds, connect=connect_seconds), trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    # --- the chain ---

    def chain_id(self) -> int:
        """The chain's number."""
        return quantity_of("eth_chainId", self.request("eth_chainId"))

    def genesis_hash(self) -> bytes:
        """The hash of block 0."""
        header = self.header(0)
        if header is None:
            raise NodeAnswerWrong("eth_getBlockByNumber", "the node has no block 0")
        return header.hash

    def block_number(self) -> int:
        """The number of the newest block."""
        return quantity_of("eth_blockNumber", self.request("eth_blockNumber"))

    def header(self, block: BlockId) -> Header | None:
        """The header of a block, None when the node does not have it."""
        method = "eth_getBlockByHash" if isinstance(block, bytes) else "eth_getBlockByNumber"
        answer = self.request(method, _block(block), False)
        return None if answer is None else _about(method, block, header_of(answer))

    def headers(self, numbers: Sequence[int]) -> list[Header | None]:
        """The headers of several blocks, None for those the node does not have."""
        answers = self.batch([("eth_getBlockByNumber", [hex(number), False]) for number in numbers])
        found: list[Header | None] = []
        for number, answer in zip(numbers, answers, strict=True):
            if isinstance(answer, NodeRefused):
                raise answer
            found.append(None if answer is None else _about("eth_getBlockByNumber", number, header_of(answer)))
        return found

    def logs_by_hash(self, block_hash: bytes, addresses: Sequence[bytes]) -> list[Log]:
        """The logs of one block that come from `addresses`, in order."""
        logs = self._logs({"blockHash": _hex(block_hash)}, addresses)
        if any(log.block_hash != block_hash for log in logs):
            raise NodeAnswerWrong("eth_getLogs", f"logs of another block than 0x{block_hash.hex()}")
        return logs

    def logs_by_range(self, first: int, last: int, addresses: Sequence[bytes]) -> list[Log]:
        """The logs of blocks `first` to `last`, both included, that come from `addresses`, in order."""
        logs = self._logs({"fromBlock": hex(first), "toBlock": hex(last)}, addresses)
        if any(not first <= log.block_number <= last for log in logs):
            raise NodeAnswerWrong("eth_getLogs", f"logs from outside blocks {first} to {last}")
        return logs

    def receipts(self, block: BlockId) -> list[Receipt] | None:
        """The receipts of a block in order, None when the node does not have it."""
        answer = self.request("eth_getBlockReceipts", _block(block))
        if answer is None:
            return None
        receipts = [receipt_of(one) for one in _list("eth_getBlockReceipts", answer)]
        for receipt in receipts:
            if block not in (receipt.block_hash, receipt.block_number) and not isinstance(block, str):
                raise NodeAnswerWrong("eth_getBlockReceipts", "a receipt of another block")
        return receipts

    def receipts_by_hash(self, hashes: Sequence[bytes]) -> list[Receipt | None]:
        """The receipts of transactions, None for those that no block of the node's chain holds."""
        answers = self.batch([("eth_getTransactionReceipt", [_hex(one)]) for one in hashes])
        found: list[Receipt | None] = []
        for wanted, answer in zip(hashes, answers, strict=True):
            if isinstance(answer, NodeRefused):
                raise answer
            receipt = None if answer is None else receipt_of(answer)
            if receipt is not None and receipt.tx_hash != wanted:
                raise NodeAnswerWrong("eth_getTransactionReceipt", f"not the receipt of 0x{wanted.hex()}")
            found.append(receipt)
        return found

    def block_tx_hashes(self, block: BlockId) -> list[bytes]:
        """The hashes of a block's transactions in order."""
        method = "eth_getBlockByHash" if isinstance(block, bytes) else "eth_getBlockByNumber"
        answer = self.request(method, _block(block), False)
        if not isinstance(answer, dict):
            raise NodeAnswerWrong(method, "no such block")
        return [word_of(method, one) for one in _list(method, cast(Mapping[str, Any], answer).get("transactions"))]

    # --- contracts and accounts ---

    def call(
        self,
        to: bytes,
        data: bytes,
        block: BlockId = "latest",
        *,
        sender: bytes | None = None,
        time_s: int | None = None,
    ) -> bytes:
        """What a contract answers. A revert raises its ContractError. `time_s` asks as if the block had that time
        (anvil, geth)."""
        message = {"to": _hex(to), "data": _hex(data)} | ({"from": _hex(sender)} if sender else {})
        # EIP-1898 lets a hash stand where a number does.
        place = {"blockHash": _hex(block)} if isinstance(block, bytes) else _block(block)
        overrides: list[Any] = [] if time_s is None else [{}, {"time": hex(time_s)}]
        try:
            return data_of("eth_call", self.request("eth_call", message, place, *overrides))
        except NodeRefused as refusal:
            raise (reverted(refusal) or refusal) from refusal

    def estimate_gas(self, to: bytes | None, data: bytes, sender: bytes) -> int:
        """Gas that a transaction would use now. A revert raises its ContractError."""
        message = {"data": _hex(data), "from": _hex(sender)} | ({"to": _hex(to)} if to else {})
        try:
            return quantity_of("eth_estimateGas", self.request("eth_estimateGas", message))
        except NodeRefused as refusal:
            raise (reverted(refusal) or refusal) from refusal

    def code(self, address: bytes, block: BlockId = "latest") -> bytes:
        """The code at an address, empty when there is none."""
        return data_of("eth_getCode", self.request("eth_getCode", _hex(address), _block(block)))

    def nonce(self, address: bytes, block: BlockId = "latest") -> int:
        """How many transactions an address has sent: `latest` those in blocks, `pending` also those that wait."""
        return quantity_of(
            "eth_getTransactionCount", self.request("eth_getTransactionCount", _hex(address), _block(block))
        )

    def balance(self, address: bytes) -> int:
        """The native balance of an address in wei."""
        return quantity_of("eth_getBalance", self.request("eth_getBalance", _hex(address), "latest"))

    def send_raw(self, raws: Sequence[bytes]) -> list[Sent]:
        """Hands signed transactions over, each with its own outcome, in order."""
        outcomes: list[Sent] = []
        for answer in self.batch([("eth_sendRawTransaction", [_hex(raw)]) for raw in raws]):
            if isinstance(answer, NodeRefused):
                outcomes.append(Sent(None, answer))
            else:
                outcomes.append(Sent(word_of("eth_sendRawTransaction", answer), None))
        return outcomes

    def known(self, hashes: Sequence[bytes]) -> list[bool]:
        """For each transaction whether the node has it, in a block or waiting."""
        answers = self.batch([("eth_getTransactionByHash", [_hex(one)]) for one in hashes])
        refused = next((answer for answer in answers if isinstance(answer, NodeRefused)), None)
        if refused is not None:
            raise refused
        return [answer is not None for answer in answers]

    # --- the wire ---

    def request(self, method: str, *params: Any) -> Any:
        """One question; its result as JSON gives it."""
        number = next(self._ids)
        answer = self._post({"jsonrpc": "2.0", "id": number, "method": method, "params": list(params)})
        result = _result(method, number, answer)
        if isinstance(result, NodeRefused):
            raise result
        return result

    def batch(self, questions: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        """Several questions in as few messages as the limit allows; results in order, a NodeRefused in its place."""
        results: list[Any] = []
        for start in range(0, len(questions), self.batch_limit):
            results += self._one_batch(questions[start : start + self.batch_limit])
        return results

    def _one_batch(self, questions: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        numbers = [next(self._ids) for _ in questions]
        body = [
            {"jsonrpc": "2.0", "id": number, "method": method, "params": list(params)}
            for number, (method, params) in zip(numbers, questions, strict=True)
        ]
        answer = self._post(body)
        if isinstance(answer, dict) and "error" in answer:  # the batch as a whole was refused
            error = _result("batch", None, cast(dict[str, Any], answer))
            raise error if isinstance(error, NodeRefused) else NodeAnswerWrong("batch", "neither result nor error")
        by_number: dict[Any, Any] = {one.get("id"): one for one in _objects("batch", answer)}
        if len(by_number) != len(numbers):
            raise NodeAnswerWrong("batch", f"{len(by_number)} answers to {len(numbers)} questions")
        return [
            _result(method, number, by_number.get(number))
            for number, (method, _) in zip(numbers, questions, strict=True)
        ]

    def _post(self, body: Any) -> Any:
        try:
            response = self._http.post(self.url, json=body)
            answer = response.json()
        except httpx.TimeoutException as error:
            raise NodeUnreachable(self.url, self.timeout_seconds, "time-out") from error
        except httpx.HTTPError as error:
            raise NodeUnreachable(self.url, self.timeout_seconds, str(error) or type(error).__name__) from error
        except ValueError as error:
            raise NodeAnswerWrong(self.url, "the answer is not JSON") from error
        if len(response.content) > MAXIMUM_ANSWER_BYTES:
            raise NodeAnswerWrong(self.url, f"an answer of {len(response.content)} bytes")
        return answer

    def _logs(self, where: dict[str, Any], addresses: Sequence[bytes]) -> list[Log]:
        answer = self.request("eth_getLogs", {**where, "address": [_hex(one) for one in addresses]})
        logs = [log_of(one) for one in _list("eth_getLogs", answer)]
        wanted = frozenset(addresses)
        places = [(log.block_number, log.log_index) for log in logs]
        if any(log.address not in wanted for log in logs):
            raise NodeAnswerWrong("eth_getLogs", "a log of a contract that was not asked for")
        if len(set(places)) != len(places):
            raise NodeAnswerWrong("eth_getLogs", "a log stands twice")
        return sorted(logs, key=lambda log: (log.block_number, log.log_index))


def reverted(refusal: NodeRefused) -> Exception | None:
    """The contract's own error, when the refusal is a revert; else None."""
    data = _revert_data(refusal.data)
    if data is not None and (data or refusal.code == 3 or "revert" in refusal.message.lower()):
        return decode_error(data)
    if refusal.code in REVERT_CODES and "revert" in refusal.message.lower():
        return decode_error(b"")
    return None


def _revert_data(data: object) -> bytes | None:
    """The revert's bytes: plain hex (anvil, geth, Besu), or inside an object (ganache)."""
    if isinstance(data, str) and data.startswith("0x"):
        try:
            return bytes.fromhex(data[2:])
        except ValueError:
            return None
    if isinstance(data, dict):
        inner = cast(Mapping[str, object], data)
        return _revert_data(inner.get("result") or inner.get("data"))
    return None


def _about(method: str, block: BlockId, header: Header) -> Header:
    if not isinstance(block, str) and block not in (header.number, header.hash):
        raise NodeAnswerWrong(method, f"block {header.number} instead of the one asked for")
    return header


def _result(method: str, number: int | None, answer: Any) -> Any:
    """The result in an answer, or the NodeRefused that it is."""
    if not isinstance(answer, dict):
        raise NodeAnswerWrong(method, "no answer object")
    row = cast(Mapping[str, Any], answer)
    if number is not None and row.get("id") != number:
        raise NodeAnswerWrong(method, f"an answer to question {row.get('id')!r} instead of {number}")
    error = row.get("error")
    if error is None:
        if "result" not in row:
            raise NodeAnswerWrong(method, "neither result nor error")
        return row["result"]
    if not isinstance(error, dict):
        return NodeRefused(method, 0, str(error))
    parts = cast(Mapping[str, Any], error)
    code = parts.get("code")
    return NodeRefused(method, code if isinstance(code, int) else 0, str(parts.get("message", "")), parts.get("data"))


def _objects(method: str, answer: Any) -> Iterator[dict[str, Any]]:
    for one in _list(method, answer):
        if isinstance(one, dict):
            yield cast(dict[str, Any], one)


def _list(method: str, answer: Any) -> list[Any]:
    if not isinstance(answer, list):
        raise NodeAnswerWrong(method, "the answer is not a list")
    found: list[Any] = answer
    return found


def _hex(data: bytes) -> str:
    return "0x" + data.hex()


def _block(block: BlockId) -> str:
    if isinstance(block, bytes):
        return _hex(block)
    return block if isinstance(block, str) else hex(block)
