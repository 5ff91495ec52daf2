"""Parts are kept running, restarted when killed, and stopped in order. Run in a child: the supervisor forks."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

PRELUDE = """
import os, signal, sys, time
from pathlib import Path
from scripts.supervisor import EXIT_REFUSED, Part, PartFailed, PartRefused, Supervisor
folder = Path(sys.argv[1])
supervisor = Supervisor(folder / "logs")
def wait_for(condition):
    limit = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < limit, "waited in vain"
        supervisor.watch()
        time.sleep(0.01)
def sleeper():
    def leave(number, frame):
        with (folder / "left").open("a") as file:
            file.write(os.environ.get("NAME", "") + "x")
        sys.exit(0)
    signal.signal(signal.SIGTERM, leave)
    with (folder / "starts").open("a") as file:
        file.write("s")
    time.sleep(60)
"""


def run(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PRELUDE + textwrap.dedent(script), str(folder)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def require_success(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 0, done.stderr


def test_a_killed_part_is_started_again(tmp_path: Path) -> None:
    script = """
    supervisor.start(Part("one", sleeper))
    wait_for(lambda: (folder / "starts").exists())
    first = supervisor.pid("one")
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: (folder / "starts").read_text() == "ss")
    assert supervisor.pid("one") not in (0, first)
    supervisor.stop(["one"])
    assert (folder / "left").read_text() == "x"
    """
    require_success(run(tmp_path, script))


def test_a_part_that_ignores_the_end_is_killed(tmp_path: Path) -> None:
    script = """
    def deaf():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        (folder / "deaf").touch()
        time.sleep(60)
    supervisor.start(Part("deaf", deaf))
    wait_for(lambda: (folder / "deaf").exists())
    pid = supervisor.pid("deaf")
    supervisor.stop(["deaf"], patience_seconds=0.2)
    assert not Path(f"/proc/{pid}").exists()
    """
    require_success(run(tmp_path, script))


def test_a_part_that_refuses_stops_everything_and_its_reason_is_shown(tmp_path: Path) -> None:
    script = """
    def refuses():
        print("another chain answers")
        sys.exit(EXIT_REFUSED)
    supervisor.start(Part("submit", refuses))
    try:
        wait_for(lambda: False)
    except PartRefused as refused:
        assert "another chain answers" in str(refused)
        sys.exit(0)
    sys.exit(1)
    """
    require_success(run(tmp_path, script))


@pytest.mark.parametrize(("status", "expected"), [(0, 0), (3, 1)])
def test_a_part_that_runs_once_ends_as_it_says(tmp_path: Path, status: int, expected: int) -> None:
    script = f"""
    try:
        supervisor.start_once(Part("once", lambda: sys.exit({status})))
        supervisor.await_end("once")
    except PartFailed as failed:
        assert "status {status}" in str(failed)
        sys.exit(1)
    """
    assert run(tmp_path, script).returncode == expected


def test_parts_end_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    script = """
    supervisor.start(Part("one", sleeper))
    wait_for(lambda: (folder / "starts").exists())
    os.kill(os.getpid(), signal.SIGKILL)
    """
    done = run(tmp_path, script)
    assert done.returncode == -9
    pid = int((tmp_path / "logs" / "one.pid").read_text())
    for _ in range(400):
        if not Path(f"/proc/{pid}").exists():
            return
        subprocess.run(["sleep", "0.05"], check=True)
    raise AssertionError("the part outlived its supervisor")


def test_a_part_that_a_person_must_look_at_stays_down_and_the_others_go_on(tmp_path: Path) -> None:
    script = """
    from scripts.supervisor import EXIT_STOPPED
    def stopping():
        with (folder / "stopping").open("a") as file:
            file.write("s")
        sys.exit(EXIT_STOPPED)
    supervisor.start(Part("one", sleeper))
    supervisor.start(Part("two", stopping))
    wait_for(lambda: supervisor.pid("two") == 0)
    time.sleep(0.5)
    supervisor.watch()
    assert (folder / "stopping").read_text() == "s"
    assert "a person must look" in (folder / "logs" / "two.log").read_text()
    assert supervisor.pid("one") != 0
    supervisor.stop(["one"])
    """
    require_success(run(tmp_path, script))


def test_waiting_for_a_part_ends_when_one_beside_it_cannot_start(tmp_path: Path) -> None:
    script = """
    def broken():
        print("the port is taken")
        sys.exit(1)
    supervisor.start(Part("chain", broken))
    supervisor.start_once(Part("found", lambda: time.sleep(60)))
    try:
        supervisor.await_end("found")
    except PartFailed as failed:
        assert "chain cannot start" in str(failed) and "the port is taken" in str(failed), failed
        supervisor.stop([])
        sys.exit(0)
    sys.exit(1)
    """
    require_success(run(tmp_path, script))
