"""Attestations: EAS says who attested and whether it was revoked, our resolver says about which lot and what.

Anybody may attest under a schema of their own; such rows keep party 0 and no lot. EAS emits before it asks the
resolver, but nothing here relies on that order.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from ledger_node.bindings import attestation_resolver as resolver
from ledger_node.bindings.eas import Attested, Revoked
from ledger_node.indexer.blocks import Place
from ledger_node.indexer.projections.handler import Handler
from ledger_node.indexer.rows import Row, Rows, sql_integer
from ledger_node.store.projections import Attestation

_NAMED = frozenset({"lot", "party", "uid"})
_NOBODY = bytes(20)
_NONE = bytes(32)

Statement = (
    resolver.LotRegistered
    | resolver.CertificateAttested
    | resolver.LabReportAttested
    | resolver.CustodyOffered
    | resolver.CustodyAccepted
)


def _attested(rows: Rows, event: Attested, place: Place) -> None:
    row = rows.get(Attestation, uid=event.uid) or _new(event.uid, place)
    row |= {"schema_uid": event.schema_uid, "attester": event.attester, "recipient": event.recipient}
    rows.put(Attestation, **row)


def _revoked(rows: Rows, event: Revoked, place: Place) -> None:
    rows.change(Attestation, {"uid": event.uid}, revoked_at=place.block_time)


def _stated(rows: Rows, event: Statement, place: Place) -> None:
    row = rows.get(Attestation, uid=event.uid) or _new(event.uid, place)
    row |= {
        "lot_key": event.lot,
        "party": event.party,
        "kind": type(event).__name__,
        "facts": _facts(event),
        "expires_at": sql_integer(getattr(event, "expires_at", 0)),
    }
    rows.put(Attestation, **row)
    superseded: bytes = getattr(event, "supersedes", _NONE)
    if superseded != _NONE:
        rows.change(Attestation, {"uid": superseded}, superseded_by=event.uid)


def _taken_back(rows: Rows, event: resolver.AttestationRevokedByAttester, place: Place) -> None:
    rows.change(Attestation, {"uid": event.uid}, revoked_at=place.block_time)


def _voided(rows: Rows, event: resolver.AttestationVoided, place: Place) -> None:
    rows.change(Attestation, {"uid": event.uid}, voided=True, void_reason=event.reason)


def _lapsed(rows: Rows, event: resolver.CustodyOfferLapsed, place: Place) -> None:
    row = rows.get(Attestation, uid=event.uid)
    if row is not None:
        rows.put(Attestation, **{**row, "facts": {**row["facts"], "lapsed_at": place.block_time}})


def _new(uid: bytes, place: Place) -> Row:
    return {
        "uid": uid,
        "schema_uid": _NONE,
        "attester": _NOBODY,
        "recipient": _NOBODY,
        "party": 0,
        "kind": "",
        "facts": {},
        "lot_key": None,
        "device": None,
        "time": place.block_time,
        "expires_at": 0,
        "revoked_at": 0,
        "voided": False,
        "void_reason": 0,
        "superseded_by": None,
        "block_number": place.block_number,
    }


def _facts(event: Statement) -> dict[str, Any]:
    """The event's other members; whole numbers past 2^53 as text, so that any JSON reader keeps them."""
    found: dict[str, Any] = {}
    for member in dataclasses.fields(event):
        value = getattr(event, member.name)
        if member.name in _NAMED:
            continue
        if isinstance(value, bytes):
            value = "0x" + value.hex()
        elif isinstance(value, int) and abs(value) >= 2**53:
            value = str(value)
        found[member.name.rstrip("_")] = value
    return found


HANDLERS: Mapping[type, Handler] = {
    Attested: _attested,
    Revoked: _revoked,
    resolver.AttestationRevokedByAttester: _taken_back,
    resolver.AttestationVoided: _voided,
    resolver.CustodyOfferLapsed: _lapsed,
    **dict.fromkeys(
        (
            resolver.LotRegistered,
            resolver.CertificateAttested,
            resolver.LabReportAttested,
            resolver.CustodyOffered,
            resolver.CustodyAccepted,
        ),
        _stated,
    ),
}
