"""EIP-712 for structs of static words: domain, struct hash, digest.

Everything a device, gateway, officer or node signs has only static members, so a struct hash is one keccak over words
at fixed offsets. Structs are declared by the very string that is hashed; nobody types a field list twice.
"""

from dataclasses import dataclass, field
from functools import lru_cache

from ledger_node.domain.digest import keccak256

WORD_BYTES = 32
DOMAIN_NAME = "Tidemark"
DOMAIN_VERSION = "1"
_DOMAIN_TYPE_HASH = keccak256(b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")
_NAME_HASH = keccak256(DOMAIN_NAME.encode())
_VERSION_HASH = keccak256(DOMAIN_VERSION.encode())


@dataclass(frozen=True, slots=True)
class SigningDomain:
    """Which system a signature is for: the chain and the 20-byte address of its DeviceRegistry."""

    chain_id: int
    verifying_contract: bytes
    separator: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.verifying_contract) != 20:
            raise ValueError(f"an address has 20 bytes, not {len(self.verifying_contract)}")
        words = self.chain_id.to_bytes(WORD_BYTES, "big") + bytes(12) + self.verifying_contract
        object.__setattr__(self, "separator", keccak256(_DOMAIN_TYPE_HASH + _NAME_HASH + _VERSION_HASH + words))


def typed_digest(domain: SigningDomain, struct_hash: bytes) -> bytes:
    """What is signed: 32 bytes."""
    return keccak256(b"\x19\x01" + domain.separator + struct_hash)


@dataclass(frozen=True, slots=True)
class StructType:
    """A signed struct, e.g. `Stamp(bytes32 digest,uint64 receivedAtMs,int64 offsetMs)`; members are static words."""

    text: str
    name: str
    members: tuple[tuple[str, str], ...]
    type_hash: bytes

    def hash(self, *values: int | bytes) -> bytes:
        """The struct hash of `values` in the order of the declaration; ValueError or OverflowError when one misfits."""
        if len(values) != len(self.members):
            raise ValueError(f"{self.name} has {len(self.members)} members, not {len(values)}")
        words = b"".join(word(kind, value) for (kind, _), value in zip(self.members, values, strict=True))
        return keccak256(self.type_hash + words)


@lru_cache(maxsize=256)
def struct_type(text: str) -> StructType:
    """Reads a declaration as it is hashed."""
    name, _, rest = text.partition("(")
    parts = [member.split(" ") for member in rest.removesuffix(")").split(",")]
    members = tuple((kind, label) for kind, label in parts)
    return StructType(text, name, members, keccak256(text.encode()))


def word(kind: str, value: int | bytes) -> bytes:
    """One static ABI word of Solidity type `kind`: 32 bytes."""
    if isinstance(value, bytes):
        width = 20 if kind == "address" else int(kind.removeprefix("bytes"))
        if len(value) != width:
            raise ValueError(f"{kind} has {width} bytes, not {len(value)}")
        return value.rjust(WORD_BYTES, b"\0") if kind == "address" else value.ljust(WORD_BYTES, b"\0")
    signed = kind.startswith("int")
    bits = 1 if kind == "bool" else int(kind.removeprefix("u").removeprefix("int") or 256)
    lowest, highest = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)
    if not lowest <= value <= highest:
        raise OverflowError(f"{value} does not fit {kind}")
    return value.to_bytes(WORD_BYTES, "big", signed=signed)
