"""Journal rows for tests: signed records of one device, put where ingest would put them.

A builder makes a valid thing; a test changes what matters. Verdicts and lots are given, not judged.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert

from ledger_node.domain.canonical_json import canonical_bytes
from ledger_node.domain.device_key import KeyType, SoftwareKey
from ledger_node.domain.digest import keccak256
from ledger_node.domain.envelope import Envelope
from ledger_node.domain.payload import KINDS, facts
from ledger_node.domain.record import Verdict, record_hash
from ledger_node.domain.typed_data import SigningDomain
from ledger_node.store.database import Database
from ledger_node.store.journal import Record, RecordLot, StreamHead
from ledger_node.store.upsert import upsert

NOON_MS = 1_763_784_000_000  # 2025-11-22 12:00 in Shanghai
DOMAIN = SigningDomain(1337, (1).to_bytes(20, "big"))
MERCHANT = "0x" + "11" * 32
PLACE = "0x" + "22" * 32
LOT = "https://id.gs1.org/01/09506000134352/10/ZPK-1"
_RECORD = Record.__table__  # type: ignore[attr-defined]
_RECORD_LOT = RecordLot.__table__  # type: ignore[attr-defined]
_STREAM_HEAD = StreamHead.__table__  # type: ignore[attr-defined]
_numbers = itertools.count(1)


def ulid(number: int) -> str:
    """A ULID that ends in a number."""
    return f"01K{number:023d}"


def a_sale(*, amount_minor: int = 3650, net_grams: int = 1825, merchant: str = MERCHANT, **more: Any) -> dict[str, Any]:
    """A sale's payload, as far as the sealer and the sales day read it."""
    return {
        "sale_id": ulid(next(_numbers)),
        "merchant_ref": merchant,
        "place_ref": PLACE,
        "amount_minor": amount_minor,
        "net_grams": net_grams,
        "currency": "CNY",
        "pay_method": "cash",
        "lots": [{"lot_id": LOT, "net_grams": net_grams}],
        **more,
    }


@dataclass
class AJournal:
    """Writes records into a journal, position after position."""

    database: Database
    first_position: int = 0
    key: SoftwareKey = field(default_factory=lambda: SoftwareKey(KeyType.SECP256K1, keccak256(b"device-1")))
    _positions: dict[str, int] = field(default_factory=dict)
    _sequences: dict[str, int] = field(default_factory=dict)

    def add(self, kind: str, payload: dict[str, Any], **more: Any) -> int:
        """Journals one record; its id."""
        return self.add_many(kind, [payload], **more)[0]

    def add_many(
        self,
        kind: str,
        payloads: Sequence[dict[str, Any]],
        *,
        device: str = "urn:tidemark:device:zpk-scale-001",
        stream: str | None = None,
        at_ms: int = NOON_MS,
        received_at_ms: int | None = None,
        verdict: Verdict = Verdict.ACCEPTED,
        reason: int = 0,
        sequence: int | None = None,
    ) -> list[int]:
        """Journals records of one kind in one transaction; their ids."""
        stream = stream or f"market/zpk/{KINDS[kind].stream_kind}"
        position = self._positions.get(stream, self.first_position)
        next_sequence = sequence or self._sequences.get(device, 0) + 1
        ids: list[int] = []
        with self.database.write() as connection:
            for number, payload in enumerate(payloads):
                said = facts(kind, payload)
                received = received_at_ms or at_ms + 1250
                envelope = self._sign(kind, payload, device, stream, next_sequence + number, at_ms)
                digest = envelope.digest(DOMAIN)
                row = {
                    "device": device,
                    "sequence": envelope.sequence,
                    "digest": digest,
                    "record_hash": record_hash(digest, envelope.signature, received, verdict, reason),
                    "stream": stream,
                    "position": position + number,
                    "observed_at_ms": at_ms,
                    "received_at_ms": received,
                    "verdict": int(verdict),
                    "reason": reason,
                    "detail": "",
                    "marks": 0,
                    "key_epoch": 0,
                    "kind": kind,
                    "amount_minor": said.amount_minor,
                    "mass_grams": said.mass_grams,
                    "envelope": envelope.to_cbor(),
                    "request_id": "",
                }
                (record_id,) = connection.execute(insert(_RECORD).values(**row)).inserted_primary_key or (0,)
                ids.append(record_id)
                for ordinal, (lot_key, share) in enumerate(said.lots):
                    connection.execute(
                        insert(_RECORD_LOT).values(
                            record_id=record_id, ordinal=ordinal, lot_key=lot_key, share_grams=share
                        )
                    )
            self._positions[stream] = position + len(payloads)
            self._sequences[device] = next_sequence + len(payloads) - 1
            upsert(connection, _STREAM_HEAD, [{"stream": stream, "next_position": self._positions[stream]}])
        return ids

    def _sign(
        self, kind: str, payload: dict[str, Any], device: str, stream: str, sequence: int, at_ms: int
    ) -> Envelope:
        data = canonical_bytes(payload)
        unsigned = Envelope(
            1, device, stream, sequence, at_ms, kind, facts(kind, payload).amount_minor, -2, "CNY",
            bytes(32), data, keccak256(data), "ES256K", bytes(65),
        )  # fmt: skip
        signature = self.key.sign(unsigned.digest(DOMAIN))
        return Envelope.from_cbor_map(unsigned.to_cbor_map() | {13: signature})
