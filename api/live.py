"""One fan-out a process for the live pages: reads what is new ten times a second, hands it to every client's queue.

A client that cannot keep up loses the oldest messages and is told to `resync`; nobody waits for anybody. Nothing is
read while nobody listens.
"""

import asyncio
import json
import logging
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from api.queries import live
from api.queries.live import LiveCursor, LiveMessage, LiveState
from api.services import Services
from ledger_node.errors import PartUnavailable

POLL_SECONDS: Final = 0.1
STATE_SECONDS: Final = 0.5
COMMENT_SECONDS: Final = 15.0
FOLLOW_SECONDS: Final = 5.0
QUEUE_LIMIT: Final = 64
REPLAY_MS: Final = 600_000
_log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class Client:
    """One open stream: at most QUEUE_LIMIT messages wait; `lost` once the oldest had to go."""

    waiting: deque[tuple[str, str, str]] = field(
        default_factory=lambda: deque[tuple[str, str, str]](maxlen=QUEUE_LIMIT)
    )
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    lost: bool = False

    def put(self, kind: str, data: str, cursor: str) -> None:
        """Adds a message; the oldest makes room."""
        self.lost = self.lost or len(self.waiting) == QUEUE_LIMIT
        self.waiting.append((kind, data, cursor))
        self.ready.set()

    def take(self) -> list[tuple[str, str, str]]:
        """All that waits, `resync` in front if some was lost."""
        found = list(self.waiting)
        if self.lost and found:
            found.insert(0, ("resync", "{}", found[0][2]))
        self.waiting.clear()
        self.lost = False
        self.ready.clear()
        return found


class LiveFeed:
    """Starts with the application (`run` as a task), serves `stream` to each client."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._clients = set[Client]()
        self._wake = asyncio.Event()
        self._follows = asyncio.Event()
        self._stopping = False

    @property
    def clients(self) -> int:
        """How many streams are open."""
        return len(self._clients)

    async def run(self) -> None:
        """Reads and hands out until cancelled; a database that does not answer is tried again."""
        while not self._stopping:
            await self._wake.wait()
            cursor: LiveCursor | None = None
            shown, state_at = "", 0.0
            while self._clients:
                try:
                    if cursor is None:
                        cursor = await self._services.together(live.newest_cursor)
                        self._follows.set()
                    cursor = await self._hand_out(cursor)
                    now = asyncio.get_running_loop().time()
                    if now - state_at >= STATE_SECONDS:
                        shown, state_at = await self._hand_out_state(shown), now
                except Exception:
                    # Whatever it was: a feed that ended would leave its clients waiting for ever.
                    _log.warning("the live feed could not be read", exc_info=True)
                await asyncio.sleep(POLL_SECONDS)
            self._follows.clear()
            self._wake.clear()

    def stop(self) -> None:
        """Ends all streams; the server can close its connections then."""
        self._stopping = True
        self._follows.set()
        for client in self._clients:
            client.put("end", "{}", "")

    def open(self) -> Client:
        """Admits one more client. Raises PartUnavailable when there are enough."""
        limit = self._services.settings.live_clients
        if self._stopping or len(self._clients) >= limit:
            raise PartUnavailable("live", f"{limit} clients are connected", 5)
        return Client()

    async def stream(self, client: Client, last_event_id: str) -> AsyncGenerator[str]:
        """The client's messages in SSE form: what it missed (10 minutes back at most), the whole state, then news."""
        # Listen first, then read what came before: what happens in between comes twice rather than never. The first
        # client also waits until the feed knows from where on it follows, or what happens meanwhile would be nobody's.
        self._clients.add(client)
        self._wake.set()
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._follows.wait(), FOLLOW_SECONDS)
            cursor = LiveCursor.parse(last_event_id)
            for message in await self._missed(cursor):
                yield _event(message.type, _text(message), str(message.cursor))
            state = await self.state()
            yield _event("state", state.model_dump_json(), state.cursor)
            while not self._stopping:
                with suppress(TimeoutError):
                    await asyncio.wait_for(client.ready.wait(), COMMENT_SECONDS)
                messages = client.take()
                yield "".join(_event(*message) for message in messages) if messages else ": still here\n\n"
        finally:
            self._clients.discard(client)

    async def state(self) -> LiveState:
        """The counters now."""
        settings, clock = self._services.settings, self._services.clock
        now, rate = clock.now_ms(), clock.rate()
        return await self._services.together(
            lambda views: live.state(views, settings.market, settings.time_zone, now, rate=rate)
        )

    async def since(self, cursor: LiveCursor) -> list[LiveMessage]:
        """What happened after a cursor, for those who poll."""
        return await self._missed(cursor)

    async def _missed(self, cursor: LiveCursor | None) -> list[LiveMessage]:
        if cursor is None:
            return []
        clock, market = self._services.clock, self._services.settings.market
        oldest = clock.now_ms() - REPLAY_MS * clock.rate()
        return await self._services.together(lambda views: live.since(views, market, cursor, not_before_ms=oldest))

    async def _hand_out(self, cursor: LiveCursor) -> LiveCursor:
        market = self._services.settings.market
        messages = await self._services.together(lambda views: live.since(views, market, cursor))
        for message in messages:
            data, place = _text(message), str(message.cursor)
            for client in self._clients:
                client.put(message.type, data, place)
        return messages[-1].cursor if messages else cursor

    async def _hand_out_state(self, shown: str) -> str:
        state = await self.state()
        told = state.model_dump_json(exclude={"at"})
        if told != shown:
            for client in self._clients:
                client.put("state", state.model_dump_json(), state.cursor)
        return told


def _text(message: LiveMessage) -> str:
    return json.dumps(message.body, ensure_ascii=False, separators=(",", ":"))


def _event(kind: str, data: str, cursor: str) -> str:
    return f"id: {cursor}\nevent: {kind}\ndata: {data}\n\n"
