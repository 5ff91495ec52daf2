"""Signed HTTP requests (RFC 9421) as a gateway posts frames with them: method, path and body digest, by a device key.

The signature base is hashed with SHA-256 and signed by the key in its usual form; no `alg` parameter is sent, because
`keyid`, a device name, tells the registry's key and its algorithm. Only the one shape written here is read.
"""

import base64
import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from ledger_node.domain.device_key import KeyType, Signer, verify_signature
from ledger_node.domain.digest import sha256
from ledger_node.errors import SignedMessageWrong

LIFE_SECONDS: Final = 300
_INPUT: Final = re.compile(
    r'sig=(\("@method" "@path" "content-digest"\);created=(\d{1,12});keyid="([A-Za-z0-9:/._-]{1,128})")'
)
_SIGNATURE: Final = re.compile(r"sig=:([A-Za-z0-9+/]+={0,2}):")


class SignatureClaim(NamedTuple):
    """What a request's headers claim; `base` is what must have been signed."""

    key_id: str
    created_at: int
    base: bytes
    signature: bytes


def sign_request(
    method: str, path: str, body: bytes, *, signer: Signer, key_id: str, created_at: int
) -> dict[str, str]:
    """The three headers; `created_at` in seconds."""
    parameters = f'("@method" "@path" "content-digest");created={created_at};keyid="{key_id}"'
    base = _base(method, path, _content_digest(body), parameters)
    signature = base64.b64encode(signer.sign(sha256(base))).decode()
    return {
        "Content-Digest": _content_digest(body),
        "Signature-Input": f"sig={parameters}",
        "Signature": f"sig=:{signature}:",
    }


def read_request(method: str, path: str, body: bytes, headers: Mapping[str, str]) -> SignatureClaim:
    """What the headers (lower-case names) claim. SignedMessageWrong when they are absent or not of this shape."""
    given = _INPUT.fullmatch(headers.get("signature-input", ""))
    signed = _SIGNATURE.fullmatch(headers.get("signature", ""))
    if given is None or signed is None:
        raise SignedMessageWrong("request", "not signed as RFC 9421 over method, path and content digest")
    if headers.get("content-digest") != _content_digest(body):
        raise SignedMessageWrong("request", "the content digest is not the body's")
    base = _base(method, path, _content_digest(body), given[1])
    return SignatureClaim(given[3], int(given[2]), base, base64.b64decode(signed[1]))


def verify_request(claim: SignatureClaim, key_type: KeyType, public_key: bytes, *, now_s: int) -> bool:
    """Whether the claimed device's key made the signature, within five minutes."""
    is_fresh = abs(now_s - claim.created_at) <= LIFE_SECONDS
    return is_fresh and verify_signature(key_type, public_key, sha256(claim.base), claim.signature)


def _content_digest(body: bytes) -> str:
    return f"sha-256=:{base64.b64encode(sha256(body)).decode()}:"


def _base(method: str, path: str, content_digest: str, parameters: str) -> bytes:
    lines = (
        f'"@method": {method}',
        f'"@path": {path}',
        f'"content-digest": {content_digest}',
        f'"@signature-params": {parameters}',
    )
    return "\n".join(lines).encode()
