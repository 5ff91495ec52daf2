// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { PartyId } from "../party/Types.sol";

/// @notice keccak256 of the device's name, a URI such as `urn:tidemark:device:zpk-scale-001`.
type DeviceId is bytes32;

using { sameDeviceId as == } for DeviceId global;

function sameDeviceId(DeviceId a, DeviceId b) pure returns (bool) {
    return DeviceId.unwrap(a) == DeviceId.unwrap(b);
}

/// @notice The curve of a device's key. Ed25519 is never checked on chain.
enum KeyType {
    Secp256k1,
    P256,
    Ed25519
}

/// @notice Where a device stands. Pending: certified, but without a key yet.
enum DeviceStatus {
    Unknown,
    Pending,
    Active,
    Suspended,
    Revoked,
    Retired
}

/// @notice A device.
/// @param revokedFrom The second from which nothing it signed is believed; 0 is never. May lie before the revocation.
/// @param class 1 scale, 2 probe, 3 tester, 4 counter, 5 gateway, 6 system, 7 node.
/// @param trust 0 software key, 1 gateway signs, 2 device signs, 3 as 2 and countersigned by a third party.
struct Device {
    PartyId owner;
    uint64 enrolledAt;
    uint64 revokedFrom;
    uint16 class;
    uint8 trust;
    DeviceStatus status;
}

/// @notice One key of a device, in force in [from, to); to = 0 is open. Append-only.
/// @param invalidFrom The second from which nothing it signed is believed; 0 is never.
struct KeyEpoch {
    bytes32 keyHash;
    uint64 from;
    uint64 to;
    uint64 invalidFrom;
    KeyType keyType;
}

/// @notice [from, to) during which records are rejected; to = 0 is open. Append-only.
struct Suspension {
    uint64 from;
    uint64 to;
    uint16 reason;
}

/// @notice Keyed commitments to the merchant and place that a device works for. Append-only.
struct Assignment {
    bytes32 merchant;
    bytes32 place;
    uint64 from;
}

/// @notice One verification of a measuring device, valid in [from, until).
/// @param sealCommitment keccak256(salt, production code, repair code, verification code, seal number).
/// @param verifier The metrology body.
struct Metrology {
    bytes32 sealCommitment;
    bytes32 certificateHash;
    bytes32 firmwareHash;
    bytes32 calibrationHash;
    PartyId verifier;
    uint64 from;
    uint64 until;
}

/// @notice A device's whole state, as every device event carries it.
/// @param publicKeys One for each of `keys`: X and Y (64 bytes), or 32 bytes of Ed25519.
/// @param assignment The newest one; it may begin in the future.
/// @param verifications Oldest first.
struct DeviceState {
    PartyId owner;
    uint64 enrolledAt;
    uint64 revokedFrom;
    uint16 class;
    uint8 trust;
    DeviceStatus status;
    KeyEpoch[] keys;
    bytes[] publicKeys;
    Suspension[] suspensions;
    Assignment assignment;
    Metrology[] verifications;
}

/// @notice What a device's key signs to prove that the device has it.
/// @param keyHash keccak256 of the public key's bytes.
/// @param nonce Any number that was not used for this device before.
/// @param deadline The last second at which the signature may be used, at most a day ahead.
struct DeviceEnrolment {
    DeviceId device;
    PartyId owner;
    bytes32 keyHash;
    KeyType keyType;
    uint256 nonce;
    uint64 deadline;
}

bytes32 constant DEVICE_ENROLMENT_TYPEHASH = keccak256(
    "DeviceEnrolment(bytes32 device,uint32 owner,bytes32 keyHash,uint8 keyType,uint256 nonce,uint64 deadline)"
);

/// @notice What the key in force signs to hand over to the next one.
/// @param nonce The nonce of the new key's enrolment, which travels with it.
struct KeyRotation {
    DeviceId device;
    bytes32 newKeyHash;
    KeyType newKeyType;
    uint256 nonce;
    uint64 deadline;
}

bytes32 constant KEY_ROTATION_TYPEHASH =
    keccak256("KeyRotation(bytes32 device,bytes32 newKeyHash,uint8 newKeyType,uint256 nonce,uint64 deadline)");

/// @notice One signed statement of a device; names are keccak256 of their UTF-8 bytes.
/// @param observedAtMs The device's clock, in milliseconds.
/// @param value Times 10^exponent in `unit`.
struct Record {
    DeviceId device;
    bytes32 stream;
    uint64 sequence;
    uint64 observedAtMs;
    bytes32 kind;
    int256 value;
    int32 exponent;
    bytes32 unit;
    bytes32 previousHash;
    bytes32 payloadHash;
}

bytes32 constant RECORD_TYPEHASH = keccak256(
    "Record(bytes32 device,bytes32 stream,uint64 sequence,uint64 observedAtMs,bytes32 kind,int256 value,int32 exponent,bytes32 unit,bytes32 previousHash,bytes32 payloadHash)"
);

/// @notice What a gateway signs for up to 50 records at once.
struct Bundle {
    DeviceId gateway;
    uint64 sequence;
    uint64 bundledAtMs;
    uint32 count;
    bytes32 root;
    bytes32 previousHash;
}

bytes32 constant BUNDLE_TYPEHASH = keccak256(
    "Bundle(bytes32 gateway,uint64 sequence,uint64 bundledAtMs,uint32 count,bytes32 root,bytes32 previousHash)"
);

/// @notice What a gateway signs to say when it received a record, and how far the device's clock was off then.
struct Stamp {
    bytes32 digest;
    uint64 receivedAtMs;
    int64 offsetMs;
}

bytes32 constant STAMP_TYPEHASH = keccak256("Stamp(bytes32 digest,uint64 receivedAtMs,int64 offsetMs)");

/// @notice What the node signs: every record of the device up to a sequence is journaled or declared missing.
struct Receipt {
    DeviceId device;
    uint64 contiguousSequence;
    bytes32 headHash;
    uint64 receivedAtMs;
}

bytes32 constant RECEIPT_TYPEHASH =
    keccak256("Receipt(bytes32 device,uint64 contiguousSequence,bytes32 headHash,uint64 receivedAtMs)");

/// @title Why a device was suspended
library SuspensionReasons {
    uint16 internal constant FORK = 1;
    uint16 internal constant CASE_OPENED = 2;
    uint16 internal constant BAD_SIGNATURES = 3;
    uint16 internal constant VERIFICATION_LAPSED = 4;
    uint16 internal constant MEMBERSHIP_ENDED = 5;
    uint16 internal constant OTHER = 99;
}
