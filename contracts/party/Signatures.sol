// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { SignatureChecker } from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

/// @notice The signature is not this signer's over this digest.
error SignatureInvalid(address signer, bytes32 digest);
/// @notice The signature's deadline has passed.
error SignatureExpired(uint64 deadline, uint256 timestamp);

/// @title Signatures of accounts
/// @notice Accounts without code sign with their key (low s only); accounts with code answer ERC-1271's static call.
library Signatures {
    /// @notice Reverts unless `signature` is the signer's over the digest.
    function requireSigned(address signer, bytes32 digest, bytes calldata signature) internal view {
        require(SignatureChecker.isValidSignatureNow(signer, digest, signature), SignatureInvalid(signer, digest));
    }

    /// @notice Reverts when the deadline has passed.
    function requireInTime(uint64 deadline) internal view {
        require(block.timestamp <= deadline, SignatureExpired(deadline, block.timestamp));
    }
}
