"""The action log is a hash chain; evidence is canonical, named by its hash and never overwritten; alarms open once."""

import hashlib
import json
from pathlib import Path

import pytest
from sqlalchemy import Table, delete, select, update

from ledger_node.errors import EvidenceExists
from ledger_node.store import Stores
from ledger_node.store.actions import FIRST_HEAD, actions_head, append_action, recomputed_head
from ledger_node.store.alarms import clear_alarm, raise_alarm
from ledger_node.store.evidence import write_evidence
from ledger_node.store.journal import Alarm
from ledger_node.store.log import Action

_ACTION: Table = Action.__table__  # type: ignore[attr-defined]
_ALARM: Table = Alarm.__table__  # type: ignore[attr-defined]


def test_the_head_over_no_actions_is_the_hash_of_nothing(stores: Stores) -> None:
    with stores.log.read() as connection:
        assert actions_head(connection) == (0, hashlib.sha256(b"").digest())
        assert recomputed_head(connection, 0) == FIRST_HEAD


def test_a_changed_or_missing_action_gives_another_head(stores: Stores) -> None:
    for number in range(1, 5):
        assert append_action(stores.log, at_ms=number, actor="ann", action="role.grant", subject=f"s{number}") == number
    with stores.log.read() as connection:
        count, head = actions_head(connection)
        assert recomputed_head(connection, count) == head
    with stores.log.write() as connection:
        connection.execute(update(_ACTION).where(_ACTION.c.number == 2).values(subject="other"))
        assert recomputed_head(connection, 4) != head
        assert recomputed_head(connection, 1) is not None
        connection.execute(delete(_ACTION).where(_ACTION.c.number == 2))
        assert recomputed_head(connection, 4) is None
        assert recomputed_head(connection, 9) is None


def test_evidence_is_named_by_its_hash_and_kept(tmp_path: Path) -> None:
    def write() -> Path:
        return write_evidence(
            tmp_path / "evidence",
            kind="chain_rewritten",
            network="demo",
            says="two blocks",
            found_at_ms=1_763_800_020_250,
            notes=["a note\n"],
            parts={"block": "7"},
        )

    path = write()
    assert write() == path
    content = path.read_bytes()
    assert path.stem == hashlib.sha256(content).hexdigest()
    assert json.loads(content) == {
        "tidemark_evidence": 1,
        "kind": "chain_rewritten",
        "network": "demo",
        "notes": ["a note\n"],
        "parts": {"block": "7"},
        "says": "two blocks",
        "found_at": "2025-11-22T08:27:00.250Z",
    }
    path.write_bytes(b"{}")
    with pytest.raises(EvidenceExists):
        write()
    assert path.read_bytes() == b"{}"


def test_an_alarm_is_open_once_until_it_is_cleared(stores: Stores) -> None:
    def raise_it(at_ms: int) -> bool:
        with stores.journal.write() as connection:
            return raise_alarm(connection, source="x", code="C", subject="s", message="m", at_ms=at_ms)

    assert raise_it(1) is True
    assert raise_it(2) is False
    with stores.journal.write() as connection:
        clear_alarm(connection, source="x", code="C", subject="s", at_ms=3)
    assert raise_it(4) is True
    with stores.journal.read() as connection:
        rows = connection.execute(select(_ALARM.c.at_ms, _ALARM.c.cleared_at_ms).order_by(_ALARM.c.id)).all()
    assert [tuple(row) for row in rows] == [(1, 3), (4, None)]
