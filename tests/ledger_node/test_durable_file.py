"""Replaced files: whole, alone in their folder, and readable by whom the caller says."""

from pathlib import Path

from ledger_node.durable_file import replace_file


def test_a_file_is_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    replace_file(path, b"old, and longer")
    replace_file(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_private_file_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    replace_file(path, b"{}", mode=0o600)
    assert path.stat().st_mode & 0o777 == 0o600
