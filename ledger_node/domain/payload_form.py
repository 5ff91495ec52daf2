"""Forms of payload members: small checks that answer a `Fault` or None, and the shapes built of them.

A check builds no text unless it fails, because ingest runs thirty of them for every sale.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

from ledger_node.domain.identifier import has_check_digit, is_canonical, is_trace_code
from ledger_node.errors import EnvelopeMalformed

AMOUNT_LIMIT: Final = (1 << 53) - 1
_ESCAPED: Final = str.maketrans({"~": "~0", "/": "~1"})
_ULID: Final = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
_COMMITMENT: Final = re.compile(r"0x[0-9a-f]{64}")
_CID: Final = re.compile(r"b[a-z2-7]{20,120}")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")


class Fault(NamedTuple):
    """Where (a JSON pointer from the checked value down) and why."""

    pointer: str
    why: str


Form = Callable[[Any], Fault | None]


@dataclass(frozen=True, slots=True)
class Shape:
    """An object's members by name; those in `optional` may be absent."""

    required: Mapping[str, Form]
    optional: Mapping[str, Form] = field(default_factory=dict[str, Form])

    def __call__(self, value: Any) -> Fault | None:
        if type(value) is not dict:
            return Fault("", "not an object")
        required, optional = self.required, self.optional
        met = 0
        for name, member in value.items():
            form = required.get(name)
            if form is not None:
                met += 1
            else:
                form = optional.get(name)
                if form is None:
                    return Fault(f"/{name.translate(_ESCAPED)}", "unknown member")
            fault = form(member)
            if fault is not None:
                return Fault(f"/{name}{fault.pointer}", fault.why)
        if met != len(required):
            missing = next(name for name in required if name not in value)
            return Fault(f"/{missing}", "is missing")
        return None

    def check(self, value: Any, pointer: str) -> None:
        """EnvelopeMalformed at the first fault; `pointer` is where `value` stands."""
        fault = self(value)
        if fault is not None:
            raise EnvelopeMalformed(pointer + fault.pointer, fault.why)

    def with_optional(self, **more: Form) -> "Shape":
        """The same shape with more members that may be absent."""
        return Shape(self.required, {**self.optional, **more})


def integer(lowest: int = 0, highest: int = AMOUNT_LIMIT) -> Form:
    """An integer of a range; booleans are none."""
    fault = Fault("", f"not an integer from {lowest} to {highest}")

    def form(value: Any) -> Fault | None:
        return None if type(value) is int and lowest <= value <= highest else fault

    return form


def text(longest: int, shortest: int = 1) -> Form:
    """Text of a length in characters, none of them NUL, which databases cannot hold."""
    fault = Fault("", f"not text of {shortest} to {longest} characters")

    def form(value: Any) -> Fault | None:
        return None if type(value) is str and shortest <= len(value) <= longest and "\0" not in value else fault

    return form


def digits(most: int) -> Form:
    """A number written in digits, which may begin with zeros."""
    return matching(re.compile(f"[0-9]{{1,{most}}}"), f"1 to {most} digits")


def word(*words: str) -> Form:
    """One of a list of words."""
    allowed = frozenset(words)
    fault = Fault("", f"not one of {', '.join(words)}")

    def form(value: Any) -> Fault | None:
        return None if type(value) is str and value in allowed else fault

    return form


def matching(pattern: re.Pattern[str], what: str) -> Form:
    """Text of a pattern."""
    fault = Fault("", f"not {what}")

    def form(value: Any) -> Fault | None:
        return None if type(value) is str and pattern.fullmatch(value) is not None else fault

    return form


def said_by(check: Callable[[str], bool], what: str) -> Form:
    """Text that `check` says is right."""
    fault = Fault("", f"not {what}")

    def form(value: Any) -> Fault | None:
        return None if type(value) is str and check(value) else fault

    return form


def nullable(form: Form) -> Form:
    """Null, or what `form` wants."""

    def either(value: Any) -> Fault | None:
        return None if value is None else form(value)

    return either


def listed(form: Form, longest: int, shortest: int = 0) -> Form:
    """A list of a length whose members `form` accepts."""
    fault = Fault("", f"not a list of {shortest} to {longest}")

    def each(value: Any) -> Fault | None:
        if type(value) is not list or not shortest <= len(value) <= longest:
            return fault
        for place, member in enumerate(value):
            wrong = form(member)
            if wrong is not None:
                return Fault(f"/{place}{wrong.pointer}", wrong.why)
        return None

    return each


def keyed(form: Form, most: int) -> Form:
    """An object with names of its own, whose members `form` accepts."""
    fault = Fault("", f"not an object of at most {most} members")

    def each(value: Any) -> Fault | None:
        if type(value) is not dict or len(value) > most:
            return fault
        for name, member in value.items():
            wrong = form(member)
            if wrong is not None:
                return Fault(f"/{name.translate(_ESCAPED)}{wrong.pointer}", wrong.why)
        return None

    return each


def boolean(value: Any) -> Fault | None:
    """true or false."""
    return None if type(value) is bool else Fault("", "not a boolean")


def anything(value: Any) -> Fault | None:
    """Any JSON that may be signed."""
    del value
    return None


@lru_cache(maxsize=4096)
def _is_gtin(value: str) -> bool:
    return len(value) == 14 and has_check_digit(value)


@lru_cache(maxsize=4096)
def _is_time(value: str) -> bool:
    if _TIME.fullmatch(value) is None:
        return False
    try:
        read_time_ms(value)
    except ValueError:
        return False
    return True


def _is_date(value: str) -> bool:
    if _DATE.fullmatch(value) is None:
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def read_time_ms(value: str) -> int:
    """Milliseconds since 1970 of an RFC 3339 time with offset; digits below a millisecond are dropped."""
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError(f"{value} has no offset")
    try:
        moment = moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{value} is outside the years 1 to 9999 of UTC") from error
    return round(moment.replace(microsecond=0).timestamp()) * 1000 + moment.microsecond // 1000


ULID: Final = matching(_ULID, "a ULID")
COMMITMENT: Final = matching(_COMMITMENT, "32 bytes as lower-case 0x hex")
CID: Final = matching(_CID, "a CIDv1 in base32")
CURRENCY: Final = matching(_CURRENCY, "an ISO 4217 code")
TIME: Final = said_by(_is_time, "an RFC 3339 time with offset")
DATE: Final = said_by(_is_date, "a date")
LOT_ID: Final = said_by(is_canonical, "a canonical GS1 Digital Link")
GTIN: Final = said_by(_is_gtin, "a GTIN-14 with its check digit")
TRACE_CODE: Final = said_by(is_trace_code, "a trace code of 17 characters")
COUNT: Final = integer()
SIGNED: Final = integer(-AMOUNT_LIMIT)
MOMENT_MS: Final = integer(1)
