"""Ingest killed at each label, and commits of unknown outcome: nothing lost, nothing doubled, nothing invented."""

import json
import signal
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from ledger_node.domain import fault
from ledger_node.domain.frame import encode_frame
from oracles.ingest.reading import Frame, Source
from oracles.ingest.rows import RECORD, SALE, SALE_MINUTE, VERDICT_COUNT
from tests.oracles.ingest.world import DOMAIN, SCALE, World, sale

ROOT = Path(__file__).resolve().parents[3]
FRAMES, PER_FRAME = 6, 3


@pytest.fixture(autouse=True)
def nothing_armed() -> Generator[None]:
    yield
    fault.disarm()


def write_frames(world: World, folder: Path) -> list[bytes]:
    """Frames of sales in a folder; the digests in them."""
    digests: list[bytes] = []
    for number in range(FRAMES):
        envelopes = [world.sell(number * PER_FRAME + one) for one in range(PER_FRAME)]
        digests += [one.digest(DOMAIN) for one in envelopes]
        (folder / f"{number:03}.frame").write_bytes(encode_frame(envelopes))
    return digests


def run_until_killed(folder: Path, database_url: str | None, label: str, count: int) -> int:
    """The exit code of one process over the frames."""
    command = [sys.executable, "-m", "tests.oracles.ingest.killed_ingest"]
    arguments = [str(folder), database_url or "sqlite", label, str(count)]
    return subprocess.run([*command, *arguments], cwd=ROOT, check=False).returncode


def acknowledged_sequence(folder: Path) -> int:
    """The highest number that a receipt covered before the process died."""
    path = folder / "acknowledged"
    lines = path.read_text().splitlines() if path.exists() else []
    receipts = [receipt for line in lines for receipt in json.loads(line)[1]["receipts"]]
    return max((one["contiguousSequence"] for one in receipts if one["device"] == SCALE), default=0)


@pytest.mark.fault
@pytest.mark.parametrize("label", ["I1", "I2", "I3"])
@pytest.mark.parametrize("count", [1, 4])
def test_a_kill_at_any_label_loses_and_doubles_nothing(
    world: World, tmp_path: Path, database_url: str | None, label: str, count: int
) -> None:
    digests = write_frames(world, tmp_path)
    world.core.close()
    assert run_until_killed(tmp_path, database_url, label, count) == -signal.SIGKILL
    kept = [row["digest"] for row in world.rows(RECORD) if row["device"] == SCALE]
    covered = acknowledged_sequence(tmp_path)
    assert covered == (count - 1) * PER_FRAME
    assert set(digests[:covered]) <= set(kept) <= set(digests)
    assert len(kept) == (count if label == "I3" else count - 1) * PER_FRAME
    assert run_until_killed(tmp_path, database_url, "none", 0) == 0
    rows = [row for row in world.rows(RECORD) if row["device"] == SCALE]
    assert [row["digest"] for row in rows] == digests
    assert [row["position"] for row in rows] == list(range(len(digests)))
    assert {row["verdict"] for row in rows} == {1}
    assert acknowledged_sequence(tmp_path) == len(digests)
    (minute,) = world.rows(SALE_MINUTE)
    assert (minute["count"], len(world.rows(SALE))) == (len(digests), len(digests))


@pytest.mark.parametrize(("label", "outcome"), [("I2", "not_done"), ("I3", "done_but_reported_failed")])
def test_a_commit_of_unknown_outcome_is_replayed(world: World, label: str, outcome: str) -> None:
    failures = [OperationalError("commit", {}, Exception(outcome))] * 2

    def fail() -> None:
        if failures:
            raise failures.pop()

    fault.arm(label, fail)
    answer = world.send(world.sell(1), world.sell(2))
    assert answer.receipts[0]["contiguousSequence"] == 2
    rows = [row for row in world.rows(RECORD) if row["device"] == SCALE]
    assert [(row["sequence"], row["position"]) for row in rows] == [(1, 0), (2, 1)]
    counted = [row for row in world.rows(VERDICT_COUNT) if row["device"] == SCALE and row["verdict"] == 1]
    assert [row["count"] for row in counted] == [2]


def test_a_database_that_stays_away_acknowledges_nothing(world: World) -> None:
    def fail() -> None:
        raise OperationalError("commit", {}, Exception("away"))

    fault.arm("I2", fail)
    envelope = world.sell(1)
    with pytest.raises(OperationalError):
        world.send(envelope)
    fault.disarm()
    assert world.send(envelope).receipts[0]["contiguousSequence"] == 1


def test_an_item_the_journal_cannot_hold_is_refused_and_its_neighbours_are_kept(world: World) -> None:
    with world.stores.journal.write() as connection:
        connection.exec_driver_sql("CREATE UNIQUE INDEX poison ON sale (net_grams)")
    frames = [world.sell(number, net=net) for number, net in ((1, 1000), (2, 1005), (3, 1000), (4, 1010))]
    answer = world.send(*frames)
    assert [(one["reason"], one["sequence"]) for one in answer.refused] == [("SCHEMA", 3)]
    assert [row["sequence"] for row in world.rows(RECORD) if row["device"] == SCALE] == [1, 2, 4]
    assert sale(1)["net_grams"] == 1000


def test_without_the_unique_key_a_replay_would_double_records(world: World) -> None:
    """The negative control: a writer that does not ask what is kept already doubles what it replays."""
    envelope = world.sell(1)
    world.send(envelope)
    items = world.core.read([Frame(encode_frame([envelope]), Source("test"))]).result()
    forgetful = [item for part in items for item in part]
    writer = world.core._writer  # the control reaches inside on purpose
    original = writer.memory.standings.device(SCALE).head
    writer.memory.standings.device(SCALE).head = type(original)()
    with pytest.raises(Exception, match=r"(?i)unique"):
        writer.write(forgetful, world.hand.now)  # type: ignore[arg-type]
