"""Deterministic CBOR (RFC 8949 section 4.2) as envelopes use it: maps with ascending integer keys, and no tags.

The library decodes; what it decoded is written again and must give the same bytes, which also tells where an item ends.
Hostile nesting is stopped by the decoder's own limit, tags before their content is looked at.
"""

import io
from collections.abc import Callable, Mapping
from typing import Any, Final, NoReturn

import cbor2

from ledger_node.domain.canonical_json import DEPTH_LIMIT
from ledger_node.errors import EnvelopeMalformed

_TAGS_OF_THE_DECODER: Final[tuple[int, ...]] = (
    0, 1, 2, 3, 4, 5, 25, 28, 29, 30, 35, 36, 37, 52, 54, 100, 256, 258, 260, 261, 1004, 43000, 55799,
)  # fmt: skip
_INTEGERS: Final = frozenset({int})


def _refuse_tag(*_: object) -> NoReturn:
    raise ValueError("a tag")


_NO_TAGS: Final[dict[int, Callable[..., NoReturn]]] = dict.fromkeys(_TAGS_OF_THE_DECODER, _refuse_tag)


def decode_map(data: bytes) -> dict[int, Any]:
    """The map whose deterministic encoding `data` is; EnvelopeMalformed otherwise."""
    try:
        decoded = _decoder(data).decode()
    except Exception as error:  # whatever hostile bytes make the decoder raise
        raise EnvelopeMalformed("", f"not CBOR: {error}") from error
    if type(decoded) is not dict:
        raise EnvelopeMalformed("", "an envelope is a map")
    numbered: dict[int, Any] = decoded
    if cbor2.dumps(numbered) != data or not _is_in_order(numbered):
        raise EnvelopeMalformed("", "not the deterministic encoding")
    return numbered


def decode_maps(data: bytes, limit: int) -> list[tuple[dict[int, Any], bytes]] | None:
    """The maps of a CBOR sequence, each with its bytes; None when not all of it is 1 to `limit` deterministic maps."""
    found: list[tuple[dict[int, Any], bytes]] = []
    place, end = 0, len(data)
    decoder = _decoder(data)
    try:
        while place < end:
            numbered = decoder.decode()
            if type(numbered) is not dict or len(found) == limit:
                return None
            raw = cbor2.dumps(numbered)
            if not data.startswith(raw, place) or not _is_in_order(numbered):
                return None
            found.append((numbered, raw))
            place += len(raw)
    except Exception:  # as above; the caller looks for the item that is to blame
        return None
    return found or None


def _decoder(data: bytes) -> cbor2.CBORDecoder:
    return cbor2.CBORDecoder(
        io.BytesIO(data),
        tag_hook=_refuse_tag,
        semantic_decoders=_NO_TAGS,
        read_size=max(len(data), 1),
        max_depth=DEPTH_LIMIT,
        allow_indefinite=False,
    )


def _is_in_order(members: Mapping[Any, Any]) -> bool:
    """Whether integer keys ascend in a map and in the maps inside it."""
    if not _INTEGERS.issuperset(map(type, members)) or list(members) != sorted(members):
        return False
    inner = [member for member in members.values() if type(member) is dict]
    return not inner or all(map(_is_in_order, inner))
