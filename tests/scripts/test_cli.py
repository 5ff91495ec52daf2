"""The command line: what it offers, and one sentence for what cannot be done."""

import subprocess
import sys
from pathlib import Path

import pytest

from ledger_node.errors import ConfigurationWrong
from scripts.cli import read_faults
from scripts.parts import PARTS


def tidemark(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scripts.cli", *arguments], capture_output=True, text=True, timeout=120, check=False
    )


def test_every_part_is_a_command_of_its_own() -> None:
    said = tidemark("--help").stdout
    for name in {*PARTS, "run", "verify", "rebuild", "content"} - {"found"}:
        assert f" {name} " in said


def test_a_folder_that_is_no_nodes_is_named_with_what_to_do(tmp_path: Path) -> None:
    done = tidemark("seal", "--data", str(tmp_path))
    assert done.returncode == 1
    assert "settings.json" in done.stderr
    assert "tidemark run" in done.stderr.replace("\n", " ")
    assert "Traceback" not in done.stderr


def test_an_unknown_engine_is_refused_in_a_sentence(tmp_path: Path) -> None:
    done = tidemark("run", "--data", str(tmp_path), "--port", "18391", "--engine", "geth")
    assert done.returncode == 1
    assert "anvil, ganache, url" in done.stderr.replace("\n", " ")


def test_faults_are_read_as_shares() -> None:
    assert read_faults(["fork=0.01", "duplicate=1"]) == {"fork": 0.01, "duplicate": 1.0}


@pytest.mark.parametrize("text", ["fork", "fork=2", "fork=-0.1", "flood=0.1", "fork=much", "=0.1"])
def test_what_is_no_fault_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationWrong):
        read_faults([text])
