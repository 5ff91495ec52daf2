// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { PartyId } from "../party/Types.sol";
import { Challenge, PinHeader, Stream, StreamId } from "./Types.sol";
import { Sibling } from "./proof/BatchProof.sol";

/// @title Pins: commitments to batches of records
/// @notice Each stream is one unbroken run of pins. Times are seconds.
/// @dev Warning: the contract cannot see leaves. A pin with a false sum is accepted, and convicted by the first path that
/// anyone checks.
interface IPinRegistry {
    /// @notice Emitted when a stream is opened.
    event StreamOpened(
        StreamId indexed stream, PartyId indexed owner, bytes32 indexed market, address pinner, uint16 flags
    );
    /// @notice Emitted when a stream gets another pinner.
    event PinnerSet(StreamId indexed stream, address indexed pinner);
    /// @notice Emitted for every pin.
    event Pinned(StreamId indexed stream, uint64 indexed sequence, PinHeader header);
    /// @notice Emitted when a member asks for a pin's batch file.
    event PinChallenged(
        StreamId indexed stream, uint64 indexed sequence, PartyId indexed challenger, uint64 answerUntil
    );
    /// @notice Emitted when the pinner says that it has published the batch file.
    event PinChallengeAnswered(StreamId indexed stream, uint64 indexed sequence);
    /// @notice Emitted when a batch file was not published in time.
    event StreamFlagged(StreamId indexed stream, uint64 indexed sequence, PartyId indexed challenger);

    /// @notice The stream is not open.
    error PinStreamUnknown(StreamId stream);
    /// @notice The stream is already open.
    error PinStreamOpen(StreamId stream);
    /// @notice A stream needs an active owner and a pinner.
    error PinStreamIncomplete(PartyId owner, address pinner);
    /// @notice The caller does not pin this stream.
    error PinCallerNotPinner(address caller, address pinner);
    /// @notice Pins of a stream follow one another without a gap.
    error PinSequenceGap(uint64 expected, uint64 given);
    /// @notice The pin does not continue from the stream's root.
    error PinPreviousRootWrong(bytes32 expected, bytes32 given);
    /// @notice A pin without records has the empty root and no sums; one with records has a root of its own.
    error PinEmptyMismatch(uint32 count, bytes32 root, uint128 amount, uint128 mass);
    /// @notice An unsummed stream carries no amounts and masses.
    error PinUnsummed(uint128 amount, uint128 mass);
    /// @notice The pin's times do not fit each other, the pin before, or the block.
    error PinTimeWrong(uint64 firstAt, uint64 lastAt, uint64 sealedAt, uint256 timestamp);
    /// @notice The root of this pin is not kept on chain.
    error PinRootNotKept(StreamId stream, uint64 sequence);
    /// @notice The challenge's state does not allow this.
    error PinChallengeStateWrong(StreamId stream, uint64 sequence, uint8 state);
    /// @notice The time to answer has passed, or has not passed yet.
    error PinChallengeTime(uint64 answerUntil, uint256 timestamp);
    /// @notice The caller lacks the role.
    error PinCallerNotAllowed(address caller, uint64 role);

    /// @notice Opens a stream with the empty root. Only STREAM_ADMIN.
    /// @param stream keccak256 of the stream's name.
    /// @param market keccak256 of `market/{market}`; zero for a party's stream.
    /// @param flags Bits of `StreamFlags`.
    function openStream(StreamId stream, PartyId owner, bytes32 market, address pinner, uint16 flags) external;

    /// @notice Names another pinner. Only STREAM_ADMIN.
    function setPinner(StreamId stream, address pinner) external;

    /// @notice Pins a batch, or with count 0 the silence since the last pin. Only the stream's pinner.
    /// @param sequence From 1, plus one each pin.
    function pin(StreamId stream, uint64 sequence, PinHeader calldata header) external;

    /// @notice Asks for a pin's batch file; the pinner has 24 hours. An active party's wallet.
    function challenge(StreamId stream, uint64 sequence) external;

    /// @notice Says that the batch file is published. Only the stream's pinner, in time.
    function answerChallenge(StreamId stream, uint64 sequence) external;

    /// @notice Flags the stream for a challenge that was not answered in time. Anyone.
    function flag(StreamId stream, uint64 sequence) external;

    /// @notice Whether a record with these numbers is in a pinned batch.
    /// @dev Warning: `size` is not pinned; a false one may verify another index, never another record.
    /// @param path Siblings from the leaf up.
    function verifyRecord(
        StreamId stream,
        uint64 sequence,
        bytes32 recordHash,
        uint128 amount,
        uint128 mass,
        uint64 index,
        uint64 size,
        Sibling[] calldata path
    ) external view returns (bool);

    /// @notice The stream's head.
    function streamAt(StreamId stream) external view returns (Stream memory);

    /// @notice The root of a pin that is the head or kept; reverts for others.
    function rootAt(StreamId stream, uint64 sequence) external view returns (bytes32);

    /// @notice The challenge to a pin.
    function challengeAt(StreamId stream, uint64 sequence) external view returns (Challenge memory);
}
