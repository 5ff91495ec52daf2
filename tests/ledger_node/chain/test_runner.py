"""Embedded chains start from what is whole on disk, refuse what they cannot do, and leave no process behind."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ledger_node.chain.runner import AnvilRunner, GanacheRunner, Runner, anvil_program
from ledger_node.chain.state_file import is_whole, newest_whole_state, write_state
from ledger_node.domain.clock import Clock
from ledger_node.errors import EngineFailed, NodeUnreachable
from scripts.node_folder import free_ports
from tests.support.chain import a_clock, a_runner

WHOLE = b'{"block":{"number":"0x%x"},"accounts":{}}'


def test_a_state_is_written_whole_and_the_one_before_is_kept(tmp_path: Path) -> None:
    for number in (1, 2, 3):
        write_state(tmp_path, WHOLE % number)
    assert (tmp_path / "state.json").read_bytes() == WHOLE % 3
    assert (tmp_path / "state.previous.json").read_bytes() == WHOLE % 2


@pytest.mark.parametrize("torn", [b"", b'{"block":{"number":"0x', b"[]", b'{"accounts":{},"block":{"number":"0x1"}}'])
def test_a_torn_state_gives_way_to_the_one_before(tmp_path: Path, torn: bytes) -> None:
    write_state(tmp_path, WHOLE % 1)
    write_state(tmp_path, WHOLE % 2)
    (tmp_path / "state.json").write_bytes(torn)
    assert not is_whole(tmp_path / "state.json")
    assert newest_whole_state(tmp_path) == tmp_path / "state.json"
    assert (tmp_path / "state.json").read_bytes() == WHOLE % 1
    assert (tmp_path / "state.torn.json").read_bytes() == torn


def test_without_any_whole_state_a_chain_starts_anew(tmp_path: Path) -> None:
    assert newest_whole_state(tmp_path) is None
    (tmp_path / "state.json").write_bytes(b"{")
    assert newest_whole_state(tmp_path) is None


@pytest.mark.fault
def test_a_chain_with_a_torn_state_file_goes_on_from_the_last_good_one(tmp_path: Path) -> None:
    with a_runner("anvil", tmp_path, a_clock()) as runner:
        genesis = runner.node.genesis_hash()
        for _ in range(3):
            runner.mine()
            runner.keep_now()
    whole = (tmp_path / "state.json").read_bytes()
    (tmp_path / "state.json").write_bytes(whole[: len(whole) // 2])
    with a_runner("anvil", tmp_path, a_clock()) as runner:
        assert runner.node.genesis_hash() == genesis
        assert runner.node.block_number() >= 1


@pytest.mark.fault
def test_the_genesis_stays_the_same_when_killed_before_the_first_block(tmp_path: Path) -> None:
    with a_runner("anvil", tmp_path, a_clock()) as runner:
        genesis = runner.node.genesis_hash()
        runner.kill()
    for name in ("state.json", "state.previous.json"):
        (tmp_path / name).unlink(missing_ok=True)
    with a_runner("anvil", tmp_path, a_clock(behind_seconds=100)) as runner:
        assert runner.node.genesis_hash() == genesis


def test_an_ended_engine_is_noticed(tmp_path: Path) -> None:
    with a_runner("anvil", tmp_path, a_clock(), period_seconds=60) as runner:
        assert runner.pid is not None
        os.kill(runner.pid, signal.SIGKILL)
        time.sleep(0.2)
        with pytest.raises(EngineFailed, match="the process ended"):
            runner.step()


def test_a_taken_port_is_said_in_words(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        runner = AnvilRunner(tmp_path, taken.getsockname()[1], 13370, Clock())
        with pytest.raises(EngineFailed, match="is taken"):
            runner.start()


def test_a_missing_program_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(EngineFailed, match="run scripts/set_up"):
        anvil_program(tmp_path)


def test_run_makes_blocks_until_it_is_told_to_stop(tmp_path: Path) -> None:
    runner = AnvilRunner(tmp_path, free_ports(1)[0], 13370, a_clock(), period_seconds=0.05, idle_seconds=0.05)
    stop = threading.Event()
    thread = threading.Thread(target=runner.run, args=(stop,))
    thread.start()
    limit = time.monotonic() + 20
    while time.monotonic() < limit:
        try:
            if runner.node.block_number() >= 2:
                break
        except NodeUnreachable:
            pass
        time.sleep(0.05)
    stop.set()
    thread.join(20)
    assert runner.pid is None
    assert is_whole(tmp_path / "state.json")
    runner.node.close()


def test_idle_chains_make_few_blocks(tmp_path: Path) -> None:
    with a_runner("anvil", tmp_path, a_clock(), period_seconds=60) as runner:
        runner.step()
        head = runner.node.block_number()
        for _ in range(5):
            runner.step()
        assert runner.node.block_number() == head


@pytest.mark.fault
def test_an_engine_whose_runner_was_killed_is_ended_by_the_next(tmp_path: Path) -> None:
    code = (
        "import sys, threading\nfrom pathlib import Path\n"
        "from ledger_node.chain.runner import AnvilRunner\nfrom tests.support.chain import a_clock\n"
        "runner = AnvilRunner(Path(sys.argv[1]), int(sys.argv[2]), 13370, a_clock())\n"
        "thread = threading.Thread(target=runner.start)\nthread.start(); thread.join()\n"
        "print(runner.pid, flush=True)\nthreading.Event().wait()\n"
    )
    port = free_ports(1)[0]
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path), str(port)], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        pid = int(child.stdout.readline())
        child.kill()
        child.wait()
    with a_runner("anvil", tmp_path, a_clock()) as runner:
        assert runner.pid != pid
        stat = Path(f"/proc/{pid}/stat")
        assert not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z"


@pytest.mark.parametrize("engine", [AnvilRunner, GanacheRunner])
def test_run_funds_accounts_and_ends_with_the_engine(engine: type[Runner], tmp_path: Path) -> None:
    if engine is GanacheRunner and shutil.which("node") is None:
        pytest.skip("Node.js is missing")
    runner = engine(tmp_path, free_ports(1)[0], 13370, a_clock(), period_seconds=0.05)
    account = bytes(19) + b"\x07"

    def is_funded() -> bool:
        try:
            return engine is AnvilRunner or runner.node.balance(account) > 0
        except NodeUnreachable:
            return False

    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(runner.run, threading.Event(), [account])
        limit = time.monotonic() + 60
        while runner.pid is None or not is_funded():
            assert time.monotonic() < limit
            time.sleep(0.05)
        os.kill(runner.pid, signal.SIGKILL)
        with pytest.raises((EngineFailed, NodeUnreachable)):
            running.result(60)
    runner.node.close()
