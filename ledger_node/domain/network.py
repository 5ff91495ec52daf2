"""The network file: the only trust anchor of whoever checks a proof (`proofs.md` section 6).

It names the chain, its genesis, the ledger's contracts with the hashes of their code, and the policy that says which
logs and witnesses count. A verifier takes it from a place of its own and shows its SHA-256 to compare; it is served by
every node but never trusted from there.
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

from ledger_node.domain.checkpoint_note import strict_base64
from ledger_node.domain.digest import sha256
from ledger_node.domain.log_policy import LogPolicy, parse_policy
from ledger_node.domain.strict_json import read_canonical, write_canonical
from ledger_node.domain.typed_data import SigningDomain
from ledger_node.errors import BundleWrong, NetworkFileWrong, PolicyWrong

VERSION: Final = 1
MAXIMUM_CONTRACTS: Final = 64
_MEMBERS: Final = frozenset(
    {"tidemark_network", "name", "chain_id", "genesis_hash", "contracts", "policy", "time_stamp_roots"}
)
_DECIMAL: Final = re.compile(r"0|[1-9][0-9]{0,19}")
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


@dataclass(frozen=True, slots=True)
class Contract:
    """One contract of the ledger: its noun, 20-byte address, keccak256 of its code."""

    noun: str
    address: bytes
    code_hash: bytes


@dataclass(frozen=True, slots=True)
class Network:
    """A parsed network file. `time_stamp_roots` are DER certificates."""

    name: str
    chain_id: int
    genesis_hash: bytes
    contracts: tuple[Contract, ...]
    policy_text: str
    time_stamp_roots: tuple[bytes, ...] = ()
    policy: LogPolicy = field(init=False, repr=False, compare=False)
    _by_noun: Mapping[str, Contract] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_noun = {contract.noun: contract for contract in self.contracts}
        if len(by_noun) != len(self.contracts):
            raise NetworkFileWrong("/contracts", "a noun stands twice")
        if len({contract.address for contract in self.contracts}) != len(self.contracts):
            raise NetworkFileWrong("/contracts", "an address stands twice")
        try:
            policy = parse_policy(self.policy_text)
        except PolicyWrong as wrong:
            raise NetworkFileWrong("/policy", str(wrong)) from wrong
        object.__setattr__(self, "policy", policy)
        object.__setattr__(self, "_by_noun", by_noun)

    def contract(self, noun: str) -> Contract:
        """The contract called `noun`. Raises NetworkFileWrong when the file does not name it."""
        found = self._by_noun.get(noun)
        if found is None:
            raise NetworkFileWrong("/contracts", f"no contract {noun!r}")
        return found

    def is_ours(self, address: bytes) -> bool:
        """Whether the address is one of the ledger's contracts."""
        return any(contract.address == address for contract in self.contracts)

    @property
    def signing_domain(self) -> SigningDomain:
        """The EIP-712 domain of every signed record of this network."""
        return SigningDomain(self.chain_id, self.contract("device").address)

    @property
    def sha256(self) -> str:
        """SHA-256 of the file in hex: what people compare."""
        return sha256(self.to_bytes()).hex()

    def to_bytes(self) -> bytes:
        """The file: canonical JSON."""
        return write_canonical(
            {
                "tidemark_network": VERSION,
                "name": self.name,
                "chain_id": str(self.chain_id),
                "genesis_hash": _hex(self.genesis_hash),
                "contracts": [
                    {"noun": one.noun, "address": _hex(one.address), "code_hash": _hex(one.code_hash)}
                    for one in self.contracts
                ],
                "policy": self.policy_text,
                "time_stamp_roots": [_base64(root) for root in self.time_stamp_roots],
            }
        )

    @classmethod
    def parse(cls, data: bytes) -> "Network":
        """Reads a network file. Raises NetworkFileWrong with the pointer of the first fault."""
        try:
            value = read_canonical(data)
        except BundleWrong as wrong:
            raise NetworkFileWrong("", f"{wrong.why} at byte {wrong.byte}") from wrong
        members = _object(value, "", _MEMBERS)
        if members["tidemark_network"] != VERSION or type(members["tidemark_network"]) is not int:
            raise NetworkFileWrong("/tidemark_network", f"version {members['tidemark_network']} is unknown")
        return cls(
            name=_text(members["name"], "/name", _NAME),
            chain_id=_chain_id(members["chain_id"]),
            genesis_hash=_bytes(members["genesis_hash"], "/genesis_hash", 32),
            contracts=tuple(
                _contract(one, f"/contracts/{place}") for place, one in enumerate(_list(members["contracts"]))
            ),
            policy_text=_text(members["policy"], "/policy"),
            time_stamp_roots=tuple(
                _root(one, f"/time_stamp_roots/{place}") for place, one in enumerate(_list(members["time_stamp_roots"]))
            ),
        )


def _contract(value: object, pointer: str) -> Contract:
    members = _object(value, pointer, frozenset({"noun", "address", "code_hash"}))
    return Contract(
        noun=_text(members["noun"], f"{pointer}/noun", _NAME),
        address=_bytes(members["address"], f"{pointer}/address", 20),
        code_hash=_bytes(members["code_hash"], f"{pointer}/code_hash", 32),
    )


def _object(value: object, pointer: str, names: frozenset[str]) -> dict[str, Any]:
    if type(value) is not dict:
        raise NetworkFileWrong(pointer, "not an object")
    members = cast(dict[str, Any], value)
    if members.keys() != names:
        wrong = min(members.keys() ^ names)
        raise NetworkFileWrong(f"{pointer}/{wrong}", "is missing" if wrong in names else "is unknown")
    return members


def _list(value: object) -> list[Any]:
    if type(value) is not list or len(value) > MAXIMUM_CONTRACTS:
        raise NetworkFileWrong("", f"not a list of at most {MAXIMUM_CONTRACTS}")
    return value


def _text(value: object, pointer: str, form: re.Pattern[str] | None = None) -> str:
    if type(value) is not str or (form is not None and not form.fullmatch(value)):
        raise NetworkFileWrong(pointer, "not text of the right form")
    return value


def _chain_id(value: object) -> int:
    text = _text(value, "/chain_id", _DECIMAL)
    if int(text) >= 1 << 64:
        raise NetworkFileWrong("/chain_id", "does not fit 64 bits")
    return int(text)


def _bytes(value: object, pointer: str, length: int) -> bytes:
    text = _text(value, pointer, re.compile(rf"0x[0-9a-f]{{{2 * length}}}"))
    return bytes.fromhex(text[2:])


def _root(value: object, pointer: str) -> bytes:
    try:
        return strict_base64(_text(value, pointer))
    except ValueError as wrong:
        raise NetworkFileWrong(pointer, str(wrong)) from wrong


def _hex(value: bytes) -> str:
    return "0x" + value.hex()


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()
