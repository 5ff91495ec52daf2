"""What bytes are, judged by themselves: the type under which content is served."""

_JPEG = ("image/jpeg", "jpg", True)
_BY_START: tuple[tuple[bytes, tuple[str, str, bool]], ...] = (
    (b"\xff\xd8\xff", _JPEG),
    (b"\x89PNG\r\n\x1a\n", ("image/png", "png", False)),
    (b"%PDF-", ("application/pdf", "pdf", False)),
)


def sniffed(data: bytes) -> tuple[str, str, bool]:
    """Media type, file extension, and whether a browser may show it in place: only cleaned JPEG copies."""
    for start, kind in _BY_START:
        if data.startswith(start):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp", "webp", False
    if data[:1] == b"\x83":
        return "application/cbor", "cbor", False
    return "application/octet-stream", "bin", False
