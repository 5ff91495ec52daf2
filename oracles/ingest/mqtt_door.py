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
from sqlalchemy.exc import SQLAlchemyError

from ledger_node.domain.topic import ROOT, device_topic, ingest_filters, node_topic, parse_topic
from ledger_node.errors import IngestOverloaded
from oracles.ingest.core import Answer
from oracles.ingest.reading import Frame, Source

RECEIVE_MAXIMUM: Final = 100
_PAUSE_SECONDS: Final = 1.0
_KEEP_ALIVE_SECONDS: Final = 15
_ANSWER_SECONDS: Final = 10.0
"""How long the broker may owe the answer to a message before the session counts as broken."""
_FAREWELL_SECONDS: Final = 1.0
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
        self._is_broken = asyncio.Event()
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
            timeout=_ANSWER_SECONDS,
        )
        async with client:
            await _subscribe(client)
            self._client = client
            self._is_broken.clear()
            try:
                self._retained["state"] = online(True)
                for leaf in list(self._retained):
                    # Looked up only now: a newer word may have been said while the one before was under way.
                    await self._publish(node_topic(self._market, leaf), self._retained[leaf], retain=True)
                await self._listen(client)
            except asyncio.CancelledError:
                # A clean end is not announced by the last will.
                farewell = online(False)
                await self._publish(node_topic(self._market, "state"), farewell, retain=True, seconds=_FAREWELL_SECONDS)
                raise

    async def _listen(self, client: aiomqtt.Client) -> None:
        """Takes what comes until the session breaks; MqttError then, also when the broker answers nothing any more."""

        async def take_all() -> None:
            async for message in client.messages:
                self._take(str(message.topic), message.payload)

        taking = asyncio.ensure_future(take_all())
        breaking = asyncio.ensure_future(self._is_broken.wait())
        try:
            await asyncio.wait((taking, breaking), return_when=asyncio.FIRST_COMPLETED)
            if not taking.done():
                raise aiomqtt.MqttError(f"a message has no answer after {_ANSWER_SECONDS:g} s")
            taking.result()
        finally:
            taking.cancel()
            breaking.cancel()
            await asyncio.gather(taking, breaking, return_exceptions=True)

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
        except Exception as error:
            _log.warning("a frame was not taken: %s", type(error).__name__)
            return  # unanswered: it comes again
        await self.tell(gateway, device, "ack", answer.to_ack())

    async def _take_command_answer(self, device: str, payload: bytes) -> None:
        try:
            number = orjson.loads(payload)["number"]  # it limits nesting by itself
        except (ValueError, KeyError, TypeError):
            return
        if type(number) is int and 0 < number < 1 << 63:
            try:
                await self._on_command_answer(device, number)
            except SQLAlchemyError as error:
                _log.warning("an answer to a command was not noted: %s", type(error).__name__)

    def _spawn(self, work: "Awaitable[None]") -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _publish(
        self, topic: str, payload: bytes, *, retain: bool = False, seconds: float = _ANSWER_SECONDS
    ) -> bool:
        client = self._client
        if client is None:
            return False
        try:
            await client.publish(topic, payload, qos=1, retain=retain, timeout=seconds)
        except aiomqtt.MqttError:
            if client is self._client:
                self._is_broken.set()
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
