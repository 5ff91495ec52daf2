// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    BatchProof,
    ProofIndexTooLarge,
    ProofPathLength,
    ProofSumOverflow,
    Sibling
} from "../../../../contracts/trace/proof/BatchProof.sol";
import { SumTree } from "../../support/SumTree.sol";
import { Test } from "../../support/Test.sol";

contract BatchProofTest is Test {
    function leaves() private pure returns (Sibling[] memory five) {
        uint128[2][5] memory numbers = [
            [uint128(3650), 1825], [uint128(1280), 640], [uint128(990), 330], [uint128(4200), 2100], [uint128(75), 50]
        ];
        five = new Sibling[](5);
        for (uint256 i = 0; i < 5; ++i) {
            bytes32 record = sha256(bytes(string.concat("record ", vm.toString(i))));
            five[i] = SumTree.leaf(record, numbers[i][0], numbers[i][1]);
        }
    }

    /// @dev The library reads paths from calldata.
    function fold(Sibling memory leaf, uint64 index, uint64 size, Sibling[] calldata path)
        external
        pure
        returns (Sibling memory)
    {
        return BatchProof.fold(leaf, index, size, path);
    }

    function join(Sibling memory left, Sibling memory right) external pure returns (Sibling memory) {
        return BatchProof.join(left, right);
    }

    function test_PublishedTree() external pure {
        Sibling[] memory five = leaves();
        assertEq(five[0].hash, 0xc01fa11b367409979ed71ab43a618e6c8e2cae4f9d5a393e4e3ec20a8a5fe78f);
        assertEq(five[4].hash, 0xacfbba64a12c15456dc67c55436e6fecf42ece28eaa65990056c9a55b3db8309);
        assertEq(BatchProof.EMPTY_ROOT, sha256(""));
        Sibling memory two = SumTree.root(five, 0, 2);
        assertEq(two.hash, 0x916bf6cdcaf9f0622807c31573049a6bd2b2083903c6441281c8d4648e2219b5);
        assertEq(SumTree.root(five, 0, 3).hash, 0x7c7b34267a44ba1e166b805c6c12514842cc6486bb792a116d3c9f3d7ea7877e);
        Sibling memory all = SumTree.root(five, 0, 5);
        assertEq(all.hash, 0x28f6128c3a8e838a1b0882ea1b43dffec3d2708c6215699dc260f2f29c8fef21);
        assertEq(all.amount, 10195);
        assertEq(all.mass, 4945);
    }

    function test_PublishedPaths() external view {
        Sibling[] memory five = leaves();
        Sibling[] memory path = new Sibling[](3);
        path[0] = five[3];
        path[1] = Sibling(0x916bf6cdcaf9f0622807c31573049a6bd2b2083903c6441281c8d4648e2219b5, 4930, 2465);
        path[2] = five[4];
        Sibling memory root = this.fold(five[2], 2, 5, path);
        assertEq(root.hash, 0x28f6128c3a8e838a1b0882ea1b43dffec3d2708c6215699dc260f2f29c8fef21);
        path = new Sibling[](1);
        path[0] = Sibling(0x1a158bd9c04b7126ddda9c3975b890405e3f4f3df965c503371bf7accf9a8431, 10120, 4895);
        root = this.fold(five[4], 4, 5, path);
        assertEq(root.hash, 0x28f6128c3a8e838a1b0882ea1b43dffec3d2708c6215699dc260f2f29c8fef21);
        assertEq(root.amount, 10195);
        assertEq(root.mass, 4945);
    }

    function testFuzz_EveryLeafLeadsToTheRoot(uint256 seed, uint256 size, uint256 index) external view {
        size = bound(size, 1, 70);
        index = bound(index, 0, size - 1);
        Sibling[] memory all = SumTree.some(seed, size);
        Sibling memory root = SumTree.root(all, 0, size);
        Sibling memory found = this.fold(all[index], uint64(index), uint64(size), SumTree.path(all, index));
        assertEq(found.hash, root.hash);
        assertEq(found.amount, root.amount);
        assertEq(found.mass, root.mass);
    }

    function testFuzz_ChangedPathLeadsElsewhere(uint256 seed, uint256 size, uint256 index, uint256 change)
        external
        view
    {
        size = bound(size, 2, 70);
        index = bound(index, 0, size - 1);
        Sibling[] memory all = SumTree.some(seed, size);
        bytes32 root = SumTree.root(all, 0, size).hash;
        Sibling[] memory path = SumTree.path(all, index);
        Sibling memory changed = path[change % path.length];
        if (change & 1 == 0) changed.hash ^= bytes32(uint256(1));
        else changed.amount += 1;
        Sibling memory found = this.fold(all[index], uint64(index), uint64(size), path);
        assertTrue(found.hash != root);
    }

    function testFuzz_RevertWhen_IndexTooLarge(uint64 index, uint64 size) external {
        vm.assume(index >= size);
        vm.expectRevert(abi.encodeWithSelector(ProofIndexTooLarge.selector, index, size));
        this.fold(Sibling(0, 0, 0), index, size, new Sibling[](0));
    }

    function testFuzz_RevertWhen_PathLengthWrong(uint256 size, uint256 index, uint256 length) external {
        size = bound(size, 1, 5000);
        index = bound(index, 0, size - 1);
        uint256 expected = BatchProof.pathLength(uint64(index), uint64(size));
        length = bound(length, 0, 20);
        vm.assume(length != expected);
        vm.expectRevert(abi.encodeWithSelector(ProofPathLength.selector, expected, length));
        this.fold(Sibling(0, 0, 0), uint64(index), uint64(size), new Sibling[](length));
    }

    function test_RevertWhen_SumPasses128Bits() external {
        uint128 most = type(uint128).max;
        vm.expectRevert(abi.encodeWithSelector(ProofSumOverflow.selector, most, uint128(1)));
        this.join(Sibling(0, most, 0), Sibling(0, 1, 0));
        vm.expectRevert(abi.encodeWithSelector(ProofSumOverflow.selector, uint128(1), most));
        this.join(Sibling(0, 0, 1), Sibling(0, 0, most));
    }
}
