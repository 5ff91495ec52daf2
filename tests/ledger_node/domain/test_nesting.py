"""Deep nesting ends as a refusal, also where a library has raised the recursion limit."""

import subprocess
import sys
from pathlib import Path

import pytest

from ledger_node.domain.nesting import is_nested_deeper

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("text", "is_deep"),
    [
        ("[" * 501, True),
        ("[" * 500 + "]" * 500, False),
        ('{"a":' * 501 + "1" + "}" * 501, True),
        ('"' + "[" * 9_000 + '"', False),
        ("[" + ",".join(["{}"] * 9_000) + "]", False),
        ('["\\"' + "[" * 9_000 + '"]', False),
        ('["\\\\",' + "[" * 600, True),
    ],
)
def test_only_brackets_outside_strings_nest(text: str, is_deep: bool) -> None:
    assert is_nested_deeper(text) == is_deep


@pytest.mark.parametrize(
    "call",
    [
        "from ledger_node.domain.canonical_json import parse_json; parse_json('[' * 131072)",
        "from ledger_node.domain.strict_json import read_canonical; read_canonical(b'[' * 1000000)",
        "from oracles.device.node_word import read_message; read_message(b'[' * 131072, 'ack')",
    ],
)
def test_a_raised_recursion_limit_does_not_let_brackets_kill_the_process(call: str) -> None:
    program = f"import sys; sys.setrecursionlimit(100_000)\n{call}"
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 1
    assert "nested" in ended.stderr
