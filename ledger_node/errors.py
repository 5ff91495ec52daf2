"""Everything we expect to go wrong.

LedgerError                 root; anything else that escapes is a bug
├── ConfigurationWrong      a setting, file or key that cannot be used
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
