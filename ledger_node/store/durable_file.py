"""Files that a crash leaves whole: write beside, fsync, rename."""

import os
from pathlib import Path


def replace_file(path: Path, content: bytes) -> None:
    """Writes `path` so that a reader, or a crash, finds the old bytes or the new ones whole."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
