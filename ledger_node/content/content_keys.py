"""Content keys: one a subject and purpose, 32 secret bytes under a random 16-byte id, in the node's key store.

A folder of small files, never inside the content store. Destroying a key erases what was sealed under it everywhere;
a stone remains that says when and why. The port is narrow so that a key service can stand behind it.
"""

import json
import os
import secrets
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from ledger_node.domain.digest import sha256
from ledger_node.durable_file import sync_folder, write_durably
from ledger_node.errors import ConfigurationWrong, ContentKeyMissing

KEY_ID_BYTES: Final = 16
SECRET_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class ContentKey:
    """A key and its id; the secret is not shown in a representation."""

    key_id: bytes
    secret: bytes

    def __repr__(self) -> str:
        return f"ContentKey({self.key_id.hex()})"


class ContentKeys(Protocol):
    """Where content keys are kept."""

    def of_subject(self, subject: str, purpose: str) -> ContentKey:
        """The subject's key for a purpose, made and stored durably when there is none."""
        ...

    def by_id(self, key_id: bytes) -> ContentKey:
        """A key by its id; ContentKeyMissing."""
        ...

    def destroy(self, subject: str, *, at_ms: int, ground: str) -> list[bytes]:
        """Erases all keys of a subject for good; their ids."""
        ...


class KeyFolder:
    """Content keys in a folder of a node, mode 0700; a file a key, mode 0600, named by a hash of whose it is."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._by_name: dict[str, ContentKey] = {}
        self._names: dict[bytes, str] = {}
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def of_subject(self, subject: str, purpose: str) -> ContentKey:
        """See ContentKeys."""
        name = _file_name(subject, purpose)
        with self._lock:
            return self._known(name) or self._remember(name, self._read(name) or self._make(name))

    def by_id(self, key_id: bytes) -> ContentKey:
        """See ContentKeys."""
        with self._lock:
            if key_id not in self._names:
                self._scan()
            key = self._known(self._names.get(key_id, ""))
        if key is None:
            raise self._missing(key_id)
        return key

    def destroy(self, subject: str, *, at_ms: int, ground: str) -> list[bytes]:
        """See ContentKeys. Other processes find the file gone when they next look the key up."""
        destroyed: list[bytes] = []
        with self._lock:
            for path in sorted(self._folder.glob(f"{_subject_part(subject)}-*.key")):
                key = _parse(path)
                stone = {"key_id": key.key_id.hex(), "erased_at_ms": at_ms, "ground": ground}
                write_durably(self._folder / f"{key.key_id.hex()}.erased", json.dumps(stone).encode(), mode=0o600)
                with path.open("r+b") as file:
                    file.write(bytes(KEY_ID_BYTES + SECRET_BYTES))
                    os.fsync(file.fileno())
                path.unlink()
                destroyed.append(key.key_id)
            sync_folder(self._folder)
        return destroyed

    def _known(self, name: str) -> ContentKey | None:
        key = self._by_name.get(name)
        if key is not None and not os.path.exists(f"{self._folder}/{name}.key"):  # a third of pathlib's time
            del self._by_name[name], self._names[key.key_id]
            return None
        return key

    def _remember(self, name: str, key: ContentKey) -> ContentKey:
        self._by_name[name] = key
        self._names[key.key_id] = name
        return key

    def _read(self, name: str) -> ContentKey | None:
        path = self._folder / f"{name}.key"
        return _parse(path) if path.exists() else None

    def _make(self, name: str) -> ContentKey:
        path = self._folder / f"{name}.key"
        fresh = secrets.token_bytes(KEY_ID_BYTES + SECRET_BYTES)
        temporary = self._folder / f".{name}.{os.getpid()}.{secrets.token_hex(4)}"
        write_durably(temporary, fresh, mode=0o600)
        try:
            os.link(temporary, path)  # unlike a rename it fails when another process was first
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
        sync_folder(self._folder)
        return _parse(path)

    def _scan(self) -> None:
        for path in self._folder.glob("*.key"):
            if path.stem not in self._by_name:
                self._remember(path.stem, _parse(path))

    def _missing(self, key_id: bytes) -> ContentKeyMissing:
        path = self._folder / f"{key_id.hex()}.erased"
        if not path.exists():
            return ContentKeyMissing(key_id)
        stone = json.loads(path.read_bytes())
        return ContentKeyMissing(key_id, erased_at_ms=stone["erased_at_ms"], ground=stone["ground"])


def _subject_part(subject: str) -> str:
    return sha256(subject.encode()).hex()[:40]


def _file_name(subject: str, purpose: str) -> str:
    return f"{_subject_part(subject)}-{sha256(purpose.encode()).hex()[:16]}"


def _parse(path: Path) -> ContentKey:
    data = path.read_bytes()
    if len(data) != KEY_ID_BYTES + SECRET_BYTES:
        raise ConfigurationWrong(str(path), f"a content key of {len(data)} bytes", "Restore it from a backup.")
    return ContentKey(data[:KEY_ID_BYTES], data[KEY_ID_BYTES:])
