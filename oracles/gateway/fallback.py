"""The way round a broker that is away: frames by `POST /api/v1/ingest`, signed with the gateway's key (RFC 9421)."""

import json
import time
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from ledger_node.domain.clock import Clock
from ledger_node.domain.http_signature import sign_request
from ledger_node.errors import LinkDown
from oracles.device.identity import Identity
from oracles.device.link import CONTENT_TYPE

PATH: Final = "/api/v1/ingest"
_TIMEOUT_SECONDS: Final = 15.0
_PAUSE_SECONDS: Final = 2.0


class Fallback:
    """Posts frames to `url`. Between a refusal for load and its Retry-After nothing is sent."""

    def __init__(self, url: str, gateway: Identity, clock: Clock) -> None:
        self.url = url.rstrip("/")
        self._path = urlsplit(self.url).path.rstrip("/") + PATH
        self._gateway = gateway
        self._clock = clock
        self._client = httpx.Client(timeout=_TIMEOUT_SECONDS, trust_env=False)
        self._not_before = 0.0

    @property
    def may_send(self) -> bool:
        """Whether the pause that the node asked for is over."""
        return time.monotonic() >= self._not_before

    def post(self, frame: bytes) -> dict[str, Any]:
        """`{"receipts": […], "refused": […]}`, both there; LinkDown when the node is away or too busy to take it, or
        answers something else.
        """
        headers = sign_request(
            "POST",
            self._path,
            frame,
            signer=self._gateway,
            key_id=self._gateway.name,
            created_at=self._clock.now_s(),
        )
        try:
            answer = self._client.post(
                self.url + PATH, content=frame, headers={**headers, "Content-Type": CONTENT_TYPE}
            )
        except httpx.HTTPError as wrong:
            self._pause(_PAUSE_SECONDS)
            raise LinkDown(self.url, str(wrong) or type(wrong).__name__) from wrong
        if answer.status_code != 200:
            self._pause(_retry_after_seconds(answer))
            raise LinkDown(self.url, f"answers {answer.status_code}")
        return _read_answer(answer, self.url)

    def close(self) -> None:
        """Closes the connection."""
        self._client.close()

    def _pause(self, seconds: float) -> None:
        self._not_before = time.monotonic() + seconds


def _retry_after_seconds(answer: httpx.Response) -> float:
    try:
        return min(300.0, max(0.1, float(answer.headers.get("Retry-After", _PAUSE_SECONDS))))
    except ValueError:
        return _PAUSE_SECONDS


def _read_answer(answer: httpx.Response, url: str) -> dict[str, Any]:
    try:
        body = json.loads(answer.content)
    except ValueError as wrong:
        raise LinkDown(url, "answers without JSON") from wrong
    if not isinstance(body, dict) or not all(isinstance(body.get(name), list) for name in ("receipts", "refused")):
        raise LinkDown(url, "answers without lists of receipts and refusals")
    return body
