// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { AttestationRequest } from "@ethereum-attestation-service/eas-contracts/contracts/IEAS.sol";

import { IAttestationResolver } from "../../../contracts/attestation/IAttestationResolver.sol";
import { PartyKinds } from "../../../contracts/party/Types.sol";
import { ILotLedger } from "../../../contracts/trace/ILotLedger.sol";
import { AttestationWorld } from "../support/AttestationWorld.sol";

/// @notice `certificate` of `AttestationResolver.tree`.
contract CertificateRulesTest is AttestationWorld {
    uint16 private constant _PRODUCERS = PartyKinds.PRODUCER | PartyKinds.COLLECTOR;
    bytes32[] private _none;

    function setUp() public override {
        super.setUp();
        registerLot();
    }

    function certificate(string memory number, uint8 kind, uint128 quantity)
        private
        view
        returns (AttestationRequest memory)
    {
        return request(certificateSchema, certificateData(LOT, number, kind, quantity, _none, NONE));
    }

    function expectExceeded(uint128 wanted, uint128 left) private {
        vm.expectRevert(abi.encodeWithSelector(ILotLedger.LotQuantityExceeded.selector, LOT, wanted, left));
    }

    function test_RevertWhen_KindNotTheAttesters() external {
        tryAttest("lab", certificate("1", 1, 5), roleMissing("lab", _PRODUCERS));
        tryAttest("producer", certificate("1", 2, 5), roleMissing("producer", PartyKinds.REGULATOR));
        tryAttest("producer", certificate("1", 3, 5), roleMissing("producer", PartyKinds.CERTIFIER));
        tryAttest(
            "producer",
            certificate("1", 4, 5),
            abi.encodeWithSelector(IAttestationResolver.CertificateKindUnknown.selector, uint8(4))
        );
        attest("producer", certificate("1", 1, 5));
        attest("regulator", certificate("1", 2, 5));
        attest("certifier", certificate("1", 3, 5));
    }

    function test_RevertWhen_DataMalformed() external {
        AttestationRequest memory given = certificate("1", 1, 5);
        bytes memory right = given.data.data;
        uint256[6] memory indices = [uint256(2), 3, 4, 5, 6, 9];
        for (uint256 i = 0; i < 6; ++i) {
            given.data.data = withWord(certificateData(LOT, "1", 1, 5, _none, NONE), indices[i], type(uint256).max);
            tryAttest("producer", given, malformed(certificateSchema));
        }
        given.data.data = bytes.concat(right, hex"01");
        tryAttest("producer", given, malformed(certificateSchema));
        given.data.data = bytes.concat(right, bytes32(0));
        tryAttest("producer", given, malformed(certificateSchema));
        given.data.data = hex"01";
        tryAttest("producer", given, malformed(certificateSchema));
    }

    function test_RevertWhen_QuantityZeroOrIssuedInTheFuture() external {
        vm.expectRevert(abi.encodeWithSelector(ILotLedger.LotQuantityZero.selector, LOT));
        attest("producer", certificate("1", 1, 0));
        AttestationRequest memory given = certificate("1", 1, 5);
        given.data.data = withWord(given.data.data, 5, NOON + 1);
        tryAttest("producer", given, timesWrong(NOON + 1, NOON));
    }

    function test_RevertWhen_NotRevocable() external {
        AttestationRequest memory given = certificate("1", 1, 5);
        given.data.revocable = false;
        tryAttest("producer", given, termsWrong(given));
    }

    function test_RevertGiven_NumberUsed() external {
        bytes32 uid = certify(LOT, "1", 5, _none);
        tryAttest(
            "producer",
            certificate("1", 1, 5),
            abi.encodeWithSelector(IAttestationResolver.CertificateNumberUsed.selector, keccak256("1"), uid)
        );
    }

    function test_RevertWhen_MoreThanTheLot() external {
        certify(LOT, "1", QUANTITY - 10, _none);
        expectExceeded(11, 10);
        certify(LOT, "2", 11, _none);
    }

    function test_Emits() external {
        vm.recordLogs();
        AttestationRequest memory given = certificate("1", 1, 5);
        given.data.expirationTime = NOON + 9;
        bytes32 uid = attest("producer", given);
        vm.warp(NOON + 8);
        assertTrue(resolver.isLive(uid));
        vm.warp(NOON + 9);
        assertFalse(resolver.isLive(uid));
        bytes memory data =
            abi.encode(uint8(1), uint128(5), GRAMS, uint64(NOON), keccak256("1"), keccak256("content"), NONE);
        checkEvent(IAttestationResolver.CertificateAttested.selector, LOT, producer, uid, data);
    }

    // parents

    function test_Parents_TooMany() external {
        bytes memory data = certificateData(LOT, "1", 1, 5, new bytes32[](33), NONE);
        tryAttest(
            "producer",
            request(certificateSchema, data),
            abi.encodeWithSelector(IAttestationResolver.CertificateParentsTooMany.selector, uint256(33), uint256(32))
        );
    }

    function test_Parents_NotLiveOrOfAnotherKind() external {
        bytes32 none = keccak256("none");
        vm.expectRevert(referenceInvalid(none));
        certify(LOT, "2", 5, listOf(none));
        bytes32 parent = certify(LOT, "1", 5, _none);
        bytes memory data = certificateData(LOT, "2", 3, 5, listOf(parent), NONE);
        tryAttest("certifier", request(certificateSchema, data), referenceInvalid(parent));
        revoke("producer", certificateSchema, parent);
        vm.expectRevert(referenceInvalid(parent));
        certify(LOT, "2", 5, listOf(parent));
    }

    function test_Parents_ChildrenOfTheSameLotCountOnce() external {
        bytes32 parent = certify(LOT, "1", QUANTITY, _none);
        bytes32 first = certify(LOT, "2", 60_000, listOf(parent));
        vm.expectRevert(
            abi.encodeWithSelector(
                IAttestationResolver.CertificateParentsExceeded.selector, uint128(40_001), uint128(40_000)
            )
        );
        certify(LOT, "3", 40_001, listOf(parent));
        certify(LOT, "4", 40_000, listOf(parent));
        assertEq(lots.certifiedOf(LOT, 1), QUANTITY);
        revoke("producer", certificateSchema, first);
        certify(LOT, "5", 60_000, listOf(parent));
        assertEq(lots.certifiedOf(LOT, 1), QUANTITY);
    }

    function test_Parents_OfSeveralLots() external {
        attest("producer", request(lotSchema, lotData(LOT_B, QUANTITY, NONE)));
        bytes32 one = certify(LOT, "1", 1000, _none);
        bytes32 two = certify(LOT_B, "2", 1000, _none);
        bytes32 child = certify(LOT_B, "3", 1500, listOf(one, two));
        // 1,000 come from the other lot and count; 500 are certified on this lot already.
        assertEq(lots.certifiedOf(LOT_B, 1), 2000);
        voidAttestation(child);
        assertEq(lots.certifiedOf(LOT_B, 1), 1000);
        certify(LOT_B, "4", 2000, listOf(one, two));
    }

    function testFuzz_Parents_CoverTheirChildren(uint64 first, uint64 second, uint64 wanted) external {
        first = uint64(bound(first, 1, QUANTITY / 2));
        second = uint64(bound(second, 1, QUANTITY / 2));
        wanted = uint64(bound(wanted, 1, QUANTITY * 2));
        bytes32 one = certify(LOT, "1", first, _none);
        bytes32 two = certify(LOT, "2", second, _none);
        if (wanted > uint256(first) + second) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    IAttestationResolver.CertificateParentsExceeded.selector, uint128(wanted), uint128(first) + second
                )
            );
        }
        certify(LOT, "3", wanted, listOf(one, two));
        assertEq(lots.certifiedOf(LOT, 1), uint256(first) + second);
    }

    // supersedes, revoked, voided

    function test_Supersede_GivesBackFirst() external {
        bytes32 uid = certify(LOT, "1", QUANTITY, _none);
        bytes memory data = certificateData(LOT, "1", 1, QUANTITY - 1, _none, uid);
        bytes32 next = attest("producer", request(certificateSchema, data));
        assertTrue(resolver.isLive(next));
        assertEq(lots.certifiedOf(LOT, 1), QUANTITY - 1);
        data = certificateData(LOT, "9", 1, 5, _none, next);
        attest("regulator", request(certificateSchema, data));
        assertEq(lots.certifiedOf(LOT, 1), 5);
    }

    function test_Supersede_RevertWhen_AnotherLotOrKind() external {
        attest("producer", request(lotSchema, lotData(LOT_B, QUANTITY, NONE)));
        bytes32 uid = certify(LOT, "1", 5, _none);
        bytes memory data = certificateData(LOT_B, "1", 1, 5, _none, uid);
        tryAttest("producer", request(certificateSchema, data), referenceInvalid(uid));
        data = certificateData(LOT, "1", 2, 5, _none, uid);
        tryAttest("regulator", request(certificateSchema, data), referenceInvalid(uid));
    }

    function test_Revoke_GivesBack() external {
        bytes32 uid = certify(LOT, "1", 5, _none);
        revoke("producer", certificateSchema, uid);
        assertEq(lots.certifiedOf(LOT, 1), 0);
        assertFalse(resolver.isLive(uid));
    }
}
