// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Roles } from "../../../contracts/access/Roles.sol";
import { IPartyRegistry } from "../../../contracts/party/IPartyRegistry.sol";
import { NOBODY, PartyId } from "../../../contracts/party/Types.sol";
import { IPinRegistry } from "../../../contracts/trace/IPinRegistry.sol";
import { Challenge, ChallengeState, PinHeader, Stream, StreamId } from "../../../contracts/trace/Types.sol";
import { BatchProof, Sibling } from "../../../contracts/trace/proof/BatchProof.sol";
import { PinWorld } from "../support/PinWorld.sol";
import { SumTree } from "../support/SumTree.sol";

contract PinRegistryTest is PinWorld {
    function expect(bytes memory reason) private {
        vm.expectRevert(reason);
    }

    function tryPin(StreamId stream, uint64 sequence, PinHeader memory header, bytes memory reason) private {
        expect(reason);
        pin(stream, sequence, header);
    }

    // openStream, setPinner

    function test_Open_RevertWhen_CallerLacksRole() external {
        expect(abi.encodeWithSelector(IPinRegistry.PinCallerNotAllowed.selector, stranger, uint64(Roles.STREAM_ADMIN)));
        vm.prank(stranger);
        pins.openStream(NO_STREAM, market, MARKET, pinner, 0);
    }

    function test_Open_RevertGiven_Open() external {
        expect(abi.encodeWithSelector(IPinRegistry.PinStreamOpen.selector, SALE));
        open(SALE, 0);
    }

    function test_Open_RevertWhen_Incomplete() external {
        vm.startPrank(streamAdmin);
        expect(abi.encodeWithSelector(IPinRegistry.PinStreamIncomplete.selector, market, address(0)));
        pins.openStream(NO_STREAM, market, MARKET, address(0), 0);
        expect(abi.encodeWithSelector(IPinRegistry.PinStreamIncomplete.selector, NOBODY, pinner));
        pins.openStream(NO_STREAM, NOBODY, MARKET, pinner, 0);
    }

    function test_Open() external {
        vm.expectEmit(address(pins));
        emit IPinRegistry.StreamOpened(NO_STREAM, market, MARKET, pinner, 3);
        open(NO_STREAM, 3);
        Stream memory stream = pins.streamAt(NO_STREAM);
        assertEq(stream.root, BatchProof.EMPTY_ROOT);
        assertEq(stream.pinner, pinner);
        assertEq(stream.sequence, 0);
        assertEq(stream.flags, 3);
    }

    function test_SetPinner_Reverts() external {
        expect(abi.encodeWithSelector(IPinRegistry.PinCallerNotAllowed.selector, stranger, uint64(Roles.STREAM_ADMIN)));
        vm.prank(stranger);
        pins.setPinner(SALE, stranger);
        vm.startPrank(streamAdmin);
        expect(abi.encodeWithSelector(IPinRegistry.PinStreamUnknown.selector, NO_STREAM));
        pins.setPinner(NO_STREAM, stranger);
        expect(abi.encodeWithSelector(IPinRegistry.PinCallerNotPinner.selector, streamAdmin, address(0)));
        pins.setPinner(SALE, address(0));
    }

    function test_SetPinner() external {
        vm.expectEmit(address(pins));
        emit IPinRegistry.PinnerSet(SALE, stranger);
        vm.prank(streamAdmin);
        pins.setPinner(SALE, stranger);
        tryPin(SALE, 1, batch(SALE), abi.encodeWithSelector(IPinRegistry.PinCallerNotPinner.selector, pinner, stranger));
        PinHeader memory header = batch(SALE);
        vm.prank(stranger);
        pins.pin(SALE, 1, header);
    }

    // pin

    function test_Pin_RevertGiven_NoStream() external {
        tryPin(
            NO_STREAM,
            1,
            batch(SALE),
            abi.encodeWithSelector(IPinRegistry.PinCallerNotPinner.selector, pinner, address(0))
        );
    }

    function testFuzz_Pin_RevertWhen_SequenceNotNext(uint64 sequence) external {
        pin(SALE, 1, batch(SALE));
        vm.assume(sequence != 2);
        tryPin(
            SALE,
            sequence,
            batch(SALE),
            abi.encodeWithSelector(IPinRegistry.PinSequenceGap.selector, uint64(2), sequence)
        );
    }

    function testFuzz_Pin_RevertWhen_PreviousRootWrong(bytes32 previousRoot) external {
        vm.assume(previousRoot != BatchProof.EMPTY_ROOT);
        PinHeader memory header = batch(SALE);
        header.previousRoot = previousRoot;
        tryPin(
            SALE,
            1,
            header,
            abi.encodeWithSelector(IPinRegistry.PinPreviousRootWrong.selector, BatchProof.EMPTY_ROOT, previousRoot)
        );
    }

    function test_Pin_RevertWhen_CountDoesNotFit() external {
        for (uint256 i = 0; i < 4; ++i) {
            PinHeader memory header = i == 0 ? batch(SALE) : heartbeat(SALE);
            if (i == 0) header.root = BatchProof.EMPTY_ROOT;
            if (i == 1) header.root = keccak256("root");
            if (i == 2) header.amount = 1;
            if (i == 3) header.mass = 1;
            tryPin(
                SALE,
                1,
                header,
                abi.encodeWithSelector(
                    IPinRegistry.PinEmptyMismatch.selector, header.count, header.root, header.amount, header.mass
                )
            );
        }
    }

    function test_Pin_RevertWhen_UnsummedCarriesSums() external {
        PinHeader memory header = batch(CLIMATE);
        tryPin(
            CLIMATE, 1, header, abi.encodeWithSelector(IPinRegistry.PinUnsummed.selector, header.amount, header.mass)
        );
        header.amount = 0;
        tryPin(CLIMATE, 1, header, abi.encodeWithSelector(IPinRegistry.PinUnsummed.selector, uint128(0), header.mass));
        header.mass = 0;
        pin(CLIMATE, 1, header);
    }

    function test_Pin_RevertWhen_TimeWrong() external {
        pin(SALE, 1, batch(SALE));
        for (uint256 i = 0; i < 5; ++i) {
            PinHeader memory header = batch(SALE);
            if (i == 0) header.firstAt = header.lastAt + 1;
            if (i == 1) header.lastAt = NOON + 61;
            if (i == 2) (header.firstAt, header.sealedAt) = (NOON - 20, NOON - 1);
            if (i == 3) header.sealedAt = NOON + 61;
            if (i == 4) header.firstAt = NOON - 8 days - 1;
            tryPin(
                SALE,
                2,
                header,
                abi.encodeWithSelector(
                    IPinRegistry.PinTimeWrong.selector, header.firstAt, header.lastAt, header.sealedAt, block.timestamp
                )
            );
        }
    }

    function test_Pin_AtTheEdgesOfTime() external {
        PinHeader memory header = batch(SALE);
        header.firstAt = NOON + 60 - 8 days;
        header.lastAt = NOON + 60;
        header.sealedAt = NOON + 60;
        pin(SALE, 1, header);
        assertEq(pins.streamAt(SALE).sealedAt, NOON + 60);
    }

    function testFuzz_Pin(PinHeader memory header, uint32 count) external {
        header.previousRoot = BatchProof.EMPTY_ROOT;
        header.count = uint32(bound(count, 1, type(uint32).max));
        vm.assume(header.root != BatchProof.EMPTY_ROOT);
        header.sealedAt = uint64(bound(header.sealedAt, 0, NOON + 60));
        header.lastAt = uint64(bound(header.lastAt, header.sealedAt > 8 days ? header.sealedAt - 8 days : 0, NOON + 60));
        header.firstAt =
            uint64(bound(header.firstAt, header.sealedAt > 8 days ? header.sealedAt - 8 days : 0, header.lastAt));
        vm.expectEmit(address(pins));
        emit IPinRegistry.Pinned(SALE, 1, header);
        pin(SALE, 1, header);
        assertEq(pins.rootAt(SALE, 1), header.root);
    }

    function test_Pin_Heartbeat() external {
        pin(SALE, 1, batch(SALE));
        PinHeader memory header = heartbeat(SALE);
        vm.expectEmit(address(pins));
        emit IPinRegistry.Pinned(SALE, 2, header);
        pin(SALE, 2, header);
        assertEq(pins.streamAt(SALE).root, BatchProof.EMPTY_ROOT);
        pin(SALE, 3, batch(SALE));
    }

    // rootAt, verifyRecord

    function test_Root_RevertWhen_NotKept() external {
        uint64[3] memory sequences = [uint64(0), 1, 3];
        expect(abi.encodeWithSelector(IPinRegistry.PinRootNotKept.selector, SALE, uint64(0)));
        pins.rootAt(SALE, 0);
        pin(SALE, 1, batch(SALE));
        pin(SALE, 2, batch(SALE));
        for (uint256 i = 0; i < 3; ++i) {
            expect(abi.encodeWithSelector(IPinRegistry.PinRootNotKept.selector, SALE, sequences[i]));
            pins.rootAt(SALE, sequences[i]);
        }
    }

    function test_Root_KeptWithFlag() external {
        PinHeader memory header = batch(SALES_DAY);
        pin(SALES_DAY, 1, header);
        PinHeader memory next = batch(SALES_DAY);
        next.root = keccak256("another root");
        pin(SALES_DAY, 2, next);
        assertEq(pins.rootAt(SALES_DAY, 1), header.root);
        assertEq(pins.rootAt(SALES_DAY, 2), next.root);
    }

    function testFuzz_VerifyRecord(uint256 seed, uint256 size, uint256 index) external {
        size = bound(size, 1, 40);
        index = bound(index, 0, size - 1);
        Sibling[] memory leaves = SumTree.some(seed, size);
        PinHeader memory header = batch(SALE);
        header.root = SumTree.root(leaves, 0, size).hash;
        pin(SALE, 1, header);
        bytes32 record = keccak256(abi.encode(seed, index));
        (uint128 amount, uint128 mass) = (leaves[index].amount, leaves[index].mass);
        Sibling[] memory path = SumTree.path(leaves, index);
        (uint64 i, uint64 n) = (uint64(index), uint64(size));
        assertTrue(pins.verifyRecord(SALE, 1, record, amount, mass, i, n, path));
        assertFalse(pins.verifyRecord(SALE, 1, record, amount + 1, mass, i, n, path));
        assertFalse(pins.verifyRecord(SALE, 1, record, amount, mass + 1, i, n, path));
        assertFalse(pins.verifyRecord(SALE, 1, ~record, amount, mass, i, n, path));
    }

    // challenge, answerChallenge, flag

    function challengeSale() private {
        vm.prank(wallet("bank"));
        pins.challenge(SALE, 1);
    }

    function expectState(ChallengeState state) private {
        expect(abi.encodeWithSelector(IPinRegistry.PinChallengeStateWrong.selector, SALE, uint64(1), uint8(state)));
    }

    function expectTime() private {
        expect(abi.encodeWithSelector(IPinRegistry.PinChallengeTime.selector, NOON + 24 hours, block.timestamp));
    }

    function test_Challenge_RevertWhen_NoMember() external {
        expect(abi.encodeWithSelector(IPartyRegistry.PartyUnknown.selector, stranger));
        vm.prank(stranger);
        pins.challenge(SALE, 1);
    }

    function test_Challenge_RevertGiven_NoPin() external {
        vm.startPrank(wallet("bank"));
        expect(abi.encodeWithSelector(IPinRegistry.PinStreamUnknown.selector, NO_STREAM));
        pins.challenge(NO_STREAM, 1);
        expect(abi.encodeWithSelector(IPinRegistry.PinSequenceGap.selector, uint64(0), uint64(1)));
        pins.challenge(SALE, 1);
        expect(abi.encodeWithSelector(IPinRegistry.PinSequenceGap.selector, uint64(0), uint64(0)));
        pins.challenge(SALE, 0);
    }

    function test_Challenge_Answered_AndAgain() external {
        pin(SALE, 1, batch(SALE));
        vm.expectEmit(address(pins));
        emit IPinRegistry.PinChallenged(SALE, 1, bank, NOON + 24 hours);
        challengeSale();
        expectState(ChallengeState.Open);
        challengeSale();
        expect(abi.encodeWithSelector(IPinRegistry.PinCallerNotPinner.selector, stranger, pinner));
        vm.prank(stranger);
        pins.answerChallenge(SALE, 1);
        expectTime();
        pins.flag(SALE, 1);
        vm.expectEmit(address(pins));
        emit IPinRegistry.PinChallengeAnswered(SALE, 1);
        vm.startPrank(pinner);
        pins.answerChallenge(SALE, 1);
        expectState(ChallengeState.Answered);
        pins.answerChallenge(SALE, 1);
        vm.stopPrank();
        challengeSale();
    }

    function test_Challenge_Flagged() external {
        pin(SALE, 1, batch(SALE));
        challengeSale();
        vm.warp(NOON + 24 hours);
        expectTime();
        pins.flag(SALE, 1);
        vm.warp(NOON + 24 hours + 1);
        expectTime();
        vm.prank(pinner);
        pins.answerChallenge(SALE, 1);
        vm.expectEmit(address(pins));
        emit IPinRegistry.StreamFlagged(SALE, 1, bank);
        pins.flag(SALE, 1);
        Challenge memory stored = pins.challengeAt(SALE, 1);
        assertTrue(stored.state == ChallengeState.Flagged);
        assertTrue(stored.challenger == bank);
        expectState(ChallengeState.Flagged);
        challengeSale();
        expectState(ChallengeState.Flagged);
        pins.flag(SALE, 1);
    }
}
