"""A real gateway, a real broker, and a node that answers honestly."""

import json
import os
import queue
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from ledger_node.domain.clock import Clock
from ledger_node.domain.command import sign_command, sign_configuration
from ledger_node.domain.device_key import verify_signature
from ledger_node.domain.envelope import Envelope
from ledger_node.domain.frame import encode_frame
from ledger_node.domain.hold import sign_hold_list
from ledger_node.domain.http_signature import read_request, verify_request
from ledger_node.domain.identifier import lot_key
from ledger_node.domain.record import verify_bundle_path
from ledger_node.domain.topic import device_topic, node_topic
from ledger_node.errors import EnvelopeMalformed, GatewaySlow, LinkDown, OutboxFull
from oracles.broker.process import BrokerProcess
from oracles.device.link import HttpLink
from oracles.gateway.countersign import awaiting_bundle
from oracles.gateway.courier import STOCK_PATIENCE_SECONDS
from oracles.gateway.gateway import Gateway
from oracles.gateway.group_commit import GroupCommit
from oracles.gateway.keep_server import KeepServer
from oracles.gateway.keeping import GatewayLimits
from oracles.gateway.outbox import State
from tests.support.an_edge import (
    DOMAIN,
    GATEWAY,
    LOT,
    MARKET,
    NODE,
    NODE_KEY,
    NODE_KEYS,
    PROBE,
    SCALE,
    HonestNode,
    NodeOnBroker,
    SetClock,
    a_port,
    a_reading,
    a_recorder,
    an_identity,
)


class Alarms(list[tuple[str, str]]):
    def __call__(self, code: str, text: str) -> None:
        self.append((code, text))

    def codes(self) -> set[str]:
        return {code for code, _ in self}


def a_gateway(folder: Path, **changes: Any) -> Gateway:
    parts: dict[str, Any] = {"broker": None, "ingest_url": None, "clock": Clock(), "alarm": Alarms()}
    parts |= changes
    return Gateway(
        folder,
        GATEWAY,
        MARKET,
        an_identity(GATEWAY),
        parts.pop("broker"),
        parts.pop("ingest_url"),
        NODE_KEYS,
        parts.pop("clock"),
        DOMAIN,
        **parts,
    )


@contextmanager
def running(gateway: Gateway) -> Iterator[Gateway]:
    stop = threading.Event()
    thread = threading.Thread(target=gateway.run, args=(stop,))
    thread.start()
    try:
        yield gateway
    finally:
        stop.set()
        thread.join(20)


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


def states(gateway: Gateway, device: str = PROBE) -> list[int]:
    return [row.state for row in gateway.outbox.record_rows(device, 1, 10**9)]


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrokerProcess]:
    with BrokerProcess(a_port(), tmp_path_factory.mktemp("broker"), choice="embedded") as process:
        yield process


def test_records_go_through_the_broker_and_are_let_go_by_the_nodes_receipt(
    broker: BrokerProcess, tmp_path: Path
) -> None:
    node = HonestNode()
    probe = a_recorder(tmp_path)
    with NodeOnBroker(broker.port, node), running(a_gateway(tmp_path, broker=("127.0.0.1", broker.port))) as gateway:
        sent = [a_reading(probe, value) for value in range(150)]
        probe.deliver(gateway)
        wait_for(lambda: states(gateway) == [State.ACKNOWLEDGED] * 150)
        receipt = gateway.outbox.receipt(PROBE)
    assert receipt is not None
    assert receipt["contiguousSequence"] == 150
    assert node.sequences(PROBE) == list(range(1, 151))
    assert probe.flash.unkept() == []
    arrived = Envelope.from_cbor(node.got[PROBE][1][0])
    assert arrived.digest(DOMAIN) == sent[0].digest(DOMAIN)
    assert arrived.stamp is not None
    key = an_identity(GATEWAY).key
    stamp_digest = arrived.stamp.digest(DOMAIN, arrived.digest(DOMAIN))
    assert verify_signature(key.key_type, key.public_key, stamp_digest, arrived.stamp.signature)


def test_a_gateway_says_its_birth_retained_its_heartbeat_and_its_death(broker: BrokerProcess, tmp_path: Path) -> None:
    node = HonestNode()
    with NodeOnBroker(broker.port, node) as there:
        with running(a_gateway(tmp_path, broker=("127.0.0.1", broker.port))):
            wait_for(lambda: node.sequences(GATEWAY) == [1, 2])
        kinds = [Envelope.from_cbor(node.got[GATEWAY][number][0]).kind for number in (1, 2)]
        topics: list[str] = []
        wait_for(lambda: (topics.append(there.topics.get()[0]) or topics[-1]).endswith("/death"))
    assert kinds == ["birth", "heartbeat"]


def test_a_refused_record_is_buried_and_its_device_told(broker: BrokerProcess, tmp_path: Path) -> None:
    node = HonestNode()
    probe = a_recorder(tmp_path)
    bad = a_reading(probe)
    node.refuse[bad.digest(DOMAIN)] = "SIGNATURE"
    with NodeOnBroker(broker.port, node), running(a_gateway(tmp_path, broker=("127.0.0.1", broker.port))) as gateway:
        probe.deliver(gateway)
        wait_for(lambda: states(gateway) == [State.DEAD])
        notices = gateway.down(PROBE)["notices"]
        assert [(one["type"], one["sequence"], one["reason"]) for one in notices] == [("refused", 1, "SIGNATURE")]
        assert gateway.down(PROBE, notices[0]["id"])["notices"] == []
        probe.declare_gap(1, 1, "refused SIGNATURE")
        probe.deliver(gateway)
        wait_for(lambda: 2 in node.sequences(PROBE))


def test_a_resend_command_sends_the_same_bytes_again_and_an_old_or_foreign_one_does_not(
    broker: BrokerProcess, tmp_path: Path
) -> None:
    node = HonestNode()
    probe = a_recorder(tmp_path)
    alarms = Alarms()
    clock = Clock()
    gateway = a_gateway(tmp_path, broker=("127.0.0.1", broker.port), alarm=alarms)
    topic = device_topic(MARKET, GATEWAY, PROBE, "cmd")

    def command(number: int, key: Any = NODE_KEY, life_ms: int = 60_000, **arguments: int) -> dict[str, Any]:
        return sign_command(
            DOMAIN,
            key,
            NODE,
            device=PROBE,
            number=number,
            name="resend",
            arguments={"device": PROBE, **arguments},
            expires_at_ms=clock.now_ms() + life_ms,
        ).to_json()

    with NodeOnBroker(broker.port, node) as there, running(gateway):
        for value in range(5):
            a_reading(probe, value)
        probe.deliver(gateway)
        wait_for(lambda: states(gateway) == [State.ACKNOWLEDGED] * 5)
        there.publish(topic, command(1, **{"from": 2, "to": 3}))
        wait_for(lambda: len(node.got[PROBE][3]) == 2)
        for ignored in (
            command(1, **{"from": 1, "to": 5}),
            command(2, an_identity("stranger").key, **{"from": 1, "to": 5}),
            command(3, life_ms=-1, **{"from": 1, "to": 5}),
        ):
            there.publish(topic, ignored)
        wait_for(lambda: len([code for code, _ in alarms if code == "command"]) == 3)
        there.publish(topic, command(4, **{"from": 5, "to": 5}))
        wait_for(lambda: len(node.got[PROBE][5]) == 2)
        answers = [json.loads(payload) for topic, payload in _drain(there) if topic.endswith("cmdack")]
    assert [len(node.got[PROBE][number]) for number in (1, 2, 3, 4, 5)] == [1, 2, 2, 1, 2]
    assert len(set(node.got[PROBE][2])) == 1
    assert answers[0] == {"number": 1, "name": "resend", "result": "done", "rows": 2}


def test_what_the_node_says_is_handed_down_only_when_it_is_signed(broker: BrokerProcess, tmp_path: Path) -> None:
    alarms = Alarms()
    gateway = a_gateway(tmp_path, broker=("127.0.0.1", broker.port), alarm=alarms)
    now_ms = Clock().now_ms()

    def holds(version: int, key: Any = NODE_KEY) -> dict[str, Any]:
        lots = [lot_key(LOT)]
        return sign_hold_list(
            DOMAIN, key, NODE, market=f"market/{MARKET}", version=version, lot_keys=lots, issued_at_ms=now_ms
        ).to_json()

    configuration = sign_configuration(
        DOMAIN, NODE_KEY, NODE, device=PROBE, version=1, settings={"key_epoch": 1}, issued_at_ms=now_ms
    )
    node = HonestNode()
    with NodeOnBroker(broker.port, node) as there, running(gateway):
        wait_for(lambda: node.sequences(GATEWAY) != [])
        there.publish(node_topic(MARKET, "holds"), holds(3), retain=True)
        there.publish(node_topic(MARKET, "holds"), holds(4, an_identity("stranger").key))
        there.publish(node_topic(MARKET, "holds"), holds(2))
        there.publish(node_topic(MARKET, "checkpoint"), b"no note")
        there.publish(device_topic(MARKET, GATEWAY, PROBE, "cfg"), configuration.to_json(), retain=True)
        wait_for(lambda: len(gateway.down(PROBE)["notices"]) == 1)
        assert gateway.holds.check(LOT).is_held
        down = gateway.down(PROBE)
    assert down["holds"]["version"] == 3
    assert down["notices"][0]["configuration"] == configuration.to_json()
    assert down["checkpoint"] is None
    assert alarms.codes() >= {"hold-list", "checkpoint"}


def test_a_restart_sends_what_was_kept_and_not_acknowledged(broker: BrokerProcess, tmp_path: Path) -> None:
    node = HonestNode()
    node.is_silent = True
    probe = a_recorder(tmp_path)
    address = ("127.0.0.1", broker.port)
    with NodeOnBroker(broker.port, node):
        with running(a_gateway(tmp_path, broker=address)) as gateway:
            a_reading(probe)
            probe.deliver(gateway)
            wait_for(lambda: states(gateway) == [State.IN_FLIGHT])
        node.is_silent = False
        with running(a_gateway(tmp_path, broker=address)) as gateway:
            wait_for(lambda: states(gateway) == [State.ACKNOWLEDGED])


def test_without_a_broker_frames_go_over_http_signed_by_the_gateway(tmp_path: Path) -> None:
    node = HonestNode()
    alarms = Alarms()
    probe = a_recorder(tmp_path)
    limits = GatewayLimits(fallback_after_seconds=0.2)
    with _HttpNode(node) as there:
        gateway = a_gateway(tmp_path, broker=("127.0.0.1", a_port()), ingest_url=there.url, limits=limits, alarm=alarms)
        with running(gateway):
            there.busy = 1
            for value in range(70):
                a_reading(probe, value)
            probe.deliver(gateway)
            wait_for(lambda: states(gateway) == [State.ACKNOWLEDGED] * 70)
    assert there.are_signed
    assert all(there.are_signed)
    said = [code for code, _ in alarms if code in ("broker-away", "ingest-away", "ingest-back")]
    assert said == ["broker-away", "ingest-away", "ingest-back"]


def test_a_broker_that_stays_connected_and_answers_nothing_is_gone_round_until_it_answers(
    broker: BrokerProcess, tmp_path: Path
) -> None:
    node = HonestNode()
    alarms = Alarms()
    probe = a_recorder(tmp_path)
    limits = GatewayLimits(fallback_after_seconds=1.0)
    address = ("127.0.0.1", broker.port)
    with _HttpNode(node) as there, NodeOnBroker(broker.port, node):
        gateway = a_gateway(tmp_path, broker=address, ingest_url=there.url, limits=limits, alarm=alarms)
        with running(gateway):
            probe.deliver(gateway)
            wait_for(lambda: gateway._uplink is not None and gateway._uplink.is_connected)
            with hanging(broker):
                for value in range(2):
                    a_reading(probe, value)
                    probe.deliver(gateway)
                wait_for(lambda: states(gateway) == [State.ACKNOWLEDGED] * 2)
            assert there.are_signed
            assert "broker-away" in alarms.codes()
            wait_for(lambda: "broker-back" in alarms.codes())
            carried = len(there.are_signed)
            a_reading(probe)
            probe.deliver(gateway)
            wait_for(lambda: states(gateway) == [State.ACKNOWLEDGED] * 3)
            assert len(there.are_signed) == carried


def test_what_was_kept_after_a_stock_record_leaves_when_that_is_answered_or_stays_without_an_answer(
    broker: BrokerProcess, tmp_path: Path
) -> None:
    node = HonestNode()
    scale, probe = a_recorder(tmp_path, SCALE), a_recorder(tmp_path)
    gateway = a_gateway(tmp_path, broker=("127.0.0.1", broker.port))
    moved = {"lot_id": LOT, "net_grams": 500, "reason": "spoiled"}

    def leave_together(count: int) -> None:
        """By turns, so that only the first reading was kept before any stock record."""
        gateway.keep([one for _ in range(count) for one in (a_reading(probe), scale.sign("waste", 500, moved))])

    def in_flight(device: str) -> int:
        return states(gateway, device).count(State.IN_FLIGHT)

    with NodeOnBroker(broker.port, node) as there, running(gateway):
        leave_together(5)
        wait_for(lambda: states(gateway) == states(gateway, SCALE) == [State.ACKNOWLEDGED] * 5)
        leaves = [topic.rpartition("/")[2] for topic, _ in drained(there.topics) if SCALE in topic or PROBE in topic]
        # The first reading and the stock records left together, on two topics: either may come first.
        assert sorted(leaves[:2]) == ["climate", "stock"]
        assert leaves[2:] == ["climate"]

        node.is_silent = True
        begun = time.monotonic()
        leave_together(2)
        wait_for(lambda: (in_flight(SCALE), in_flight(PROBE)) == (2, 1))
        wait_for(lambda: in_flight(PROBE) == 2)
        assert time.monotonic() - begun >= STOCK_PATIENCE_SECONDS


def drained(topics: "queue.SimpleQueue[tuple[str, bytes]]") -> Iterator[tuple[str, bytes]]:
    """What is in the queue now."""
    while not topics.empty():
        yield topics.get()


def test_a_node_that_answers_nothing_over_the_broker_is_asked_over_http(broker: BrokerProcess, tmp_path: Path) -> None:
    deaf, node = HonestNode(), HonestNode()
    deaf.is_silent = True
    probe = a_recorder(tmp_path)
    limits = GatewayLimits(node_silent_seconds=0.5)
    with _HttpNode(node) as there, NodeOnBroker(broker.port, deaf) as on_broker:
        gateway = a_gateway(tmp_path, broker=("127.0.0.1", broker.port), ingest_url=there.url, limits=limits)
        with running(gateway):
            a_reading(probe)
            probe.deliver(gateway)
            wait_for(lambda: states(gateway) == [State.ACKNOWLEDGED])
            assert there.are_signed
            # The node says that it is there again: over the broker from now on.
            carried, deaf.is_silent = len(there.are_signed), False
            deaf.got, deaf.digests = node.got, node.digests
            on_broker.publish(node_topic(MARKET, "state"), {"online": True, "at": "now"})
            wait_for(lambda: gateway._courier._owed_since is None)
            a_reading(probe)
            probe.deliver(gateway)
            wait_for(lambda: states(gateway) == [State.ACKNOWLEDGED] * 2)
            assert len(there.are_signed) == carried


@contextmanager
def hanging(broker: BrokerProcess) -> Iterator[None]:
    """The broker's process stands still, with its connections open."""
    pid = broker._engine._broker._process.pid  # type: ignore[union-attr]
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_the_local_door_answers_kept_slow_full_and_unreadable_apart(tmp_path: Path) -> None:
    probe = a_recorder(tmp_path)
    gateway = a_gateway(tmp_path, limits=GatewayLimits(outbox_bytes=6_000))
    with KeepServer(gateway, 0) as door:
        link = HttpLink(door.url, device_clock_ms=lambda: Clock().now_ms() - 5_000)
        first = a_reading(probe)
        link.keep([first])
        kept = Envelope.from_cbor(gateway.outbox.record_rows(PROBE, 1, 1)[0].envelope)
        assert kept.stamp is not None
        assert 4_900 <= kept.stamp.offset_ms <= 9_000
        sale_like = [a_reading(probe, value, observed_at_ms=1 + 60_000 * value) for value in range(40)]
        with pytest.raises(OutboxFull):
            link.keep(sale_like)
        assert link.down(PROBE)["notices"] == []
        unsigned = awaiting_bundle(a_reading(probe))
        with pytest.raises(LinkDown, match="400"):
            link.keep([unsigned])
        link.close()
    gateway.close()
    with pytest.raises(LinkDown):
        HttpLink(door.url).keep([first])


@pytest.mark.parametrize("refused", ["1", '"x"', "{}", "[1]", '[{"hash":1}]', '[{"hash":"0x00","reason":[]}]'])
def test_a_hostile_answer_is_an_alarm_and_stops_nothing(broker: BrokerProcess, tmp_path: Path, refused: str) -> None:
    node = HonestNode()
    alarms = Alarms()
    probe = a_recorder(tmp_path)
    gateway = a_gateway(tmp_path, broker=("127.0.0.1", broker.port), alarm=alarms)
    with NodeOnBroker(broker.port, node) as there, running(gateway):
        wait_for(lambda: gateway._uplink is not None and gateway._uplink.is_connected)
        message = b'{"receipt":null,"refused":' + refused.encode() + b"}"
        there.publish(device_topic(MARKET, GATEWAY, PROBE, "ack"), message)
        a_reading(probe)
        probe.deliver(gateway)
        wait_for(lambda: states(gateway) == [State.ACKNOWLEDGED])


def test_a_record_without_its_payload_is_refused_and_keeping_goes_on(tmp_path: Path) -> None:
    probe = a_recorder(tmp_path)
    gateway = a_gateway(tmp_path)
    with KeepServer(gateway, 0) as door:
        first = a_reading(probe)
        frame = encode_frame([first.without_payload()], "json")
        answer = httpx.post(f"{door.url}/keep", content=frame, trust_env=False)
        assert (answer.status_code, answer.json()["pointer"]) == (400, "/payload")
        surrogate = httpx.post(f"{door.url}/keep", content=b'["\\ud800"]', trust_env=False)
        assert surrogate.status_code == 400
        HttpLink(door.url).keep([first])
    gateway.close()


def test_whatever_keeps_a_group_from_its_commit_is_told_and_the_next_group_is_kept(tmp_path: Path) -> None:
    kept: list[int] = []

    def commit(envelopes: Sequence[Envelope]) -> None:
        if not kept:
            kept.append(0)
            raise ZeroDivisionError
        kept.append(len(envelopes))

    probe = a_recorder(tmp_path)
    groups = GroupCommit(commit, queue_limit=2)
    with pytest.raises(LinkDown):
        groups.submit([a_reading(probe), a_reading(probe)]).result(10)
    groups.submit([a_reading(probe), a_reading(probe)]).result(10)
    groups.close()
    assert kept == [0, 2]


def test_a_device_is_told_slow_when_the_queue_is_full(tmp_path: Path) -> None:
    probe = a_recorder(tmp_path)
    gateway = a_gateway(tmp_path, limits=GatewayLimits(queue_rows=2))
    outbox_lock = gateway.outbox._lock
    with outbox_lock:  # a disk that does not answer
        thread = threading.Thread(target=gateway.keep, args=([a_reading(probe), a_reading(probe)],))
        thread.start()
        wait_for(lambda: gateway._keeper._group_commit._queued == 2)
        with pytest.raises(GatewaySlow) as told:
            gateway.keep([a_reading(probe)])
        assert told.value.retry_after_ms > 0
    thread.join(10)
    assert len(states(gateway)) == 2
    gateway.close()


def test_records_of_devices_that_cannot_sign_are_bundled_numbered_and_chained(tmp_path: Path) -> None:
    gateway = a_gateway(tmp_path, bundled_devices=[PROBE])
    probe = a_recorder(tmp_path)
    unsigned = [awaiting_bundle(a_reading(probe, value)) for value in range(60)]
    gateway.keep(unsigned)
    gateway.keep(unsigned[:3])
    gateway.keep([awaiting_bundle(a_reading(probe))])
    kept = [Envelope.from_cbor(row.envelope) for row in gateway.outbox.record_rows(PROBE, 1, 100)]
    gateway.close()
    key = an_identity(GATEWAY).key
    assert len(kept) == 61
    bundles = {}
    for envelope in kept:
        part = envelope.bundle
        assert part is not None
        assert verify_bundle_path(envelope.digest(DOMAIN), part.index, part.count, part.path, part.root)
        assert envelope.signature[:32] == part.digest(DOMAIN)
        assert verify_signature(key.key_type, key.public_key, part.digest(DOMAIN), envelope.signature[32:])
        bundles[part.sequence] = part
    assert [(number, bundles[number].count) for number in sorted(bundles)] == [(1, 50), (2, 10), (3, 1)]
    assert bundles[2].previous_hash == bundles[1].digest(DOMAIN)
    assert bundles[3].previous_hash == bundles[2].digest(DOMAIN)


def test_a_gateway_does_not_sign_for_a_stranger(tmp_path: Path) -> None:
    gateway = a_gateway(tmp_path)
    with pytest.raises(EnvelopeMalformed):
        gateway.keep([awaiting_bundle(a_reading(a_recorder(tmp_path)))])
    gateway.close()


def test_an_outbox_with_rows_older_than_a_week_takes_nothing_more(tmp_path: Path) -> None:
    time_now = SetClock()
    gateway = a_gateway(tmp_path, clock=time_now.clock())
    probe = a_recorder(tmp_path, clock=time_now.clock())
    gateway.keep([a_reading(probe)])
    time_now.now_ms += 8 * 86_400_000
    with pytest.raises(OutboxFull):
        gateway.keep([a_reading(probe)])
    gateway.close()


def _drain(there: NodeOnBroker) -> list[tuple[str, bytes]]:
    result = []
    deadline = time.monotonic() + 1
    while time.monotonic() < deadline:
        if there.topics.empty():
            time.sleep(0.02)
        else:
            result.append(there.topics.get())
    return result


class _HttpNode:
    """The honest node's HTTP way in."""

    def __init__(self, node: HonestNode) -> None:
        self.are_signed: list[bool] = []
        self.busy = 0
        outer = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                claim = read_request("POST", self.path, body, headers)
                key = an_identity(GATEWAY).key
                is_signed = claim.key_id == GATEWAY and verify_request(
                    claim, key.key_type, key.public_key, now_s=Clock().now_s()
                )
                outer.are_signed.append(is_signed)
                if outer.busy:
                    outer.busy -= 1
                    self.send_response(503)
                    self.send_header("Retry-After", "0.2")
                    self.end_headers()
                    return
                data = json.dumps(node.take(body)).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> "_HttpNode":
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
