// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { AttestationRequest } from "@ethereum-attestation-service/eas-contracts/contracts/IEAS.sol";

import { IAttestationResolver } from "../../../contracts/attestation/IAttestationResolver.sol";
import { ILotLedger } from "../../../contracts/trace/ILotLedger.sol";
import { AttestationWorld } from "../support/AttestationWorld.sol";

/// @notice `custodyOffer`, `custodyAcceptance`, `lapseOffer` of `AttestationResolver.tree`.
contract CustodyRulesTest is AttestationWorld {
    uint16 private constant _ANY = type(uint16).max;

    function setUp() public override {
        super.setUp();
        registerLot();
    }

    function offer(uint128 quantity) private returns (bytes32) {
        return attest("producer", offerOf(LOT, quantity, "market"));
    }

    function closed(bytes32 uid) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IAttestationResolver.CustodyOfferClosed.selector, uid);
    }

    function notRecipient(string memory account, string memory recipient) private pure returns (bytes memory) {
        return
            abi.encodeWithSelector(
                IAttestationResolver.CustodyNotRecipient.selector, wallet(account), wallet(recipient)
            );
    }

    // offers

    function test_Offer_RevertWhen_TermsWrong() external {
        AttestationRequest memory given = offerOf(LOT, 5, "market");
        given.data.expirationTime = 0;
        tryAttest("producer", given, termsWrong(given));
        given.data.expirationTime = NOON + 30 days + 1;
        tryAttest("producer", given, termsWrong(given));
        given.data.expirationTime = NOON + 30 days;
        given.data.revocable = false;
        tryAttest("producer", given, termsWrong(given));
    }

    function test_Offer_RevertWhen_ToNobodyOrOneself() external {
        tryAttest("producer", offerOf(LOT, 5, "stranger"), roleMissing("stranger", _ANY));
        tryAttest("stranger", offerOf(LOT, 5, "market"), roleMissing("stranger", _ANY));
        tryAttest("producer", offerOf(LOT, 5, "producer"), notRecipient("producer", "producer"));
        parties.mergeParty(market, producer);
        tryAttest("producer", offerOf(LOT, 5, "market"), notRecipient("market", "producer"));
    }

    function test_Offer_RevertWhen_MoreThanHeld() external {
        bytes4 selector = ILotLedger.LotQuantityExceeded.selector;
        tryAttest("merchant", offerOf(LOT, 5, "market"), abi.encodeWithSelector(selector, LOT, uint128(5), uint128(0)));
        offer(QUANTITY);
        tryAttest(
            "producer",
            offerOf(LOT, 2001, "market"),
            abi.encodeWithSelector(selector, LOT, uint128(2001), uint128(2000))
        );
    }

    function test_Offer_RevertWhen_DataMalformed() external {
        AttestationRequest memory given = offerOf(LOT, 5, "market");
        uint256[3] memory indices = [uint256(2), 3, 6];
        for (uint256 i = 0; i < 3; ++i) {
            given.data.data = withWord(offerOf(LOT, 5, "market").data.data, indices[i], type(uint256).max);
            tryAttest("producer", given, malformed(offerSchema));
        }
        given.data.data = hex"01";
        tryAttest("producer", given, malformed(offerSchema));
    }

    function test_Offer_Emits() external {
        vm.recordLogs();
        bytes32 uid = offer(500);
        checkEvent(
            IAttestationResolver.CustodyOffered.selector,
            LOT,
            producer,
            uid,
            abi.encode(market, uint128(500), GRAMS, uint64(NOON - 10))
        );
        assertEq(lots.reservedBy(LOT, producer), 500);
    }

    // acceptances

    function test_Accept_RevertWhen_AnotherAccepts() external {
        bytes32 uid = offer(500);
        tryAttest("merchant", acceptanceOf(uid, 500), notRecipient("merchant", "market"));
        tryAttest("stranger", acceptanceOf(uid, 500), roleMissing("stranger", _ANY));
    }

    function test_Accept_RevertWhen_TwiceLateOrMore() external {
        bytes32 uid = offer(500);
        tryAttest(
            "market",
            acceptanceOf(uid, 501),
            abi.encodeWithSelector(
                IAttestationResolver.CustodyQuantityExceeded.selector, uid, uint128(501), uint128(500)
            )
        );
        attest("market", acceptanceOf(uid, 500));
        tryAttest("market", acceptanceOf(uid, 500), closed(uid));
        bytes32 late = offer(500);
        vm.warp(NOON + 30 days);
        tryAttest("market", acceptanceOf(late, 500), referenceInvalid(late));
    }

    function test_Accept_RevertWhen_NoOffer() external {
        bytes32 lab = attest("lab", request(labReportSchema, labReportData(LOT, 1, NONE)));
        tryAttest("market", acceptanceOf(lab, 1), referenceInvalid(lab));
    }

    function test_Accept_RevertWhen_TermsOrDataOrTimesWrong() external {
        bytes32 uid = offer(500);
        AttestationRequest memory given = acceptanceOf(uid, 500);
        given.data.expirationTime = NOON + 1;
        tryAttest("market", given, termsWrong(given));
        given = acceptanceOf(uid, 500);
        for (uint256 i = 1; i < 4; ++i) {
            given.data.data = withWord(acceptanceOf(uid, 500).data.data, i, type(uint256).max);
            tryAttest("market", given, malformed(acceptanceSchema));
        }
        given.data.data = hex"01";
        tryAttest("market", given, malformed(acceptanceSchema));
        given.data.data = withWord(acceptanceOf(uid, 500).data.data, 2, NOON - 11);
        tryAttest("market", given, timesWrong(NOON - 10, NOON - 11));
    }

    function test_Accept_MovesTheHolding() external {
        bytes32 uid = offer(500);
        vm.recordLogs();
        bytes32 accepted = attest("market", acceptanceOf(uid, 480));
        bytes memory data = abi.encode(uid, producer, uint128(480), uint64(NOON), uint8(1));
        checkEvent(IAttestationResolver.CustodyAccepted.selector, LOT, market, accepted, data);
        assertEq(lots.heldBy(LOT, producer), QUANTITY - 480);
        assertEq(lots.heldBy(LOT, market), 480);
        assertEq(lots.reservedBy(LOT, producer), 0);
        vm.warp(NOON + 31 days);
        assertTrue(resolver.isLive(accepted));
        assertFalse(resolver.isLive(uid));
        attest("market", offerOf(LOT, 480, "merchant"));
    }

    function test_Accept_MovesTheHoldingOfAMergedParty() external {
        bytes32 uid = offer(500);
        parties.mergeParty(producer, certifier);
        attest("market", acceptanceOf(uid, 500));
        assertEq(lots.reservedBy(LOT, producer), 0);
        attest("producer", offerOf(LOT, QUANTITY - 500, "merchant"));
    }

    function test_Accept_CannotBeRevoked() external {
        bytes32 uid = offer(500);
        bytes32 accepted = attest("market", acceptanceOf(uid, 480));
        vm.expectRevert(abi.encodeWithSignature("Irrevocable()"));
        revoke("market", acceptanceSchema, accepted);
        vm.expectRevert(closed(uid));
        revoke("producer", offerSchema, uid);
    }

    // ends

    function test_Revoke_GivesTheReservationBack() external {
        bytes32 uid = offer(500);
        vm.expectEmit(address(resolver));
        emit IAttestationResolver.AttestationRevokedByAttester(LOT, producer, uid);
        revoke("producer", offerSchema, uid);
        assertEq(lots.reservedBy(LOT, producer), 0);
        tryAttest("market", acceptanceOf(uid, 500), closed(uid));
    }

    function test_Lapse() external {
        bytes32 uid = offer(500);
        vm.expectRevert(
            abi.encodeWithSelector(IAttestationResolver.CustodyOfferOpen.selector, uid, uint64(NOON + 30 days))
        );
        resolver.lapseOffer(uid);
        vm.warp(NOON + 30 days);
        vm.expectEmit(address(resolver));
        emit IAttestationResolver.CustodyOfferLapsed(LOT, producer, uid);
        resolver.lapseOffer(uid);
        assertEq(lots.reservedBy(LOT, producer), 0);
        vm.expectRevert(closed(uid));
        resolver.lapseOffer(uid);
        revoke("producer", offerSchema, uid);
        assertEq(lots.reservedBy(LOT, producer), 0);
        vm.expectRevert(closed(uid));
        resolver.lapseOffer(uid);
        vm.expectRevert(referenceInvalid(NONE));
        resolver.lapseOffer(NONE);
    }

    function test_Void_AnAcceptance() external {
        bytes32 uid = offer(500);
        bytes32 accepted = attest("market", acceptanceOf(uid, 480));
        vm.expectEmit(address(resolver));
        emit IAttestationResolver.AttestationVoided(LOT, regulator, accepted, 3, keccak256("ruling"));
        voidAttestation(accepted);
        assertFalse(resolver.isLive(accepted));
        // The goods are where they are.
        assertEq(lots.heldBy(LOT, market), 480);
    }

    function testFuzz_HoldingsNeverExceedTheLot(uint64[4] memory wanted) external {
        string[5] memory names = ["producer", "market", "merchant", "lab", "bank"];
        uint128 offered = QUANTITY;
        for (uint256 i = 0; i < 4; ++i) {
            offered = uint128(bound(wanted[i], 1, offered));
            bytes32 uid = attest(names[i], offerOf(LOT, offered, names[i + 1]));
            attest(names[i + 1], acceptanceOf(uid, offered));
        }
        uint256 held = uint256(lots.heldBy(LOT, producer)) + lots.heldBy(LOT, market) + lots.heldBy(LOT, merchant)
            + lots.heldBy(LOT, lab) + lots.heldBy(LOT, bank);
        assertEq(held, QUANTITY);
    }
}
