// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { PinRegistry } from "../../../contracts/trace/PinRegistry.sol";
import { Challenge, ChallengeState, PinHeader, Stream, StreamId } from "../../../contracts/trace/Types.sol";
import { BatchProof } from "../../../contracts/trace/proof/BatchProof.sol";
import { PinWorld } from "../support/PinWorld.sol";
import { Test } from "../support/Test.sol";

/// @notice Does valid things in any order, and keeps its own account of them.
contract PinHandler is Test {
    PinRegistry private immutable _pins;
    address private immutable _streamAdmin;
    address private immutable _member;
    StreamId[2] private _streams;
    address[2] public pinners;
    uint64[2] public sequences;
    uint64[2] public sealedAts;
    uint256 public flagged;
    mapping(uint256 stream => bytes32[]) private _roots;

    constructor(PinRegistry pins, StreamId[2] memory streams, address pinner, address streamAdmin, address member) {
        _pins = pins;
        _streams = streams;
        pinners = [pinner, pinner];
        _streamAdmin = streamAdmin;
        _member = member;
        _roots[0].push(BatchProof.EMPTY_ROOT);
        _roots[1].push(BatchProof.EMPTY_ROOT);
    }

    function rootsOf(uint256 stream) external view returns (bytes32[] memory) {
        return _roots[stream];
    }

    function pin(uint256 stream, PinHeader memory header, uint32 wait) external {
        stream %= 2;
        vm.warp(block.timestamp + wait % 3600);
        header.previousRoot = _roots[stream][_roots[stream].length - 1];
        if (header.root == BatchProof.EMPTY_ROOT || header.root == 0) header.root = keccak256("root");
        if (header.count % 3 == 0) {
            (header.count, header.root, header.amount, header.mass) = (0, BatchProof.EMPTY_ROOT, 0, 0);
        }
        header.sealedAt = uint64(bound(header.sealedAt, _later(stream), block.timestamp + 60));
        header.lastAt = uint64(bound(header.lastAt, header.sealedAt - 8 days, block.timestamp + 60));
        header.firstAt = uint64(bound(header.firstAt, header.sealedAt - 8 days, header.lastAt));
        vm.prank(pinners[stream]);
        _pins.pin(_streams[stream], sequences[stream] + 1, header);
        ++sequences[stream];
        sealedAts[stream] = header.sealedAt;
        _roots[stream].push(header.root);
    }

    function rotatePinner(uint256 stream, uint160 pinner) external {
        stream %= 2;
        pinners[stream] = address(pinner == 0 ? 1 : pinner);
        vm.prank(_streamAdmin);
        _pins.setPinner(_streams[stream], pinners[stream]);
    }

    function challengeAnswerOrFlag(uint256 stream, uint64 sequence, uint32 wait) external {
        stream %= 2;
        vm.warp(block.timestamp + wait % 100_000);
        if (sequences[stream] == 0) return;
        sequence = uint64(bound(sequence, 1, sequences[stream]));
        StreamId id = _streams[stream];
        Challenge memory stored = _pins.challengeAt(id, sequence);
        if (stored.state == ChallengeState.None || stored.state == ChallengeState.Answered) {
            vm.prank(_member);
            _pins.challenge(id, sequence);
        } else if (stored.state == ChallengeState.Open && block.timestamp <= stored.answerUntil) {
            vm.prank(pinners[stream]);
            _pins.answerChallenge(id, sequence);
        } else if (stored.state == ChallengeState.Open) {
            _pins.flag(id, sequence);
            ++flagged;
        }
    }

    /// @dev The least sealedAt that the registry takes, and late enough that eight days before it exist.
    function _later(uint256 stream) private view returns (uint256) {
        return sealedAts[stream] == 0 ? block.timestamp : sealedAts[stream];
    }
}

contract PinRegistryInvariants is PinWorld {
    PinHandler private _handler;
    StreamId[2] private _streams = [SALE, SALES_DAY];

    function setUp() public override {
        super.setUp();
        _handler = new PinHandler(pins, _streams, pinner, streamAdmin, wallet("bank"));
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function invariant_HeadIsWhatThePinsAddUpTo() external view {
        for (uint256 i = 0; i < 2; ++i) {
            Stream memory head = pins.streamAt(_streams[i]);
            bytes32[] memory roots = _handler.rootsOf(i);
            assertEq(head.sequence, _handler.sequences(i));
            assertEq(head.sequence, roots.length - 1);
            assertEq(head.root, roots[roots.length - 1]);
            assertEq(head.sealedAt, _handler.sealedAts(i));
            assertEq(head.pinner, _handler.pinners(i));
            vm.assertLe(head.sealedAt, block.timestamp + 60);
        }
    }

    function invariant_EveryRootOfAKeepingStreamIsKept() external view {
        bytes32[] memory roots = _handler.rootsOf(1);
        for (uint64 sequence = 1; sequence < roots.length; ++sequence) {
            assertEq(pins.rootAt(SALES_DAY, sequence), roots[sequence]);
        }
    }

    function invariant_OtherRootsAreNot() external view {
        uint64 head = _handler.sequences(0);
        for (uint64 sequence = 1; sequence < head; ++sequence) {
            (bool found,) = address(pins).staticcall(abi.encodeCall(pins.rootAt, (SALE, sequence)));
            assertFalse(found);
        }
    }

    function invariant_FlaggedStaysFlagged() external view {
        uint256 flagged = 0;
        for (uint256 i = 0; i < 2; ++i) {
            for (uint64 sequence = 1; sequence <= _handler.sequences(i); ++sequence) {
                if (pins.challengeAt(_streams[i], sequence).state == ChallengeState.Flagged) ++flagged;
            }
        }
        assertEq(flagged, _handler.flagged());
    }
}
