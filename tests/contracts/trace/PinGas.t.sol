// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IPinRegistry } from "../../../contracts/trace/IPinRegistry.sol";
import { PinHeader, StreamId } from "../../../contracts/trace/Types.sol";
import { PinWorld } from "../support/PinWorld.sol";

/// @notice What a pin costs as a transaction of its own: cold storage, intrinsic gas, every hash without a zero byte.
/// forge-config: default.isolate = true
contract PinGasTest is PinWorld {
    /// @dev Recorded figures; the thin margin is what they guard. A change that makes a pin cheaper lowers them.
    uint256 private constant _PIN = 44_616;
    uint256 private constant _HEARTBEAT = 44_124;
    uint256 private constant _PIN_KEPT = 66_871;
    uint256 private constant _PIN_LIMIT = 45_000;
    uint256 private constant _PIN_KEPT_LIMIT = 68_000;

    /// @dev The first pin of a stream makes its storage what it will be at every later one.
    function pinFirst(StreamId stream) private {
        PinHeader memory header = batch(stream);
        header.root = keccak256("first root");
        pin(stream, 1, header);
    }

    function transactionGas(StreamId stream, PinHeader memory header) private returns (uint256) {
        vm.prank(pinner);
        pins.pin(stream, 2, header);
        return vm.lastCallGas().gasTotalUsed;
    }

    function test_Pin() external {
        pinFirst(SALE);
        uint256 used = transactionGas(SALE, batch(SALE));
        assertEq(used, _PIN);
        vm.assertLe(used, _PIN_LIMIT);
    }

    function test_Heartbeat() external {
        pinFirst(SALE);
        uint256 used = transactionGas(SALE, heartbeat(SALE));
        assertEq(used, _HEARTBEAT);
        vm.assertLe(used, _PIN_LIMIT);
    }

    function test_PinKept() external {
        pinFirst(SALES_DAY);
        uint256 used = transactionGas(SALES_DAY, batch(SALES_DAY));
        assertEq(used, _PIN_KEPT);
        vm.assertLe(used, _PIN_KEPT_LIMIT);
    }
}
