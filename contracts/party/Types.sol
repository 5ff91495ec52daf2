// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice A party's number, given by the PartyRegistry from 1 upward; 0 is nobody.
type PartyId is uint32;

using { samePartyId as ==, otherPartyId as != } for PartyId global;

function samePartyId(PartyId a, PartyId b) pure returns (bool) {
    return PartyId.unwrap(a) == PartyId.unwrap(b);
}

function otherPartyId(PartyId a, PartyId b) pure returns (bool) {
    return PartyId.unwrap(a) != PartyId.unwrap(b);
}

PartyId constant NOBODY = PartyId.wrap(0);

/// @notice Where a party stands. Closed is final.
enum PartyStatus {
    None,
    Active,
    Suspended,
    Closed
}

/// @notice What a credential attests.
enum CredentialKind {
    None,
    KnowYourBusiness,
    SmallEnterprise,
    FunderLicence,
    SettlementBank
}

/// @notice An organisation or stallholder, without personal data.
/// @param kinds Bits of `PartyKinds`.
/// @param jurisdiction ISO 3166-1 numeric.
/// @param verifiedUntil The first second at which its verification no longer holds.
/// @param mergedInto The party that took its place; nobody while it stands for itself.
struct Party {
    PartyStatus status;
    uint16 kinds;
    uint16 jurisdiction;
    uint40 verifiedUntil;
    PartyId mergedInto;
}

/// @notice An account that acts for a party in [notBefore, notAfter); notAfter 0 is open.
/// @param powers Bits of `WalletPowers`.
struct Wallet {
    PartyId party;
    uint16 powers;
    uint40 notBefore;
    uint40 notAfter;
}

/// @notice What an issuer said about a party, valid in [from, until) and before revokedAt; zero revokedAt is never.
struct Credential {
    bytes32 hash;
    PartyId issuer;
    uint40 from;
    uint40 until;
    uint40 revokedAt;
}

/// @notice What a wallet and its approver sign to bind the wallet to a party, for ever.
/// @param notAfter The first second at which the wallet may no longer act; 0 is open.
/// @param deadline The last second at which the signatures may be used.
struct WalletEnrolment {
    PartyId party;
    address wallet;
    uint16 powers;
    uint64 notAfter;
    uint64 deadline;
}

bytes32 constant WALLET_ENROLMENT_TYPEHASH =
    keccak256("WalletEnrolment(uint32 party,address wallet,uint16 powers,uint64 notAfter,uint64 deadline)");

/// @title Kinds of party, as bits
library PartyKinds {
    uint16 internal constant PRODUCER = 1;
    uint16 internal constant CARRIER = 2;
    uint16 internal constant WHOLESALER = 4;
    uint16 internal constant MARKET = 8;
    uint16 internal constant MERCHANT = 16;
    uint16 internal constant LAB = 32;
    uint16 internal constant REGULATOR = 64;
    uint16 internal constant BANK = 128;
    uint16 internal constant AUDITOR = 256;
    uint16 internal constant ORACLE = 512;
    uint16 internal constant COLLECTOR = 1024;
    uint16 internal constant CERTIFIER = 2048;
    uint16 internal constant METROLOGY = 4096;
}

/// @title What a wallet may do for its party, as bits
library WalletPowers {
    uint16 internal constant REGISTER = 1;
    uint16 internal constant ACCEPT = 2;
    uint16 internal constant SEND = 4;
    uint16 internal constant RECEIVE = 8;
    uint16 internal constant FINANCE = 16;
    uint16 internal constant DISPUTE = 32;
    uint16 internal constant ADMIN = 64;
    uint16 internal constant CREDIT = 128;
}
