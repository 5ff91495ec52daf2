"""Ingest's side of the broker: frames come in on shared subscriptions, answers and the node's words go out.

MQTT 5 with Receive Maximum as back-pressure. A broker without shared subscriptions gets plain ones. The topic's names
go along with each frame, so that the reader can hold the record to them (TOPIC).
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final

import aiomqtt
import orjson
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from sqlalchemy.exc import DBAPIError

from ledger_node.domain.topic import ROOT, device_topic, ingest_filters, node_topic, parse_topic
from ledger_node.errors import IngestOverloaded
from oracles.ingest.core import Answer
from oracles.ingest.reading import Frame, Source

RECEIVE_MAXIMUM: Final = 100
_PAUSE_SECONDS: Final = 1.0
_KEEP_ALIVE_SECONDS: Final = 15
_REFUSED_SUBSCRIPTION: Final = 0x80
_FRAME_LEAVES: Final = frozenset({"sale", "stock", "test", "climate", "device", "service", "birth"})
_log = logging.getLogger("tidemark.ingest")

Submit = Callable[[Frame], Awaitable[Answer]]
OnCommandAnswer = Callable[[str, int], Awaitable[None]]


class MqttDoor:
    """One session at the broker, made again whenever it breaks."""

    def __init__(
        self, address: tuple[str, int], market: str, name: str, submit: Submit, on_command_answer: OnCommandAnswer
    ) -> None:
        self._address = address
        self._market = market
        self._name = name
        self._submit = submit
        self._on_command_answer = on_command_answer
        self._client: aiomqtt.Client | None = None
        self._retained: dict[str, bytes] = {}
        self._gateway_of: dict[str, str] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def is_connected(self) -> bool:
        """Whether there is a session now."""
        return self._client is not None

    def gateway_of(self, device: str) -> str | None:
        """Through which gateway the device was heard last."""
        return self._gateway_of.get(device)

    async def say(self, leaf: str, payload: bytes) -> None:
        """Tells everybody, retained: state, holds or checkpoint; said again after each new session."""
        self._retained[leaf] = payload
        await self._publish(node_topic(self._market, leaf), payload, retain=True)

    async def tell(self, gateway: str, device: str, leaf: str, message: dict[str, Any]) -> bool:
        """Tells one device; False when there is no session."""
        body = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
        return await self._publish(device_topic(self._market, gateway, device, leaf), body)

    async def run(self, online: Callable[[bool], bytes]) -> None:
        """Keeps a session until cancelled; `online` makes the `state` message."""
        while True:
            try:
                await self._session(online)
            except aiomqtt.MqttError as error:
                _log.warning("broker: %s; trying again in %g s", error, _PAUSE_SECONDS)
            finally:
                self._client = None
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _session(self, online: Callable[[bool], bytes]) -> None:
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.ReceiveMaximum = RECEIVE_MAXIMUM
        client = aiomqtt.Client(
            *self._address,
            identifier=f"{self._name}-ingest",
            protocol=aiomqtt.ProtocolVersion.V5,
            clean_start=True,
            keepalive=_KEEP_ALIVE_SECONDS,
            properties=properties,
            will=aiomqtt.Will(node_topic(self._market, "state"), online(False), qos=1, retain=True),
            max_inflight_messages=RECEIVE_MAXIMUM,
        )
        async with client:
            await _subscribe(client)
            self._client = client
            try:
                self._retained["state"] = online(True)
                for leaf, payload in list(self._retained.items()):
                    await self._publish(node_topic(self._market, leaf), payload, retain=True)
                async for message in client.messages:
                    self._take(str(message.topic), message.payload)
            except asyncio.CancelledError:
                # A clean end is not announced by the last will.
                await self._publish(node_topic(self._market, "state"), online(False), retain=True)
                raise

    def _take(self, topic: str, payload: Any) -> None:
        names = parse_topic(topic)
        if names is None or not isinstance(payload, bytes):
            return
        if names.leaf == "cmdack":
            self._spawn(self._take_command_answer(names.device, payload))
        elif names.leaf in _FRAME_LEAVES and payload:
            if names.market == self._market:
                self._gateway_of[names.device] = names.gateway
            source = Source(topic, names.market, names.gateway, names.device)
            self._spawn(self._answer(Frame(payload, source), names.gateway, names.device))

    async def _answer(self, frame: Frame, gateway: str, device: str) -> None:
        try:
            answer = await self._submit(frame)
        except IngestOverloaded:
            return  # unanswered: the gateway sends it again, later and slower
        except DBAPIError as error:
            _log.warning("journal: %s", type(error).__name__)
            return
        await self.tell(gateway, device, "ack", answer.to_ack())

    async def _take_command_answer(self, device: str, payload: bytes) -> None:
        try:
            number = orjson.loads(payload)["number"]  # it limits nesting by itself
        except (ValueError, KeyError, TypeError):
            return
        if type(number) is int and 0 < number < 1 << 63:
            await self._on_command_answer(device, number)

    def _spawn(self, work: "Awaitable[None]") -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _publish(self, topic: str, payload: bytes, *, retain: bool = False) -> bool:
        if self._client is None:
            return False
        try:
            await self._client.publish(topic, payload, qos=1, retain=retain)
        except aiomqtt.MqttError:
            return False
        return True


async def _subscribe(client: aiomqtt.Client) -> None:
    """Shared subscriptions, so that a second ingest may stand by; plain ones where the broker has none."""
    try:
        await _subscribe_all(client, [*ingest_filters(), f"$share/ingest/{ROOT}/+/+/+/cmdack"])
    except aiomqtt.MqttError:
        await _subscribe_all(client, [*ingest_filters(shared=False), f"{ROOT}/+/+/+/cmdack"])


async def _subscribe_all(client: aiomqtt.Client, filters: list[str]) -> None:
    granted = await client.subscribe([(one, 1) for one in filters])
    codes = [one if isinstance(one, int) else one.value for one in granted]
    refused = [one for one in codes if one >= _REFUSED_SUBSCRIPTION]
    if refused:
        raise aiomqtt.MqttError(f"the broker refused a subscription: {refused[0]}")
