// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IDeviceRegistry } from "../../../contracts/device/IDeviceRegistry.sol";
import { DeviceState, DeviceStatus, KeyType, Record, Suspension } from "../../../contracts/device/Types.sol";
import { DeviceWorld } from "../support/DeviceWorld.sol";

/// @notice submitFork of `DeviceRegistry.tree`.
contract DeviceForkTest is DeviceWorld {
    Record private _a;
    Record private _b;

    function setUp() public override {
        super.setUp();
        _a = sale(7, NOON + 1, 3650);
        _b = sale(7, NOON + 2, 3651);
    }

    function begin(KeyType keyType) private {
        enrolScale(keyType);
        vm.warp(NOON + 10);
    }

    function submit(KeyType keyType) private {
        submit(keyType, "device-1", "device-1", bytes(""));
    }

    function submit(KeyType keyType, string memory signerA, string memory signerB, bytes memory reason) private {
        bytes memory signatureA = signedAs(keyType, signerA, devices.recordDigest(_a));
        bytes memory signatureB = signedAs(keyType, signerB, devices.recordDigest(_b));
        bytes memory publicKey = publicKeyOf(keyType, "device-1");
        if (reason.length != 0) vm.expectRevert(reason);
        vm.prank(stranger);
        devices.submitFork(_a, signatureA, _b, signatureB, publicKey);
    }

    function statusWrong(DeviceStatus status) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IDeviceRegistry.DeviceStatusWrong.selector, SCALE, status, DeviceStatus.Active);
    }

    function tryFork(bytes memory reason) private {
        submit(KeyType.Secp256k1, "device-1", "device-1", reason);
    }

    function test_RevertWhen_Unrelated() external {
        begin(KeyType.Secp256k1);
        _b.sequence = 8;
        tryFork(abi.encodeWithSelector(IDeviceRegistry.DeviceForkUnrelated.selector, uint64(7), uint64(8)));
        _b.sequence = 7;
        _b.device = UNKNOWN;
        tryFork(abi.encodeWithSelector(IDeviceRegistry.DeviceForkUnrelated.selector, uint64(7), uint64(7)));
    }

    function test_RevertWhen_SameRecord() external {
        begin(KeyType.Secp256k1);
        _b = _a;
        tryFork(abi.encodeWithSelector(IDeviceRegistry.DeviceForkSameRecord.selector, devices.recordDigest(_a)));
    }

    function test_RevertWhen_Ed25519() external {
        begin(KeyType.Ed25519);
        bytes memory reason =
            abi.encodeWithSelector(IDeviceRegistry.DeviceKeyTypeUnsupported.selector, SCALE, KeyType.Ed25519);
        submit(KeyType.Ed25519, "device-1", "device-1", reason);
    }

    function test_RevertWhen_SignatureWrong() external {
        begin(KeyType.Secp256k1);
        bytes32 keyHash = keccak256(secp256k1PublicKey("device-1"));
        bytes memory reason = abi.encodeWithSelector(IDeviceRegistry.DevicePossessionInvalid.selector, SCALE, keyHash);
        submit(KeyType.Secp256k1, "device-2", "device-1", reason);
        submit(KeyType.Secp256k1, "device-1", "device-2", reason);
    }

    function test_RevertWhen_PublicKeyWrong() external {
        begin(KeyType.Secp256k1);
        bytes memory signatureA = signed(key("device-1"), devices.recordDigest(_a));
        bytes32 keyHash = keccak256(secp256k1PublicKey("device-1"));
        vm.expectRevert(abi.encodeWithSelector(IDeviceRegistry.DevicePossessionInvalid.selector, SCALE, keyHash));
        devices.submitFork(_a, signatureA, _b, "", hex"00");
    }

    function test_RevertGiven_UnknownDevice() external {
        tryFork(abi.encodeWithSelector(IDeviceRegistry.DeviceUnknown.selector, SCALE));
    }

    function test_RevertGiven_KeyNotValidThen() external {
        begin(KeyType.Secp256k1);
        _a.observedAtMs = uint64(NOON - 1) * 1000;
        tryFork(statusWrong(DeviceStatus.Pending));
        _a.observedAtMs = uint64(NOON + 1) * 1000;
        vm.prank(registrar);
        devices.invalidateKey(SCALE, 0, NOON + 2, 1);
        tryFork(statusWrong(DeviceStatus.Revoked));
    }

    function test_RevertGiven_ForkProven() external {
        begin(KeyType.Secp256k1);
        submit(KeyType.Secp256k1);
        tryFork(statusWrong(DeviceStatus.Suspended));
    }

    function test_RevertGiven_Retired() external {
        begin(KeyType.Secp256k1);
        vm.prank(registrar);
        devices.retire(SCALE);
        tryFork(statusWrong(DeviceStatus.Retired));
    }

    function test_OtherSuspensionGivesWay() external {
        begin(KeyType.Secp256k1);
        vm.prank(registrar);
        devices.suspend(SCALE, 2);
        vm.warp(NOON + 20);
        submit(KeyType.Secp256k1);
        Suspension[] memory suspensions = devices.stateOf(SCALE).suspensions;
        assertEq(suspensions.length, 2);
        assertEq(suspensions[0].to, NOON + 20);
        assertEq(suspensions[1].from, NOON + 20);
        assertEq(suspensions[1].to, 0);
        assertEq(suspensions[1].reason, 1);
    }

    function testFuzz_Suspends(int256 value, bool isP256) external {
        vm.assume(value != _a.value);
        KeyType keyType = isP256 ? KeyType.P256 : KeyType.Secp256k1;
        begin(keyType);
        _b.value = value;
        DeviceState memory state = devices.stateOf(SCALE);
        state.status = DeviceStatus.Suspended;
        state.suspensions = new Suspension[](1);
        state.suspensions[0] = Suspension(NOON + 10, 0, 1);
        bytes memory signatureA = signedAs(keyType, "device-1", devices.recordDigest(_a));
        bytes memory signatureB = signedAs(keyType, "device-1", devices.recordDigest(_b));
        bytes memory publicKey = publicKeyOf(keyType, "device-1");
        vm.expectEmit(address(devices));
        emit IDeviceRegistry.DeviceForkProven(
            SCALE, 7, devices.recordDigest(_a), devices.recordDigest(_b), stranger, state
        );
        vm.prank(stranger);
        devices.submitFork(_a, signatureA, _b, signatureB, publicKey);
    }

    function test_AcrossARotation() external {
        begin(KeyType.Secp256k1);
        rotateTo("device-1", KeyType.Secp256k1, "device-2", stranger);
        _b.observedAtMs = uint64(NOON + 10) * 1000;
        submit(KeyType.Secp256k1, "device-1", "device-2", bytes(""));
        assertTrue(devices.deviceAt(SCALE).status == DeviceStatus.Suspended);
    }
}
