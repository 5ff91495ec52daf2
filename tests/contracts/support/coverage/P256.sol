// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice OpenZeppelin's `P256.verify` by the precompile alone, for coverage builds: without the optimizer, which forge
/// turns off to measure, the arithmetic of the library's fallback does not compile ("stack too deep"). All other builds
/// and tests use the library itself.
library P256 {
    uint256 private constant _HALF_ORDER = 0x7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8;

    function verify(bytes32 h, bytes32 r, bytes32 s, bytes32 qx, bytes32 qy) internal view returns (bool) {
        if (uint256(s) > _HALF_ORDER) return false;
        (bool done, bytes memory answer) = address(0x100).staticcall(abi.encode(h, r, s, qx, qy));
        return done && answer.length == 32 && abi.decode(answer, (uint256)) == 1;
    }
}
