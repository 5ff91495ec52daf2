"""What a photo is, by its bytes: JPEG, PNG or WebP, whole, and nothing after its end.

The type is never taken from a name or a claim. A file that fits two types, or goes on after its end, is refused with
what was found. Decoding is `picture`'s work, in a process of its own.
"""

from collections.abc import Callable
from typing import Final

from ledger_node.errors import ContentTypeRefused

_JPEG: Final = b"\xff\xd8\xff"
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_OTHERS: Final = {
    b"%PDF": "PDF",
    b"PK\x03\x04": "an archive",
    b"GIF8": "GIF",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"\x7fELF": "a program",
    b"MZ": "a program",
    b"#!": "a script",
    b"\x1f\x8b": "an archive",
    b"Rar!": "an archive",
    b"7z\xbc\xaf": "an archive",
}
_MARKS: Final = (b"PK\x03\x04", b"PK\x05\x06", b"%PDF-", b"<script", b"<html", b"<svg", b"<!doctype")
_STANDALONE: Final = frozenset({0x01, *range(0xD0, 0xD8)})


def photo_format(data: bytes) -> str:
    """`JPEG`, `PNG` or `WEBP`; ContentTypeRefused names what was found instead."""
    if data.startswith(_JPEG):
        return _whole("JPEG", data, _jpeg_end)
    if data.startswith(_PNG):
        return _whole("PNG", data, _png_end)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _whole("WEBP", data, _riff_end)
    raise ContentTypeRefused(_found(data))


def _whole(name: str, data: bytes, end_of: Callable[[bytes], int]) -> str:
    end = end_of(data)
    if end < 0:
        raise ContentTypeRefused(f"a {name} without an end")
    if end < len(data):
        raise ContentTypeRefused(f"a {name} with {len(data) - end} bytes after its end ({_found(data[end:])})")
    return name


def _jpeg_end(data: bytes) -> int:
    """Where the image ends, or −1. Segments are skipped by their length, scans by looking for the next marker."""
    place = 2
    while place + 2 <= len(data):
        if data[place] != 0xFF:
            return -1
        marker = data[place + 1]
        if marker == 0xFF:
            place += 1
        elif marker == 0xD9:
            return place + 2
        elif marker in _STANDALONE:
            place += 2
        else:
            length = int.from_bytes(data[place + 2 : place + 4], "big")
            if length < 2:
                return -1
            place += 2 + length
            if marker == 0xDA:
                place = _scan_end(data, place)
    return -1


def _scan_end(data: bytes, place: int) -> int:
    """The next marker after entropy-coded bytes: FF 00 is data, FF D0…D7 restarts."""
    while (place := data.find(b"\xff", place)) >= 0 and place + 1 < len(data):
        marker = data[place + 1]
        if marker != 0 and marker not in _STANDALONE:
            return place
        place += 2
    return len(data)


def _png_end(data: bytes) -> int:
    place = len(_PNG)
    while place + 12 <= len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        kind = data[place + 4 : place + 8]
        place += 12 + length
        if kind == b"IEND":
            return place if place <= len(data) else -1
    return -1


def _riff_end(data: bytes) -> int:
    end = 8 + int.from_bytes(data[4:8], "little")
    end += end & 1
    return end if end <= len(data) else -1


def _found(data: bytes) -> str:
    start = data[:512].lstrip().lower()
    for mark, name in _OTHERS.items():
        if data.startswith(mark):
            return name
    if start.startswith((b"<?xml", b"<svg")) and b"<svg" in data[:4096].lower():
        return "SVG"
    if start.startswith((b"<!doctype html", b"<html", b"<script")):
        return "HTML"
    if any(mark in data[:4096] for mark in _MARKS):
        return "a file of several types"
    return "no JPEG, PNG or WebP"
