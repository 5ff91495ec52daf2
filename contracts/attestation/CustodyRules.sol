// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Attestation } from "@ethereum-attestation-service/eas-contracts/contracts/Common.sol";

import { PartyId } from "../party/Types.sol";
import { AttestationData, CustodyAcceptanceData, CustodyOfferData } from "./AttestationData.sol";
import { IAttestationResolver } from "./IAttestationResolver.sol";
import { ResolverBase } from "./ResolverBase.sol";
import { CUSTODY_ACCEPTANCE_SCHEMA, CUSTODY_OFFER_SCHEMA, schemaUid } from "./Schemas.sol";

/// @title The handshake of custody: a holder offers, the other party accepts once
abstract contract CustodyRules is ResolverBase {
    bool internal constant _OFFER_REVOCABLE = true;
    bool internal constant _ACCEPTANCE_REVOCABLE = false;
    uint256 private constant _OFFER_LIMIT = 30 days;
    uint16 private constant _ANY_KIND = type(uint16).max;

    bytes32 internal immutable _offerSchema = schemaUid(CUSTODY_OFFER_SCHEMA, address(this), _OFFER_REVOCABLE);
    bytes32 internal immutable _acceptanceSchema =
        schemaUid(CUSTODY_ACCEPTANCE_SCHEMA, address(this), _ACCEPTANCE_REVOCABLE);
    /// @dev Accepted, or given back: an offer that reserves nothing any more.
    mapping(bytes32 offer => bool) private _isOfferClosed;
    mapping(bytes32 offer => bytes32 acceptance) private _acceptanceOf;

    /// @inheritdoc IAttestationResolver
    function lapseOffer(bytes32 uid) external {
        // Checks
        Attestation memory offer = _eas.getAttestation(uid);
        require(offer.schema == _offerSchema, AttestationReferenceInvalid(uid));
        require(!_hasEnded(offer) && !_isOfferClosed[uid], CustodyOfferClosed(uid));
        require(offer.expirationTime <= block.timestamp, CustodyOfferOpen(uid, offer.expirationTime));
        // Effects
        (CustodyOfferData memory data, PartyId holder) = _closeOffer(offer);
        emit CustodyOfferLapsed(data.lot, holder, uid);
    }

    function _attestOffer(Attestation memory attestation) internal {
        // Checks
        require(AttestationData.isCustodyOffer(attestation.data), AttestationDataMalformed(attestation.schema));
        CustodyOfferData memory data = abi.decode(attestation.data, (CustodyOfferData));
        _requireTerms(attestation, _OFFER_REVOCABLE, true);
        require(
            attestation.expirationTime != 0 && attestation.expirationTime <= block.timestamp + _OFFER_LIMIT,
            AttestationTermsWrong(attestation.schema, attestation.expirationTime, attestation.revocable)
        );
        PartyId holder = _requireRole(attestation.attester, _ANY_KIND);
        PartyId to = _requireRole(attestation.recipient, _ANY_KIND);
        require(!_areSame(to, holder), CustodyNotRecipient(attestation.recipient, attestation.attester));
        // Effects
        _lots.reserve(data.lot, holder, data.quantity, data.unit);
        emit CustodyOffered(data.lot, holder, attestation.uid, to, data.quantity, data.unit, data.handedOverAt);
    }

    function _attestAcceptance(Attestation memory attestation) internal {
        // Checks
        require(AttestationData.isCustodyAcceptance(attestation.data), AttestationDataMalformed(attestation.schema));
        CustodyAcceptanceData memory data = abi.decode(attestation.data, (CustodyAcceptanceData));
        _requireTerms(attestation, _ACCEPTANCE_REVOCABLE, false);
        PartyId to = _requireRole(attestation.attester, _ANY_KIND);
        bytes32 uid = attestation.refUID;
        require(!_isOfferClosed[uid], CustodyOfferClosed(uid));
        Attestation memory offer = _requireLive(uid, _offerSchema);
        require(
            _areSame(_parties.partyOf(offer.recipient), to), CustodyNotRecipient(attestation.attester, offer.recipient)
        );
        CustodyOfferData memory offered = abi.decode(offer.data, (CustodyOfferData));
        require(data.quantity <= offered.quantity, CustodyQuantityExceeded(uid, data.quantity, offered.quantity));
        _requireOrder(offered.handedOverAt, data.acceptedAt);
        // Effects
        PartyId from = _parties.partyOf(offer.attester);
        _isOfferClosed[uid] = true;
        _acceptanceOf[uid] = attestation.uid;
        _lots.move(offered.lot, from, to, offered.quantity, data.quantity);
        emit CustodyAccepted(
            offered.lot, to, attestation.uid, uid, from, data.quantity, data.acceptedAt, data.condition
        );
    }

    /// @dev An offer is taken back until it is accepted; one that lapsed has given its quantity back already.
    function _endOffer(Attestation memory offer) internal {
        require(_acceptanceOf[offer.uid] == bytes32(0), CustodyOfferClosed(offer.uid));
        if (!_isOfferClosed[offer.uid]) _closeOffer(offer);
    }

    function _closeOffer(Attestation memory offer) private returns (CustodyOfferData memory data, PartyId holder) {
        data = abi.decode(offer.data, (CustodyOfferData));
        holder = _parties.partyOf(offer.attester);
        _isOfferClosed[offer.uid] = true;
        _lots.releaseReserved(data.lot, holder, data.quantity);
    }

    function _isAccepted(Attestation memory attestation) internal view override returns (bool) {
        return _acceptanceOf[attestation.uid] != bytes32(0);
    }

    /// @dev The lot that an acceptance is about: its offer's.
    function _offerOf(Attestation memory acceptance) internal view returns (CustodyOfferData memory) {
        return abi.decode(_eas.getAttestation(acceptance.refUID).data, (CustodyOfferData));
    }
}
