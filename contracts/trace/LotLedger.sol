// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import { IPartyRegistry } from "../party/IPartyRegistry.sol";
import { PartyId, PartyKinds } from "../party/Types.sol";
import { ILotLedger } from "./ILotLedger.sol";
import { Lot, LotId, LotState } from "./Types.sol";

/// @title Lots: how much there is, who holds it, what may still be promised of it
contract LotLedger is ILotLedger {
    using SafeCast for uint256;

    bytes3 private constant _GRAMS = "GRM";
    bytes3 private constant _PIECES = "C62";
    /// @dev What weighing may err, in grams and in thousandths of what is held: the widest profile, live and iced fish.
    uint256 private constant _TOLERANCE_GRAMS = 50;
    uint256 private constant _TOLERANCE_PERMILLE = 20;
    uint8 private constant _CERTIFICATE_KINDS = 3;
    uint16 private constant _STATE_SETTERS = PartyKinds.REGULATOR | PartyKinds.MARKET;

    IPartyRegistry private immutable _parties;
    address private immutable _resolver;
    mapping(LotId lot => Lot) private _lots;
    mapping(LotId lot => mapping(PartyId party => uint128 quantity)) private _held;
    mapping(LotId lot => mapping(PartyId party => uint128 quantity)) private _reserved;
    mapping(LotId lot => mapping(uint8 kind => uint128 quantity)) private _certified;

    modifier onlyResolver() {
        require(msg.sender == _resolver, LotCallerNotAllowed(msg.sender));
        _;
    }

    /// @param resolver The AttestationResolver's address, known before it is deployed.
    constructor(IPartyRegistry parties, address resolver) {
        _parties = parties;
        _resolver = resolver;
    }

    /// @inheritdoc ILotLedger
    function register(LotId lot, PartyId registrant, uint128 quantity, bytes3 unit, bytes32 uid) external onlyResolver {
        // Checks
        Lot storage stored = _lots[lot];
        require(stored.state == LotState.None, LotAlreadyRegistered(lot, stored.registrant));
        require(quantity != 0, LotQuantityZero(lot));
        require(unit == _GRAMS || unit == _PIECES, LotUnitWrong(lot, _GRAMS, unit));
        // Effects
        _lots[lot] = Lot(registrant, unit, LotState.Open, 0, quantity);
        _setHeld(lot, registrant, quantity);
        emit LotStateSet(lot, LotState.Open, uid);
    }

    /// @inheritdoc ILotLedger
    function correct(LotId lot, uint128 quantity, bytes3 unit) external onlyResolver {
        // Checks
        Lot storage stored = _requireOpen(lot, unit);
        require(quantity != 0, LotQuantityZero(lot));
        PartyId registrant = stored.registrant;
        uint128 moved = stored.quantity - Math.min(stored.quantity, _held[lot][registrant]).toUint128();
        uint128 promised = moved + _reserved[lot][registrant];
        for (uint8 kind = 1; kind <= _CERTIFICATE_KINDS; ++kind) {
            promised = Math.max(promised, _certified[lot][kind]).toUint128();
        }
        require(quantity >= promised, LotQuantityExceeded(lot, promised, quantity));
        // Effects
        stored.quantity = quantity;
        _setHeld(lot, registrant, quantity - moved);
    }

    /// @inheritdoc ILotLedger
    function certify(LotId lot, uint8 kind, uint128 quantity, bytes3 unit) external onlyResolver {
        // Checks
        Lot storage stored = _requireOpen(lot, unit);
        uint128 certified = _certified[lot][kind];
        uint128 left = stored.quantity - Math.min(stored.quantity, certified).toUint128();
        require(quantity <= left, LotQuantityExceeded(lot, quantity, left));
        // Effects
        _certified[lot][kind] = certified + quantity;
    }

    /// @inheritdoc ILotLedger
    function releaseCertified(LotId lot, uint8 kind, uint128 quantity) external onlyResolver {
        _certified[lot][kind] -= quantity;
    }

    /// @inheritdoc ILotLedger
    function reserve(LotId lot, PartyId holder, uint128 quantity, bytes3 unit) external onlyResolver {
        // Checks
        _requireOpen(lot, unit);
        require(quantity != 0, LotQuantityZero(lot));
        uint128 left = offerable(lot, holder);
        require(quantity <= left, LotQuantityExceeded(lot, quantity, left));
        // Effects
        _reserved[lot][holder] += quantity;
    }

    /// @inheritdoc ILotLedger
    function releaseReserved(LotId lot, PartyId holder, uint128 quantity) external onlyResolver {
        _reserved[lot][holder] -= quantity;
    }

    /// @inheritdoc ILotLedger
    function move(LotId lot, PartyId from, PartyId to, uint128 reserved, uint128 accepted) external onlyResolver {
        // Checks
        _requireOpen(lot, _lots[lot].unit);
        // Effects
        _reserved[lot][from] -= reserved;
        // What was weighed beyond the holding is within tolerance: the giver is left with nothing, not with a debt.
        uint128 held = _held[lot][from];
        _setHeld(lot, from, held - Math.min(held, accepted).toUint128());
        _setHeld(lot, to, _held[lot][to] + accepted);
    }

    /// @inheritdoc ILotLedger
    function noteFailure(LotId lot, bytes32 uid) external onlyResolver {
        Lot storage stored = _lots[lot];
        ++stored.failedTests;
        if (stored.state == LotState.Open || stored.state == LotState.Disputed) {
            stored.state = LotState.Held;
            emit LotStateSet(lot, LotState.Held, uid);
        }
    }

    /// @inheritdoc ILotLedger
    function liftFailure(LotId lot, bytes32 uid) external onlyResolver {
        Lot storage stored = _lots[lot];
        if (--stored.failedTests == 0 && stored.state == LotState.Held) {
            stored.state = LotState.Open;
            emit LotStateSet(lot, LotState.Open, uid);
        }
    }

    /// @inheritdoc ILotLedger
    function close(LotId lot, bytes32 uid) external onlyResolver {
        _lots[lot].state = LotState.Closed;
        emit LotStateSet(lot, LotState.Closed, uid);
    }

    /// @inheritdoc ILotLedger
    function setState(LotId lot, LotState state, bytes32 cause) external {
        // Checks
        // slither-disable-next-line unused-return any regulator or market may
        (, uint16 kinds) = _parties.activeParty(msg.sender);
        require(kinds & _STATE_SETTERS != 0, LotCallerNotAllowed(msg.sender));
        Lot storage stored = _lots[lot];
        require(stored.state != LotState.None, LotUnknown(lot));
        require(stored.state != LotState.Closed && state != LotState.None, LotStateForbids(lot, stored.state));
        // Effects
        stored.state = state == LotState.Open && stored.failedTests != 0 ? LotState.Held : state;
        emit LotStateSet(lot, stored.state, cause);
    }

    /// @inheritdoc ILotLedger
    function lotAt(LotId lot) external view returns (Lot memory) {
        return _lots[lot];
    }

    /// @inheritdoc ILotLedger
    function heldBy(LotId lot, PartyId party) external view returns (uint128) {
        return _held[lot][party];
    }

    /// @inheritdoc ILotLedger
    function reservedBy(LotId lot, PartyId party) external view returns (uint128) {
        return _reserved[lot][party];
    }

    /// @inheritdoc ILotLedger
    function certifiedOf(LotId lot, uint8 kind) external view returns (uint128) {
        return _certified[lot][kind];
    }

    /// @inheritdoc ILotLedger
    function offerable(LotId lot, PartyId party) public view returns (uint128) {
        uint256 held = _held[lot][party];
        if (held == 0) return 0;
        uint256 tolerance =
            _lots[lot].unit == _GRAMS ? Math.max(_TOLERANCE_GRAMS, held * _TOLERANCE_PERMILLE / 1000) : 0;
        uint256 most = Math.min(held + tolerance, type(uint128).max);
        return (most - Math.min(most, _reserved[lot][party])).toUint128();
    }

    function _setHeld(LotId lot, PartyId party, uint128 held) private {
        _held[lot][party] = held;
        emit LotHeldSet(lot, party, held);
    }

    function _requireOpen(LotId lot, bytes3 unit) private view returns (Lot storage stored) {
        stored = _lots[lot];
        require(stored.state != LotState.None, LotUnknown(lot));
        require(stored.state == LotState.Open, LotStateForbids(lot, stored.state));
        require(stored.unit == unit, LotUnitWrong(lot, stored.unit, unit));
    }
}
