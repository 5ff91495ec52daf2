"""Whom a record is about: the subject under whose key its entry in the batch file is sealed.

A record is about the merchant its payload names; a void or refund about its sale's, a sales day about its own. What
names no merchant stays in clear.
"""

import json
from collections.abc import Sequence
from typing import Any, Final

import cbor2
from sqlalchemy import Connection, select

from ledger_node.content.content_keys import ContentKey, ContentKeys
from ledger_node.sealing.unsealed import UnsealedRecord
from ledger_node.store.journal import Sale, SalesDay

RECORDS_PURPOSE: Final = "records"
_PAYLOAD: Final = 11
_SALE = Sale.__table__  # type: ignore[attr-defined]
_SALES_DAY = SalesDay.__table__  # type: ignore[attr-defined]


def merchant_subject(merchant_ref: str) -> str:
    """How the key store names a merchant: by the commitment its records carry."""
    return f"merchant/{merchant_ref}"


def payload_of(envelope: bytes) -> dict[str, Any]:
    """The payload inside a journaled envelope; its form was checked when it came in and is not checked again."""
    members: dict[int, Any] = cbor2.loads(envelope)
    payload: dict[str, Any] = json.loads(members[_PAYLOAD])
    return payload


def keys_of(connection: Connection, records: Sequence[UnsealedRecord], keys: ContentKeys) -> dict[int, ContentKey]:
    """By record id, the key that seals its entry; a record without one stays in clear."""
    merchants = {
        record.id: merchant for record in records if (merchant := _merchant_of(connection, record)) is not None
    }
    by_merchant = {
        merchant: keys.of_subject(merchant_subject(merchant), RECORDS_PURPOSE) for merchant in set(merchants.values())
    }
    return {record_id: by_merchant[merchant] for record_id, merchant in merchants.items()}


def _merchant_of(connection: Connection, record: UnsealedRecord) -> str | None:
    if record.kind == "sales_day":
        found = select(_SALES_DAY.c.merchant).where(_SALES_DAY.c.record_id == record.id)
        return connection.execute(found).scalar_one_or_none()
    payload = payload_of(record.envelope)
    merchant = payload.get("merchant_ref")
    if merchant is None and record.kind in ("void", "refund"):
        merchant = connection.execute(
            select(_SALE.c.merchant_ref).where(_SALE.c.sale_id == payload["of"])
        ).scalar_one_or_none()
    return merchant
