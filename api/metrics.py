"""Figures for Prometheus: requests as they pass, the ledger's totals and ages when they are asked for."""

import time
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.live import LiveFeed
from api.queries import live
from api.queries.counters import counters
from api.services import Services, Views

_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Metrics:
    """One registry for each application: two in a process do not mix."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()

        def gauge(name: str, text: str, *labels: str) -> Gauge:
            return Gauge(f"tidemark_{name}", text, labels, registry=registry)

        self.requests = Counter(
            "tidemark_http_requests", "Answers by route and status", ("route", "status"), registry=registry
        )
        self.seconds = Histogram(
            "tidemark_http_seconds", "Time to the end of an answer", ("route",), registry=registry, buckets=_BUCKETS
        )
        self.records = gauge("records", "Judged messages by verdict and reason", "verdict", "reason")
        self.transactions = gauge("transactions", "Transactions by state", "state")
        self.alarms = gauge("open_alarms", "Alarms that nobody has cleared")
        self.refusals = gauge("refusals_kept", "Refused messages that are still kept")
        self.head = gauge("head_block", "The newest block that was taken in")
        self.final = gauge("final_block", "The newest final block")
        self.head_age = gauge("head_block_age_seconds", "Age of the newest block by the ledger's clock")
        self.log_size = gauge("log_size", "Entries under the newest published checkpoint")
        self.unsealed = gauge("oldest_unsealed_age_seconds", "How long the oldest record waits for its batch")
        self.unpinned = gauge("oldest_unpinned_age_seconds", "How long the oldest batch waits for its pin")
        self.checkpoint_age = gauge("checkpoint_age_seconds", "Age of the newest published checkpoint")
        self.live_clients = gauge("live_clients", "Open live streams")

    def render(self, services: Services, feed: LiveFeed, now_ms: int) -> bytes:
        """Everything in text form; reads all three databases."""
        stores, settings = services.stores, services.settings
        with stores.journal.read() as journal, stores.projections.read() as projections, stores.log.read() as log:
            views = Views(journal, projections, log)
            found = counters(views)
            state = live.state(views, settings.market, settings.time_zone, now_ms, rate=services.clock.rate())
        for (verdict, reason), number in found.verdicts.items():
            self.records.labels(verdict, reason).set(number)
        for name, number in found.transactions.items():
            self.transactions.labels(name).set(number)
        self.alarms.set(found.open_alarms)
        self.refusals.set(found.refusals)
        self.head.set(found.head_block or 0)
        self.final.set(found.final_block or 0)
        self.head_age.set(0 if found.head_block_at_s is None else max(0, now_ms / 1000 - found.head_block_at_s))
        self.log_size.set(found.log_size)
        self.unsealed.set((state.oldest_unsealed_age_ms or 0) / 1000)
        self.unpinned.set((state.oldest_unpinned_age_ms or 0) / 1000)
        self.checkpoint_age.set(0 if state.checkpoint is None else state.checkpoint.age_ms / 1000)
        self.live_clients.set(feed.clients)
        return generate_latest(self.registry)


def _pattern(scope: Scope) -> str:
    """The pattern of the route that answered, whole: included routers know only their own part of it."""
    route, prefix = getattr(scope.get("route"), "path", "none"), "/api/v1"
    return prefix + route if scope["path"].startswith(prefix) and not route.startswith(prefix) else route


class CountRequests:
    """Counts and times every answer by the route's pattern, never by the address."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status, started = 500, time.perf_counter()

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            route = _pattern(scope)
            self.metrics.requests.labels(route, str(status)).inc()
            self.metrics.seconds.labels(route).observe(time.perf_counter() - started)
