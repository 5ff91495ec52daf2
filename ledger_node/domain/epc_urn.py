"""EPC URNs and the canonical Digital Links they stand for, both ways (`traceability.md` section 5).

A link goes back to a URN only where the length of its company prefix is known, from biip's tables.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import quote, unquote

from biip.gs1_prefixes import GS1CompanyPrefix

from ledger_node.domain.digital_link import parse_digital_link
from ledger_node.domain.identifier import PRIMARY_KEYS, QUALIFIERS, canonical_text, check_digit
from ledger_node.errors import IdentifierMalformed

Parts = list[str]
_PREFIXES: Final = ("urn:epc:id:", "urn:epc:idpat:", "urn:epc:class:")


def urn_to_link(urn: str) -> str:
    """The canonical Digital Link of an EPC URN; IdentifierMalformed for one that breaks its scheme.

    URNs of schemes without a GS1 key (`bic`, `imovn`, `urn:gdst:…`) are no links: they raise too, and stay as they are.
    """
    kind, _, body = next((urn[len(one) :].partition(":") for one in _PREFIXES if urn.startswith(one)), ("", "", ""))
    is_pattern = urn.startswith("urn:epc:idpat:")
    if urn.startswith("urn:epc:class:") and kind != "lgtin":
        kind = ""
    rule = _TO_LINK.get(kind)
    if rule is None:
        raise IdentifierMalformed(urn, "no EPC scheme with a GS1 key")
    count, build = rule
    parts = body.split(".", count - 1)
    if len(parts) != count or not all(parts):
        raise IdentifierMalformed(urn, f"{kind} has {count} parts")
    if is_pattern:
        if parts[-1] != "*":
            raise IdentifierMalformed(urn, "a pattern ends with *")
        parts[-1] = ""
    values = [unquote(one) for one in parts]
    if not (values[0].isascii() and values[0].isdigit()):
        raise IdentifierMalformed(urn, "the company prefix is not digits")
    key, value, qualifiers = build(values)
    kept = {ai: one for ai, one in qualifiers.items() if one}
    fits = PRIMARY_KEYS[key].pattern.fullmatch(value) is not None
    if not fits or any(QUALIFIERS[ai].fullmatch(one) is None for ai, one in kept.items()):
        raise IdentifierMalformed(urn, f"a value that AI {key} does not allow")
    return canonical_text(key, value, kept)


def link_to_urn(link: str) -> str | None:
    """The EPC URN of a Digital Link, None where no scheme fits or the company prefix is not known."""
    parsed = parse_digital_link(link, check_digits=False)
    rule = _TO_URN.get(parsed.key)
    if rule is None:
        return None
    return rule(parsed.value, dict(parsed.qualifiers))


def canonical_identifier(text: str) -> str:
    """The canonical link of a URN or URI as events carry them."""
    if text.startswith("urn:epc:"):
        return urn_to_link(text)
    return parse_digital_link(text, legacy=True, check_digits=False).canonical()


Link = tuple[str, str, Mapping[str, str]]


def _gtin(prefix: str, reference: str) -> str:
    digits = reference[:1] + prefix + reference[1:]
    return digits + check_digit(digits) if digits.isascii() and digits.isdigit() else ""


def _checked(prefix: str, rest: str) -> str:
    digits = prefix + rest
    return digits + check_digit(digits) if digits.isascii() and digits.isdigit() else ""


_TO_LINK: Final[Mapping[str, tuple[int, Callable[[Parts], Link]]]] = {
    "sgtin": (3, lambda p: ("01", _gtin(p[0], p[1]), {"21": p[2]})),
    "lgtin": (3, lambda p: ("01", _gtin(p[0], p[1]), {"10": p[2]})),
    "upui": (3, lambda p: ("01", _gtin(p[0], p[1]), {"235": p[2]})),
    "itip": (5, lambda p: ("8006", _gtin(p[0], p[1]) + p[2] + p[3], {"21": p[4]})),
    "sscc": (2, lambda p: ("00", _gtin(p[0], p[1]), {})),
    "sgln": (3, lambda p: ("414", _checked(p[0], p[1]), {"254": "" if p[2] == "0" else p[2]})),
    "pgln": (2, lambda p: ("417", _checked(p[0], p[1]), {})),
    "grai": (3, lambda p: ("8003", "0" + _checked(p[0], p[1]) + p[2], {})),
    "giai": (2, lambda p: ("8004", p[0] + p[1], {})),
    "gsrn": (2, lambda p: ("8018", _checked(p[0], p[1]), {})),
    "gsrnp": (2, lambda p: ("8017", _checked(p[0], p[1]), {})),
    "gdti": (3, lambda p: ("253", _checked(p[0], p[1]) + p[2], {})),
    "sgcn": (3, lambda p: ("255", _checked(p[0], p[1]) + p[2], {})),
    "cpi": (3, lambda p: ("8010", p[0] + p[1], {"8011": p[2]})),
    "ginc": (2, lambda p: ("401", p[0] + p[1], {})),
    "gsin": (2, lambda p: ("402", _checked(p[0], p[1]), {})),
}


def _prefix_of(digits: str) -> str | None:
    """The company prefix that `digits` begin with; letters after it are another part of the key."""
    leading = re.match(r"\d*", digits)
    found = GS1CompanyPrefix.extract(leading[0]) if leading is not None and leading[0] else None
    return None if found is None else found.value


def _escaped(value: str) -> str:
    # EPC Tag Data Standard: these may stand unescaped in a URN; the rest is %-escaped.
    return quote(value, safe="!'()*+,-.:;=_")


def _gtin_urn(value: str, qualifiers: Mapping[str, str]) -> str | None:
    prefix = _prefix_of(value[1:13])
    if prefix is None:
        return None
    stem = f"{prefix}.{value[0]}{value[1 + len(prefix) : 13]}"
    for ai, scheme in (("21", "id:sgtin"), ("10", "class:lgtin"), ("235", "id:upui")):
        if ai in qualifiers:
            return f"urn:epc:{scheme}:{stem}.{_escaped(qualifiers[ai])}"
    return f"urn:epc:idpat:sgtin:{stem}.*"


def _sscc_urn(value: str, _qualifiers: Mapping[str, str]) -> str | None:
    prefix = _prefix_of(value[1:17])
    return None if prefix is None else f"urn:epc:id:sscc:{prefix}.{value[0]}{value[1 + len(prefix) : 17]}"


def _split_urn(scheme: str, digits: int, *, skip: int = 0) -> Callable[[str, Mapping[str, str]], str | None]:
    """A scheme `prefix.reference` with a check digit after `digits`, and what follows it as a third part."""

    def build(value: str, qualifiers: Mapping[str, str]) -> str | None:
        body = value[skip:]
        prefix = _prefix_of(body[:digits])
        if prefix is None:
            return None
        tail = body[digits + 1 :]
        if scheme == "sgln":
            tail = qualifiers.get("254", "0")
        ending = f".{_escaped(tail)}" if tail else ""
        return f"urn:epc:id:{scheme}:{prefix}.{body[len(prefix) : digits]}{ending}"

    return build


def _joined_urn(scheme: str) -> Callable[[str, Mapping[str, str]], str | None]:
    """A scheme whose key is prefix and reference without a check digit."""

    def build(value: str, qualifiers: Mapping[str, str]) -> str | None:
        prefix = _prefix_of(value)
        if prefix is None or len(prefix) >= len(value):
            return None
        serial = qualifiers.get("8011")
        if scheme == "cpi" and serial is None:
            return f"urn:epc:idpat:cpi:{prefix}.{_escaped(value[len(prefix) :])}.*"
        ending = f".{serial}" if serial is not None else ""
        return f"urn:epc:id:{scheme}:{prefix}.{_escaped(value[len(prefix) :])}{ending}"

    return build


_TO_URN: Final[Mapping[str, Callable[[str, Mapping[str, str]], str | None]]] = {
    "00": _sscc_urn,
    "01": _gtin_urn,
    "253": _split_urn("gdti", 12),
    "255": _split_urn("sgcn", 12),
    "401": _joined_urn("ginc"),
    "402": _split_urn("gsin", 16),
    "414": _split_urn("sgln", 12),
    "417": _split_urn("pgln", 12),
    "8003": _split_urn("grai", 12, skip=1),
    "8004": _joined_urn("giai"),
    "8010": _joined_urn("cpi"),
    "8017": _split_urn("gsrnp", 17),
    "8018": _split_urn("gsrn", 17),
}
