"""The message broker of one machine: Mosquitto where it is installed, else rumqttd out of the PyPI package `iotcore`.

Both run as a child that ends with its parent. Neither knows the registry here, so both listen on the loopback only;
brokers that serve a network (ACL from the registry, TLS) are operated outside. What is sent over it is
`oracles.gateway` and `oracles.ingest`.
"""

import ipaddress
import logging
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path
from typing import Final, Literal, Protocol

from iotcore import Broker

from ledger_node.errors import BrokerError

Choice = Literal["auto", "embedded", "mosquitto"]
MESSAGE_LIMIT_BYTES: Final = 256 * 1024
START_TIMEOUT_SECONDS: Final = 10.0
_RESTART_PAUSE_SECONDS: Final = 0.5
_RUMQTTD: Final = """\
id = 0

[router]
id = 0
max_connections = 4096
max_outgoing_packet_count = 200
max_segment_size = 104857600
max_segment_count = 10

[v5.1]
name = "v5-1"
listen = "{host}:{port}"
next_connection_delay_ms = 1
    [v5.1.connections]
    connection_timeout_ms = 60000
    max_payload_size = {limit}
    max_inflight_count = 100
    dynamic_filters = true
"""
_MOSQUITTO: Final = """\
listener {port} {host}
allow_anonymous true
persistence false
max_packet_size {limit}
max_inflight_messages 100
max_queued_messages 10000
log_dest stderr
log_type error
log_type warning
"""
# The broker dies with us: when our end of the pipe closes, the inner shell stops it.
_TETHER: Final = 'exec 3<&0; "$0" -c "$1" </dev/null & broker=$!; (cat <&3 >/dev/null; kill $broker) & wait $broker'
_log = logging.getLogger("tidemark.broker")


class _Engine(Protocol):
    def start(self) -> None: ...
    def is_running(self) -> bool: ...
    def stop(self) -> None: ...


class BrokerProcess:
    """A broker on the loopback `port` with its files in `folder`; a context manager, or `run` until told to stop.

    Raises BrokerError for an address that is not the loopback, a port in use, or a broker that does not come up.
    """

    def __init__(self, port: int, folder: Path, *, host: str = "127.0.0.1", choice: Choice = "auto") -> None:
        if not _is_loopback(host):
            raise BrokerError(f"{host}:{port}", "this broker has no access control and listens on the loopback only")
        binary = None if choice == "embedded" else _mosquitto_binary()
        if choice == "mosquitto" and binary is None:
            raise BrokerError(f"{host}:{port}", "Mosquitto is not installed on this machine")
        self.host = host
        self.port = port
        self.name = "rumqttd" if binary is None else "mosquitto"
        self._folder = folder
        self._binary = binary
        self._engine: _Engine | None = None

    @property
    def is_running(self) -> bool:
        """Whether the child lives and takes connections."""
        return self._engine is not None and self._engine.is_running() and _answers(self.host, self.port)

    def start(self) -> None:
        """Starts the child and waits until it takes connections."""
        if _answers(self.host, self.port):
            raise BrokerError(f"{self.host}:{self.port}", "the port is in use")
        self._folder.mkdir(parents=True, exist_ok=True)
        engine = self._make_engine()
        engine.start()
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while not _answers(self.host, self.port):
            if not engine.is_running() or time.monotonic() > deadline:
                engine.stop()
                raise BrokerError(f"{self.host}:{self.port}", f"{self.name} did not come up")
            time.sleep(0.02)
        self._engine = engine

    def stop(self) -> None:
        """Stops the child; nothing happens when it is not there."""
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.stop()

    def run(self, stop: threading.Event) -> None:
        """Serves until `stop` is set, starting the child anew when it dies."""
        with self:
            while not stop.wait(0.2):
                if self._engine is None or not self._engine.is_running():
                    _log.warning("%s ended, starting it again", self.name)
                    self.stop()
                    self._restart()

    def _restart(self) -> None:
        time.sleep(_RESTART_PAUSE_SECONDS)
        try:
            self.start()
        except BrokerError as wrong:
            _log.error("%s; trying again", wrong)

    def __enter__(self) -> "BrokerProcess":
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def _make_engine(self) -> _Engine:
        text = _RUMQTTD if self._binary is None else _MOSQUITTO
        path = self._folder / ("rumqttd.toml" if self._binary is None else "mosquitto.conf")
        path.write_text(text.format(host=self.host, port=self.port, limit=MESSAGE_LIMIT_BYTES))
        return _Rumqttd(path) if self._binary is None else _Mosquitto(self._binary, path)


class _Rumqttd:
    """The child that `iotcore` keeps."""

    def __init__(self, configuration: Path) -> None:
        self._broker = Broker(config_path=str(configuration))

    def start(self) -> None:
        try:
            self._broker.start(timeout=START_TIMEOUT_SECONDS)
        except (OSError, RuntimeError) as wrong:
            raise BrokerError(", ".join(self._broker.listeners), str(wrong)) from wrong

    def is_running(self) -> bool:
        return bool(self._broker.is_running)

    def stop(self) -> None:
        self._broker.stop()


class _Mosquitto:
    """Mosquitto, tethered to this process by a pipe."""

    def __init__(self, binary: str, configuration: Path) -> None:
        self._command = ["/bin/sh", "-c", _TETHER, binary, str(configuration)]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _mosquitto_binary() -> str | None:
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")


def _answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=0.5):
            return True
    except OSError:
        return False
