"""The file in which a verifier keeps the last checkpoint of each log it has seen, to notice a second past.

One canonical JSON object: network file's SHA-256 and origin → the whole note. Written atomically.
"""

from pathlib import Path
from typing import Final, cast

from ledger_node.domain.checkpoint_note import SignedNote, parse_note
from ledger_node.domain.network import Network
from ledger_node.domain.strict_json import read_canonical, write_canonical
from ledger_node.durable_file import replace_file
from ledger_node.errors import BundleWrong, KeptFileWrong, NoteMalformed

MAXIMUM_BYTES: Final = 8 << 20


class KeptCheckpoints:
    """The checkpoints kept in one file; a file that is not there is empty."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def get(self, network: Network, origin: str) -> SignedNote | None:
        """The checkpoint kept for a log of a network. Raises KeptFileWrong when the file cannot be used."""
        text = self._read().get(_name(network, origin))
        try:
            return None if text is None else parse_note(text)
        except NoteMalformed as error:
            raise KeptFileWrong(str(self._path), str(error)) from error

    def put(self, network: Network, note: SignedNote) -> None:
        """Keeps a checkpoint unless a newer one of the same log is kept. Raises KeptFileWrong."""
        rows = self._read()
        name = _name(network, note.note.origin)
        known = self.get(network, note.note.origin)
        if known is not None and (known.note.size, known.note.block) >= (note.note.size, note.note.block):
            return
        rows[name] = note.whole()
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(self._path, write_canonical(rows) + b"\n")
        except OSError as error:
            raise KeptFileWrong(str(self._path), str(error)) from error

    def _read(self) -> dict[str, str]:
        try:
            rows = read_canonical(self._path.read_bytes(), maximum_bytes=MAXIMUM_BYTES)
        except FileNotFoundError:
            return {}
        except (OSError, BundleWrong) as error:
            raise KeptFileWrong(str(self._path), str(error)) from error
        if type(rows) is not dict or not all(type(text) is str for text in rows.values()):
            raise KeptFileWrong(str(self._path), "not a table of notes")
        return cast(dict[str, str], rows)


def _name(network: Network, origin: str) -> str:
    return f"{network.sha256} {origin}"
