// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IAccessManager } from "@openzeppelin/contracts/access/manager/IAccessManager.sol";

/// @title Roles that people and services hold in LedgerAccess
/// @notice Numbers 3 to 9 belong to receivables. A role is granted to an account with an execution delay; only a member
/// without delay may act at once, and every contract here asks for just that.
library Roles {
    /// @notice Grants roles, sets delays, lists contracts.
    uint64 internal constant ADMIN = 0;
    /// @notice Onboards parties, their wallets and aliases.
    uint64 internal constant PARTY_ADMIN = 1;
    /// @notice Enrols devices, suspends, revokes and retires them.
    uint64 internal constant REGISTRAR = 2;
    /// @notice Files verifications of measuring devices.
    uint64 internal constant METROLOGY = 10;
    /// @notice Opens streams and names who pins them.
    uint64 internal constant STREAM_ADMIN = 11;

    /// @notice Whether an account may act under a role now, without scheduling first.
    function holds(IAccessManager access, uint64 role, address account) internal view returns (bool) {
        (bool isMember, uint32 executionDelay) = access.hasRole(role, account);
        return isMember && executionDelay == 0;
    }
}
