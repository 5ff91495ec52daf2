// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Roles } from "../../../contracts/access/Roles.sol";
import { IDeviceRegistry } from "../../../contracts/device/IDeviceRegistry.sol";
import {
    Assignment,
    DeviceId,
    DeviceState,
    DeviceStatus,
    KeyEpoch,
    KeyType,
    Metrology,
    Suspension
} from "../../../contracts/device/Types.sol";
import { PartyId, PartyKinds, PartyStatus, WalletPowers } from "../../../contracts/party/Types.sol";
import { DeviceWorld } from "../support/DeviceWorld.sol";

/// @notice assign, certify, suspend, resume, retire, revoke, invalidateKey, views of `DeviceRegistry.tree`.
contract DeviceLifeTest is DeviceWorld {
    Assignment private _stall = Assignment(keccak256("merchant"), keccak256("place"), NOON);

    function setUp() public override {
        super.setUp();
        enrolScale();
    }

    // assign

    function test_Assign_RevertWhen_CallerMayNot() external {
        enrolWallet(merchant, "cashier", WalletPowers.SEND);
        address[3] memory callers = [stranger, wallet("market"), wallet("cashier")];
        for (uint256 i = 0; i < 3; ++i) {
            expectRoleMissing(callers[i], Roles.REGISTRAR);
            vm.prank(callers[i]);
            devices.assign(SCALE, _stall);
        }
    }

    function test_Assign_RevertGiven_NotInUse() external {
        expectUnknown(UNKNOWN);
        vm.prank(registrar);
        devices.assign(UNKNOWN, _stall);
        vm.startPrank(registrar);
        devices.retire(SCALE);
        expectStatusWrong(DeviceStatus.Retired, DeviceStatus.Active);
        devices.assign(SCALE, _stall);
    }

    function test_Assign_RevertWhen_Past() external {
        _stall.from = NOON - 1;
        vm.expectRevert(
            abi.encodeWithSelector(IDeviceRegistry.DeviceAssignmentInPast.selector, uint64(NOON - 1), uint256(NOON))
        );
        vm.prank(registrar);
        devices.assign(SCALE, _stall);
    }

    function test_Assign_RevertWhen_BeforeLast() external {
        vm.startPrank(registrar);
        _stall.from = NOON + 10;
        devices.assign(SCALE, _stall);
        _stall.from = NOON + 9;
        vm.expectRevert(
            abi.encodeWithSelector(
                IDeviceRegistry.DeviceAssignmentInPast.selector, uint64(NOON + 9), uint256(NOON + 10)
            )
        );
        devices.assign(SCALE, _stall);
    }

    function test_Assign_ByOwner() external {
        DeviceState memory state = devices.stateOf(SCALE);
        state.assignment = _stall;
        vm.expectEmit(address(devices));
        emit IDeviceRegistry.DeviceAssigned(SCALE, _stall.merchant, state);
        vm.prank(wallet("merchant"));
        devices.assign(SCALE, _stall);
    }

    function test_Assign_EachInItsTime() external {
        vm.startPrank(registrar);
        devices.assign(SCALE, Assignment(keccak256("first"), 0, 0));
        devices.assign(SCALE, Assignment(keccak256("second"), 0, NOON + 10));
        assertEq(devices.assignmentAt(SCALE, NOON - 1).merchant, bytes32(0));
        assertEq(devices.assignmentAt(SCALE, NOON).merchant, keccak256("first"));
        assertEq(devices.assignmentAt(SCALE, NOON + 9).merchant, keccak256("first"));
        assertEq(devices.assignmentAt(SCALE, NOON + 10).merchant, keccak256("second"));
        expectUnknown(UNKNOWN);
        devices.assignmentAt(UNKNOWN, NOON);
    }

    // certify

    function tryCertify(Metrology memory given, bytes memory reason) private {
        vm.expectRevert(reason);
        vm.prank(metrologist);
        devices.certify(SCALE, given);
    }

    function test_Certify_RevertWhen_CallerLacksRole() external {
        expectRoleMissing(registrar, Roles.METROLOGY);
        vm.prank(registrar);
        devices.certify(SCALE, metrology(NOON, NOON + 1));
    }

    function test_Certify_RevertWhen_VerifierWrong() external {
        Metrology memory given = metrology(NOON, NOON + 1);
        given.verifier = lab;
        tryCertify(given, abi.encodeWithSelector(IDeviceRegistry.DeviceVerifierWrong.selector, lab, PartyKinds.LAB));
        vm.prank(partyAdmin);
        parties.setPartyStatus(metrologyBody, PartyStatus.Suspended, 1);
        tryCertify(
            metrology(NOON, NOON + 1),
            abi.encodeWithSelector(IDeviceRegistry.DeviceVerifierWrong.selector, metrologyBody, PartyKinds.METROLOGY)
        );
    }

    function test_Certify_RevertWhen_IntervalWrong() external {
        bytes4 selector = IDeviceRegistry.DeviceMetrologyInterval.selector;
        tryCertify(metrology(NOON, NOON), abi.encodeWithSelector(selector, NOON, NOON));
        certify(NOON, NOON + 9);
        tryCertify(metrology(NOON - 1, NOON + 9), abi.encodeWithSelector(selector, NOON - 1, NOON + 9));
    }

    function test_Certify_RevertGiven_Ended() external {
        vm.prank(registrar);
        devices.retire(SCALE);
        expectStatusWrong(DeviceStatus.Retired, DeviceStatus.Active);
        certify(NOON, NOON + 9);
        vm.prank(registrar);
        devices.revoke(SCALE, NOON, 99);
        expectStatusWrong(DeviceStatus.Revoked, DeviceStatus.Active);
        certify(NOON, NOON + 9);
    }

    function test_Certify_EmitsWholeState() external {
        DeviceState memory state = devices.stateOf(SCALE);
        state.verifications = new Metrology[](1);
        state.verifications[0] = metrology(NOON, NOON + 9);
        vm.expectEmit(address(devices));
        emit IDeviceRegistry.DeviceCertified(SCALE, state);
        certify(NOON, NOON + 9);
    }

    function testFuzz_MetrologyAt_IsTheNewestBegun(uint16[4] memory gaps, uint16[4] memory lengths, uint64 time)
        external
    {
        uint64[4] memory starts;
        uint64 start = NOON;
        for (uint256 i = 0; i < 4; ++i) {
            start += gaps[i];
            starts[i] = start;
            certify(start, start + 1 + lengths[i]);
        }
        time = uint64(bound(time, NOON - 10, NOON + 300_000));
        uint256 newest = 4;
        for (uint256 i = 0; i < 4; ++i) {
            if (starts[i] <= time) newest = i;
        }
        (bool verified, Metrology memory found) = devices.metrologyAt(SCALE, time);
        if (newest == 4) {
            assertFalse(verified);
            assertEq(found.until, 0);
        } else {
            assertEq(found.from, starts[newest]);
            assertTrue(verified == (time < starts[newest] + 1 + lengths[newest]));
        }
    }

    function test_MetrologyAt_RevertGiven_Unknown() external {
        expectUnknown(UNKNOWN);
        devices.metrologyAt(UNKNOWN, NOON);
    }

    // suspend, resume, retire

    function test_Life_RevertWhen_CallerLacksRole() external {
        vm.startPrank(stranger);
        expectRoleMissing(stranger, Roles.REGISTRAR);
        devices.suspend(SCALE, 1);
        expectRoleMissing(stranger, Roles.REGISTRAR);
        devices.resume(SCALE);
        expectRoleMissing(stranger, Roles.REGISTRAR);
        devices.retire(SCALE);
        expectRoleMissing(stranger, Roles.REGISTRAR);
        devices.revoke(SCALE, 0, 1);
        expectRoleMissing(stranger, Roles.REGISTRAR);
        devices.invalidateKey(SCALE, 0, 0, 1);
    }

    function test_Life_RevertGiven_AnotherStatus() external {
        vm.startPrank(registrar);
        expectUnknown(UNKNOWN);
        devices.suspend(UNKNOWN, 1);
        expectStatusWrong(DeviceStatus.Active, DeviceStatus.Suspended);
        devices.resume(SCALE);
        devices.suspend(SCALE, 1);
        expectStatusWrong(DeviceStatus.Suspended, DeviceStatus.Active);
        devices.suspend(SCALE, 1);
        devices.retire(SCALE);
        expectStatusWrong(DeviceStatus.Retired, DeviceStatus.Active);
        devices.retire(SCALE);
    }

    function test_Suspend_LastsUntilResumed() external {
        DeviceState memory state = devices.stateOf(SCALE);
        state.status = DeviceStatus.Suspended;
        state.suspensions = new Suspension[](1);
        state.suspensions[0] = Suspension(NOON + 10, 0, 2);
        vm.startPrank(registrar);
        vm.warp(NOON + 10);
        vm.expectEmit(address(devices));
        emit IDeviceRegistry.DeviceSuspended(SCALE, state);
        devices.suspend(SCALE, 2);
        assertTrue(statusAt(NOON + 1000) == DeviceStatus.Suspended);
        vm.warp(NOON + 20);
        state.status = DeviceStatus.Active;
        state.suspensions[0].to = NOON + 20;
        vm.expectEmit(address(devices));
        emit IDeviceRegistry.DeviceResumed(SCALE, state);
        devices.resume(SCALE);
        assertTrue(statusAt(NOON + 9) == DeviceStatus.Active);
        assertTrue(statusAt(NOON + 10) == DeviceStatus.Suspended);
        assertTrue(statusAt(NOON + 19) == DeviceStatus.Suspended);
        assertTrue(statusAt(NOON + 20) == DeviceStatus.Active);
    }

    function test_Retire_EndsKeyAndSuspension() external {
        vm.startPrank(registrar);
        devices.suspend(SCALE, 2);
        vm.warp(NOON + 10);
        DeviceState memory state = devices.stateOf(SCALE);
        state.status = DeviceStatus.Retired;
        state.keys[0].to = NOON + 10;
        state.suspensions[0].to = NOON + 10;
        vm.expectEmit(address(devices));
        emit IDeviceRegistry.DeviceRetired(SCALE, state);
        devices.retire(SCALE);
        assertTrue(statusAt(NOON + 9) == DeviceStatus.Suspended);
        assertTrue(statusAt(NOON + 10) == DeviceStatus.Retired);
    }

    // revoke, invalidateKey

    function test_Revoke_RevertGiven_NoSuchDeviceOrEpoch() external {
        vm.startPrank(registrar);
        expectUnknown(UNKNOWN);
        devices.revoke(UNKNOWN, 0, 1);
        expectUnknown(UNKNOWN);
        devices.invalidateKey(UNKNOWN, 0, 0, 1);
        vm.expectRevert(abi.encodeWithSelector(IDeviceRegistry.DeviceKeyEpochUnknown.selector, SCALE, uint256(1)));
        devices.invalidateKey(SCALE, 1, 0, 1);
    }

    function test_Revoke_RevertWhen_TooEarlyOrLate() external {
        bytes memory tooEarly =
            abi.encodeWithSelector(IDeviceRegistry.DeviceRevokedFromTooEarly.selector, NOON - 1, NOON);
        bytes4 tooLate = IDeviceRegistry.DeviceRevokedFromTooLate.selector;
        vm.warp(NOON + 100);
        vm.startPrank(registrar);
        vm.expectRevert(tooEarly);
        devices.revoke(SCALE, NOON - 1, 1);
        vm.expectRevert(tooEarly);
        devices.invalidateKey(SCALE, 0, NOON - 1, 1);
        vm.expectRevert(abi.encodeWithSelector(tooLate, NOON + 101, NOON + 100));
        devices.revoke(SCALE, NOON + 101, 1);
        vm.expectRevert(abi.encodeWithSelector(tooLate, NOON + 101, NOON + 100));
        devices.invalidateKey(SCALE, 0, NOON + 101, 1);
        devices.revoke(SCALE, NOON + 50, 1);
        vm.expectRevert(abi.encodeWithSelector(tooLate, NOON + 50, NOON + 49));
        devices.revoke(SCALE, NOON + 50, 1);
    }

    function test_Revoke_BackDatedAndFurtherBack() external {
        vm.warp(NOON + 100);
        DeviceState memory state = devices.stateOf(SCALE);
        state.status = DeviceStatus.Revoked;
        state.revokedFrom = NOON + 50;
        vm.startPrank(registrar);
        vm.expectEmit(address(devices));
        emit IDeviceRegistry.DeviceRevoked(SCALE, state);
        devices.revoke(SCALE, NOON + 50, 1);
        assertTrue(statusAt(NOON + 49) == DeviceStatus.Active);
        assertTrue(statusAt(NOON + 50) == DeviceStatus.Revoked);
        devices.revoke(SCALE, NOON, 1);
        assertTrue(statusAt(NOON) == DeviceStatus.Revoked);
        assertTrue(statusAt(NOON - 1) == DeviceStatus.Pending);
    }

    function test_Invalidate_OneEpochOnly() external {
        vm.warp(NOON + 100);
        rotateTo("device-1", KeyType.Secp256k1, "device-2", stranger);
        DeviceState memory state = devices.stateOf(SCALE);
        state.keys[0].invalidFrom = NOON + 40;
        vm.expectEmit(address(devices));
        emit IDeviceRegistry.DeviceKeyInvalidated(SCALE, state);
        vm.prank(registrar);
        devices.invalidateKey(SCALE, 0, NOON + 40, 1);
        assertTrue(statusAt(NOON + 39) == DeviceStatus.Active);
        assertTrue(statusAt(NOON + 40) == DeviceStatus.Revoked);
        assertTrue(statusAt(NOON + 99) == DeviceStatus.Revoked);
        assertTrue(statusAt(NOON + 100) == DeviceStatus.Active);
    }

    function test_Revoke_Now() external {
        vm.warp(NOON + 5);
        vm.startPrank(registrar);
        devices.invalidateKey(SCALE, 0, 0, 1);
        devices.revoke(SCALE, 0, 1);
        DeviceState memory state = devices.stateOf(SCALE);
        assertEq(state.revokedFrom, NOON + 5);
        assertEq(state.keys[0].invalidFrom, NOON + 5);
    }
}
