"""Column types that keep exact values on SQLite and PostgreSQL alike."""

from typing import Any

from sqlalchemy import BigInteger, Integer, LargeBinary, String
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

UINT128_LIMIT = 1 << 128

Bytes = LargeBinary
"""Hashes, signatures, envelopes: bytes as they are."""

Id = BigInteger().with_variant(Integer(), "sqlite")
"""A 64-bit row number that SQLite can count up by itself."""


class Uint128(TypeDecorator[int]):
    """A sum up to 2^128 − 1, kept as 39 decimal digits so that text order is number order."""

    impl = String(39)
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        if not 0 <= value < UINT128_LIMIT:
            raise OverflowError(f"{value} does not fit 128 bits")
        return f"{value:039d}"

    def process_result_value(self, value: Any, dialect: Dialect) -> int | None:
        return None if value is None else int(value)
