// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice An EAS schema of ours.
/// @param noun `lot`, `certificate`, `labReport`, `custodyOffer`, `custodyAcceptance`.
/// @param text The string registered with EAS.
struct Schema {
    bytes32 uid;
    string noun;
    string text;
    bool revocable;
}

string constant LOT_SCHEMA =
    "bytes32 lot,bytes32 record,bytes32 product,uint128 quantity,bytes3 unit,uint64 producedAt,bytes32 content,bytes32 supersedes";
string constant CERTIFICATE_SCHEMA =
    "bytes32 lot,bytes32 number,uint8 kind,uint128 quantity,bytes3 unit,uint64 issuedAt,bytes32[] parents,bytes32 content,bytes32 supersedes";
string constant LAB_REPORT_SCHEMA =
    "bytes32 lot,bytes32 record,bytes32 sample,bytes32 method,uint8 result,uint64 sampledAt,uint64 reportedAt,bytes32 content,bytes32 supersedes";
string constant CUSTODY_OFFER_SCHEMA =
    "bytes32 lot,bytes32 record,uint128 quantity,bytes3 unit,bytes32 fromPlace,bytes32 toPlace,uint64 handedOverAt,bytes32 document";
string constant CUSTODY_ACCEPTANCE_SCHEMA =
    "bytes32 record,uint128 quantity,uint64 acceptedAt,uint8 condition,bytes32 content";

/// @notice A schema's UID, as EAS's SchemaRegistry computes it.
function schemaUid(string memory text, address resolver, bool revocable) pure returns (bytes32) {
    return keccak256(abi.encodePacked(text, resolver, revocable));
}
