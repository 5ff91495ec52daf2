// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { PartyId } from "../party/Types.sol";
import { LotId } from "../trace/Types.sol";
import { Schema } from "./Schemas.sol";

/// @title Who may attest what
/// @notice The one resolver of all our EAS schemas. EAS calls it for every attestation and revocation; it lets only
/// parties of the right kind attest, holds quantities against the LotLedger, and emits an event that names the lot, the
/// party and the attestation. Times are seconds.
interface IAttestationResolver {
    /// @notice Emitted when a lot is registered, or with `supersedes` its registration corrected.
    event LotRegistered(
        LotId indexed lot,
        PartyId indexed party,
        bytes32 indexed uid,
        bytes32 record,
        bytes32 product,
        uint128 quantity,
        bytes3 unit,
        uint64 producedAt,
        bytes32 content,
        bytes32 supersedes
    );
    /// @notice Emitted when a certificate is attested.
    event CertificateAttested(
        LotId indexed lot,
        PartyId indexed party,
        bytes32 indexed uid,
        uint8 kind,
        uint128 quantity,
        bytes3 unit,
        uint64 issuedAt,
        bytes32 number,
        bytes32 content,
        bytes32 supersedes
    );
    /// @notice Emitted when a laboratory reports. Result 1 pass, 2 fail, 3 invalid.
    event LabReportAttested(
        LotId indexed lot,
        PartyId indexed party,
        bytes32 indexed uid,
        uint8 result,
        uint64 reportedAt,
        bytes32 record,
        bytes32 method,
        bytes32 content,
        bytes32 supersedes
    );
    /// @notice Emitted when a holder offers a quantity to another party.
    event CustodyOffered(
        LotId indexed lot,
        PartyId indexed party,
        bytes32 indexed uid,
        PartyId to,
        uint128 quantity,
        bytes3 unit,
        uint64 handedOverAt
    );
    /// @notice Emitted when the other party accepts.
    event CustodyAccepted(
        LotId indexed lot,
        PartyId indexed party,
        bytes32 indexed uid,
        bytes32 offer,
        PartyId from,
        uint128 quantity,
        uint64 acceptedAt,
        uint8 condition
    );
    /// @notice Emitted when an offer that nobody accepted in time gives its quantity back.
    event CustodyOfferLapsed(LotId indexed lot, PartyId indexed party, bytes32 indexed uid);
    /// @notice Emitted when an attester takes back its own attestation.
    event AttestationRevokedByAttester(LotId indexed lot, PartyId indexed party, bytes32 indexed uid);
    /// @notice Emitted when a regulator ends another's attestation; `party` is the regulator.
    event AttestationVoided(
        LotId indexed lot, PartyId indexed party, bytes32 indexed uid, uint16 reason, bytes32 content
    );

    /// @notice The schema is none of ours.
    error AttestationSchemaUnknown(bytes32 schema);
    /// @notice The attester is not an active party of a kind that may attest this.
    error AttestationRoleMissing(address attester, uint16 role);
    /// @notice The data are not exactly the schema's fields.
    error AttestationDataMalformed(bytes32 schema);
    /// @notice An attestation carries no value.
    error AttestationValueNotZero(uint256 value);
    /// @notice The expiry or revocability is not what the schema asks for.
    error AttestationTermsWrong(bytes32 schema, uint64 expirationTime, bool revocable);
    /// @notice The attestation referred to is missing, of another kind, or no longer live.
    error AttestationReferenceInvalid(bytes32 uid);
    /// @notice The attestation is already superseded.
    error AttestationAlreadySuperseded(bytes32 uid, bytes32 by);
    /// @notice Only its attester or a regulator may supersede an attestation.
    error AttestationNotYours(bytes32 uid, PartyId party);
    /// @notice The attestation has already ended.
    error AttestationEnded(bytes32 uid);
    /// @notice The times do not follow one another up to now.
    error AttestationTimesWrong(uint64 first, uint64 second, uint256 timestamp);
    /// @notice The certificate's kind is unknown.
    error CertificateKindUnknown(uint8 kind);
    /// @notice The attester has already used this number.
    error CertificateNumberUsed(bytes32 number, bytes32 uid);
    /// @notice A certificate names too many parents.
    error CertificateParentsTooMany(uint256 count, uint256 limit);
    /// @notice The parents do not cover the certificate's quantity.
    error CertificateParentsExceeded(uint128 wanted, uint128 left);
    /// @notice The result is none of pass, fail, invalid.
    error LabReportResultUnknown(uint8 result);
    /// @notice The account is not the one that the offer names.
    error CustodyNotRecipient(address account, address recipient);
    /// @notice The offer is accepted or has lapsed.
    error CustodyOfferClosed(bytes32 uid);
    /// @notice The offer has not expired.
    error CustodyOfferOpen(bytes32 uid, uint64 expirationTime);
    /// @notice More is accepted than was offered.
    error CustodyQuantityExceeded(bytes32 uid, uint128 wanted, uint128 offered);

    /// @notice Ends another party's attestation. An active regulator's wallet.
    /// @param content SHA-256 of the document that says why.
    function voidAttestation(bytes32 uid, uint16 reason, bytes32 content) external;

    /// @notice Gives back the quantity of an offer that expired without acceptance. Anyone.
    function lapseOffer(bytes32 uid) external;

    /// @notice Whether an attestation of our schemas exists, has not expired, and is neither revoked, voided nor
    /// superseded, and the same is true of what it refers to. An accepted offer no longer expires.
    function isLive(bytes32 uid) external view returns (bool);

    /// @notice The attestation that took an attestation's place; 0 for none.
    function supersededBy(bytes32 uid) external view returns (bytes32);

    /// @notice Whether a regulator ended an attestation.
    function isVoided(bytes32 uid) external view returns (bool);

    /// @notice Our schemas with their UIDs: what is to be registered with EAS's SchemaRegistry.
    function schemas() external view returns (Schema[] memory);
}
