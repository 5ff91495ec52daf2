"""What a device believes of the node: the edge's rows of the bad-input table."""

import json
from pathlib import Path
from typing import Any

import pytest

from ledger_node.domain.command import sign_command, sign_configuration
from ledger_node.domain.hold import sign_hold_list
from ledger_node.domain.identifier import lot_key
from ledger_node.domain.typed_data import SigningDomain
from ledger_node.errors import SignedMessageWrong
from oracles.device.node_word import CommandGate, HoldWatch
from tests.support.an_edge import (
    DOMAIN,
    LOT,
    MARKET,
    NODE,
    NODE_KEY,
    NODE_KEYS,
    NOON_MS,
    OTHER_LOT,
    SCALE,
    SetClock,
    a_key,
)

DAY_MS = 86_400_000


def a_list(version: int = 5, **changes: Any) -> bytes:
    parts: dict[str, Any] = {
        "domain": DOMAIN,
        "signer": NODE_KEY,
        "node": NODE,
        "market": f"market/{MARKET}",
        "version": version,
        "lot_keys": [lot_key(LOT)],
        "issued_at_ms": NOON_MS,
    }
    parts |= changes
    made = sign_hold_list(parts.pop("domain"), parts.pop("signer"), parts.pop("node"), **parts)
    return json.dumps(made.to_json()).encode()


@pytest.fixture
def alarms() -> list[str]:
    return []


@pytest.fixture
def watch(tmp_path: Path, alarms: list[str]) -> HoldWatch:
    watch = HoldWatch(
        MARKET,
        DOMAIN,
        NODE_KEYS,
        SetClock().clock(),
        path=tmp_path / "holds.json",
        alarm=lambda code, text: alarms.append(text),
    )
    assert watch.take(a_list())
    return watch


def test_a_verified_list_holds_its_lots_and_no_others(watch: HoldWatch) -> None:
    assert watch.check(LOT).is_held
    assert not watch.check(OTHER_LOT).is_held
    assert not watch.check(OTHER_LOT).needs_pin


BAD_LISTS: dict[str, bytes] = {
    "older version": a_list(4, lot_keys=[]),
    "same version, issued earlier": a_list(5, lot_keys=[], issued_at_ms=NOON_MS - 1),
    "expired": a_list(6, lot_keys=[], issued_at_ms=NOON_MS - DAY_MS - 1),
    "from the future": a_list(6, lot_keys=[], issued_at_ms=NOON_MS + 200_000),
    "another key": a_list(6, lot_keys=[], signer=a_key("stranger")),
    "unknown node": a_list(6, lot_keys=[], node="urn:tidemark:device:zpk-node-2"),
    "another chain": a_list(6, lot_keys=[], domain=SigningDomain(1, DOMAIN.verifying_contract)),
    "another market": a_list(6, lot_keys=[], market="market/abc"),
    "a lot taken off after signing": json.dumps({**json.loads(a_list(6)), "lots": []}).encode(),
    "unsigned": json.dumps({k: v for k, v in json.loads(a_list(6)).items() if k != "signature"}).encode(),
    "not JSON": b"\xff{",
    "nested without end": b"[" * 100_000,
}


@pytest.mark.parametrize("name", BAD_LISTS)
def test_a_list_that_is_not_to_be_believed_changes_nothing_and_alarms(
    name: str, watch: HoldWatch, alarms: list[str]
) -> None:
    assert not watch.take(BAD_LISTS[name])
    assert len(alarms) == 1
    assert watch.check(LOT).is_held
    assert watch.check(LOT).version == 5


def test_a_reissue_of_the_same_version_renews_its_age(watch: HoldWatch) -> None:
    clock = SetClock(NOON_MS + DAY_MS + 1)
    watch.clock = clock.clock()
    assert watch.check(OTHER_LOT).needs_pin
    assert watch.take(a_list(issued_at_ms=NOON_MS + DAY_MS))
    assert not watch.check(OTHER_LOT).needs_pin


def test_the_last_good_list_survives_a_restart_and_a_spoiled_file_does_not_count(
    watch: HoldWatch, tmp_path: Path, alarms: list[str]
) -> None:
    def restarted() -> HoldWatch:
        clock = SetClock(NOON_MS + 3 * DAY_MS).clock()
        path = tmp_path / "holds.json"
        return HoldWatch(MARKET, DOMAIN, NODE_KEYS, clock, path=path, alarm=lambda code, text: alarms.append(text))

    answer = restarted().check(LOT)
    assert (answer.is_held, answer.needs_pin, answer.version) == (True, True, 5)
    (tmp_path / "holds.json").write_bytes(a_list(9, lot_keys=[], signer=a_key("stranger")))
    assert restarted().check(LOT).version == 0
    assert len(alarms) == 1


def a_command(**changes: Any) -> bytes:
    parts: dict[str, Any] = {
        "domain": DOMAIN,
        "signer": NODE_KEY,
        "node": NODE,
        "device": SCALE,
        "number": 8,
        "name": "block-lot",
        "arguments": {"lot_id": LOT},
        "expires_at_ms": NOON_MS + 60_000,
    }
    parts |= changes
    return json.dumps(
        sign_command(parts.pop("domain"), parts.pop("signer"), parts.pop("node"), **parts).to_json()
    ).encode()


GATE = CommandGate(DOMAIN, NODE_KEYS, SetClock().clock())


def test_a_good_command_passes_once() -> None:
    assert GATE.command(a_command(), SCALE, 7).arguments == {"lot_id": LOT}
    with pytest.raises(SignedMessageWrong, match="not above 8"):
        GATE.command(a_command(), SCALE, 8)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"expires_at_ms": NOON_MS}, "expired"),
        ({"number": 7}, "not above"),
        ({"signer": a_key("stranger")}, "not signed"),
        ({"node": SCALE}, "no node known"),
        ({"device": SCALE + "9"}, "not urn"),
        ({"domain": SigningDomain(13370, bytes(20))}, "not signed"),
    ],
)
def test_a_command_that_is_not_to_be_obeyed_is_refused(change: dict[str, Any], why: str) -> None:
    with pytest.raises(SignedMessageWrong, match=why):
        GATE.command(a_command(**change), SCALE, 7)


def test_a_configuration_never_goes_back() -> None:
    def message(version: int) -> bytes:
        made = sign_configuration(
            DOMAIN, NODE_KEY, NODE, device=SCALE, version=version, settings={}, issued_at_ms=NOON_MS
        )
        return json.dumps(made.to_json()).encode()

    assert GATE.configuration(message(3), SCALE, 3).version == 3
    with pytest.raises(SignedMessageWrong, match="below"):
        GATE.configuration(message(2), SCALE, 3)
    with pytest.raises(SignedMessageWrong, match="not"):
        GATE.configuration(message(4), SCALE + "9", 3)
