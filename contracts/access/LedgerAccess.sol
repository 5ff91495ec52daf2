// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { AccessManager } from "@openzeppelin/contracts/access/manager/AccessManager.sol";

import { ILedgerAccess } from "./ILedgerAccess.sol";

/// @title The ledger's roles, and which contracts belong to it
contract LedgerAccess is AccessManager, ILedgerAccess {
    mapping(address listed => bool) private _isListed;

    /// @param admin The first account with ADMIN, without delay; it hands over to the members' multi-signature.
    constructor(address admin) AccessManager(admin) { }

    /// @inheritdoc ILedgerAccess
    function listContract(bytes32 noun, address listed, bytes32 codeHash) external onlyAuthorized {
        // Checks
        require(!_isListed[listed], AccessContractListed(listed));
        require(
            listed.code.length != 0 && listed.codehash == codeHash,
            AccessCodeHashWrong(listed, codeHash, listed.codehash)
        );
        // Effects
        _isListed[listed] = true;
        emit ContractListed(noun, listed, codeHash);
    }

    /// @inheritdoc ILedgerAccess
    function isListed(address listed) external view returns (bool) {
        return _isListed[listed];
    }
}
