// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { PartyId } from "../party/Types.sol";

/// @notice keccak256 of the stream's name, such as `market/zpk/sale`.
type StreamId is bytes32;

/// @notice keccak256 of the lot's canonical GS1 Digital Link.
type LotId is bytes32;

using { sameLotId as == } for LotId global;

function sameLotId(LotId a, LotId b) pure returns (bool) {
    return LotId.unwrap(a) == LotId.unwrap(b);
}

/// @notice What a pin commits to. Times are seconds, amounts minor units, masses grams.
/// @param root Of the batch tree (a Merkle sum tree); sha256("") for an empty heartbeat.
/// @param previousRoot The stream's root before this pin.
/// @param firstAt Of the counted records; sealedAt when there is none. Likewise lastAt.
/// @param content SHA-256 of the batch file, the digest of its CID; 0 for a heartbeat.
/// @param lots Root of the lot map; a heartbeat repeats it.
/// @param rules Hash of the rule set and schemas that judged the records.
struct PinHeader {
    bytes32 root;
    bytes32 previousRoot;
    uint32 count;
    uint128 amount;
    uint128 mass;
    uint64 firstAt;
    uint64 lastAt;
    uint64 sealedAt;
    bytes32 content;
    bytes32 lots;
    bytes32 rules;
}

/// @notice A stream's head, in two slots.
/// @param flags Bits of `StreamFlags`.
struct Stream {
    address pinner;
    uint40 sequence;
    uint40 sealedAt;
    uint16 flags;
    bytes32 root;
}

/// @title How a stream's pins are kept and counted
library StreamFlags {
    /// @notice The root of every pin stays readable for contracts that check proofs.
    uint16 internal constant KEEP_ROOTS = 1;
    /// @notice Every leaf carries zero amount and mass.
    uint16 internal constant UNSUMMED = 2;
}

/// @notice Where a challenge to a pin stands.
enum ChallengeState {
    None,
    Open,
    Answered,
    Flagged
}

/// @notice A member's demand for a pin's batch file.
struct Challenge {
    ChallengeState state;
    PartyId challenger;
    uint64 answerUntil;
}

/// @notice Where a lot stands. Only an open lot backs new promises; Closed is final.
enum LotState {
    None,
    Open,
    Disputed,
    Held,
    Recalled,
    Closed
}

/// @notice A lot.
/// @param unit `GRM` or `C62`.
/// @param failedTests Lab reports in force that failed it.
struct Lot {
    PartyId registrant;
    bytes3 unit;
    LotState state;
    uint32 failedTests;
    uint128 quantity;
}
