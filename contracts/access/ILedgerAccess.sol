// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The ledger's roles, and which contracts belong to it
/// @notice The manager of roles is OpenZeppelin's AccessManager; only what it does not have is declared here.
interface ILedgerAccess {
    /// @notice Emitted when a contract joins the ledger: its later events enter the checkpoint log.
    /// @param noun keccak256 of the contract's noun, as in `network.json`.
    event ContractListed(bytes32 indexed noun, address indexed listed, bytes32 codeHash);

    /// @notice The contract's code is not the code that was announced.
    error AccessCodeHashWrong(address listed, bytes32 given, bytes32 actual);
    /// @notice The contract is already listed.
    error AccessContractListed(address listed);

    /// @notice Lists a contract that was deployed after genesis. Only ADMIN.
    /// @dev Warning: there is no way back; a listed contract's events are part of the log for ever.
    /// @param codeHash What the lister read from the chain: keccak256 of the contract's code.
    function listContract(bytes32 noun, address listed, bytes32 codeHash) external;

    /// @notice Whether `listContract` was called for this address. Contracts of the network file are not listed.
    function isListed(address listed) external view returns (bool);
}
