"""A connection to the broker: MQTT 5, QoS 1, in the name of a gateway, or of a device that is its own gateway.

The library reconnects and repeats unacknowledged messages by itself; what matters is acknowledged by receipts anyway.
Everything that arrives is put into one queue, which its owner empties.
"""

import json
import logging
import queue
import threading
import time
from typing import Any, Final, NamedTuple

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from ledger_node.domain.topic import device_topic, gateway_filters
from oracles.device.link import CONTENT_TYPE

WINDOW_AT_FIRST: Final = 20
WINDOW_LIMIT: Final = 100
"""Messages under way at once: measured 2.3k, 3.8k, 3.9k messages/s for 1, 20 and 100."""
KEEP_ALIVE_SECONDS: Final = 15
MESSAGE_LIFE_SECONDS: Final = 24 * 3600
_log = logging.getLogger("tidemark.edge")


class Message(NamedTuple):
    """What the broker brought."""

    topic: str
    payload: bytes


class Uplink:
    """One MQTT session in the name of `gateway`."""

    def __init__(self, host: str, port: int, market: str, gateway: str) -> None:
        self.inbox: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self.wake = threading.Event()
        self._address = (host, port)
        self._market = market
        self._gateway = gateway
        self._under_way: dict[int, float] = {}
        self._answered_early: set[int] = set()
        self._window = WINDOW_AT_FIRST
        self._lock = threading.Lock()
        self._is_connected = False
        self._away_since = time.monotonic()
        self._client = self._make_client()

    @property
    def is_connected(self) -> bool:
        """Whether the broker took us and our subscriptions."""
        return self._is_connected

    @property
    def away_seconds(self) -> float:
        """For how long, in real time, there has been no broker, or one that owes the answer to a message."""
        if not self._is_connected:
            return time.monotonic() - self._away_since
        with self._lock:
            oldest = next(iter(self._under_way.values()), None)
        return 0.0 if oldest is None else time.monotonic() - oldest

    @property
    def room(self) -> int:
        """How many messages may be sent before the broker must answer."""
        return max(0, self._window - len(self._under_way)) if self._is_connected else 0

    def start(self) -> None:
        """Connects in the background, again and again until it works."""
        self._client.connect_async(*self._address, keepalive=KEEP_ALIVE_SECONDS, properties=_connect_properties())
        self._client.loop_start()

    def publish(self, device: str, leaf: str, payload: bytes, *, retain: bool = False) -> bool:
        """Hands a message to the session; False when there is none."""
        topic = device_topic(self._market, self._gateway, device, leaf)
        # Not under our lock: the library holds one of its own here, and also while it tells us of an answer.
        info = self._client.publish(topic, payload, qos=1, retain=retain, properties=_publish_properties())
        if info.rc == MQTTErrorCode.MQTT_ERR_QUEUE_SIZE:
            return False
        with self._lock:
            if info.mid in self._answered_early:
                self._answered_early.remove(info.mid)
            else:
                self._under_way[info.mid] = time.monotonic()
        return info.rc == MQTTErrorCode.MQTT_ERR_SUCCESS

    def stop(self) -> None:
        """Says goodbye: the death is published as the last will would be."""
        if self._is_connected:
            self.publish(self._gateway, "death", self._death())
            self._client.disconnect()
        self._client.loop_stop()

    def _make_client(self) -> Client:
        client = Client(CallbackAPIVersion.VERSION2, client_id=self._gateway, protocol=MQTTProtocolVersion.MQTTv5)
        client.max_inflight_messages_set(WINDOW_LIMIT)
        client.reconnect_delay_set(min_delay=1, max_delay=10)
        client.will_set(device_topic(self._market, self._gateway, self._gateway, "death"), self._death(), qos=1)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        client.on_message = self._on_message
        return client

    def _death(self) -> bytes:
        return json.dumps({"gateway": self._gateway}).encode()

    def _on_connect(self, client: Client, _data: Any, _flags: Any, reason: Any, properties: Properties | None) -> None:
        if reason.is_failure:
            return
        allowed = getattr(properties, "ReceiveMaximum", WINDOW_LIMIT) if properties is not None else WINDOW_LIMIT
        with self._lock:
            self._window = min(WINDOW_LIMIT, int(allowed))
            # The library sends again what was not answered.
            self._under_way = dict.fromkeys(self._under_way, time.monotonic())
        client.subscribe([(topic, 1) for topic in gateway_filters(self._market, self._gateway)])

    def _on_subscribe(self, _client: Client, _data: Any, _mid: int, reasons: Any, *_: Any) -> None:
        refused = [str(one) for one in reasons if one.is_failure]
        if refused:
            _log.warning("the broker refuses %s what it must hear: %s", self._gateway, refused[0])
            return
        self._is_connected = True
        self.wake.set()

    def _on_disconnect(self, *_: Any) -> None:
        if self._is_connected:
            self._is_connected = False
            self._away_since = time.monotonic()

    def _on_publish(self, _client: Client, _data: Any, mid: int, *_: Any) -> None:
        with self._lock:
            if self._under_way.pop(mid, None) is None:
                self._answered_early.add(mid)
        self.wake.set()

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        self.inbox.put(Message(message.topic, bytes(message.payload)))
        self.wake.set()


def _connect_properties() -> Properties:
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.ReceiveMaximum = WINDOW_LIMIT
    return properties


def _publish_properties() -> Properties:
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    properties.ContentType = CONTENT_TYPE
    properties.MessageExpiryInterval = MESSAGE_LIFE_SECONDS
    return properties
