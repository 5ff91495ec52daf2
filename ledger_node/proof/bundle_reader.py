"""Steps 1 and 2: from a file's bytes to a Bundle, or the code and place of the first fault.

Sizes are looked at before anything is parsed, so that no file costs more than its own length to refuse.
"""

from dataclasses import dataclass
from typing import Any, Final

from ledger_node.domain import lot_map, sparse_tree, subject_map
from ledger_node.domain.digest import keccak256
from ledger_node.domain.envelope import Envelope
from ledger_node.domain.log_entry import LogEntry
from ledger_node.domain.lot_map import LotState
from ledger_node.domain.strict_json import read_canonical
from ledger_node.domain.subject_map import SubjectState
from ledger_node.domain.sum_tree import MAXIMUM_COUNT, MAXIMUM_PATH, Node
from ledger_node.errors import EnvelopeMalformed, LogEntryMalformed, MerkleProofWrong
from ledger_node.proof.bundle import (
    VERSION,
    Absence,
    BatchPlace,
    Bundle,
    BundleKind,
    BundleRecord,
    Content,
    HeartbeatRun,
    History,
    LogPart,
    LotProof,
    Opening,
)
from ledger_node.proof.members import (
    UINT128,
    base64_of,
    decimal_of,
    hash_of,
    hex_of,
    integer_of,
    items_of,
    members_of,
    row_of,
    sibling_of,
    text_of,
    time_of,
    wrong,
)

MAXIMUM_ENTRIES: Final = 4096
MAXIMUM_RECORDS: Final = 200
MAXIMUM_HISTORIES: Final = 512
MAXIMUM_LOT_RECORDS: Final = 8192
NODES_PER_ENTRY: Final = 64
_ALWAYS: Final = frozenset({"tidemark_proof", "kind", "chain_id", "made_at", "checkpoint"})
_EXTRAS: Final = frozenset(
    {"records", "lots", "heartbeats", "openings", "contents", "timestamps", "old_checkpoint", "consistency"}
)
_REQUIRED: Final = {
    BundleKind.RECORD: frozenset({"log", "records", "histories"}),
    BundleKind.HISTORY: frozenset({"log", "histories"}),
    BundleKind.LOT: frozenset({"log", "histories", "lots"}),
    BundleKind.SALES_DAY: frozenset({"log", "records", "histories"}),
    BundleKind.STREAM: frozenset({"log", "histories"}),
    BundleKind.CONSISTENCY: frozenset({"old_checkpoint", "consistency"}),
}
_RECORD: Final = frozenset({"envelope", "receivedAtMs", "verdict", "reason", "amount", "mass", "batch", "pin"})
_HISTORY: Final = frozenset({"address", "topic", "entries", "before", "skipped", "path"})
_ABSENCE: Final = frozenset({"address", "topic", "other", "path"})
_LOT: Final = frozenset({"lot", "stream", "pin", "records", "path"})
_LOT_ABSENCE: Final = frozenset({"lot", "stream", "pin", "other", "path"})
_SIGNED: Final = frozenset({"stream", "sequence", "observedAtMs", "kind", "value", "exponent", "unit", "previousHash"})


def read_bundle(data: bytes) -> Bundle:
    """The bundle. Raises BundleWrong `malformed`, `not_canonical` or `bad_member`."""
    value = read_canonical(data)
    if type(value) is not dict:
        raise wrong("", "not an object")
    if type(value.get("tidemark_proof")) is not int or value["tidemark_proof"] != VERSION:
        raise wrong("/tidemark_proof", "an unknown version")
    kind = _kind(value.get("kind"))
    required = _ALWAYS | _REQUIRED[kind]
    optional = frozenset({"timestamps"}) if kind == BundleKind.CONSISTENCY else _EXTRAS
    return _Reader(members_of(value, "", required, optional), kind).read()


@dataclass(frozen=True, slots=True)
class _Reader:
    members: dict[str, Any]
    kind: BundleKind

    def read(self) -> Bundle:
        raw = self.members
        if ("old_checkpoint" in raw) != ("consistency" in raw):
            raise wrong("/consistency", "goes with old_checkpoint")
        records = self._list("records", _record, highest=MAXIMUM_RECORDS, lowest="records" in raw)
        return Bundle(
            kind=self.kind,
            chain_id=decimal_of(raw["chain_id"], "/chain_id"),
            made_at=time_of(raw["made_at"], "/made_at"),
            checkpoint=text_of(raw["checkpoint"], "/checkpoint"),
            log=_log(raw["log"]) if "log" in raw else None,
            records=records,
            histories=_distinct(self._list("histories", _history, highest=MAXIMUM_HISTORIES)),
            lots=self._list("lots", _lot, highest=MAXIMUM_HISTORIES),
            heartbeats=self._heartbeats(records),
            openings=self._list("openings", _opening, highest=MAXIMUM_RECORDS),
            contents=self._list("contents", _content, highest=MAXIMUM_RECORDS),
            timestamps=self._list("timestamps", base64_of, highest=8),
            old_checkpoint=text_of(raw["old_checkpoint"], "/old_checkpoint") if "old_checkpoint" in raw else None,
            consistency=self._list("consistency", hash_of, highest=NODES_PER_ENTRY) if "consistency" in raw else None,
            raw=raw,
        )

    def _list(self, name: str, read: Any, *, highest: int, lowest: int = 0) -> tuple[Any, ...]:
        if name not in self.members:
            return ()
        return items_of(self.members[name], f"/{name}", read, lowest=lowest, highest=highest)

    def _heartbeats(self, records: tuple[BundleRecord, ...]) -> tuple[HeartbeatRun, ...]:
        def read(value: object, pointer: str) -> HeartbeatRun:
            found = members_of(value, pointer, frozenset({"record", "members"}))
            number = integer_of(found["record"], f"{pointer}/record", 0, len(records) - 1)
            device = records[number].envelope.device
            return HeartbeatRun(
                number,
                items_of(
                    found["members"],
                    f"{pointer}/members",
                    lambda one, place: _signed_members(one, place, device),
                    lowest=1,
                    highest=1000,
                ),
            )

        return self._list("heartbeats", read, highest=MAXIMUM_RECORDS)


def _kind(value: object) -> BundleKind:
    if type(value) is str:
        for kind in BundleKind:
            if kind == value:
                return kind
    raise wrong("/kind", "an unknown kind")


def _log(value: object) -> LogPart:
    found = members_of(value, "/log", frozenset({"entries", "nodes"}))
    rows = items_of(found["entries"], "/log/entries", _entry, highest=MAXIMUM_ENTRIES)
    indices = tuple(index for index, _, _ in rows)
    for place in range(1, len(indices)):
        if indices[place] < indices[place - 1]:
            raise wrong(f"/log/entries/{place}", "the indices do not ascend")
    return LogPart(
        indices=indices,
        encoded=tuple(encoded for _, encoded, _ in rows),
        entries={index: entry for index, _, entry in rows},
        nodes=items_of(found["nodes"], "/log/nodes", hash_of, highest=NODES_PER_ENTRY * max(1, len(rows))),
    )


def _entry(value: object, pointer: str) -> tuple[int, bytes, LogEntry]:
    index, text = row_of(value, pointer, 2)
    encoded = base64_of(text, f"{pointer}/1")
    try:
        entry = LogEntry.decode(encoded)
    except LogEntryMalformed as error:
        raise wrong(f"{pointer}/1", f"no entry of the log: {error}") from error
    return decimal_of(index, f"{pointer}/0"), encoded, entry


def _record(value: object, pointer: str) -> BundleRecord:
    found = members_of(value, pointer, _RECORD)
    batch = members_of(found["batch"], f"{pointer}/batch", frozenset({"count", "index", "path"}))
    return BundleRecord(
        envelope=_envelope(found["envelope"], f"{pointer}/envelope"),
        received_at_ms=integer_of(found["receivedAtMs"], f"{pointer}/receivedAtMs"),
        verdict=integer_of(found["verdict"], f"{pointer}/verdict", 1, 5),
        reason=integer_of(found["reason"], f"{pointer}/reason", 0, 0xFFFF),
        amount=decimal_of(found["amount"], f"{pointer}/amount", UINT128),
        mass=decimal_of(found["mass"], f"{pointer}/mass", UINT128),
        batch=BatchPlace(
            integer_of(batch["count"], f"{pointer}/batch/count", 0, MAXIMUM_COUNT),
            integer_of(batch["index"], f"{pointer}/batch/index"),
            items_of(batch["path"], f"{pointer}/batch/path", _node, highest=MAXIMUM_PATH),
        ),
        pin=decimal_of(found["pin"], f"{pointer}/pin"),
    )


def _envelope(value: object, pointer: str) -> Envelope:
    try:
        return Envelope.from_json(value)
    except EnvelopeMalformed as error:
        raise wrong(pointer + error.pointer, error.why) from error


def _signed_members(value: object, pointer: str, device: str) -> Envelope:
    """The members of a record that its digest covers; its signature is not shown, the next record vouches for it."""
    found = members_of(value, pointer, _SIGNED, frozenset({"payload", "payloadHash"}))
    filler = {"v": 1, "device": device, "algorithm": "EdDSA", "signature": "0x" + "00" * 64}
    return _envelope({**found, **filler}, pointer)


def _node(value: object, pointer: str) -> Node:
    digest, amount, mass = row_of(value, pointer, 3)
    return Node(
        hash_of(digest, f"{pointer}/0"),
        decimal_of(amount, f"{pointer}/1", UINT128),
        decimal_of(mass, f"{pointer}/2", UINT128),
    )


def _history(value: object, pointer: str) -> History | Absence:
    if type(value) is dict and "other" in value:
        return _absence(value, pointer)
    found = members_of(value, pointer, _HISTORY)
    return History(
        address=hex_of(found["address"], f"{pointer}/address", 20),
        topic=hex_of(found["topic"], f"{pointer}/topic", 32),
        entries=items_of(found["entries"], f"{pointer}/entries", decimal_of, lowest=1, highest=MAXIMUM_ENTRIES),
        before=SubjectState(
            decimal_of(found["skipped"], f"{pointer}/skipped"), hash_of(found["before"], f"{pointer}/before")
        ),
        path=_siblings(found["path"], f"{pointer}/path"),
    )


def _absence(value: object, pointer: str) -> Absence:
    found = members_of(value, pointer, _ABSENCE)
    address = hex_of(found["address"], f"{pointer}/address", 20)
    topic = hex_of(found["topic"], f"{pointer}/topic", 32)
    path = _siblings(found["path"], f"{pointer}/path")
    other: tuple[bytes, SubjectState] | None = None
    if found["other"] is not None:
        key, count, head = row_of(found["other"], f"{pointer}/other", 3)
        state = SubjectState(decimal_of(count, f"{pointer}/other/1"), hash_of(head, f"{pointer}/other/2"))
        other = hash_of(key, f"{pointer}/other/0"), state
        _require_other(subject_map.subject_key(address, topic), other[0], path, f"{pointer}/other")
    return Absence(address, topic, other, path)


def _lot(value: object, pointer: str) -> LotProof:
    is_absence = type(value) is dict and "other" in value
    found = members_of(value, pointer, _LOT_ABSENCE if is_absence else _LOT)
    lot = text_of(found["lot"], f"{pointer}/lot", 256)
    if not lot.isascii() or not lot:
        raise wrong(f"{pointer}/lot", "not the lot's canonical link")
    path = _siblings(found["path"], f"{pointer}/path")
    stream = text_of(found["stream"], f"{pointer}/stream", 128)
    if not stream.isascii() or not stream:
        raise wrong(f"{pointer}/stream", "not a stream's name")
    pin = None if found["pin"] is None else decimal_of(found["pin"], f"{pointer}/pin")
    if is_absence:
        return LotProof(lot, stream, pin, (), _other_lot(found["other"], lot, path, f"{pointer}/other"), path)
    if pin is None:
        raise wrong(f"{pointer}/pin", "records of a stream that has no pin")
    records = items_of(found["records"], f"{pointer}/records", _share, lowest=1, highest=MAXIMUM_LOT_RECORDS)
    return LotProof(lot, stream, pin, records, None, path)


def _other_lot(value: object, lot: str, path: tuple[bytes, ...], pointer: str) -> tuple[bytes, LotState] | None:
    if value is None:
        return None
    key, count, mass, head = row_of(value, pointer, 4)
    state = LotState(
        decimal_of(count, f"{pointer}/1"), decimal_of(mass, f"{pointer}/2", UINT128), hash_of(head, f"{pointer}/3")
    )
    other = hash_of(key, f"{pointer}/0")
    _require_other(lot_map.map_key(keccak256(lot.encode())), other, path, pointer)
    return other, state


def _share(value: object, pointer: str) -> tuple[bytes, int]:
    record_hash, share = row_of(value, pointer, 2)
    return hash_of(record_hash, f"{pointer}/0"), decimal_of(share, f"{pointer}/1", UINT128)


def _siblings(value: object, pointer: str) -> tuple[bytes, ...]:
    path = items_of(value, pointer, sibling_of, highest=sparse_tree.KEY_BITS)
    if path and path[-1] == b"":
        raise wrong(pointer, "the last sibling is empty")
    return path


def _require_other(key: bytes, other: bytes, path: tuple[bytes, ...], pointer: str) -> None:
    try:
        sparse_tree.require_other_key(key, other, len(path))
    except MerkleProofWrong as error:
        raise wrong(pointer, str(error)) from error


def _opening(value: object, pointer: str) -> Opening:
    found = members_of(value, pointer, frozenset({"pointer", "value", "blinding"}))
    return Opening(
        text_of(found["pointer"], f"{pointer}/pointer", 512),
        text_of(found["value"], f"{pointer}/value", 4096),
        hash_of(found["blinding"], f"{pointer}/blinding"),
    )


def _content(value: object, pointer: str) -> Content:
    found = members_of(value, pointer, frozenset({"cid", "sha256", "length", "media_type"}))
    return Content(
        text_of(found["cid"], f"{pointer}/cid", 128),
        hash_of(found["sha256"], f"{pointer}/sha256"),
        integer_of(found["length"], f"{pointer}/length"),
        text_of(found["media_type"], f"{pointer}/media_type", 127),
    )


def _distinct(histories: tuple[History | Absence, ...]) -> tuple[History | Absence, ...]:
    subjects: set[tuple[bytes, bytes]] = set()
    for place, history in enumerate(histories):
        if (history.address, history.topic) in subjects:
            raise wrong(f"/histories/{place}", "the same subject twice")
        subjects.add((history.address, history.topic))
    return histories
