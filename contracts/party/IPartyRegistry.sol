// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Credential, CredentialKind, Party, PartyId, PartyStatus, Wallet, WalletEnrolment } from "./Types.sol";

/// @title Parties, and the wallets that act for them
/// @notice A party is a number without personal data. Rights, limits and duties sit on parties; signatures and balances
/// on wallets. Times are seconds.
interface IPartyRegistry {
    /// @notice Emitted when a party is registered; it starts Active.
    event PartyRegistered(PartyId indexed party, uint16 kinds, uint16 jurisdiction);
    /// @notice Emitted when a party's verification is dated, at registration and whenever it is renewed.
    event PartyVerificationSet(PartyId indexed party, uint40 verifiedUntil);
    /// @notice Emitted when a party is suspended, reactivated or closed.
    event PartyStatusSet(PartyId indexed party, PartyStatus status, uint16 reason);
    /// @notice Emitted when one party takes the place of another.
    event PartyMerged(PartyId indexed from, PartyId indexed into);
    /// @notice Emitted when an outside identifier's keyed hash is bound to a party.
    event AliasBound(PartyId indexed party, bytes32 indexed aliasKey);
    /// @notice Emitted when a wallet is bound to a party.
    event WalletEnrolled(PartyId indexed party, address indexed wallet, uint16 powers, uint64 notAfter);
    /// @notice Emitted when a wallet's end is set.
    event WalletRetired(PartyId indexed party, address indexed wallet, uint40 from);
    /// @notice Emitted when an issuer files a credential.
    event CredentialSet(
        PartyId indexed party,
        CredentialKind indexed kind,
        PartyId indexed issuer,
        bytes32 hash,
        uint40 from,
        uint40 until
    );
    /// @notice Emitted when an issuer takes a credential back.
    event CredentialRevoked(PartyId indexed party, CredentialKind indexed kind);
    /// @notice Emitted when a recipient says whether lots from a party arrive without a rejection window.
    event StandingConsentSet(PartyId indexed to, PartyId indexed from, bool on);

    /// @notice The account acts for no party.
    error PartyUnknown(address account);
    /// @notice The party is not active.
    error PartyNotActive(PartyId party, PartyStatus status);
    /// @notice The party's verification has ended.
    error PartyVerificationExpired(PartyId party, uint40 until);
    /// @notice The wallet may not act at this time.
    error PartyWalletExpired(address wallet, uint64 notAfter);
    /// @notice The wallet already belongs to a party.
    error PartyWalletTaken(address wallet, PartyId party);
    /// @notice The wallet lacks a power that this act needs.
    error PartyPowerMissing(address account, uint16 need, uint16 has);
    /// @notice The identifier already belongs to a party.
    error PartyAliasTaken(bytes32 aliasKey, PartyId party);
    /// @notice The party has no such credential.
    error PartyCredentialMissing(PartyId party, CredentialKind kind);
    /// @notice The credential's time has ended or is empty.
    error PartyCredentialExpired(PartyId party, CredentialKind kind, uint40 until);
    /// @notice A party may not issue this credential, and nobody issues one to itself.
    error PartyCredentialIssuerWrong(PartyId party, CredentialKind kind, PartyId issuer);
    /// @notice A party cannot take its own place.
    error PartyMergeCycle(PartyId from, PartyId into);
    /// @notice The caller lacks the role.
    error PartyCallerNotAllowed(address caller, uint64 role);

    /// @notice Registers a party under the next number. Only PARTY_ADMIN.
    /// @param identity A keyed commitment to who the party is.
    /// @param kinds Bits of `PartyKinds`.
    /// @param jurisdiction ISO 3166-1 numeric.
    /// @param verifiedUntil The first second at which its verification no longer holds.
    function registerParty(bytes32 identity, uint16 kinds, uint16 jurisdiction, uint40 verifiedUntil)
        external
        returns (PartyId party);

    /// @notice Dates a party's verification anew. Only PARTY_ADMIN.
    function setVerification(PartyId party, uint40 verifiedUntil) external;

    /// @notice Binds keccak256(HMAC(K_net, "PTY1|scheme|value")) to a party, for ever. Only PARTY_ADMIN.
    function bindAlias(PartyId party, bytes32 aliasKey) external;

    /// @notice Binds a wallet to a party, for ever. Anyone may relay the two signatures.
    /// @param approver A wallet of the party with power ADMIN, or an account with PARTY_ADMIN.
    /// @param approverSignature Over the same struct; not looked at when the approver itself calls.
    function enrolWallet(
        WalletEnrolment calldata enrolment,
        bytes calldata walletSignature,
        address approver,
        bytes calldata approverSignature
    ) external;

    /// @notice Ends a wallet. An ADMIN-power wallet of the party, the wallet itself, or PARTY_ADMIN.
    /// @dev Warning: `from` may be past (theft) and is never moved later; 0 is now.
    function retireWallet(address wallet, uint40 from) external;

    /// @notice Suspends, reactivates or closes a party. Only PARTY_ADMIN. Closed is final.
    function setPartyStatus(PartyId party, PartyStatus status, uint16 reason) external;

    /// @notice Lets one party take the place of another, which is closed. Guarded by AccessManager, so that it can only
    /// be done by a role that was given this function, after that role's delay.
    function mergeParty(PartyId from, PartyId into) external;

    /// @notice Files a credential. An ADMIN-power wallet of a bank, regulator, auditor or certifier.
    function setCredential(PartyId party, CredentialKind kind, bytes32 hash, uint40 from, uint40 until) external;

    /// @notice Takes a credential back. An ADMIN-power wallet of the party that issued it.
    function revokeCredential(PartyId party, CredentialKind kind) external;

    /// @notice Says whether lots from a party arrive without a rejection window. A RECEIVE wallet.
    function setStandingConsent(PartyId from, bool on) external;

    /// @notice The party that an account may act for now, with all powers in `power`; reverts otherwise.
    /// @return The party itself, or the one that took its place.
    function requireActive(address account, uint16 power) external view returns (PartyId);

    /// @notice The party that an account may act for now, and its kinds; nobody and 0 instead of reverting.
    function activeParty(address account) external view returns (PartyId party, uint16 kinds);

    /// @notice The party that a wallet was enrolled for, whatever has happened since; 0 for none.
    function partyOf(address account) external view returns (PartyId);

    /// @notice The party that stands in a party's place after all mergers.
    function rootOf(PartyId party) external view returns (PartyId);

    /// @notice Whether a party is Active and verified now.
    function isActive(PartyId party) external view returns (bool);

    /// @notice A party's kinds, 0 when it does not exist.
    function kindsOf(PartyId party) external view returns (uint16);

    /// @notice Whether a party holds a credential at a time, from an issuer that is still active.
    function credentialValid(PartyId party, CredentialKind kind, uint40 time) external view returns (bool);

    /// @notice The party as stored.
    function partyAt(PartyId party) external view returns (Party memory);

    /// @notice The party's identity commitment.
    function identityOf(PartyId party) external view returns (bytes32);

    /// @notice The wallet as stored.
    function walletAt(address account) external view returns (Wallet memory);

    /// @notice The credential as stored.
    function credentialAt(PartyId party, CredentialKind kind) external view returns (Credential memory);

    /// @notice The party an alias belongs to; 0 for none.
    function partyOfAlias(bytes32 aliasKey) external view returns (PartyId);

    /// @notice Whether lots from one party arrive at another without a rejection window.
    function standingConsent(PartyId to, PartyId from) external view returns (bool);

    /// @notice How many parties were ever registered; the newest party's number.
    function partyCount() external view returns (uint32);

    /// @notice What is signed to enrol a wallet.
    function walletEnrolmentDigest(WalletEnrolment calldata enrolment) external view returns (bytes32);
}
