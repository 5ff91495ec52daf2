"""Forms of values in JSON answers and in addresses: hex, decimal strings for large sums, moments, pages of a list."""

from collections.abc import Sequence
from typing import Annotated, Generic, TypeVar

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field

from api.formatting import rfc3339
from ledger_node.errors import QueryWrong

Item = TypeVar("Item")
PAGE_LIMIT = 100

Hex32 = Annotated[str, Field(pattern="^0x[0-9a-f]{64}$", examples=["0x" + "5f" * 32])]
Hex = Annotated[str, Field(pattern="^0x([0-9a-f]{2})*$", examples=["0x01"])]
Address = Annotated[str, Field(pattern="^0x[0-9a-f]{40}$", examples=["0x" + "1a" * 20])]
Decimal = Annotated[str, Field(pattern="^-?[0-9]{1,39}$", examples=["3650"])]
Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"}, examples=["2026-11-22T11:00:00.000Z"])]

HashPath = Annotated[
    str,
    Path(pattern="^(0x)?[0-9a-fA-F]{64}$", description="32 bytes in hex, `0x` optional", examples=["0x" + "5f" * 32]),
]
NumberPath = Annotated[int, Path(ge=0, le=2**53 - 1)]
LimitQuery = Annotated[int, Query(ge=1, le=PAGE_LIMIT, description="how many at most")]
BeforeQuery = Annotated[
    int | None, Query(ge=0, le=2**53 - 1, description="only what stands before this; from the last answer's `next`")
]
NameQuery = Annotated[str | None, Query(min_length=1, max_length=128, pattern="^[A-Za-z0-9:/._-]+$")]


class View(BaseModel):
    """Base of everything the API answers with: an allow-list, frozen."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Page(View, Generic[Item]):
    """A part of a list, newest first; `next` is the `before` of the next part, null at the end."""

    items: Sequence[Item]
    next: int | None = None


def hex_of(value: bytes) -> str:
    """Bytes as `0x` and lower-case hex."""
    return "0x" + value.hex()


def bytes_of(text: str, field: str, width: int = 32) -> bytes:
    """The bytes of a hex text of `width` bytes; QueryWrong otherwise."""
    try:
        value = bytes.fromhex(text.removeprefix("0x"))
    except ValueError as wrong:
        raise QueryWrong(field, "not hex") from wrong
    if len(value) != width:
        raise QueryWrong(field, f"{len(value)} bytes, not {width}")
    return value


def at_ms(milliseconds: int) -> str:
    """A moment on the wire."""
    return rfc3339(milliseconds)


def at_s(seconds: int) -> str | None:
    """A second of the chain on the wire; null for 0, which contracts use for never or open."""
    return rfc3339(seconds * 1000) if seconds else None


def page_of(items: Sequence[Item], limit: int, keys: Sequence[int]) -> Page[Item]:
    """A page from up to `limit` + 1 items and their keys."""
    more = len(items) > limit
    return Page(items=items[:limit], next=keys[limit - 1] if more else None)
