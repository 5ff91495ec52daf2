"""Threads of one part: none of them ends unseen."""

import threading

import pytest

from scripts.part_process import run_side_by_side


def test_when_one_fails_the_others_are_stopped_and_its_error_comes_out() -> None:
    stop = threading.Event()
    stopped: list[bool] = []

    def works_until_told(told: threading.Event) -> None:
        stopped.append(told.wait(20))

    def fails(_told: threading.Event) -> None:
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="the disk is full"):
        run_side_by_side([works_until_told, fails, works_until_told], stop)
    assert stopped == [True, True]


def test_all_end_when_told() -> None:
    stop = threading.Event()
    ended: list[int] = []

    def work(told: threading.Event) -> None:
        told.wait(20)
        ended.append(1)

    threading.Timer(0.1, stop.set).start()
    run_side_by_side([work, work], stop)
    assert ended == [1, 1]
