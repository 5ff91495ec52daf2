// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import { P256 } from "@openzeppelin/contracts/utils/cryptography/P256.sol";

import { KeyType } from "./Types.sol";

/// @title Signatures of device keys
/// @notice secp256k1: r, s, v (65 bytes); P-256: r, s (64 bytes), by the precompile where the engine has one. Low s.
library DeviceKey {
    /// @notice Whether the public key's bytes are those that the hash names, and as many as its type has.
    function fits(KeyType keyType, bytes32 keyHash, bytes memory publicKey) internal pure returns (bool) {
        return publicKey.length == (keyType == KeyType.Ed25519 ? 32 : 64) && keccak256(publicKey) == keyHash;
    }

    /// @notice Whether the signature is this key's over the digest; false for Ed25519.
    function hasSigned(KeyType keyType, bytes memory publicKey, bytes32 digest, bytes calldata signature)
        internal
        view
        returns (bool)
    {
        if (keyType == KeyType.Secp256k1) {
            // slither-disable-next-line unused-return what tryRecover has to say of a wrong signature beside that it is
            (address signer, ECDSA.RecoverError wrong,) = ECDSA.tryRecover(digest, signature);
            // An address is the last 20 bytes of the key's hash.
            return wrong == ECDSA.RecoverError.NoError && signer == address(uint160(uint256(keccak256(publicKey))));
        }
        if (keyType == KeyType.Ed25519 || signature.length != 64) return false;
        (bytes32 x, bytes32 y) = abi.decode(publicKey, (bytes32, bytes32));
        return P256.verify(digest, bytes32(signature[:32]), bytes32(signature[32:]), x, y);
    }
}
