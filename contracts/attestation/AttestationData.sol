// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { LotId } from "../trace/Types.sol";

/// @notice Data of a `lot` attestation.
struct LotData {
    LotId lot;
    bytes32 record;
    bytes32 product;
    uint128 quantity;
    bytes3 unit;
    uint64 producedAt;
    bytes32 content;
    bytes32 supersedes;
}

/// @notice Data of a `certificate` attestation. Kind 1 commitment of the producer, 2 quarantine, 3 by a certifier.
struct CertificateData {
    LotId lot;
    bytes32 number;
    uint8 kind;
    uint128 quantity;
    bytes3 unit;
    uint64 issuedAt;
    bytes32[] parents;
    bytes32 content;
    bytes32 supersedes;
}

/// @notice Data of a `labReport` attestation. Result 1 pass, 2 fail, 3 invalid.
struct LabReportData {
    LotId lot;
    bytes32 record;
    bytes32 sample;
    bytes32 method;
    uint8 result;
    uint64 sampledAt;
    uint64 reportedAt;
    bytes32 content;
    bytes32 supersedes;
}

/// @notice Data of a `custodyOffer` attestation.
struct CustodyOfferData {
    LotId lot;
    bytes32 record;
    uint128 quantity;
    bytes3 unit;
    bytes32 fromPlace;
    bytes32 toPlace;
    uint64 handedOverAt;
    bytes32 document;
}

/// @notice Data of a `custodyAcceptance` attestation.
struct CustodyAcceptanceData {
    bytes32 record;
    uint128 quantity;
    uint64 acceptedAt;
    uint8 condition;
    bytes32 content;
}

/// @title Reading attestation data
/// @notice Decoding must give back the same bytes when encoded again. `abi.decode` would accept more, and answers what it
/// does not accept without a reason; here every word's width and the total length are checked first.
library AttestationData {
    uint256 private constant _WORD = 32;
    uint256 private constant _CERTIFICATE_WORDS = 9;
    uint256 private constant _PARENTS_WORD = 6;

    /// @notice Whether the data are exactly the words of a `lot`.
    function isLot(bytes memory data) internal pure returns (bool) {
        return data.length == 8 * _WORD && _isUint(data, 3, 128) && _isUnit(data, 4) && _isUint(data, 5, 64);
    }

    /// @notice Whether the data are exactly a `certificate` with its parents.
    function isCertificate(bytes memory data) internal pure returns (bool) {
        if (data.length < (_CERTIFICATE_WORDS + 1) * _WORD || data.length % _WORD != 0) return false;
        uint256 parents = data.length / _WORD - _CERTIFICATE_WORDS - 1;
        return _isUint(data, 2, 8) && _isUint(data, 3, 128) && _isUnit(data, 4) && _isUint(data, 5, 64)
            && uint256(_word(data, _PARENTS_WORD)) == _CERTIFICATE_WORDS * _WORD
            && uint256(_word(data, _CERTIFICATE_WORDS)) == parents;
    }

    /// @notice Whether the data are exactly the words of a `labReport`.
    function isLabReport(bytes memory data) internal pure returns (bool) {
        return data.length == 9 * _WORD && _isUint(data, 4, 8) && _isUint(data, 5, 64) && _isUint(data, 6, 64);
    }

    /// @notice Whether the data are exactly the words of a `custodyOffer`.
    function isCustodyOffer(bytes memory data) internal pure returns (bool) {
        return data.length == 8 * _WORD && _isUint(data, 2, 128) && _isUnit(data, 3) && _isUint(data, 6, 64);
    }

    /// @notice Whether the data are exactly the words of a `custodyAcceptance`.
    function isCustodyAcceptance(bytes memory data) internal pure returns (bool) {
        return data.length == 5 * _WORD && _isUint(data, 1, 128) && _isUint(data, 2, 64) && _isUint(data, 3, 8);
    }

    /// @notice A certificate's fields; the data must have passed `isCertificate`.
    function toCertificate(bytes memory data) internal pure returns (CertificateData memory certificate) {
        // A struct with a dynamic member is encoded behind an offset, which EAS's flat encoding does not have.
        certificate = abi.decode(bytes.concat(bytes32(_WORD), data), (CertificateData));
    }

    function _isUint(bytes memory data, uint256 index, uint256 bits) private pure returns (bool) {
        return uint256(_word(data, index)) >> bits == 0;
    }

    function _isUnit(bytes memory data, uint256 index) private pure returns (bool) {
        return uint256(_word(data, index)) << 24 == 0;
    }

    function _word(bytes memory data, uint256 index) private pure returns (bytes32 value) {
        // Every caller has checked the length.
        assembly ("memory-safe") {
            value := mload(add(add(data, 32), mul(index, 32)))
        }
    }
}
