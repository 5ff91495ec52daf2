// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Attestation } from "@ethereum-attestation-service/eas-contracts/contracts/Common.sol";

import { PartyId, PartyKinds } from "../party/Types.sol";
import { ILotLedger } from "../trace/ILotLedger.sol";
import { LotState } from "../trace/Types.sol";
import { AttestationData, LabReportData } from "./AttestationData.sol";
import { ResolverBase } from "./ResolverBase.sol";
import { LAB_REPORT_SCHEMA, schemaUid } from "./Schemas.sol";

/// @title Laboratory reports: a fail holds the lot until it is superseded, revoked or voided
abstract contract LabReportRules is ResolverBase {
    bool internal constant _LAB_REPORT_REVOCABLE = true;
    uint8 private constant _PASS = 1;
    uint8 private constant _FAIL = 2;
    uint8 private constant _INVALID = 3;

    bytes32 internal immutable _labReportSchema = schemaUid(LAB_REPORT_SCHEMA, address(this), _LAB_REPORT_REVOCABLE);

    function _attestLabReport(Attestation memory attestation) internal {
        // Checks
        require(AttestationData.isLabReport(attestation.data), AttestationDataMalformed(attestation.schema));
        LabReportData memory data = abi.decode(attestation.data, (LabReportData));
        _requireTerms(attestation, _LAB_REPORT_REVOCABLE, true);
        uint16 role = data.supersedes == bytes32(0) ? PartyKinds.LAB : PartyKinds.LAB | PartyKinds.REGULATOR;
        PartyId party = _requireRole(attestation.attester, role);
        require(data.result >= _PASS && data.result <= _INVALID, LabReportResultUnknown(data.result));
        _requireOrder(data.sampledAt, data.reportedAt);
        require(_lots.lotAt(data.lot).state != LotState.None, ILotLedger.LotUnknown(data.lot));
        // Effects
        if (data.result == _FAIL) _lots.noteFailure(data.lot, attestation.uid);
        if (data.supersedes != bytes32(0)) {
            Attestation memory old = _supersede(attestation, party, data.supersedes);
            LabReportData memory before = abi.decode(old.data, (LabReportData));
            require(before.lot == data.lot, AttestationReferenceInvalid(data.supersedes));
            if (before.result == _FAIL) _lots.liftFailure(data.lot, attestation.uid);
        }
        _emitLabReport(attestation, party, data);
    }

    function _endLabReport(Attestation memory attestation) internal {
        LabReportData memory data = abi.decode(attestation.data, (LabReportData));
        if (data.result == _FAIL) _lots.liftFailure(data.lot, attestation.uid);
    }

    function _emitLabReport(Attestation memory attestation, PartyId party, LabReportData memory data) private {
        emit LabReportAttested(
            data.lot,
            party,
            attestation.uid,
            data.result,
            data.reportedAt,
            data.record,
            data.method,
            data.content,
            data.supersedes
        );
    }
}
