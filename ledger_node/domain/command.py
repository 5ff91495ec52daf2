"""What the node tells a device: numbered commands that expire, and its standing configuration.

Both are signed by the node, itself an enrolled device. Commands are `resend rebirth block-lot set-dead-band`; the
configuration says which key epoch is final and how a probe is to thin out its readings. Whether a number is new and the
signer known is the receiver's to find out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from ledger_node.domain.canonical_json import canonical_bytes
from ledger_node.domain.device_key import KeyType, Signer, verify_signature
from ledger_node.domain.digest import keccak256
from ledger_node.domain.envelope import ALGORITHMS, KEY_TYPES, Algorithm
from ledger_node.domain.receipt import read_integer, read_members, read_name, read_signature
from ledger_node.domain.record import name_hash
from ledger_node.domain.typed_data import SigningDomain, struct_type, typed_digest
from ledger_node.errors import EnvelopeMalformed, SignedMessageWrong

COMMAND_TYPE: Final = struct_type(
    "Command(bytes32 device,uint64 number,bytes32 name,bytes32 argumentsHash,uint64 expiresAtMs)"
)
CONFIGURATION_TYPE: Final = struct_type(
    "Configuration(bytes32 device,uint64 version,bytes32 settingsHash,uint64 issuedAtMs)"
)
COMMAND_NAMES: Final = ("resend", "rebirth", "block-lot", "set-dead-band")
COMMAND_LIFE_MS: Final = 60_000
_COMMAND_MEMBERS: Final = frozenset(
    {"device", "number", "name", "arguments", "expiresAtMs", "node", "algorithm", "signature"}
)
_CONFIGURATION_MEMBERS: Final = frozenset(
    {"device", "version", "settings", "issuedAtMs", "node", "algorithm", "signature"}
)


@dataclass(frozen=True, slots=True)
class Command:
    """One order to `device`. `arguments` are JSON members; numbers grow per device and node."""

    device: str
    number: int
    name: str
    arguments: Mapping[str, Any]
    expires_at_ms: int
    node: str
    algorithm: Algorithm
    signature: bytes

    def digest(self, domain: SigningDomain) -> bytes:
        """What the node signed: 32 bytes."""
        return command_digest(
            domain,
            device=self.device,
            number=self.number,
            name=self.name,
            arguments=self.arguments,
            expires_at_ms=self.expires_at_ms,
        )

    def verify(self, domain: SigningDomain, key_type: KeyType, public_key: bytes) -> bool:
        """Whether the node's key `public_key` signed this."""
        return KEY_TYPES.get(self.algorithm) == key_type and verify_signature(
            key_type, public_key, self.digest(domain), self.signature
        )

    def to_json(self) -> dict[str, Any]:
        """As it travels on `cmd`."""
        return {
            "device": self.device,
            "number": self.number,
            "name": self.name,
            "arguments": dict(self.arguments),
            "expiresAtMs": self.expires_at_ms,
            "node": self.node,
            "algorithm": self.algorithm,
            "signature": "0x" + self.signature.hex(),
        }

    @classmethod
    def from_json(cls, obj: object) -> "Command":
        """Reads what `to_json` wrote; SignedMessageWrong for anything else."""
        members = read_members(obj, _COMMAND_MEMBERS, "command")
        name = read_name(members, "name", "command")
        if name not in COMMAND_NAMES:
            raise SignedMessageWrong("command", f"name is not one of {', '.join(COMMAND_NAMES)}")
        algorithm, signature = read_signature(members, "command")
        return cls(
            read_name(members, "device", "command"),
            read_integer(members, "number", "command"),
            name,
            _read_object(members["arguments"], "command"),
            read_integer(members, "expiresAtMs", "command"),
            read_name(members, "node", "command"),
            algorithm,
            signature,
        )


@dataclass(frozen=True, slots=True)
class Configuration:
    """The standing settings of `device` (`cfg`, retained); a higher version replaces a lower one."""

    device: str
    version: int
    settings: Mapping[str, Any]
    issued_at_ms: int
    node: str
    algorithm: Algorithm
    signature: bytes

    def digest(self, domain: SigningDomain) -> bytes:
        """What the node signed: 32 bytes."""
        values = (name_hash(self.device), self.version, _object_hash(self.settings, "settings"), self.issued_at_ms)
        return typed_digest(domain, CONFIGURATION_TYPE.hash(*values))

    def verify(self, domain: SigningDomain, key_type: KeyType, public_key: bytes) -> bool:
        """Whether the node's key `public_key` signed this."""
        return KEY_TYPES.get(self.algorithm) == key_type and verify_signature(
            key_type, public_key, self.digest(domain), self.signature
        )

    def to_json(self) -> dict[str, Any]:
        """As it stands, retained, on `cfg`."""
        return {
            "device": self.device,
            "version": self.version,
            "settings": dict(self.settings),
            "issuedAtMs": self.issued_at_ms,
            "node": self.node,
            "algorithm": self.algorithm,
            "signature": "0x" + self.signature.hex(),
        }

    @classmethod
    def from_json(cls, obj: object) -> "Configuration":
        """Reads what `to_json` wrote; SignedMessageWrong for anything else."""
        members = read_members(obj, _CONFIGURATION_MEMBERS, "configuration")
        algorithm, signature = read_signature(members, "configuration")
        return cls(
            read_name(members, "device", "configuration"),
            read_integer(members, "version", "configuration"),
            _read_object(members["settings"], "configuration"),
            read_integer(members, "issuedAtMs", "configuration"),
            read_name(members, "node", "configuration"),
            algorithm,
            signature,
        )


def command_digest(
    domain: SigningDomain, *, device: str, number: int, name: str, arguments: Mapping[str, Any], expires_at_ms: int
) -> bytes:
    """What the node signs to order `device` to do `name`."""
    values = (name_hash(device), number, name_hash(name), _object_hash(arguments, "arguments"), expires_at_ms)
    return typed_digest(domain, COMMAND_TYPE.hash(*values))


def sign_command(
    domain: SigningDomain,
    signer: Signer,
    node: str,
    *,
    device: str,
    number: int,
    name: str,
    arguments: Mapping[str, Any],
    expires_at_ms: int,
) -> Command:
    """The command of node device `node`, signed by its key."""
    digest = command_digest(
        domain, device=device, number=number, name=name, arguments=arguments, expires_at_ms=expires_at_ms
    )
    algorithm = ALGORITHMS[signer.key_type]
    return Command(device, number, name, dict(arguments), expires_at_ms, node, algorithm, signer.sign(digest))


def sign_configuration(
    domain: SigningDomain,
    signer: Signer,
    node: str,
    *,
    device: str,
    version: int,
    settings: Mapping[str, Any],
    issued_at_ms: int,
) -> Configuration:
    """The configuration of node device `node`, signed by its key."""
    unsigned = Configuration(device, version, dict(settings), issued_at_ms, node, ALGORITHMS[signer.key_type], b"")
    return Configuration(
        device, version, unsigned.settings, issued_at_ms, node, unsigned.algorithm, signer.sign(unsigned.digest(domain))
    )


def _object_hash(members: Mapping[str, Any], what: str) -> bytes:
    """keccak256 of the members' canonical JSON; EnvelopeMalformed when they have none."""
    return keccak256(canonical_bytes(dict(members), pointer=f"/{what}"))


def _read_object(value: Any, what: str) -> Mapping[str, Any]:
    if type(value) is not dict:
        raise SignedMessageWrong(what, "arguments or settings are no object")
    try:
        canonical_bytes(value)
    except EnvelopeMalformed as wrong:
        raise SignedMessageWrong(what, str(wrong)) from wrong
    return cast(Mapping[str, Any], value)
