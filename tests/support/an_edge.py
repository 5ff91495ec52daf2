"""Devices with keys and a folder, and a node that answers honestly: for tests of devices and gateways."""

import json
import queue
import socket
import threading
from pathlib import Path
from typing import Any

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from ledger_node.domain.clock import Clock
from ledger_node.domain.device_key import KeyType, SoftwareKey
from ledger_node.domain.digest import keccak256, sha256
from ledger_node.domain.envelope import Envelope
from ledger_node.domain.frame import decode_frame
from ledger_node.domain.receipt import sign_receipt
from ledger_node.domain.record import ZERO_HASH
from ledger_node.domain.topic import device_topic, ingest_filters, parse_topic
from ledger_node.domain.typed_data import SigningDomain
from oracles.device.flash import Flash
from oracles.device.identity import SoftwareIdentity
from oracles.device.recorder import Recorder

DOMAIN = SigningDomain(13370, (7).to_bytes(20, "big"))
MARKET = "zpk"
NODE = "urn:tidemark:device:zpk-node"
GATEWAY = "urn:tidemark:device:zpk-gw-01"
SCALE = "urn:tidemark:device:zpk-scale-001"
PROBE = "urn:tidemark:device:zpk-probe-001"
LOT = "https://id.gs1.org/01/09506000134352/10/L2026-0301"
OTHER_LOT = "https://id.gs1.org/01/09506000134352/10/L2026-0302"
NOON_MS = 1_795_000_020_000
REF = "0x" + "5a" * 32


class SetClock:
    """A real time that a test sets."""

    def __init__(self, now_ms: int = NOON_MS) -> None:
        self.now_ms = now_ms

    def __call__(self) -> int:
        return self.now_ms

    def clock(self) -> Clock:
        """A clock that shows it."""
        return Clock(real=self)


def a_key(name: str, key_type: KeyType = KeyType.SECP256K1) -> SoftwareKey:
    """The key that `name` stands for."""
    return SoftwareKey(key_type, keccak256(name.encode()))


NODE_KEY = a_key(NODE)
NODE_KEYS = {NODE: (NODE_KEY.key_type, NODE_KEY.public_key)}


def an_identity(name: str, key_type: KeyType = KeyType.SECP256K1) -> SoftwareIdentity:
    """A device of that name."""
    return SoftwareIdentity(name, a_key(name, key_type))


def a_recorder(folder: Path, name: str = PROBE, clock: Clock | None = None, **flash: Any) -> Recorder:
    """A device's recorder with its flash in `folder`."""
    path = folder / f"{name.rsplit(':', 1)[1]}.flash"
    return Recorder(an_identity(name), Flash(path, **flash), DOMAIN, market=MARKET, clock=clock or Clock())


def a_reading(recorder: Recorder, value: int = 4_000, **rest: Any) -> Envelope:
    """One signed temperature."""
    return recorder.sign("temperature", value, {"place": "tank 1"}, **rest)


def a_port() -> int:
    """A port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


class HonestNode:
    """Takes frames, remembers the envelopes, and signs receipts for what came without a hole."""

    def __init__(self) -> None:
        self.got: dict[str, dict[int, list[bytes]]] = {}
        self.digests: dict[tuple[str, int], bytes] = {}
        self.refuse: dict[bytes, str] = {}
        self.is_silent = False
        self._lock = threading.Lock()

    def take(self, frame: bytes) -> dict[str, Any]:
        """The answer to one frame, as `POST /api/v1/ingest` gives it."""
        devices: list[str] = []
        refused: list[dict[str, Any]] = []
        with self._lock:
            for envelope in decode_frame(frame):
                assert isinstance(envelope, Envelope)
                raw = envelope.to_cbor()
                if reason := self.refuse.get(envelope.digest(DOMAIN)):
                    refused.append({"hash": "0x" + sha256(raw).hex(), "reason": reason, "detail": "", "sequence": None})
                    continue
                self.got.setdefault(envelope.device, {}).setdefault(envelope.sequence, []).append(raw)
                self.digests.setdefault((envelope.device, envelope.sequence), envelope.digest(DOMAIN))
                if envelope.device not in devices:
                    devices.append(envelope.device)
            return {"receipts": [self.receipt(device) for device in devices], "refused": refused}

    def receipt(self, device: str) -> dict[str, Any]:
        """The signed receipt of a device as things stand."""
        contiguous = 0
        while contiguous + 1 in self.got[device]:
            contiguous += 1
        return sign_receipt(
            DOMAIN,
            NODE_KEY,
            NODE,
            device=device,
            contiguous_sequence=contiguous,
            head_hash=self.digests.get((device, contiguous), ZERO_HASH),
            received_at_ms=NOON_MS,
        ).to_json()

    def sequences(self, device: str) -> list[int]:
        """The numbers that came."""
        return sorted(self.got.get(device, {}))


class NodeOnBroker:
    """An honest node at the other side of a broker."""

    def __init__(self, port: int, node: HonestNode) -> None:
        self.node = node
        self.topics: queue.SimpleQueue[tuple[str, bytes]] = queue.SimpleQueue()
        self._client = Client(CallbackAPIVersion.VERSION2, client_id="ingest", protocol=MQTTProtocolVersion.MQTTv5)
        self._client.on_message = self._on_message
        self._ready = threading.Event()
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = lambda *_: self._ready.set()
        self._client.connect_async("127.0.0.1", port)

    def __enter__(self) -> "NodeOnBroker":
        self._client.loop_start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *exc: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def publish(self, topic: str, body: Any, *, retain: bool = False) -> None:
        """Something the node says."""
        payload = body if isinstance(body, bytes) else json.dumps(body).encode()
        self._client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(10)

    def _on_connect(self, client: Client, *_: Any) -> None:
        others = [("tm/v1/+/+/+/cmdack", 1), ("tm/v1/+/+/+/death", 1)]
        client.subscribe([*((one, 1) for one in ingest_filters()), *others])

    def _on_message(self, client: Client, _data: Any, message: Any) -> None:
        self.topics.put((message.topic, bytes(message.payload)))
        topic = parse_topic(message.topic)
        assert topic is not None
        if topic.leaf in ("cmdack", "death") or self.node.is_silent:
            return
        answer = self.node.take(message.payload)
        for refusal in answer["refused"]:
            body = {"receipt": None, "refused": [refusal]}
            client.publish(device_topic(topic.market, topic.gateway, topic.device, "ack"), json.dumps(body), qos=1)
        for receipt in answer["receipts"]:
            body = {"receipt": receipt, "refused": []}
            where = device_topic(topic.market, topic.gateway, receipt["device"], "ack")
            client.publish(where, json.dumps(body), qos=1)
