"""The compiler's wrapper, as forge, py-solc-x and Slither call it."""

import json
import os
import stat
import subprocess
from pathlib import Path

import pytest

from scripts.forge import ROOT

_SOLC = str(ROOT / "tools" / "solc")
_VERSION = json.loads((ROOT / "node_modules" / "solc" / "package.json").read_text())["version"]


def _compile(source: str, *, path: str | None = None) -> dict[str, object]:
    given = {
        "language": "Solidity",
        "sources": {"a.sol": {"content": source}},
        "settings": {"outputSelection": {"*": {"*": ["evm.bytecode.object"]}}},
    }
    environment = {**os.environ, "PATH": path or os.environ["PATH"]}
    done = subprocess.run(
        [_SOLC, "--standard-json"], input=json.dumps(given), capture_output=True, text=True, env=environment, check=True
    )
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def _native(folder: Path, version: str) -> str:
    """A PATH with a native compiler of that version, which answers a fixed text."""
    native = folder / "solc"
    native.write_text(
        "#!/bin/sh\n"
        f'[ "$1" = --version ] && echo "Version: {version}+commit.00000000.Linux.g++" && exit\n'
        """echo '{"native":1}'\n"""
    )
    native.chmod(native.stat().st_mode | stat.S_IXUSR)
    return os.pathsep.join([str(folder), os.environ["PATH"]])


def test_it_says_the_version_of_the_package() -> None:
    said = subprocess.run([_SOLC, "--version"], capture_output=True, text=True, check=True).stdout
    assert f"Version: {_VERSION}+commit." in said


def test_it_answers_with_json_alone() -> None:
    answer = _compile("// SPDX-License-Identifier: MIT\npragma solidity ^0.8.0; contract A {}")
    assert "A" in answer["contracts"]["a.sol"]  # type: ignore[index]


def test_it_reads_input_larger_than_a_pipe_holds() -> None:
    answer = _compile("pragma solidity ^0.8.0; contract A {} // " + "x" * 3_000_000)
    assert "A" in answer["contracts"]["a.sol"]  # type: ignore[index]


def test_errors_of_the_source_are_answers() -> None:
    errors = _compile("contract")["errors"]
    assert any(one["severity"] == "error" for one in errors)  # type: ignore[attr-defined]


def test_a_native_compiler_of_the_same_version_does_the_work(tmp_path: Path) -> None:
    assert _compile("", path=_native(tmp_path, _VERSION)) == {"native": 1}


@pytest.mark.parametrize("version", ["0.8.36", "0.8.370"])
def test_a_native_compiler_of_another_version_does_not(tmp_path: Path, version: str) -> None:
    assert "native" not in _compile("pragma solidity ^0.8.0; contract A {}", path=_native(tmp_path, version))


def test_other_calls_are_refused() -> None:
    done = subprocess.run([_SOLC, "--bin"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "answers --version" in done.stderr
