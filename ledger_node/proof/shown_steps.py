"""Step 18: values shown behind commitments, files that the records name, time stamps."""

import base64
import hashlib
import hmac
import re
from typing import Any, Final

from ledger_node.proof.bundle import Content, Opening
from ledger_node.proof.case import Case

_INDEX: Final = re.compile(r"0|[1-9][0-9]{0,5}")
_CID: Final = re.compile(r"b[a-z2-7]{58}")
_RAW_SHA256: Final = bytes((0x01, 0x55, 0x12, 0x20))
# AlgorithmIdentifier of SHA-256, with NULL parameters or none, then an OCTET STRING of 32 bytes: a message imprint.
_IMPRINTS: Final = (
    bytes.fromhex("300d060960864801650304020105000420"),
    bytes.fromhex("300b06096086480165030402010420"),
)


def check_shown(case: Case) -> None:
    """Runs step 18."""
    for opening in case.bundle.openings:
        if not _opens(case, opening):
            case.no(18, "opening_wrong", 9, pointer=opening.pointer)
    for content in case.bundle.contents:
        if not _is_recorded(case, content):
            case.no(18, "content_altered", 9, cid=content.cid)
    for token in case.bundle.timestamps:
        if case.note is not None and not _stamps(token, case.note.text.encode()):
            case.no(18, "timestamp_bad", 6)


def cid_digest(cid: str) -> bytes | None:
    """The SHA-256 inside a raw CIDv1 in base32; None for any other CID."""
    if not _CID.fullmatch(cid):
        return None
    text = cid[1:].upper()
    data = base64.b32decode(text + "=" * (-len(text) % 8))
    is_canonical = base64.b32encode(data).decode().rstrip("=") == text
    return data[4:] if data.startswith(_RAW_SHA256) and len(data) == 36 and is_canonical else None


def _opens(case: Case, opening: Opening) -> bool:
    committed = _at_pointer(case.bundle.raw, opening.pointer)
    shown = hmac.new(opening.blinding, opening.value.encode(), hashlib.sha256).hexdigest()
    return (
        opening.pointer.startswith("/records/") and isinstance(committed, str) and committed.removeprefix("0x") == shown
    )


def _at_pointer(value: Any, pointer: str) -> Any:
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and _INDEX.fullmatch(name) and int(name) < len(value):
            value = value[int(name)]
        else:
            return None
    return value


def _is_recorded(case: Case, content: Content) -> bool:
    """A raw CID must hold the file's SHA-256, and a shown record or event must name the file."""
    digest = cid_digest(content.cid)
    if digest is not None and digest != content.sha256:
        return False
    if any(_mentions(one.payload, content.cid) for one in case.records):
        return True
    return any(content.sha256 in entry.data for entry in case.log.entries.values() if entry.data is not None)


def _mentions(value: Any, text: str) -> bool:
    if isinstance(value, dict):
        return any(_mentions(member, text) for member in value.values())
    if isinstance(value, list):
        return any(_mentions(member, text) for member in value)
    return bool(value == text)


def _stamps(token: bytes, message: bytes) -> bool:
    """Whether the token's message imprint is the checkpoint's text.

    Nothing is built on a time stamp: whether its authority is trusted is asked where its roots are at hand.
    """
    imprint = hashlib.sha256(message).digest()
    return token[:1] == b"\x30" and any(form + imprint in token for form in _IMPRINTS)
