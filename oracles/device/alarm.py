"""How the edge says that something needs a person: a word for programs and a sentence for people."""

import logging
from collections.abc import Callable

Alarm = Callable[[str, str], None]
_log = logging.getLogger("tidemark.edge")


def log_alarm(code: str, text: str) -> None:
    """Writes the alarm to the log."""
    _log.warning("%s: %s", code, text)
