// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IAccessManaged } from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import { IERC1271 } from "@openzeppelin/contracts/interfaces/IERC1271.sol";

import { Roles } from "../../../contracts/access/Roles.sol";
import { IPartyRegistry } from "../../../contracts/party/IPartyRegistry.sol";
import { SignatureExpired, SignatureInvalid } from "../../../contracts/party/Signatures.sol";
import {
    CredentialKind,
    NOBODY,
    Party,
    PartyId,
    PartyKinds,
    PartyStatus,
    WALLET_ENROLMENT_TYPEHASH,
    Wallet,
    WalletEnrolment,
    WalletPowers
} from "../../../contracts/party/Types.sol";
import { World } from "../support/World.sol";

/// @dev A multi-signature that has said yes to one digest.
contract YesToOne is IERC1271 {
    bytes32 private immutable _digest;

    constructor(bytes32 digest) {
        _digest = digest;
    }

    function isValidSignature(bytes32 digest, bytes memory) external view returns (bytes4) {
        return digest == _digest ? IERC1271.isValidSignature.selector : bytes4(0);
    }
}

contract PartyRegistryTest is World {
    PartyId private constant _UNKNOWN = PartyId.wrap(999);

    function enrolment(PartyId party, address account) private pure returns (WalletEnrolment memory) {
        return WalletEnrolment(party, account, WalletPowers.SEND, 0, NOON + 1 hours);
    }

    function expect(bytes memory reason) private {
        vm.expectRevert(reason);
    }

    function expectNotAllowed(address caller) private {
        expect(abi.encodeWithSelector(IPartyRegistry.PartyCallerNotAllowed.selector, caller, uint64(Roles.PARTY_ADMIN)));
    }

    function expectNotActive(PartyId party, PartyStatus status) private {
        expect(abi.encodeWithSelector(IPartyRegistry.PartyNotActive.selector, party, status));
    }

    // registerParty

    function test_Register_RevertWhen_CallerLacksRole() external {
        expectNotAllowed(stranger);
        vm.prank(stranger);
        parties.registerParty(0, 1, CHINA, VERIFIED_UNTIL);
    }

    function test_Register_RevertWhen_RoleHasDelay() external {
        access.grantRole(Roles.PARTY_ADMIN, stranger, 1 days);
        expectNotAllowed(stranger);
        vm.prank(stranger);
        parties.registerParty(0, 1, CHINA, VERIFIED_UNTIL);
    }

    function testFuzz_Register(bytes32 identity, uint16 kinds, uint16 jurisdiction, uint40 verifiedUntil) external {
        PartyId expected = PartyId.wrap(parties.partyCount() + 1);
        vm.expectEmit(address(parties));
        emit IPartyRegistry.PartyRegistered(expected, kinds, jurisdiction);
        vm.expectEmit(address(parties));
        emit IPartyRegistry.PartyVerificationSet(expected, verifiedUntil);
        vm.prank(partyAdmin);
        PartyId party = parties.registerParty(identity, kinds, jurisdiction, verifiedUntil);
        assertTrue(party == expected);
        Party memory stored = parties.partyAt(party);
        assertTrue(stored.status == PartyStatus.Active);
        assertEq(stored.jurisdiction, jurisdiction);
        assertEq(stored.verifiedUntil, verifiedUntil);
        assertTrue(stored.mergedInto == NOBODY);
        assertEq(parties.kindsOf(party), kinds);
        assertEq(parties.identityOf(party), identity);
        assertEq(parties.partyCount(), PartyId.unwrap(expected));
    }

    // setVerification, bindAlias

    function test_Verification_RevertGiven_UnknownParty() external {
        expectNotActive(_UNKNOWN, PartyStatus.None);
        vm.prank(partyAdmin);
        parties.setVerification(_UNKNOWN, VERIFIED_UNTIL);
    }

    function test_Verification() external {
        vm.expectEmit(address(parties));
        emit IPartyRegistry.PartyVerificationSet(market, NOON);
        vm.prank(partyAdmin);
        parties.setVerification(market, NOON);
        assertFalse(parties.isActive(market));
    }

    function test_Alias_RevertGiven_UnknownParty() external {
        expectNotActive(_UNKNOWN, PartyStatus.None);
        vm.prank(partyAdmin);
        parties.bindAlias(_UNKNOWN, keccak256("alias"));
    }

    function test_Alias() external {
        bytes32 aliasKey = keccak256("alias");
        vm.startPrank(partyAdmin);
        vm.expectEmit(address(parties));
        emit IPartyRegistry.AliasBound(market, aliasKey);
        parties.bindAlias(market, aliasKey);
        assertTrue(parties.partyOfAlias(aliasKey) == market);
        expect(abi.encodeWithSelector(IPartyRegistry.PartyAliasTaken.selector, aliasKey, market));
        parties.bindAlias(merchant, aliasKey);
    }

    // enrolWallet

    function test_Enrol_TypeHash() external pure {
        assertEq(bytes32(bytes4(WALLET_ENROLMENT_TYPEHASH)), bytes32(hex"106ef4f6"));
    }

    function test_Enrol_RevertWhen_DeadlinePassed() external {
        WalletEnrolment memory given = enrolment(market, wallet("new"));
        vm.warp(NOON + 1 hours + 1);
        expect(abi.encodeWithSelector(SignatureExpired.selector, given.deadline, block.timestamp));
        parties.enrolWallet(given, "", partyAdmin, "");
    }

    function test_Enrol_RevertWhen_WalletSignatureWrong() external {
        WalletEnrolment memory given = enrolment(market, wallet("new"));
        bytes32 digest = parties.walletEnrolmentDigest(given);
        bytes memory wrong = signed(key("another"), digest);
        expect(abi.encodeWithSelector(SignatureInvalid.selector, given.wallet, digest));
        parties.enrolWallet(given, wrong, partyAdmin, "");
    }

    function test_Enrol_RevertWhen_ApproverSignatureWrong() external {
        WalletEnrolment memory given = enrolment(market, wallet("new"));
        bytes32 digest = parties.walletEnrolmentDigest(given);
        bytes memory signature = signed(key("new"), digest);
        expect(abi.encodeWithSelector(SignatureInvalid.selector, partyAdmin, digest));
        parties.enrolWallet(given, signature, partyAdmin, signature);
    }

    function test_Enrol_RevertWhen_ApproverWithoutWallet() external {
        bytes memory signature = enrolSignature(enrolment(market, wallet("new")), "new");
        expect(abi.encodeWithSelector(IPartyRegistry.PartyUnknown.selector, stranger));
        vm.prank(stranger);
        parties.enrolWallet(enrolment(market, wallet("new")), signature, stranger, "");
    }

    function test_Enrol_RevertWhen_ApproverWithoutPower() external {
        enrolWallet(market, "cashier", WalletPowers.SEND);
        bytes memory signature = enrolSignature(enrolment(market, wallet("new")), "new");
        expect(
            abi.encodeWithSelector(
                IPartyRegistry.PartyPowerMissing.selector, wallet("cashier"), WalletPowers.ADMIN, WalletPowers.SEND
            )
        );
        vm.prank(wallet("cashier"));
        parties.enrolWallet(enrolment(market, wallet("new")), signature, wallet("cashier"), "");
    }

    function test_Enrol_RevertWhen_ApproverOfAnotherParty() external {
        bytes memory signature = enrolSignature(enrolment(market, wallet("new")), "new");
        expectNotAllowed(wallet("merchant"));
        vm.prank(wallet("merchant"));
        parties.enrolWallet(enrolment(market, wallet("new")), signature, wallet("merchant"), "");
    }

    function test_Enrol_RevertGiven_UnknownParty() external {
        bytes memory signature = enrolSignature(enrolment(_UNKNOWN, wallet("new")), "new");
        expectNotActive(_UNKNOWN, PartyStatus.None);
        vm.prank(partyAdmin);
        parties.enrolWallet(enrolment(_UNKNOWN, wallet("new")), signature, partyAdmin, "");
    }

    function test_Enrol_RevertGiven_WalletTaken() external {
        bytes memory signature = enrolSignature(enrolment(market, wallet("merchant")), "merchant");
        expect(abi.encodeWithSelector(IPartyRegistry.PartyWalletTaken.selector, wallet("merchant"), merchant));
        vm.prank(partyAdmin);
        parties.enrolWallet(enrolment(market, wallet("merchant")), signature, partyAdmin, "");
    }

    function test_Enrol_RevertWhen_NotAfterPast() external {
        WalletEnrolment memory given = enrolment(market, wallet("new"));
        given.notAfter = NOON;
        bytes memory signature = enrolSignature(given, "new");
        expect(abi.encodeWithSelector(IPartyRegistry.PartyWalletExpired.selector, given.wallet, given.notAfter));
        vm.prank(partyAdmin);
        parties.enrolWallet(given, signature, partyAdmin, "");
    }

    function test_Enrol_ByPartyAdmin() external {
        WalletEnrolment memory given = enrolment(market, wallet("new"));
        given.notAfter = NOON + 1 days;
        bytes memory signature = enrolSignature(given, "new");
        vm.expectEmit(address(parties));
        emit IPartyRegistry.WalletEnrolled(market, given.wallet, WalletPowers.SEND, given.notAfter);
        vm.prank(partyAdmin);
        parties.enrolWallet(given, signature, partyAdmin, "");
        Wallet memory stored = parties.walletAt(given.wallet);
        assertTrue(stored.party == market);
        assertEq(stored.powers, WalletPowers.SEND);
        assertEq(stored.notBefore, NOON);
        assertEq(stored.notAfter, NOON + 1 days);
        assertTrue(parties.partyOf(given.wallet) == market);
        vm.warp(NOON + 1 days);
        expect(abi.encodeWithSelector(IPartyRegistry.PartyWalletExpired.selector, given.wallet, uint64(NOON + 1 days)));
        parties.requireActive(given.wallet, 0);
    }

    function test_Enrol_RelayedForAdminWallet() external {
        WalletEnrolment memory given = enrolment(market, wallet("new"));
        bytes memory approval = enrolSignature(given, "market");
        bytes memory signature = enrolSignature(given, "new");
        vm.prank(stranger);
        parties.enrolWallet(given, signature, wallet("market"), approval);
        assertTrue(parties.requireActive(given.wallet, WalletPowers.SEND) == market);
    }

    function test_Enrol_ContractWallet() external {
        // The contract's address is needed for the digest that it is told: deploy, then etch one that says yes.
        address account = wallet("multi-signature");
        WalletEnrolment memory given = enrolment(market, account);
        YesToOne yes = new YesToOne(parties.walletEnrolmentDigest(given));
        vm.etch(account, address(yes).code);
        vm.prank(partyAdmin);
        parties.enrolWallet(given, "", partyAdmin, "");
        assertTrue(parties.partyOf(account) == market);
    }

    function test_Enrol_RevertWhen_ContractWalletSaysNo() external {
        address account = address(new YesToOne(keccak256("another digest")));
        WalletEnrolment memory given = enrolment(market, account);
        expect(abi.encodeWithSelector(SignatureInvalid.selector, account, parties.walletEnrolmentDigest(given)));
        vm.prank(partyAdmin);
        parties.enrolWallet(given, "", partyAdmin, "");
    }

    // retireWallet

    function test_Retire_RevertGiven_UnknownWallet() external {
        expect(abi.encodeWithSelector(IPartyRegistry.PartyUnknown.selector, stranger));
        vm.prank(partyAdmin);
        parties.retireWallet(stranger, 0);
    }

    function test_Retire_RevertWhen_AnotherParty() external {
        expectNotAllowed(wallet("merchant"));
        vm.prank(wallet("merchant"));
        parties.retireWallet(wallet("market"), 0);
    }

    function test_Retire_RevertWhen_Later() external {
        vm.startPrank(partyAdmin);
        parties.retireWallet(wallet("market"), NOON - 10);
        expect(abi.encodeWithSelector(IPartyRegistry.PartyWalletExpired.selector, wallet("market"), uint64(NOON - 10)));
        parties.retireWallet(wallet("market"), NOON);
    }

    function test_Retire_InThePast() external {
        vm.expectEmit(address(parties));
        emit IPartyRegistry.WalletRetired(market, wallet("market"), NOON - 1 days);
        vm.prank(partyAdmin);
        parties.retireWallet(wallet("market"), NOON - 1 days);
        assertEq(parties.walletAt(wallet("market")).notAfter, NOON - 1 days);
    }

    function test_Retire_Itself() external {
        vm.prank(wallet("market"));
        parties.retireWallet(wallet("market"), 0);
        (PartyId party, uint16 kinds) = parties.activeParty(wallet("market"));
        assertTrue(party == NOBODY);
        assertEq(kinds, 0);
    }

    function test_Retire_ByAdminWallet() external {
        enrolWallet(market, "cashier", WalletPowers.SEND);
        vm.prank(wallet("market"));
        parties.retireWallet(wallet("cashier"), 0);
        assertEq(parties.walletAt(wallet("cashier")).notAfter, NOON);
    }

    // setPartyStatus

    function test_Status_RevertGiven_Unknown() external {
        expectNotActive(_UNKNOWN, PartyStatus.None);
        vm.prank(partyAdmin);
        parties.setPartyStatus(_UNKNOWN, PartyStatus.Active, 0);
    }

    function test_Status_RevertGiven_Closed() external {
        vm.startPrank(partyAdmin);
        parties.setPartyStatus(market, PartyStatus.Closed, 5);
        expectNotActive(market, PartyStatus.Closed);
        parties.setPartyStatus(market, PartyStatus.Active, 0);
    }

    function test_Status_RevertWhen_None() external {
        expectNotActive(market, PartyStatus.None);
        vm.prank(partyAdmin);
        parties.setPartyStatus(market, PartyStatus.None, 0);
    }

    function test_Status_SuspendsAndReactivates() external {
        vm.startPrank(partyAdmin);
        vm.expectEmit(address(parties));
        emit IPartyRegistry.PartyStatusSet(market, PartyStatus.Suspended, 7);
        parties.setPartyStatus(market, PartyStatus.Suspended, 7);
        assertFalse(parties.isActive(market));
        parties.setPartyStatus(market, PartyStatus.Active, 0);
        assertTrue(parties.isActive(market));
    }

    // mergeParty

    function test_Merge_RevertWhen_RoleNotGiven() external {
        expect(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, partyAdmin));
        vm.prank(partyAdmin);
        parties.mergeParty(merchant, market);
    }

    function test_Merge_RevertWhen_SameParty() external {
        expect(abi.encodeWithSelector(IPartyRegistry.PartyMergeCycle.selector, market, market));
        parties.mergeParty(market, market);
    }

    function test_Merge_RevertGiven_NotActive() external {
        parties.mergeParty(merchant, market);
        expectNotActive(merchant, PartyStatus.Closed);
        parties.mergeParty(merchant, producer);
        expectNotActive(merchant, PartyStatus.Closed);
        parties.mergeParty(market, merchant);
    }

    function test_Merge_NeedsToBeScheduled_GivenDelay() external {
        uint64 merger = 12;
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = IPartyRegistry.mergeParty.selector;
        access.setTargetFunctionRole(address(parties), selectors, merger);
        access.grantRole(merger, partyAdmin, 72 hours);
        bytes memory call = abi.encodeCall(IPartyRegistry.mergeParty, (merchant, market));
        vm.startPrank(partyAdmin);
        access.schedule(address(parties), call, uint48(NOON + 72 hours));
        vm.expectRevert();
        parties.mergeParty(merchant, market);
        vm.warp(NOON + 72 hours);
        parties.mergeParty(merchant, market);
        assertTrue(parties.rootOf(merchant) == market);
    }

    function test_Merge() external {
        vm.expectEmit(address(parties));
        emit IPartyRegistry.PartyMerged(merchant, market);
        vm.expectEmit(address(parties));
        emit IPartyRegistry.PartyStatusSet(merchant, PartyStatus.Closed, 1);
        parties.mergeParty(merchant, market);
        parties.mergeParty(market, producer);
        assertTrue(parties.rootOf(merchant) == producer);
        assertTrue(parties.requireActive(wallet("merchant"), WalletPowers.ADMIN) == producer);
        (PartyId party, uint16 kinds) = parties.activeParty(wallet("merchant"));
        assertTrue(party == producer);
        assertEq(kinds, PartyKinds.PRODUCER);
        assertTrue(parties.partyOf(wallet("merchant")) == merchant);
    }

    // credentials

    function test_Credential_RevertWhen_IssuerWrong() external {
        CredentialKind kind = CredentialKind.KnowYourBusiness;
        expect(abi.encodeWithSelector(IPartyRegistry.PartyCredentialIssuerWrong.selector, merchant, kind, market));
        vm.prank(wallet("market"));
        parties.setCredential(merchant, kind, 0, NOON, VERIFIED_UNTIL);
        vm.startPrank(wallet("bank"));
        expect(abi.encodeWithSelector(IPartyRegistry.PartyCredentialIssuerWrong.selector, bank, kind, bank));
        parties.setCredential(bank, kind, 0, NOON, VERIFIED_UNTIL);
        kind = CredentialKind.None;
        expect(abi.encodeWithSelector(IPartyRegistry.PartyCredentialIssuerWrong.selector, merchant, kind, bank));
        parties.setCredential(merchant, kind, 0, NOON, VERIFIED_UNTIL);
    }

    function test_Credential_RevertWhen_IntervalOver() external {
        CredentialKind kind = CredentialKind.SmallEnterprise;
        vm.startPrank(wallet("bank"));
        expect(abi.encodeWithSelector(IPartyRegistry.PartyCredentialExpired.selector, merchant, kind, NOON));
        parties.setCredential(merchant, kind, 0, NOON - 1, NOON);
        expect(abi.encodeWithSelector(IPartyRegistry.PartyCredentialExpired.selector, merchant, kind, NOON + 5));
        parties.setCredential(merchant, kind, 0, NOON + 5, NOON + 5);
    }

    function test_Credential_HoldsFromUntilAndRevoked() external {
        CredentialKind kind = CredentialKind.FunderLicence;
        vm.startPrank(wallet("bank"));
        vm.expectEmit(address(parties));
        emit IPartyRegistry.CredentialSet(merchant, kind, bank, keccak256("file"), NOON + 10, NOON + 20);
        parties.setCredential(merchant, kind, keccak256("file"), NOON + 10, NOON + 20);
        assertEq(parties.credentialAt(merchant, kind).hash, keccak256("file"));
        assertFalse(parties.credentialValid(merchant, kind, NOON + 9));
        assertTrue(parties.credentialValid(merchant, kind, NOON + 10));
        assertTrue(parties.credentialValid(merchant, kind, NOON + 19));
        assertFalse(parties.credentialValid(merchant, kind, NOON + 20));
        vm.warp(NOON + 15);
        vm.expectEmit(address(parties));
        emit IPartyRegistry.CredentialRevoked(merchant, kind);
        parties.revokeCredential(merchant, kind);
        assertTrue(parties.credentialValid(merchant, kind, NOON + 14));
        assertFalse(parties.credentialValid(merchant, kind, NOON + 15));
    }

    function test_Credential_EndsWithItsIssuer() external {
        vm.prank(wallet("bank"));
        parties.setCredential(merchant, CredentialKind.SettlementBank, 0, NOON, NOON + 20);
        vm.prank(partyAdmin);
        parties.setPartyStatus(bank, PartyStatus.Suspended, 1);
        assertFalse(parties.credentialValid(merchant, CredentialKind.SettlementBank, NOON));
    }

    function test_CredentialRevoke_RevertGiven_NoneOrRevoked() external {
        CredentialKind kind = CredentialKind.KnowYourBusiness;
        vm.startPrank(wallet("bank"));
        expect(abi.encodeWithSelector(IPartyRegistry.PartyCredentialMissing.selector, merchant, kind));
        parties.revokeCredential(merchant, kind);
        parties.setCredential(merchant, kind, 0, NOON, NOON + 20);
        parties.revokeCredential(merchant, kind);
        expect(abi.encodeWithSelector(IPartyRegistry.PartyCredentialMissing.selector, merchant, kind));
        parties.revokeCredential(merchant, kind);
    }

    function test_CredentialRevoke_RevertWhen_AnotherParty() external {
        CredentialKind kind = CredentialKind.KnowYourBusiness;
        vm.prank(wallet("bank"));
        parties.setCredential(merchant, kind, 0, NOON, NOON + 20);
        expect(abi.encodeWithSelector(IPartyRegistry.PartyCredentialIssuerWrong.selector, merchant, kind, regulator));
        vm.prank(wallet("regulator"));
        parties.revokeCredential(merchant, kind);
    }

    // setStandingConsent

    function test_Consent_RevertWhen_WalletCannotReceive() external {
        enrolWallet(market, "cashier", WalletPowers.SEND);
        expect(
            abi.encodeWithSelector(
                IPartyRegistry.PartyPowerMissing.selector, wallet("cashier"), WalletPowers.RECEIVE, WalletPowers.SEND
            )
        );
        vm.prank(wallet("cashier"));
        parties.setStandingConsent(producer, true);
    }

    function test_Consent() external {
        vm.expectEmit(address(parties));
        emit IPartyRegistry.StandingConsentSet(market, producer, true);
        vm.startPrank(wallet("market"));
        parties.setStandingConsent(producer, true);
        assertTrue(parties.standingConsent(market, producer));
        parties.setStandingConsent(producer, false);
        assertFalse(parties.standingConsent(market, producer));
    }

    // requireActive

    function test_RequireActive_RevertGiven_NoWallet() external {
        expect(abi.encodeWithSelector(IPartyRegistry.PartyUnknown.selector, stranger));
        parties.requireActive(stranger, 0);
    }

    function test_RequireActive_RevertGiven_Suspended() external {
        vm.prank(partyAdmin);
        parties.setPartyStatus(market, PartyStatus.Suspended, 1);
        expectNotActive(market, PartyStatus.Suspended);
        parties.requireActive(wallet("market"), 0);
        (PartyId party,) = parties.activeParty(wallet("market"));
        assertTrue(party == NOBODY);
    }

    function test_RequireActive_RevertGiven_VerificationExpired() external {
        vm.warp(VERIFIED_UNTIL);
        expect(abi.encodeWithSelector(IPartyRegistry.PartyVerificationExpired.selector, market, VERIFIED_UNTIL));
        parties.requireActive(wallet("market"), 0);
    }

    function testFuzz_RequireActive_NeedsEveryPower(uint16 has, uint16 need) external {
        enrolWallet(market, "new", has);
        if (has & need != need) {
            expect(abi.encodeWithSelector(IPartyRegistry.PartyPowerMissing.selector, wallet("new"), need, has));
            parties.requireActive(wallet("new"), need);
        } else {
            assertTrue(parties.requireActive(wallet("new"), need) == market);
        }
    }

    function enrolSignature(WalletEnrolment memory given, string memory signer) private view returns (bytes memory) {
        return signed(key(signer), parties.walletEnrolmentDigest(given));
    }
}
