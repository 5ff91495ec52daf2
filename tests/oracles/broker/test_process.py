"""The embedded brokers, really started."""

import asyncio
import os
import signal
import socket
import threading
import time
from pathlib import Path

import aiomqtt
import pytest

from ledger_node.errors import BrokerError
from oracles.broker.process import BrokerProcess, Choice, _mosquitto_binary

CHOICES: list[Choice] = ["embedded", "mosquitto"] if _mosquitto_binary() else ["embedded"]


def a_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def a_client(port: int, name: str) -> aiomqtt.Client:
    return aiomqtt.Client("127.0.0.1", port, identifier=name, protocol=aiomqtt.ProtocolVersion.V5)


async def _exchange(port: int) -> tuple[list[int], bytes, bool]:
    """How many of 40 messages each of two shared subscribers got, and what stands retained."""
    counts: list[int] = []
    async with a_client(port, "up") as sender:
        await sender.publish("tm/v1/zpk/node/holds", b"list", qos=1, retain=True)

        async def subscriber(number: int, ready: asyncio.Event) -> None:
            got = 0
            async with a_client(port, f"ingest-{number}") as client:
                await client.subscribe("$share/ingest/tm/v1/+/+/+/sale", qos=1)
                ready.set()
                try:
                    async with asyncio.timeout(2):
                        async for _ in client.messages:
                            got += 1
                except TimeoutError:
                    counts.append(got)

        events = [asyncio.Event(), asyncio.Event()]
        tasks = [asyncio.create_task(subscriber(number, event)) for number, event in enumerate(events)]
        await asyncio.gather(*(event.wait() for event in events))
        for _ in range(40):
            await sender.publish("tm/v1/zpk/gw/scale/sale", bytes(120_000), qos=1)
        await asyncio.gather(*tasks)
        async with a_client(port, "late") as late:
            await late.subscribe("tm/v1/zpk/node/#", qos=1)
            async for message in late.messages:
                assert isinstance(message.payload, bytes)
                return counts, message.payload, message.retain
    raise AssertionError("no retained message")


@pytest.mark.parametrize("choice", CHOICES)
def test_it_speaks_mqtt_5_with_shared_subscriptions_retained_messages_and_whole_frames(
    choice: Choice, tmp_path: Path
) -> None:
    with BrokerProcess(a_port(), tmp_path, choice=choice) as broker:
        counts, payload, retained = asyncio.run(_exchange(broker.port))
    assert sum(counts) == 40
    assert min(counts) > 0
    assert (payload, retained) == (b"list", True)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "::"])
def test_an_address_beyond_the_loopback_is_refused(host: str, tmp_path: Path) -> None:
    with pytest.raises(BrokerError, match="loopback only"):
        BrokerProcess(a_port(), tmp_path, host=host)


@pytest.mark.parametrize("choice", CHOICES)
def test_it_can_be_stopped_and_started_again_on_the_same_port(choice: Choice, tmp_path: Path) -> None:
    broker = BrokerProcess(a_port(), tmp_path, choice=choice)
    for _ in range(2):
        with broker:
            assert broker.is_running
        assert not broker.is_running


def test_a_port_in_use_is_said(tmp_path: Path) -> None:
    with BrokerProcess(a_port(), tmp_path) as broker, pytest.raises(BrokerError, match="in use"):
        BrokerProcess(broker.port, tmp_path / "other").start()


def test_a_broker_that_dies_is_started_again(tmp_path: Path) -> None:
    broker = BrokerProcess(a_port(), tmp_path, choice="embedded")
    stop = threading.Event()
    thread = threading.Thread(target=broker.run, args=(stop,))
    thread.start()
    try:
        _wait(lambda: broker.is_running)
        child = broker._engine._broker._process  # type: ignore[union-attr]
        os.kill(child.pid, signal.SIGKILL)
        _wait(lambda: broker.is_running and broker._engine._broker._process.pid != child.pid)  # type: ignore[union-attr]
    finally:
        stop.set()
        thread.join(20)
    assert not broker.is_running


def _wait(condition: object) -> None:
    deadline = time.monotonic() + 20
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.05)
