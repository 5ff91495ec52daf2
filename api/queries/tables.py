"""The tables under the names that queries use, as SQLAlchemy Core sees them."""

from typing import cast

from sqlalchemy import Table

from ledger_node.store import journal, log, projections


def _core(model: object) -> Table:
    return cast(Table, model.__table__)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]


record = _core(journal.Record)
record_lot = _core(journal.RecordLot)
device_head = _core(journal.DeviceHead)
stream_head = _core(journal.StreamHead)
batch = _core(journal.Batch)
tx = _core(journal.Tx)
lot = _core(journal.Lot)
lot_parent = _core(journal.LotParent)
sale = _core(journal.Sale)
food_test = _core(journal.FoodTest)
hold = _core(journal.Hold)
hold_version = _core(journal.HoldVersion)
reverdict = _core(journal.Reverdict)
live_event = _core(journal.LiveEvent)
sale_minute = _core(journal.SaleMinute)
verdict_count = _core(journal.VerdictCount)
refusal = _core(journal.Refusal)
alarm = _core(journal.Alarm)

block = _core(projections.Block)
event = _core(projections.Event)
cursor = _core(projections.Cursor)
party = _core(projections.Party)
device = _core(projections.Device)
device_key = _core(projections.DeviceKey)
device_metrology = _core(projections.DeviceMetrology)
stream = _core(projections.Stream)
pin = _core(projections.Pin)
attestation = _core(projections.Attestation)
schema = _core(projections.Schema)

log_entry = _core(log.LogEntryRow)
note = _core(log.CheckpointNote)
log_state = _core(log.LogState)
