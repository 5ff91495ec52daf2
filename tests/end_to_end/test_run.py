"""`tidemark run` as its user meets it: the ready line, going on, two at a time, what it says when it cannot."""

import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest

from scripts.node_folder import free_ports
from tests.support.a_node import LAUNCHER, WAIT_SECONDS, RunningNode, a_node
from tests.support.stores import PostgresCluster

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.node]
OPTIONS = ("--stalls", "6")
STOP_SECONDS = 30


def a_proven_sale(node: RunningNode) -> dict[str, Any]:
    """One sale that a published checkpoint covers, as the API shows it."""
    for sale in node.get("/api/v1/records?kind=sale&limit=100").json()["items"]:
        record: dict[str, Any] = node.get(f"/api/v1/records/{sale['hash']}").json()
        if record["progress"]["stage"] == "proven":
            return record
    raise AssertionError("no sale is proven although the node is ready")


def record_count(node: RunningNode) -> int:
    """How many records the journal has."""
    stores = node.stores()
    try:
        return node.counts(stores).records
    finally:
        stores.dispose()


def verified(node: RunningNode, bundle: Path) -> int:
    """What `tidemark verify` says about a bundle, by its exit status."""
    command = [*LAUNCHER, "verify", str(bundle), "--network", str(node.path / "network.json")]
    kept = ["--kept", str(bundle.with_suffix(".kept")), "--evidence", str(bundle.with_suffix(".evidence"))]
    return subprocess.run([*command, *kept], capture_output=True, timeout=WAIT_SECONDS, check=False).returncode


def children_of(folder: Path) -> set[int]:
    """Processes that still name this folder as theirs, on the command line or as the place they work in."""
    found: set[int] = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().decode(errors="replace")
            place = str((process / "cwd").readlink())
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        if str(folder) in words or place.startswith(str(folder)):
            found.add(int(process.name))
    return found


def test_a_second_start_on_the_same_folder_goes_on_and_an_old_proof_still_verifies(tmp_path: Path) -> None:
    bundle = tmp_path / "proof.tidemark.json"
    with a_node(tmp_path / "node", *OPTIONS) as node:
        assert node.printed[-1] == f"ready {node.url}"
        sale = a_proven_sale(node)
        bundle.write_bytes(node.get(f"/api/v1/records/{sale['hash']}/proof").content)
        assert verified(node, bundle) == 0
        begun = time.monotonic()
        node.stop()
        assert time.monotonic() - begun < STOP_SECONDS
        assert children_of(tmp_path) == set()
        before = record_count(node)

        node.start()
        again = node.get(f"/api/v1/records/{sale['hash']}").json()
        assert {**again, "progress": None} == {**sale, "progress": None}
        assert again["progress"]["pin"] == sale["progress"]["pin"]
        node.wait(lambda: record_count(node) > before, what="new records")
        newest = node.get(f"/api/v1/records?device={sale['device']}&limit=1").json()["items"][0]
        assert newest["sequence"] >= sale["sequence"]
        assert node.get(f"/api/v1/devices/{sale['device']}/gaps").json()["gaps"] == []
        assert verified(node, bundle) == 0


def test_two_nodes_at_a_time_do_not_disturb_each_other_and_each_folder_is_a_market_of_its_own(tmp_path: Path) -> None:
    with a_node(tmp_path / "one", *OPTIONS) as one, a_node(tmp_path / "two", *OPTIONS) as two:
        first, second = a_proven_sale(one), a_proven_sale(two)
        assert first["hash"] != second["hash"]
        assert two.get(f"/api/v1/records/{first['hash']}").status_code == 404
        genesis = [(node.path / "network.json").read_bytes() for node in (one, two)]
        assert genesis[0] != genesis[1]
        one.stop()
        begun = record_count(two)
        two.wait(lambda: record_count(two) > begun, what="the other node to go on")


def test_a_taken_port_and_a_folder_in_use_end_with_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = int(taken.getsockname()[1])
        status, said = refusal(tmp_path / "node", port)
    assert status == 1
    assert said == f"error: port {port}: it is taken. Give another one with --port."
    assert "Traceback" not in said
    assert not (tmp_path / "node" / "settings.json").exists()
    with a_node(tmp_path / "node", *OPTIONS):
        status, said = refusal(tmp_path / "node", free_ports(1)[0])
        assert status == 1
        assert "another tidemark runs on this folder" in said
        assert "Traceback" not in said


def refusal(path: Path, port: int) -> tuple[int, str]:
    """Status and words of a `tidemark run` that cannot start."""
    command = [*LAUNCHER, "run", "--data", str(path), "--port", str(port), *OPTIONS]
    done = subprocess.run(command, capture_output=True, text=True, timeout=WAIT_SECONDS, check=False)
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def test_a_node_on_ganache_gets_ready(tmp_path: Path) -> None:
    if shutil.which("node") is None:
        pytest.skip("Node.js is missing")
    with a_node(tmp_path / "node", *OPTIONS, "--engine", "ganache") as node:
        assert node.folder.settings.engine == "ganache"
        assert a_proven_sale(node)["progress"]["pin"]["block"] > 0


def test_a_node_on_postgresql_gets_ready_and_keeps_its_rows_there(
    tmp_path: Path, postgres_cluster: PostgresCluster
) -> None:
    url = postgres_cluster.new_database()
    with a_node(tmp_path / "node", *OPTIONS, "--database-url", url) as node:
        assert a_proven_sale(node)["progress"]["pin"]["block"] > 0
        assert not list(node.path.glob("*.sqlite"))
        with psycopg.connect(url) as connection:
            found = connection.execute("SELECT count(*) FROM journal.record").fetchone()
        assert found is not None
        assert found[0] > 0
