"""The links that end elsewhere than in a gateway: a file, and the broker itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger_node.domain.envelope import Envelope
from ledger_node.domain.frame import FRAME_LIMIT_BYTES, decode_frame
from ledger_node.errors import LinkDown
from oracles.broker.process import BrokerProcess
from oracles.device.link import FileLink, frames_of, read_frames
from oracles.device.mqtt_link import MqttLink
from tests.support.an_edge import (
    DOMAIN,
    MARKET,
    NODE_KEYS,
    PROBE,
    HonestNode,
    NodeOnBroker,
    a_port,
    a_reading,
    a_recorder,
)


def test_a_carried_file_comes_back_as_frames_without_its_torn_end(tmp_path: Path) -> None:
    recorder = a_recorder(tmp_path)
    sent = [a_reading(recorder, value) for value in range(150)]
    path = tmp_path / "carried"
    assert recorder.deliver(FileLink(path)) == 150
    path.write_bytes(path.read_bytes() + sent[0].to_cbor()[:-3])
    frames = list(read_frames(path))
    assert [len(decode_frame(frame)) for frame in frames] == [64, 64, 22]
    carried = [one for frame in frames for one in decode_frame(frame)]
    assert carried == sent


def test_a_file_that_cannot_be_written_keeps_the_records_in_the_device(tmp_path: Path) -> None:
    recorder = a_recorder(tmp_path)
    a_reading(recorder)
    with pytest.raises(LinkDown):
        recorder.deliver(FileLink(tmp_path / "no such folder" / "carried"))
    assert len(recorder.flash.unkept()) == 1


def test_frames_stay_within_bytes_and_count(tmp_path: Path) -> None:
    recorder = a_recorder(tmp_path)
    large = [recorder.sign("temperature", 1, {"place": "x", "senml": ["y" * 15_000]}) for _ in range(20)]
    frames = list(frames_of(large))
    assert [one for frame in frames for one in decode_frame(frame)] == large
    assert all(len(frame) <= FRAME_LIMIT_BYTES for frame in frames)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[BrokerProcess]:
    with BrokerProcess(a_port(), tmp_path / "broker") as process:
        yield process


def test_a_device_on_the_broker_forgets_only_what_the_node_signed_for(tmp_path: Path, broker: BrokerProcess) -> None:
    node = HonestNode()
    recorder = a_recorder(tmp_path)
    alarms: list[str] = []
    link = MqttLink(
        ("127.0.0.1", broker.port),
        MARKET,
        PROBE,
        DOMAIN,
        NODE_KEYS,
        answer_seconds=2,
        alarm=lambda code, text: alarms.append(text),
    )
    with NodeOnBroker(broker.port, node):
        for value in range(70):
            a_reading(recorder, value)
        recorder.birth(firmware_hash=bytes(32))
        assert recorder.deliver(link) == 71
        assert recorder.flash.unkept() == []
        assert node.sequences(PROBE) == list(range(1, 72))
        node.is_silent = True
        kept_back = a_reading(recorder)
        with pytest.raises(LinkDown, match="no receipt"):
            recorder.deliver(link)
        node.is_silent = False
        node.refuse[kept_back.digest(DOMAIN)] = "SIGNATURE"
        with pytest.raises(LinkDown, match="no receipt"):
            recorder.deliver(link)
    link.close()
    assert [Envelope.from_cbor(data).sequence for data in recorder.flash.unkept()] == [72]
    assert any("refused" in text for text in alarms)


def test_without_a_broker_the_records_stay(tmp_path: Path) -> None:
    recorder = a_recorder(tmp_path)
    a_reading(recorder)
    link = MqttLink(("127.0.0.1", a_port()), MARKET, PROBE, DOMAIN, NODE_KEYS, answer_seconds=0.3)
    with pytest.raises(LinkDown, match="no broker"):
        recorder.deliver(link)
    link.close()
    assert len(recorder.flash.unkept()) == 1
