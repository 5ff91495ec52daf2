"""The embedded chain's state on disk: written whole or not at all, and the last good one found again after a crash.

`state.json` is the newest, `state.previous.json` the one before. A block that `state.json` holds is final.
"""

import json
import os
from pathlib import Path
from typing import Any, Final

from ledger_node.durable_file import sync_folder, write_durably

STATE: Final = "state.json"
PREVIOUS: Final = "state.previous.json"
TORN: Final = "state.torn.json"


def write_state(folder: Path, content: bytes) -> None:
    """Replaces `state.json`, keeping the one before; a crash at any point leaves at least one of them whole."""
    state, previous, fresh = folder / STATE, folder / PREVIOUS, folder / f".{STATE}.new"
    write_durably(fresh, content)
    if state.exists():
        kept = folder / f".{PREVIOUS}.new"
        kept.unlink(missing_ok=True)
        os.link(state, kept)
        kept.replace(previous)
    fresh.replace(state)
    sync_folder(folder)


def newest_whole_state(folder: Path) -> Path | None:
    """The state to start from; a torn `state.json` is put aside and the one before takes its place."""
    state, previous = folder / STATE, folder / PREVIOUS
    if is_whole(state):
        return state
    if state.exists():
        state.replace(folder / TORN)
    if not is_whole(previous):
        return None
    write_state(folder, previous.read_bytes())
    return state


def is_whole(path: Path) -> bool:
    """Whether a state file can be read to its end and names its block first."""
    try:
        document: dict[str, Any] = json.loads(path.read_bytes())
        return next(iter(document)) == "block" and int(document["block"]["number"], 16) >= 0
    except (FileNotFoundError, ValueError, KeyError, TypeError, StopIteration):
        return False
