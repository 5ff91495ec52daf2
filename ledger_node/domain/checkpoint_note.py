"""Checkpoints as C2SP signed notes: text, log signature, witnesses' cosignatures (`proofs.md` section 3).

A note's text is origin, size, root, then four extension lines of ours, once each and in this order: `chain`, `block`,
`subjects`, `actions`; lines after them are ignored. The log signs the text with a key of type 01 whose name is the
origin; a witness signs `cosignature/v1`, its time and the text with a key of type 04. Lines of unknown keys are
ignored, a line whose name and key id are known must verify. Which keys are known says a policy:
`ledger_node.domain.log_policy`.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ledger_node.domain.digest import sha256
from ledger_node.errors import KeyTextWrong, NoteMalformed

LOG_KEY_TYPE: Final = 1
WITNESS_KEY_TYPE: Final = 4
MAXIMUM_NOTE_BYTES: Final = 65_536
MAXIMUM_SIZE: Final = 2**63 - 1
MAXIMUM_LINES: Final = 128
_EXTENSIONS: Final = ("chain", "block", "subjects", "actions")
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,19}")
_BLOCK: Final = re.compile(r"(0|[1-9][0-9]{0,19}) 0x([0-9a-f]{64})")
_ACTIONS: Final = re.compile(r"(0|[1-9][0-9]{0,19}) (\S+)")
_DASH: Final = "\u2014 "


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """An Ed25519 key with its name, as a vkey writes it: name+key id+base64(type ‖ key)."""

    name: str
    key_type: int
    public_key: bytes

    @property
    def key_id(self) -> bytes:
        """First four bytes of SHA-256 of name ‖ 0A ‖ type ‖ key."""
        return sha256(self.name.encode() + b"\n" + bytes((self.key_type,)) + self.public_key)[:4]

    def vkey(self) -> str:
        """The key in writing."""
        encoded = base64.b64encode(bytes((self.key_type,)) + self.public_key).decode()
        return f"{self.name}+{self.key_id.hex()}+{encoded}"

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """Reads a vkey. Raises KeyTextWrong when name, id and key do not fit together."""
        parts = text.split("+", 2)
        if len(parts) != 3 or not is_key_name(parts[0]):
            raise KeyTextWrong(text, "not name+id+key")
        try:
            decoded = strict_base64(parts[2])
        except ValueError as wrong:
            raise KeyTextWrong(text, str(wrong)) from wrong
        if len(decoded) != 33 or decoded[0] not in (LOG_KEY_TYPE, WITNESS_KEY_TYPE):
            raise KeyTextWrong(text, "not an Ed25519 key of type 01 or 04")
        key = cls(parts[0], decoded[0], decoded[1:])
        if key.key_id.hex() != parts[1]:
            raise KeyTextWrong(text, f"its id would be {key.key_id.hex()}")
        return key

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Whether this key made the 64-byte signature over the message."""
        if len(signature) != 64:
            return False
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One line below a note: whose, which key id, and the bytes after the id."""

    name: str
    key_id: bytes
    signature: bytes

    def line(self) -> str:
        """The line with its newline."""
        return f"{_DASH}{self.name} {base64.b64encode(self.key_id + self.signature).decode()}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """What a checkpoint says. `root`, `block_hash`, `subjects`, `actions_head` have 32 bytes each."""

    origin: str
    size: int
    root: bytes
    chain_id: int
    block: int
    block_hash: bytes
    subjects: bytes
    actions: int = 0
    actions_head: bytes = field(default=sha256(b""))
    ignored: tuple[str, ...] = ()

    def text(self) -> str:
        """The text that is signed, final newline included."""
        lines = (
            self.origin,
            str(self.size),
            _base64(self.root),
            f"chain {self.chain_id}",
            f"block {self.block} 0x{self.block_hash.hex()}",
            f"subjects {_base64(self.subjects)}",
            f"actions {self.actions} {_base64(self.actions_head)}",
            *self.ignored,
        )
        return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A note with the lines below it, as they were read."""

    note: Note
    text: str
    lines: tuple[SignatureLine, ...]

    def whole(self) -> str:
        """The file: text, an empty line, the signature lines."""
        return self.text + "\n" + "".join(line.line() for line in self.lines)

    def of_key(self, key: VerifierKey) -> list[SignatureLine]:
        """The lines that claim this key by name and id."""
        return [line for line in self.lines if line.name == key.name and line.key_id == key.key_id]


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A witness's line: when it signed (unix seconds), and the 64 bytes."""

    time: int
    signature: bytes


class NoteSigner:
    """An Ed25519 key made from a 32-byte seed, signing under one name as log (01) or witness (04)."""

    def __init__(self, name: str, seed: bytes, key_type: int = LOG_KEY_TYPE) -> None:
        if not is_key_name(name):
            raise KeyTextWrong(name, "a key's name has no space and no +")
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        public = self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.key = VerifierKey(name, key_type, public)

    def sign(self, note_text: str) -> SignatureLine:
        """The log's line for a note."""
        return SignatureLine(self.key.name, self.key.key_id, self._private.sign(note_text.encode()))

    def cosign(self, note_text: str, *, time: int) -> SignatureLine:
        """A witness's line for a note: id ‖ time u64 ‖ signature."""
        signature = self._private.sign(cosigned_message(note_text, time))
        return SignatureLine(self.key.name, self.key.key_id, time.to_bytes(8, "big") + signature)


def sign_note(note: Note, signer: NoteSigner) -> SignedNote:
    """A note as the log publishes it, without witnesses yet."""
    text = note.text()
    return SignedNote(note, text, (signer.sign(text),))


def cosigned_message(note_text: str, time: int) -> bytes:
    """What a witness signs."""
    return f"cosignature/v1\ntime {time}\n".encode() + note_text.encode()


def log_signature_fits(signed: SignedNote, keys: Sequence[VerifierKey]) -> bool:
    """Whether a known log key signed, and no line of a known log key is wrong."""
    checks = [
        key.verifies(signed.text.encode(), line.signature)
        for key in keys
        if key.name == signed.note.origin
        for line in signed.of_key(key)
    ]
    return bool(checks) and all(checks)


def cosignatures_of(signed: SignedNote, key: VerifierKey) -> list[Cosignature] | None:
    """The witness's valid cosignatures, in order; None if a line of its name and id does not verify."""
    found: list[Cosignature] = []
    for line in signed.of_key(key):
        time, signature = int.from_bytes(line.signature[:8], "big"), line.signature[8:]
        if len(line.signature) != 72 or not key.verifies(cosigned_message(signed.text, time), signature):
            return None
        found.append(Cosignature(time, signature))
    return found


def parse_note(text: str) -> SignedNote:
    """Reads a signed checkpoint of ours. Raises NoteMalformed with the reason."""
    try:
        encoded = text.encode()
    except UnicodeEncodeError as wrong:
        raise NoteMalformed("not UTF-8") from wrong
    if len(encoded) > MAXIMUM_NOTE_BYTES:
        raise NoteMalformed(f"longer than {MAXIMUM_NOTE_BYTES} bytes")
    if any(character < " " and character != "\n" for character in text):
        raise NoteMalformed("a control character")
    parts = text.split("\n\n")
    if len(parts) != 2 or text.endswith("\n\n") or text.startswith("\n"):
        raise NoteMalformed("exactly one empty line must stand between text and signatures")
    body = parts[0] + "\n"
    return SignedNote(parse_text(body), body, parse_signature_lines(parts[1]))


def parse_text(text: str) -> Note:
    """Reads a note's text (final newline included)."""
    if not text.endswith("\n"):
        raise NoteMalformed("the text does not end with a newline")
    lines = text[:-1].split("\n")
    if any(not line for line in lines):
        raise NoteMalformed("an empty line in the text")
    if len(lines) < 7:
        raise NoteMalformed(f"{len(lines)} lines where at least 7 belong")
    if not is_key_name(lines[0]) or len(lines[0].encode()) > 255:
        raise NoteMalformed("an origin with a space, a + or over 255 bytes")
    values: list[str] = []
    for name, line in zip(_EXTENSIONS, lines[3:7], strict=True):
        if not line.startswith(name + " "):
            raise NoteMalformed(f"the line {name!r} is missing or out of order")
        values.append(line[len(name) + 1 :])
    ignored = tuple(lines[7:])
    if any(line.split(" ", 1)[0] in _EXTENSIONS for line in ignored):
        raise NoteMalformed("an extension line twice")
    block, actions = _BLOCK.fullmatch(values[1]), _ACTIONS.fullmatch(values[3])
    if block is None or actions is None:
        raise NoteMalformed("the line 'block' or 'actions' has another form")
    return Note(
        origin=lines[0],
        size=_number(lines[1], MAXIMUM_SIZE, "size"),
        root=_hash(lines[2], "root"),
        chain_id=_number(values[0], 2**64 - 1, "chain"),
        block=_number(block[1], 2**64 - 1, "block"),
        block_hash=bytes.fromhex(block[2]),
        subjects=_hash(values[2], "subjects"),
        actions=_number(actions[1], 2**64 - 1, "actions"),
        actions_head=_hash(actions[2], "actions"),
        ignored=ignored,
    )


def parse_signature_lines(text: str) -> tuple[SignatureLine, ...]:
    """Reads the lines below a note, or those a witness answers with. Each ends with a newline."""
    if not text.endswith("\n"):
        raise NoteMalformed("the last line does not end with a newline")
    raw = text[:-1].split("\n")
    if len(raw) > MAXIMUM_LINES:
        raise NoteMalformed(f"more than {MAXIMUM_LINES} signature lines")
    return tuple(_signature_line(line) for line in raw)


def is_key_name(name: str) -> bool:
    """Whether a key or log may be called so: not empty, no white space, no +, no control character."""
    return bool(name) and "+" not in name and not any(c.isspace() or c < "!" or c == "\x7f" for c in name)


def strict_base64(text: str) -> bytes:
    """Standard alphabet with padding and no spare bits set. Raises ValueError."""
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as wrong:
        raise ValueError("not base64") from wrong
    if base64.b64encode(decoded).decode() != text:
        raise ValueError("not canonical base64")
    return decoded


def _signature_line(line: str) -> SignatureLine:
    if not line.startswith(_DASH):
        raise NoteMalformed("a signature line does not begin with a dash")
    name, space, encoded = line[len(_DASH) :].partition(" ")
    if not space or not is_key_name(name):
        raise NoteMalformed("a signature line without name or signature")
    try:
        decoded = strict_base64(encoded)
    except ValueError as wrong:
        raise NoteMalformed(f"a signature line that is {wrong}") from wrong
    if len(decoded) < 5:
        raise NoteMalformed("a signature line without a signature")
    return SignatureLine(name, decoded[:4], decoded[4:])


def _number(text: str, maximum: int, what: str) -> int:
    if _NUMBER.fullmatch(text) is None or int(text) > maximum:
        raise NoteMalformed(f"{what} {text[:24]!r} is not a number in range")
    return int(text)


def _hash(text: str, what: str) -> bytes:
    try:
        value = strict_base64(text)
    except ValueError as wrong:
        raise NoteMalformed(f"{what} is {wrong}") from wrong
    if len(value) != 32:
        raise NoteMalformed(f"{what} has {len(value)} bytes")
    return value


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()
