"""The child process that decodes a photo: bytes in, clean JPEG out, with bounds set before anything is read.

Run as `python -m ledger_node.content.picture_process FORMAT`; exit 3 with the reason in words when it is refused.
It needs no network; where the kernel lets it, it gives its own up.
"""

import ctypes
import io
import resource
import sys
import warnings
from typing import Final

from PIL import Image, ImageCms, ImageOps

from ledger_node.content.picture import (
    JPEG_QUALITY,
    MEMORY_LIMIT_BYTES,
    PIXEL_LIMIT,
    REFUSED_EXIT,
    SIDE_LIMIT_PIXELS,
    TIME_LIMIT_SECONDS,
)

_CLONE_NEWUSER: Final = 0x10000000
_CLONE_NEWNET: Final = 0x40000000


def confine() -> None:
    """Sets the bounds of this process: time, memory, no files written, no network."""
    resource.setrlimit(resource.RLIMIT_CPU, (TIME_LIMIT_SECONDS, TIME_LIMIT_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT_BYTES, MEMORY_LIMIT_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    unshare = getattr(ctypes.CDLL(None), "unshare", None)
    if unshare is not None:
        unshare(_CLONE_NEWUSER | _CLONE_NEWNET)  # refused in some containers; the limits above hold all the same


def clean(original: bytes, found: str) -> bytes:
    """The copy's bytes; ValueError, OSError or a warning turned error says why not."""
    with Image.open(io.BytesIO(original), formats=[found]) as image:
        if image.width * image.height > PIXEL_LIMIT:
            raise ValueError(f"{image.width} × {image.height} pixels, more than {PIXEL_LIMIT}")
        if getattr(image, "n_frames", 1) != 1:
            raise ValueError("more than one frame")
        if found == "JPEG":
            image.draft("RGB", (SIDE_LIMIT_PIXELS, SIDE_LIMIT_PIXELS))
        profile = image.info.get("icc_profile")
        image.load()
        upright = ImageOps.exif_transpose(image)
        upright.thumbnail((SIDE_LIMIT_PIXELS, SIDE_LIMIT_PIXELS), Image.Resampling.LANCZOS)
        colours = _to_srgb(upright, profile)
    # A fresh image: saving the opened one again would keep its comment.
    fresh = Image.new("RGB", colours.size, "white")
    if colours.mode == "RGBA":
        fresh.paste(colours, mask=colours.getchannel("A"))
    else:
        fresh.paste(colours)
    sink = io.BytesIO()
    fresh.save(sink, "JPEG", quality=JPEG_QUALITY)
    return sink.getvalue()


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    has_alpha = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    if has_alpha:
        return image.convert("RGBA")
    if profile and image.mode in ("RGB", "CMYK"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except ImageCms.PyCMSError:
            converted = None  # a false profile only means that colours are taken as they are
        if converted is not None:
            return converted
    return image.convert("RGB")


def main() -> int:
    """Reads standard input, writes standard output."""
    confine()
    warnings.simplefilter("error")
    Image.MAX_IMAGE_PIXELS = PIXEL_LIMIT
    try:
        data = clean(sys.stdin.buffer.read(), sys.argv[1])
    except Exception as error:  # whatever a decoder throws at hostile bytes is one refusal
        sys.stderr.write(f"{type(error).__name__}: {error}")
        return REFUSED_EXIT
    sys.stdout.buffer.write(data)
    return 0


if __name__ == "__main__":
    sys.exit(main())
