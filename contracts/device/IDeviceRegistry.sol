// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { PartyId } from "../party/Types.sol";
import {
    Assignment,
    Device,
    DeviceEnrolment,
    DeviceId,
    DeviceState,
    DeviceStatus,
    KeyEpoch,
    KeyRotation,
    KeyType,
    Metrology,
    Record
} from "./Types.sol";

/// @title Devices, and their keys over time
/// @notice Says which key a device had at any second and whether it was to be believed then. Nothing looks at "now":
/// what was true of a moment changes only by a revocation that says so. Times are seconds. Every event carries the
/// device's whole state after it, so that the newest one suffices to judge a record.
interface IDeviceRegistry {
    /// @notice Emitted when a device gets its first key.
    event DeviceEnrolled(DeviceId indexed device, DeviceState state);
    /// @notice Emitted when a key takes the place of another, by rotation or replacement.
    event DeviceKeyRotated(DeviceId indexed device, DeviceState state);
    /// @notice Emitted when the first of two registrars asks for a lost key to be replaced.
    event DeviceKeyReplacementProposed(DeviceId indexed device, address indexed registrar, DeviceState state);
    /// @notice Emitted when a key is declared not to be believed from some second on.
    event DeviceKeyInvalidated(DeviceId indexed device, DeviceState state);
    /// @notice Emitted when a device is given to a merchant and place.
    event DeviceAssigned(DeviceId indexed device, bytes32 indexed merchant, DeviceState state);
    /// @notice Emitted when a verification is filed.
    event DeviceCertified(DeviceId indexed device, DeviceState state);
    /// @notice Emitted when a device is suspended.
    event DeviceSuspended(DeviceId indexed device, DeviceState state);
    /// @notice Emitted when a suspension ends.
    event DeviceResumed(DeviceId indexed device, DeviceState state);
    /// @notice Emitted when a device is revoked, perhaps from a second in the past.
    event DeviceRevoked(DeviceId indexed device, DeviceState state);
    /// @notice Emitted when a device is taken out of use.
    event DeviceRetired(DeviceId indexed device, DeviceState state);
    /// @notice Emitted when two records of one sequence are shown; the device is suspended.
    event DeviceForkProven(
        DeviceId indexed device, uint64 sequence, bytes32 digestA, bytes32 digestB, address submitter, DeviceState state
    );

    /// @notice The device is not known.
    error DeviceUnknown(DeviceId device);
    /// @notice The device is already enrolled.
    error DeviceAlreadyEnrolled(DeviceId device, PartyId owner);
    /// @notice The device's owner is not an active party, or not the one that signed.
    error DeviceOwnerWrong(DeviceId device, PartyId owner);
    /// @notice The class or trust is not one that devices have.
    error DeviceClassWrong(uint16 class, uint8 trust);
    /// @notice The signature's deadline has passed or is more than a day ahead.
    error DeviceEnrolmentExpired(uint64 deadline, uint256 timestamp);
    /// @notice The nonce was used for this device before.
    error DeviceNonceUsed(DeviceId device, uint256 nonce);
    /// @notice The signature does not show that the device has the key.
    error DevicePossessionInvalid(DeviceId device, bytes32 keyHash);
    /// @notice The key serves or served a device; a key serves one device, once.
    error DeviceKeyInUse(bytes32 keyHash, DeviceId device);
    /// @notice The old key's statement and the new key's are not about the same change.
    error DeviceRotationMismatch(DeviceId device, bytes32 newKeyHash, bytes32 keyHash);
    /// @notice The second registrar must be another member than the first.
    error DeviceReplacementNeedsAnother(DeviceId device, address registrar);
    /// @notice The device has no such key.
    error DeviceKeyEpochUnknown(DeviceId device, uint256 epoch);
    /// @notice Keys of this type are never checked on chain.
    error DeviceKeyTypeUnsupported(DeviceId device, KeyType keyType);
    /// @notice The device's status does not allow this.
    error DeviceStatusWrong(DeviceId device, DeviceStatus status, DeviceStatus wanted);
    /// @notice A revocation cannot reach back before the device or key came into use.
    error DeviceRevokedFromTooEarly(uint64 from, uint64 enrolledAt);
    /// @notice A revocation cannot begin in the future, nor later than an earlier one.
    error DeviceRevokedFromTooLate(uint64 from, uint64 latest);
    /// @notice An assignment cannot reach into the past, nor before the one it follows.
    error DeviceAssignmentInPast(uint64 from, uint256 timestamp);
    /// @notice A verification's interval is empty, or begins before the last one began.
    error DeviceMetrologyInterval(uint64 from, uint64 until);
    /// @notice The verifier is not an active metrology body.
    error DeviceVerifierWrong(PartyId verifier, uint16 kinds);
    /// @notice One record with two signatures is no fork.
    error DeviceForkSameRecord(bytes32 digest);
    /// @notice The two records are not of one device and one sequence.
    error DeviceForkUnrelated(uint64 sequenceA, uint64 sequenceB);
    /// @notice The caller lacks the role.
    error DeviceCallerNotAllowed(address caller, uint64 role);

    /// @notice Gives a device its first key. Only REGISTRAR.
    /// @dev Trust 3 needs `certify` first. For Ed25519 the registrar's call is the statement; `possession` is not read.
    /// @param possession The device key's signature: 65 bytes r, s, v for secp256k1, 64 bytes r, s for P-256; low s.
    function enrol(
        DeviceEnrolment calldata enrolment,
        uint16 class,
        uint8 trust,
        bytes calldata possession,
        bytes calldata publicKey
    ) external;

    /// @notice Hands over from the key in force to a new one. Anyone may relay; when either key is Ed25519, only
    /// REGISTRAR, whose call then is the statement about that key.
    function rotate(
        KeyRotation calldata rotation,
        bytes calldata oldSignature,
        DeviceEnrolment calldata enrolment,
        bytes calldata possession,
        bytes calldata publicKey
    ) external;

    /// @notice Replaces a lost key: the same call by two REGISTRARs of different members, both before its deadline.
    function replaceKey(DeviceEnrolment calldata enrolment, bytes calldata possession, bytes calldata publicKey)
        external;

    /// @notice Gives a device to a merchant and place. The owner's ADMIN-power wallet, or REGISTRAR.
    /// @param assignment `from` 0 is this block's time.
    function assign(DeviceId device, Assignment calldata assignment) external;

    /// @notice Files a verification. Only METROLOGY. A device that is not enrolled yet becomes Pending.
    function certify(DeviceId device, Metrology calldata metrology) external;

    /// @notice Suspends a device from now on. Only REGISTRAR.
    function suspend(DeviceId device, uint16 reason) external;

    /// @notice Ends a suspension now. Only REGISTRAR.
    function resume(DeviceId device) external;

    /// @notice Takes a device out of use now. Only REGISTRAR.
    function retire(DeviceId device) external;

    /// @notice Revokes a device from some second on, perhaps past. Only REGISTRAR.
    /// @dev Warning: final. Records in the interval become doubtful; it can only be made longer afterwards.
    /// @param from 0 is this block's time.
    function revoke(DeviceId device, uint64 from, uint16 reason) external;

    /// @notice Declares one key not to be believed from some second on, perhaps past. Only REGISTRAR.
    /// @param from 0 is this block's time.
    function invalidateKey(DeviceId device, uint256 epoch, uint64 from, uint16 reason) external;

    /// @notice Shows two different records of one device and sequence, each validly signed; suspends the device.
    /// @param publicKey Of the key in force when `a` was observed.
    function submitFork(
        Record calldata a,
        bytes calldata signatureA,
        Record calldata b,
        bytes calldata signatureB,
        bytes calldata publicKey
    ) external;

    /// @notice The key in force at a second and the device's status then. Before the first key: the first key, Pending.
    function keyAt(DeviceId device, uint64 time)
        external
        view
        returns (uint256 epoch, KeyEpoch memory key, DeviceStatus statusThen);

    /// @notice The newest verification that began at or before a second, and whether it still held then.
    function metrologyAt(DeviceId device, uint64 time) external view returns (bool verified, Metrology memory metrology);

    /// @notice The assignment in force at a second; zeros when there was none.
    function assignmentAt(DeviceId device, uint64 time) external view returns (Assignment memory);

    /// @notice The device without its lists; status Unknown when there is none.
    function deviceAt(DeviceId device) external view returns (Device memory);

    /// @notice The device's whole state, as the newest event carries it.
    function stateOf(DeviceId device) external view returns (DeviceState memory);

    /// @notice The device that a key serves or served; zero for none.
    function deviceOfKey(bytes32 keyHash) external view returns (DeviceId);

    /// @notice Whether a nonce was used for a device.
    function isNonceUsed(DeviceId device, uint256 nonce) external view returns (bool);

    /// @notice What a device signs: the EIP-712 digest of a record.
    function recordDigest(Record calldata record) external view returns (bytes32);

    /// @notice What a new key signs to show possession.
    function enrolmentDigest(DeviceEnrolment calldata enrolment) external view returns (bytes32);

    /// @notice What the key in force signs to hand over.
    function rotationDigest(KeyRotation calldata rotation) external view returns (bytes32);
}
