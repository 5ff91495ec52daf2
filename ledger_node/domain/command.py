"""What the node tells a device: numbered commands that expire, and its standing configuration.

Commands are `resend rebirth block-lot set-dead-band`; the configuration says which key epoch is final and how a probe
is to thin out its readings. Whether a number is new and the signer known is the receiver's to find out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from ledger_node.domain.canonical_json import canonical_bytes
from ledger_node.domain.device_key import Signer
from ledger_node.domain.digest import keccak256
from ledger_node.domain.envelope import ALGORITHMS, Algorithm
from ledger_node.domain.record import name_hash
from ledger_node.domain.signed_message import MemberReader, SignedMessage
from ledger_node.domain.typed_data import SigningDomain, struct_type, typed_digest
from ledger_node.errors import EnvelopeMalformed

COMMAND_TYPE: Final = struct_type(
    "Command(bytes32 device,uint64 number,bytes32 name,bytes32 argumentsHash,uint64 expiresAtMs)"
)
CONFIGURATION_TYPE: Final = struct_type(
    "Configuration(bytes32 device,uint64 version,bytes32 settingsHash,uint64 issuedAtMs)"
)
COMMAND_NAMES: Final = ("resend", "rebirth", "block-lot", "set-dead-band")
COMMAND_LIFE_MS: Final = 60_000
_COMMAND_MEMBERS: Final = frozenset({"device", "number", "name", "arguments", "expiresAtMs"})
_CONFIGURATION_MEMBERS: Final = frozenset({"device", "version", "settings", "issuedAtMs"})


@dataclass(frozen=True, slots=True)
class Command(SignedMessage):
    """One order to `device` (on `cmd`). `arguments` are JSON members; numbers grow per device and node."""

    device: str
    number: int
    name: str
    arguments: Mapping[str, Any]
    expires_at_ms: int
    node: str
    algorithm: Algorithm
    signature: bytes

    def digest(self, domain: SigningDomain) -> bytes:
        return command_digest(
            domain,
            device=self.device,
            number=self.number,
            name=self.name,
            arguments=self.arguments,
            expires_at_ms=self.expires_at_ms,
        )

    def members(self) -> dict[str, Any]:
        return {
            "device": self.device,
            "number": self.number,
            "name": self.name,
            "arguments": dict(self.arguments),
            "expiresAtMs": self.expires_at_ms,
        }

    @classmethod
    def from_json(cls, obj: object) -> "Command":
        """Reads what `to_json` wrote; SignedMessageWrong for anything else."""
        read = MemberReader(obj, _COMMAND_MEMBERS, "command")
        name = read.name("name")
        if name not in COMMAND_NAMES:
            raise read.wrong(f"name is not one of {', '.join(COMMAND_NAMES)}")
        algorithm, signature = read.signature()
        return cls(
            read.name("device"),
            read.integer("number"),
            name,
            _read_object(read, "arguments"),
            read.integer("expiresAtMs"),
            read.name("node"),
            algorithm,
            signature,
        )


@dataclass(frozen=True, slots=True)
class Configuration(SignedMessage):
    """The standing settings of `device` (on `cfg`, retained); a higher version replaces a lower one."""

    device: str
    version: int
    settings: Mapping[str, Any]
    issued_at_ms: int
    node: str
    algorithm: Algorithm
    signature: bytes

    def digest(self, domain: SigningDomain) -> bytes:
        values = (name_hash(self.device), self.version, _object_hash(self.settings, "settings"), self.issued_at_ms)
        return typed_digest(domain, CONFIGURATION_TYPE.hash(*values))

    def members(self) -> dict[str, Any]:
        return {
            "device": self.device,
            "version": self.version,
            "settings": dict(self.settings),
            "issuedAtMs": self.issued_at_ms,
        }

    @classmethod
    def from_json(cls, obj: object) -> "Configuration":
        """Reads what `to_json` wrote; SignedMessageWrong for anything else."""
        read = MemberReader(obj, _CONFIGURATION_MEMBERS, "configuration")
        algorithm, signature = read.signature()
        return cls(
            read.name("device"),
            read.integer("version"),
            _read_object(read, "settings"),
            read.integer("issuedAtMs"),
            read.name("node"),
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
    return replace(unsigned, signature=signer.sign(unsigned.digest(domain)))


def _object_hash(members: Mapping[str, Any], what: str) -> bytes:
    """keccak256 of the members' canonical JSON; EnvelopeMalformed when they have none."""
    return keccak256(canonical_bytes(dict(members), pointer=f"/{what}"))


def _read_object(read: MemberReader, name: str) -> Mapping[str, Any]:
    value = read[name]
    if type(value) is not dict:
        raise read.wrong("arguments or settings are no object")
    try:
        canonical_bytes(value)
    except EnvelopeMalformed as wrong:
        raise read.wrong(str(wrong)) from wrong
    return cast(Mapping[str, Any], value)
