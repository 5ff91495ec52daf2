"""GS1 Digital Link URIs: read strictly, written from element strings, brought to the canonical form.

The rules of `traceability.md` section 5, proven by GS1's own vectors. The AI dictionary is biip's (its Digital Link
parser is not used: it takes repeats and pads short GTINs). URNs are `epc_urn`'s.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import quote, unquote_to_bytes

from biip import ParseError
from biip.gs1_application_identifiers import GS1ApplicationIdentifier

from ledger_node.domain.identifier import (
    CANONICAL_STEM,
    PRIMARY_KEYS,
    QUALIFIERS,
    canonical_text,
    key_is_checked,
)
from ledger_node.errors import IdentifierMalformed

Element = tuple[str, str]
"""An application identifier and its value."""
AI_NAMES: Final = {
    "sscc": "00",
    "gtin": "01",
    "gdti": "253",
    "gcn": "255",
    "ginc": "401",
    "gsin": "402",
    "gln": "414",
    "payTo": "415",
    "partyGln": "417",
    "grai": "8003",
    "giai": "8004",
    "itip": "8006",
    "cpid": "8010",
    "gmn": "8013",
    "gsrnp": "8017",
    "gsrn": "8018",
    "cpv": "22",
    "lot": "10",
    "ser": "21",
    "tpx": "235",
    "glnx": "254",
    "cpsn": "8011",
    "srin": "8019",
    "refno": "8020",
}
NOT_IN_QUERY: Final = frozenset(
    "03 21 22 235 254 7040 7041 8011 8014 8019 8020 8040 8041 8042 8043 8200".split()  # noqa: SIM905
)
# AIs whose length follows from their first two digits need no separator after them.
_FIXED_LENGTH: Final = frozenset("00 01 02 03 04 11 12 13 14 15 16 17 18 19 20 31 32 33 34 35 36 41".split())  # noqa: SIM905
_URI: Final = re.compile(
    r"(?P<stem>(?:http|https|HTTP|HTTPS)://[A-Za-z0-9.\-]+(?::[0-9]{1,5})?)(?P<path>/[^?#]*)"
    r"(?:\?(?P<query>[^#]*))?(?:#.*)?"
)
_URI_CHARACTERS: Final = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*")
_BAD_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})|%00")
_BRACKETED: Final = re.compile(r"\((\d{2,4})\)((?:[^(\\]|\\\()*)")


@dataclass(frozen=True, slots=True)
class DigitalLink:
    """What a URI says: the primary key with its qualifiers in order, and the attributes of the query.

    `is_checked` tells whether the key's check digits are right: a strict reader refuses others, events only mark them.
    """

    stem: str
    key: str
    value: str
    qualifiers: tuple[Element, ...] = ()
    attributes: tuple[Element, ...] = ()
    is_checked: bool = True

    def canonical(self) -> str:
        """The canonical form: the most granular level, nothing else."""
        return canonical_text(self.key, self.value, dict(self.qualifiers))

    def element_string(self) -> str:
        """All elements with `^` for FNC1, as a GS1 barcode carries them."""
        text = "^"
        elements = ((self.key, self.value), *self.qualifiers, *self.attributes)
        for place, (ai, value) in enumerate(elements):
            is_last = place == len(elements) - 1
            text += ai + value + ("" if is_last or ai[:2] in _FIXED_LENGTH else "^")
        return text


class _Path(NamedTuple):
    key: str
    value: str
    qualifiers: tuple[Element, ...]
    allowed: frozenset[str]


def parse_digital_link(
    uri: str, *, legacy: bool = False, unknown_ais: bool = False, check_digits: bool = True
) -> DigitalLink:
    """Reads a URI; IdentifierMalformed says what breaks the standard.

    `legacy` takes AI names and short GTINs, `unknown_ais` numeric query keys that are no AI. Without `check_digits` a
    wrong one only shows in `is_checked`.
    """
    found = _URI.fullmatch(uri)
    if found is None or _URI_CHARACTERS.fullmatch(uri) is None:
        raise IdentifierMalformed(uri, "not an http URI with a host and a path")
    if _BAD_ESCAPE.search(uri.partition("#")[0]):
        raise IdentifierMalformed(uri, "a broken escape, or %00")
    segments = found["path"][1:].split("/")
    if "" in segments:
        raise IdentifierMalformed(uri, "an empty path segment")
    path, place = _find_key(uri, segments, legacy)
    is_checked = key_is_checked(path.key, path.value)
    if check_digits and not is_checked:
        raise IdentifierMalformed(uri, f"a wrong check digit in AI {path.key}")
    attributes = _read_query(uri, found["query"] or "", path, legacy=legacy, unknown_ais=unknown_ais)
    stem = "/".join([found["stem"], *segments[:place]])
    return DigitalLink(stem, path.key, path.value, path.qualifiers, attributes, is_checked)


def canonical_link(uri: str) -> str:
    """The canonical form of an identifier as events carry it: names and short GTINs allowed, check digits not asked."""
    return parse_digital_link(uri, legacy=True, check_digits=False).canonical()


def parse_bracketed(text: str) -> list[Element]:
    """The elements of `(01)…(10)…`; `\\(` stands for a bracket in a value."""
    elements = [(ai, value.replace("\\(", "(")) for ai, value in _BRACKETED.findall(text)]
    if "".join(f"({ai}){value.replace('(', chr(92) + '(')}" for ai, value in elements) != text or not elements:
        raise IdentifierMalformed(text, "not a bracketed element string")
    return elements


def generate_digital_link(elements: Sequence[Element], stem: str | None = None, *, unknown_ais: bool = False) -> str:
    """The URI of these elements: first primary key, its qualifiers in order, the rest in the query as given."""
    shown = "".join(f"({ai}){value}" for ai, value in elements)
    unique = list(dict.fromkeys(elements))
    ais = [ai for ai, _ in unique]
    if len(set(ais)) != len(ais):
        raise IdentifierMalformed(shown, "an AI with two values")
    key = next((ai for ai in ais if ai in PRIMARY_KEYS), None)
    if key is None:
        raise IdentifierMalformed(shown, "no primary key")
    values = dict(unique)
    rule = PRIMARY_KEYS[key]
    present = [one for one in rule.qualifiers if set(one) & values.keys()]
    if len(present) > 1:
        raise IdentifierMalformed(shown, f"qualifiers of AI {key} that do not go together")
    chosen = [ai for ai in (present[0] if present else ()) if ai in values]
    if rule.required is not None and rule.required not in chosen:
        raise IdentifierMalformed(shown, f"AI {key} without AI {rule.required}")
    parts = [(ai, values[ai]) for ai in (key, *chosen)]
    if not (_key_fits(key, values[key]) and all(_qualifier_fits(ai, value) for ai, value in parts[1:])):
        raise IdentifierMalformed(shown, "a value that its AI does not allow")
    if not key_is_checked(key, values[key]):
        raise IdentifierMalformed(shown, f"a wrong check digit in AI {key}")
    # GS1's vectors put AIs of fixed length first, each group in the given order.
    rest = sorted(
        ((ai, value) for ai, value in unique if ai not in (key, *chosen)),
        key=lambda one: one[0][:2] not in _FIXED_LENGTH,
    )
    for ai, value in rest:
        _check_attribute(shown, ai, value, unknown_ais=unknown_ais)
    path = "".join(f"/{ai}/{quote(value, safe='')}" for ai, value in parts)
    query = "&".join(f"{ai}={quote(value, safe=' ').replace(' ', '+')}" for ai, value in rest)
    return f"{(stem or CANONICAL_STEM).rstrip('/')}{path}{'?' if query else ''}{query}"


def _find_key(uri: str, segments: Sequence[str], legacy: bool) -> tuple[_Path, int]:
    """The rightmost primary key with a valid tail, and where it stands."""
    for place in range(len(segments) - 2, -1, -1):
        if (len(segments) - place) % 2 == 0:
            path = _read_tail(segments[place:], legacy)
            if path is not None:
                return path, place
    raise IdentifierMalformed(uri, "no primary key with a valid value and qualifiers")


def _read_tail(segments: Sequence[str], legacy: bool) -> _Path | None:
    ais = [AI_NAMES.get(one, one) if legacy else one for one in segments[::2]]
    values = [_decoded(one) for one in segments[1::2]]
    key, value = ais[0], values[0]
    rule = PRIMARY_KEYS.get(key)
    if rule is None or value is None:
        return None
    if legacy and key == "01":
        value = _padded_gtin(value)
    if not _key_fits(key, value):
        return None
    qualifiers: list[Element] = []
    for ai, one in zip(ais[1:], values[1:], strict=True):
        if one is None or not _qualifier_fits(ai, one):
            return None
        qualifiers.append((ai, one))
    given = [ai for ai, _ in qualifiers]
    alternatives = rule.qualifiers or ((),)
    fitting = next((one for one in alternatives if _is_in_order(given, one)), None)
    if fitting is None or (rule.required is not None and rule.required not in given):
        return None
    return _Path(key, value, tuple(qualifiers), frozenset(fitting))


def _is_in_order(given: Sequence[str], order: Sequence[str]) -> bool:
    return [ai for ai in order if ai in given] == list(given)


def _read_query(uri: str, query: str, path: _Path, *, legacy: bool, unknown_ais: bool) -> tuple[Element, ...]:
    taken = {path.key, *(ai for ai, _ in path.qualifiers)}
    attributes: list[Element] = []
    for part in query.split("&"):
        ai, equals, escaped = part.partition("=")
        if not equals or not (ai.isascii() and ai.isdigit()):
            continue  # not GS1's: other systems may put their own keys here
        value = _decoded(escaped.replace("+", " "))
        if not value:
            raise IdentifierMalformed(uri, f"AI {ai} without a value")
        if ai in taken:
            raise IdentifierMalformed(uri, f"AI {ai} occurs twice")
        if ai in path.allowed:
            raise IdentifierMalformed(uri, f"AI {ai} qualifies the key and belongs in the path")
        if legacy and ai == "01":
            value = _padded_gtin(value)
        _check_attribute(uri, ai, value, unknown_ais=unknown_ais)
        taken.add(ai)
        attributes.append((ai, value))
    return tuple(attributes)


def _check_attribute(where: str, ai: str, value: str, *, unknown_ais: bool) -> None:
    if ai in NOT_IN_QUERY:
        raise IdentifierMalformed(where, f"AI {ai} may not stand in a query")
    if ai in PRIMARY_KEYS:
        if not (_key_fits(ai, value) and key_is_checked(ai, value)):
            raise IdentifierMalformed(where, f"a value that AI {ai} does not allow")
        return
    pattern = _ai_pattern(ai)
    if pattern is None:
        if not unknown_ais:
            raise IdentifierMalformed(where, f"{ai} is no AI")
    elif re.fullmatch(pattern, ai + value) is None:
        raise IdentifierMalformed(where, f"a value that AI {ai} does not allow")


@lru_cache(maxsize=1024)
def _ai_pattern(ai: str) -> str | None:
    """The pattern of AI and value together, from biip's dictionary; None for what is no AI."""
    try:
        found = GS1ApplicationIdentifier.extract(ai)
    except ParseError:
        return None
    return found.pattern if found.ai == ai else None


def _key_fits(key: str, value: str) -> bool:
    return PRIMARY_KEYS[key].pattern.fullmatch(value) is not None


def _qualifier_fits(ai: str, value: str) -> bool:
    pattern = QUALIFIERS.get(ai)
    return pattern is not None and pattern.fullmatch(value) is not None


def _padded_gtin(value: str) -> str:
    return value.rjust(14, "0") if len(value) in (8, 12, 13) and value.isdigit() else value


def _decoded(escaped: str) -> str | None:
    data = unquote_to_bytes(escaped)
    return data.decode("ascii") if data.isascii() else None
