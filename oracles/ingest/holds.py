"""Holds: a failed test holds its lot and every lot made from it, in the same transaction; a release needs more.

Each change raises the version of the market's hold list, which the node signs; the list goes out after the commit.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, update

from ledger_node.domain.hold import HoldList, sign_hold_list
from ledger_node.domain.payload import lot_key
from ledger_node.domain.plausibility import FAIL, PASS, effective_result
from oracles.ingest.known import JournalKnown
from oracles.ingest.own_records import OwnRecords
from oracles.ingest.reading import Reading
from oracles.ingest.rows import HOLD, HOLD_VERSION, RECORD, TEST, Rows

JournalOwn = Callable[[str, dict[str, Any], int], int]
"""Journals a record of the node's own (kind, payload, value) and gives its row number."""
_RELEASING_ROLES = frozenset({"lab", "regulator"})


@dataclass(slots=True)
class Holds:
    """The holds of one transaction; `lists` gathers the hold lists to publish once it is committed."""

    connection: Connection
    own: OwnRecords
    known: JournalKnown
    rows: Rows
    now_ms: int
    journal_own: JournalOwn
    lists: list[HoldList]

    def after(self, reading: Reading, record_id: int, record_hash: bytes) -> None:
        """What a test, retest, intake or release means for holds."""
        if reading.kind in ("test", "retest"):
            if effective_result(reading.payload) == FAIL:
                failed = lot_key(reading.payload["lot_id"])
                lots = self.known.descendants(failed)
                self._hold(lots, record_id, record_hash, "failed test", reading.payload["test_id"])
        elif reading.kind == "intake":
            held = [parent for parent in map(lot_key, reading.payload.get("parent_lots", ())) if self._is_held(parent)]
            if held:
                lots = self.known.descendants(lot_key(reading.payload["lot_id"]))
                self._hold(lots, record_id, record_hash, "made from a held lot", None)
        elif reading.kind == "release" and self._may_release(reading):
            self._release(lot_key(reading.payload["lot_id"]))

    def reissue(self) -> HoldList:
        """The newest version signed anew with the present time."""
        return self._sign(self._version())

    def _is_held(self, key: bytes) -> bool:
        lot = self.known.lot(key)
        return lot is not None and lot.held_from_ms is not None

    def _hold(self, lots: Iterable[bytes], record_id: int, cause: bytes, reason: str, test_id: str | None) -> None:
        keys = list(lots)
        self.known.read_lots(self.connection, [key for key in keys if self.known.lot(key) is None])
        already = self._held_keys()
        fresh = [key for key in keys if key not in already]
        if not fresh:
            return
        version = self._version() + 1
        for key in fresh:
            self.rows.holds.append(
                {
                    "market": self.own.market,
                    "lot_key": key,
                    "cause_record_id": record_id,
                    "version": version,
                    "held_from_ms": self.now_ms,
                    "released_at_ms": None,
                }
            )
            self.rows.lot_states[key] = "held"
            self.known.hold(key, self.now_ms)
            lot_id = self.known.lot_id(key)
            if lot_id is not None:
                self._say(lot_id, version, cause, reason, test_id)
        self._sign(version)

    def _say(self, lot_id: str, version: int, cause: bytes, reason: str, test_id: str | None) -> None:
        payload: dict[str, Any] = {
            "lot_id": lot_id,
            "market_id": self.own.market,
            "version": version,
            "held_from_ms": self.now_ms,
            "reason": reason,
            "cause": "0x" + cause.hex(),
        }
        if test_id is not None:
            payload["test_id"] = test_id
        number = self.journal_own("hold", payload, FAIL)
        self.rows.live(
            self.own.market, "hold", self.now_ms, record_id=number, lot_id=lot_id, version=version, state="held"
        )

    def _may_release(self, reading: Reading) -> bool:
        """A lab's PASS in a retest of this lot by another tester than the one that failed it, and two officers."""
        payload = reading.payload
        officers = {one["officer_ref"]: one["role"] for one in payload["officers"]}
        roles = set(officers.values())
        if len(officers) < 2 or "manager" not in roles or not roles & _RELEASING_ROLES:
            return False
        key = lot_key(payload["lot_id"])
        device = select(RECORD.c.device).where(RECORD.c.id == TEST.c.record_id).scalar_subquery()
        query = select(TEST.c.result, TEST.c.retest_of, device.label("device"), TEST.c.test_id).where(
            TEST.c.lot_key == key
        )
        tests = {row.test_id: row for row in self.connection.execute(query)}
        retest = tests.get(payload["retest_id"])
        if retest is None or retest.result != PASS or retest.retest_of not in tests:
            return False
        failing = {row.device for row in tests.values() if row.result == FAIL}
        return retest.device not in failing and reading.device not in failing

    def _release(self, key: bytes) -> None:
        self.connection.execute(
            update(HOLD)
            .where(HOLD.c.lot_key == key, HOLD.c.market == self.own.market, HOLD.c.released_at_ms.is_(None))
            .values(released_at_ms=self.now_ms)
        )
        self.known.release(key)
        self.rows.lot_states[key] = "open"
        version = self._version() + 1
        lot_id = self.known.lot_id(key)
        self.rows.live(self.own.market, "hold", self.now_ms, lot_id=lot_id, version=version, state="open")
        self._sign(version)

    def _version(self) -> int:
        if self.rows.hold_versions:
            newest: int = self.rows.hold_versions[-1]["version"]
            return newest
        query = select(HOLD_VERSION.c.version).where(HOLD_VERSION.c.market == self.own.market)
        return self.connection.execute(query).scalar() or 0

    def _held_keys(self) -> set[bytes]:
        query = select(HOLD.c.lot_key).where(HOLD.c.market == self.own.market, HOLD.c.released_at_ms.is_(None))
        held = set(self.connection.execute(query).scalars())
        return held | {row["lot_key"] for row in self.rows.holds}

    def _sign(self, version: int) -> HoldList:
        message = sign_hold_list(
            self.own.domain,
            self.own.signer,
            self.own.name,
            market=f"market/{self.own.market}",
            version=version,
            lot_keys=self._held_keys(),
            issued_at_ms=self.now_ms,
        )
        self.rows.hold_versions = [
            {
                "market": self.own.market,
                "version": version,
                "issued_at_ms": self.now_ms,
                "message": message.to_json(),
            }
        ]
        self.lists[:] = [message]
        return message
