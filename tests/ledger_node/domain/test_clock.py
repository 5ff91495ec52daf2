"""The clock of a demonstration starts in the past, runs faster, and becomes the real time when it meets it."""

from ledger_node.domain.clock import Clock

NOON = 1_763_800_000_000
HOUR = 3_600_000


def clock(real_ms: int, *, start_ms: int = NOON - 6 * HOUR, speed: int = 60) -> Clock:
    return Clock(start_ms, NOON, speed, real=lambda: real_ms)


def test_it_starts_where_it_was_told() -> None:
    assert clock(NOON).now_ms() == NOON - 6 * HOUR


def test_it_runs_sixty_times_as_fast() -> None:
    assert clock(NOON + 1000).now_ms() == NOON - 6 * HOUR + 60_000
    assert clock(NOON + 1000).rate() == 60


def test_it_never_passes_the_real_time() -> None:
    late = clock(NOON + 7 * HOUR)
    assert late.now_ms() == NOON + 7 * HOUR
    assert late.rate() == 1


def test_without_a_past_it_is_the_real_time() -> None:
    assert Clock(real=lambda: NOON).now_ms() == NOON
    assert Clock(real=lambda: NOON).rate() == 1


def test_it_reads_back_what_it_wrote() -> None:
    one = Clock(NOON - HOUR, NOON, 60)
    assert Clock.from_json(one.to_json()) == one
