"""The durable outbox: commits, receipts, refusals, shedding, and kill -9 at every label."""

import json
import random
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ledger_node.domain.clock import Clock
from ledger_node.domain.digest import sha256
from ledger_node.domain.envelope import Envelope
from ledger_node.domain.receipt import sign_receipt
from ledger_node.domain.record import ZERO_HASH
from ledger_node.domain.topic import leaf_of
from ledger_node.domain.typed_data import SigningDomain
from oracles.device.recorder import Recorder
from oracles.gateway import shedding
from oracles.gateway.answers import Answers
from oracles.gateway.outbox import GRACE_MS, NewRow, Outbox, State
from tests.support.an_edge import (
    DOMAIN,
    MARKET,
    NODE,
    NODE_KEY,
    NODE_KEYS,
    NOON_MS,
    PROBE,
    SCALE,
    SetClock,
    a_key,
    a_reading,
    a_recorder,
)

ROOT = Path(__file__).parents[3]


def a_row(envelope: Envelope) -> NewRow:
    return NewRow(
        envelope.device,
        envelope.sequence,
        envelope.digest(DOMAIN),
        leaf_of(envelope.kind),
        envelope.to_cbor(),
        NOON_MS,
        sha256(envelope.signature),
    )


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    box = Outbox(tmp_path / "outbox.sqlite")
    yield box
    box.close()


@pytest.fixture
def probe(tmp_path: Path) -> Recorder:
    return a_recorder(tmp_path, clock=SetClock().clock())


@pytest.fixture
def alarms() -> list[str]:
    return []


@pytest.fixture
def answers(outbox: Outbox, alarms: list[str]) -> Answers:
    clock = SetClock().clock()
    return Answers(outbox, DOMAIN, NODE_KEYS, clock, MARKET, lambda code, text: alarms.append(f"{code}: {text}"))


def send_all(outbox: Outbox) -> None:
    outbox.sent((row.id, 10**15) for row in outbox.due(10**14, 10_000))


def states(outbox: Outbox) -> list[int]:
    return [row.state for row in outbox.record_rows(PROBE, 1, 10**9)]


def a_receipt(sequence: int, head: bytes, **changes: Any) -> dict[str, Any]:
    parts: dict[str, Any] = {
        "domain": DOMAIN,
        "signer": NODE_KEY,
        "node": NODE,
        "device": PROBE,
        "contiguous_sequence": sequence,
        "head_hash": head,
        "received_at_ms": NOON_MS,
    }
    parts |= changes
    return sign_receipt(parts.pop("domain"), parts.pop("signer"), parts.pop("node"), **parts).to_json()


def test_the_same_record_is_kept_once_and_a_fork_twice(outbox: Outbox, probe: Recorder, tmp_path: Path) -> None:
    first = a_reading(probe, 1)
    (tmp_path / "other").mkdir()
    twin = a_reading(a_recorder(tmp_path / "other", clock=SetClock().clock()), 2)
    assert [outbox.keep([a_row(first)]), outbox.keep([a_row(first)]), outbox.keep([a_row(twin)])] == [1, 0, 1]
    assert len(outbox.record_rows(PROBE, 1, 1)) == 2
    assert outbox.used_bytes == len(first.to_cbor()) + len(twin.to_cbor())


def test_a_copy_with_a_spoiled_signature_does_not_keep_the_real_record_out(outbox: Outbox, probe: Recorder) -> None:
    real = a_reading(probe)
    forged = replace(real, signature=bytes(64) + b"\x1b")
    assert [outbox.keep([a_row(forged)]), outbox.keep([a_row(real)]), outbox.keep([a_row(real)])] == [1, 1, 0]
    assert {row.envelope for row in outbox.record_rows(PROBE, 1, 1)} == {forged.to_cbor(), real.to_cbor()}


def test_it_is_durable_in_the_way_that_survives_a_power_cut(outbox: Outbox) -> None:
    assert outbox._first("PRAGMA journal_mode") == ("wal",)
    assert outbox._first("PRAGMA synchronous") == (2,)


def test_a_receipt_lets_go_of_what_it_covers_and_was_sent(outbox: Outbox, probe: Recorder, answers: Answers) -> None:
    envelopes = [a_reading(probe, value) for value in range(4)]
    outbox.keep([a_row(one) for one in envelopes[:3]])
    send_all(outbox)
    outbox.keep([a_row(envelopes[3])])
    assert answers.take_receipt(a_receipt(2, envelopes[1].digest(DOMAIN)), PROBE)
    assert states(outbox) == [State.ACKNOWLEDGED, State.ACKNOWLEDGED, State.IN_FLIGHT, State.NEW]
    assert answers.take_receipt(a_receipt(4, envelopes[3].digest(DOMAIN)))
    assert states(outbox)[3] == State.NEW, "a row that was never sent is not let go"


def test_acknowledged_rows_stay_a_day(outbox: Outbox, probe: Recorder, answers: Answers) -> None:
    envelope = a_reading(probe)
    outbox.keep([a_row(envelope)])
    send_all(outbox)
    answers.take_receipt(a_receipt(1, envelope.digest(DOMAIN)))
    assert outbox.delete_old(NOON_MS + GRACE_MS - 1) == 0
    assert outbox.delete_old(NOON_MS + GRACE_MS) == 1
    assert outbox.used_bytes == 0
    assert outbox.highest_sequence(PROBE) == 1


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"signer": a_key("stranger")}, "not signed by the key"),
        ({"node": SCALE}, "no node known here"),
        ({"domain": SigningDomain(1, DOMAIN.verifying_contract)}, "not signed by the key"),
        ({"domain": SigningDomain(13370, bytes(20))}, "not signed by the key"),
        ({"contiguous_sequence": 4}, "highest sent"),
        ({"device": SCALE}, "on the topic of"),
        ({"head_hash": bytes(31) + b"\1"}, "another record"),
    ],
)
def test_a_receipt_that_is_not_to_be_believed_changes_nothing_and_alarms(
    change: dict[str, Any], why: str, outbox: Outbox, probe: Recorder, answers: Answers, alarms: list[str]
) -> None:
    envelopes = [a_reading(probe, value) for value in range(3)]
    outbox.keep([a_row(one) for one in envelopes])
    send_all(outbox)
    good = a_receipt(1, envelopes[0].digest(DOMAIN))
    assert answers.take_receipt(good, PROBE)
    bad = a_receipt(3, envelopes[2].digest(DOMAIN), **change)
    assert not answers.take_receipt(bad, PROBE)
    assert len(alarms) == 1
    assert why in alarms[0]
    assert states(outbox) == [State.ACKNOWLEDGED, State.IN_FLIGHT, State.IN_FLIGHT]
    assert outbox.receipt(PROBE) == good


@pytest.mark.parametrize(
    "message", [b"", b"\xff", b"[]", b'{"receipt": 7}', b'{"receipt": {"device": 1}}', b"[" * 200_000]
)
def test_an_unreadable_answer_is_only_an_alarm(message: bytes, answers: Answers, alarms: list[str]) -> None:
    answers.take_ack(PROBE, message)
    assert len(alarms) == 1


def test_an_older_receipt_does_not_replace_a_newer_one(outbox: Outbox, probe: Recorder, answers: Answers) -> None:
    envelopes = [a_reading(probe, value) for value in range(3)]
    outbox.keep([a_row(one) for one in envelopes])
    send_all(outbox)
    newest = a_receipt(3, envelopes[2].digest(DOMAIN))
    answers.take_receipt(newest)
    assert answers.take_receipt(a_receipt(1, envelopes[0].digest(DOMAIN)))
    assert outbox.receipt(PROBE) == newest


def test_a_receipt_over_a_declared_number_has_no_head(outbox: Outbox, probe: Recorder, answers: Answers) -> None:
    outbox.keep([a_row(a_reading(probe))])
    send_all(outbox)
    assert answers.take_receipt(a_receipt(1, ZERO_HASH))


def test_a_refusal_of_other_bytes_buries_nothing(outbox: Outbox, probe: Recorder, answers: Answers) -> None:
    outbox.keep([a_row(a_reading(probe))])
    send_all(outbox)
    assert not answers.take_refusal(PROBE, {"hash": "0x" + "00" * 32, "reason": "SCHEMA"})
    assert not answers.take_refusal(PROBE, "nonsense")
    assert states(outbox) == [State.IN_FLIGHT]


def test_what_was_under_way_when_it_stopped_is_due_again(tmp_path: Path, probe: Recorder) -> None:
    box = Outbox(tmp_path / "box.sqlite")
    box.keep([a_row(a_reading(probe))])
    send_all(box)
    assert box.due(NOON_MS, 10) == []
    box.close()
    again = Outbox(tmp_path / "box.sqlite")
    assert [row.attempts for row in again.due(NOON_MS, 10)] == [1]
    again.close()


def test_shedding_begins_with_the_grace_then_diagnostics_then_climate_then_heartbeats(
    outbox: Outbox, tmp_path: Path, probe: Recorder, answers: Answers
) -> None:
    scale = a_recorder(tmp_path, SCALE, SetClock().clock())
    acknowledged = a_reading(scale)
    outbox.keep([a_row(acknowledged)])
    send_all(outbox)
    answers.take_receipt(a_receipt(1, acknowledged.digest(DOMAIN), device=SCALE))
    births = [scale.birth(firmware_hash=bytes(32)) for _ in range(2)]
    climate = [a_reading(probe, value, observed_at_ms=NOON_MS // 60_000 * 60_000 + 10 * value) for value in range(5)]
    alone = a_reading(probe, 9, observed_at_ms=NOON_MS + 120_000)
    heartbeat = scale.sign("heartbeat", 1, {})
    precious = [
        scale.sign("seal", 1, {"state": "opened"}),
        scale.sign("door", 1, {"open": True}),
        scale.declare_gap(1, 1, "test"),
    ]
    outbox.keep([a_row(one) for one in (*births, *climate, alone, heartbeat, *precious)])

    def here() -> list[str]:
        rows = [*outbox.record_rows(SCALE, 1, 99), *outbox.record_rows(PROBE, 1, 99)]
        return [f"{row.device.split('-')[1]} {Envelope.from_cbor(row.envelope).kind} {row.sequence}" for row in rows]

    steps: list[set[str]] = []
    before = set(here())
    for _ in range(4):
        shedding.shed(outbox, 1)
        steps.append(before - set(here()))
        before = set(here())
    assert steps[0] == {"scale temperature 1"}
    assert steps[1] == {"scale birth 2"}
    assert steps[2] == {f"probe temperature {number}" for number in range(1, 6)}
    assert steps[3] == {"scale heartbeat 4"}
    assert shedding.shed(outbox, 10**9) == 0
    assert set(here()) == {f"scale {one}" for one in ("birth 3", "seal 5", "door 6", "gap 7")} | {"probe temperature 6"}
    (notice,) = outbox.notices(PROBE, 0)
    assert notice["runs"] == [[1, 5]]
    said = {"minimum": 0, "maximum": 4, "mean": 2, "last": 4, "readings": 5}
    assert {name: notice[name] for name in said} == said
    assert [one["runs"] for one in outbox.notices(SCALE, 0)] == [[[2, 2]], [[4, 4]]]


@pytest.mark.fault
@pytest.mark.parametrize("label", ["G1", "G2", "G3", "G4", "anywhere"])
def test_killed_at_any_moment_it_has_every_record_that_was_kept_and_the_device_has_the_rest(
    tmp_path: Path, label: str
) -> None:
    program = textwrap.dedent(
        f"""
        import itertools, os, random, signal, sys, threading
        from pathlib import Path
        from ledger_node.domain import fault
        from ledger_node.domain.clock import Clock
        from oracles.gateway.gateway import Gateway
        from tests.support.an_edge import *
        from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
        import json
        folder = Path({str(tmp_path)!r})
        countdown = itertools.count(int(sys.argv[1]), -1)
        def die():
            if next(countdown) <= 0:
                os.kill(os.getpid(), signal.SIGKILL)
        if {label!r} != "anywhere":
            fault.arm({label!r}, die)
        node = HonestNode()
        class Door(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                data = json.dumps(node.take(body)).encode()
                self.send_response(200); self.send_header("Content-Length", str(len(data))); self.end_headers()
                self.wfile.write(data)
            def log_message(self, *_): pass
        server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{{server.server_address[1]}}"
        me = an_identity(GATEWAY)
        gateway = Gateway(folder / "gateway", GATEWAY, MARKET, me, None, url, NODE_KEYS, Clock(), DOMAIN)
        threading.Thread(target=gateway.run, args=(threading.Event(),), daemon=True).start()
        probe = a_recorder(folder)
        probe.deliver(gateway)
        while True:
            first = probe.flash.next_sequence
            many = [a_reading(probe) for _ in range(random.randrange(1, 4))]
            probe.deliver(gateway)
            for one in many:
                print(one.sequence, one.digest(DOMAIN).hex(), flush=True)
        """
    )
    kept: dict[int, str] = {}
    chance = random.Random(label)
    for _ in range(4):
        argument = str(chance.randrange(0, 6))
        child = subprocess.Popen([sys.executable, "-c", program, argument], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        for _ in range(chance.randrange(5, 80) if label == "anywhere" else 10_000):
            line = child.stdout.readline()
            if not line:
                break
            _note(kept, line)
        child.send_signal(signal.SIGKILL)
        for line in child.stdout.read().splitlines(keepends=True):
            _note(kept, line)
        assert child.wait() == -signal.SIGKILL
        child.stdout.close()
    outbox = Outbox(tmp_path / "gateway" / "outbox.sqlite")
    rows = {row.sequence: row for row in outbox.record_rows(PROBE, 1, 10**9)}
    waiting = {Envelope.from_cbor(data).sequence for data in a_recorder(tmp_path).flash.unkept()}
    outbox.close()
    assert kept or label != "anywhere"
    for sequence, digest in kept.items():
        assert rows[sequence].digest.hex() == digest
    newest = a_recorder(tmp_path).flash.sequence
    assert set(range(1, newest + 1)) == set(rows) | waiting


def _note(kept: dict[int, str], line: str) -> None:
    if line.endswith("\n"):
        number, digest = line.split()
        kept[int(number)] = digest


def test_a_gateway_that_answered_before_its_commit_would_lose_records(tmp_path: Path) -> None:
    """The negative control: without the wait for the commit, the checker above sees a loss."""
    program = textwrap.dedent(
        f"""
        import os, signal
        from pathlib import Path
        from oracles.gateway.outbox import Outbox
        from tests.support.an_edge import *
        from tests.support.an_edge import a_reading
        probe = a_recorder(Path({str(tmp_path)!r}))
        one = a_reading(probe)
        probe.flash.kept(one.sequence)
        print(one.sequence, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
        """
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    outbox = Outbox(tmp_path / "outbox.sqlite")
    rows = outbox.record_rows(PROBE, 1, 10)
    outbox.close()
    assert done.stdout.split() == ["1"]
    assert a_recorder(tmp_path).flash.unkept() == []
    assert rows == [], "lost: neither the device nor the gateway has it"


def test_the_clock_of_waiting_is_real_and_not_the_markets(outbox: Outbox, probe: Recorder) -> None:
    real = SetClock(NOON_MS + 10**9)
    clock = Clock(NOON_MS, NOON_MS + 10**9, 60, real)
    assert clock.now_ms() == NOON_MS
    outbox.keep([a_row(a_reading(probe))])
    outbox.sent([(outbox.due(clock.real(), 1)[0].id, clock.real() + 30_000)])
    real.now_ms += 29_999
    assert outbox.due(clock.real(), 1) == []
    real.now_ms += 1
    assert len(outbox.due(clock.real(), 1)) == 1
    assert json.dumps(outbox.memory("nothing", [1])) == "[1]"
