"""Files that a crash leaves whole: write beside, fsync, rename."""

import os
from pathlib import Path
from typing import Final

_MODE: Final = 0o666  # less the umask, as `open` makes files


def replace_file(path: Path, content: bytes, *, mode: int = _MODE) -> None:
    """Writes `path` so that a reader, or a crash, finds the old bytes or the new ones whole."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    write_durably(temporary, content, mode=mode)
    temporary.replace(path)
    sync_folder(path.parent)


def write_durably(path: Path, content: bytes, *, mode: int = _MODE) -> None:
    """Writes a file whose bytes are on disk when this returns; its name is only after `sync_folder`."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
