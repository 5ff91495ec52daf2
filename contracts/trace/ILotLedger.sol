// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { PartyId } from "../party/Types.sol";
import { Lot, LotId, LotState } from "./Types.sol";

/// @title Lots: how much there is, who holds it, what may still be promised of it
/// @notice Promises, that is certificates and custody, cannot exceed what is there. The attestation resolver writes;
/// a regulator or market may set a lot's state. Quantities are in the lot's own unit.
interface ILotLedger {
    /// @notice Emitted when a lot's state changes.
    /// @param uid The attestation, or the hash of the record, that is the cause.
    event LotStateSet(LotId indexed lot, LotState state, bytes32 uid);
    /// @notice Emitted when a quantity of a lot comes to be held by a party.
    event LotHeldSet(LotId indexed lot, PartyId indexed party, uint128 held);

    /// @notice Nobody registered the lot.
    error LotUnknown(LotId lot);
    /// @notice The lot is already registered.
    error LotAlreadyRegistered(LotId lot, PartyId registrant);
    /// @notice More is promised of a lot than is left.
    error LotQuantityExceeded(LotId lot, uint128 wanted, uint128 left);
    /// @notice The quantity is zero.
    error LotQuantityZero(LotId lot);
    /// @notice The unit is not the lot's, or none that lots have.
    error LotUnitWrong(LotId lot, bytes3 wanted, bytes3 given);
    /// @notice The lot's state does not allow this.
    error LotStateForbids(LotId lot, LotState state);
    /// @notice The caller may not write here.
    error LotCallerNotAllowed(address caller);

    /// @notice Registers a lot, held by its registrant. Only the resolver.
    function register(LotId lot, PartyId registrant, uint128 quantity, bytes3 unit, bytes32 uid) external;

    /// @notice Corrects a registered lot's quantity; the registrant's holding changes by the difference. Only the resolver.
    function correct(LotId lot, uint128 quantity, bytes3 unit) external;

    /// @notice Counts a certified quantity. Only the resolver; an open lot.
    function certify(LotId lot, uint8 kind, uint128 quantity, bytes3 unit) external;

    /// @notice Gives a certified quantity back. Only the resolver.
    function releaseCertified(LotId lot, uint8 kind, uint128 quantity) external;

    /// @notice Reserves a quantity that a holder offers to hand over. Only the resolver; an open lot.
    function reserve(LotId lot, PartyId holder, uint128 quantity, bytes3 unit) external;

    /// @notice Gives a reserved quantity back. Only the resolver.
    function releaseReserved(LotId lot, PartyId holder, uint128 quantity) external;

    /// @notice Moves what was accepted of a reserved quantity. Only the resolver; an open lot.
    function move(LotId lot, PartyId from, PartyId to, uint128 reserved, uint128 accepted) external;

    /// @notice Counts a failed test: an open or disputed lot becomes Held. Only the resolver.
    function noteFailure(LotId lot, bytes32 uid) external;

    /// @notice Takes a failed test back: with none left, a held lot becomes Open. Only the resolver.
    function liftFailure(LotId lot, bytes32 uid) external;

    /// @notice Ends a lot. Only the resolver.
    function close(LotId lot, bytes32 uid) external;

    /// @notice Sets a lot's state. An active wallet of a regulator or market.
    /// @dev Warning: a held lot with failed tests stays held when set to Open.
    /// @param cause The hash of the record, document or attestation that says why.
    function setState(LotId lot, LotState state, bytes32 cause) external;

    /// @notice The lot; state None when there is none.
    function lotAt(LotId lot) external view returns (Lot memory);

    /// @notice What a party holds of a lot.
    function heldBy(LotId lot, PartyId party) external view returns (uint128);

    /// @notice What a party has offered of a lot and nobody has accepted yet.
    function reservedBy(LotId lot, PartyId party) external view returns (uint128);

    /// @notice How much of a lot is certified under a kind.
    function certifiedOf(LotId lot, uint8 kind) external view returns (uint128);

    /// @notice What a party may still offer of a lot: held, plus what weighing may err, less what is reserved.
    function offerable(LotId lot, PartyId party) external view returns (uint128);
}
