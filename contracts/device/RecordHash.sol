// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    BUNDLE_TYPEHASH,
    Bundle,
    DEVICE_ENROLMENT_TYPEHASH,
    DeviceEnrolment,
    KEY_ROTATION_TYPEHASH,
    KeyRotation,
    RECEIPT_TYPEHASH,
    RECORD_TYPEHASH,
    Receipt,
    Record,
    STAMP_TYPEHASH,
    Stamp
} from "./Types.sol";

/// @title Struct hashes and digests (EIP-712) of what devices, gateways and the node sign
/// @notice Only static words, so a struct's hash is one keccak over its type hash and its ABI encoding.
library RecordHash {
    bytes32 private constant _DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");

    /// @notice The domain of a chain and DeviceRegistry.
    function separator(uint256 chainId, address verifyingContract) internal pure returns (bytes32) {
        return
            keccak256(abi.encode(_DOMAIN_TYPEHASH, keccak256("Tidemark"), keccak256("1"), chainId, verifyingContract));
    }

    /// @notice What is signed.
    function digest(bytes32 domainSeparator, bytes32 structHash) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", domainSeparator, structHash));
    }

    /// @notice The struct hash of a record.
    function hash(Record memory record) internal pure returns (bytes32) {
        return keccak256(abi.encode(RECORD_TYPEHASH, record));
    }

    /// @notice The struct hash of a gateway's bundle.
    function hash(Bundle memory bundle) internal pure returns (bytes32) {
        return keccak256(abi.encode(BUNDLE_TYPEHASH, bundle));
    }

    /// @notice The struct hash of a gateway's stamp.
    function hash(Stamp memory stamp) internal pure returns (bytes32) {
        return keccak256(abi.encode(STAMP_TYPEHASH, stamp));
    }

    /// @notice The struct hash of the node's receipt.
    function hash(Receipt memory receipt) internal pure returns (bytes32) {
        return keccak256(abi.encode(RECEIPT_TYPEHASH, receipt));
    }

    /// @notice The struct hash of an enrolment.
    function hash(DeviceEnrolment memory enrolment) internal pure returns (bytes32) {
        return keccak256(abi.encode(DEVICE_ENROLMENT_TYPEHASH, enrolment));
    }

    /// @notice The struct hash of a rotation.
    function hash(KeyRotation memory rotation) internal pure returns (bytes32) {
        return keccak256(abi.encode(KEY_ROTATION_TYPEHASH, rotation));
    }
}
