"""`deployment.json`: which contracts make up a ledger, on which chain, from which sources; signed by its maker.

Canonical JSON. Reading checks the signature; `check_deployment` compares it with what a node answers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import rfc8785

from ledger_node.chain.identity import ExpectedCode, check_identity
from ledger_node.chain.rpc import Node
from ledger_node.chain.signer import Signer
from ledger_node.domain.device_key import key_hash, recover_key
from ledger_node.domain.digest import keccak256
from ledger_node.domain.strict_json import read_canonical
from ledger_node.errors import BundleWrong, ConfigurationWrong

VERSION: Final = 1
NOUNS: Final = ("access", "party", "device", "trace", "lot", "schema", "eas", "attestation")
"""In the order of their creation: a contract's address follows from the deployer's nonce, which is its place here."""
_PURPOSE: Final = b"Tidemark deployment 1\n"
_REMEDY: Final = "Take deployment.json anew from whoever deployed the ledger."


@dataclass(frozen=True, slots=True)
class DeployedContract:
    """One contract: where it is, since which block, what it was made of; `code_hash` is keccak256 of its code."""

    noun: str
    name: str
    address: bytes
    creation_block: int
    code_hash: bytes
    constructor_arguments: bytes
    compiler: str
    source_hash: str

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "noun": self.noun,
            "name": self.name,
            "address": _hex(self.address),
            "creation_block": self.creation_block,
            "code_hash": _hex(self.code_hash),
            "constructor_arguments": _hex(self.constructor_arguments),
            "compiler": self.compiler,
            "source_hash": self.source_hash,
        }


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployed ledger. `schemas` are EAS schema UIDs by noun; `settings` the compiler's."""

    chain_id: int
    genesis_hash: bytes
    engine: str
    contracts: tuple[DeployedContract, ...]
    schemas: Mapping[str, bytes]
    settings: Mapping[str, Any]
    maker: bytes = bytes(20)
    signature: bytes = b""

    def contract(self, noun: str) -> DeployedContract:
        """The contract called `noun`. Raises KeyError."""
        return next((one for one in self.contracts if one.noun == noun), None) or _missing(noun)

    def address(self, noun: str) -> bytes:
        """Where the contract called `noun` is."""
        return self.contract(noun).address

    def addresses(self) -> dict[str, bytes]:
        """Every contract's address by noun."""
        return {one.noun: one.address for one in self.contracts}

    @property
    def first_block(self) -> int:
        """The block of the first contract: there is nothing of the ledger's before."""
        return min(one.creation_block for one in self.contracts)

    def signed(self, signer: Signer) -> "Deployment":
        """The same, signed by its maker's key."""
        named = replace(self, maker=signer.address, signature=b"")
        return replace(named, signature=signer.sign_digest(named.digest()))

    def digest(self) -> bytes:
        """What the maker signs."""
        return keccak256(_PURPOSE + rfc8785.dumps(self._body()))

    def to_bytes(self) -> bytes:
        """The file."""
        return rfc8785.dumps({**self._body(), "signature": _hex(self.signature)}) + b"\n"

    @classmethod
    def parse(cls, content: bytes) -> "Deployment":
        """Reads the file. Raises ConfigurationWrong when its form or signature is wrong."""
        try:
            row: Mapping[str, Any] = read_canonical(content)
            made = cls(
                chain_id=int(row["chain_id"]),
                genesis_hash=_unhex(row["genesis_hash"], 32),
                engine=str(row["engine"]),
                contracts=tuple(_contract(one) for one in row["contracts"]),
                schemas={str(noun): _unhex(uid, 32) for noun, uid in row["schemas"].items()},
                settings=row["settings"],
                maker=_unhex(row["maker"], 20),
                signature=_unhex(row["signature"], 65),
            )
        except (BundleWrong, KeyError, TypeError, ValueError, AttributeError) as error:
            raise ConfigurationWrong("deployment.json", f"it cannot be read ({error})", _REMEDY) from error
        if row.get("tidemark_deployment") != VERSION or made.to_bytes().strip() != content.strip():
            raise ConfigurationWrong("deployment.json", "it is not of the form that this version reads", _REMEDY)
        recovered = recover_key(made.digest(), made.signature)
        if recovered is None or key_hash(recovered)[12:] != made.maker:
            raise ConfigurationWrong("deployment.json", "its maker did not sign this", _REMEDY)
        return made

    def _body(self) -> dict[str, Any]:
        return {
            "tidemark_deployment": VERSION,
            "chain_id": str(self.chain_id),
            "genesis_hash": _hex(self.genesis_hash),
            "engine": self.engine,
            "contracts": [one.to_json() for one in self.contracts],
            "schemas": {noun: _hex(uid) for noun, uid in self.schemas.items()},
            "settings": dict(self.settings),
            "maker": _hex(self.maker),
        }


def check_deployment(node: Node, deployment: Deployment, last_final_block: int = 0) -> None:
    """Raises WrongChain, ChainShorter or CodeWrong when the node's chain is not the deployment's."""
    check_identity(
        node,
        chain_id=deployment.chain_id,
        genesis_hash=deployment.genesis_hash,
        contracts=[ExpectedCode(one.noun, one.address, one.code_hash) for one in deployment.contracts],
        last_final_block=last_final_block,
    )


def _contract(row: Mapping[str, Any]) -> DeployedContract:
    return DeployedContract(
        noun=str(row["noun"]),
        name=str(row["name"]),
        address=_unhex(row["address"], 20),
        creation_block=int(row["creation_block"]),
        code_hash=_unhex(row["code_hash"], 32),
        constructor_arguments=_unhex(row["constructor_arguments"]),
        compiler=str(row["compiler"]),
        source_hash=str(row["source_hash"]),
    )


def _missing(noun: str) -> DeployedContract:
    raise KeyError(noun)


def _hex(data: bytes) -> str:
    return f"0x{data.hex()}"


def _unhex(text: str, size: int | None = None) -> bytes:
    data = bytes.fromhex(text.removeprefix("0x"))
    if size is not None and len(data) != size:
        raise ValueError(f"{len(data)} bytes instead of {size}")
    return data
