// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IDeviceRegistry } from "../../../contracts/device/IDeviceRegistry.sol";
import {
    Assignment,
    DeviceEnrolment,
    DeviceId,
    DeviceStatus,
    KeyEpoch,
    KeyRotation,
    KeyType,
    Metrology,
    Record
} from "../../../contracts/device/Types.sol";
import { World } from "./World.sol";

/// @notice A scale, keys of each type, and what they sign.
abstract contract DeviceWorld is World {
    DeviceId internal constant SCALE = DeviceId.wrap(keccak256("urn:tidemark:device:zpk-scale-001"));
    DeviceId internal constant UNKNOWN = DeviceId.wrap(keccak256("urn:tidemark:device:none"));
    uint16 internal constant CLASS_SCALE = 1;
    uint8 internal constant TRUST_DEVICE = 2;

    uint256 private _nonce;

    function publicKeyOf(KeyType keyType, string memory name) internal returns (bytes memory) {
        if (keyType == KeyType.Secp256k1) return secp256k1PublicKey(name);
        if (keyType == KeyType.Ed25519) return abi.encode(key(name));
        (uint256 x, uint256 y) = vm.publicKeyP256(key(name));
        return abi.encode(x, y);
    }

    /// @dev The signature of a key of this type; nothing for Ed25519.
    function signedAs(KeyType keyType, string memory name, bytes32 digest) internal pure returns (bytes memory) {
        if (keyType == KeyType.Secp256k1) return signed(key(name), digest);
        if (keyType == KeyType.Ed25519) return "";
        (bytes32 r, bytes32 s) = vm.signP256(key(name), digest);
        uint256 order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551;
        if (uint256(s) > order / 2) s = bytes32(order - uint256(s));
        return abi.encodePacked(r, s);
    }

    function enrolment(KeyType keyType, string memory name) internal returns (DeviceEnrolment memory) {
        return DeviceEnrolment(
            SCALE, merchant, keccak256(publicKeyOf(keyType, name)), keyType, ++_nonce, uint64(block.timestamp + 1 hours)
        );
    }

    function enrolScale() internal {
        enrolScale(KeyType.Secp256k1);
    }

    function enrolScale(KeyType keyType) internal {
        enrolAs(enrolment(keyType, "device-1"), TRUST_DEVICE);
    }

    /// @dev Enrols with the key "device-1".
    function enrolAs(DeviceEnrolment memory given, uint8 trust) internal {
        bytes memory possession = signedAs(given.keyType, "device-1", devices.enrolmentDigest(given));
        bytes memory publicKey = publicKeyOf(given.keyType, "device-1");
        vm.prank(registrar);
        devices.enrol(given, CLASS_SCALE, trust, possession, publicKey);
    }

    function rotationOf(DeviceEnrolment memory given) internal pure returns (KeyRotation memory) {
        return KeyRotation(given.device, given.keyHash, given.keyType, given.nonce, given.deadline);
    }

    /// @dev From secp256k1 key `old` to key `name` of any type; the caller is whoever is pranked.
    function rotateTo(string memory old, KeyType keyType, string memory name, address caller) internal {
        DeviceEnrolment memory given = enrolment(keyType, name);
        bytes memory oldSignature = signed(key(old), devices.rotationDigest(rotationOf(given)));
        bytes memory possession = signedAs(keyType, name, devices.enrolmentDigest(given));
        bytes memory publicKey = publicKeyOf(keyType, name);
        vm.prank(caller);
        devices.rotate(rotationOf(given), oldSignature, given, possession, publicKey);
    }

    function metrology(uint64 from, uint64 until) internal view returns (Metrology memory) {
        return Metrology(
            keccak256("seal"),
            keccak256("certificate"),
            keccak256("firmware"),
            keccak256("calibration"),
            metrologyBody,
            from,
            until
        );
    }

    function certify(uint64 from, uint64 until) internal {
        vm.prank(metrologist);
        devices.certify(SCALE, metrology(from, until));
    }

    function sale(uint64 sequence, uint64 observedAt, int256 value) internal pure returns (Record memory record) {
        record.device = SCALE;
        record.stream = keccak256("market/zpk/sale");
        record.sequence = sequence;
        record.observedAtMs = observedAt * 1000 + 999;
        record.kind = keccak256("sale");
        record.value = value;
        record.exponent = -2;
        record.unit = keccak256("CNY");
    }

    function statusAt(uint64 time) internal view returns (DeviceStatus statusThen) {
        (,, statusThen) = devices.keyAt(SCALE, time);
    }

    function expectStatusWrong(DeviceStatus status, DeviceStatus wanted) internal {
        vm.expectRevert(abi.encodeWithSelector(IDeviceRegistry.DeviceStatusWrong.selector, SCALE, status, wanted));
    }

    function expectRoleMissing(address caller, uint64 role) internal {
        vm.expectRevert(abi.encodeWithSelector(IDeviceRegistry.DeviceCallerNotAllowed.selector, caller, role));
    }

    function expectUnknown(DeviceId device) internal {
        vm.expectRevert(abi.encodeWithSelector(IDeviceRegistry.DeviceUnknown.selector, device));
    }
}
