"""The rules that were in force when a batch was sealed, as one text whose SHA-256 each pin carries in `rules`.

One `name version` a line, in order of names: the rule versions, then for each kind the hash of its payload's members.
A change of a rule raises its version here, in the same commit.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from ledger_node.domain.digest import sha256
from ledger_node.domain.payload_fields import PAYLOADS
from ledger_node.domain.payload_form import Shape

RULE_VERSIONS: Final[Mapping[str, str]] = {
    "batch-file": "1",
    "batch-tree": "1",
    "close": "1",
    "envelope": "1",
    "lot-map": "1",
    "sales-day": "1",
    "verdict": "1",
}


@lru_cache(maxsize=1)
def rules_hash() -> bytes:
    """What a pin's `rules` commits to."""
    return sha256(rule_set_text().encode())


def rule_set_text() -> str:
    """The text that is hashed."""
    versions = [f"{name} {version}" for name, version in sorted(RULE_VERSIONS.items())]
    schemas = [
        f"schema/{kind} {sha256(_members_text(shape).encode()).hex()}" for kind, shape in sorted(PAYLOADS.items())
    ]
    return "\n".join(("tidemark rules 1", *versions, *schemas)) + "\n"


def _members_text(shape: Shape) -> str:
    return "\n".join(sorted(_members(shape, "")))


def _members(shape: Shape, prefix: str) -> Iterator[str]:
    for members, mark in ((shape.required, "!"), (shape.optional, "?")):
        for name, form in members.items():
            yield f"{prefix}/{name}{mark}"
            if isinstance(form, Shape):
                yield from _members(form, f"{prefix}/{name}")
