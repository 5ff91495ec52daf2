// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { AttestationRequest } from "@ethereum-attestation-service/eas-contracts/contracts/IEAS.sol";

import { IAttestationResolver } from "../../../contracts/attestation/IAttestationResolver.sol";
import { PartyId, PartyKinds, PartyStatus } from "../../../contracts/party/Types.sol";
import { ILotLedger } from "../../../contracts/trace/ILotLedger.sol";
import { LotState } from "../../../contracts/trace/Types.sol";
import { AttestationWorld } from "../support/AttestationWorld.sol";

/// @notice `lot` of `AttestationResolver.tree`.
contract LotRulesTest is AttestationWorld {
    uint16 private constant _ROLE = 1 | 1024 | 4 | 8 | 16;

    function lot(uint128 quantity, bytes32 supersedes) private view returns (AttestationRequest memory) {
        return request(lotSchema, lotData(LOT, quantity, supersedes));
    }

    function test_RevertWhen_RoleMissing() external {
        tryAttest("lab", lot(1, NONE), roleMissing("lab", _ROLE));
        tryAttest("stranger", lot(1, NONE), roleMissing("stranger", _ROLE));
        vm.prank(partyAdmin);
        parties.setPartyStatus(producer, PartyStatus.Suspended, 1);
        tryAttest("producer", lot(1, NONE), roleMissing("producer", _ROLE));
        // A regulator corrects, and registers nothing.
        tryAttest("regulator", lot(1, NONE), roleMissing("regulator", _ROLE));
    }

    function test_RevertWhen_DataMalformed() external {
        AttestationRequest memory given = lot(1, NONE);
        bytes memory right = given.data.data;
        given.data.data = bytes.concat(right, hex"00");
        tryAttest("producer", given, malformed(lotSchema));
        given.data.data = "";
        tryAttest("producer", given, malformed(lotSchema));
        uint256[3] memory indices = [uint256(3), 4, 5];
        for (uint256 i = 0; i < 3; ++i) {
            given.data.data = withWord(lotData(LOT, 1, NONE), indices[i], type(uint256).max);
            tryAttest("producer", given, malformed(lotSchema));
        }
    }

    function test_RevertWhen_TermsWrong() external {
        AttestationRequest memory given = lot(1, NONE);
        given.data.expirationTime = NOON + 1;
        tryAttest("producer", given, termsWrong(given));
        given.data.expirationTime = 0;
        given.data.revocable = false;
        tryAttest("producer", given, termsWrong(given));
    }

    function test_RevertWhen_ProducedInTheFuture() external {
        AttestationRequest memory given = lot(1, NONE);
        given.data.data = withWord(given.data.data, 5, NOON + 1);
        tryAttest("producer", given, timesWrong(NOON + 1, NOON));
    }

    function test_RevertGiven_Registered() external {
        registerLot();
        tryAttest(
            "market", lot(1, NONE), abi.encodeWithSelector(ILotLedger.LotAlreadyRegistered.selector, LOT, producer)
        );
    }

    function test_Registers() external {
        vm.recordLogs();
        bytes32 uid = registerLot();
        assertTrue(resolver.isLive(uid));
        assertEq(lots.heldBy(LOT, producer), QUANTITY);
        bytes memory data = abi.encode(
            keccak256("record"), keccak256("product"), QUANTITY, GRAMS, uint64(NOON - 60), keccak256("content"), NONE
        );
        checkEvent(IAttestationResolver.LotRegistered.selector, LOT, producer, uid, data);
    }

    function test_Supersede_Reverts() external {
        bytes32 uid = registerLot();
        tryAttest(
            "market",
            lot(1, uid),
            abi.encodeWithSelector(IAttestationResolver.AttestationNotYours.selector, uid, market)
        );
        tryAttest("producer", lot(1, keccak256("none")), referenceInvalid(keccak256("none")));
        AttestationRequest memory given = request(lotSchema, lotData(LOT_B, 1, uid));
        tryAttest("producer", given, referenceInvalid(uid));
        bytes32 next = attest("producer", lot(QUANTITY + 1, uid));
        tryAttest("producer", lot(1, uid), alreadySuperseded(uid, next));
    }

    function test_Supersede_ByAttesterAndRegulator() external {
        bytes32 uid = registerLot();
        bytes32 next = attest("producer", lot(QUANTITY * 2, uid));
        assertFalse(resolver.isLive(uid));
        assertEq(resolver.supersededBy(uid), next);
        assertEq(lots.heldBy(LOT, producer), QUANTITY * 2);
        bytes32 last = attest("regulator", lot(QUANTITY, next));
        assertTrue(resolver.isLive(last));
        assertEq(lots.lotAt(LOT).quantity, QUANTITY);
        assertEq(lots.heldBy(LOT, producer), QUANTITY);
    }

    function test_Supersede_AfterAMerger() external {
        bytes32 uid = registerLot();
        parties.mergeParty(producer, market);
        bytes32 next = attest("market", lot(QUANTITY + 5, uid));
        assertTrue(resolver.isLive(next));
        assertEq(lots.heldBy(LOT, producer), QUANTITY + 5);
    }

    function test_Revoke_ClosesTheLot() external {
        bytes32 uid = registerLot();
        vm.expectEmit(address(lots));
        emit ILotLedger.LotStateSet(LOT, LotState.Closed, uid);
        vm.expectEmit(address(resolver));
        emit IAttestationResolver.AttestationRevokedByAttester(LOT, producer, uid);
        revoke("producer", lotSchema, uid);
        assertFalse(resolver.isLive(uid));
        tryAttest(
            "producer", lot(1, NONE), abi.encodeWithSelector(ILotLedger.LotAlreadyRegistered.selector, LOT, producer)
        );
    }

    function test_Revoke_RevertGiven_Superseded() external {
        bytes32 uid = registerLot();
        attest("producer", lot(QUANTITY, uid));
        vm.expectRevert(abi.encodeWithSelector(IAttestationResolver.AttestationEnded.selector, uid));
        revoke("producer", lotSchema, uid);
    }
}
