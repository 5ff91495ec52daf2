// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    AttestationRequest,
    AttestationRequestData,
    RevocationRequest,
    RevocationRequestData
} from "@ethereum-attestation-service/eas-contracts/contracts/IEAS.sol";

import { IAttestationResolver } from "../../../contracts/attestation/IAttestationResolver.sol";
import { Schema } from "../../../contracts/attestation/Schemas.sol";
import { PartyId } from "../../../contracts/party/Types.sol";
import { LotId } from "../../../contracts/trace/Types.sol";
import { Vm } from "./Test.sol";
import { World } from "./World.sol";

/// @notice A valid attestation of each schema, made through the real EAS; tests change what matters.
abstract contract AttestationWorld is World {
    LotId internal constant LOT = LotId.wrap(keccak256("https://id.gs1.org/01/06901234000016/10/A"));
    LotId internal constant LOT_B = LotId.wrap(keccak256("https://id.gs1.org/01/06901234000016/10/B"));
    bytes3 internal constant GRAMS = "GRM";
    uint128 internal constant QUANTITY = 100_000;
    bytes32 internal constant NONE = bytes32(0);

    bytes32 internal lotSchema;
    bytes32 internal certificateSchema;
    bytes32 internal labReportSchema;
    bytes32 internal offerSchema;
    bytes32 internal acceptanceSchema;

    function setUp() public virtual override {
        super.setUp();
        Schema[] memory schemas = resolver.schemas();
        lotSchema = schemas[0].uid;
        certificateSchema = schemas[1].uid;
        labReportSchema = schemas[2].uid;
        offerSchema = schemas[3].uid;
        acceptanceSchema = schemas[4].uid;
    }

    function request(bytes32 schema, bytes memory data) internal pure returns (AttestationRequest memory) {
        return AttestationRequest(schema, AttestationRequestData(address(0), 0, true, NONE, data, 0));
    }

    function attest(string memory attester, AttestationRequest memory given) internal returns (bytes32) {
        vm.prank(wallet(attester));
        return eas.attest(given);
    }

    function tryAttest(string memory attester, AttestationRequest memory given, bytes memory reason) internal {
        vm.expectRevert(reason);
        attest(attester, given);
    }

    function revoke(string memory attester, bytes32 schema, bytes32 uid) internal {
        vm.prank(wallet(attester));
        eas.revoke(RevocationRequest(schema, RevocationRequestData(uid, 0)));
    }

    function voidAttestation(bytes32 uid) internal {
        vm.prank(wallet("regulator"));
        resolver.voidAttestation(uid, 3, keccak256("ruling"));
    }

    function lotData(LotId lot, uint128 quantity, bytes32 supersedes) internal pure returns (bytes memory) {
        return abi.encode(
            lot,
            keccak256("record"),
            keccak256("product"),
            quantity,
            GRAMS,
            uint64(NOON - 60),
            keccak256("content"),
            supersedes
        );
    }

    function registerLot() internal returns (bytes32) {
        return attest("producer", request(lotSchema, lotData(LOT, QUANTITY, NONE)));
    }

    function certificateData(
        LotId lot,
        string memory number,
        uint8 kind,
        uint128 quantity,
        bytes32[] memory parents,
        bytes32 supersedes
    ) internal pure returns (bytes memory) {
        return abi.encode(
            lot,
            keccak256(bytes(number)),
            kind,
            quantity,
            GRAMS,
            uint64(NOON),
            parents,
            keccak256("content"),
            supersedes
        );
    }

    /// @dev Kind 1, by the producer.
    function certify(LotId lot, string memory number, uint128 quantity, bytes32[] memory parents)
        internal
        returns (bytes32)
    {
        return attest("producer", request(certificateSchema, certificateData(lot, number, 1, quantity, parents, NONE)));
    }

    function labReportData(LotId lot, uint8 result, bytes32 supersedes) internal pure returns (bytes memory) {
        return abi.encode(
            lot,
            keccak256("record"),
            keccak256("sample"),
            keccak256("method"),
            result,
            uint64(NOON - 60),
            uint64(NOON - 30),
            keccak256("content"),
            supersedes
        );
    }

    function offerOf(LotId lot, uint128 quantity, string memory recipient)
        internal
        view
        returns (AttestationRequest memory given)
    {
        given = request(
            offerSchema,
            abi.encode(
                lot,
                keccak256("record"),
                quantity,
                GRAMS,
                keccak256("from"),
                keccak256("to"),
                uint64(NOON - 10),
                keccak256("document")
            )
        );
        given.data.recipient = wallet(recipient);
        given.data.expirationTime = uint64(block.timestamp + 30 days);
    }

    function acceptanceOf(bytes32 offer, uint128 quantity) internal view returns (AttestationRequest memory given) {
        given = request(
            acceptanceSchema,
            abi.encode(keccak256("record"), quantity, uint64(block.timestamp), uint8(1), keccak256("content"))
        );
        given.data.refUID = offer;
        given.data.revocable = false;
    }

    /// @dev The data with one word replaced.
    function withWord(bytes memory data, uint256 index, uint256 word) internal pure returns (bytes memory) {
        assembly {
            mstore(add(add(data, 32), mul(index, 32)), word)
        }
        return data;
    }

    function malformed(bytes32 schema) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IAttestationResolver.AttestationDataMalformed.selector, schema);
    }

    function roleMissing(string memory attester, uint16 role) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IAttestationResolver.AttestationRoleMissing.selector, wallet(attester), role);
    }

    function termsWrong(AttestationRequest memory given) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(
            IAttestationResolver.AttestationTermsWrong.selector,
            given.schema,
            given.data.expirationTime,
            given.data.revocable
        );
    }

    function referenceInvalid(bytes32 uid) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IAttestationResolver.AttestationReferenceInvalid.selector, uid);
    }

    function alreadySuperseded(bytes32 uid, bytes32 by) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IAttestationResolver.AttestationAlreadySuperseded.selector, uid, by);
    }

    function timesWrong(uint64 first, uint64 second) internal view returns (bytes memory) {
        return
            abi.encodeWithSelector(IAttestationResolver.AttestationTimesWrong.selector, first, second, block.timestamp);
    }

    function listOf(bytes32 one) internal pure returns (bytes32[] memory list) {
        list = new bytes32[](1);
        list[0] = one;
    }

    function listOf(bytes32 one, bytes32 two) internal pure returns (bytes32[] memory list) {
        list = new bytes32[](2);
        (list[0], list[1]) = (one, two);
    }

    /// @dev The resolver's only event since `vm.recordLogs`. EAS's own come first and name neither lot nor party.
    function checkEvent(bytes32 selector, LotId lot, PartyId party, bytes32 uid, bytes memory data) internal {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        uint256 found = 0;
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].emitter != address(resolver)) continue;
            ++found;
            assertEq(logs[i].topics[0], selector);
            assertEq(logs[i].topics[1], LotId.unwrap(lot));
            assertEq(uint256(logs[i].topics[2]), PartyId.unwrap(party));
            assertEq(logs[i].topics[3], uid);
            assertEq(logs[i].data, data);
        }
        assertEq(found, 1);
    }
}
