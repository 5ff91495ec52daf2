"""Photos: the public copy carries the picture and nothing else; what is no whole photo is refused in words."""

import io
import struct
import subprocess
import zlib
from typing import Any

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from ledger_node.content import picture
from ledger_node.content.photo_form import photo_format
from ledger_node.content.picture import clean_copy
from ledger_node.errors import ContentTooLarge, ContentTypeRefused

SECRET = b"SECRET-PLACE"


def an_image(width: int = 64, height: int = 32, colour: Any = (200, 30, 30)) -> Image.Image:
    image = Image.new("RGB", (width, height), colour)
    image.paste((20, 20, 220), (0, 0, width // 2, height))
    return image


def saved(image: Image.Image, kind: str, **more: Any) -> bytes:
    sink = io.BytesIO()
    image.save(sink, kind, **more)
    return sink.getvalue()


def a_loaded_jpeg() -> bytes:
    """A JPEG with Exif, GPS, XMP, a profile and a comment; turned by its orientation."""
    exif = Image.Exif()
    exif[0x0112] = 6  # rotate by 90°
    exif[0x010E] = SECRET.decode()
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[29] = SECRET.decode()
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return saved(an_image(), "JPEG", exif=exif, icc_profile=profile, xmp=b"<x>" + SECRET + b"</x>", comment=SECRET)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_photos_become_clean_jpegs(kind: str) -> None:
    copy = clean_copy(saved(an_image(), kind))
    assert copy.format == kind
    with Image.open(io.BytesIO(copy.data)) as image:
        assert (image.format, image.size, image.mode) == ("JPEG", (64, 32), "RGB")
        assert image.getpixel((60, 16))[0] > 150  # type: ignore[index]


def test_nothing_but_the_picture_is_left() -> None:
    original = a_loaded_jpeg()
    assert original.count(SECRET) >= 4
    copy = clean_copy(original).data
    assert SECRET not in copy
    for mark in (b"Exif", b"ICC_PROFILE", b"http://ns.adobe.com", b"\xff\xfe"):
        assert mark in original or mark == b"Exif"
        assert mark not in copy
    with Image.open(io.BytesIO(copy)) as image:
        assert not image.getexif()
        assert {"comment", "icc_profile", "exif", "xmp"}.isdisjoint(image.info)
        assert image.size == (32, 64)  # upright
        assert photo_format(copy) == "JPEG"


def test_text_of_a_png_does_not_get_through() -> None:
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", SECRET.decode())
    original = saved(an_image(), "PNG", pnginfo=text)
    assert SECRET in original
    assert SECRET not in clean_copy(original).data


def test_a_large_photo_is_made_smaller() -> None:
    copy = clean_copy(saved(an_image(4000, 3000), "JPEG"))
    with Image.open(io.BytesIO(copy.data)) as image:
        assert image.size == (2048, 1536)


def test_what_is_transparent_becomes_white() -> None:
    copy = clean_copy(saved(Image.new("RGBA", (8, 8), (0, 0, 0, 0)), "PNG"))
    with Image.open(io.BytesIO(copy.data)) as image:
        assert image.getpixel((4, 4)) == (255, 255, 255)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def a_bomb(width: int, height: int) -> bytes:
    """A PNG that claims many pixels in few bytes."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


JPEG = saved(an_image(), "JPEG")
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (JPEG + b"PK\x03\x04zip", "an archive"),
        (JPEG + b"x", "1 bytes after its end"),
        (saved(an_image(), "PNG") + SVG, "SVG"),
        (saved(an_image(), "WEBP") + b"%PDF-1.7", "PDF"),
        (JPEG[:-2], "without an end"),
        (saved(an_image(), "PNG")[:-6], "without an end"),
        (saved(an_image(), "WEBP")[:-3], "without an end"),
        (SVG, "SVG"),
        (b"<!DOCTYPE html><p>", "HTML"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"GIF89a...", "GIF"),
        (b"\x7fELF", "a program"),
        (b"#!/bin/sh\n", "a script"),
        (b"", "no JPEG, PNG or WebP"),
        (b"\xff\xd8\xff\xd9", "cannot be decoded"),
        (a_bomb(10_000, 10_000), "cannot be decoded"),
        (a_bomb(60_000, 60_000), "cannot be decoded"),
        (a_bomb(100, 100), "cannot be decoded"),
        (saved(an_image(), "PNG", save_all=True, append_images=[an_image(colour=(0, 9, 0))]), "more than one frame"),
        (saved(an_image(), "WEBP", save_all=True, append_images=[an_image(colour=(0, 9, 0))]), "more than one frame"),
    ],
)
def test_what_is_no_whole_photo_is_refused_with_what_was_found(data: bytes, found: str) -> None:
    with pytest.raises(ContentTypeRefused) as caught:
        clean_copy(data)
    assert found in str(caught.value)


def test_over_20_mib_is_too_large() -> None:
    with pytest.raises(ContentTooLarge):
        clean_copy(JPEG + bytes(20 << 20))


def test_a_decoder_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "TIME_LIMIT_SECONDS", 0.001)
    with pytest.raises(ContentTypeRefused, match="to decode"):
        clean_copy(JPEG)


def test_a_decoder_that_crashes_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: Any, **__: Any) -> subprocess.CompletedProcess[bytes]:
        return subprocess.CompletedProcess([], -11, b"", b"")

    monkeypatch.setattr(subprocess, "run", crash)
    with pytest.raises(ContentTypeRefused, match="signal 11"):
        clean_copy(JPEG)


def test_hostile_segments_do_not_hide_the_end() -> None:
    with_exif = JPEG[:2] + b"\xff\xe1" + struct.pack(">H", 2 + 8) + b"\xff\xd9fake!!" + JPEG[2:]
    assert photo_format(with_exif) == "JPEG"
    assert SECRET not in clean_copy(with_exif).data
