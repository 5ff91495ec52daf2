"""Photos: the public copy that carries nothing but the picture (`content.md` section 9).

The original is evidence and stays as it came, sealed. The copy is decoded, turned upright, at most 2,048 pixels a side,
pasted into a fresh image, sRGB, JPEG 85: Exif, GPS, XMP, comments, profiles, thumbnails and appended bytes are gone.
Decoding runs in a child process (`picture_process`) with bounds on time and memory; whatever goes wrong in there is
`ContentTypeRefused` with the reason.
"""

import subprocess
import sys
from dataclasses import dataclass
from typing import Final

from ledger_node.content.photo_form import photo_format
from ledger_node.errors import ContentTooLarge, ContentTypeRefused

PHOTO_LIMIT_BYTES: Final = 20 << 20
PIXEL_LIMIT: Final = 50_000_000
SIDE_LIMIT_PIXELS: Final = 2048
TIME_LIMIT_SECONDS: Final = 10
MEMORY_LIMIT_BYTES: Final = 1 << 30
JPEG_QUALITY: Final = 85
REFUSED_EXIT: Final = 3


@dataclass(frozen=True, slots=True)
class CleanCopy:
    """The public copy, JPEG, and what the original was."""

    data: bytes
    format: str


def clean_copy(original: bytes) -> CleanCopy:
    """A photo's public copy. ContentTooLarge above 20 MiB; ContentTypeRefused names what was found."""
    if len(original) > PHOTO_LIMIT_BYTES:
        raise ContentTooLarge(len(original), PHOTO_LIMIT_BYTES)
    found = photo_format(original)
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-m", "ledger_node.content.picture_process", found],
            input=original,
            capture_output=True,
            timeout=TIME_LIMIT_SECONDS,
            check=False,
            env={"PYTHONDONTWRITEBYTECODE": "1"},
        )
    except subprocess.TimeoutExpired as error:
        raise ContentTypeRefused(f"a {found} that takes over {TIME_LIMIT_SECONDS} s to decode") from error
    if done.returncode != 0 or not done.stdout.startswith(b"\xff\xd8\xff"):
        raise ContentTypeRefused(f"a {found} that cannot be decoded: {_reason(done)}")
    return CleanCopy(done.stdout, found)


def _reason(done: "subprocess.CompletedProcess[bytes]") -> str:
    if done.returncode == REFUSED_EXIT:
        return done.stderr.decode(errors="replace").strip()[-200:]
    if done.returncode < 0:
        return f"the decoder was ended by signal {-done.returncode}"
    return f"the decoder failed with {done.returncode}"
