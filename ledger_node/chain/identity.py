"""Whether a node's chain is the one that a ledger lives on; asked by every process at each start.

Chain id, genesis and the code of every contract are read from the node. A chain that is shorter than what was final
before has lost history that others may rely on: nothing may be started on it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ledger_node.chain.rpc import Node
from ledger_node.domain.digest import keccak256
from ledger_node.errors import ChainShorter, CodeWrong, IdentityError, WrongChain

__all__ = ["ExpectedCode", "IdentityError", "check_identity"]


@dataclass(frozen=True, slots=True)
class ExpectedCode:
    """A contract that must be there: `code_hash` is keccak256 of its code."""

    noun: str
    address: bytes
    code_hash: bytes


def check_identity(
    node: Node, *, chain_id: int, genesis_hash: bytes, contracts: Sequence[ExpectedCode], last_final_block: int = 0
) -> None:
    """Raises WrongChain, ChainShorter or CodeWrong, each with what was expected and what is there."""
    found_id = node.chain_id()
    if found_id != chain_id:
        raise WrongChain("chain id", str(chain_id), str(found_id))
    found_genesis = node.genesis_hash()
    if found_genesis != genesis_hash:
        raise WrongChain("genesis", _hex(genesis_hash), _hex(found_genesis))
    head = node.block_number()
    if head < last_final_block:
        raise ChainShorter("newest block", f"at least {last_final_block}, which was final", str(head))
    for contract in contracts:
        code = node.code(contract.address)
        if keccak256(code) != contract.code_hash:
            found = _hex(keccak256(code)) if code else "no code"
            raise CodeWrong(f"{contract.noun} at {_hex(contract.address)}", _hex(contract.code_hash), found)


def _hex(data: bytes) -> str:
    return f"0x{data.hex()}"
