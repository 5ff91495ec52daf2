"""Reading ABI-encoded event data in the one form the compiler writes.

Offsets must be where the canonical encoding puts them, padding zero, nothing left over. General decoders follow any
offset; two of them may then read two things out of the same bytes. The bindings decode and encode again to see that,
which costs a verifier ten times as much, and the page's verifier must read the very same way.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

from ledger_node.errors import EventMalformed

WORD = 32


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of any length of one type."""

    kind: "Type"


Type: TypeAlias = "str | tuple[Type, ...] | ListOf"
"""A word or `bytes` by name, a tuple of types, or a list of one type."""


@lru_cache(maxsize=256)
def parse_types(text: str) -> tuple[Type, ...]:
    """The types of `(bytes32,(uint32,bytes[])[])`, outermost brackets included."""
    found, end = _parse_tuple(text, 0)
    if end != len(text):
        raise ValueError(f"{text}: not a list of types")
    return found


def decode(types: tuple[Type, ...], data: bytes) -> tuple[Any, ...]:
    """The values; numbers as int, fixed bytes and addresses as bytes. Raises EventMalformed."""
    values, end = _tuple(types, data, 0)
    if end != len(data):
        raise EventMalformed(f"{len(data) - end} bytes too many")
    return values


def decode_word(kind: Type, word: bytes) -> Any:
    """One static value out of its 32 bytes. Raises EventMalformed."""
    if len(word) != WORD:
        raise EventMalformed("the data end early")
    if kind == "bytes32":
        return word
    if kind == "bytes3":
        if any(word[3:]):
            raise EventMalformed("a code with padding")
        return word[:3]
    if kind == "address":
        if any(word[:12]):
            raise EventMalformed("an address with padding")
        return word[12:]
    if isinstance(kind, str) and kind.startswith("uint"):
        number = int.from_bytes(word, "big")
        if number >> int(kind[4:]):
            raise EventMalformed(f"{number} does not fit {kind}")
        return number
    raise ValueError(f"{kind!r} is not used in our events")


def _tuple(types: tuple[Type, ...], data: bytes, base: int) -> tuple[tuple[Any, ...], int]:
    place, tail = base, base + sum(_head_bytes(kind) for kind in types)
    values: list[Any] = []
    for kind in types:
        if _is_dynamic(kind):
            if int.from_bytes(_word(data, place), "big") != tail - base:
                raise EventMalformed("an offset is not where it belongs")
            value, tail = _dynamic(kind, data, tail)
            place += WORD
        elif isinstance(kind, tuple):
            value, place = _tuple(kind, data, place)
        else:
            value = decode_word(kind, _word(data, place))
            place += WORD
        values.append(value)
    return tuple(values), tail


def _dynamic(kind: Type, data: bytes, place: int) -> tuple[Any, int]:
    if isinstance(kind, tuple):
        return _tuple(kind, data, place)
    length = int.from_bytes(_word(data, place), "big")
    place += WORD
    if isinstance(kind, ListOf):
        if length * _head_bytes(kind.kind) > len(data) - place:
            raise EventMalformed("a list longer than the data")
        return _tuple((kind.kind,) * length, data, place)
    padded = (length + WORD - 1) // WORD * WORD
    if padded > len(data) - place or any(data[place + length : place + padded]):
        raise EventMalformed("bytes longer than the data or with padding")
    return data[place : place + length], place + padded


def _word(data: bytes, place: int) -> bytes:
    word = data[place : place + WORD]
    if len(word) != WORD:
        raise EventMalformed("the data end early")
    return word


@lru_cache(maxsize=256)
def _is_dynamic(kind: Type) -> bool:
    if isinstance(kind, tuple):
        return any(_is_dynamic(member) for member in kind)
    return isinstance(kind, ListOf) or kind == "bytes"


@lru_cache(maxsize=256)
def _head_bytes(kind: Type) -> int:
    if isinstance(kind, tuple) and not _is_dynamic(kind):
        return sum(_head_bytes(member) for member in kind)
    return WORD


def _parse_tuple(text: str, place: int) -> tuple[tuple[Type, ...], int]:
    members: list[Type] = []
    place += 1
    while text[place] != ")":
        member: Type
        if text[place] == "(":
            member, place = _parse_tuple(text, place)
        else:
            end = place
            while text[end] not in ",)[":
                end += 1
            member, place = text[place:end], end
        if text[place : place + 2] == "[]":
            member, place = ListOf(member), place + 2
        members.append(member)
        place += text[place] == ","
    return tuple(members), place + 1
