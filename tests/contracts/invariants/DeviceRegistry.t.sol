// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { DeviceRegistry } from "../../../contracts/device/DeviceRegistry.sol";
import {
    DeviceEnrolment,
    DeviceId,
    DeviceState,
    DeviceStatus,
    KeyEpoch,
    KeyRotation,
    KeyType
} from "../../../contracts/device/Types.sol";
import { PartyId } from "../../../contracts/party/Types.sol";
import { Test, Vm } from "../support/Test.sol";
import { World } from "../support/World.sol";

/// @notice Does to one device what is allowed, in any order, and keeps a plain list of it: what happened, and when.
contract DeviceHandler is Test {
    enum Act {
        Key,
        Suspend,
        Resume,
        Invalidate,
        Revoke,
        Retire
    }

    /// @dev `value`: the epoch for Key and Invalidate. `from`: since when it holds.
    struct Happened {
        Act act;
        uint64 from;
        uint256 value;
    }

    DeviceId public constant DEVICE = DeviceId.wrap(keccak256("urn:tidemark:device:one"));
    DeviceRegistry private immutable _devices;
    PartyId private immutable _owner;
    address private immutable _registrar;
    address private immutable _registrarTwo;
    Happened[] private _history;
    uint256 private _keys;
    uint64 private _start;

    constructor(DeviceRegistry devices, PartyId owner, address registrar, address registrarTwo) {
        (_devices, _owner, _registrar, _registrarTwo) = (devices, owner, registrar, registrarTwo);
        _start = uint64(block.timestamp);
    }

    function happened() external view returns (Happened[] memory) {
        return _history;
    }

    function status() public view returns (DeviceStatus) {
        return _devices.deviceAt(DEVICE).status;
    }

    function enrolRotateOrReplace(bool isReplaced, uint16 wait) external {
        vm.warp(block.timestamp + wait % 500);
        DeviceStatus now_ = status();
        if (now_ == DeviceStatus.Revoked || now_ == DeviceStatus.Retired) return;
        Vm.Wallet memory next = vm.createWallet(uint256(keccak256(abi.encode("key", _keys + 1))));
        bytes memory publicKey = abi.encode(next.publicKeyX, next.publicKeyY);
        DeviceEnrolment memory enrolment = DeviceEnrolment(
            DEVICE, _owner, keccak256(publicKey), KeyType.Secp256k1, _keys, uint64(block.timestamp + 60)
        );
        bytes memory possession = _signed(next.privateKey, _devices.enrolmentDigest(enrolment));
        if (now_ == DeviceStatus.Unknown) {
            vm.prank(_registrar);
            _devices.enrol(enrolment, 1, 2, possession, publicKey);
        } else if (isReplaced || now_ == DeviceStatus.Suspended || _isInvalid()) {
            vm.prank(_registrar);
            _devices.replaceKey(enrolment, possession, publicKey);
            vm.prank(_registrarTwo);
            _devices.replaceKey(enrolment, possession, publicKey);
        } else {
            KeyRotation memory rotation =
                KeyRotation(DEVICE, enrolment.keyHash, KeyType.Secp256k1, _keys, enrolment.deadline);
            uint256 old = uint256(keccak256(abi.encode("key", _keys)));
            _devices.rotate(rotation, _signed(old, _devices.rotationDigest(rotation)), enrolment, possession, publicKey);
        }
        _add(Act.Key, uint64(block.timestamp), _keys++);
    }

    function suspendOrResume(uint16 reason, uint16 wait) external {
        vm.warp(block.timestamp + wait % 500);
        vm.startPrank(_registrar);
        if (status() == DeviceStatus.Active) {
            _devices.suspend(DEVICE, reason);
            _add(Act.Suspend, uint64(block.timestamp), 0);
        } else if (status() == DeviceStatus.Suspended) {
            _devices.resume(DEVICE);
            _add(Act.Resume, uint64(block.timestamp), 0);
        }
        vm.stopPrank();
    }

    function invalidate(uint256 epoch, uint64 from) external {
        if (_keys == 0) return;
        epoch %= _keys;
        KeyEpoch memory key = _devices.stateOf(DEVICE).keys[epoch];
        uint64 latest = key.invalidFrom == 0 ? uint64(block.timestamp) : key.invalidFrom - 1;
        if (latest < key.from) return;
        from = uint64(bound(from, key.from, latest));
        vm.prank(_registrar);
        _devices.invalidateKey(DEVICE, epoch, from, 99);
        _add(Act.Invalidate, from, epoch);
    }

    /// @dev One run in eight ends the device, so that most live long.
    function revokeOrRetire(uint256 choice, uint64 from) external {
        if (_keys == 0 || choice % 8 > 1) return;
        DeviceState memory state = _devices.stateOf(DEVICE);
        vm.startPrank(_registrar);
        if (choice % 8 == 0) {
            uint64 latest = state.revokedFrom == 0 ? uint64(block.timestamp) : state.revokedFrom - 1;
            if (latest >= state.enrolledAt) {
                from = uint64(bound(from, state.enrolledAt, latest));
                _devices.revoke(DEVICE, from, 99);
                _add(Act.Revoke, from, 0);
            }
        } else if (state.status == DeviceStatus.Active || state.status == DeviceStatus.Suspended) {
            _devices.retire(DEVICE);
            _add(Act.Retire, uint64(block.timestamp), 0);
        }
        vm.stopPrank();
    }

    function _isInvalid() private view returns (bool) {
        (,, DeviceStatus then) = _devices.keyAt(DEVICE, uint64(block.timestamp));
        return then == DeviceStatus.Revoked;
    }

    function _add(Act act, uint64 from, uint256 value) private {
        _history.push(Happened(act, from, value));
    }

    function _signed(uint256 key, bytes32 digest) private pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }
}

contract DeviceRegistryInvariants is World {
    DeviceHandler private _handler;
    DeviceId private _device;

    function setUp() public override {
        super.setUp();
        _handler = new DeviceHandler(devices, merchant, registrar, registrarTwo);
        _device = _handler.DEVICE();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// @dev One pass over the list for each question, without search, storage layout or shortcuts.
    function fold(DeviceHandler.Happened[] memory all, uint64 time)
        private
        pure
        returns (uint256 epoch, DeviceStatus status)
    {
        bool isSuspended = false;
        bool isRetired = false;
        bool isRevoked = false;
        status = DeviceStatus.Pending;
        for (uint256 i = 0; i < all.length; ++i) {
            if (all[i].from > time) continue;
            DeviceHandler.Act act = all[i].act;
            if (act == DeviceHandler.Act.Key) (epoch, status) = (all[i].value, DeviceStatus.Active);
            if (act == DeviceHandler.Act.Suspend) isSuspended = true;
            if (act == DeviceHandler.Act.Resume || act == DeviceHandler.Act.Retire) isSuspended = false;
            if (act == DeviceHandler.Act.Retire) isRetired = true;
            if (act == DeviceHandler.Act.Revoke) isRevoked = true;
        }
        if (status == DeviceStatus.Pending) return (0, status);
        for (uint256 i = 0; i < all.length; ++i) {
            bool isThisKey = all[i].act == DeviceHandler.Act.Invalidate && all[i].value == epoch;
            if (isThisKey && all[i].from <= time) isRevoked = true;
        }
        if (isRetired) status = DeviceStatus.Retired;
        if (isSuspended) status = DeviceStatus.Suspended;
        if (isRevoked) status = DeviceStatus.Revoked;
    }

    function invariant_KeyAtIsTheFoldOfWhatHappened() external view {
        DeviceHandler.Happened[] memory all = _handler.happened();
        for (uint256 i = 0; i < all.length; ++i) {
            for (uint64 beside = 0; beside < 3; ++beside) {
                uint64 time = all[i].from + beside - 1;
                (uint256 expected, DeviceStatus expectedStatus) = fold(all, time);
                (uint256 epoch, KeyEpoch memory key, DeviceStatus status) = devices.keyAt(_device, time);
                assertEq(epoch, expected);
                assertEq(uint256(status), uint256(expectedStatus));
                assertTrue(devices.deviceOfKey(key.keyHash) == _device);
            }
        }
    }

    function invariant_StatusIsWhatHoldsNow() external view {
        DeviceHandler.Happened[] memory all = _handler.happened();
        if (all.length == 0) return;
        (, DeviceStatus now_) = fold(all, uint64(block.timestamp));
        DeviceStatus stored = _handler.status();
        // An invalidated key leaves the device waiting for another; the device itself is in use.
        bool isWaiting = now_ == DeviceStatus.Revoked && stored != DeviceStatus.Revoked;
        assertTrue(stored == now_ || isWaiting);
    }
}
