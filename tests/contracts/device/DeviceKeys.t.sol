// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Roles } from "../../../contracts/access/Roles.sol";
import { IDeviceRegistry } from "../../../contracts/device/IDeviceRegistry.sol";
import {
    Device,
    DeviceEnrolment,
    DeviceId,
    DeviceState,
    DeviceStatus,
    KeyEpoch,
    KeyRotation,
    KeyType
} from "../../../contracts/device/Types.sol";
import { PartyId, PartyStatus } from "../../../contracts/party/Types.sol";
import { DeviceWorld } from "../support/DeviceWorld.sol";

/// @notice enrol, rotate, replaceKey of `DeviceRegistry.tree`.
contract DeviceKeysTest is DeviceWorld {
    function tryEnrol(DeviceEnrolment memory given, bytes memory reason) private {
        bytes memory possession = signedAs(given.keyType, "device-1", devices.enrolmentDigest(given));
        bytes memory publicKey = publicKeyOf(given.keyType, "device-1");
        tryEnrol(given, CLASS_SCALE, TRUST_DEVICE, possession, publicKey, reason);
    }

    function tryEnrol(
        DeviceEnrolment memory given,
        uint16 class,
        uint8 trust,
        bytes memory possession,
        bytes memory publicKey,
        bytes memory reason
    ) private {
        vm.expectRevert(reason);
        vm.prank(registrar);
        devices.enrol(given, class, trust, possession, publicKey);
    }

    function possessionInvalid(bytes32 keyHash) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IDeviceRegistry.DevicePossessionInvalid.selector, SCALE, keyHash);
    }

    // enrol

    function test_Enrol_RevertWhen_CallerLacksRole() external {
        DeviceEnrolment memory given = enrolment(KeyType.Secp256k1, "device-1");
        expectRoleMissing(stranger, Roles.REGISTRAR);
        vm.prank(stranger);
        devices.enrol(given, CLASS_SCALE, TRUST_DEVICE, "", "");
    }

    function test_Enrol_RevertGiven_Enrolled() external {
        enrolScale();
        tryEnrol(
            enrolment(KeyType.P256, "device-1"),
            abi.encodeWithSelector(IDeviceRegistry.DeviceAlreadyEnrolled.selector, SCALE, merchant)
        );
    }

    function test_Enrol_RevertWhen_OwnerNotActive() external {
        vm.prank(partyAdmin);
        parties.setPartyStatus(merchant, PartyStatus.Suspended, 1);
        tryEnrol(
            enrolment(KeyType.Secp256k1, "device-1"),
            abi.encodeWithSelector(IDeviceRegistry.DeviceOwnerWrong.selector, SCALE, merchant)
        );
    }

    function test_Enrol_RevertWhen_ClassOrTrustUnknown() external {
        DeviceEnrolment memory given = enrolment(KeyType.Secp256k1, "device-1");
        bytes4 selector = IDeviceRegistry.DeviceClassWrong.selector;
        tryEnrol(given, 0, 2, "", "", abi.encodeWithSelector(selector, uint16(0), uint8(2)));
        tryEnrol(given, 8, 2, "", "", abi.encodeWithSelector(selector, uint16(8), uint8(2)));
        tryEnrol(given, 7, 4, "", "", abi.encodeWithSelector(selector, uint16(7), uint8(4)));
    }

    function test_Enrol_RevertWhen_Trust3Uncertified() external {
        DeviceEnrolment memory given = enrolment(KeyType.Secp256k1, "device-1");
        bytes memory reason = abi.encodeWithSelector(
            IDeviceRegistry.DeviceStatusWrong.selector, SCALE, DeviceStatus.Unknown, DeviceStatus.Pending
        );
        tryEnrol(given, 1, 3, "", "", reason);
    }

    function test_Enrol_RevertWhen_DeadlinePastOrTooFar() external {
        DeviceEnrolment memory given = enrolment(KeyType.Secp256k1, "device-1");
        bytes4 selector = IDeviceRegistry.DeviceEnrolmentExpired.selector;
        given.deadline = NOON - 1;
        tryEnrol(given, abi.encodeWithSelector(selector, given.deadline, uint256(NOON)));
        given.deadline = NOON + 1 days + 1;
        tryEnrol(given, abi.encodeWithSelector(selector, given.deadline, uint256(NOON)));
    }

    function test_Enrol_RevertGiven_KeyInUse() external {
        enrolScale();
        DeviceEnrolment memory given = enrolment(KeyType.Secp256k1, "device-1");
        given.device = UNKNOWN;
        tryEnrol(given, abi.encodeWithSelector(IDeviceRegistry.DeviceKeyInUse.selector, given.keyHash, SCALE));
    }

    function test_Enrol_RevertWhen_PossessionNotShown() external {
        DeviceEnrolment memory given = enrolment(KeyType.Secp256k1, "device-1");
        bytes memory publicKey = publicKeyOf(KeyType.Secp256k1, "device-1");
        bytes memory another = signed(key("device-2"), devices.enrolmentDigest(given));
        tryEnrol(given, 1, 2, another, publicKey, possessionInvalid(given.keyHash));
        tryEnrol(given, 1, 2, hex"00", publicKey, possessionInvalid(given.keyHash));
        bytes memory right = signed(key("device-1"), devices.enrolmentDigest(given));
        bytes memory anotherKey = publicKeyOf(KeyType.Secp256k1, "device-2");
        tryEnrol(given, 1, 2, right, anotherKey, possessionInvalid(given.keyHash));
        bytes memory longKey = bytes.concat(publicKey, hex"00");
        given.keyHash = keccak256(longKey);
        right = signed(key("device-1"), devices.enrolmentDigest(given));
        tryEnrol(given, 1, 2, right, longKey, possessionInvalid(given.keyHash));
    }

    function test_Enrol_RevertWhen_HighS() external {
        DeviceEnrolment memory given = enrolment(KeyType.Secp256k1, "device-1");
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key("device-1"), devices.enrolmentDigest(given));
        uint256 order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
        bytes memory high = abi.encodePacked(r, order - uint256(s), v == 27 ? 28 : 27);
        tryEnrol(given, 1, 2, high, publicKeyOf(KeyType.Secp256k1, "device-1"), possessionInvalid(given.keyHash));
    }

    function test_Enrol_EachKeyType() external {
        for (uint8 i = 0; i < 3; ++i) {
            KeyType keyType = KeyType(i);
            DeviceEnrolment memory given = enrolment(keyType, "device-1");
            given.device = DeviceId.wrap(keccak256(abi.encode(i)));
            enrolAs(given, TRUST_DEVICE);
            (uint256 epoch, KeyEpoch memory stored, DeviceStatus status) = devices.keyAt(given.device, NOON);
            assertEq(epoch, 0);
            assertEq(stored.keyHash, given.keyHash);
            assertTrue(stored.keyType == keyType);
            assertTrue(status == DeviceStatus.Active);
            assertTrue(devices.deviceOfKey(given.keyHash) == given.device);
            assertTrue(devices.isNonceUsed(given.device, given.nonce));
        }
    }

    function test_Enrol_EmitsWholeState() external {
        DeviceEnrolment memory given = enrolment(KeyType.P256, "device-1");
        DeviceState memory state;
        state.owner = merchant;
        state.enrolledAt = NOON;
        state.class = CLASS_SCALE;
        state.trust = TRUST_DEVICE;
        state.status = DeviceStatus.Active;
        state.keys = new KeyEpoch[](1);
        state.keys[0] = KeyEpoch(given.keyHash, NOON, 0, 0, KeyType.P256);
        state.publicKeys = new bytes[](1);
        state.publicKeys[0] = publicKeyOf(KeyType.P256, "device-1");
        bytes memory possession = signedAs(KeyType.P256, "device-1", devices.enrolmentDigest(given));
        vm.expectEmit(address(devices));
        emit IDeviceRegistry.DeviceEnrolled(SCALE, state);
        vm.prank(registrar);
        devices.enrol(given, CLASS_SCALE, TRUST_DEVICE, possession, state.publicKeys[0]);
    }

    function test_Enrol_Trust3Certified() external {
        certify(NOON - 5, NOON + 5);
        assertTrue(devices.deviceAt(SCALE).status == DeviceStatus.Pending);
        expectUnknown(SCALE);
        devices.keyAt(SCALE, NOON);
        enrolAs(enrolment(KeyType.Secp256k1, "device-1"), 3);
        assertEq(devices.deviceAt(SCALE).trust, 3);
        (bool verified,) = devices.metrologyAt(SCALE, NOON);
        assertTrue(verified);
    }

    // rotate

    function tryRotate(KeyRotation memory rotation, DeviceEnrolment memory given, bytes memory reason) private {
        bytes memory oldSignature = signed(key("device-1"), devices.rotationDigest(rotation));
        bytes memory possession = signedAs(given.keyType, "device-2", devices.enrolmentDigest(given));
        bytes memory publicKey = publicKeyOf(given.keyType, "device-2");
        vm.expectRevert(reason);
        devices.rotate(rotation, oldSignature, given, possession, publicKey);
    }

    function test_Rotate_RevertWhen_StatementsDoNotFit() external {
        enrolScale();
        DeviceEnrolment memory given = enrolment(KeyType.Secp256k1, "device-2");
        for (uint256 i = 0; i < 4; ++i) {
            KeyRotation memory rotation = rotationOf(given);
            if (i == 0) rotation.device = UNKNOWN;
            if (i == 1) rotation.newKeyHash = 0;
            if (i == 2) rotation.newKeyType = KeyType.P256;
            if (i == 3) rotation.nonce = 77;
            tryRotate(
                rotation,
                given,
                abi.encodeWithSelector(
                    IDeviceRegistry.DeviceRotationMismatch.selector, rotation.device, rotation.newKeyHash, given.keyHash
                )
            );
        }
    }

    function test_Rotate_RevertWhen_DeadlinePassed() external {
        enrolScale();
        DeviceEnrolment memory given = enrolment(KeyType.Secp256k1, "device-2");
        KeyRotation memory rotation = rotationOf(given);
        rotation.deadline = NOON - 1;
        tryRotate(
            rotation,
            given,
            abi.encodeWithSelector(IDeviceRegistry.DeviceEnrolmentExpired.selector, rotation.deadline, block.timestamp)
        );
    }

    function test_Rotate_RevertWhen_OwnerIsAnother() external {
        enrolScale();
        DeviceEnrolment memory given = enrolment(KeyType.Secp256k1, "device-2");
        given.owner = market;
        tryRotate(
            rotationOf(given), given, abi.encodeWithSelector(IDeviceRegistry.DeviceOwnerWrong.selector, SCALE, market)
        );
    }

    function test_Rotate_RevertWhen_OldKeyHasNotSigned() external {
        enrolScale();
        DeviceEnrolment memory given = enrolment(KeyType.Secp256k1, "device-2");
        bytes memory wrong = signed(key("device-2"), devices.rotationDigest(rotationOf(given)));
        vm.expectRevert(possessionInvalid(keccak256(secp256k1PublicKey("device-1"))));
        devices.rotate(rotationOf(given), wrong, given, "", "");
    }

    function test_Rotate_RevertGiven_NonceUsed() external {
        enrolScale();
        DeviceEnrolment memory given = enrolment(KeyType.Secp256k1, "device-2");
        given.nonce = 1;
        tryRotate(
            rotationOf(given),
            given,
            abi.encodeWithSelector(IDeviceRegistry.DeviceNonceUsed.selector, SCALE, uint256(1))
        );
    }

    function test_Rotate_RevertGiven_NotActive() external {
        enrolScale();
        DeviceEnrolment memory given = enrolment(KeyType.Secp256k1, "device-2");
        vm.startPrank(registrar);
        devices.suspend(SCALE, 99);
        tryRotate(
            rotationOf(given),
            given,
            abi.encodeWithSelector(
                IDeviceRegistry.DeviceStatusWrong.selector, SCALE, DeviceStatus.Suspended, DeviceStatus.Active
            )
        );
        devices.resume(SCALE);
        devices.invalidateKey(SCALE, 0, 0, 99);
        tryRotate(
            rotationOf(given),
            given,
            abi.encodeWithSelector(
                IDeviceRegistry.DeviceStatusWrong.selector, SCALE, DeviceStatus.Revoked, DeviceStatus.Active
            )
        );
    }

    function test_Rotate_ToEd25519_OnlyByRegistrar() external {
        enrolScale();
        DeviceEnrolment memory given = enrolment(KeyType.Ed25519, "device-2");
        tryRotate(
            rotationOf(given),
            given,
            abi.encodeWithSelector(
                IDeviceRegistry.DeviceCallerNotAllowed.selector, address(this), uint64(Roles.REGISTRAR)
            )
        );
        rotateTo("device-1", KeyType.Ed25519, "device-2", registrar);
        given = enrolment(KeyType.Secp256k1, "device-3");
        expectRoleMissing(stranger, Roles.REGISTRAR);
        vm.prank(stranger);
        devices.rotate(rotationOf(given), "", given, "", "");
        rotateTo("device-1", KeyType.Secp256k1, "device-3", registrar);
        (uint256 epoch,,) = devices.keyAt(SCALE, NOON);
        assertEq(epoch, 2);
    }

    function test_Rotate_ByAnyone() external {
        enrolScale();
        vm.warp(NOON + 100);
        DeviceEnrolment memory given = enrolment(KeyType.P256, "device-2");
        bytes memory oldSignature = signed(key("device-1"), devices.rotationDigest(rotationOf(given)));
        bytes memory possession = signedAs(KeyType.P256, "device-2", devices.enrolmentDigest(given));
        bytes memory publicKey = publicKeyOf(KeyType.P256, "device-2");
        DeviceState memory state = devices.stateOf(SCALE);
        KeyEpoch memory old = state.keys[0];
        old.to = NOON + 100;
        state.keys = new KeyEpoch[](2);
        state.keys[0] = old;
        state.keys[1] = KeyEpoch(given.keyHash, NOON + 100, 0, 0, KeyType.P256);
        bytes[] memory publicKeys = new bytes[](2);
        publicKeys[0] = state.publicKeys[0];
        publicKeys[1] = publicKey;
        state.publicKeys = publicKeys;
        vm.expectEmit(address(devices));
        emit IDeviceRegistry.DeviceKeyRotated(SCALE, state);
        vm.prank(stranger);
        devices.rotate(rotationOf(given), oldSignature, given, possession, publicKey);
        (uint256 epoch,,) = devices.keyAt(SCALE, NOON + 99);
        assertEq(epoch, 0);
        (epoch,,) = devices.keyAt(SCALE, NOON + 100);
        assertEq(epoch, 1);
    }

    function test_Rotate_FromP256() external {
        enrolScale(KeyType.P256);
        DeviceEnrolment memory given = enrolment(KeyType.Secp256k1, "device-2");
        bytes memory oldSignature = signedAs(KeyType.P256, "device-1", devices.rotationDigest(rotationOf(given)));
        bytes memory possession = signed(key("device-2"), devices.enrolmentDigest(given));
        devices.rotate(rotationOf(given), oldSignature, given, possession, secp256k1PublicKey("device-2"));
        (uint256 epoch,,) = devices.keyAt(SCALE, NOON);
        assertEq(epoch, 1);
    }

    // replaceKey

    function replace(address caller, DeviceEnrolment memory given) private {
        bytes memory possession = signed(key("device-2"), devices.enrolmentDigest(given));
        bytes memory publicKey = secp256k1PublicKey("device-2");
        vm.prank(caller);
        devices.replaceKey(given, possession, publicKey);
    }

    function tryReplace(address caller, DeviceEnrolment memory given, bytes memory reason) private {
        bytes memory possession = signed(key("device-2"), devices.enrolmentDigest(given));
        bytes memory publicKey = secp256k1PublicKey("device-2");
        vm.expectRevert(reason);
        vm.prank(caller);
        devices.replaceKey(given, possession, publicKey);
    }

    function test_Replace_Reverts() external {
        DeviceEnrolment memory given = enrolment(KeyType.Secp256k1, "device-2");
        tryReplace(
            stranger,
            given,
            abi.encodeWithSelector(IDeviceRegistry.DeviceCallerNotAllowed.selector, stranger, uint64(Roles.REGISTRAR))
        );
        tryReplace(registrar, given, abi.encodeWithSelector(IDeviceRegistry.DeviceUnknown.selector, SCALE));
        enrolScale();
        given.owner = market;
        tryReplace(registrar, given, abi.encodeWithSelector(IDeviceRegistry.DeviceOwnerWrong.selector, SCALE, market));
        given.owner = merchant;
        vm.prank(registrar);
        devices.retire(SCALE);
        tryReplace(
            registrar,
            given,
            abi.encodeWithSelector(
                IDeviceRegistry.DeviceStatusWrong.selector, SCALE, DeviceStatus.Retired, DeviceStatus.Active
            )
        );
    }

    function test_Replace_RevertWhen_SameRegistrarOrMember() external {
        enrolScale();
        DeviceEnrolment memory given = enrolment(KeyType.Secp256k1, "device-2");
        replace(registrar, given);
        bytes memory reason =
            abi.encodeWithSelector(IDeviceRegistry.DeviceReplacementNeedsAnother.selector, SCALE, registrar);
        tryReplace(registrar, given, reason);
        enrolWallet(market, "registrar", ALL_POWERS);
        enrolWallet(market, "registrar two", ALL_POWERS);
        tryReplace(registrarTwo, given, reason);
    }

    function test_Replace_ByTwo() external {
        enrolScale();
        vm.prank(registrar);
        devices.suspend(SCALE, 3);
        vm.warp(NOON + 50);
        DeviceEnrolment memory given = enrolment(KeyType.Secp256k1, "device-2");
        DeviceState memory before = devices.stateOf(SCALE);
        vm.expectEmit(address(devices));
        emit IDeviceRegistry.DeviceKeyReplacementProposed(SCALE, registrar, before);
        replace(registrar, given);
        assertEq(devices.stateOf(SCALE).keys.length, 1);
        replace(registrarTwo, given);
        DeviceState memory state = devices.stateOf(SCALE);
        assertEq(state.keys.length, 2);
        assertEq(state.keys[0].to, NOON + 50);
        assertEq(state.keys[1].keyHash, given.keyHash);
        assertTrue(state.status == DeviceStatus.Suspended);
    }

    function testFuzz_KeysOfOneDevice(uint32[6] memory gaps) external {
        enrolScale();
        uint64[7] memory starts;
        starts[0] = NOON;
        string[7] memory names = ["device-1", "device-2", "device-3", "device-4", "device-5", "device-6", "device-7"];
        for (uint256 i = 1; i < 7; ++i) {
            starts[i] = starts[i - 1] + uint64(gaps[i - 1] % 1000);
            vm.warp(starts[i]);
            rotateTo(names[i - 1], KeyType.Secp256k1, names[i], stranger);
        }
        for (uint256 i = 0; i < 7; ++i) {
            (uint256 epoch,,) = devices.keyAt(SCALE, starts[i]);
            assertTrue(epoch >= i && starts[epoch] == starts[i]);
        }
        assertTrue(statusAt(NOON - 1) == DeviceStatus.Pending);
    }
}
