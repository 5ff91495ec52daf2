"""A node's answers are believed only where they are about what was asked; silence and nonsense have names."""

import json
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from ledger_node.bindings.contract_errors import DeviceUnknown
from ledger_node.chain.replies import Reply, meaning_of
from ledger_node.chain.rpc import Node, reverted
from ledger_node.errors import NodeAnswerWrong, NodeRefused, NodeUnreachable, RevertUnknown

HASH = "0x" + "11" * 32
BLOCK = {"number": "0x5", "hash": HASH, "parentHash": HASH, "timestamp": "0x1", "extraData": "0x", "logsBloom": "0x00"}
LOG = {
    "address": "0x" + "22" * 20, "topics": [HASH], "data": "0x", "blockHash": HASH, "blockNumber": "0x5",
    "transactionHash": HASH, "transactionIndex": "0x0", "logIndex": "0x0",
}  # fmt: skip
RECEIPT = {
    "transactionHash": HASH, "transactionIndex": "0x0", "blockHash": HASH, "blockNumber": "0x5",
    "from": "0x" + "22" * 20, "contractAddress": None, "gasUsed": "0x5208", "status": "0x1",
}  # fmt: skip
ADDRESS = b"\x22" * 20


@contextmanager
def a_node_that_says(answer: Callable[[Any], Any]) -> Generator[Node]:
    """A server whose whole body is `answer(request)`."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            given = answer(request)
            body = given if isinstance(given, bytes) else json.dumps(given).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        with Node(f"http://127.0.0.1:{server.server_port}", timeout_seconds=1) as node:
            yield node
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def result(value: Any) -> Callable[[Any], Any]:
    """The same result to every question, alone or in a batch."""

    def answer(request: Any) -> Any:
        if isinstance(request, list):
            return [{"jsonrpc": "2.0", "id": one["id"], "result": value} for one in request]
        return {"jsonrpc": "2.0", "id": request["id"], "result": value}

    return answer


@pytest.mark.parametrize(
    ("said", "ask"),
    [
        ("12", lambda node: node.block_number()),
        (None, lambda node: node.chain_id()),
        (None, lambda node: node.genesis_hash()),
        ({**BLOCK, "hash": "0x11"}, lambda node: node.header(5)),
        ({**BLOCK, "number": "0x6"}, lambda node: node.header(5)),
        (BLOCK, lambda node: node.header(b"\x33" * 32)),
        ([BLOCK], lambda node: node.header(5)),
        ({**BLOCK, "number": "0x6"}, lambda node: node.headers([5])),
        ({}, lambda node: node.logs_by_range(1, 9, [ADDRESS])),
        ([LOG, LOG], lambda node: node.logs_by_range(1, 9, [ADDRESS])),
        ([{**LOG, "blockNumber": "0x9"}], lambda node: node.logs_by_range(1, 8, [ADDRESS])),
        ([LOG], lambda node: node.logs_by_hash(b"\x33" * 32, [ADDRESS])),
        ([LOG], lambda node: node.logs_by_hash(b"\x11" * 32, [b"\x23" * 20])),
        ([{**LOG, "removed": True}], lambda node: node.logs_by_hash(b"\x11" * 32, [ADDRESS])),
        ([{**LOG, "topics": [HASH] * 5}], lambda node: node.logs_by_hash(b"\x11" * 32, [ADDRESS])),
        ([{**LOG, "data": "0x1"}], lambda node: node.logs_by_hash(b"\x11" * 32, [ADDRESS])),
        ([RECEIPT], lambda node: node.receipts(b"\x33" * 32)),
        ([{**RECEIPT, "status": "0x2"}], lambda node: node.receipts(5)),
        (RECEIPT, lambda node: node.receipts_by_hash([b"\x33" * 32])),
        (None, lambda node: node.block_tx_hashes(5)),
        ("0x1", lambda node: node.call(ADDRESS, b"")),
        ("text", lambda node: node.code(ADDRESS)),
        ("0x11", lambda node: node.send_raw([b"\1"])),
    ],
)
def test_an_answer_about_something_else_is_refused(said: Any, ask: Callable[[Node], Any]) -> None:
    with a_node_that_says(result(said)) as node, pytest.raises(NodeAnswerWrong):
        ask(node)


def test_good_answers_are_taken() -> None:
    with a_node_that_says(result(BLOCK)) as node:
        header = node.header(5)
        assert header is not None
        assert (header.number, header.hash, header.time) == (5, b"\x11" * 32, 1)
        assert node.header("latest") == header
    with a_node_that_says(result([LOG])) as node:
        assert [log.address for log in node.logs_by_hash(b"\x11" * 32, [ADDRESS])] == [ADDRESS]
    with a_node_that_says(result(RECEIPT)) as node:
        assert [one.gas_used for one in node.receipts_by_hash([b"\x11" * 32]) if one] == [21_000]
    with a_node_that_says(result(None)) as node:
        assert node.header(5) is None
        assert node.headers([1, 2]) == [None, None]
        assert node.receipts(5) is None


@pytest.mark.parametrize(
    "body",
    [
        b"<html>", b"", b"7", b"[]", b'{"jsonrpc":"2.0","id":1}', b'{"jsonrpc":"2.0","id":"1","result":"0x1"}',
        b'{"jsonrpc":"2.0","id":999999,"result":"0x1"}',
    ],
)  # fmt: skip
def test_what_is_no_answer_is_refused(body: bytes) -> None:
    with a_node_that_says(lambda _request: body) as node, pytest.raises(NodeAnswerWrong):
        node.block_number()


@pytest.mark.parametrize(
    "answer",
    [
        lambda request: [],
        lambda request: [{"jsonrpc": "2.0", "id": request[0]["id"], "result": None}],
        lambda request: [{"jsonrpc": "2.0", "id": one["id"] + 100, "result": None} for one in request],
        lambda request: {"jsonrpc": "2.0", "id": None},
    ],
)
def test_a_batch_that_is_answered_in_part_is_refused(answer: Callable[[Any], Any]) -> None:
    with a_node_that_says(answer) as node, pytest.raises(NodeAnswerWrong):
        node.headers([1, 2])


def test_a_batch_may_be_answered_in_any_order() -> None:
    def backwards(request: Any) -> Any:
        return [{"jsonrpc": "2.0", "id": one["id"], "result": one["method"]} for one in reversed(request)]

    with a_node_that_says(backwards) as node:
        assert node.batch([("a", []), ("b", [])]) == ["a", "b"]


def test_a_batch_is_cut_to_the_limit() -> None:
    sizes: list[int] = []

    def counting(request: Any) -> Any:
        sizes.append(len(request))
        return result(None)(request)

    with a_node_that_says(counting) as node:
        node.batch_limit = 3
        assert node.headers(list(range(7))) == [None] * 7
    assert sizes == [3, 3, 1]


@pytest.mark.parametrize("error", [{"code": -32000, "message": "no"}, {"message": "no"}, "no"])
def test_a_refusal_keeps_code_message_and_data(error: Any) -> None:
    def refuse(request: Any) -> Any:
        return {"jsonrpc": "2.0", "id": request["id"], "error": error}

    with a_node_that_says(refuse) as node, pytest.raises(NodeRefused, match="no"):
        node.block_number()


def test_a_batch_refused_as_a_whole_is_a_refusal() -> None:
    whole = {"jsonrpc": "2.0", "id": None, "error": {"code": -32600, "message": "batch too large"}}
    with a_node_that_says(lambda _request: whole) as node, pytest.raises(NodeRefused, match="too large"):
        node.headers([1])


def test_each_raw_transaction_has_its_own_outcome() -> None:
    def half(request: Any) -> Any:
        first, second = request
        refusal = {"code": -32003, "message": "nonce too low"}
        return [{"id": first["id"], "result": HASH}, {"id": second["id"], "error": refusal}]

    with a_node_that_says(half) as node:
        sent, refused = node.send_raw([b"\1", b"\2"])
    assert (sent.tx_hash, sent.refusal) == (b"\x11" * 32, None)
    assert refused.refusal is not None
    assert meaning_of(refused.refusal.message) is Reply.NONCE_TOO_LOW


def test_a_node_that_hangs_is_unreachable_within_its_timeout() -> None:
    waiting = threading.Event()

    def hang(_request: Any) -> Any:
        waiting.wait(5)
        return {}

    with a_node_that_says(hang) as node:
        node_with_little_patience = Node(node.url, timeout_seconds=0.2)
        with node_with_little_patience, pytest.raises(NodeUnreachable) as error:
            node_with_little_patience.block_number()
        waiting.set()
    assert error.value.timeout_seconds == 0.2


def test_nobody_there_is_unreachable() -> None:
    with Node("http://127.0.0.1:9", connect_seconds=0.5) as node, pytest.raises(NodeUnreachable):
        node.block_number()


REVERT = "0x" + DeviceUnknown.SELECTOR.hex() + "05" * 32


@pytest.mark.parametrize(
    "refusal",
    [
        NodeRefused("eth_call", 3, "execution reverted: custom error", REVERT),
        NodeRefused("eth_call", -32000, "VM Exception while processing transaction: revert", {"result": REVERT}),
        NodeRefused("eth_call", -32000, "VM Exception: revert", {"data": REVERT}),
        NodeRefused("eth_call", -32015, "Reverted", REVERT),
    ],
)
def test_a_revert_is_found_in_every_engines_form(refusal: NodeRefused) -> None:
    error = reverted(refusal)
    assert isinstance(error, DeviceUnknown)
    assert error.device == b"\x05" * 32


def test_other_refusals_are_no_reverts() -> None:
    assert reverted(NodeRefused("eth_call", -32602, "invalid params")) is None
    assert reverted(NodeRefused("eth_call", -32000, "header not found")) is None
    bare = reverted(NodeRefused("eth_call", 3, "execution reverted", "0x"))
    assert isinstance(bare, RevertUnknown)


@pytest.mark.parametrize(
    ("message", "reply"),
    [
        ("already known", Reply.KNOWN),
        ("known transaction: 0x11", Reply.KNOWN),
        ("transaction already imported", Reply.KNOWN),
        ("Nonce too low", Reply.NONCE_TOO_LOW),
        ("nonce too low: next nonce 2, tx nonce 0", Reply.NONCE_TOO_LOW),
        ("nonce too high", Reply.NONCE_TOO_HIGH),
        ("tx nonce gap", Reply.NONCE_TOO_HIGH),
        ("replacement transaction underpriced", Reply.UNDERPRICED),
        ("insufficient funds for gas * price + value", Reply.UNAFFORDABLE),
        ("exceeds block gas limit", Reply.UNAFFORDABLE),
        ("txpool is full", Reply.BUSY),
        ("queue limit reached", Reply.BUSY),
        ("execution reverted", Reply.REVERTED),
        ("the moon is blue", Reply.UNKNOWN),
    ],
)
def test_refusals_mean_what_the_table_says(message: str, reply: Reply) -> None:
    assert meaning_of(message) is reply
