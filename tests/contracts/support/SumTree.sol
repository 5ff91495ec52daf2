// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { BatchProof, Sibling } from "../../../contracts/trace/proof/BatchProof.sol";

/// @notice Roots and paths by the definition of RFC 9162 section 2.1, slowly: what proofs are compared with.
library SumTree {
    function leaf(bytes32 record, uint128 amount, uint128 mass) internal pure returns (Sibling memory) {
        return Sibling(BatchProof.leafHash(record, amount, mass), amount, mass);
    }

    /// @dev Leaves of any records with small numbers.
    function some(uint256 seed, uint256 size) internal pure returns (Sibling[] memory leaves) {
        leaves = new Sibling[](size);
        for (uint256 i = 0; i < size; ++i) {
            bytes32 record = keccak256(abi.encode(seed, i));
            leaves[i] = leaf(record, uint64(uint256(record)), uint64(uint256(record) >> 64));
        }
    }

    function root(Sibling[] memory leaves, uint256 start, uint256 end) internal pure returns (Sibling memory) {
        if (end - start == 1) return leaves[start];
        uint256 middle = start + split(end - start);
        Sibling memory left = root(leaves, start, middle);
        Sibling memory right = root(leaves, middle, end);
        bytes memory packed =
            abi.encodePacked(hex"01", left.hash, left.amount, left.mass, right.hash, right.amount, right.mass);
        return Sibling(sha256(packed), left.amount + right.amount, left.mass + right.mass);
    }

    function path(Sibling[] memory leaves, uint256 index) internal pure returns (Sibling[] memory siblings) {
        return _path(leaves, index, 0, leaves.length, 0);
    }

    function _path(Sibling[] memory leaves, uint256 index, uint256 start, uint256 end, uint256 depth)
        private
        pure
        returns (Sibling[] memory siblings)
    {
        if (end - start == 1) return new Sibling[](depth);
        uint256 middle = start + split(end - start);
        bool isLeft = index < middle;
        siblings =
            isLeft ? _path(leaves, index, start, middle, depth + 1) : _path(leaves, index, middle, end, depth + 1);
        siblings[siblings.length - 1 - depth] = isLeft ? root(leaves, middle, end) : root(leaves, start, middle);
    }

    /// @dev The largest power of two below `size`.
    function split(uint256 size) internal pure returns (uint256 power) {
        power = 1;
        while (power * 2 < size) power *= 2;
    }
}
