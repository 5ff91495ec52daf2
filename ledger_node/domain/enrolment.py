"""What a device key signs to be enrolled or to hand over to its successor, and what a wallet signs to join a party.

The structs of `contracts/device/Types.sol` and `contracts/party/Types.sol`; times are seconds, parties are numbers.
"""

from dataclasses import dataclass

from ledger_node.domain.device_key import KeyType
from ledger_node.domain.typed_data import SigningDomain, struct_type, typed_digest

DEVICE_ENROLMENT_TYPE = struct_type(
    "DeviceEnrolment(bytes32 device,uint32 owner,bytes32 keyHash,uint8 keyType,uint256 nonce,uint64 deadline)"
)
KEY_ROTATION_TYPE = struct_type(
    "KeyRotation(bytes32 device,bytes32 newKeyHash,uint8 newKeyType,uint256 nonce,uint64 deadline)"
)


@dataclass(frozen=True, slots=True)
class DeviceEnrolment:
    """Signed by the device's (new) key: proof that the applicant has it. `device` is the name's hash."""

    device: bytes
    owner: int
    key_hash: bytes
    key_type: KeyType
    nonce: int
    deadline: int

    def digest(self, domain: SigningDomain) -> bytes:
        """What is signed; `domain` is the DeviceRegistry's."""
        values = (self.device, self.owner, self.key_hash, int(self.key_type), self.nonce, self.deadline)
        return typed_digest(domain, DEVICE_ENROLMENT_TYPE.hash(*values))


@dataclass(frozen=True, slots=True)
class KeyRotation:
    """Signed by the device's old key: it names its successor."""

    device: bytes
    new_key_hash: bytes
    new_key_type: KeyType
    nonce: int
    deadline: int

    def digest(self, domain: SigningDomain) -> bytes:
        """What is signed; `domain` is the DeviceRegistry's."""
        values = (self.device, self.new_key_hash, int(self.new_key_type), self.nonce, self.deadline)
        return typed_digest(domain, KEY_ROTATION_TYPE.hash(*values))
