"""Another chain behind a node's folder: refused with both values in words, and not a row is written."""

import hashlib
import shutil
import sqlite3
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import pytest

from ledger_node.chain.rpc import Node
from ledger_node.chain.runner import AnvilRunner
from ledger_node.deployment.deployment import Deployment
from ledger_node.domain.clock import Clock
from scripts.node_folder import free_ports
from scripts.supervisor import EXIT_REFUSED
from tests.support.a_node import RunningNode, a_node

pytestmark = [pytest.mark.fault, pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.node]
OTHER_CHAIN_ID = 31337
OPTIONS = ("--stalls", "6")


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a node that ran and was stopped."""
    path = tmp_path_factory.mktemp("node")
    with a_node(path, *OPTIONS):
        pass
    return path


@pytest.fixture
def other_chain(tmp_path: Path) -> Generator[AnvilRunner]:
    """An empty chain of another id."""
    with AnvilRunner(tmp_path / "other", free_ports(1)[0], OTHER_CHAIN_ID, Clock(), idle_seconds=3600) as runner:
        yield runner


def written(path: Path) -> dict[str, str]:
    """A digest of every row and every file that says what the ledger is."""
    found = {
        name: hashlib.sha256((path / name).read_bytes()).hexdigest() for name in ("deployment.json", "network.json")
    }
    for name in ("journal", "projections", "log"):
        with closing(sqlite3.connect(path / f"{name}.sqlite")) as connection:
            found[name] = hashlib.sha256("\n".join(connection.iterdump()).encode()).hexdigest()
    return found


def refusal(node: RunningNode) -> str:
    """What the node says when it refuses to start."""
    before = written(node.path)
    try:
        node.start_unready()
        assert node.ended() == EXIT_REFUSED, node.said()
    finally:
        node.stop()
    assert written(node.path) == before
    return node.said()


def test_a_fresh_chain_behind_the_same_folder_is_refused_by_its_genesis(stopped: Path, tmp_path: Path) -> None:
    path = tmp_path / "node"
    shutil.copytree(stopped, path)
    shutil.rmtree(path / "chain")
    expected = Deployment.parse((path / "deployment.json").read_bytes()).genesis_hash
    said = refusal(RunningNode(path, OPTIONS))
    with AnvilRunner(path / "chain", free_ports(1)[0], 13370, Clock(), idle_seconds=3600) as runner:
        found = runner.node.genesis_hash()
        assert is_untouched(runner.node)
    assert found != expected
    assert f"genesis: expected 0x{expected.hex()}, found 0x{found.hex()}" in said


def test_a_chain_of_another_id_is_refused(stopped: Path, tmp_path: Path, other_chain: AnvilRunner) -> None:
    path = tmp_path / "node"
    shutil.copytree(stopped, path)
    said = refusal(RunningNode(path, (*OPTIONS, "--engine", "url", "--rpc-url", other_chain.url)))
    assert f"chain id: expected 13370, found {OTHER_CHAIN_ID}" in said
    assert is_untouched(other_chain.node)


def test_the_demonstration_is_not_founded_on_a_chain_of_another_id(tmp_path: Path, other_chain: AnvilRunner) -> None:
    node = RunningNode(tmp_path / "node", (*OPTIONS, "--engine", "url", "--rpc-url", other_chain.url))
    try:
        node.start_unready()
        assert node.ended() == EXIT_REFUSED, node.said()
    finally:
        node.stop()
    assert f"chain id: expected 13370, found {OTHER_CHAIN_ID}" in node.said()
    assert is_untouched(other_chain.node)
    assert not (node.path / "deployment.json").exists()


def test_the_right_chain_is_accepted_again_afterwards(stopped: Path, tmp_path: Path) -> None:
    path = tmp_path / "node"
    shutil.copytree(stopped, path)
    kept = tmp_path / "kept"
    (path / "chain").rename(kept)
    refusal(RunningNode(path, OPTIONS))
    shutil.rmtree(path / "chain")
    kept.rename(path / "chain")
    with a_node(path, *OPTIONS) as node:
        assert node.get("/api/v1/blocks").status_code == 200


def is_untouched(chain: Node) -> bool:
    """Whether no transaction is in any block of a chain, nor waits for one."""
    status: dict[str, str] = chain.request("txpool_status")
    headers = [one for one in chain.headers(range(chain.block_number() + 1)) if one is not None]
    return {*status.values()} == {"0x0"} and not any(chain.block_tx_hashes(one.hash) for one in headers)
