"""One session at a real broker: it never stands still, and knows what the broker owes it."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from oracles.broker.process import BrokerProcess
from oracles.device.uplink import WINDOW_LIMIT, Uplink
from tests.support.an_edge import GATEWAY, MARKET, SCALE, a_port

MESSAGES = 3_000


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Threads take turns after every few steps, so that those who wait for each other meet soon."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(usual)


def wait_for(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.01)


def publish_all(uplink: Uplink, count: int) -> None:
    for _ in range(count):
        while uplink.room == 0:
            uplink.wake.wait(0.05)
            uplink.wake.clear()
        assert uplink.publish(SCALE, "sale", b"a frame")


@pytest.mark.usefixtures("hasty_threads")
def test_sending_and_hearing_answers_at_the_same_time_never_wait_for_each_other(tmp_path: Path) -> None:
    with BrokerProcess(a_port(), tmp_path) as broker:
        uplink = Uplink("127.0.0.1", broker.port, MARKET, GATEWAY)
        uplink.start()
        wait_for(lambda: uplink.is_connected, "the session")
        # A daemon: when it stands still, so would the end of the tests.
        sender = threading.Thread(target=publish_all, args=(uplink, MESSAGES), daemon=True)
        sender.start()
        sender.join(60)
        assert not sender.is_alive(), "the sender stands still"
        wait_for(lambda: uplink.room == WINDOW_LIMIT, "the last answers")
        assert uplink.away_seconds == 0
        uplink.stop()


def test_what_was_under_way_when_the_broker_died_is_answered_by_the_next_one(tmp_path: Path) -> None:
    broker = BrokerProcess(a_port(), tmp_path)
    broker.start()
    uplink = Uplink("127.0.0.1", broker.port, MARKET, GATEWAY)
    uplink.start()
    try:
        wait_for(lambda: uplink.is_connected, "the session")
        publish_all(uplink, 50)
        broker.stop()
        wait_for(lambda: not uplink.is_connected, "the end of the session")
        assert uplink.room == 0
        uplink.publish(SCALE, "sale", b"for later")
        wait_for(lambda: uplink.away_seconds > 0.2, "a while without a broker")
        broker.start()
        wait_for(lambda: uplink.room == WINDOW_LIMIT, "a session in which nothing is owed")
        assert uplink.away_seconds == 0
        uplink.stop()
    finally:
        broker.stop()


def test_a_session_that_may_not_hear_its_answers_is_none(tmp_path: Path) -> None:
    with BrokerProcess(a_port(), tmp_path) as broker:
        uplink = Uplink("127.0.0.1", broker.port, MARKET, GATEWAY)
        told = uplink._client.on_subscribe
        assert told is not None
        refused = [ReasonCode(PacketTypes.SUBACK, identifier=0x87)]
        uplink._client.on_subscribe = lambda client, data, mid, _, more: told(client, data, mid, refused, more)  # type: ignore[call-arg, arg-type, misc]
        uplink.start()
        wait_for(lambda: uplink.away_seconds > 0.5, "a while without a session")
        assert not uplink.is_connected
        assert uplink.room == 0
        uplink.stop()
