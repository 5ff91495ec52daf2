// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Attestation } from "@ethereum-attestation-service/eas-contracts/contracts/Common.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import { PartyId, PartyKinds } from "../party/Types.sol";
import { ILotLedger } from "../trace/ILotLedger.sol";
import { AttestationData, CertificateData } from "./AttestationData.sol";
import { ResolverBase } from "./ResolverBase.sol";
import { CERTIFICATE_SCHEMA, schemaUid } from "./Schemas.sol";

/// @title Certificates: never for more than the lot, children never for more than their parents
/// @notice A child takes from its parents in the order given. What it takes from a parent of the same lot is certified
/// already; only the rest counts against the lot.
abstract contract CertificateRules is ResolverBase {
    using SafeCast for uint256;

    bool internal constant _CERTIFICATE_REVOCABLE = true;
    uint8 private constant _COMMITMENT = 1;
    uint8 private constant _QUARANTINE = 2;
    uint8 private constant _CERTIFIED = 3;
    uint256 private constant _PARENT_LIMIT = 32;

    bytes32 internal immutable _certificateSchema =
        schemaUid(CERTIFICATE_SCHEMA, address(this), _CERTIFICATE_REVOCABLE);
    mapping(PartyId party => mapping(bytes32 number => bytes32 uid)) private _uidOfNumber;
    mapping(bytes32 uid => uint128 quantity) private _takenByChildren;
    mapping(bytes32 uid => uint128[] quantities) private _takenFromParents;
    mapping(bytes32 uid => uint128 quantity) private _countedOnLot;

    // slither-disable-next-line reentrancy-no-eth the LotLedger is ours and calls nobody back
    function _attestCertificate(Attestation memory attestation) internal {
        // Checks
        require(AttestationData.isCertificate(attestation.data), AttestationDataMalformed(attestation.schema));
        CertificateData memory data = AttestationData.toCertificate(attestation.data);
        _requireTerms(attestation, _CERTIFICATE_REVOCABLE, true);
        PartyId party = _requireRole(attestation.attester, _attesters(data.kind, data.supersedes));
        require(data.parents.length <= _PARENT_LIMIT, CertificateParentsTooMany(data.parents.length, _PARENT_LIMIT));
        require(data.quantity != 0, ILotLedger.LotQuantityZero(data.lot));
        _requireOrder(data.issuedAt, uint64(block.timestamp));
        // Effects
        if (data.supersedes != bytes32(0)) _replaceCertificate(attestation, party, data);
        bytes32 used = _uidOfNumber[party][data.number];
        require(used == bytes32(0) || used == data.supersedes, CertificateNumberUsed(data.number, used));
        _uidOfNumber[party][data.number] = attestation.uid;
        uint128 counted = data.quantity - _takeFromParents(attestation, data);
        _countedOnLot[attestation.uid] = counted;
        _lots.certify(data.lot, data.kind, counted, data.unit);
        _emitCertificate(attestation, party, data);
    }

    function _endCertificate(Attestation memory attestation) internal {
        bytes32 uid = attestation.uid;
        CertificateData memory data = AttestationData.toCertificate(attestation.data);
        uint128[] storage taken = _takenFromParents[uid];
        for (uint256 i = 0; i < taken.length; ++i) {
            _takenByChildren[data.parents[i]] -= taken[i];
        }
        _lots.releaseCertified(data.lot, data.kind, _countedOnLot[uid]);
    }

    function _replaceCertificate(Attestation memory attestation, PartyId party, CertificateData memory data) private {
        Attestation memory old = _supersede(attestation, party, data.supersedes);
        CertificateData memory before = AttestationData.toCertificate(old.data);
        require(before.lot == data.lot && before.kind == data.kind, AttestationReferenceInvalid(data.supersedes));
        _endCertificate(old);
    }

    /// @dev Returns how much of what was taken comes from parents of the same lot.
    function _takeFromParents(Attestation memory attestation, CertificateData memory data)
        private
        returns (uint128 ofSameLot)
    {
        if (data.parents.length == 0) return 0;
        uint128 missing = data.quantity;
        for (uint256 i = 0; i < data.parents.length; ++i) {
            uint128 taken = 0;
            bool isSameLot = false;
            (taken, isSameLot) = _takeFromParent(data.parents[i], attestation.schema, data, missing);
            _takenFromParents[attestation.uid].push(taken);
            missing -= taken;
            if (isSameLot) ofSameLot += taken;
        }
        require(missing == 0, CertificateParentsExceeded(data.quantity, data.quantity - missing));
    }

    function _takeFromParent(bytes32 parent, bytes32 schema, CertificateData memory data, uint128 missing)
        private
        returns (uint128 taken, bool isSameLot)
    {
        CertificateData memory above = AttestationData.toCertificate(_requireLive(parent, schema).data);
        require(above.kind == data.kind && above.unit == data.unit, AttestationReferenceInvalid(parent));
        uint128 before = _takenByChildren[parent];
        taken = Math.min(missing, above.quantity - before).toUint128();
        _takenByChildren[parent] = before + taken;
        isSameLot = above.lot == data.lot;
    }

    function _emitCertificate(Attestation memory attestation, PartyId party, CertificateData memory data) private {
        emit CertificateAttested(
            data.lot,
            party,
            attestation.uid,
            data.kind,
            data.quantity,
            data.unit,
            data.issuedAt,
            data.number,
            data.content,
            data.supersedes
        );
    }

    /// @dev The commitment is the producer's or collector's, quarantine the authority's, the rest a certifier's. A
    /// regulator may supersede any.
    function _attesters(uint8 kind, bytes32 supersedes) private pure returns (uint16 role) {
        if (kind == _COMMITMENT) role = PartyKinds.PRODUCER | PartyKinds.COLLECTOR;
        else if (kind == _QUARANTINE) role = PartyKinds.REGULATOR;
        else if (kind == _CERTIFIED) role = PartyKinds.CERTIFIER;
        else revert CertificateKindUnknown(kind);
        if (supersedes != bytes32(0)) role |= PartyKinds.REGULATOR;
    }
}
