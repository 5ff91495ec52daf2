"""Sends what is due from the outbox, as frames of one device and class, and again until a receipt covers it.

Waiting times are real time: the market's clock may run faster. After 30 s without an answer a row goes again, then
after twice as long up to 5 minutes, with jitter, always as the same bytes.

A lot is received before it is tested and sold, but a broker keeps no order between topics, and ingest quarantines what
names a lot that it has not heard of. So what was kept after a stock record leaves when that record is answered, or has
been without an answer for 2 s.
"""

import random
import time
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

from ledger_node.domain import fault
from ledger_node.domain.clock import Clock
from ledger_node.domain.frame import FRAME_LIMIT_BYTES, FRAME_LIMIT_ENVELOPES
from ledger_node.errors import LinkDown
from oracles.device.alarm import Alarm
from oracles.device.uplink import Uplink
from oracles.gateway.answers import Answers
from oracles.gateway.fallback import Fallback
from oracles.gateway.outbox import Outbox, Row

RESEND_MS: Final = 30_000
RESEND_LIMIT_MS: Final = 300_000
FALLBACK_AFTER_SECONDS: Final = 30.0
NODE_SILENT_SECONDS: Final = 90.0
TRY_AGAIN_SECONDS: Final = 300.0
IN_FLIGHT_ROWS: Final = 4_000
"""Rows that may wait for receipts at once; beyond, the node is not hurried."""
STOCK_PATIENCE_SECONDS: Final = 2.0
_STOCK: Final = "stock"
_JITTER: Final = 0.2


class Courier:
    """Moves rows over MQTT, or over HTTP while the broker is away or leaves messages without an answer."""

    def __init__(
        self,
        outbox: Outbox,
        answers: Answers,
        clock: Clock,
        alarm: Alarm,
        *,
        uplink: Uplink | None,
        fallback: Fallback | None,
        fallback_after_seconds: float = FALLBACK_AFTER_SECONDS,
        node_silent_seconds: float = NODE_SILENT_SECONDS,
    ) -> None:
        self._outbox = outbox
        self._answers = answers
        self._clock = clock
        self._alarm = alarm
        self._uplink = uplink
        self._fallback = fallback
        self._fallback_after_seconds = fallback_after_seconds
        self._jitter = random.Random()
        self._is_going_round = False
        self._is_ingest_away = False
        self._stock: tuple[int, int] | None = None
        self._stock_deadline = 0.0
        self._node_silent_seconds = node_silent_seconds
        self._owed_since: float | None = None

    def heard(self) -> None:
        """The node has answered over the broker."""
        self._owed_since = None

    def step(self) -> bool:
        """Sends what there is room for; whether anything was sent."""
        uplink = self._uplink
        is_there = uplink is not None and uplink.away_seconds < self._fallback_after_seconds
        if uplink is not None and is_there and not (self._fallback is not None and self._node_is_silent()):
            if not uplink.is_connected:
                return False
            if self._is_going_round:
                self._is_going_round = False
                self._alarm("broker-back", "frames go over the broker again")
            return self._send_over(uplink)
        if self._fallback is not None and self._fallback.may_send:
            return self._send_round(self._fallback)
        return False

    def _send_over(self, uplink: Uplink) -> bool:
        room = uplink.room
        allowed = min(room * FRAME_LIMIT_ENVELOPES, IN_FLIGHT_ROWS - self._outbox.count_in_flight())
        if room <= 0 or allowed <= 0:
            return False
        any_sent = False
        for device, leaf, rows in _messages(self._after_stock(self._outbox.due(self._clock.real(), allowed))):
            if room <= 0:
                break
            # A retained topic holds one message: births go one by one.
            for part in [[row] for row in rows] if leaf == "birth" else [rows]:
                frame = b"".join(row.envelope for row in part)
                if not uplink.publish(device, leaf, frame, retain=leaf == "birth"):
                    return any_sent
                fault.reach("G3")
                self._mark(part)
                if self._owed_since is None:
                    self._owed_since = time.monotonic()
                room -= 1
                any_sent = True
        return any_sent

    def _node_is_silent(self) -> bool:
        """Whether the broker takes messages and no answer comes of them; after a while the broker is tried again."""
        if self._owed_since is None:
            return False
        owed_seconds = time.monotonic() - self._owed_since
        if owed_seconds >= self._node_silent_seconds + TRY_AGAIN_SECONDS:
            self._owed_since = None
        return self._node_silent_seconds <= owed_seconds < self._node_silent_seconds + TRY_AGAIN_SECONDS

    def _after_stock(self, rows: list[Row]) -> list[Row]:
        """Those of `rows` (by id) that need not wait for a stock record; remembers the ones that leave now."""
        if self._stock is not None and (
            time.monotonic() >= self._stock_deadline or not self._outbox.is_awaited(_STOCK, *self._stock)
        ):
            self._stock = None
        stock = [row.id for row in rows if row.leaf == _STOCK]
        if stock:
            if self._stock is None:
                self._stock_deadline = time.monotonic() + STOCK_PATIENCE_SECONDS
                self._stock = (stock[0], stock[-1])
            else:
                self._stock = (min(self._stock[0], stock[0]), max(self._stock[1], stock[-1]))
        if self._stock is None:
            return rows
        first = self._stock[0]
        return [row for row in rows if row.leaf == _STOCK or row.id < first]

    def _send_round(self, fallback: Fallback) -> bool:
        if self._uplink is not None and not self._is_going_round:
            self._is_going_round = True
            self._alarm("broker-away", f"no answers come over the broker: frames go to {fallback.url}")
            # What the broker was given last has perhaps gone no further.
            self._outbox.hurry()
        rows = self._outbox.due(self._clock.real(), FRAME_LIMIT_ENVELOPES)
        if not rows:
            return False
        part = next(_cut(rows))
        try:
            answer = fallback.post(b"".join(row.envelope for row in part))
        except LinkDown as wrong:
            if not self._is_ingest_away:
                self._is_ingest_away = True
                self._alarm("ingest-away", str(wrong))
            return False
        if self._is_ingest_away:
            self._is_ingest_away = False
            self._alarm("ingest-back", f"{fallback.url} takes frames again")
        fault.reach("G3")
        self._mark(part)
        for receipt in answer["receipts"]:
            self._answers.take_receipt(receipt)
        for refusal in answer["refused"]:
            for device in {row.device for row in part}:
                if self._answers.take_refusal(device, refusal):
                    break
        return True

    def _mark(self, rows: Iterable[Row]) -> None:
        now = self._clock.real()
        self._outbox.sent([(row.id, now + self._wait_ms(row.attempts)) for row in rows])

    def _wait_ms(self, attempts: int) -> int:
        wait = min(RESEND_LIMIT_MS, RESEND_MS << min(attempts, 8))
        return int(wait * (1 + self._jitter.uniform(0, _JITTER)))


def _messages(rows: list[Row]) -> Iterator[tuple[str, str, list[Row]]]:
    """Rows as messages of one device and class, in the order they came."""
    ordered = sorted(rows, key=lambda row: (row.device, row.leaf, row.id))
    messages = [
        (part[0].id, device, leaf, part)
        for (device, leaf), group in groupby(ordered, key=lambda row: (row.device, row.leaf))
        for part in _cut(list(group))
    ]
    for _, device, leaf, part in sorted(messages, key=lambda message: message[0]):
        yield device, leaf, part


def _cut(rows: list[Row]) -> Iterator[list[Row]]:
    """Runs of rows that fit one frame."""
    part: list[Row] = []
    size = 0
    for row in rows:
        if part and (len(part) == FRAME_LIMIT_ENVELOPES or size + len(row.envelope) > FRAME_LIMIT_BYTES):
            yield part
            part, size = [], 0
        part.append(row)
        size += len(row.envelope)
    if part:
        yield part
