"""What a node adds to a bundle: that its chain is the network's, and has the shown events in the blocks named."""

from ledger_node.chain.answers import Log
from ledger_node.chain.identity import ExpectedCode, check_identity
from ledger_node.chain.rpc import Node
from ledger_node.domain.log_entry import LogEntry
from ledger_node.domain.network import Network
from ledger_node.errors import IdentityError
from ledger_node.proof.bundle import Bundle


def compare_with_node(bundle: Bundle, network: Network, node: Node) -> str | None:
    """What the node contradicts, None for nothing. Raises NodeUnreachable and the other errors of a node."""
    expected = [ExpectedCode(one.noun, one.address, one.code_hash) for one in network.contracts]
    try:
        check_identity(node, chain_id=network.chain_id, genesis_hash=network.genesis_hash, contracts=expected)
    except IdentityError as wrong:
        return f"The node's chain is another: {wrong}"
    for index, entry in bundle.log.entries.items() if bundle.log else ():
        if not _has(node, entry):
            return f"Event {index} is not in block {entry.block_number} of the node's chain"
    return None


def _has(node: Node, entry: LogEntry) -> bool:
    header = node.header(entry.block_number)
    if header is None or header.hash != entry.block_hash or header.time != entry.block_time:
        return False
    logs = node.logs_by_hash(header.hash, [entry.address])
    return any(log.log_index == entry.log_index and _as_entry(log, entry).encode() == entry.encode() for log in logs)


def _as_entry(log: Log, like: LogEntry) -> LogEntry:
    return LogEntry.of_event(
        chain_id=like.chain_id,
        block_number=log.block_number,
        block_hash=log.block_hash,
        block_time=like.block_time,
        transaction_index=log.tx_index,
        log_index=log.log_index,
        address=log.address,
        topics=log.topics,
        data=log.data,
    )
