"""Rows of any projections table as JSON and back: for before-images and for digests.

Bytes stand as `0x` hex; whole numbers as numbers, but sums of 128 bits as decimal text.
"""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, Table

from ledger_node.store.types import Bytes, Uint128


def encode_row(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """The row as plain JSON; columns it leaves out are left out."""
    return {name: _encode(table.c[name], value) for name, value in row.items()}


def decode_row(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """What `encode_row` wrote."""
    return {name: _decode(table.c[name], value) for name, value in row.items()}


def canonical_line(table: Table, row: Mapping[str, Any]) -> bytes:
    """One line of text that two equal rows have in common, on any database."""
    return json.dumps(encode_row(table, row), sort_keys=True, separators=(",", ":")).encode() + b"\n"


def _encode(column: Column[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(column.type, Bytes):
        return "0x" + bytes(value).hex()
    return str(value) if isinstance(column.type, Uint128) else value


def _decode(column: Column[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(column.type, Bytes):
        return bytes.fromhex(value[2:])
    return int(value) if isinstance(column.type, Uint128) else value
