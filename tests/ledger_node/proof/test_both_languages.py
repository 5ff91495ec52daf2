"""A fuzzer: altered bundles give the same findings, step by step, in Python and in JavaScript."""

import base64
import copy
import json
import random
import subprocess
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from ledger_node.domain.checkpoint_note import parse_note
from ledger_node.proof.findings import Verification
from ledger_node.proof.verify import verify
from tests.support.proof_vectors import Base, all_bases

ROOT = Path(__file__).resolve().parents[3]
ROUNDS = 40
BASES = all_bases()[0]


class JavaScript:
    """The built verifier in one node process."""

    def __init__(self) -> None:
        command = ["node", "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON", "tests/verifier/check_lines.mjs"]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def findings(self, bundle: bytes, base: Base) -> tuple[list[Any], int]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        asked = {
            "bundle": base64.b64encode(bundle).decode(),
            "network": base.network.to_bytes().decode(),
            "now": int(base.now.timestamp()),
            "kept": base.kept,
        }
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        return answer["found"], answer["exit"]

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)
        assert self._process.stdout is not None
        self._process.stdout.close()


@pytest.fixture(scope="module")
def javascript() -> Generator[JavaScript]:
    started = JavaScript()
    yield started
    started.close()


def in_python(bundle: bytes, base: Base) -> Verification:
    return verify(bundle, base.network, now=base.now, kept=None if base.kept is None else parse_note(base.kept))


def plain(found: Verification) -> tuple[list[Any], int]:
    rows = [[one.step, one.code, str(one.say), sorted(one.questions)] for one in found.findings]
    return rows, found.exit_code()


@pytest.mark.parametrize("name", sorted(BASES))
def test_altered_bundles_give_the_same_findings_in_both_languages(name: str, javascript: JavaScript) -> None:
    base, chance = BASES[name], random.Random(name)
    assert javascript.findings(base.data, base) == plain(in_python(base.data, base))
    altered = 0
    for _ in range(ROUNDS):
        bundle = alter(base.data, chance)
        found = in_python(bundle, base)
        assert javascript.findings(bundle, base) == plain(found), bundle.decode(errors="replace")
        altered += bool(found.findings)
    assert altered > ROUNDS // 2, "alterations that nobody notices would show nothing"


def alter(data: bytes, chance: random.Random) -> bytes:
    """One alteration: of the bytes, or of one member somewhere in the tree."""
    if chance.random() < 0.15:
        place = chance.randrange(len(data))
        return data[:place] + bytes([data[place] ^ 1 << chance.randrange(8)]) + data[place + 1 :]
    bundle = json.loads(data)
    places = list(every_place(bundle))
    holder, key = chance.choice(places)
    value = holder[key]
    match chance.randrange(7):
        case 0:
            del holder[key]
        case 1:
            other_holder, other_key = chance.choice(places)
            holder[key] = copy.deepcopy(other_holder[other_key])
        case 2 if isinstance(holder, list):
            holder.insert(key, copy.deepcopy(value))
        case 3 if isinstance(value, list) and len(value) > 1:
            value.reverse()
        case 4 if isinstance(value, str) and value:
            holder[key] = altered_text(value, chance)
        case 5 if isinstance(value, str) and value:
            holder[key] = altered_bytes(value, chance)
        case _:
            holder[key] = altered_scalar(value, chance)
    return rfc8785.dumps(bundle)


def every_place(value: Any) -> Generator[tuple[Any, Any]]:
    """(holder, key) of every member of the tree."""
    if isinstance(value, (dict, list)):
        for key, member in value.items() if isinstance(value, dict) else enumerate(value):
            yield value, key
            yield from every_place(member)


def altered_text(text: str, chance: random.Random) -> str:
    place = chance.randrange(len(text))
    return text[:place] + chance.choice("0129afAZ+/=\n —x") + text[place + 1 :]


def altered_bytes(text: str, chance: random.Random) -> str:
    """One bit inside base64 or hex, so that the form stays right."""
    try:
        data = bytearray(bytes.fromhex(text[2:]) if text.startswith("0x") else base64.b64decode(text, validate=True))
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    except ValueError:
        return altered_text(text, chance)
    return "0x" + data.hex() if text.startswith("0x") else base64.b64encode(data).decode()


def altered_scalar(value: Any, chance: random.Random) -> Any:
    if isinstance(value, bool) or value is None:
        return chance.choice([True, False, None, 0, "", []])
    if isinstance(value, int):
        return chance.choice([value + 1, value - 1, -value, 0, 1.5, str(value), (1 << 53) - 1])
    if isinstance(value, str) and value.isdigit():
        return chance.choice(
            [str(int(value) + 1), str(max(0, int(value) - 1)), "0" + value, str(1 << 64), int(value) % 9]
        )
    return chance.choice([None, 0, "", [], {}])
