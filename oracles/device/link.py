"""How signed records leave a device: to a gateway over HTTP, or into a file that somebody carries.

A link returns from `keep` only when the other side has the records durably; else it raises and the device keeps them.
In one process a gateway itself is a link. The link over MQTT is `mqtt_link`.
"""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

import httpx

from ledger_node.domain.envelope import Envelope
from ledger_node.domain.frame import FRAME_LIMIT_BYTES, FRAME_LIMIT_ENVELOPES, encode_frame, item_end
from ledger_node.errors import EnvelopeMalformed, EnvelopeTooLarge, GatewaySlow, LinkDown, OutboxFull

CONTENT_TYPE: Final = "application/cbor-seq"
CLOCK_HEADER: Final = "Tidemark-Clock-Ms"
_TIMEOUT_SECONDS: Final = 10.0


class Link(Protocol):
    """Where a device hands its records over."""

    def keep(self, envelopes: Sequence[Envelope]) -> None:
        """Returns once the other side has them; raises NotKept (GatewaySlow, OutboxFull, LinkDown) otherwise."""
        ...


class HttpLink:
    """A gateway's `POST /keep`, and what the gateway hands down at `GET /down`.

    With `device_clock_ms` the gateway learns how far the device's clock is off.
    """

    def __init__(self, url: str, device_clock_ms: Callable[[], int] | None = None) -> None:
        self.url = url.rstrip("/")
        self._device_clock_ms = device_clock_ms
        self._client = httpx.Client(timeout=_TIMEOUT_SECONDS, trust_env=False)

    def keep(self, envelopes: Sequence[Envelope]) -> None:
        """Sends frames; the gateway answers 200 only after its commit."""
        for frame in frames_of(envelopes):
            headers = {"Content-Type": CONTENT_TYPE}
            if self._device_clock_ms is not None:
                headers[CLOCK_HEADER] = str(self._device_clock_ms())
            answer = self._request("POST", "/keep", content=frame, headers=headers)
            _raise_for(answer, self.url)

    def down(self, device: str, after: int = 0) -> dict[str, Any]:
        """Hold list, checkpoint and the commands for `device` numbered above `after`."""
        answer = self._request("GET", "/down", params={"device": device, "after": after})
        _raise_for(answer, self.url)
        result: dict[str, Any] = json.loads(answer.content)
        return result

    def close(self) -> None:
        """Closes the connection."""
        self._client.close()

    def _request(self, method: str, path: str, **parts: Any) -> httpx.Response:
        try:
            return self._client.request(method, self.url + path, **parts)
        except httpx.HTTPError as wrong:
            raise LinkDown(self.url, str(wrong) or type(wrong).__name__) from wrong


class FileLink:
    """Appends the records to a file, for a place without a network; `read_frames` turns it into messages again."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def keep(self, envelopes: Sequence[Envelope]) -> None:
        """On the disk before it returns."""
        try:
            with self.path.open("ab") as file:
                file.write(b"".join(envelope.to_cbor() for envelope in envelopes))
                file.flush()
                os.fsync(file.fileno())
        except OSError as wrong:
            raise LinkDown(str(self.path), str(wrong)) from wrong


def read_frames(path: Path) -> Iterator[bytes]:
    """The records of a carried file as frames. A torn last record, which was never acknowledged, is left out."""
    data = path.read_bytes()
    start = place = count = 0
    while place < len(data):
        try:
            end = item_end(data, place)
        except EnvelopeMalformed:  # the last write was cut
            break
        if count == FRAME_LIMIT_ENVELOPES or end - start > FRAME_LIMIT_BYTES:
            yield data[start:place]
            start, count = place, 0
        place, count = end, count + 1
    if place > start:
        yield data[start:place]


def frames_of(envelopes: Sequence[Envelope]) -> Iterator[bytes]:
    """Frames within their limits, in order."""
    rest = list(envelopes)
    count = FRAME_LIMIT_ENVELOPES
    while rest:
        try:
            frame = encode_frame(rest[:count])
        except EnvelopeTooLarge:
            if count == 1:
                raise
            count = max(1, min(count, len(rest)) // 2)
            continue
        yield frame
        rest, count = rest[count:], FRAME_LIMIT_ENVELOPES


def _raise_for(answer: httpx.Response, where: str) -> None:
    if answer.status_code == 200:
        return
    try:
        body: dict[str, Any] = json.loads(answer.content)
    except ValueError:
        body = {}
    if answer.status_code == 429:
        raise GatewaySlow(int(body.get("retry_after_ms", 1000)))
    if answer.status_code == 507:
        raise OutboxFull(int(body.get("used_bytes", 0)), int(body.get("limit_bytes", 0)))
    raise LinkDown(where, f"{answer.status_code} {body.get('detail', '')}".strip())
