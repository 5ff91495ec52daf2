"""A frame: one message with 1 to 64 envelopes, a CBOR sequence or a JSON array, at most 128 KiB.

One bad envelope does not spoil its neighbours: it comes back as a `FaultyEnvelope` with its own bytes.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

from ledger_node.domain.canonical_json import DEPTH_LIMIT, parse_json
from ledger_node.domain.deterministic_cbor import decode_maps
from ledger_node.domain.envelope import Envelope
from ledger_node.errors import EnvelopeMalformed, EnvelopeTooLarge

FRAME_LIMIT_BYTES: Final = 128 * 1024
FRAME_LIMIT_ENVELOPES: Final = 64
_FRAME_LEVEL: Final = -1
"""Array and envelope stand above the payload, which is level 1."""
_LONE_SURROGATES: Final = "surrogatepass"
"""JSON can write them, UTF-8 cannot: the bytes keep them, so that the item can be told from others and refused."""
_JSON_STARTS = frozenset(b"[ \t\r\n")


@dataclass(frozen=True, slots=True)
class FaultyEnvelope:
    """An envelope that cannot be read: its bytes and why."""

    raw: bytes
    fault: EnvelopeMalformed


class FrameItem(NamedTuple):
    """One envelope of a frame: its bytes, and what was decoded of them already: JSON, or a deterministic CBOR map."""

    raw: bytes
    decoded: Any = None
    is_json: bool = False

    def read(self) -> Envelope:
        """The envelope; EnvelopeMalformed says what is wrong with it."""
        if self.is_json:
            _check_text(self.raw)
            return Envelope.from_json(self.decoded)
        return Envelope.from_cbor(self.raw) if self.decoded is None else Envelope.from_cbor_map(self.decoded)


def encode_frame(envelopes: Sequence[Envelope], form: Literal["cbor", "json"] = "cbor") -> bytes:
    """One message with these envelopes; EnvelopeTooLarge when they do not fit one frame."""
    if not 1 <= len(envelopes) <= FRAME_LIMIT_ENVELOPES:
        raise EnvelopeTooLarge("", f"{len(envelopes)} envelopes, not 1 to", FRAME_LIMIT_ENVELOPES)
    if form == "cbor":
        data = b"".join(envelope.to_cbor() for envelope in envelopes)
    else:
        members = [envelope.to_json() for envelope in envelopes]
        data = json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode()
    _check_length(data)
    return data


def decode_frame(data: bytes) -> list[Envelope | FaultyEnvelope]:
    """The envelopes of one message in order; raises when the message as a whole cannot be read or is too large."""
    return [_read(item) for item in split_frame(data)]


def split_frame(data: bytes) -> list[FrameItem]:
    """The items of a frame in order; EnvelopeMalformed when it cannot be split."""
    _check_length(data)
    if not data:
        raise EnvelopeMalformed("", "an empty frame")
    if data[0] in _JSON_STARTS:
        items = _json_items(data)
    else:
        maps = decode_maps(data, FRAME_LIMIT_ENVELOPES)
        items = _cbor_items(data) if maps is None else [FrameItem(raw, numbered) for numbered, raw in maps]
    if not 1 <= len(items) <= FRAME_LIMIT_ENVELOPES:
        raise EnvelopeTooLarge("", f"{len(items)} envelopes, not 1 to", FRAME_LIMIT_ENVELOPES)
    return items


def _cbor_items(data: bytes) -> list[FrameItem]:
    """The items of a sequence in which something is wrong, undecoded: each will say for itself what it is."""
    items: list[FrameItem] = []
    place = 0
    while place < len(data):
        if len(items) == FRAME_LIMIT_ENVELOPES:
            raise EnvelopeTooLarge("", "more envelopes than", FRAME_LIMIT_ENVELOPES)
        end = item_end(data, place)
        items.append(FrameItem(data[place:end]))
        place = end
    return items


def item_end(data: bytes, place: int) -> int:
    """Where the CBOR item at `place` ends; refuses indefinite lengths, tags, floats, depth over 8.

    Keeps how many items are open at each level instead of calling itself.
    """
    end = len(data)
    open_items = [1]
    while open_items:
        if open_items[-1] == 0:
            open_items.pop()
            continue
        open_items[-1] -= 1
        if place >= end:
            raise EnvelopeMalformed("", "the message ends inside an item")
        first = data[place]
        major, length = first >> 5, first & 31
        place += 1
        if length >= 24:
            if major == 7 or length > 27:
                raise EnvelopeMalformed("", f"a float, simple value or indefinite length at byte {place - 1}")
            width = 1 << (length - 24)
            length = int.from_bytes(data[place : place + width], "big")
            place += width
        if major == 2 or major == 3:
            place += length
        elif major == 4 or major == 5:
            if len(open_items) > DEPTH_LIMIT:
                raise EnvelopeTooLarge("", "nested deeper than", DEPTH_LIMIT)
            open_items.append(length * (major - 3))
        elif major == 6:
            raise EnvelopeMalformed("", f"a tag at byte {place - 1}")
    if place > end:
        raise EnvelopeMalformed("", "the message ends inside an item")
    return place


def _check_length(data: bytes) -> None:
    if len(data) > FRAME_LIMIT_BYTES:
        raise EnvelopeTooLarge("", f"{len(data)} bytes, more than", FRAME_LIMIT_BYTES)


def _json_items(data: bytes) -> list[FrameItem]:
    try:
        members = parse_json(data.decode(), depth=_FRAME_LEVEL)
    except UnicodeDecodeError as error:
        raise EnvelopeMalformed("", f"not UTF-8 at byte {error.start}") from error
    if not isinstance(members, list):
        raise EnvelopeMalformed("", "not an array of envelopes")
    return [
        FrameItem(
            json.dumps(one, ensure_ascii=False, separators=(",", ":")).encode("utf-8", _LONE_SURROGATES),
            one,
            is_json=True,
        )
        for one in members
    ]


def _check_text(raw: bytes) -> None:
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        raise EnvelopeMalformed("", "a lone surrogate") from error


def _read(item: FrameItem) -> Envelope | FaultyEnvelope:
    try:
        return item.read()
    except EnvelopeMalformed as fault:
        return FaultyEnvelope(item.raw, fault)
