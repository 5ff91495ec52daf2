"""The ingest process with its real doors: MQTT 5 through the embedded broker, and HTTP."""

import asyncio
import json
import os
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, ClassVar
from unittest.mock import Mock

import aiomqtt
import httpx
import pytest
from sqlalchemy.exc import OperationalError

from ledger_node.domain.digest import sha256
from ledger_node.domain.frame import FRAME_LIMIT_BYTES, encode_frame
from ledger_node.domain.hold import HoldList
from ledger_node.domain.http_signature import sign_request
from ledger_node.domain.payload import lot_key
from ledger_node.domain.receipt import Receipt
from ledger_node.domain.topic import device_topic, node_topic
from ledger_node.errors import WriterElsewhere
from ledger_node.store import Stores
from ledger_node.store.devices import DeviceDirectory
from oracles.broker.process import BrokerProcess
from oracles.ingest import mqtt_door
from oracles.ingest.commands import CommandDesk
from oracles.ingest.rows import RECORD
from oracles.ingest.service import Ingest
from scripts.node_folder import free_ports
from tests.oracles.ingest.world import DOMAIN, GATEWAY, LOT, NODE, RULES, SCALE, TESTER, World, a_test


@pytest.fixture
def world(stores: Stores) -> World:
    return World(stores)


@pytest.fixture
def broker(tmp_path: Path) -> Generator[BrokerProcess]:
    with BrokerProcess(free_ports(1)[0], tmp_path / "broker") as running:
        yield running


class Running:
    """An ingest process in a thread of its own."""

    def __init__(self, world: World, broker: BrokerProcess | None, **settings: Any) -> None:
        self.port = free_ports(1)[0]
        self.url = f"http://127.0.0.1:{self.port}/api/v1/ingest"
        self._stop = threading.Event()
        address = (broker.host, broker.port) if broker is not None else None
        self.ingest = Ingest(
            world.stores,
            DeviceDirectory(world.stores.projections),
            RULES,
            world.devices[NODE].key,
            DOMAIN,
            world.hand.clock(),
            broker=address,
            http_port=self.port,
            **settings,
        )
        self._thread = threading.Thread(target=self.ingest.run, args=(self._stop,))

    def __enter__(self) -> "Running":
        self._thread.start()
        _wait_for(lambda: _is_up(self.port))
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(20)
        assert not self._thread.is_alive()


def _is_up(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def _wait_for(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def _post(url: str, body: bytes, **headers: str) -> httpx.Response:
    return httpx.post(url, content=body, headers={"Content-Type": "application/cbor", **headers}, trust_env=False)


def test_a_frame_over_http_is_answered_with_the_receipt(world: World) -> None:
    world.stock()
    with Running(world, None) as running:
        envelope = world.sell(1)
        for form, content_type in (("cbor", "application/cbor"), ("json", "application/json")):
            answer = _post(running.url, encode_frame([envelope], form), **{"Content-Type": content_type})  # type: ignore[arg-type]
            assert answer.status_code == 200
            receipt = Receipt.from_json(answer.json()["receipts"][0])
            assert (receipt.device, receipt.contiguous_sequence) == (SCALE, 1)
            assert answer.json()["refused"] == []
    assert len([row for row in world.rows(RECORD) if row["kind"] == "sale"]) == 1


def test_a_frame_over_128_kib_is_413_and_the_connection_goes_on(world: World) -> None:
    world.stock()
    with Running(world, None) as running:
        answer = _post(running.url, b"\xad" + bytes(FRAME_LIMIT_BYTES))
        assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")
        assert _post(running.url, encode_frame([world.sell(1)])).status_code == 200


def test_more_waiting_than_allowed_is_429_with_retry_after(world: World) -> None:
    with Running(world, None, queue_limit=0) as running:
        answer = _post(running.url, encode_frame([world.sell(1)]))
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) > 0


def test_a_request_must_be_signed_where_that_is_asked(world: World) -> None:
    world.stock()
    frame = encode_frame([world.sell(1)])
    gateway = world.devices[GATEWAY]
    with Running(world, None, needs_signature=True) as running:
        assert _post(running.url, frame).status_code == 401
        now_s = world.hand.now // 1000
        signed = sign_request("POST", "/api/v1/ingest", frame, signer=gateway.key, key_id=GATEWAY, created_at=now_s)
        assert _post(running.url, frame + b"\0", **signed).status_code == 401
        by_another = sign_request(
            "POST", "/api/v1/ingest", frame, signer=world.devices[SCALE].key, key_id=GATEWAY, created_at=now_s
        )
        assert _post(running.url, frame, **by_another).status_code == 401
        stale = sign_request(
            "POST", "/api/v1/ingest", frame, signer=gateway.key, key_id=GATEWAY, created_at=now_s - 3600
        )
        assert _post(running.url, frame, **stale).status_code == 401
        assert _post(running.url, frame, **signed).status_code == 200


def test_a_second_writer_may_not_start_while_the_first_lives(world: World) -> None:
    with Running(world, None):
        second = Running(world, None)
        with pytest.raises(WriterElsewhere):
            second.ingest.run(threading.Event())


async def _talk(broker: BrokerProcess, work: Callable[[aiomqtt.Client], Any], topics: list[str]) -> Any:
    async with aiomqtt.Client(broker.host, broker.port, protocol=aiomqtt.ProtocolVersion.V5) as client:
        for topic in topics:
            await client.subscribe(topic, qos=1)
        return await asyncio.wait_for(work(client), 30)


def test_a_frame_over_mqtt_is_acknowledged_on_the_devices_topic(world: World, broker: BrokerProcess) -> None:
    world.stock()
    envelope = world.sell(1)

    async def work(client: aiomqtt.Client) -> Any:
        frame = encode_frame([envelope])
        await client.publish(device_topic("zpk", GATEWAY, SCALE, "sale"), frame, qos=1)
        return _body(await anext(client.messages))

    with Running(world, broker) as running:
        _wait_for(lambda: _is_online(broker))
        ack = asyncio.run(_talk(broker, work, [device_topic("zpk", GATEWAY, SCALE, "ack")]))
        assert running.ingest.core.gaps() == []
    receipt = Receipt.from_json(ack["receipt"])
    assert (receipt.contiguous_sequence, receipt.head_hash) == (1, envelope.digest(DOMAIN))
    assert ack["refused"] == []


def test_a_record_on_another_devices_topic_is_refused_topic(world: World, broker: BrokerProcess) -> None:
    frame = encode_frame([world.sell(1)])

    async def work(client: aiomqtt.Client) -> Any:
        await client.publish(device_topic("zpk", GATEWAY, TESTER, "sale"), frame, qos=1)
        return _body(await anext(client.messages))

    with Running(world, broker):
        _wait_for(lambda: _is_online(broker))
        ack = asyncio.run(_talk(broker, work, [device_topic("zpk", GATEWAY, TESTER, "ack")]))
    assert ack["receipt"] is None
    assert [(one["hash"], one["reason"], one["sequence"]) for one in ack["refused"]] == [
        ("0x" + sha256(frame).hex(), "TOPIC", 1)
    ]


def test_a_failed_test_puts_its_lot_on_the_retained_hold_list(world: World, broker: BrokerProcess) -> None:
    world.stock()
    failed = world.devices[TESTER].sign("test", a_test(1, result=2), 2)

    async def work(client: aiomqtt.Client) -> Any:
        await client.publish(device_topic("zpk", GATEWAY, TESTER, "test"), encode_frame([failed]), qos=1)
        while True:
            held = HoldList.from_json(_body(await anext(client.messages)))
            if held.lots:
                return held

    with Running(world, broker):
        _wait_for(lambda: _is_online(broker))
        held: HoldList = asyncio.run(_talk(broker, work, [node_topic("zpk", "holds")]))
    key = world.devices[NODE].key
    assert held.verify(DOMAIN, key.key_type, key.public_key)
    assert held.version == 1
    assert held.lots == (lot_key(LOT),)


def _body(message: aiomqtt.Message) -> Any:
    assert isinstance(message.payload, bytes)
    return json.loads(message.payload)


def _is_online(broker: BrokerProcess) -> bool:
    async def work(client: aiomqtt.Client) -> bool:
        try:
            message = await asyncio.wait_for(anext(client.messages), 1)
        except TimeoutError:
            return False
        return bool(_body(message)["online"])

    return bool(asyncio.run(_talk(broker, work, [node_topic("zpk", "state")])))


def test_a_missing_record_is_asked_for_by_a_signed_command(world: World, broker: BrokerProcess) -> None:
    world.stock()
    first, second, third = world.sell(1), world.sell(2), world.sell(3)
    assert second.sequence == 2

    async def work(client: aiomqtt.Client) -> Any:
        await client.publish(device_topic("zpk", GATEWAY, SCALE, "sale"), encode_frame([first, third]), qos=1)
        return _body(await anext(client.messages))

    with Running(world, broker):
        _wait_for(lambda: _is_online(broker))
        command = asyncio.run(_talk(broker, work, [device_topic("zpk", GATEWAY, SCALE, "cmd")]))
    assert (command["name"], command["arguments"]) == ("resend", {"from": 2, "to": 2})


@pytest.mark.parametrize("hostile", [b"[" * 120_000, b"\xff", b"7", b'{"number": true}', b'{"number": 1e400}'])
def test_a_hostile_answer_to_a_command_stops_nothing(world: World, broker: BrokerProcess, hostile: bytes) -> None:
    world.stock()
    envelope = world.sell(1)

    async def work(client: aiomqtt.Client) -> Any:
        await client.publish(device_topic("zpk", GATEWAY, SCALE, "cmdack"), hostile, qos=1)
        await client.publish(device_topic("zpk", GATEWAY, SCALE, "sale"), encode_frame([envelope]), qos=1)
        return _body(await anext(client.messages))

    with Running(world, broker):
        _wait_for(lambda: _is_online(broker))
        ack = asyncio.run(_talk(broker, work, [device_topic("zpk", GATEWAY, SCALE, "ack")]))
    assert ack["receipt"]["contiguousSequence"] in (1, "1")


class SilentClient:
    """A broker's session that takes its time, and remembers what it was given and in which order."""

    said: ClassVar[list[tuple[str, bytes]]] = []

    def __init__(self, *_: object, **__: object) -> None:
        self.messages = self

    async def __aenter__(self) -> "SilentClient":
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    def __aiter__(self) -> "SilentClient":
        return self

    async def __anext__(self) -> None:
        await asyncio.Event().wait()

    async def subscribe(self, filters: list[tuple[str, int]]) -> list[int]:
        return [1] * len(filters)

    async def publish(self, topic: str, payload: bytes, **_: object) -> None:
        self.said.append((topic.rpartition("/")[2], payload))
        await asyncio.sleep(0.02)


async def _never(*_: object) -> Any:
    raise AssertionError


def test_a_new_session_never_puts_an_older_word_over_a_newer_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mqtt_door.aiomqtt, "Client", SilentClient)
    SilentClient.said.clear()

    async def talk() -> None:
        door = mqtt_door.MqttDoor(("127.0.0.1", 1), "zpk", "node", _never, _never)
        await door.say("state", b"offline")
        await door.say("holds", b"version 1")
        session = asyncio.create_task(door.run(lambda _: b"online"))
        await asyncio.sleep(0.01)  # the session is saying that it is online
        await door.say("holds", b"version 2")
        await asyncio.sleep(0.1)
        session.cancel()
        await asyncio.gather(session, return_exceptions=True)

    asyncio.run(talk())
    assert [payload for leaf, payload in SilentClient.said if leaf == "holds"][-1] == b"version 2"
    assert b"version 1" not in [payload for _, payload in SilentClient.said]


def test_a_session_in_which_messages_stay_without_answers_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    sessions: list[aiomqtt.Client] = []

    class Unanswered(SilentClient):
        async def __aenter__(self) -> "Unanswered":
            sessions.append(self)  # type: ignore[arg-type]
            return self

        async def publish(self, topic: str, payload: bytes, **_: object) -> None:
            if len(sessions) == 1 and topic.endswith("/ack"):
                raise aiomqtt.MqttError("Operation timed out")
            await super().publish(topic, payload)

    monkeypatch.setattr(mqtt_door.aiomqtt, "Client", Unanswered)
    monkeypatch.setattr(mqtt_door, "_PAUSE_SECONDS", 0.01)

    async def talk() -> list[bool]:
        door = mqtt_door.MqttDoor(("127.0.0.1", 1), "zpk", "node", _never, _never)
        session = asyncio.create_task(door.run(lambda _: b"online"))
        told: list[bool] = []
        for _ in range(2):
            await asyncio.sleep(0.2)
            told.append(await door.tell(GATEWAY, SCALE, "ack", {}))
        session.cancel()
        await asyncio.gather(session, return_exceptions=True)
        return told

    assert asyncio.run(talk()) == [False, True]
    assert len(sessions) == 2


def test_orders_for_devices_that_nobody_hears_hold_up_nobody(world: World) -> None:
    desk = CommandDesk(world.stores.journal, world.core.own, world.hand.clock())
    for number in range(100):
        desk.order(f"urn:tidemark:device:silent-{number % 3}", "resend", {"from": 1, "to": 2})
    desk.order(SCALE, "resend", {"from": 3, "to": 4})
    assert [(one.device, one.arguments["from"]) for one in desk.unsent({SCALE}.__contains__)] == [(SCALE, 3)]
    assert desk.unsent(lambda _: False) == []
    assert len(desk.unsent(lambda _: True)) == 64


def test_a_process_that_fails_gives_its_right_to_write_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    failing = Running(world, None)
    monkeypatch.setattr(failing.ingest.core, "report_refusals", lambda: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        failing.ingest.run(threading.Event())
    monkeypatch.undo()
    world.stock()
    with Running(world, None) as running:  # at once, not when the lease has lapsed
        assert _post(running.url, encode_frame([world.sell(1)])).status_code == 200


def test_a_chunk_that_cannot_be_read_is_not_answered_and_the_next_one_is(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.stock()
    with Running(world, None) as running:
        directory = running.ingest.core.directory
        with monkeypatch.context() as away:
            lost = OperationalError("SELECT", {}, Exception("the database is away"))
            away.setattr(directory, "state", Mock(side_effect=lost))
            assert _post(running.url, encode_frame([world.sell(1)])).status_code == 503
        answer = _post(running.url, encode_frame([world.sell(2)]))
    assert answer.status_code == 200
    assert answer.json()["receipts"][0]["contiguousSequence"] in (0, "0")


def test_readers_end_with_a_process_that_is_killed(tmp_path: Path) -> None:
    script = """if True:
        import sys, time
        from pathlib import Path
        from ledger_node.store import migrate, open_stores
        from oracles.ingest.reading import Frame, Source
        from tests.oracles.ingest.world import World

        if __name__ == "__main__":
            stores = open_stores(Path(sys.argv[1]))
            migrate(stores)
            world = World(stores)
            world.restart(workers=1)
            world.stock()
            import multiprocessing
            print(*[one.pid for one in multiprocessing.active_children()], flush=True)
            time.sleep(60)
    """
    file = tmp_path / "killed.py"
    file.write_text(textwrap.dedent(script.removeprefix("if True:")))
    (tmp_path / "node").mkdir()
    command = [sys.executable, str(file), str(tmp_path / "node")]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3])}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as killed:
        assert killed.stdout is not None
        readers = [int(pid) for pid in killed.stdout.readline().split()]
        assert len(readers) == 1
        killed.kill()
    _wait_for(lambda: not any(_is_alive(pid) for pid in readers))


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
