// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { AttestationRequest } from "@ethereum-attestation-service/eas-contracts/contracts/IEAS.sol";

import { IAttestationResolver } from "../../../contracts/attestation/IAttestationResolver.sol";
import { PartyKinds } from "../../../contracts/party/Types.sol";
import { ILotLedger } from "../../../contracts/trace/ILotLedger.sol";
import { LotState } from "../../../contracts/trace/Types.sol";
import { AttestationWorld } from "../support/AttestationWorld.sol";

/// @notice `labReport` of `AttestationResolver.tree`.
contract LabReportRulesTest is AttestationWorld {
    uint8 private constant _PASS = 1;
    uint8 private constant _FAIL = 2;

    function setUp() public override {
        super.setUp();
        registerLot();
    }

    function report(uint8 result, bytes32 supersedes) private view returns (AttestationRequest memory) {
        return request(labReportSchema, labReportData(LOT, result, supersedes));
    }

    function state() private view returns (LotState) {
        return lots.lotAt(LOT).state;
    }

    function test_Reverts() external {
        tryAttest("producer", report(_PASS, NONE), roleMissing("producer", PartyKinds.LAB));
        bytes4 unknown = IAttestationResolver.LabReportResultUnknown.selector;
        tryAttest("lab", report(0, NONE), abi.encodeWithSelector(unknown, uint8(0)));
        tryAttest("lab", report(4, NONE), abi.encodeWithSelector(unknown, uint8(4)));
        AttestationRequest memory given = request(labReportSchema, labReportData(LOT_B, _PASS, NONE));
        tryAttest("lab", given, abi.encodeWithSelector(ILotLedger.LotUnknown.selector, LOT_B));
        given = report(_PASS, NONE);
        given.data.revocable = false;
        tryAttest("lab", given, termsWrong(given));
    }

    function test_RevertWhen_TimesWrong() external {
        AttestationRequest memory given = report(_PASS, NONE);
        given.data.data = withWord(given.data.data, 5, NOON - 29);
        tryAttest("lab", given, timesWrong(NOON - 29, NOON - 30));
        given.data.data = withWord(labReportData(LOT, _PASS, NONE), 6, NOON + 1);
        tryAttest("lab", given, timesWrong(NOON - 60, NOON + 1));
    }

    function test_RevertWhen_DataMalformed() external {
        AttestationRequest memory given = report(_PASS, NONE);
        for (uint256 i = 4; i < 7; ++i) {
            given.data.data = withWord(labReportData(LOT, _PASS, NONE), i, type(uint256).max);
            tryAttest("lab", given, malformed(labReportSchema));
        }
        given.data.data = new bytes(8 * 32);
        tryAttest("lab", given, malformed(labReportSchema));
    }

    function test_Pass_Emits() external {
        vm.recordLogs();
        bytes32 uid = attest("lab", report(_PASS, NONE));
        bytes memory data =
            abi.encode(_PASS, uint64(NOON - 30), keccak256("record"), keccak256("method"), keccak256("content"), NONE);
        checkEvent(IAttestationResolver.LabReportAttested.selector, LOT, lab, uid, data);
        assertTrue(resolver.isLive(uid));
        assertTrue(state() == LotState.Open);
    }

    function test_Fail_HoldsUntilSuperseded() external {
        bytes32 failed = attest("lab", report(_FAIL, NONE));
        assertTrue(state() == LotState.Held);
        vm.expectRevert(abi.encodeWithSelector(ILotLedger.LotStateForbids.selector, LOT, LotState.Held));
        certify(LOT, "1", 5, new bytes32[](0));
        bytes32 again = attest("lab", report(_FAIL, failed));
        assertTrue(state() == LotState.Held);
        attest("lab", report(_PASS, again));
        assertTrue(state() == LotState.Open);
    }

    function test_Fail_HoldsUntilRevokedOrVoided() external {
        bytes32 one = attest("lab", report(_FAIL, NONE));
        bytes32 two = attest("lab", report(_FAIL, NONE));
        revoke("lab", labReportSchema, one);
        assertTrue(state() == LotState.Held);
        voidAttestation(two);
        assertTrue(state() == LotState.Open);
    }

    function test_Pass_HasNothingToGiveBack() external {
        bytes32 uid = attest("lab", report(_PASS, NONE));
        bytes32 next = attest("lab", report(_PASS, uid));
        revoke("lab", labReportSchema, next);
        assertTrue(state() == LotState.Open);
    }

    function test_Supersede_RevertWhen_AnotherLot() external {
        attest("producer", request(lotSchema, lotData(LOT_B, QUANTITY, NONE)));
        bytes32 uid = attest("lab", report(_PASS, NONE));
        tryAttest("lab", request(labReportSchema, labReportData(LOT_B, _PASS, uid)), referenceInvalid(uid));
    }
}
