// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { PartyId } from "../../../contracts/party/Types.sol";
import { ILotLedger } from "../../../contracts/trace/ILotLedger.sol";
import { LotLedger } from "../../../contracts/trace/LotLedger.sol";
import { Lot, LotId, LotState } from "../../../contracts/trace/Types.sol";
import { World } from "../support/World.sol";

/// @notice The ledger alone; this test is its resolver.
contract LotLedgerTest is World {
    LotId private constant _LOT = LotId.wrap(keccak256("https://id.gs1.org/01/06901234000016/10/A"));
    bytes3 private constant _GRAMS = "GRM";
    bytes32 private constant _UID = keccak256("uid");
    LotLedger private _ledger;

    function setUp() public override {
        super.setUp();
        _ledger = new LotLedger(parties, address(this));
    }

    function register(uint128 quantity) private {
        _ledger.register(_LOT, producer, quantity, _GRAMS, _UID);
    }

    function expectExceeded(uint128 wanted, uint128 left) private {
        vm.expectRevert(abi.encodeWithSelector(ILotLedger.LotQuantityExceeded.selector, _LOT, wanted, left));
    }

    function expectForbids(LotState given) private {
        vm.expectRevert(abi.encodeWithSelector(ILotLedger.LotStateForbids.selector, _LOT, given));
    }

    function expectUnit(bytes3 given) private {
        vm.expectRevert(abi.encodeWithSelector(ILotLedger.LotUnitWrong.selector, _LOT, _GRAMS, given));
    }

    function expectZero() private {
        vm.expectRevert(abi.encodeWithSelector(ILotLedger.LotQuantityZero.selector, _LOT));
    }

    function expectUnknown() private {
        vm.expectRevert(abi.encodeWithSelector(ILotLedger.LotUnknown.selector, _LOT));
    }

    function state() private view returns (LotState) {
        return _ledger.lotAt(_LOT).state;
    }

    function setState(LotState wanted) private {
        vm.prank(wallet("regulator"));
        _ledger.setState(_LOT, wanted, _UID);
    }

    function test_RevertWhen_CallerNotResolver() external {
        bytes[] memory calls = new bytes[](10);
        calls[0] = abi.encodeCall(ILotLedger.register, (_LOT, producer, 1, _GRAMS, _UID));
        calls[1] = abi.encodeCall(ILotLedger.correct, (_LOT, 1, _GRAMS));
        calls[2] = abi.encodeCall(ILotLedger.certify, (_LOT, 1, 1, _GRAMS));
        calls[3] = abi.encodeCall(ILotLedger.releaseCertified, (_LOT, 1, 1));
        calls[4] = abi.encodeCall(ILotLedger.reserve, (_LOT, producer, 1, _GRAMS));
        calls[5] = abi.encodeCall(ILotLedger.releaseReserved, (_LOT, producer, 1));
        calls[6] = abi.encodeCall(ILotLedger.move, (_LOT, producer, market, 1, 1));
        calls[7] = abi.encodeCall(ILotLedger.noteFailure, (_LOT, _UID));
        calls[8] = abi.encodeCall(ILotLedger.liftFailure, (_LOT, _UID));
        calls[9] = abi.encodeCall(ILotLedger.close, (_LOT, _UID));
        bytes memory reason = abi.encodeWithSelector(ILotLedger.LotCallerNotAllowed.selector, stranger);
        for (uint256 i = 0; i < calls.length; ++i) {
            vm.prank(stranger);
            (bool done, bytes memory data) = address(_ledger).call(calls[i]);
            assertFalse(done);
            assertEq(data, reason);
        }
    }

    // register, correct

    function test_Register_Reverts() external {
        expectZero();
        register(0);
        expectUnit("KGM");
        _ledger.register(_LOT, producer, 1, "KGM", _UID);
        register(1);
        vm.expectRevert(abi.encodeWithSelector(ILotLedger.LotAlreadyRegistered.selector, _LOT, producer));
        register(1);
    }

    function testFuzz_Register(uint128 quantity, bool isPieces) external {
        vm.assume(quantity != 0);
        bytes3 unit = isPieces ? bytes3("C62") : _GRAMS;
        vm.expectEmit(address(_ledger));
        emit ILotLedger.LotHeldSet(_LOT, producer, quantity);
        vm.expectEmit(address(_ledger));
        emit ILotLedger.LotStateSet(_LOT, LotState.Open, _UID);
        _ledger.register(_LOT, producer, quantity, unit, _UID);
        Lot memory lot = _ledger.lotAt(_LOT);
        assertTrue(lot.registrant == producer && lot.unit == unit && lot.state == LotState.Open);
        assertEq(lot.quantity, quantity);
        assertEq(_ledger.heldBy(_LOT, producer), quantity);
    }

    function test_Correct_Reverts() external {
        expectUnknown();
        _ledger.correct(_LOT, 1, _GRAMS);
        register(1000);
        expectUnit("C62");
        _ledger.correct(_LOT, 1, "C62");
        expectZero();
        _ledger.correct(_LOT, 0, _GRAMS);
        _ledger.reserve(_LOT, producer, 300, _GRAMS);
        _ledger.reserve(_LOT, producer, 200, _GRAMS);
        _ledger.move(_LOT, producer, market, 300, 300);
        expectExceeded(500, 499);
        _ledger.correct(_LOT, 499, _GRAMS);
        _ledger.certify(_LOT, 3, 700, _GRAMS);
        expectExceeded(700, 699);
        _ledger.correct(_LOT, 699, _GRAMS);
        _ledger.correct(_LOT, 700, _GRAMS);
        assertEq(_ledger.heldBy(_LOT, producer), 400);
        _ledger.noteFailure(_LOT, _UID);
        expectForbids(LotState.Held);
        _ledger.correct(_LOT, 700, _GRAMS);
    }

    // certify

    function testFuzz_Certify_NeverMoreThanTheLot(uint128 quantity, uint128 first, uint128 second) external {
        quantity = uint128(bound(quantity, 1, type(uint128).max));
        first = uint128(bound(first, 0, quantity));
        register(quantity);
        _ledger.certify(_LOT, 2, first, _GRAMS);
        if (second > quantity - first) expectExceeded(second, quantity - first);
        _ledger.certify(_LOT, 2, second, _GRAMS);
        assertTrue(_ledger.certifiedOf(_LOT, 2) <= quantity);
        _ledger.certify(_LOT, 1, quantity, _GRAMS);
    }

    function test_Certify_GivenBack() external {
        register(10);
        _ledger.certify(_LOT, 1, 10, _GRAMS);
        _ledger.releaseCertified(_LOT, 1, 4);
        assertEq(_ledger.certifiedOf(_LOT, 1), 6);
        expectExceeded(5, 4);
        _ledger.certify(_LOT, 1, 5, _GRAMS);
        expectUnit("C62");
        _ledger.certify(_LOT, 1, 1, "C62");
    }

    // reserve, move

    function test_Reserve_Tolerance() external {
        register(1000);
        assertEq(_ledger.offerable(_LOT, producer), 1050);
        assertEq(_ledger.offerable(_LOT, market), 0);
        expectZero();
        _ledger.reserve(_LOT, producer, 0, _GRAMS);
        expectExceeded(1051, 1050);
        _ledger.reserve(_LOT, producer, 1051, _GRAMS);
        _ledger.reserve(_LOT, producer, 1000, _GRAMS);
        expectExceeded(51, 50);
        _ledger.reserve(_LOT, producer, 51, _GRAMS);
        _ledger.releaseReserved(_LOT, producer, 1000);
        assertEq(_ledger.reservedBy(_LOT, producer), 0);
    }

    function test_Reserve_ToleranceOfMuchAndOfPieces() external {
        register(100_000);
        assertEq(_ledger.offerable(_LOT, producer), 102_000);
        LotId pieces = LotId.wrap(keccak256("pieces"));
        _ledger.register(pieces, producer, 100, "C62", _UID);
        assertEq(_ledger.offerable(pieces, producer), 100);
        LotId most = LotId.wrap(keccak256("most"));
        _ledger.register(most, producer, type(uint128).max, _GRAMS, _UID);
        assertEq(_ledger.offerable(most, producer), type(uint128).max);
    }

    function testFuzz_Move(uint64 quantity, uint64 reserved, uint64 accepted) external {
        quantity = uint64(bound(quantity, 1, type(uint64).max / 2));
        register(quantity);
        reserved = uint64(bound(reserved, 1, _ledger.offerable(_LOT, producer)));
        accepted = uint64(bound(accepted, 0, reserved));
        _ledger.reserve(_LOT, producer, reserved, _GRAMS);
        _ledger.move(_LOT, producer, market, reserved, accepted);
        assertEq(_ledger.reservedBy(_LOT, producer), 0);
        assertEq(_ledger.heldBy(_LOT, producer), accepted > quantity ? 0 : quantity - accepted);
        assertEq(_ledger.heldBy(_LOT, market), accepted);
    }

    function test_Move_RevertGiven_Held() external {
        register(10);
        _ledger.reserve(_LOT, producer, 5, _GRAMS);
        _ledger.noteFailure(_LOT, _UID);
        expectForbids(LotState.Held);
        _ledger.move(_LOT, producer, market, 5, 5);
        expectForbids(LotState.Held);
        _ledger.reserve(_LOT, producer, 5, _GRAMS);
    }

    // failures, setState

    function test_Failures_HoldUntilTheLastIsLifted() external {
        register(10);
        vm.expectEmit(address(_ledger));
        emit ILotLedger.LotStateSet(_LOT, LotState.Held, _UID);
        _ledger.noteFailure(_LOT, _UID);
        _ledger.noteFailure(_LOT, _UID);
        assertEq(_ledger.lotAt(_LOT).failedTests, 2);
        _ledger.liftFailure(_LOT, _UID);
        assertTrue(state() == LotState.Held);
        vm.expectEmit(address(_ledger));
        emit ILotLedger.LotStateSet(_LOT, LotState.Open, _UID);
        _ledger.liftFailure(_LOT, _UID);
        assertTrue(state() == LotState.Open);
    }

    function test_Failures_DisputedAndRecalled() external {
        register(10);
        setState(LotState.Disputed);
        _ledger.noteFailure(_LOT, _UID);
        assertTrue(state() == LotState.Held);
        setState(LotState.Recalled);
        _ledger.noteFailure(_LOT, _UID);
        _ledger.liftFailure(_LOT, _UID);
        _ledger.liftFailure(_LOT, _UID);
        assertTrue(state() == LotState.Recalled);
        _ledger.noteFailure(_LOT, _UID);
        setState(LotState.Open);
        assertTrue(state() == LotState.Held);
    }

    function test_SetState_Reverts() external {
        vm.expectRevert(abi.encodeWithSelector(ILotLedger.LotCallerNotAllowed.selector, wallet("producer")));
        vm.prank(wallet("producer"));
        _ledger.setState(_LOT, LotState.Disputed, _UID);
        expectUnknown();
        setState(LotState.Disputed);
        register(10);
        expectForbids(LotState.Open);
        setState(LotState.None);
        vm.expectEmit(address(_ledger));
        emit ILotLedger.LotStateSet(_LOT, LotState.Closed, _UID);
        _ledger.close(_LOT, _UID);
        expectForbids(LotState.Closed);
        setState(LotState.Open);
    }

    function test_SetState_ByTheMarket() external {
        register(10);
        vm.expectEmit(address(_ledger));
        emit ILotLedger.LotStateSet(_LOT, LotState.Disputed, _UID);
        vm.prank(wallet("market"));
        _ledger.setState(_LOT, LotState.Disputed, _UID);
        expectForbids(LotState.Disputed);
        _ledger.certify(_LOT, 1, 1, _GRAMS);
    }
}
