"""A video that Chromium takes for its camera: a receipt's code held before it, as an MJPEG file."""

import io
from pathlib import Path

import segno
from PIL import Image


def film_of(text: str, path: Path, *, frames: int = 30) -> Path:
    """A film of the code of `text`, slightly tilted on a grey table; `.mjpeg` is what Chromium plays in a loop."""
    png = io.BytesIO()
    segno.make(text, error="m", micro=False).save(png, kind="png", scale=8, border=4)
    code = Image.open(png).convert("L").rotate(4, expand=True, fillcolor=255, resample=Image.Resampling.BICUBIC)
    frame = Image.new("L", (640, 480), 150)
    code.thumbnail((420, 420))
    frame.paste(code, ((640 - code.width) // 2, (480 - code.height) // 2))
    jpeg = io.BytesIO()
    frame.convert("RGB").save(jpeg, "JPEG", quality=85)
    path.write_bytes(jpeg.getvalue() * frames)
    return path


def picture_of(text: str, path: Path) -> Path:
    """A photograph of the code, for the scan page's other way in."""
    segno.make(text, error="m", micro=False).save(str(path), kind="png", scale=9, border=4)
    return path
