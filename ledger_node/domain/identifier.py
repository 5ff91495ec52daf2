"""GS1 identifiers as the ledger uses them: keys, check digits, the canonical Digital Link, trace codes.

The canonical form of `traceability.md` section 5 is the text a lot is known by everywhere: `lot_id` in every record is
this text and every lot key is keccak256 of it. Reading and writing of whole Digital Link URIs is `digital_link`'s,
URNs are `epc_urn`'s.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

from ledger_node.domain.digest import keccak256
from ledger_node.errors import IdentifierMalformed

CANONICAL_STEM: Final = "https://id.gs1.org"
_X: Final = r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]"
_UNRESERVED: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~';=")
_CANONICAL: Final = re.compile(r"https://id\.gs1\.org((?:/[0-9]{2,4}/(?:[A-Za-z0-9\-._~';=]|%[0-9A-F]{2})+)+)")


@dataclass(frozen=True, slots=True)
class KeyRule:
    """A primary key: its value's form, its qualifiers in order (alternatives do not mix), its check digit's place.

    `checked` is the slice of the value that carries a mod-10 check digit in its last place; None without one.
    `kept` are the qualifiers of the canonical form, each list one level, the most granular that fits wins.
    """

    pattern: re.Pattern[str]
    qualifiers: tuple[tuple[str, ...], ...] = ()
    checked: tuple[int, int] | None = None
    kept: tuple[str, ...] = ()
    required: str | None = None


def _rule(pattern: str, *qualifiers: str, checked: tuple[int, int] | None = None, kept: str = "") -> KeyRule:
    alternatives = tuple(tuple(one.split()) for one in qualifiers)
    return KeyRule(re.compile(pattern), alternatives, checked, tuple(kept.split()))


PRIMARY_KEYS: Final[Mapping[str, KeyRule]] = {
    "00": _rule(r"\d{18}", checked=(0, 18)),
    "01": _rule(r"\d{14}", "22 10 21", "235", checked=(0, 14), kept="21 10 235"),
    "253": _rule(rf"\d{{13}}{_X}{{0,17}}", checked=(0, 13)),
    "255": _rule(r"\d{13}\d{0,12}", checked=(0, 13)),
    "401": _rule(rf"{_X}{{1,30}}"),
    "402": _rule(r"\d{17}", checked=(0, 17)),
    "414": _rule(r"\d{13}", "254", "7040", checked=(0, 13), kept="254"),
    "415": KeyRule(re.compile(r"\d{13}"), (("8020",),), (0, 13), ("8020",), "8020"),
    "417": _rule(r"\d{13}", "7040", checked=(0, 13)),
    "8003": _rule(rf"0\d{{13}}{_X}{{0,16}}", checked=(1, 14)),
    "8004": _rule(rf"{_X}{{1,30}}", "7040"),
    "8006": _rule(r"\d{18}", "22 10 21", checked=(0, 14), kept="21 10"),
    "8010": _rule(r"[#\-/0-9A-Z]{1,30}", "8011", kept="8011"),
    "8013": _rule(rf"{_X}{{1,25}}"),
    "8017": _rule(r"\d{18}", "8019", checked=(0, 18)),
    "8018": _rule(r"\d{18}", "8019", checked=(0, 18)),
}
QUALIFIERS: Final[Mapping[str, re.Pattern[str]]] = {
    "10": re.compile(rf"{_X}{{1,20}}"),
    "21": re.compile(rf"{_X}{{1,20}}"),
    "22": re.compile(rf"{_X}{{1,20}}"),
    "254": re.compile(rf"{_X}{{1,20}}"),
    "235": re.compile(rf"{_X}{{1,28}}"),
    "8011": re.compile(r"[1-9]\d{0,11}"),
    "8019": re.compile(r"\d{1,10}"),
    "8020": re.compile(rf"{_X}{{1,25}}"),
    "7040": re.compile(rf"\d{_X}{{3}}"),
}


def check_digit(digits: str) -> str:
    """GS1's mod-10 check digit of `digits` (weights 3 1 from the right)."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def has_check_digit(digits: str) -> bool:
    """Whether the last of `digits` is the check digit of the others."""
    return len(digits) > 1 and digits.isascii() and digits.isdigit() and check_digit(digits[:-1]) == digits[-1]


_PAIR_CHARACTERS: Final = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
_PAIR_CHECKS: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_PAIR_PRIMES: Final = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83)


def check_character_pair(text: str) -> str:
    """The two check characters of a Global Model Number (GS1 General Specifications 7.9.5)."""
    weighted = zip(reversed(text), _PAIR_PRIMES, strict=False)
    total = sum(_PAIR_CHARACTERS.index(letter) * prime for letter, prime in weighted) % 1021
    return _PAIR_CHECKS[total >> 5] + _PAIR_CHECKS[total & 31]


def key_is_checked(key: str, value: str) -> bool:
    """Whether a well-formed `value` of primary key `key` carries the check digits it should."""
    if key == "8013":
        return len(value) > 2 and check_character_pair(value[:-2]) == value[-2:]
    if key == "8006" and value[14:16] > value[16:18]:
        return False
    checked = PRIMARY_KEYS[key].checked
    return checked is None or has_check_digit(value[checked[0] : checked[1]])


def escape_value(value: str) -> str:
    """A value as the canonical form writes it: upper-case hex escapes for all but letters, digits and - . _ ~ ' ; =."""
    if all(letter in _UNRESERVED for letter in value):
        return value
    return "".join(one if one in _UNRESERVED else "".join(f"%{b:02X}" for b in one.encode()) for one in value)


def canonical_text(key: str, value: str, qualifiers: Mapping[str, str]) -> str:
    """The canonical Digital Link of a key with its qualifiers: the most granular level the form knows, nothing else.

    With a serial and a lot the identity is the serial.
    """
    kept = next((one for one in PRIMARY_KEYS[key].kept if one in qualifiers), None)
    tail = f"/{kept}/{escape_value(qualifiers[kept])}" if kept else ""
    return f"{CANONICAL_STEM}/{key}/{escape_value(value)}{tail}"


@lru_cache(maxsize=65_536)
def is_canonical(text: str) -> bool:
    """Whether `text` is the canonical Digital Link of something, right check digit included."""
    found = _CANONICAL.fullmatch(text)
    if found is None:
        return False
    parts = found[1][1:].split("/")
    rule = PRIMARY_KEYS.get(parts[0])
    if rule is None or len(parts) not in (2, 4) or parts[0] == "415":
        return False
    value = unquote(parts[1])
    if rule.pattern.fullmatch(value) is None or not key_is_checked(parts[0], value):
        return False
    qualifiers: dict[str, str] = {}
    if len(parts) == 4:
        if parts[2] not in rule.kept:
            return False
        qualifiers[parts[2]] = unquote(parts[3])
        if QUALIFIERS[parts[2]].fullmatch(qualifiers[parts[2]]) is None:
            return False
    return canonical_text(parts[0], value, qualifiers) == text


@lru_cache(maxsize=65_536)
def lot_key(lot_id: str) -> bytes:
    """The key of a lot in maps, contracts and tables: keccak256 of its canonical Digital Link."""
    return keccak256(lot_id.encode())


_TRACE_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CHECK_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CHECK_VALUES: Final = {letter: value for value, letter in enumerate(_CHECK_ALPHABET)}
_TRACE_CODE: Final = re.compile(rf"[{_TRACE_ALPHABET}]{{16}}[0-9A-Z]")


def trace_check_character(body: str) -> str:
    """ISO/IEC 7064 MOD 37,36 over the 16 characters: finds every single wrong one and nearly every swap.

    Crockford's own check symbols include ~ and $, which AI 21 may not carry.
    """
    remainder = 36
    for letter in body:
        remainder = (remainder + _CHECK_VALUES[letter]) % 36 or 36
        remainder = remainder * 2 % 37
    return _CHECK_ALPHABET[(37 - remainder) % 36]


def trace_code(random_bytes: bytes) -> str:
    """The serial printed on a receipt: 80 random bits as 16 Crockford base32 characters and a check character."""
    if len(random_bytes) != 10:
        raise ValueError(f"a trace code is drawn from 10 bytes, not {len(random_bytes)}")
    number = int.from_bytes(random_bytes, "big")
    body = "".join(_TRACE_ALPHABET[number >> shift & 31] for shift in range(75, -1, -5))
    return body + trace_check_character(body)


def is_trace_code(text: str) -> bool:
    """Whether `text` has the form and check character of a trace code."""
    return _TRACE_CODE.fullmatch(text) is not None and trace_check_character(text[:16]) == text[16]


def require_canonical(text: str) -> str:
    """`text`, when it is canonical; IdentifierMalformed otherwise."""
    if not is_canonical(text):
        raise IdentifierMalformed(text, "not a canonical GS1 Digital Link")
    return text
