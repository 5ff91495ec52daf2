"""One part as a process: its log, its signals, and the status it ends with."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import structlog

from ledger_node.errors import CheckpointLogStopped, IdentityError, IndexerStopped
from scripts.node_folder import NodeFolder
from scripts.supervisor import EXIT_REFUSED, EXIT_STOPPED

_log: Final = structlog.get_logger("part")


def run_part(name: str, work: Callable[[NodeFolder, threading.Event], None], folder: NodeFolder) -> None:
    """Runs the part called `name` until SIGTERM. Exits with EXIT_REFUSED where it must not run on what it found,
    with EXIT_STOPPED where it found what a person must look at.
    """
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
    )
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    signal.signal(signal.SIGINT, lambda _number, _frame: stop.set())
    _log.info("starts", part=name, pid=os.getpid())
    try:
        work(folder, stop)
    except IdentityError as error:
        _log.error("refuses", part=name, why=str(error))
        sys.exit(EXIT_REFUSED)
    except (IndexerStopped, CheckpointLogStopped) as error:
        _log.error("stops", part=name, why=str(error))
        sys.exit(EXIT_STOPPED)
    _log.info("ends", part=name)


def run_side_by_side(works: Sequence[Callable[[threading.Event], None]], stop: threading.Event) -> None:
    """Runs each of `works` in a thread of its own until `stop` is set and all have ended.

    When one ends by itself or fails, all are stopped and its error is raised: the part ends and is started again.
    """

    def run(work: Callable[[threading.Event], None]) -> None:
        try:
            work(stop)
        finally:
            stop.set()

    with ThreadPoolExecutor(len(works)) as threads:
        running = [threads.submit(run, work) for work in works]
    for one in running:
        one.result()
