// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { AccessManaged } from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import { IAccessManager } from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import { Roles } from "../access/Roles.sol";
import { IPartyRegistry } from "./IPartyRegistry.sol";
import { Signatures } from "./Signatures.sol";
import {
    Credential,
    CredentialKind,
    NOBODY,
    Party,
    PartyId,
    PartyKinds,
    PartyStatus,
    WALLET_ENROLMENT_TYPEHASH,
    Wallet,
    WalletEnrolment,
    WalletPowers
} from "./Types.sol";

// Slither takes what is compared here for balances; they are statuses, types and hashes, and equality is meant.
// slither-disable-start incorrect-equality

/// @title Parties, and the wallets that act for them
contract PartyRegistry is IPartyRegistry, AccessManaged, EIP712 {
    uint16 private constant _CREDENTIAL_ISSUERS =
        PartyKinds.BANK | PartyKinds.REGULATOR | PartyKinds.AUDITOR | PartyKinds.CERTIFIER;
    /// @dev Reason given with the status of a party whose place another took.
    uint16 private constant _REASON_MERGED = 1;

    IAccessManager private immutable _access;
    uint32 private _partyCount;
    mapping(PartyId party => Party) private _parties;
    mapping(PartyId party => bytes32 commitment) private _identities;
    mapping(address account => Wallet) private _wallets;
    mapping(bytes32 aliasKey => PartyId party) private _aliases;
    mapping(PartyId party => mapping(CredentialKind kind => Credential)) private _credentials;
    mapping(PartyId to => mapping(PartyId from => bool)) private _standingConsents;

    modifier onlyPartyAdmin() {
        require(
            Roles.holds(_access, Roles.PARTY_ADMIN, msg.sender), PartyCallerNotAllowed(msg.sender, Roles.PARTY_ADMIN)
        );
        _;
    }

    constructor(IAccessManager access) AccessManaged(address(access)) EIP712("Tidemark", "1") {
        _access = access;
    }

    /// @inheritdoc IPartyRegistry
    function registerParty(bytes32 identity, uint16 kinds, uint16 jurisdiction, uint40 verifiedUntil)
        external
        onlyPartyAdmin
        returns (PartyId party)
    {
        party = PartyId.wrap(++_partyCount);
        _parties[party] = Party(PartyStatus.Active, kinds, jurisdiction, verifiedUntil, NOBODY);
        _identities[party] = identity;
        emit PartyRegistered(party, kinds, jurisdiction);
        emit PartyVerificationSet(party, verifiedUntil);
    }

    /// @inheritdoc IPartyRegistry
    function setVerification(PartyId party, uint40 verifiedUntil) external onlyPartyAdmin {
        // Checks
        _requireNotClosed(party);
        // Effects
        _parties[party].verifiedUntil = verifiedUntil;
        emit PartyVerificationSet(party, verifiedUntil);
    }

    /// @inheritdoc IPartyRegistry
    function bindAlias(PartyId party, bytes32 aliasKey) external onlyPartyAdmin {
        // Checks
        _requireNotClosed(party);
        require(_aliases[aliasKey] == NOBODY, PartyAliasTaken(aliasKey, _aliases[aliasKey]));
        // Effects
        _aliases[aliasKey] = party;
        emit AliasBound(party, aliasKey);
    }

    /// @inheritdoc IPartyRegistry
    function enrolWallet(
        WalletEnrolment calldata enrolment,
        bytes calldata walletSignature,
        address approver,
        bytes calldata approverSignature
    ) external {
        // Checks
        Signatures.requireInTime(enrolment.deadline);
        bytes32 digest = walletEnrolmentDigest(enrolment);
        Signatures.requireSigned(enrolment.wallet, digest, walletSignature);
        _requireApprover(enrolment.party, approver);
        if (approver != msg.sender) Signatures.requireSigned(approver, digest, approverSignature);
        PartyId taken = _wallets[enrolment.wallet].party;
        require(taken == NOBODY, PartyWalletTaken(enrolment.wallet, taken));
        require(
            enrolment.notAfter == 0 || enrolment.notAfter > block.timestamp,
            PartyWalletExpired(enrolment.wallet, enrolment.notAfter)
        );
        // Effects
        uint40 notAfter = SafeCast.toUint40(enrolment.notAfter);
        _wallets[enrolment.wallet] =
            Wallet(enrolment.party, enrolment.powers, SafeCast.toUint40(block.timestamp), notAfter);
        emit WalletEnrolled(enrolment.party, enrolment.wallet, enrolment.powers, enrolment.notAfter);
    }

    /// @inheritdoc IPartyRegistry
    function retireWallet(address wallet, uint40 from) external {
        // Checks
        Wallet memory old = _wallets[wallet];
        require(old.party != NOBODY, PartyUnknown(wallet));
        if (msg.sender != wallet) _requireApprover(old.party, msg.sender);
        uint40 end = from == 0 ? SafeCast.toUint40(block.timestamp) : from;
        require(old.notAfter == 0 || end < old.notAfter, PartyWalletExpired(wallet, old.notAfter));
        // Effects
        _wallets[wallet].notAfter = end;
        emit WalletRetired(old.party, wallet, end);
    }

    /// @inheritdoc IPartyRegistry
    function setPartyStatus(PartyId party, PartyStatus status, uint16 reason) external onlyPartyAdmin {
        // Checks
        _requireNotClosed(party);
        require(status != PartyStatus.None, PartyNotActive(party, status));
        // Effects
        _parties[party].status = status;
        emit PartyStatusSet(party, status, reason);
    }

    /// @inheritdoc IPartyRegistry
    function mergeParty(PartyId from, PartyId into) external restricted {
        // Checks
        require(from != into, PartyMergeCycle(from, into));
        _requireStatusActive(from);
        // A merged party is Closed, so a chain of mergers can never come back to where it began.
        _requireStatusActive(into);
        // Effects
        _parties[from].mergedInto = into;
        _parties[from].status = PartyStatus.Closed;
        emit PartyMerged(from, into);
        emit PartyStatusSet(from, PartyStatus.Closed, _REASON_MERGED);
    }

    /// @inheritdoc IPartyRegistry
    function setCredential(PartyId party, CredentialKind kind, bytes32 hash, uint40 from, uint40 until) external {
        // Checks
        PartyId issuer = requireActive(msg.sender, WalletPowers.ADMIN);
        _requireStatusActive(party);
        bool mayIssue = kind != CredentialKind.None && _parties[issuer].kinds & _CREDENTIAL_ISSUERS != 0;
        require(mayIssue && rootOf(party) != issuer, PartyCredentialIssuerWrong(party, kind, issuer));
        require(from < until && until > block.timestamp, PartyCredentialExpired(party, kind, until));
        // Effects
        _credentials[party][kind] = Credential(hash, issuer, from, until, 0);
        emit CredentialSet(party, kind, issuer, hash, from, until);
    }

    /// @inheritdoc IPartyRegistry
    function revokeCredential(PartyId party, CredentialKind kind) external {
        // Checks
        PartyId caller = requireActive(msg.sender, WalletPowers.ADMIN);
        Credential memory credential = _credentials[party][kind];
        require(credential.issuer != NOBODY && credential.revokedAt == 0, PartyCredentialMissing(party, kind));
        require(rootOf(credential.issuer) == caller, PartyCredentialIssuerWrong(party, kind, caller));
        // Effects
        _credentials[party][kind].revokedAt = SafeCast.toUint40(block.timestamp);
        emit CredentialRevoked(party, kind);
    }

    /// @inheritdoc IPartyRegistry
    function setStandingConsent(PartyId from, bool on) external {
        // Checks
        PartyId to = requireActive(msg.sender, WalletPowers.RECEIVE);
        // Effects
        _standingConsents[to][from] = on;
        emit StandingConsentSet(to, from, on);
    }

    /// @inheritdoc IPartyRegistry
    function activeParty(address account) external view returns (PartyId party, uint16 kinds) {
        Wallet memory wallet = _wallets[account];
        if (!_isWalletInForce(wallet)) return (NOBODY, 0);
        party = rootOf(wallet.party);
        return isActive(party) ? (party, _parties[party].kinds) : (NOBODY, 0);
    }

    /// @inheritdoc IPartyRegistry
    function partyOf(address account) external view returns (PartyId) {
        return _wallets[account].party;
    }

    /// @inheritdoc IPartyRegistry
    function kindsOf(PartyId party) external view returns (uint16) {
        return _parties[party].kinds;
    }

    /// @inheritdoc IPartyRegistry
    function credentialValid(PartyId party, CredentialKind kind, uint40 time) external view returns (bool) {
        Credential memory credential = _credentials[party][kind];
        bool isIn = credential.from <= time && time < credential.until;
        bool isKept = credential.revokedAt == 0 || time < credential.revokedAt;
        return isIn && isKept && isActive(rootOf(credential.issuer));
    }

    /// @inheritdoc IPartyRegistry
    function partyAt(PartyId party) external view returns (Party memory) {
        return _parties[party];
    }

    /// @inheritdoc IPartyRegistry
    function identityOf(PartyId party) external view returns (bytes32) {
        return _identities[party];
    }

    /// @inheritdoc IPartyRegistry
    function walletAt(address account) external view returns (Wallet memory) {
        return _wallets[account];
    }

    /// @inheritdoc IPartyRegistry
    function credentialAt(PartyId party, CredentialKind kind) external view returns (Credential memory) {
        return _credentials[party][kind];
    }

    /// @inheritdoc IPartyRegistry
    function partyOfAlias(bytes32 aliasKey) external view returns (PartyId) {
        return _aliases[aliasKey];
    }

    /// @inheritdoc IPartyRegistry
    function standingConsent(PartyId to, PartyId from) external view returns (bool) {
        return _standingConsents[to][from];
    }

    /// @inheritdoc IPartyRegistry
    function partyCount() external view returns (uint32) {
        return _partyCount;
    }

    /// @inheritdoc IPartyRegistry
    function requireActive(address account, uint16 power) public view returns (PartyId) {
        Wallet memory wallet = _wallets[account];
        require(wallet.party != NOBODY, PartyUnknown(account));
        require(_isWalletInForce(wallet), PartyWalletExpired(account, wallet.notAfter));
        require(wallet.powers & power == power, PartyPowerMissing(account, power, wallet.powers));
        PartyId party = rootOf(wallet.party);
        _requireStatusActive(party);
        uint40 until = _parties[party].verifiedUntil;
        require(block.timestamp < until, PartyVerificationExpired(party, until));
        return party;
    }

    /// @inheritdoc IPartyRegistry
    function rootOf(PartyId party) public view returns (PartyId) {
        PartyId root = party;
        for (PartyId next = _parties[root].mergedInto; next != NOBODY; next = _parties[root].mergedInto) {
            root = next;
        }
        return root;
    }

    /// @inheritdoc IPartyRegistry
    function isActive(PartyId party) public view returns (bool) {
        return _parties[party].status == PartyStatus.Active && block.timestamp < _parties[party].verifiedUntil;
    }

    /// @inheritdoc IPartyRegistry
    function walletEnrolmentDigest(WalletEnrolment calldata enrolment) public view returns (bytes32) {
        return _hashTypedDataV4(
            keccak256(
                abi.encode(
                    WALLET_ENROLMENT_TYPEHASH,
                    enrolment.party,
                    enrolment.wallet,
                    enrolment.powers,
                    enrolment.notAfter,
                    enrolment.deadline
                )
            )
        );
    }

    /// @dev Who may approve for a party: PARTY_ADMIN, or a wallet that may act for it with power ADMIN.
    function _requireApprover(PartyId party, address approver) private view {
        if (Roles.holds(_access, Roles.PARTY_ADMIN, approver)) return _requireNotClosed(party);
        PartyId actsFor = requireActive(approver, WalletPowers.ADMIN);
        require(actsFor == rootOf(party), PartyCallerNotAllowed(approver, Roles.PARTY_ADMIN));
    }

    function _requireNotClosed(PartyId party) private view {
        PartyStatus status = _parties[party].status;
        require(status == PartyStatus.Active || status == PartyStatus.Suspended, PartyNotActive(party, status));
    }

    function _requireStatusActive(PartyId party) private view {
        PartyStatus status = _parties[party].status;
        require(status == PartyStatus.Active, PartyNotActive(party, status));
    }

    function _isWalletInForce(Wallet memory wallet) private view returns (bool) {
        return wallet.party != NOBODY && (wallet.notAfter == 0 || block.timestamp < wallet.notAfter);
    }
}
// slither-disable-end incorrect-equality
