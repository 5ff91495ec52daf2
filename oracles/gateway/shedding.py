"""What a full outbox gives up, and in which order: diagnostics, climate thinned to a minute, heartbeats.

Never sales, stock, tests, seals, doors or gaps. A number that is given up is never just missing: its device is told,
signs the minute's {minimum, maximum, mean, last, readings} and a `gap` for the numbers.
"""

from collections import defaultdict
from collections.abc import Sequence
from itertools import groupby
from typing import Any, Final

from ledger_node.domain.envelope import Envelope
from oracles.gateway.outbox import Outbox, Row

_SCAN_ROWS: Final = 2_000
_MINUTE_MS: Final = 60_000
_THINNED: Final = frozenset({"temperature", "humidity"})


def shed(outbox: Outbox, needed_bytes: int) -> int:
    """Frees about `needed_bytes`; how many bytes it was."""
    before = outbox.used_bytes
    for give_up in (_acknowledged, _diagnostics, _climate, _heartbeats):
        if before - outbox.used_bytes >= needed_bytes:
            break
        give_up(outbox, needed_bytes - (before - outbox.used_bytes))
    return before - outbox.used_bytes


def _acknowledged(outbox: Outbox, _needed_bytes: int) -> None:
    """The day of grace is a courtesy: those rows go first, and nobody misses them."""
    outbox.make_room()


def _diagnostics(outbox: Outbox, needed_bytes: int) -> None:
    """Births that a newer birth of the device has replaced, and footfall counts."""
    births = outbox.sheddable_rows("birth", _SCAN_ROWS)
    newest = {row.device: row.id for row in births}
    counts = [row for row in outbox.sheddable_rows("climate", _SCAN_ROWS) if _kind(row) == "count"]
    _drop(outbox, [row for row in births if row.id != newest[row.device]] + counts, needed_bytes, "diagnostics shed")


def _heartbeats(outbox: Outbox, needed_bytes: int) -> None:
    rows = [row for row in outbox.sheddable_rows("device", _SCAN_ROWS) if _kind(row) == "heartbeat"]
    _drop(outbox, rows, needed_bytes, "heartbeat shed")


def _climate(outbox: Outbox, needed_bytes: int) -> None:
    """Readings of one device, kind and minute become one."""
    minutes: dict[tuple[str, str, int], list[tuple[Row, Envelope]]] = defaultdict(list)
    for row in outbox.sheddable_rows("climate", _SCAN_ROWS):
        envelope = Envelope.from_cbor(row.envelope)
        if envelope.kind in _THINNED:
            minutes[row.device, envelope.kind, envelope.observed_at_ms // _MINUTE_MS].append((row, envelope))
    freed = 0
    for (device, kind, minute), many in minutes.items():
        if len(many) < 2 or freed >= needed_bytes:
            continue
        rows = [row for row, _ in many]
        values = [envelope.value for _, envelope in many]
        notice = _notice(rows, "climate thinned") | {
            "kind": kind,
            "observed_at_ms": minute * _MINUTE_MS,
            "minimum": min(values),
            "maximum": max(values),
            "mean": sum(values) // len(values),
            "last": values[-1],
            "readings": len(values),
        }
        outbox.shed([row.id for row in rows], device, notice)
        freed += sum(len(row.envelope) for row in rows)


def _drop(outbox: Outbox, rows: Sequence[Row], needed_bytes: int, reason: str) -> None:
    by_device: dict[str, list[Row]] = defaultdict(list)
    freed = 0
    for row in rows:
        if freed >= needed_bytes:
            break
        by_device[row.device].append(row)
        freed += len(row.envelope)
    for device, many in by_device.items():
        outbox.shed([row.id for row in many], device, _notice(many, reason))


def _notice(rows: Sequence[Row], reason: str) -> dict[str, Any]:
    """Tells the device which runs of its numbers it has to declare."""
    sequences = sorted({row.sequence for row in rows})
    runs = [
        [run[0], run[-1]]
        for _, group in groupby(enumerate(sequences), lambda pair: pair[1] - pair[0])
        for run in [[sequence for _, sequence in group]]
    ]
    return {"type": "shed", "reason": reason, "runs": runs}


def _kind(row: Row) -> str:
    return Envelope.from_cbor(row.envelope).kind
