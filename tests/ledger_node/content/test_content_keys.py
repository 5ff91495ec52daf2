"""Content keys: one a subject and purpose, found again, destroyed for good, the same for racing processes."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ledger_node.content.content_keys import KeyFolder
from ledger_node.errors import ConfigurationWrong, ContentKeyMissing


def test_a_key_is_made_once_and_found_by_both_names(tmp_path: Path) -> None:
    first, second = KeyFolder(tmp_path / "keys"), KeyFolder(tmp_path / "keys")
    key = first.of_subject("merchant/1", "records")
    assert second.of_subject("merchant/1", "records") == key
    assert second.by_id(key.key_id) == key
    assert first.of_subject("merchant/1", "sales-day") != key
    assert first.of_subject("merchant/2", "records") != key


def test_racing_processes_agree(tmp_path: Path) -> None:
    folders = [KeyFolder(tmp_path) for _ in range(16)]
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda folder: folder.of_subject("merchant/1", "records"), folders))
    assert len(keys) == 1


def test_files_are_for_the_owner_and_say_nobodys_name(tmp_path: Path) -> None:
    KeyFolder(tmp_path / "keys").of_subject("merchant/0xabc", "records")
    (path,) = (tmp_path / "keys").iterdir()
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert "abc" not in path.name


def test_a_destroyed_key_is_gone_everywhere_and_says_when_and_why(tmp_path: Path) -> None:
    here, elsewhere = KeyFolder(tmp_path), KeyFolder(tmp_path)
    key = here.of_subject("merchant/1", "records")
    assert elsewhere.by_id(key.key_id) == key
    assert here.destroy("merchant/1", at_ms=1763800000000, ground="asked by the merchant") == [key.key_id]
    for folder in (here, elsewhere, KeyFolder(tmp_path)):
        with pytest.raises(ContentKeyMissing) as caught:
            folder.by_id(key.key_id)
        assert (caught.value.erased_at_ms, caught.value.ground) == (1763800000000, "asked by the merchant")
    assert elsewhere.of_subject("merchant/1", "records").key_id != key.key_id
    assert all(key.secret not in path.read_bytes() for path in tmp_path.iterdir())


def test_an_unknown_key_was_never_here(tmp_path: Path) -> None:
    with pytest.raises(ContentKeyMissing) as caught:
        KeyFolder(tmp_path).by_id(bytes(16))
    assert caught.value.erased_at_ms is None


def test_a_cut_key_file_is_not_taken_for_a_key(tmp_path: Path) -> None:
    KeyFolder(tmp_path).of_subject("merchant/1", "records")
    (path,) = tmp_path.iterdir()
    path.write_bytes(b"short")
    with pytest.raises(ConfigurationWrong, match="5 bytes"):
        KeyFolder(tmp_path).of_subject("merchant/1", "records")


def test_a_secret_is_never_shown(tmp_path: Path) -> None:
    key = KeyFolder(tmp_path).of_subject("merchant/1", "records")
    assert key.secret.hex() not in repr(key)
