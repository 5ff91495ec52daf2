// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Attestation } from "@ethereum-attestation-service/eas-contracts/contracts/Common.sol";
import { IEAS } from "@ethereum-attestation-service/eas-contracts/contracts/IEAS.sol";
import { SchemaResolver } from "@ethereum-attestation-service/eas-contracts/contracts/resolver/SchemaResolver.sol";

import { IPartyRegistry } from "../party/IPartyRegistry.sol";
import { NOBODY, PartyId, PartyKinds } from "../party/Types.sol";
import { ILotLedger } from "../trace/ILotLedger.sol";
import { IAttestationResolver } from "./IAttestationResolver.sol";

/// @title What the rules of all schemas share: who attests, what is superseded, what is live
abstract contract ResolverBase is IAttestationResolver, SchemaResolver {
    IPartyRegistry internal immutable _parties;
    ILotLedger internal immutable _lots;
    mapping(bytes32 uid => bytes32 by) private _supersededBy;
    mapping(bytes32 uid => bool) private _isVoided;

    constructor(IPartyRegistry parties, ILotLedger lots) {
        _parties = parties;
        _lots = lots;
    }

    /// @inheritdoc IAttestationResolver
    function supersededBy(bytes32 uid) external view returns (bytes32) {
        return _supersededBy[uid];
    }

    /// @inheritdoc IAttestationResolver
    function isVoided(bytes32 uid) external view returns (bool) {
        return _isVoided[uid];
    }

    /// @dev Marks what `attestation` supersedes; returns it. The caller gives back what it held.
    function _supersede(Attestation memory attestation, PartyId party, bytes32 supersedes)
        internal
        returns (Attestation memory old)
    {
        bytes32 by = _supersededBy[supersedes];
        require(by == bytes32(0), AttestationAlreadySuperseded(supersedes, by));
        old = _requireLive(supersedes, attestation.schema);
        require(
            _areSame(_parties.partyOf(old.attester), party) || _isRegulator(party),
            AttestationNotYours(supersedes, party)
        );
        _supersededBy[supersedes] = attestation.uid;
    }

    function _markVoided(bytes32 uid) internal {
        _isVoided[uid] = true;
    }

    /// @dev The attester's own party, under which holdings are kept for ever; it, or the party that took its place, must
    /// be active now and of one of the kinds in `role`.
    function _requireRole(address attester, uint16 role) internal view returns (PartyId) {
        (PartyId root, uint16 kinds) = _parties.activeParty(attester);
        require(root != NOBODY && kinds & role != 0, AttestationRoleMissing(attester, role));
        return _parties.partyOf(attester);
    }

    function _requireLive(bytes32 uid, bytes32 schema) internal view returns (Attestation memory attestation) {
        attestation = _eas.getAttestation(uid);
        require(attestation.schema == schema && _isLive(attestation), AttestationReferenceInvalid(uid));
    }

    function _requireTerms(Attestation memory attestation, bool revocable, bool expires) internal pure {
        require(
            attestation.revocable == revocable && (expires || attestation.expirationTime == 0),
            AttestationTermsWrong(attestation.schema, attestation.expirationTime, attestation.revocable)
        );
    }

    /// @dev Moments in the order in which they must have happened.
    function _requireOrder(uint64 first, uint64 second) internal view {
        require(first <= second && second <= block.timestamp, AttestationTimesWrong(first, second, block.timestamp));
    }

    function _isRegulator(PartyId party) internal view returns (bool) {
        return _parties.kindsOf(_parties.rootOf(party)) & PartyKinds.REGULATOR != 0;
    }

    /// @dev Whether two parties are one after all mergers.
    function _areSame(PartyId a, PartyId b) internal view returns (bool) {
        return _parties.rootOf(a) == _parties.rootOf(b);
    }

    /// @dev Revoked, voided or superseded: what it held has been given back already.
    function _hasEnded(Attestation memory attestation) internal view returns (bool) {
        return
            attestation.revocationTime != 0 || _isVoided[attestation.uid]
                || _supersededBy[attestation.uid] != bytes32(0);
    }

    function _isLive(Attestation memory attestation) internal view returns (bool) {
        bytes32 uid = attestation.uid;
        if (uid == bytes32(0) || !_isOurs(attestation.schema) || _hasEnded(attestation)) return false;
        if (attestation.expirationTime != 0 && attestation.expirationTime <= block.timestamp) return false;
        if (attestation.refUID == bytes32(0)) return true;
        Attestation memory referred = _eas.getAttestation(attestation.refUID);
        // An offer that was accepted has done its work: its expiry ends nothing.
        return _isAccepted(referred) ? !_hasEnded(referred) : _isLive(referred);
    }

    function _isOurs(bytes32 schema) internal view virtual returns (bool);

    function _isAccepted(Attestation memory attestation) internal view virtual returns (bool);
}
