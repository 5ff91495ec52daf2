// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IAccessManager } from "@openzeppelin/contracts/access/manager/IAccessManager.sol";

import { ILedgerAccess } from "../../../contracts/access/ILedgerAccess.sol";
import { Roles } from "../../../contracts/access/Roles.sol";
import { World } from "../support/World.sol";

contract LedgerAccessTest is World {
    bytes32 private constant _NOUN = keccak256("credit");

    function test_RevertWhen_CallerNotAdmin() external {
        vm.expectRevert(
            abi.encodeWithSelector(
                IAccessManager.AccessManagerUnauthorizedAccount.selector, stranger, uint64(Roles.ADMIN)
            )
        );
        vm.prank(stranger);
        access.listContract(_NOUN, address(pins), address(pins).codehash);
    }

    function test_RevertWhen_CodeHashWrong() external {
        bytes32 actual = address(pins).codehash;
        vm.expectRevert(
            abi.encodeWithSelector(
                ILedgerAccess.AccessCodeHashWrong.selector, address(pins), bytes32(uint256(1)), actual
            )
        );
        access.listContract(_NOUN, address(pins), bytes32(uint256(1)));
    }

    function test_RevertWhen_NoCode() external {
        vm.deal(stranger, 1);
        bytes32 empty = stranger.codehash;
        vm.expectRevert(abi.encodeWithSelector(ILedgerAccess.AccessCodeHashWrong.selector, stranger, empty, empty));
        access.listContract(_NOUN, stranger, empty);
    }

    function test_RevertGiven_Listed() external {
        bytes32 codeHash = address(pins).codehash;
        access.listContract(_NOUN, address(pins), codeHash);
        vm.expectRevert(abi.encodeWithSelector(ILedgerAccess.AccessContractListed.selector, address(pins)));
        access.listContract(_NOUN, address(pins), codeHash);
    }

    function test_ListContract() external {
        assertFalse(access.isListed(address(pins)));
        vm.expectEmit(address(access));
        emit ILedgerAccess.ContractListed(_NOUN, address(pins), address(pins).codehash);
        access.listContract(_NOUN, address(pins), address(pins).codehash);
        assertTrue(access.isListed(address(pins)));
    }
}
