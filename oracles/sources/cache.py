"""A compact copy of a data set in the data folder: named columns of 64-bit integers, read back in milliseconds.

The packages' own files need pandas or pyarrow and a second or more; a copy is made once and checked by its digest.
"""

import json
import sys
import zlib
from array import array
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from ledger_node.durable_file import replace_file

Columns = Mapping[str, "array[int]"]
_MAGIC: Final = b"tidemark columns 1\n"


def cached_columns(path: Path, make: Callable[[], Columns]) -> Columns:
    """The columns in `path`; made, and written for the next time, when the file is absent or damaged."""
    kept = _read(path)
    if kept is not None:
        return kept
    columns = make()
    _write(path, columns)
    return columns


def _read(path: Path) -> Columns | None:
    try:
        data = path.read_bytes()
    except OSError:
        return None
    if not data.startswith(_MAGIC):
        return None
    head, _, body = data[len(_MAGIC) :].partition(b"\n")
    try:
        names: list[str] = json.loads(head)["names"]
        raw = zlib.decompress(body)
    except (ValueError, KeyError, zlib.error):
        return None
    length = len(raw) // 8 // max(1, len(names))
    columns: dict[str, array[int]] = {}
    for place, name in enumerate(names):
        column = array("q", raw[place * length * 8 : (place + 1) * length * 8])
        if sys.byteorder == "big":
            column.byteswap()
        columns[name] = column
    return columns


def _write(path: Path, columns: Columns) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    body = bytearray()
    for column in columns.values():
        ordered = array("q", column)
        if sys.byteorder == "big":
            ordered.byteswap()
        body += ordered.tobytes()
    head = json.dumps({"names": list(columns)}).encode()
    replace_file(path, _MAGIC + head + b"\n" + zlib.compress(bytes(body), 6))
