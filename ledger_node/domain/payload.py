"""What each kind of record must say, and what of it enters a leaf.

`KINDS` is the table of `oracles.md` section 1; `check_payload` holds a payload to the field tables of `market.md`
section 1: names, types, lengths, enumerations. Whether the numbers agree with each other is `judge`'s question, because
a wrong sum is a verdict and a wrong type is not a record at all. The field tables stand in `payload_fields`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from ledger_node.domain.identifier import lot_key
from ledger_node.domain.payload_fields import PAYLOADS
from ledger_node.errors import EnvelopeMalformed

__all__ = ["KINDS", "Facts", "Kind", "check_payload", "currency_exponent", "facts", "lot_key"]

# Minor digits of ISO 4217; every currency not named here has two.
_DIGITS: Final[Mapping[str, int]] = {
    code: digits
    for digits, codes in {
        0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
        3: "BHD IQD JOD KWD LYD OMR TND",
    }.items()
    for code in codes.split()
}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of record. `unit` None is a currency, whose exponent is minus its ISO 4217 digits (`exponent` None)."""

    name: str
    stream_kind: str
    unit: str | None
    exponent: int | None


class Facts(NamedTuple):
    """What a counted record adds: minor units, grams, and (lot key, share in grams) once each in order of mention."""

    amount_minor: int
    mass_grams: int
    lots: tuple[tuple[bytes, int], ...]


def _kinds() -> dict[str, Kind]:
    rows: tuple[tuple[str, str | None, str | None, int | None], ...] = (
        ("sale void refund settlement", None, None, None),
        ("intake waste transfer", None, "GRM", 0),
        ("test retest hold release", "test", "C62", 0),
        ("reweigh complaint", "service", "GRM", 0),
        ("temperature", "climate", "CEL", -3),
        ("humidity", "climate", "P1", -2),
        ("door count", "climate", "C62", 0),
        ("birth gap heartbeat seal refusals reverdict", "device", "C62", 0),
        ("epcis-event", "event", "C62", 0),
        ("document access", None, "C62", 0),
        ("sales_day", "sales-day", None, None),
    )
    return {
        name: Kind(name, stream_kind or name, unit, exponent)
        for names, stream_kind, unit, exponent in rows
        for name in names.split()
    }


KINDS: Final[Mapping[str, Kind]] = _kinds()


def currency_exponent(currency: str) -> int:
    """Minus the number of minor digits of an ISO 4217 currency."""
    return -_DIGITS.get(currency, 2)


def check_payload(kind: str, payload: Mapping[str, Any]) -> None:
    """EnvelopeMalformed with the pointer of the first member that is missing, unknown or of the wrong form."""
    shape = PAYLOADS.get(kind)
    if shape is None:
        raise EnvelopeMalformed("/kind", "unknown kind")
    shape.check(payload, "/payload")
    if kind == "complaint" and payload.keys().isdisjoint(("trace_code", "place_ref")):
        raise EnvelopeMalformed("/payload/trace_code", "is missing, and so is place_ref")


def facts(kind: str, payload: Mapping[str, Any]) -> Facts:
    """What a record of `kind` with a well-formed `payload` puts into a leaf and which lots it names.

    A `reweigh` or `complaint` names the lots of its sale, which only the journal knows.
    """
    if kind in ("sale", "void", "refund"):
        return Facts(payload["amount_minor"], payload["net_grams"], _shares(payload["lots"]))
    if kind in ("intake", "waste", "transfer"):
        grams = payload["net_grams"]
        return Facts(0, grams, ((lot_key(payload["lot_id"]), grams),))
    if kind in ("test", "retest", "hold", "release"):
        return Facts(0, 0, ((lot_key(payload["lot_id"]), 0),))
    if kind == "settlement":
        return Facts(payload["amount_minor"], 0, ())
    if kind == "sales_day":
        return Facts(payload["net_minor"], payload["net_grams"], ())
    if kind in ("epcis-event", "document"):
        return Facts(0, 0, _shares(payload.get("lots", ())))
    return Facts(0, 0, ())


def _shares(lots: Any) -> tuple[tuple[bytes, int], ...]:
    if len(lots) == 1:
        return ((lot_key(lots[0]["lot_id"]), lots[0]["net_grams"]),)
    shares: dict[bytes, int] = {}
    for lot in lots:
        key = lot_key(lot["lot_id"])
        shares[key] = shares.get(key, 0) + lot["net_grams"]
    return tuple(shares.items())
