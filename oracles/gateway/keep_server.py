"""The gateway's door for devices of other processes: `POST /keep` with a frame, `GET /down` for what the node says.

200 is answered only after the commit; 429 says slow, 507 full, 4xx that the frame cannot be read. Loopback by default:
devices on a network need TLS in front.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from ledger_node.domain.envelope import Envelope
from ledger_node.domain.frame import FRAME_LIMIT_BYTES, FaultyEnvelope, decode_frame
from ledger_node.errors import EnvelopeMalformed, EnvelopeTooLarge, GatewaySlow, NotKept, OutboxFull
from oracles.device.link import CLOCK_HEADER
from oracles.gateway.gateway import Gateway

_CLIENT_TIMEOUT_SECONDS: Final = 60


class KeepServer:
    """Serves one gateway on `host:port` (0 picks a port) in threads of its own."""

    def __init__(self, gateway: Gateway, port: int, host: str = "127.0.0.1") -> None:
        self._server = _Server((host, port), gateway)
        self.port = int(self._server.server_address[1])
        self.url = f"http://{host}:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)

    def __enter__(self) -> "KeepServer":
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], gateway: Gateway) -> None:
        super().__init__(address, _Door)
        self.gateway = gateway


class _Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _CLIENT_TIMEOUT_SECONDS
    # Head and body of an answer leave in one packet: in two, the second waits 40 ms for the device to acknowledge.
    wbufsize = -1
    disable_nagle_algorithm = True

    @property
    def _gateway(self) -> Gateway:
        if not isinstance(self.server, _Server):
            raise TypeError("this door belongs to a keep server")
        return self.server.gateway

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if self.path != "/keep" or not length.isdigit():
            self._answer(404 if self.path != "/keep" else 411, {"detail": "POST /keep with a Content-Length"})
            return
        if int(length) > FRAME_LIMIT_BYTES:
            self.close_connection = True
            self._answer(413, {"detail": f"a frame has at most {FRAME_LIMIT_BYTES} bytes"})
            return
        frame = self.rfile.read(int(length))
        device_clock = self.headers.get(CLOCK_HEADER, "")
        self._answer(*_keep(self._gateway, frame, int(device_clock) if device_clock.isdigit() else None))

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = parse_qs(parts.query)
        device, after = query.get("device", [""])[0], query.get("after", ["0"])[0]
        if parts.path != "/down" or not device or not after.isdigit():
            self._answer(404, {"detail": "GET /down?device=…&after=…"})
            return
        self._answer(200, self._gateway.down(device, int(after)))

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are not logged: there are many, and each record is in the outbox."""

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def _keep(gateway: Gateway, frame: bytes, device_clock_ms: int | None) -> tuple[int, dict[str, Any]]:
    offset_ms = 0 if device_clock_ms is None else gateway.now_ms() - device_clock_ms
    try:
        items = decode_frame(frame)
        for item in items:
            if isinstance(item, FaultyEnvelope):
                raise item.fault
        envelopes = [item for item in items if isinstance(item, Envelope)]
        gateway.keep(envelopes, offset_ms=offset_ms)
    except EnvelopeTooLarge as wrong:
        return 413, {"detail": str(wrong)}
    except EnvelopeMalformed as wrong:
        return 400, {"detail": str(wrong), "pointer": wrong.pointer}
    except GatewaySlow as wrong:
        return 429, {"detail": str(wrong), "retry_after_ms": wrong.retry_after_ms}
    except OutboxFull as wrong:
        return 507, {"detail": str(wrong), "used_bytes": wrong.used_bytes, "limit_bytes": wrong.limit_bytes}
    except NotKept as wrong:
        return 503, {"detail": str(wrong)}
    return 200, {"kept": len(envelopes)}
