"""What a device remembers over kills and power cuts."""

import random
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from ledger_node.domain.envelope import Envelope
from ledger_node.domain.record import ZERO_HASH
from ledger_node.errors import FlashDamaged
from oracles.device.flash import BLOCK, Flash
from tests.support.an_edge import DOMAIN, a_reading, a_recorder

ROOT = Path(__file__).parents[3]


def filled(path: Path, count: int, *, reserve: int = 1, boot: str = "boot 1") -> Flash:
    flash = Flash(path, reserve=reserve, boot=lambda: boot)
    for number in range(flash.next_sequence, flash.next_sequence + count):
        flash.append(number, number.to_bytes(32, "big"), b"envelope %d" % number, tag=number)
    return flash


def test_what_was_appended_is_there_after_a_restart(tmp_path: Path) -> None:
    filled(tmp_path / "flash", 5)
    again = Flash(tmp_path / "flash", boot=lambda: "boot 2")
    assert (again.sequence, again.last_digest, again.tag) == (5, (5).to_bytes(32, "big"), 5)
    assert again.unkept() == [b"envelope %d" % number for number in range(1, 6)]
    assert again.lost is None
    assert again.boots == 2


def test_what_was_kept_is_forgotten_also_over_restarts(tmp_path: Path) -> None:
    flash = filled(tmp_path / "flash", 5)
    flash.kept(3)
    for _ in range(3):
        flash = Flash(tmp_path / "flash")
        assert flash.unkept() == [b"envelope 4", b"envelope 5"]
        assert flash.next_sequence == 6


def test_a_number_out_of_turn_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="does not follow"):
        filled(tmp_path / "flash", 2).append(2, ZERO_HASH, b"")


def test_a_torn_last_entry_was_never_promised_and_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "flash"
    filled(path, 5)
    whole = path.read_bytes()
    for cut in range(1, 30):
        path.write_bytes(whole[:-cut])
        assert Flash(path).sequence == 4
        path.write_bytes(whole)
    assert Flash(path).sequence == 5


def test_damage_before_the_end_stops_the_device(tmp_path: Path) -> None:
    path = tmp_path / "flash"
    filled(path, 5)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(FlashDamaged):
        Flash(path)


@pytest.mark.parametrize("signed_in_block", [1, 30, BLOCK])
@pytest.mark.parametrize("surviving", [0, 1, 30, BLOCK])
def test_a_power_cut_in_a_block_never_gives_a_number_twice(
    tmp_path: Path, signed_in_block: int, surviving: int
) -> None:
    path = tmp_path / "flash"
    flash = filled(path, 1, reserve=BLOCK)
    base = path.stat().st_size
    for number in range(2, signed_in_block + 1):
        flash.append(number, ZERO_HASH, b"x" * 50)
    lengths = (path.stat().st_size - base) // max(1, signed_in_block - 1)
    path.write_bytes(path.read_bytes()[: base + lengths * min(surviving, signed_in_block - 1)])
    again = Flash(path, reserve=BLOCK, boot=lambda: "boot 2")
    assert again.next_sequence > signed_in_block
    if again.lost is not None:
        assert again.lost[1] == again.sequence == BLOCK
        assert again.lost[0] <= BLOCK


def test_a_killed_process_of_the_same_boot_loses_nothing_in_a_block(tmp_path: Path) -> None:
    filled(tmp_path / "flash", 10, reserve=BLOCK)
    again = Flash(tmp_path / "flash", reserve=BLOCK, boot=lambda: "boot 1")
    assert (again.sequence, again.lost) == (10, None)


def test_a_clean_shutdown_gives_the_rest_of_the_block_back(tmp_path: Path) -> None:
    filled(tmp_path / "flash", 10, reserve=BLOCK).close()
    again = Flash(tmp_path / "flash", reserve=BLOCK, boot=lambda: "boot 2")
    assert (again.next_sequence, again.lost) == (11, None)


def test_a_block_costs_one_sync_and_single_records_one_each(tmp_path: Path) -> None:
    for reserve, expected in ((BLOCK, 1), (1, BLOCK)):
        syncs: list[int] = []
        flash = Flash(tmp_path / f"flash {reserve}", reserve=reserve, sync=syncs.append)
        syncs.clear()
        for number in range(1, BLOCK + 1):
            flash.append(number, ZERO_HASH, b"")
        assert len(syncs) == expected


def test_lost_numbers_are_declared_by_the_next_record(tmp_path: Path) -> None:
    recorder = a_recorder(tmp_path)
    first = a_reading(recorder)
    recorder.flash.skip(3)
    after = a_reading(recorder)
    gap, reading = _envelopes(recorder.flash)[1:]
    assert (gap.kind, gap.sequence, gap.previous_hash) == ("gap", 5, first.digest(DOMAIN))
    assert gap.payload_object() == {"from_sequence": 2, "to_sequence": 4, "reason": "power lost"}
    assert (reading.sequence, after.previous_hash) == (6, gap.digest(DOMAIN))
    assert recorder.flash.lost is None


@pytest.mark.fault
@pytest.mark.parametrize("reserve", [1, BLOCK])
def test_killed_at_random_moments_it_signs_no_number_twice_and_keeps_what_it_returned(
    tmp_path: Path, reserve: int
) -> None:
    program = textwrap.dedent(
        f"""
        import sys
        from pathlib import Path
        from tests.support.an_edge import DOMAIN, a_reading, a_recorder
        recorder = a_recorder(Path({str(tmp_path)!r}), reserve={reserve})
        while True:
            one = a_reading(recorder)
            print(one.sequence, one.digest(DOMAIN).hex(), flush=True)
            if one.sequence % 7 == 0:
                recorder.flash.kept(one.sequence - 3)
        """
    )
    seen: dict[int, str] = {}
    chance = random.Random(7)
    for _ in range(12):
        child = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        wanted = chance.randrange(1, 60)
        for _ in range(wanted):
            _note(seen, child.stdout.readline())
        child.send_signal(signal.SIGKILL)
        for line in child.stdout.read().splitlines(keepends=True):
            _note(seen, line)
        child.wait()
        child.stdout.close()
    flash = Flash(next(tmp_path.glob("*.flash")), reserve=reserve)
    assert flash.sequence >= max(seen)
    for envelope in _envelopes(flash):
        if envelope.sequence in seen:
            assert envelope.digest(DOMAIN).hex() == seen[envelope.sequence]
    newest = {envelope.sequence for envelope in _envelopes(flash)}
    assert {number for number in seen if number > max(seen) - 3} <= newest


def _note(seen: dict[int, str], line: str) -> None:
    if line.endswith("\n"):
        number, digest = line.split()
        assert seen.setdefault(int(number), digest) == digest


def _envelopes(flash: Flash) -> list[Envelope]:
    return [Envelope.from_cbor(data) for data in flash.unkept()]
