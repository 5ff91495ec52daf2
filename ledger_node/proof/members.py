"""Reading members of a bundle one way only: widths, alphabets, ranges, exact names.

Every refusal is BundleWrong `bad_member` with the JSON pointer. A lenient reader here would let two files say the same.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar, cast

from ledger_node.domain.checkpoint_note import strict_base64
from ledger_node.domain.strict_json import SAFE_INTEGER
from ledger_node.errors import BundleWrong

Item = TypeVar("Item")
UINT64: Final = (1 << 64) - 1
UINT128: Final = (1 << 128) - 1
_DECIMAL: Final = re.compile(r"0|[1-9][0-9]{0,38}")
_TIME: Final = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:Z|([+-])([0-9]{2}):([0-9]{2}))"
)


def wrong(pointer: str, why: str) -> BundleWrong:
    """The refusal of step 2."""
    return BundleWrong("bad_member", why, pointer=pointer)


def members_of(
    value: object, pointer: str, required: frozenset[str], optional: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """An object with exactly the required names and at most the optional ones."""
    if type(value) is not dict:
        raise wrong(pointer, "not an object")
    found = cast(dict[str, Any], value)
    if missing := required - found.keys():
        raise wrong(f"{pointer}/{min(missing)}", "is missing")
    if unknown := found.keys() - required - optional:
        raise wrong(f"{pointer}/{min(unknown)}", "is unknown")
    return found


def items_of(
    value: object, pointer: str, read: Callable[[object, str], Item], *, lowest: int = 0, highest: int
) -> tuple[Item, ...]:
    """A list of `lowest` to `highest` items, each read with its pointer."""
    if type(value) is not list:
        raise wrong(pointer, "not a list")
    found = cast(list[object], value)
    if not lowest <= len(found) <= highest:
        raise wrong(pointer, f"{len(found)} items where {lowest} to {highest} belong")
    return tuple(read(item, f"{pointer}/{place}") for place, item in enumerate(found))


def row_of(value: object, pointer: str, width: int) -> list[Any]:
    """A list of exactly `width` items."""
    if type(value) is not list or len(value) != width:
        raise wrong(pointer, f"not a list of {width}")
    return value


def text_of(value: object, pointer: str, highest: int = 1 << 20) -> str:
    """Text of at most `highest` characters."""
    if type(value) is not str or len(value) > highest:
        raise wrong(pointer, f"not text of at most {highest} characters")
    return value


def integer_of(value: object, pointer: str, lowest: int = 0, highest: int = SAFE_INTEGER) -> int:
    """A JSON integer in range."""
    if type(value) is not int or not lowest <= value <= highest:
        raise wrong(pointer, f"not an integer from {lowest} to {highest}")
    return value


def decimal_of(value: object, pointer: str, highest: int = UINT64) -> int:
    """A number in a string: no sign, no leading zero."""
    if type(value) is not str or not _DECIMAL.fullmatch(value) or int(value) > highest:
        raise wrong(pointer, f"not a decimal string up to {highest}")
    return int(value)


def base64_of(value: object, pointer: str) -> bytes:
    """Bytes in standard base64 with padding and no spare bits."""
    if type(value) is not str:
        raise wrong(pointer, "not text")
    try:
        return strict_base64(value)
    except ValueError as error:
        raise wrong(pointer, str(error)) from error


def hash_of(value: object, pointer: str) -> bytes:
    """32 bytes in base64."""
    found = base64_of(value, pointer)
    if len(found) != 32:
        raise wrong(pointer, f"{len(found)} bytes where 32 belong")
    return found


def sibling_of(value: object, pointer: str) -> bytes:
    """A sibling of a sparse tree: 32 bytes in base64, or "" for an empty subtree."""
    return b"" if value == "" and type(value) is str else hash_of(value, pointer)


def hex_of(value: object, pointer: str, width: int) -> bytes:
    """`width` bytes in lower-case hex with 0x."""
    if type(value) is not str or not re.fullmatch(rf"0x[0-9a-f]{{{2 * width}}}", value):
        raise wrong(pointer, f"not {width} bytes in lower-case 0x hex")
    return bytes.fromhex(value[2:])


def time_of(value: object, pointer: str) -> datetime:
    """An RFC 3339 time in whole seconds, from 1970 on."""
    match = _TIME.fullmatch(value) if type(value) is str else None
    if match is None:
        raise wrong(pointer, "not an RFC 3339 time")
    year, month, day, hour, minute, second = (int(match[number]) for number in range(1, 7))
    away = timedelta(hours=int(match[8] or 0), minutes=int(match[9] or 0))
    if year < 1970 or year > 9998 or int(match[8] or 0) > 23 or int(match[9] or 0) > 59:
        raise wrong(pointer, "not an RFC 3339 time")
    try:
        local = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError as error:
        raise wrong(pointer, "no such time") from error
    return local + away if match[7] == "-" else local - away
