"""RFC 8785 canonical JSON as payloads use it: integers only (at most 2^53 − 1), ASCII keys, at most 16 KiB, depth 8.

`canonical_bytes` writes with the `rfc8785` library. Checking goes another way because ingest does it for every record:
for this subset `orjson`, with sorted keys and integers of 53 bits, gives the same bytes thirty times faster; a property
test holds the two together.
"""

import json
from typing import Any, Final, NoReturn

import orjson
import rfc8785

from ledger_node.domain.nesting import is_nested_deeper
from ledger_node.errors import EnvelopeMalformed, EnvelopeTooLarge

PAYLOAD_LIMIT_BYTES: Final = 16 * 1024
DEPTH_LIMIT: Final = 8
INTEGER_LIMIT: Final = (1 << 53) - 1
_ESCAPED = str.maketrans({"~": "~0", "/": "~1"})


class _NumberRefused(ValueError):
    """A float, NaN or infinity was met."""


def _refuse_number(_text: str) -> NoReturn:
    raise _NumberRefused


_STRICT: Final = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER
_decode = json.JSONDecoder(parse_float=_refuse_number, parse_constant=_refuse_number).decode


def canonical_bytes(value: Any, *, pointer: str = "/payload") -> bytes:
    """The canonical form of a payload; EnvelopeMalformed names the first member that may not be signed."""
    check_tree(value, pointer)
    try:
        data = rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise EnvelopeMalformed(pointer, f"not canonical JSON: {error}") from error
    _check_size(data, pointer)
    return data


def parse_canonical(data: bytes, *, pointer: str = "/payload") -> dict[str, Any]:
    """The object whose canonical form `data` is; EnvelopeMalformed otherwise."""
    _check_size(data, pointer)
    brackets = data.count(b"{") + data.count(b"[")
    try:
        text = data.decode()
        if brackets >= DEPTH_LIMIT and is_nested_deeper(text):
            raise EnvelopeTooLarge(pointer, "nested deeper than", DEPTH_LIMIT)
        value = _decode(text)
        same = type(value) is dict and orjson.dumps(value, option=_STRICT) == data
    except RecursionError as error:
        raise EnvelopeTooLarge(pointer, "nested deeper than", DEPTH_LIMIT) from error
    except (ValueError, orjson.JSONEncodeError) as error:  # bad UTF-8 or JSON, a float, a long number, a surrogate
        raise _explain(data, pointer) from error
    if not same:
        raise _explain(data, pointer)
    # What can still be wrong shows in the bytes; only then is the whole tree walked, to find the place.
    if brackets >= DEPTH_LIMIT or not (data.isascii() or _has_ascii_keys(value)):
        check_tree(value, pointer)
    result: dict[str, Any] = value
    return result


def check_tree(value: Any, pointer: str = "", depth: int = 1) -> None:
    """EnvelopeMalformed for the first member that is no string, integer, boolean, null, list or ASCII-keyed object.

    The outermost object is level 1 of at most 8.
    """
    kind = type(value)
    if kind is dict:
        _check_depth(pointer, depth)
        for key, member in value.items():
            if type(key) is not str or not key.isascii():
                raise EnvelopeMalformed(pointer, f"the key {key!r} is not ASCII text")
            check_tree(member, f"{pointer}/{key.translate(_ESCAPED)}", depth + 1)
    elif kind is list:
        _check_depth(pointer, depth)
        for index, member in enumerate(value):
            check_tree(member, f"{pointer}/{index}", depth + 1)
    elif kind is int:
        if not -INTEGER_LIMIT <= value <= INTEGER_LIMIT:
            raise EnvelopeMalformed(pointer, f"{value} is beyond 2^53 − 1")
    elif kind is str:
        if any("\ud800" <= letter <= "\udfff" for letter in value):
            raise EnvelopeMalformed(pointer, "a lone surrogate")
    elif not (kind is bool or value is None):
        raise EnvelopeMalformed(pointer, f"{kind.__name__} is not allowed: only integers, text, booleans, null")


def _has_ascii_keys(value: Any) -> bool:
    members = value
    if type(value) is dict:
        if not "".join(value).isascii():
            return False
        members = value.values()
    for member in members:
        kind = type(member)
        if (kind is dict or kind is list) and not _has_ascii_keys(member):
            return False
    return True


def parse_json(text: str, *, depth: int = 1) -> Any:
    """JSON of a transport frame: any order and spacing, but no doubled name, float or NaN anywhere.

    `depth` is the level of the outermost value: a frame counts so that each payload in it may have its own 8 levels.
    """
    if is_nested_deeper(text):
        raise EnvelopeTooLarge("", "nested deeper than", DEPTH_LIMIT)
    try:
        value = json.loads(text, parse_float=_Faulty, parse_constant=_Faulty, object_pairs_hook=_Pairs.of)
    except RecursionError as error:
        raise EnvelopeTooLarge("", "nested deeper than", DEPTH_LIMIT) from error
    except ValueError as error:
        raise EnvelopeMalformed("", f"not JSON: {error}") from error
    _check_faults(value, "", depth)
    return value


def _check_size(data: bytes, pointer: str) -> None:
    if len(data) > PAYLOAD_LIMIT_BYTES:
        raise EnvelopeTooLarge(pointer, f"{len(data)} bytes, more than", PAYLOAD_LIMIT_BYTES)


def _check_depth(pointer: str, depth: int) -> None:
    if depth > DEPTH_LIMIT:
        raise EnvelopeTooLarge(pointer, "nested deeper than", DEPTH_LIMIT)


class _Faulty(str):
    """A number that is not an integer, kept as its text so that its place can be told."""

    __slots__ = ()


class _Pairs(dict[str, Any]):
    """An object that remembers a name met twice."""

    doubled: str | None = None

    @classmethod
    def of(cls, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        plain = dict(pairs)
        if len(plain) == len(pairs):
            return plain
        names = [name for name, _ in pairs]
        result = cls(plain)
        result.doubled = next(name for name in names if names.count(name) > 1)
        return result


def _check_faults(value: Any, pointer: str, depth: int) -> None:
    if isinstance(value, _Faulty):
        raise EnvelopeMalformed(pointer, f"{value[:32]} is not an integer")
    if isinstance(value, (dict, list)):
        _check_depth(pointer, depth)
        if isinstance(value, _Pairs) and value.doubled is not None:
            raise EnvelopeMalformed(f"{pointer}/{value.doubled.translate(_ESCAPED)}", "the name occurs twice")
        members = value.items() if isinstance(value, dict) else enumerate(value)
        for key, member in members:
            _check_faults(member, f"{pointer}/{str(key).translate(_ESCAPED)}", depth + 1)


def _explain(data: bytes, pointer: str) -> EnvelopeMalformed:
    """Why `data` is not the canonical form of an object, with the place of the first fault."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        return EnvelopeMalformed(pointer, f"not UTF-8 at byte {error.start}")
    try:
        value = parse_json(text)
        check_tree(value, "")
        if type(value) is not dict:
            return EnvelopeMalformed(pointer, "not an object")
        written = rfc8785.dumps(value)
    except EnvelopeMalformed as fault:
        return type(fault)(pointer + fault.pointer, fault.why, *fault.limits)
    pairs = zip(written, data, strict=False)
    place = next((index for index, (a, b) in enumerate(pairs) if a != b), min(len(written), len(data)))
    return EnvelopeMalformed(pointer, f"not canonical JSON at byte {place}")
