// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice A neighbour on the way from a leaf to the root: its hash and the sums over its leaves.
struct Sibling {
    bytes32 hash;
    uint128 amount;
    uint128 mass;
}

/// @notice The leaf's index is not below the number of leaves.
error ProofIndexTooLarge(uint64 index, uint64 size);
/// @notice The path has another number of siblings than the tree's shape asks for.
error ProofPathLength(uint256 expected, uint256 given);
/// @notice A sum over the leaves passes 128 bits.
error ProofSumOverflow(uint128 left, uint128 right);

/// @title Proofs in the batch tree, a Merkle sum tree in the shape of RFC 9162
/// @notice leaf = sha256(00, recordHash, amount, mass); node = sha256(01, left triple, right triple), sums added.
library BatchProof {
    /// @notice The root of a tree without leaves: sha256("").
    bytes32 internal constant EMPTY_ROOT = 0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855;

    /// @notice The hash of a leaf.
    function leafHash(bytes32 record, uint128 amount, uint128 mass) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(bytes1(0x00), record, amount, mass));
    }

    /// @notice What a leaf commits to.
    /// @param signatureHash SHA-256 of the signature's bytes.
    function recordHash(bytes32 digest, bytes32 signatureHash, uint64 receivedAtMs, uint8 verdict, uint16 reason)
        internal
        pure
        returns (bytes32)
    {
        return sha256(abi.encodePacked(bytes1(0x02), digest, signatureHash, receivedAtMs, verdict, reason));
    }

    /// @notice The root that a path leads to, with the sums over all leaves (RFC 9162 section 2.1.3.2).
    function fold(Sibling memory leaf, uint64 index, uint64 size, Sibling[] calldata path)
        internal
        pure
        returns (Sibling memory node)
    {
        require(index < size, ProofIndexTooLarge(index, size));
        node = leaf;
        uint256 position = index;
        uint256 last = size - 1;
        uint256 used = 0;
        while (last != 0) {
            // A node without right neighbour moves up unchanged.
            if (position & 1 == 1 || position < last) {
                require(used < path.length, ProofPathLength(pathLength(index, size), path.length));
                node = position & 1 == 1 ? join(path[used], node) : join(node, path[used]);
                ++used;
            }
            position >>= 1;
            last >>= 1;
        }
        require(used == path.length, ProofPathLength(used, path.length));
    }

    /// @notice How many siblings a path has.
    function pathLength(uint64 index, uint64 size) internal pure returns (uint256 length) {
        uint256 position = index;
        for (uint256 last = size - 1; last != 0; last >>= 1) {
            if (position & 1 == 1 || position < last) ++length;
            position >>= 1;
        }
    }

    /// @notice The parent of two nodes.
    function join(Sibling memory left, Sibling memory right) internal pure returns (Sibling memory) {
        return Sibling(
            sha256(
                abi.encodePacked(bytes1(0x01), left.hash, left.amount, left.mass, right.hash, right.amount, right.mass)
            ),
            _sum(left.amount, right.amount),
            _sum(left.mass, right.mass)
        );
    }

    function _sum(uint128 left, uint128 right) private pure returns (uint128) {
        uint256 total = uint256(left) + right;
        require(total <= type(uint128).max, ProofSumOverflow(left, right));
        // forge-lint: disable-next-line(unsafe-typecast) the line above bounds it
        return uint128(total);
    }
}
