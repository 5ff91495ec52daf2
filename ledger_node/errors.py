"""Everything we expect to go wrong.

LedgerError                 root; anything else that escapes is a bug
├── ConfigurationWrong      a setting, file or key that cannot be used
│
├── ProofError              (proofs)
│   ├── MerkleProofWrong    a path, node list or consistency proof that leads elsewhere or is malformed
│   ├── SumOverflow         a sum at or past 2^128
│   ├── LogEntryMalformed   bytes that are no entry of the checkpoint log
│   ├── NoteMalformed       a checkpoint note that cannot be read
│   ├── KeyTextWrong        a vkey whose name, id and key do not fit
│   ├── PolicyWrong         a line of a log policy that breaks its rules
│   ├── NetworkFileWrong    a network file that cannot be the trust anchor
│   ├── BundleWrong         a proof bundle refused before anything in it is checked
│   ├── EventMalformed      an event of ours whose data do not decode
│   └── KeptFileWrong       the file of kept checkpoints cannot be read or written
├── EnvelopeMalformed       (records) an envelope, frame or payload that cannot be read, with the JSON pointer
│   └── EnvelopeTooLarge    a size, count or depth over its limit
│
│   (each part adds its branch below, in its own section)
"""


class LedgerError(Exception):
    """Root of every expected failure; anything else is a bug."""


class ConfigurationWrong(LedgerError):
    """A setting, file or key cannot be used."""

    def __init__(self, what: str, why: str, remedy: str) -> None:
        super().__init__(f"{what}: {why}. {remedy}")
        self.what = what
        self.why = why
        self.remedy = remedy


# --- proofs -----------------------------------------------------------------------------------------------------------


class ProofError(LedgerError):
    """Something that should prove a claim does not."""


class MerkleProofWrong(ProofError):
    """A path, node list or consistency proof leads to another root, or is malformed."""


class SumOverflow(ProofError):
    """A sum of amounts or masses is negative or reaches 2^128."""

    def __init__(self, total: int) -> None:
        super().__init__(f"the sum {total} does not fit 128 bits")
        self.total = total


class LogEntryMalformed(ProofError):
    """Bytes that are no entry of the checkpoint log."""


class NoteMalformed(ProofError):
    """A checkpoint note cannot be read."""


class KeyTextWrong(ProofError):
    """A vkey's name, id and key do not fit together."""

    def __init__(self, text: str, why: str) -> None:
        super().__init__(f"{text[:120]}: {why}")
        self.text = text
        self.why = why


class PolicyWrong(ProofError):
    """A line of a log policy breaks its rules."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"line {line}: {why}")
        self.line = line
        self.why = why


class NetworkFileWrong(ProofError):
    """A network file cannot serve as the trust anchor."""

    def __init__(self, pointer: str, why: str) -> None:
        super().__init__(f"{pointer or 'network file'}: {why}")
        self.pointer = pointer
        self.why = why


class BundleWrong(ProofError):
    """A proof bundle is refused in step 1 or 2: `code` malformed, not_canonical or bad_member."""

    def __init__(self, code: str, why: str, *, pointer: str = "", byte: int = 0) -> None:
        super().__init__(f"{code} {pointer}: {why}")
        self.code = code
        self.why = why
        self.pointer = pointer
        self.byte = byte


class EventMalformed(ProofError):
    """An event that claims to be ours has topics or data that do not decode."""


class KeptFileWrong(ProofError):
    """The file of kept checkpoints cannot be read or written."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path = path
        self.why = why


# --- records ----------------------------------------------------------------------------------------------------------


class EnvelopeMalformed(LedgerError):
    """An envelope, frame or payload that cannot be read; `pointer` is the JSON pointer of the first fault."""

    def __init__(self, pointer: str, why: str, *limits: int) -> None:
        super().__init__(f"{pointer or 'the message'}: {' '.join((why, *map(str, limits)))}")
        self.pointer = pointer
        self.why = why
        self.limits = limits


class EnvelopeTooLarge(EnvelopeMalformed):
    """A size, count or depth over its limit."""

    def __init__(self, pointer: str, why: str, limit: int) -> None:
        super().__init__(pointer, why, limit)
        self.limit = limit


# --- contracts and chain ----------------------------------------------------------------------------------------------

# --- content ----------------------------------------------------------------------------------------------------------

# --- sealing ----------------------------------------------------------------------------------------------------------

# --- indexer and checkpoints ------------------------------------------------------------------------------------------

# --- devices and gateways ---------------------------------------------------------------------------------------------

# --- queries ----------------------------------------------------------------------------------------------------------
