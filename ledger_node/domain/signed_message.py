"""What the node's signed messages have in common: who signed and how, whether the signature is good, the JSON form.

Each message says its own members and digest. It is signed by the node, itself an enrolled device of class node; which
node keys are known is the reader's to say.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, Final, cast

from ledger_node.domain.device_key import KeyType, verify_signature
from ledger_node.domain.envelope import KEY_TYPES, SIGNATURE_BYTES, Algorithm
from ledger_node.domain.typed_data import SigningDomain
from ledger_node.errors import SignedMessageWrong

_SIGNED: Final = frozenset({"node", "algorithm", "signature"})
_HEX: Final = re.compile(r"0x(?:[0-9a-f]{2})*")
_NAME: Final = re.compile(r"[A-Za-z0-9:/._-]{1,128}")
_INTEGER_LIMIT: Final = (1 << 53) - 1


class SignedMessage(ABC):
    """A message of node device `node`; its classes are frozen dataclasses that end with these three members."""

    __slots__ = ()
    node: str
    algorithm: Algorithm
    signature: bytes

    @abstractmethod
    def digest(self, domain: SigningDomain) -> bytes:
        """What the node signed: 32 bytes."""

    @abstractmethod
    def members(self) -> dict[str, Any]:
        """The JSON members before the signer's."""

    def verify(self, domain: SigningDomain, key_type: KeyType, public_key: bytes) -> bool:
        """Whether the node's key `public_key` signed this."""
        return KEY_TYPES.get(self.algorithm) == key_type and verify_signature(
            key_type, public_key, self.digest(domain), self.signature
        )

    def to_json(self) -> dict[str, Any]:
        """As it travels."""
        row = self.members()
        row["node"] = self.node
        row["algorithm"] = self.algorithm
        row["signature"] = "0x" + self.signature.hex()
        return row


class MemberReader:
    """The JSON members of a message, read one by one; SignedMessageWrong for one that is not what it must be."""

    def __init__(self, obj: object, names: frozenset[str], what: str) -> None:
        """`names`: the message's own members, all of which must be there; `what` the message is, in errors."""
        expected = names | _SIGNED
        if not isinstance(obj, dict) or obj.keys() != expected:
            raise SignedMessageWrong(what, f"not an object with exactly {', '.join(sorted(expected))}")
        self._members = cast(Mapping[str, Any], obj)
        self._what = what

    def __getitem__(self, name: str) -> Any:
        return self._members[name]

    def wrong(self, why: str) -> SignedMessageWrong:
        """The error that says `why` of this message."""
        return SignedMessageWrong(self._what, why)

    def integer(self, name: str) -> int:
        """A member that is an integer from 0 to 2^53 − 1."""
        value = self._members[name]
        if type(value) is not int or not 0 <= value <= _INTEGER_LIMIT:
            raise self.wrong(f"{name} is no integer from 0 to 2^53 − 1")
        return value

    def name(self, name: str) -> str:
        """A member that is a name as records use them."""
        value = self._members[name]
        if type(value) is not str or _NAME.fullmatch(value) is None:
            raise self.wrong(f"{name} is no name")
        return value

    def hex(self, name: str, length: int) -> bytes:
        """A member that is `0x` hex of `length` bytes."""
        value = self._members[name]
        if type(value) is not str or len(value) != 2 + 2 * length or _HEX.fullmatch(value) is None:
            raise self.wrong(f"{name} is not {length} bytes as lower-case 0x hex")
        return bytes.fromhex(value[2:])

    def signature(self) -> tuple[Algorithm, bytes]:
        """The members `algorithm` and `signature`, of the length that belongs to it."""
        algorithm = self._members["algorithm"]
        if type(algorithm) is not str or algorithm not in KEY_TYPES:
            raise self.wrong("algorithm is not one of ES256K, ES256, EdDSA")
        return cast(Algorithm, algorithm), self.hex("signature", SIGNATURE_BYTES[algorithm])
