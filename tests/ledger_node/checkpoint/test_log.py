"""The log as a whole: the specification's vectors, when notes are signed, what survives a fault, what stops it."""

import base64
import hashlib
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Table, func, insert, select, update

from ledger_node.checkpoint.append import read_final_blocks
from ledger_node.checkpoint.log import CheckpointLog
from ledger_node.domain import fault, merkle
from ledger_node.domain.checkpoint_note import NoteSigner, log_signature_fits, parse_note, sign_note
from ledger_node.domain.log_entry import LogEntry
from ledger_node.domain.log_tile import WIDTH
from ledger_node.domain.subject_map import SubjectMap
from ledger_node.errors import CheckpointLogStopped, CursorMoved, LogContradictsItself
from ledger_node.store import Stores
from ledger_node.store.actions import append_action
from ledger_node.store.journal import Alarm
from ledger_node.store.log import Action, CheckpointNote, LogEntryRow, LogTile, Subject
from ledger_node.store.log_reader import LogReader, SubjectMapReader
from ledger_node.store.projections import Block
from tests.ledger_node.checkpoint.world import ORIGIN, SIGNER, World, entries_of
from tests.ledger_node.domain.log_vectors import SEVEN

NOTE = """log.example/tidemark/demo/1
7
cZuTibcphMOrY5gnjlSxmaqlfNRRWHPhtc/yj8UY1Xs=
chain 1337
block 106 0xa56e2a48b9d79b3b1e69ce262b5725591f340c427b75c8203fb9da5969bdb4e9
subjects RMBo/zzLFSCjhu1ZZ0UCuSRAuVd0fRyg8/79itbeo74=
actions 0 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=

\u2014 log.example/tidemark/demo/1 ZspxvX9kWY7bSV5iXlrBuZFtKSn2ERfbGn3K7kO73/MBu3NG9HrNZP5suaEJmNMZj888ksLj13pszWOKOyJQsVMANAA=
"""  # noqa: E501
_NOTE: Table = CheckpointNote.__table__  # type: ignore[attr-defined]
_ENTRY: Table = LogEntryRow.__table__  # type: ignore[attr-defined]
_TILE: Table = LogTile.__table__  # type: ignore[attr-defined]
_SUBJECT: Table = Subject.__table__  # type: ignore[attr-defined]
_ALARM: Table = Alarm.__table__  # type: ignore[attr-defined]
_BLOCK: Table = Block.__table__  # type: ignore[attr-defined]


@pytest.fixture
def world(stores: Stores, tmp_path: Path) -> World:
    return World(stores, tmp_path)


@pytest.fixture(autouse=True)
def _nothing_armed() -> Iterator[None]:
    yield
    fault.disarm()


def published(world: World) -> str:
    return (world.folder / "log" / "checkpoint").read_text()


def test_the_seven_events_give_the_note_of_the_specification(world: World) -> None:
    world.add_events(SEVEN)
    world.settle()
    assert published(world) == NOTE
    text = parse_note(NOTE).text
    assert hashlib.sha256(text.encode()).hexdigest() == (
        "9d136983703eb83ad2677fca4621d62ed9d0b0aa873555fd6b67c1bb2fda8873"
    )


def test_the_tiles_of_the_seven_events_are_their_leaves_and_entries(world: World) -> None:
    world.add_events(SEVEN)
    log = world.settle()
    tile = (world.folder / "log" / "tile" / "0" / "000.p" / "7").read_bytes()
    assert tile == b"".join(entry.leaf_hash for entry in SEVEN)
    assert log.files.read_entries(0, 7) == [entry.encode() for entry in SEVEN]


def test_a_note_is_signed_at_most_once_a_second_while_events_come(world: World) -> None:
    entries = entries_of(4)
    world.add_events(entries[:1])
    log = world.settle()
    for entry in entries[1:3]:
        world.hands.pass_seconds(0.3)
        world.add_events([entry])
        world.settle(log)
    assert parse_note(published(world)).note.size == 1
    world.hands.pass_seconds(0.5)
    world.settle(log)
    assert parse_note(published(world)).note.size == 3


def test_silence_is_signed_after_ten_minutes_with_a_newer_block(world: World) -> None:
    world.add_events(entries_of(3))
    log = world.settle()
    first = parse_note(published(world)).note
    world.add_blocks([(2000, b"\x20" * 32, 1_763_900_000)])
    world.hands.pass_seconds(599)
    world.settle(log)
    assert parse_note(published(world)).note == first
    world.hands.pass_seconds(2)
    world.settle(log)
    second = parse_note(published(world)).note
    assert (second.size, second.root, second.block) == (first.size, first.root, 2000)


def test_events_of_blocks_that_are_not_final_stay_out(world: World) -> None:
    entries = entries_of(3)
    world.add_events(entries[:2])
    world.add_events(entries[2:], final=False)
    world.settle()
    assert parse_note(published(world)).note.size == 2


@pytest.mark.parametrize(("limit", "expected"), [(3, [10, 20, 30, 40]), (13, [10, 20, 30, 40]), (25, [20, 40])])
def test_a_block_is_never_cut_by_the_size_of_a_transaction(
    world: World, monkeypatch: pytest.MonkeyPatch, limit: int, expected: list[int]
) -> None:
    entries = entries_of(40, per_block=10)
    world.add_events(entries)
    monkeypatch.setattr("ledger_node.checkpoint.log.read_final_blocks", _with_limit(limit))
    sizes = []
    log = world.log()
    while log.step():
        world.hands.pass_seconds(2)
        sizes.append(parse_note(published(world)).note.size)
    assert sorted(set(sizes)) == expected
    assert parse_note(published(world)).note.root == merkle.root([entry.leaf_hash for entry in entries])


def _with_limit(limit: int) -> Callable[..., object]:
    return lambda connection, after: read_final_blocks(connection, after, limit=limit)


def test_roots_proofs_and_map_agree_with_those_computed_from_all_entries(world: World) -> None:
    entries = entries_of(700, per_block=3, subjects=90)
    for start in range(0, 700, 141):
        world.add_events(entries[start : start + 141])
        world.hands.pass_seconds(2)
        log = world.settle()
        log.close()
    leaves = [entry.leaf_hash for entry in entries]
    reader, subjects = LogReader(world.stores.log), SubjectMapReader(world.stores.log)
    assert reader.root(700) == merkle.root(leaves)
    for size in (1, 2, 255, 256, 257, 512, 699):
        assert reader.root(size) == merkle.root(leaves[:size])
        assert reader.consistency(size, 700) == merkle.consistency(leaves, size)
        shown = [(i, leaves[i]) for i in (0, size // 2, size - 1)] if size > 2 else [(0, leaves[0])]
        shown = sorted(set(shown))
        hashes = reader.nodes_proof([i for i, _ in shown], size)
        merkle.verify_nodes(shown, size, hashes, merkle.root(leaves[:size]))
        assert subjects.root(size) == _map_root(entries[:size])
    assert subjects.root(700) == parse_note(published(world)).note.subjects


def _map_root(entries: list[LogEntry]) -> bytes:
    subjects = SubjectMap()
    subjects.add(enumerate(entries))
    return subjects.root()


def test_full_tiles_take_the_place_of_partial_ones(world: World) -> None:
    entries = entries_of(WIDTH + 5)
    world.add_events(entries[:100])
    world.settle().close()
    folder = world.folder / "log" / "tile"
    assert (folder / "0" / "000.p" / "100").is_file()
    world.add_events(entries[100:])
    world.hands.pass_seconds(2)
    log = world.settle()
    assert (folder / "0" / "000").stat().st_size == WIDTH * 32
    assert not (folder / "0" / "000.p").exists()
    assert (folder / "1" / "000.p" / "1").stat().st_size == 32
    assert log.files.read_entries(1, 5) == [entry.encode() for entry in entries[WIDTH:]]


def test_actions_stand_in_the_next_note(world: World) -> None:
    world.add_events(entries_of(1))
    append_action(world.stores.log, at_ms=5, actor="ann", action="role.grant", subject="urn:party:3", detail="lab")
    number = append_action(world.stores.log, at_ms=6, actor="ann", action="role.revoke", subject="urn:party:3")
    world.settle()
    note = parse_note(published(world)).note
    assert number == note.actions == 2
    first = hashlib.sha256(
        hashlib.sha256(b"").digest()
        + b'{"action":"role.grant","actor":"ann","at_ms":5,"detail":"lab","number":1,"subject":"urn:party:3"}'
    ).digest()
    second = b'{"action":"role.revoke","actor":"ann","at_ms":6,"detail":"","number":2,"subject":"urn:party:3"}'
    assert note.actions_head == hashlib.sha256(first + second).digest()


STEPS = {
    "append": ("C1", "C2"),
    "write_files": ("C2", "C3"),
    "insert_note": ("C4", "C5"),
    "publish": ("C5", "C6"),
}


class Cut(Exception):
    """The step was cut here."""


def _cut() -> None:
    raise Cut


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize("outcome", ["not_done", "done_but_reported_failed"])
@pytest.mark.parametrize("step", list(STEPS))
def test_a_step_cut_anywhere_ends_in_the_same_log(world: World, step: str, outcome: str, restarted: bool) -> None:
    label = STEPS[step][outcome == "done_but_reported_failed"]
    entries = entries_of(600, per_block=4)
    world.add_events(entries[:300])
    log = world.settle()
    world.add_events(entries[300:])
    world.hands.pass_seconds(2)
    fault.arm(label, _cut)
    with pytest.raises(Cut):
        world.settle(log)
    fault.disarm()
    if restarted:
        world.hands.pass_seconds(20)  # the dead process' lease lapses
        log = world.log("two")
    world.settle(log)
    world.hands.pass_seconds(2)
    world.settle(log)
    note = parse_note(published(world)).note
    assert (note.size, note.root) == (600, merkle.root([entry.leaf_hash for entry in entries]))
    assert note.subjects == _map_root(entries)
    with world.stores.log.read() as connection:
        assert connection.execute(select(func.count()).select_from(_ENTRY)).scalar() == 600
        sizes = list(connection.execute(select(_NOTE.c.size).order_by(_NOTE.c.id)).scalars())
        assert connection.execute(select(func.count()).where(_NOTE.c.published_at_ms.is_(None))).scalar() == 0
    assert sizes == sorted(set(sizes))


def test_a_second_process_waits_for_the_lease(world: World) -> None:
    world.add_events(entries_of(5))
    first, second = world.log("one"), world.log("two")
    world.settle(first)
    world.add_events(entries_of(5, start=5))
    world.hands.pass_seconds(2)
    assert second.step() is False
    assert parse_note(published(world)).note.size == 5
    world.hands.pass_seconds(20)
    world.settle(second)
    assert parse_note(published(world)).note.size == 10


def test_a_process_that_lost_its_lease_while_it_slept_writes_nothing(world: World) -> None:
    world.add_events(entries_of(5))
    sleeper = world.settle(world.log("one"))
    world.hands.pass_seconds(20)
    other = world.settle(world.log("two"))
    world.hands.now_ms -= 19_000  # as if the sleeper had looked at the clock before it slept
    world.add_events(entries_of(5, start=5))
    with pytest.raises(CursorMoved):
        sleeper.step()
    world.hands.pass_seconds(19)
    world.settle(other)
    with world.stores.log.read() as connection:
        assert connection.execute(select(func.count()).select_from(_ENTRY)).scalar() == 10


def _settled(world: World, count: int = 300) -> None:
    world.add_events(entries_of(count))
    world.settle().close()


def _flip(value: bytes) -> bytes:
    return bytes([value[0] ^ 1]) + value[1:]


def _alter_tile_row(world: World) -> None:
    with world.stores.log.write() as connection:
        tile = connection.execute(select(_TILE.c.hashes).where(_TILE.c.level == 0, _TILE.c.number == 1)).scalar_one()
        connection.execute(update(_TILE).where(_TILE.c.level == 0, _TILE.c.number == 1).values(hashes=_flip(tile)))


def _alter_subject(world: World) -> None:
    with world.stores.log.write() as connection:
        key, head = connection.execute(select(_SUBJECT.c.key, _SUBJECT.c.head).limit(1)).one()
        connection.execute(update(_SUBJECT).where(_SUBJECT.c.key == key).values(head=_flip(head)))


def _alter_tile_file(world: World) -> None:
    path = world.folder / "log" / "tile" / "0" / "000"
    path.write_bytes(_flip(path.read_bytes()))


def _alter_note(world: World) -> None:
    with world.stores.log.write() as connection:
        text = connection.execute(select(_NOTE.c.text)).scalar_one()
        connection.execute(update(_NOTE).values(text=text.replace("\n300\n", "\n299\n")))


def _alter_action(world: World) -> None:
    append_action(world.stores.log, at_ms=1, actor="ann", action="x", subject="y")
    world.add_events(entries_of(1, start=300))
    world.hands.pass_seconds(2)
    world.settle().close()
    with world.stores.log.write() as connection:
        connection.execute(update(Action.__table__).values(actor="eve"))  # type: ignore[attr-defined]


def _roll_back_the_database(world: World) -> None:
    """The database is that of an older backup: fewer entries than the world was shown."""
    note = parse_note(published(world)).note
    larger = sign_note(replace(note, size=note.size + 1), SIGNER)
    (world.folder / "log" / "checkpoint").write_text(larger.whole())


@pytest.mark.parametrize(
    "alter",
    [_alter_tile_row, _alter_subject, _alter_tile_file, _alter_note, _alter_action, _roll_back_the_database],
)
def test_a_log_that_contradicts_itself_does_not_start(world: World, alter: Callable[[World], None]) -> None:
    _settled(world)
    alter(world)
    world.add_events(entries_of(5, start=400))
    world.hands.pass_seconds(2)
    before = published(world)
    with pytest.raises(LogContradictsItself):
        world.log().step()
    assert published(world) == before


def test_an_unaltered_log_does_start(world: World) -> None:
    _settled(world)
    world.hands.pass_seconds(2)
    world.settle()


def test_another_key_or_origin_does_not_take_the_log_over(world: World) -> None:
    _settled(world)
    world.signer = NoteSigner(ORIGIN, bytes(32))
    with pytest.raises(LogContradictsItself, match="not signed"):
        world.log().step()
    world.signer = NoteSigner("log.example/tidemark/demo/2", bytes(32))
    with pytest.raises(LogContradictsItself, match="each origin has its own"):
        world.log().step()


def test_files_that_are_gone_are_written_again(world: World) -> None:
    _settled(world)
    before = published(world)
    shutil.rmtree(world.folder / "log")
    log = world.settle()
    assert published(world) == before
    assert log.files.tree(300).root(300) == parse_note(before).note.root


def test_a_contradicted_block_stops_the_log_for_good_and_leaves_evidence(world: World) -> None:
    entries = entries_of(10)
    world.add_events(entries)
    log = world.settle()
    with world.stores.projections.write() as connection:
        connection.execute(update(_BLOCK).where(_BLOCK.c.number == 1009).values(hash=b"\x99" * 32))
    with pytest.raises(CheckpointLogStopped, match="block 1009"):
        log.run(threading.Event())
    with world.stores.journal.read() as connection:
        assert connection.execute(select(_ALARM.c.code)).scalars().all() == ["CheckpointLogStopped"]
    [evidence] = (world.folder / "evidence").glob("*.json")
    content = evidence.read_bytes()
    assert evidence.stem == hashlib.sha256(content).hexdigest()
    told = json.loads(content)
    assert told["kind"] == "chain_rewritten"
    assert told["notes"] == [published(world)]
    with world.stores.projections.write() as connection:
        connection.execute(update(_BLOCK).where(_BLOCK.c.number == 1009).values(hash=entries[9].block_hash))
    world.hands.pass_seconds(2)
    with pytest.raises(CheckpointLogStopped, match="block 1009"):
        world.settle(world.log("one"))


def test_a_rewritten_chain_that_is_still_shorter_is_noticed_too(world: World) -> None:
    world.add_events(entries_of(10))
    log = world.settle()
    with world.stores.projections.write() as connection:
        connection.execute(_BLOCK.delete())
        connection.execute(
            insert(_BLOCK).values(number=1005, hash=b"\x99" * 32, parent_hash=bytes(32), time=1, final=True)
        )
    with pytest.raises(CheckpointLogStopped, match="block 1005"):
        log.step()


def test_projections_that_are_being_rebuilt_only_make_the_log_wait(world: World) -> None:
    entries = entries_of(10)
    world.add_events(entries)
    log = world.settle()
    with world.stores.projections.write() as connection:
        connection.execute(_BLOCK.delete())
    world.hands.pass_seconds(700)
    assert log.step() is False


def test_a_note_without_quorum_is_signed_but_not_published(world: World) -> None:
    witness = NoteSigner("witness.example/w1", hashlib.sha256(b"tidemark test witness key").digest(), 4)
    world.policy = f"log {SIGNER.key.vkey()}\nwitness w1 {witness.key.vkey()}\nquorum w1\n"
    world.add_events(SEVEN)
    log = world.log()
    log.step()
    reader = LogReader(world.stores.log)
    assert log.files.published() is None
    assert reader.newest_published() is None
    signed = reader.newest_signed()
    assert signed is not None
    assert log_signature_fits(signed.signed, [SIGNER.key])


class _OneWitness:
    """A witness that signs whatever it is asked, at the time of the specification's vector."""

    def __init__(self) -> None:
        self.signer = NoteSigner("witness.example/w1", hashlib.sha256(b"tidemark test witness key").digest(), 4)
        self.asked: list[tuple[int, int]] = []

    def cosign(self, note, old_size, consistency):  # type: ignore[no-untyped-def]
        self.asked.append((old_size, note.note.size))
        return [self.signer.cosign(note.text, time=1763800020)]


def test_a_cosigned_note_carries_the_line_of_the_specification(world: World) -> None:
    witness = world.witnesses = _OneWitness()
    world.policy = f"log {SIGNER.key.vkey()}\nwitness w1 {witness.signer.key.vkey()}\nquorum w1\n"
    world.add_events(SEVEN[:3])
    log = world.settle()
    world.add_events(SEVEN[3:])
    world.hands.pass_seconds(2)
    world.settle(log)
    assert witness.asked == [(0, 3), (3, 7)]
    assert published(world) == NOTE + (
        "\u2014 witness.example/w1 iGgGgAAAAABpIXPUfRBUCZLel8eqFRzBhCO7DIhu8R/91SWr9oCDJyvpPic5oZkQaaC5nWSTA/ho"
        "JHpMo7d2n9dkRPNS7RT+TtorDQ==\n"
    )


def test_the_reader_gives_the_consistency_lines_of_the_specification(world: World) -> None:
    world.add_events(SEVEN)
    world.settle()
    lines = [base64.b64encode(value).decode() for value in LogReader(world.stores.log).consistency(3, 7)]
    assert lines == [
        "zAKWo3omPXtSrzBe70ezvi1/ie7WMpsjhsJg8D6tbY4=",
        "nuKemGi9KUDqoxmUTyJCiCJK6k6adSnplUWFMxti46E=",
        "K53/puESSsY1o5fHS4hdzVWMaLmbdJR+ti8lvzyiQIM=",
        "KUD5DpPxTm6NMFJIYG2ZGdIhZgvqJDdM1O3kD1KttOg=",
    ]


def test_run_publishes_until_it_is_stopped(world: World) -> None:
    world.add_events(entries_of(3))
    stopping = threading.Event()
    log: CheckpointLog = world.log()
    thread = threading.Thread(target=log.run, args=(stopping,))
    thread.start()
    reader = LogReader(world.stores.log)
    while reader.newest_published() is None and thread.is_alive():
        stopping.wait(0.01)
    stopping.set()
    thread.join()
    assert parse_note(published(world)).note.size == 3
