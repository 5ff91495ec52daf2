// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IAccessManager } from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import { Roles } from "../access/Roles.sol";
import { IPartyRegistry } from "../party/IPartyRegistry.sol";
import { PartyId } from "../party/Types.sol";
import { IPinRegistry } from "./IPinRegistry.sol";
import { Challenge, ChallengeState, PinHeader, Stream, StreamFlags, StreamId } from "./Types.sol";
import { BatchProof, Sibling } from "./proof/BatchProof.sol";

/// @title Pins: commitments to batches of records
contract PinRegistry is IPinRegistry {
    /// @dev How far a sealer's clock may be ahead of the block.
    uint256 private constant _AHEAD_LIMIT = 60 seconds;
    /// @dev How old a record may be when its batch is sealed: seven days late, and one to seal.
    uint256 private constant _AGE_LIMIT = 8 days;
    uint256 private constant _ANSWER_TIME = 24 hours;

    IAccessManager private immutable _access;
    IPartyRegistry private immutable _parties;
    mapping(StreamId stream => Stream) private _streams;
    mapping(StreamId stream => mapping(uint256 sequence => bytes32 root)) private _keptRoots;
    mapping(StreamId stream => mapping(uint256 sequence => Challenge)) private _challenges;

    constructor(IAccessManager access, IPartyRegistry parties) {
        _access = access;
        _parties = parties;
    }

    /// @inheritdoc IPinRegistry
    function openStream(StreamId stream, PartyId owner, bytes32 market, address pinner, uint16 flags) external {
        // Checks
        _requireStreamAdmin();
        require(_streams[stream].pinner == address(0), PinStreamOpen(stream));
        require(pinner != address(0) && _parties.isActive(owner), PinStreamIncomplete(owner, pinner));
        // Effects
        _streams[stream] = Stream(pinner, 0, 0, flags, BatchProof.EMPTY_ROOT);
        emit StreamOpened(stream, owner, market, pinner, flags);
    }

    /// @inheritdoc IPinRegistry
    function setPinner(StreamId stream, address pinner) external {
        // Checks
        _requireStreamAdmin();
        require(_streams[stream].pinner != address(0), PinStreamUnknown(stream));
        require(pinner != address(0), PinCallerNotPinner(msg.sender, pinner));
        // Effects
        _streams[stream].pinner = pinner;
        emit PinnerSet(stream, pinner);
    }

    /// @inheritdoc IPinRegistry
    function pin(StreamId stream, uint64 sequence, PinHeader calldata header) external {
        // Checks
        Stream storage stored = _streams[stream];
        Stream memory head = stored;
        require(head.pinner == msg.sender, PinCallerNotPinner(msg.sender, head.pinner));
        require(sequence == uint256(head.sequence) + 1, PinSequenceGap(head.sequence + 1, sequence));
        require(header.previousRoot == head.root, PinPreviousRootWrong(head.root, header.previousRoot));
        _requireCountFits(header, head.flags);
        _requireTimesFit(header, head.sealedAt);
        // Effects
        stored.sequence = uint40(sequence);
        stored.sealedAt = uint40(header.sealedAt);
        stored.root = header.root;
        if (head.flags & StreamFlags.KEEP_ROOTS != 0) _keptRoots[stream][sequence] = header.root;
        emit Pinned(stream, sequence, header);
    }

    /// @inheritdoc IPinRegistry
    function challenge(StreamId stream, uint64 sequence) external {
        // Checks
        PartyId challenger = _parties.requireActive(msg.sender, 0);
        Stream storage head = _streams[stream];
        require(head.pinner != address(0), PinStreamUnknown(stream));
        require(sequence != 0 && sequence <= head.sequence, PinSequenceGap(head.sequence, sequence));
        Challenge storage stored = _challenges[stream][sequence];
        require(
            stored.state == ChallengeState.None || stored.state == ChallengeState.Answered,
            PinChallengeStateWrong(stream, sequence, uint8(stored.state))
        );
        // Effects
        uint64 answerUntil = SafeCast.toUint64(block.timestamp + _ANSWER_TIME);
        _challenges[stream][sequence] = Challenge(ChallengeState.Open, challenger, answerUntil);
        emit PinChallenged(stream, sequence, challenger, answerUntil);
    }

    /// @inheritdoc IPinRegistry
    function answerChallenge(StreamId stream, uint64 sequence) external {
        // Checks
        address pinner = _streams[stream].pinner;
        require(pinner == msg.sender, PinCallerNotPinner(msg.sender, pinner));
        Challenge storage stored = _requireOpen(stream, sequence);
        require(block.timestamp <= stored.answerUntil, PinChallengeTime(stored.answerUntil, block.timestamp));
        // Effects
        stored.state = ChallengeState.Answered;
        emit PinChallengeAnswered(stream, sequence);
    }

    /// @inheritdoc IPinRegistry
    function flag(StreamId stream, uint64 sequence) external {
        // Checks
        Challenge storage stored = _requireOpen(stream, sequence);
        require(block.timestamp > stored.answerUntil, PinChallengeTime(stored.answerUntil, block.timestamp));
        // Effects
        stored.state = ChallengeState.Flagged;
        emit StreamFlagged(stream, sequence, stored.challenger);
    }

    /// @inheritdoc IPinRegistry
    function verifyRecord(
        StreamId stream,
        uint64 sequence,
        bytes32 recordHash,
        uint128 amount,
        uint128 mass,
        uint64 index,
        uint64 size,
        Sibling[] calldata path
    ) external view returns (bool) {
        Sibling memory leaf = Sibling(BatchProof.leafHash(recordHash, amount, mass), amount, mass);
        return BatchProof.fold(leaf, index, size, path).hash == rootAt(stream, sequence);
    }

    /// @inheritdoc IPinRegistry
    function streamAt(StreamId stream) external view returns (Stream memory) {
        return _streams[stream];
    }

    /// @inheritdoc IPinRegistry
    function challengeAt(StreamId stream, uint64 sequence) external view returns (Challenge memory) {
        return _challenges[stream][sequence];
    }

    /// @inheritdoc IPinRegistry
    function rootAt(StreamId stream, uint64 sequence) public view returns (bytes32 root) {
        Stream storage head = _streams[stream];
        root = sequence == head.sequence ? head.root : _keptRoots[stream][sequence];
        require(sequence != 0 && root != bytes32(0), PinRootNotKept(stream, sequence));
    }

    function _requireStreamAdmin() private view {
        require(
            Roles.holds(_access, Roles.STREAM_ADMIN, msg.sender), PinCallerNotAllowed(msg.sender, Roles.STREAM_ADMIN)
        );
    }

    function _requireOpen(StreamId stream, uint64 sequence) private view returns (Challenge storage stored) {
        stored = _challenges[stream][sequence];
        require(stored.state == ChallengeState.Open, PinChallengeStateWrong(stream, sequence, uint8(stored.state)));
    }

    /// @dev No records, the empty root and no sums go together; records and a root of their own likewise.
    function _requireCountFits(PinHeader calldata header, uint16 flags) private pure {
        uint128 amount = header.amount;
        uint128 mass = header.mass;
        bool isSummed = amount | mass != 0;
        bool isEmpty = header.root == BatchProof.EMPTY_ROOT;
        require(
            header.count == 0 ? isEmpty && !isSummed : !isEmpty,
            PinEmptyMismatch(header.count, header.root, amount, mass)
        );
        require(!isSummed || flags & StreamFlags.UNSUMMED == 0, PinUnsummed(amount, mass));
    }

    function _requireTimesFit(PinHeader calldata header, uint256 previousSealedAt) private view {
        uint256 latest = block.timestamp + _AHEAD_LIMIT;
        uint256 firstAt = header.firstAt;
        uint256 lastAt = header.lastAt;
        uint256 sealedAt = header.sealedAt;
        require(
            firstAt <= lastAt && lastAt <= latest && previousSealedAt <= sealedAt && sealedAt <= latest
                && firstAt + _AGE_LIMIT >= sealedAt,
            PinTimeWrong(header.firstAt, header.lastAt, header.sealedAt, block.timestamp)
        );
    }
}
