// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Assignment, Device, DeviceState, DeviceStatus, KeyEpoch, Metrology, Suspension } from "./Types.sol";

/// @notice All that is stored of one device. Lists are in the order of their `from`.
struct DeviceBook {
    Device device;
    KeyEpoch[] keys;
    bytes[] publicKeys;
    Suspension[] suspensions;
    Assignment[] assignments;
    Metrology[] verifications;
    mapping(uint256 nonce => bool) usedNonces;
}

/// @title What a device's history meant at a second
/// @notice The same folding as `ledger_node/domain/device.py`: intervals are [from, to), nothing looks at "now".
library DeviceHistory {
    /// @notice The key in force at a second and the device's status then. Before the first key: the first key, Pending.
    /// @dev The device must have a key.
    function keyAt(DeviceBook storage book, uint64 time)
        internal
        view
        returns (uint256 epoch, KeyEpoch memory key, DeviceStatus statusThen)
    {
        uint256 begun = 0;
        uint256 end = book.keys.length;
        while (begun < end) {
            uint256 middle = (begun + end) / 2;
            if (book.keys[middle].from <= time) begun = middle + 1;
            else end = middle;
        }
        if (begun == 0) return (0, book.keys[0], DeviceStatus.Pending);
        epoch = begun - 1;
        key = book.keys[epoch];
        statusThen = _statusAt(book, key, time);
    }

    /// @notice The newest verification that began at or before a second, and whether it still held then.
    function metrologyAt(DeviceBook storage book, uint64 time)
        internal
        view
        returns (bool verified, Metrology memory metrology)
    {
        for (uint256 i = book.verifications.length; i != 0; --i) {
            if (book.verifications[i - 1].from <= time) {
                metrology = book.verifications[i - 1];
                return (time < metrology.until, metrology);
            }
        }
    }

    /// @notice The assignment in force at a second; zeros when there was none.
    function assignmentAt(DeviceBook storage book, uint64 time) internal view returns (Assignment memory assignment) {
        for (uint256 i = book.assignments.length; i != 0; --i) {
            if (book.assignments[i - 1].from <= time) return book.assignments[i - 1];
        }
    }

    /// @notice The whole state, as events carry it.
    function state(DeviceBook storage book) internal view returns (DeviceState memory whole) {
        Device storage device = book.device;
        whole.owner = device.owner;
        whole.enrolledAt = device.enrolledAt;
        whole.revokedFrom = device.revokedFrom;
        whole.class = device.class;
        whole.trust = device.trust;
        whole.status = device.status;
        whole.keys = book.keys;
        whole.publicKeys = book.publicKeys;
        whole.suspensions = book.suspensions;
        uint256 assignments = book.assignments.length;
        if (assignments != 0) whole.assignment = book.assignments[assignments - 1];
        whole.verifications = book.verifications;
    }

    function _statusAt(DeviceBook storage book, KeyEpoch memory key, uint64 time) private view returns (DeviceStatus) {
        uint64 revokedFrom = book.device.revokedFrom;
        if (revokedFrom != 0 && time >= revokedFrom) return DeviceStatus.Revoked;
        if (key.invalidFrom != 0 && time >= key.invalidFrom) return DeviceStatus.Revoked;
        for (uint256 i = book.suspensions.length; i != 0; --i) {
            Suspension storage suspension = book.suspensions[i - 1];
            // Each begins when or after the one before it ended, so the newest that has begun decides.
            if (suspension.from <= time) {
                if (suspension.to == 0 || time < suspension.to) return DeviceStatus.Suspended;
                break;
            }
        }
        return key.to != 0 && time >= key.to ? DeviceStatus.Retired : DeviceStatus.Active;
    }
}
