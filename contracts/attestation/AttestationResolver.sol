// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Attestation } from "@ethereum-attestation-service/eas-contracts/contracts/Common.sol";
import { IEAS } from "@ethereum-attestation-service/eas-contracts/contracts/IEAS.sol";
import { SchemaResolver } from "@ethereum-attestation-service/eas-contracts/contracts/resolver/SchemaResolver.sol";

import { IPartyRegistry } from "../party/IPartyRegistry.sol";
import { PartyId, PartyKinds } from "../party/Types.sol";
import { ILotLedger } from "../trace/ILotLedger.sol";
import { LotId } from "../trace/Types.sol";
import { CertificateRules } from "./CertificateRules.sol";
import { CustodyRules } from "./CustodyRules.sol";
import { IAttestationResolver } from "./IAttestationResolver.sol";
import { LabReportRules } from "./LabReportRules.sol";
import { LotRules } from "./LotRules.sol";
import { ResolverBase } from "./ResolverBase.sol";
import {
    CERTIFICATE_SCHEMA,
    CUSTODY_ACCEPTANCE_SCHEMA,
    CUSTODY_OFFER_SCHEMA,
    LAB_REPORT_SCHEMA,
    LOT_SCHEMA,
    Schema
} from "./Schemas.sol";

/// @title Who may attest what
contract AttestationResolver is LotRules, CertificateRules, LabReportRules, CustodyRules {
    constructor(IEAS eas, IPartyRegistry parties, ILotLedger lots) SchemaResolver(eas) ResolverBase(parties, lots) { }

    /// @inheritdoc IAttestationResolver
    function voidAttestation(bytes32 uid, uint16 reason, bytes32 content) external {
        // Checks
        PartyId regulator = _requireRole(msg.sender, PartyKinds.REGULATOR);
        Attestation memory attestation = _eas.getAttestation(uid);
        require(_isOurs(attestation.schema), AttestationReferenceInvalid(uid));
        require(!_hasEnded(attestation), AttestationEnded(uid));
        // Effects
        _markVoided(uid);
        LotId lot = _end(attestation);
        emit AttestationVoided(lot, regulator, uid, reason, content);
    }

    /// @inheritdoc IAttestationResolver
    function isLive(bytes32 uid) external view returns (bool) {
        return _isLive(_eas.getAttestation(uid));
    }

    /// @inheritdoc IAttestationResolver
    function schemas() external view returns (Schema[] memory all) {
        all = new Schema[](5);
        all[0] = Schema(_lotSchema, "lot", LOT_SCHEMA, _LOT_REVOCABLE);
        all[1] = Schema(_certificateSchema, "certificate", CERTIFICATE_SCHEMA, _CERTIFICATE_REVOCABLE);
        all[2] = Schema(_labReportSchema, "labReport", LAB_REPORT_SCHEMA, _LAB_REPORT_REVOCABLE);
        all[3] = Schema(_offerSchema, "custodyOffer", CUSTODY_OFFER_SCHEMA, _OFFER_REVOCABLE);
        all[4] = Schema(_acceptanceSchema, "custodyAcceptance", CUSTODY_ACCEPTANCE_SCHEMA, _ACCEPTANCE_REVOCABLE);
    }

    /// @dev EAS has stored the attestation already; a revert here undoes that.
    function onAttest(Attestation calldata attestation, uint256 value) internal override returns (bool) {
        require(value == 0, AttestationValueNotZero(value));
        bytes32 schema = attestation.schema;
        if (schema == _lotSchema) _attestLot(attestation);
        else if (schema == _certificateSchema) _attestCertificate(attestation);
        else if (schema == _labReportSchema) _attestLabReport(attestation);
        else if (schema == _offerSchema) _attestOffer(attestation);
        else if (schema == _acceptanceSchema) _attestAcceptance(attestation);
        else revert AttestationSchemaUnknown(schema);
        return true;
    }

    /// @dev EAS lets only the attester revoke, once, and only what is revocable.
    function onRevoke(Attestation calldata attestation, uint256 value) internal override returns (bool) {
        // Checks
        require(value == 0, AttestationValueNotZero(value));
        // EAS has dated the revocation before it calls, so only the other two ways to end remain to be asked for.
        Attestation memory before = attestation;
        before.revocationTime = 0;
        require(!_hasEnded(before), AttestationEnded(attestation.uid));
        // Effects
        LotId lot = _end(before);
        emit AttestationRevokedByAttester(lot, _parties.partyOf(attestation.attester), attestation.uid);
        return true;
    }

    /// @dev Gives back what the attestation held; returns the lot it was about.
    function _end(Attestation memory attestation) private returns (LotId lot) {
        bytes32 schema = attestation.schema;
        if (schema == _acceptanceSchema) return _offerOf(attestation).lot;
        if (schema == _lotSchema) _endLot(attestation);
        else if (schema == _certificateSchema) _endCertificate(attestation);
        else if (schema == _labReportSchema) _endLabReport(attestation);
        else _endOffer(attestation);
        // In every other schema the lot is the first word.
        return abi.decode(attestation.data, (LotId));
    }

    function _isOurs(bytes32 schema) internal view override returns (bool) {
        return schema == _lotSchema || schema == _certificateSchema || schema == _labReportSchema
            || schema == _offerSchema || schema == _acceptanceSchema;
    }
}
