"""JSON files that strangers check byte for byte: proof bundles, network files, evidence (RFC 8785, one form only).

A file is read, written again and compared, which catches doubled names, odd numbers, escapes and trailing data in every
language alike. `canonical_json` does the same for the payloads that devices sign, under narrower rules.
"""

import json
from typing import Any, Final, NoReturn

import rfc8785

from ledger_node.domain.nesting import is_nested_deeper
from ledger_node.errors import BundleWrong

MAXIMUM_BYTES: Final = 1 << 20
MAXIMUM_DEPTH: Final = 16
SAFE_INTEGER: Final = (1 << 53) - 1
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


def read_canonical(data: bytes, *, maximum_bytes: int = MAXIMUM_BYTES) -> Any:
    """The value whose canonical form `data` is, but for one final newline.

    Raises BundleWrong `malformed` (size, UTF-8, JSON, depth; with the byte) or `not_canonical`. Numbers that are not
    integers of at most 2^53 − 1 come back as floats, which no member of ours may be.
    """
    if len(data) > maximum_bytes:
        raise BundleWrong("malformed", f"more than {maximum_bytes} bytes", byte=maximum_bytes)
    try:
        text = data.decode()
    except UnicodeDecodeError as wrong:
        raise BundleWrong("malformed", "not UTF-8", byte=wrong.start) from wrong
    if is_nested_deeper(text):
        raise BundleWrong("malformed", f"nested deeper than {MAXIMUM_DEPTH}")
    reader = _Reader()
    try:
        value = reader.decode(text)
    except json.JSONDecodeError as wrong:
        raise BundleWrong("malformed", wrong.msg, byte=len(text[: wrong.pos].encode())) from wrong
    except RecursionError as wrong:
        raise BundleWrong("malformed", f"nested deeper than {MAXIMUM_DEPTH}") from wrong
    if not _is_shallow(value, MAXIMUM_DEPTH):
        raise BundleWrong("malformed", f"nested deeper than {MAXIMUM_DEPTH}")
    written = _written(value, plain=not reader.met_float and _has_ascii_names(value))
    if written is None or data.removesuffix(b"\n") != written:
        raise BundleWrong("not_canonical", "not the form of RFC 8785", byte=_first_difference(data, written or b""))
    return value


def write_canonical(value: Any) -> bytes:
    """The canonical form; for values made of text, safe integers, booleans, null, lists and objects."""
    return rfc8785.dumps(value)


class _Reader:
    """Python's JSON scanner, without its extensions, minding numbers that are no safe integers."""

    def __init__(self) -> None:
        self.met_float = False
        self.decode = json.JSONDecoder(
            parse_float=self._float, parse_int=self._integer, parse_constant=_refuse_constant
        ).decode

    def _float(self, text: str) -> float:
        self.met_float = True
        return float(text)

    def _integer(self, text: str) -> int | float:
        if len(text) < 16 or (len(text) < 18 and abs(int(text)) <= SAFE_INTEGER):
            return int(text)
        return self._float(text)


def _refuse_constant(text: str) -> NoReturn:
    raise json.JSONDecodeError(f"{text} is no JSON", text, 0)


def _is_shallow(value: Any, levels: int) -> bool:
    if isinstance(value, dict):
        return levels > 0 and all(_is_shallow(member, levels - 1) for member in value.values())
    if isinstance(value, list):
        return levels > 0 and all(_is_shallow(member, levels - 1) for member in value)
    return True


def _has_ascii_names(value: Any) -> bool:
    if isinstance(value, dict):
        return all(name.isascii() and _has_ascii_names(member) for name, member in value.items())
    return all(map(_has_ascii_names, value)) if isinstance(value, list) else True


def _written(value: Any, *, plain: bool) -> bytes | None:
    """The canonical bytes, None where there are none (a lone surrogate, an infinite number).

    With ASCII names and without floats the C encoder writes the same bytes as `rfc8785`, ten times faster.
    """
    try:
        if plain:
            return _encode(value).encode()
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, ValueError):
        return None


def _first_difference(left: bytes, right: bytes) -> int:
    pairs = zip(left, right, strict=False)
    return next((place for place, (a, b) in enumerate(pairs) if a != b), min(len(left), len(right)))
