"""What a node adds to a bundle: that its chain is the network's, and has the shown events in the blocks named."""

from typing import Any, Final, Protocol

import httpx

from ledger_node.domain.digest import keccak256
from ledger_node.domain.log_entry import LogEntry
from ledger_node.domain.network import Network
from ledger_node.errors import NodeUnreachable
from ledger_node.proof.bundle import Bundle

TIMEOUT_SECONDS: Final = 10.0


class Rpc(Protocol):
    """One JSON-RPC call."""

    def __call__(self, method: str, *parameters: Any) -> Any: ...


def compare_with_node(bundle: Bundle, network: Network, rpc_url: str) -> str | None:
    """What the node contradicts, None for nothing. Raises NodeUnreachable."""
    with httpx.Client(timeout=TIMEOUT_SECONDS) as client:

        def call(method: str, *parameters: Any) -> Any:
            request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(parameters)}
            try:
                answer = client.post(rpc_url, json=request).raise_for_status().json()
            except (httpx.HTTPError, ValueError) as error:
                raise NodeUnreachable(rpc_url, TIMEOUT_SECONDS, str(error)) from error
            if type(answer) is not dict or "result" not in answer:
                raise NodeUnreachable(rpc_url, TIMEOUT_SECONDS, f"{method}: no result")
            return answer["result"]

        return compare(bundle, network, call)


def compare(bundle: Bundle, network: Network, call: Rpc) -> str | None:
    """The same over any transport."""
    if int(call("eth_chainId"), 16) != network.chain_id:
        return "The node is on another chain."
    genesis = call("eth_getBlockByNumber", "0x0", False)
    if genesis is None or genesis["hash"] != "0x" + network.genesis_hash.hex():
        return "The node's chain has another genesis."
    for contract in network.contracts:
        code = bytes.fromhex(call("eth_getCode", "0x" + contract.address.hex(), "latest")[2:])
        if keccak256(code) != contract.code_hash:
            return f"The code of the contract {contract.noun} is another on the node's chain."
    for index, entry in bundle.log.entries.items() if bundle.log else ():
        if not _has(call, entry):
            return f"Event {index} is not in block {entry.block_number} of the node's chain."
    return None


def _has(call: Rpc, entry: LogEntry) -> bool:
    block = call("eth_getBlockByNumber", hex(entry.block_number), False)
    if (
        block is None
        or block["hash"] != "0x" + entry.block_hash.hex()
        or int(block["timestamp"], 16) != entry.block_time
    ):
        return False
    logs = call("eth_getLogs", {"blockHash": block["hash"], "address": "0x" + entry.address.hex()})
    return any(
        int(log["logIndex"], 16) == entry.log_index and _entry(log, entry).encode() == entry.encode() for log in logs
    )


def _entry(log: dict[str, Any], like: LogEntry) -> LogEntry:
    return LogEntry.of_event(
        chain_id=like.chain_id,
        block_number=int(log["blockNumber"], 16),
        block_hash=bytes.fromhex(log["blockHash"][2:]),
        block_time=like.block_time,
        transaction_index=int(log["transactionIndex"], 16),
        log_index=int(log["logIndex"], 16),
        address=bytes.fromhex(log["address"][2:]),
        topics=tuple(bytes.fromhex(topic[2:]) for topic in log["topics"]),
        data=bytes.fromhex(log["data"][2:]),
    )
