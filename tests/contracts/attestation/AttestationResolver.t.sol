// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { AccessDenied, Attestation } from "@ethereum-attestation-service/eas-contracts/contracts/Common.sol";
import {
    AttestationRequest,
    AttestationRequestData,
    MultiAttestationRequest
} from "@ethereum-attestation-service/eas-contracts/contracts/IEAS.sol";
import { ISchemaResolver } from "@ethereum-attestation-service/eas-contracts/contracts/resolver/ISchemaResolver.sol";

import { IAttestationResolver } from "../../../contracts/attestation/IAttestationResolver.sol";
import { PartyKinds } from "../../../contracts/party/Types.sol";
import { AttestationWorld } from "../support/AttestationWorld.sol";

/// @notice What is common to all schemas, voidAttestation and isLive of `AttestationResolver.tree`.
contract AttestationResolverTest is AttestationWorld {
    function test_RevertWhen_SchemaUnknown() external {
        bytes32 schema = schemaRegistry.register("bytes32 lot", ISchemaResolver(address(resolver)), true);
        tryAttest(
            "producer",
            request(schema, abi.encode(LOT)),
            abi.encodeWithSelector(IAttestationResolver.AttestationSchemaUnknown.selector, schema)
        );
    }

    function test_RevertWhen_ValueSent() external {
        Attestation memory given;
        vm.deal(address(eas), 1);
        vm.prank(address(eas));
        vm.expectRevert(abi.encodeWithSelector(IAttestationResolver.AttestationValueNotZero.selector, uint256(1)));
        resolver.attest{ value: 1 }(given);
        vm.prank(address(eas));
        vm.expectRevert(abi.encodeWithSelector(IAttestationResolver.AttestationValueNotZero.selector, uint256(1)));
        resolver.revoke{ value: 1 }(given);
    }

    function test_RevertWhen_CallerNotEas() external {
        Attestation memory given;
        vm.expectRevert(AccessDenied.selector);
        resolver.attest(given);
        vm.expectRevert(AccessDenied.selector);
        resolver.revoke(given);
    }

    function test_Schemas_AreWhatEasRegistered() external view {
        assertEq(schemaRegistry.getSchema(lotSchema).uid, lotSchema);
        assertEq(address(schemaRegistry.getSchema(acceptanceSchema).resolver), address(resolver));
        assertEq(resolver.schemas()[3].noun, "custodyOffer");
    }

    function test_MultiAttest_LotAndItsCertificate() external {
        MultiAttestationRequest[] memory many = new MultiAttestationRequest[](2);
        many[0].schema = lotSchema;
        many[0].data = new AttestationRequestData[](1);
        many[0].data[0] = request(lotSchema, lotData(LOT, QUANTITY, NONE)).data;
        many[1].schema = certificateSchema;
        many[1].data = new AttestationRequestData[](2);
        for (uint256 i = 0; i < 2; ++i) {
            string memory number = i == 0 ? "1" : "2";
            many[1].data[i] =
            request(certificateSchema, certificateData(LOT, number, 1, QUANTITY / 2, new bytes32[](0), NONE)).data;
        }
        vm.prank(wallet("producer"));
        bytes32[] memory uids = eas.multiAttest(many);
        for (uint256 i = 0; i < 3; ++i) {
            assertTrue(resolver.isLive(uids[i]));
        }
        assertEq(lots.certifiedOf(LOT, 1), QUANTITY);
    }

    // voidAttestation

    function test_Void_RevertWhen_NoRegulator() external {
        bytes32 uid = registerLot();
        vm.expectRevert(roleMissing("market", PartyKinds.REGULATOR));
        vm.prank(wallet("market"));
        resolver.voidAttestation(uid, 1, NONE);
    }

    function test_Void_RevertGiven_NoneOrEnded() external {
        vm.expectRevert(referenceInvalid(keccak256("none")));
        voidAttestation(keccak256("none"));
        bytes32 uid = registerLot();
        voidAttestation(uid);
        vm.expectRevert(abi.encodeWithSelector(IAttestationResolver.AttestationEnded.selector, uid));
        voidAttestation(uid);
        vm.expectRevert(abi.encodeWithSelector(IAttestationResolver.AttestationEnded.selector, uid));
        revoke("producer", lotSchema, uid);
    }

    function test_Void() external {
        bytes32 uid = registerLot();
        assertFalse(resolver.isVoided(uid));
        vm.expectEmit(address(resolver));
        emit IAttestationResolver.AttestationVoided(LOT, regulator, uid, 3, keccak256("ruling"));
        voidAttestation(uid);
        assertTrue(resolver.isVoided(uid));
        assertFalse(resolver.isLive(uid));
    }

    // isLive

    function test_IsLive_FollowsTheReference() external {
        registerLot();
        bytes32 report = attest("lab", request(labReportSchema, labReportData(LOT, 1, NONE)));
        AttestationRequest memory given = request(labReportSchema, labReportData(LOT, 1, NONE));
        given.data.refUID = report;
        bytes32 about = attest("lab", given);
        assertTrue(resolver.isLive(about));
        revoke("lab", labReportSchema, report);
        assertFalse(resolver.isLive(about));
    }

    function test_IsLive_NotWithAForeignReference() external {
        registerLot();
        bytes32 schema = schemaRegistry.register("bytes32 anything", ISchemaResolver(address(0)), true);
        bytes32 foreign = attest("lab", request(schema, ""));
        AttestationRequest memory given = request(labReportSchema, labReportData(LOT, 1, NONE));
        given.data.refUID = foreign;
        assertFalse(resolver.isLive(attest("lab", given)));
        assertFalse(resolver.isLive(foreign));
        assertFalse(resolver.isLive(NONE));
    }

    function test_Void_RevertGiven_AnAcceptedOffer() external {
        registerLot();
        bytes32 offer = attest("producer", offerOf(LOT, 500, "market"));
        bytes32 accepted = attest("market", acceptanceOf(offer, 500));
        assertTrue(resolver.isLive(accepted));
        vm.expectRevert(abi.encodeWithSelector(IAttestationResolver.CustodyOfferClosed.selector, offer));
        voidAttestation(offer);
    }
}
