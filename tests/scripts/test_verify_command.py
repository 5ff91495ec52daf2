"""`tidemark verify`: exit codes, words and JSON over real files, with no server anywhere."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from ledger_node.proof import evidence as evidence_file
from ledger_node.proof.bundle import BundleKind
from ledger_node.proof.findings import STEP_CODES
from ledger_node.proof.kept import KeptCheckpoints
from tests.support import a_bundle
from tests.support.a_bundle import World, a_market
from tests.support.proof_vectors import json_changes

ROOT = Path(__file__).resolve().parents[2]
STEP_OF = {code: step for step, codes in STEP_CODES.items() for code in codes}
NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="module")
def world() -> World:
    found = a_market()
    for number in range(1, 6):
        found.sell(number)
    found.seal("sale")
    return found


@pytest.fixture
def folder(tmp_path: Path, world: World) -> Path:
    (tmp_path / "network.json").write_bytes(world.network.to_bytes())
    (tmp_path / "good.tidemark.json").write_bytes(good(world))
    return tmp_path


def good(world: World) -> bytes:
    kept = world.sealed["market/zpk/sale"][0].records[1]
    draft = world.draft()
    world.add_record(draft, kept)
    world.add_lot(draft)
    return draft.to_bytes(made_at=NOW)


def tidemark(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from scripts.verify_command import *; import typer; app = typer.Typer();"]
    command[-1] += " app.command()(verify_files); app()"
    shown = [*arguments, "--network", str(folder / "network.json"), "--kept", str(folder / "kept.json")]
    shown += ["--evidence", str(folder / "evidence")]
    environment = {"PYTHONPATH": str(ROOT), "COLUMNS": "200", "PATH": "/usr/bin:/bin"}
    return subprocess.run(
        [*command, *shown], cwd=folder, capture_output=True, text=True, check=False, env=environment, timeout=60
    )


def answers(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_good_bundle_is_verified_in_words(folder: Path) -> None:
    done = tidemark(folder, "good.tidemark.json")
    assert done.returncode == 0, done.stdout + done.stderr
    for words in ("Verified.", "The signature fits every signed field.", "No proof says that the fish in the box"):
        assert words in done.stdout


def test_a_good_bundle_is_verified_as_json(folder: Path) -> None:
    (body,) = answers(tidemark(folder, "good.tidemark.json", "--json"))
    assert (body["verified"], body["exit"], body["kind"]) == (True, 0, "record")
    assert [row["question"] for row in body["answers"]] == list(range(1, 11))
    assert all(row["ok"] for row in body["steps"])
    assert "签名" in body["answers"][0]["sentence_zh"]


def test_each_altered_bundle_is_refused_with_its_step_named(folder: Path, world: World) -> None:
    expected: dict[str, str] = {}
    for number, (_, _, base, code, change) in enumerate(json_changes()):
        if base == "record":
            bundle = json.loads(good(world))
            change(bundle)
            name = f"altered-{number}.tidemark.json"
            (folder / name).write_bytes(rfc8785.dumps(bundle))
            expected[name] = code
    assert len(expected) >= 40
    found = answers(tidemark(folder, *expected, "--json"))
    assert len(found) == len(expected)
    for body in found:
        code = expected[body["file"]]
        failing = [row for row in body["steps"] if row["code"] is not None]
        assert (failing[0]["step"], failing[0]["code"]) == (STEP_OF[code], code), body["file"]
        assert failing[0]["sentence"]
        assert body["exit"] == (2 if code == "bad_member" else 1)
        assert body["verified"] is False


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "malformed"), (b"{}", "bad_member"), (b"\xff", "malformed"), (b"{ }", "not_canonical")],
)
def test_what_is_no_bundle_exits_with_2(folder: Path, content: bytes, code: str) -> None:
    (folder / "no.json").write_bytes(content)
    done = tidemark(folder, "no.json", "--json")
    assert done.returncode == 2
    assert next(row["code"] for row in answers(done)[0]["steps"] if row["code"]) == code


def test_an_old_checkpoint_exits_with_3(folder: Path, world: World) -> None:
    draft = world.draft()
    world.add_record(draft, world.sealed["market/zpk/sale"][0].records[1])
    world.add_lot(draft)
    (folder / "old.json").write_bytes(draft.to_bytes(made_at=NOW - timedelta(hours=30)))
    done = tidemark(folder, "old.json", "--json")
    assert done.returncode == 3
    assert answers(done)[0]["answers"][7]["code"] == "checkpoint_stale"


def test_a_bank_asks_more_than_a_consumer(folder: Path) -> None:
    assert tidemark(folder, "good.tidemark.json", "--role", "bank").returncode == 3


def test_two_pasts_exit_with_4_and_leave_evidence_that_convicts(folder: Path, world: World) -> None:
    assert tidemark(folder, "good.tidemark.json").returncode == 0, "the checkpoint is kept"
    other = a_market()
    other.sell(7)
    other.sell(8)
    other.seal("sale")
    draft = other.draft()
    other.add_record(draft, other.sealed["market/zpk/sale"][0].records[0])
    other.add_lot(draft)
    (folder / "other.json").write_bytes(draft.to_bytes(made_at=NOW))
    done = tidemark(folder, "other.json", "--json")
    assert done.returncode == 4
    (written,) = (folder / "evidence").glob("*.json")
    assert answers(done)[0]["evidence"] == str(written)
    judged = evidence_file.judge_evidence(written.read_bytes(), world.network)
    assert judged.convicts
    again = tidemark(folder, str(written))
    assert again.returncode == 4
    assert "two roots" in again.stdout


def test_a_rewritten_log_is_convicted_by_its_consistency_proof(folder: Path, world: World) -> None:
    draft = world.draft(BundleKind.CONSISTENCY)
    draft.add_old_checkpoint(world.note(size=5, root=a_bundle.sha256(b"rewritten")))
    (folder / "split.json").write_bytes(draft.to_bytes(made_at=NOW))
    assert tidemark(folder, "split.json").returncode == 4
    (written,) = (folder / "evidence").glob("*.json")
    assert evidence_file.judge_evidence(written.read_bytes(), world.network).convicts
    honest = json.loads(written.read_bytes()) | {"notes": [world.note().whole()] * 2}
    (folder / "honest.json").write_bytes(rfc8785.dumps(honest))
    assert tidemark(folder, "honest.json").returncode == 3


def test_what_cannot_be_read_exits_with_5(folder: Path) -> None:
    assert tidemark(folder, "missing.json").returncode == 5
    (folder / "network.json").write_bytes(b"{}")
    done = tidemark(folder, "good.tidemark.json", "--json")
    assert done.returncode == 5
    assert "/" in answers(done)[0]["sentence"]


def test_a_node_that_does_not_answer_exits_with_5(folder: Path) -> None:
    assert tidemark(folder, "good.tidemark.json", "--rpc", "http://127.0.0.1:9").returncode == 5


def test_the_worst_of_several_files_counts(folder: Path) -> None:
    (folder / "no.json").write_bytes(b"?")
    done = tidemark(folder, "good.tidemark.json", "no.json", "--json")
    assert done.returncode == 2
    assert [body["exit"] for body in answers(done)] == [0, 2]


def test_a_bundle_in_which_somebody_wrote_the_name_of_evidence_is_still_a_bundle(folder: Path) -> None:
    market = a_market()
    market.sell(1, item_name="tidemark_evidence")
    market.seal("sale")
    draft = market.draft()
    market.add_record(draft, market.sealed["market/zpk/sale"][0].records[0])
    market.add_lot(draft)
    (folder / "network.json").write_bytes(market.network.to_bytes())
    data = draft.to_bytes(made_at=NOW)
    assert b'"tidemark_evidence' not in data or not evidence_file.is_evidence(data)
    (folder / "named.tidemark.json").write_bytes(data)
    (body,) = answers(tidemark(folder, "named.tidemark.json", "--json"))
    assert (body["exit"], body["kind"]) == (0, "record")


@pytest.mark.parametrize("content", ["missing", "good.tidemark.json"])
def test_a_folder_of_files_that_is_none_exits_with_5(folder: Path, content: str) -> None:
    done = tidemark(folder, "good.tidemark.json", "--json", "--content", str(folder / content))
    assert done.returncode == 5
    (body,) = answers(done)
    assert content in body["sentence"]


def test_evidence_that_cannot_be_written_is_said_and_the_accusation_stands(folder: Path, world: World) -> None:
    draft = world.draft(BundleKind.CONSISTENCY)
    draft.add_old_checkpoint(world.note(size=5, root=a_bundle.sha256(b"rewritten")))
    (folder / "split.json").write_bytes(draft.to_bytes(made_at=NOW))
    (folder / "evidence").write_text("a file stands in the way")
    done = tidemark(folder, "split.json", "--json")
    assert done.returncode == 4, done.stderr
    (body,) = answers(done)
    assert body["steps"][-1]["code"] == "evidence_unwritten"
    assert "evidence" not in body


def test_a_kept_checkpoint_that_contradicts_the_old_one_is_what_the_evidence_shows(folder: Path, world: World) -> None:
    draft = world.draft(BundleKind.CONSISTENCY)
    forked = world.note(size=5, root=a_bundle.sha256(b"another past"))
    origin = forked.note.origin
    KeptCheckpoints(folder / "kept.json").put(world.network, forked)
    leaves = a_bundle.MemoryLog(world.entries).leaves[:5]
    draft.add_old_checkpoint(world.note(size=5, root=a_bundle.merkle.root(leaves)))
    (folder / "continued.json").write_bytes(draft.to_bytes(made_at=NOW))
    done = tidemark(folder, "continued.json", "--json")
    assert done.returncode == 4, done.stdout + done.stderr
    (written,) = (folder / "evidence").glob("*.json")
    judged = evidence_file.judge_evidence(written.read_bytes(), world.network)
    assert judged.convicts, judged.why
    assert origin in written.read_text()
