"""What a batch in the journal and its pin on the chain say alike: their rows have the same columns."""

from typing import Any

from sqlalchemy import RowMapping

from api.wire import at_s, hex_of


def summary_of(row: RowMapping) -> dict[str, Any]:
    """The members that lists show, from `sequence` to `sealed_at`."""
    return {
        "sequence": row["sequence"],
        "count": row["count"],
        "amount": str(row["amount"]),
        "mass": str(row["mass"]),
        "root": hex_of(row["root"]),
        "sealed_at": at_s(row["sealed_at"]),
    }


def details_of(row: RowMapping) -> dict[str, Any]:
    """The members that only a single one shows."""
    return {
        "previous_root": hex_of(row["previous_root"]),
        "first_at": at_s(row["first_at"]),
        "last_at": at_s(row["last_at"]),
        "content": hex_of(row["content"]),
        "lots": hex_of(row["lots"]),
        "rules": hex_of(row["rules"]),
    }
