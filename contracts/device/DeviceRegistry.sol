// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IAccessManager } from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import { Roles } from "../access/Roles.sol";
import { IPartyRegistry } from "../party/IPartyRegistry.sol";
import { NOBODY, PartyId, PartyKinds, WalletPowers } from "../party/Types.sol";
import { DeviceBook, DeviceHistory } from "./DeviceHistory.sol";
import { DeviceKey } from "./DeviceKey.sol";
import { IDeviceRegistry } from "./IDeviceRegistry.sol";
import { RecordHash } from "./RecordHash.sol";
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
    Record,
    Suspension,
    SuspensionReasons
} from "./Types.sol";

// Slither takes what is compared here for balances; they are statuses, types and hashes, and equality is meant.
// slither-disable-start incorrect-equality

/// @title Devices, and their keys over time
contract DeviceRegistry is IDeviceRegistry, EIP712 {
    using DeviceHistory for DeviceBook;

    uint256 private constant _DEADLINE_LIMIT = 1 days;
    uint16 private constant _CLASS_MAXIMUM = 7;
    uint8 private constant _TRUST_COUNTERSIGNED = 3;

    IAccessManager private immutable _access;
    IPartyRegistry private immutable _parties;
    mapping(DeviceId device => DeviceBook) private _books;
    mapping(bytes32 keyHash => DeviceId device) private _deviceOfKey;
    /// @dev Who first asked for a lost key to be replaced, by the struct hash of the new key's enrolment.
    mapping(bytes32 structHash => address registrar) private _replacements;

    modifier onlyRole(uint64 role) {
        _requireRole(role);
        _;
    }

    constructor(IAccessManager access, IPartyRegistry parties) EIP712("Tidemark", "1") {
        _access = access;
        _parties = parties;
    }

    /// @inheritdoc IDeviceRegistry
    function enrol(
        DeviceEnrolment calldata enrolment,
        uint16 class,
        uint8 trust,
        bytes calldata possession,
        bytes calldata publicKey
    ) external onlyRole(Roles.REGISTRAR) {
        // Checks
        DeviceId device = enrolment.device;
        Device storage stored = _books[device].device;
        DeviceStatus status = stored.status;
        require(
            status == DeviceStatus.Unknown || status == DeviceStatus.Pending,
            DeviceAlreadyEnrolled(device, stored.owner)
        );
        require(_parties.isActive(enrolment.owner), DeviceOwnerWrong(device, enrolment.owner));
        require(class != 0 && class <= _CLASS_MAXIMUM && trust <= _TRUST_COUNTERSIGNED, DeviceClassWrong(class, trust));
        require(
            trust != _TRUST_COUNTERSIGNED || status == DeviceStatus.Pending,
            DeviceStatusWrong(device, status, DeviceStatus.Pending)
        );
        _requireNewKey(enrolment, possession, publicKey);
        // Effects
        _books[device].device = Device(enrolment.owner, _now(), 0, class, trust, DeviceStatus.Active);
        _appendKey(enrolment, publicKey);
        emit DeviceEnrolled(device, stateOf(device));
    }

    /// @inheritdoc IDeviceRegistry
    function rotate(
        KeyRotation calldata rotation,
        bytes calldata oldSignature,
        DeviceEnrolment calldata enrolment,
        bytes calldata possession,
        bytes calldata publicKey
    ) external {
        // Checks
        _requireHandedOver(rotation, oldSignature, enrolment);
        _requireOwner(enrolment);
        if (enrolment.keyType == KeyType.Ed25519) _requireRole(Roles.REGISTRAR);
        _requireNewKey(enrolment, possession, publicKey);
        // Effects
        _appendKey(enrolment, publicKey);
        emit DeviceKeyRotated(enrolment.device, stateOf(enrolment.device));
    }

    /// @inheritdoc IDeviceRegistry
    function replaceKey(DeviceEnrolment calldata enrolment, bytes calldata possession, bytes calldata publicKey)
        external
        onlyRole(Roles.REGISTRAR)
    {
        // Checks
        DeviceId device = enrolment.device;
        _requireInUse(device);
        _requireOwner(enrolment);
        _requireNewKey(enrolment, possession, publicKey);
        // Effects
        bytes32 structHash = RecordHash.hash(enrolment);
        address first = _replacements[structHash];
        if (first == address(0)) {
            _replacements[structHash] = msg.sender;
            emit DeviceKeyReplacementProposed(device, msg.sender, stateOf(device));
            return;
        }
        require(_areDifferentMembers(first, msg.sender), DeviceReplacementNeedsAnother(device, first));
        delete _replacements[structHash];
        _appendKey(enrolment, publicKey);
        emit DeviceKeyRotated(device, stateOf(device));
    }

    /// @inheritdoc IDeviceRegistry
    function assign(DeviceId device, Assignment calldata assignment) external {
        // Checks
        _requireInUse(device);
        _requireOwnerOrRegistrar(device);
        uint64 from = assignment.from == 0 ? _now() : assignment.from;
        require(from >= block.timestamp, DeviceAssignmentInPast(from, block.timestamp));
        Assignment[] storage assignments = _books[device].assignments;
        if (assignments.length != 0) {
            uint64 last = assignments[assignments.length - 1].from;
            require(from >= last, DeviceAssignmentInPast(from, last));
        }
        // Effects
        assignments.push(Assignment(assignment.merchant, assignment.place, from));
        emit DeviceAssigned(device, assignment.merchant, stateOf(device));
    }

    /// @inheritdoc IDeviceRegistry
    function certify(DeviceId device, Metrology calldata metrology) external onlyRole(Roles.METROLOGY) {
        // Checks
        DeviceBook storage book = _books[device];
        DeviceStatus status = book.device.status;
        require(
            status != DeviceStatus.Revoked && status != DeviceStatus.Retired,
            DeviceStatusWrong(device, status, DeviceStatus.Active)
        );
        uint16 kinds = _parties.kindsOf(metrology.verifier);
        require(
            kinds & PartyKinds.METROLOGY != 0 && _parties.isActive(metrology.verifier),
            DeviceVerifierWrong(metrology.verifier, kinds)
        );
        uint256 count = book.verifications.length;
        bool isLater = count == 0 || metrology.from >= book.verifications[count - 1].from;
        require(isLater && metrology.from < metrology.until, DeviceMetrologyInterval(metrology.from, metrology.until));
        // Effects
        if (status == DeviceStatus.Unknown) book.device.status = DeviceStatus.Pending;
        book.verifications.push(metrology);
        emit DeviceCertified(device, stateOf(device));
    }

    /// @inheritdoc IDeviceRegistry
    function suspend(DeviceId device, uint16 reason) external onlyRole(Roles.REGISTRAR) {
        // Checks
        _requireStatus(device, DeviceStatus.Active);
        // Effects
        _suspend(device, reason);
        emit DeviceSuspended(device, stateOf(device));
    }

    /// @inheritdoc IDeviceRegistry
    function resume(DeviceId device) external onlyRole(Roles.REGISTRAR) {
        // Checks
        _requireStatus(device, DeviceStatus.Suspended);
        // Effects
        _endSuspension(device);
        _books[device].device.status = DeviceStatus.Active;
        emit DeviceResumed(device, stateOf(device));
    }

    /// @inheritdoc IDeviceRegistry
    function retire(DeviceId device) external onlyRole(Roles.REGISTRAR) {
        // Checks
        DeviceStatus status = _requireInUse(device);
        // Effects
        if (status == DeviceStatus.Suspended) _endSuspension(device);
        DeviceBook storage book = _books[device];
        book.keys[book.keys.length - 1].to = _now();
        book.device.status = DeviceStatus.Retired;
        emit DeviceRetired(device, stateOf(device));
    }

    /// @inheritdoc IDeviceRegistry
    function revoke(DeviceId device, uint64 from, uint16) external onlyRole(Roles.REGISTRAR) {
        // Checks
        _requireKeyed(device);
        Device storage stored = _books[device].device;
        uint64 revokedFrom = _backDated(from, stored.enrolledAt, stored.revokedFrom);
        // Effects
        stored.revokedFrom = revokedFrom;
        stored.status = DeviceStatus.Revoked;
        emit DeviceRevoked(device, stateOf(device));
    }

    /// @inheritdoc IDeviceRegistry
    function invalidateKey(DeviceId device, uint256 epoch, uint64 from, uint16) external onlyRole(Roles.REGISTRAR) {
        // Checks
        _requireKeyed(device);
        require(epoch < _books[device].keys.length, DeviceKeyEpochUnknown(device, epoch));
        KeyEpoch storage key = _books[device].keys[epoch];
        uint64 invalidFrom = _backDated(from, key.from, key.invalidFrom);
        // Effects
        key.invalidFrom = invalidFrom;
        emit DeviceKeyInvalidated(device, stateOf(device));
    }

    /// @inheritdoc IDeviceRegistry
    function submitFork(
        Record calldata a,
        bytes calldata signatureA,
        Record calldata b,
        bytes calldata signatureB,
        bytes calldata publicKey
    ) external {
        // Checks
        require(a.device == b.device && a.sequence == b.sequence, DeviceForkUnrelated(a.sequence, b.sequence));
        require(recordDigest(a) != recordDigest(b), DeviceForkSameRecord(recordDigest(a)));
        bytes32 keyHash = _requireRecordSigned(a, signatureA);
        require(keccak256(publicKey) == keyHash, DevicePossessionInvalid(a.device, keyHash));
        _requireRecordSigned(b, signatureB);
        // Effects
        _suspendForFork(a.device);
        DeviceState memory state = stateOf(a.device);
        emit DeviceForkProven(a.device, a.sequence, recordDigest(a), recordDigest(b), msg.sender, state);
    }

    /// @inheritdoc IDeviceRegistry
    function metrologyAt(DeviceId device, uint64 time)
        external
        view
        returns (bool verified, Metrology memory metrology)
    {
        _requireKnown(device);
        return _books[device].metrologyAt(time);
    }

    /// @inheritdoc IDeviceRegistry
    function assignmentAt(DeviceId device, uint64 time) external view returns (Assignment memory) {
        _requireKnown(device);
        return _books[device].assignmentAt(time);
    }

    /// @inheritdoc IDeviceRegistry
    function deviceAt(DeviceId device) external view returns (Device memory) {
        return _books[device].device;
    }

    /// @inheritdoc IDeviceRegistry
    function deviceOfKey(bytes32 keyHash) external view returns (DeviceId) {
        return _deviceOfKey[keyHash];
    }

    /// @inheritdoc IDeviceRegistry
    function isNonceUsed(DeviceId device, uint256 nonce) external view returns (bool) {
        return _books[device].usedNonces[nonce];
    }

    /// @inheritdoc IDeviceRegistry
    function keyAt(DeviceId device, uint64 time)
        public
        view
        returns (uint256 epoch, KeyEpoch memory key, DeviceStatus statusThen)
    {
        _requireKeyed(device);
        return _books[device].keyAt(time);
    }

    /// @inheritdoc IDeviceRegistry
    function stateOf(DeviceId device) public view returns (DeviceState memory) {
        return _books[device].state();
    }

    /// @inheritdoc IDeviceRegistry
    function recordDigest(Record calldata record) public view returns (bytes32) {
        return _hashTypedDataV4(RecordHash.hash(record));
    }

    /// @inheritdoc IDeviceRegistry
    function enrolmentDigest(DeviceEnrolment calldata enrolment) public view returns (bytes32) {
        return _hashTypedDataV4(RecordHash.hash(enrolment));
    }

    /// @inheritdoc IDeviceRegistry
    function rotationDigest(KeyRotation calldata rotation) public view returns (bytes32) {
        return _hashTypedDataV4(RecordHash.hash(rotation));
    }

    /// @dev Closes the epoch in force at the block's time, and opens the next.
    function _appendKey(DeviceEnrolment calldata enrolment, bytes calldata publicKey) private {
        DeviceBook storage book = _books[enrolment.device];
        uint256 count = book.keys.length;
        if (count != 0) book.keys[count - 1].to = _now();
        book.keys.push(KeyEpoch(enrolment.keyHash, _now(), 0, 0, enrolment.keyType));
        book.publicKeys.push(publicKey);
        book.usedNonces[enrolment.nonce] = true;
        _deviceOfKey[enrolment.keyHash] = enrolment.device;
    }

    function _suspend(DeviceId device, uint16 reason) private {
        _books[device].suspensions.push(Suspension(_now(), 0, reason));
        _books[device].device.status = DeviceStatus.Suspended;
    }

    /// @dev A suspension for another reason gives way: a fork must not be forgotten when that one ends.
    function _suspendForFork(DeviceId device) private {
        DeviceStatus status = _requireInUse(device);
        if (status == DeviceStatus.Suspended) {
            require(
                _openSuspension(device).reason != SuspensionReasons.FORK,
                DeviceStatusWrong(device, status, DeviceStatus.Active)
            );
            _endSuspension(device);
        }
        _suspend(device, SuspensionReasons.FORK);
    }

    function _endSuspension(DeviceId device) private {
        _openSuspension(device).to = _now();
    }

    /// @dev The new key is unused, its statement in time and of a fresh nonce, and the device has it.
    function _requireNewKey(DeviceEnrolment calldata enrolment, bytes calldata possession, bytes calldata publicKey)
        private
        view
    {
        DeviceId device = enrolment.device;
        _requireInTime(enrolment.deadline);
        require(!_books[device].usedNonces[enrolment.nonce], DeviceNonceUsed(device, enrolment.nonce));
        DeviceId user = _deviceOfKey[enrolment.keyHash];
        require(DeviceId.unwrap(user) == 0, DeviceKeyInUse(enrolment.keyHash, user));
        require(
            DeviceKey.fits(enrolment.keyType, enrolment.keyHash, publicKey)
                && (enrolment.keyType == KeyType.Ed25519
                    || DeviceKey.hasSigned(enrolment.keyType, publicKey, enrolmentDigest(enrolment), possession)),
            DevicePossessionInvalid(device, enrolment.keyHash)
        );
    }

    /// @dev The key in force has signed for exactly this new key.
    function _requireHandedOver(
        KeyRotation calldata rotation,
        bytes calldata oldSignature,
        DeviceEnrolment calldata enrolment
    ) private view {
        DeviceId device = rotation.device;
        require(
            device == enrolment.device && rotation.newKeyHash == enrolment.keyHash
                && rotation.newKeyType == enrolment.keyType && rotation.nonce == enrolment.nonce,
            DeviceRotationMismatch(device, rotation.newKeyHash, enrolment.keyHash)
        );
        _requireInTime(rotation.deadline);
        (uint256 epoch, KeyEpoch memory key, DeviceStatus status) = keyAt(device, _now());
        require(status == DeviceStatus.Active, DeviceStatusWrong(device, status, DeviceStatus.Active));
        if (key.keyType == KeyType.Ed25519) return _requireRole(Roles.REGISTRAR);
        require(
            DeviceKey.hasSigned(key.keyType, _books[device].publicKeys[epoch], rotationDigest(rotation), oldSignature),
            DevicePossessionInvalid(device, key.keyHash)
        );
    }

    /// @dev Returns the hash of the key that was in force, to be believed, and signed the record.
    function _requireRecordSigned(Record calldata record, bytes calldata signature) private view returns (bytes32) {
        DeviceId device = record.device;
        (uint256 epoch, KeyEpoch memory key, DeviceStatus status) = keyAt(device, record.observedAtMs / 1000);
        require(status == DeviceStatus.Active, DeviceStatusWrong(device, status, DeviceStatus.Active));
        require(key.keyType != KeyType.Ed25519, DeviceKeyTypeUnsupported(device, key.keyType));
        require(
            DeviceKey.hasSigned(key.keyType, _books[device].publicKeys[epoch], recordDigest(record), signature),
            DevicePossessionInvalid(device, key.keyHash)
        );
        return key.keyHash;
    }

    function _requireOwner(DeviceEnrolment calldata enrolment) private view {
        require(
            _books[enrolment.device].device.owner == enrolment.owner,
            DeviceOwnerWrong(enrolment.device, enrolment.owner)
        );
    }

    function _requireOwnerOrRegistrar(DeviceId device) private view {
        if (Roles.holds(_access, Roles.REGISTRAR, msg.sender)) return;
        // slither-disable-next-line unused-return an owner is an owner whatever its kinds
        (PartyId party,) = _parties.activeParty(msg.sender);
        bool isOwner = party != NOBODY && party == _parties.rootOf(_books[device].device.owner);
        require(
            isOwner && _parties.walletAt(msg.sender).powers & WalletPowers.ADMIN != 0,
            DeviceCallerNotAllowed(msg.sender, Roles.REGISTRAR)
        );
    }

    function _requireRole(uint64 role) private view {
        require(Roles.holds(_access, role, msg.sender), DeviceCallerNotAllowed(msg.sender, role));
    }

    function _requireKnown(DeviceId device) private view returns (DeviceStatus status) {
        status = _books[device].device.status;
        require(status != DeviceStatus.Unknown, DeviceUnknown(device));
    }

    function _requireKeyed(DeviceId device) private view {
        require(_books[device].keys.length != 0, DeviceUnknown(device));
    }

    function _requireStatus(DeviceId device, DeviceStatus wanted) private view {
        DeviceStatus status = _requireKnown(device);
        require(status == wanted, DeviceStatusWrong(device, status, wanted));
    }

    /// @dev Active or Suspended.
    function _requireInUse(DeviceId device) private view returns (DeviceStatus status) {
        status = _requireKnown(device);
        require(
            status == DeviceStatus.Active || status == DeviceStatus.Suspended,
            DeviceStatusWrong(device, status, DeviceStatus.Active)
        );
    }

    function _requireInTime(uint64 deadline) private view {
        require(
            block.timestamp <= deadline && deadline <= block.timestamp + _DEADLINE_LIMIT,
            DeviceEnrolmentExpired(deadline, block.timestamp)
        );
    }

    function _areDifferentMembers(address first, address second) private view returns (bool) {
        PartyId party = _parties.partyOf(first);
        return first != second && (party == NOBODY || party != _parties.partyOf(second));
    }

    /// @dev When a revocation begins: not before the thing existed, not in the future, only ever earlier than before.
    function _backDated(uint64 from, uint64 earliest, uint64 before) private view returns (uint64 start) {
        start = from == 0 ? _now() : from;
        require(start >= earliest, DeviceRevokedFromTooEarly(start, earliest));
        uint64 latest = before == 0 ? _now() : before - 1;
        require(start <= latest, DeviceRevokedFromTooLate(start, latest));
    }

    function _openSuspension(DeviceId device) private view returns (Suspension storage) {
        Suspension[] storage suspensions = _books[device].suspensions;
        return suspensions[suspensions.length - 1];
    }

    function _now() private view returns (uint64) {
        return SafeCast.toUint64(block.timestamp);
    }
}
// slither-disable-end incorrect-equality
