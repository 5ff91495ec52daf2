// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Attestation } from "@ethereum-attestation-service/eas-contracts/contracts/Common.sol";

import { PartyId, PartyKinds } from "../party/Types.sol";
import { AttestationData, LotData } from "./AttestationData.sol";
import { ResolverBase } from "./ResolverBase.sol";
import { LOT_SCHEMA, schemaUid } from "./Schemas.sol";

/// @title Lot registrations: once for each lot, or correcting the one before
abstract contract LotRules is ResolverBase {
    bool internal constant _LOT_REVOCABLE = true;
    /// @dev Producer, first receiver, transformer.
    uint16 private constant _ATTESTERS =
        PartyKinds.PRODUCER | PartyKinds.COLLECTOR | PartyKinds.WHOLESALER | PartyKinds.MARKET | PartyKinds.MERCHANT;

    bytes32 internal immutable _lotSchema = schemaUid(LOT_SCHEMA, address(this), _LOT_REVOCABLE);

    function _attestLot(Attestation memory attestation) internal {
        // Checks
        require(AttestationData.isLot(attestation.data), AttestationDataMalformed(attestation.schema));
        LotData memory data = abi.decode(attestation.data, (LotData));
        _requireTerms(attestation, _LOT_REVOCABLE, false);
        PartyId party = _requireLotAttester(attestation.attester, data.supersedes);
        _requireOrder(data.producedAt, uint64(block.timestamp));
        // Effects
        if (data.supersedes == bytes32(0)) {
            _lots.register(data.lot, party, data.quantity, data.unit, attestation.uid);
        } else {
            Attestation memory old = _supersede(attestation, party, data.supersedes);
            LotData memory before = abi.decode(old.data, (LotData));
            require(before.lot == data.lot, AttestationReferenceInvalid(data.supersedes));
            _lots.correct(data.lot, data.quantity, data.unit);
        }
        _emitLot(attestation, party, data);
    }

    /// @dev A lot whose registration is taken back is closed for ever; its key cannot be registered again.
    function _endLot(Attestation memory attestation) internal {
        LotData memory data = abi.decode(attestation.data, (LotData));
        _lots.close(data.lot, attestation.uid);
    }

    function _emitLot(Attestation memory attestation, PartyId party, LotData memory data) private {
        emit LotRegistered(
            data.lot,
            party,
            attestation.uid,
            data.record,
            data.product,
            data.quantity,
            data.unit,
            data.producedAt,
            data.content,
            data.supersedes
        );
    }

    /// @dev A regulator corrects what others registered; it registers nothing.
    function _requireLotAttester(address attester, bytes32 supersedes) private view returns (PartyId) {
        uint16 role = supersedes == bytes32(0) ? _ATTESTERS : _ATTESTERS | PartyKinds.REGULATOR;
        return _requireRole(attester, role);
    }
}
