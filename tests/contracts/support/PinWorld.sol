// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { PinHeader, StreamId } from "../../../contracts/trace/Types.sol";
import { BatchProof } from "../../../contracts/trace/proof/BatchProof.sol";
import { World } from "./World.sol";

/// @notice Streams of each kind and the headers of their pins.
abstract contract PinWorld is World {
    StreamId internal constant SALE = StreamId.wrap(keccak256("market/zpk/sale"));
    StreamId internal constant SALES_DAY = StreamId.wrap(keccak256("market/zpk/sales-day"));
    StreamId internal constant CLIMATE = StreamId.wrap(keccak256("market/zpk/climate"));
    StreamId internal constant NO_STREAM = StreamId.wrap(keccak256("market/none/sale"));
    bytes32 internal constant MARKET = keccak256("market/zpk");

    address internal pinner = vm.addr(key("pinner"));

    function setUp() public virtual override {
        super.setUp();
        open(SALE, 0);
        open(SALES_DAY, 1);
        open(CLIMATE, 2);
    }

    function open(StreamId stream, uint16 flags) internal {
        vm.prank(streamAdmin);
        pins.openStream(stream, market, MARKET, pinner, flags);
    }

    /// @dev A full batch that follows on the stream's head.
    function batch(StreamId stream) internal view returns (PinHeader memory header) {
        header.root = keccak256("root");
        header.previousRoot = pins.streamAt(stream).root;
        header.count = 1000;
        header.amount = 3_650_000;
        header.mass = 1_825_000;
        header.firstAt = uint64(block.timestamp) - 2;
        header.lastAt = uint64(block.timestamp) - 1;
        header.sealedAt = uint64(block.timestamp);
        header.content = keccak256("content");
        header.lots = keccak256("lots");
        header.rules = keccak256("rules");
    }

    function heartbeat(StreamId stream) internal view returns (PinHeader memory header) {
        header = batch(stream);
        header.root = BatchProof.EMPTY_ROOT;
        header.count = 0;
        header.amount = 0;
        header.mass = 0;
        header.firstAt = header.sealedAt;
        header.lastAt = header.sealedAt;
        header.content = 0;
    }

    function pin(StreamId stream, uint64 sequence, PinHeader memory header) internal {
        vm.prank(pinner);
        pins.pin(stream, sequence, header);
    }
}
