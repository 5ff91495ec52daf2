"""Which logs are accepted, and which witnesses must have cosigned: a C2SP tlog-policy text.

Lines are `log <vkey> [url]`, `witness <name> <vkey> [url]`, `group <name> <k|any|all> <member>…`, one `quorum <name>`;
names are defined before they are used, each may be a member of one group only, no key stands twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ledger_node.domain.checkpoint_note import LOG_KEY_TYPE, WITNESS_KEY_TYPE, VerifierKey
from ledger_node.errors import KeyTextWrong, PolicyWrong

NONE: Final = "none"
MAXIMUM_DEFINITIONS: Final = 96


@dataclass(frozen=True, slots=True)
class Group:
    """At least `threshold` of the members must have cosigned."""

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Quorum:
    """Whether enough have signed: `signed` of the `required`, and since when (unix seconds; None without witnesses)."""

    met: bool
    signed: int
    required: int
    since: int | None


@dataclass(frozen=True, slots=True)
class LogPolicy:
    """The parsed policy. `quorum` is "none" or the name of a witness or group."""

    text: str
    logs: tuple[VerifierKey, ...]
    witnesses: Mapping[str, VerifierKey]
    groups: Mapping[str, Group]
    quorum: str
    urls: Mapping[str, str]

    @property
    def has_witnesses(self) -> bool:
        """False for `quorum none`: nobody independent is asked."""
        return self.quorum != NONE

    def judge(self, times: Mapping[str, int]) -> Quorum:
        """Whether the witnesses that cosigned at these times meet the quorum, and the least time at which it is met."""
        if not self.has_witnesses:
            return Quorum(True, 0, 0, None)
        since = self._met_at(self.quorum, times)
        required = self.groups[self.quorum].threshold if self.quorum in self.groups else 1
        members = self.groups[self.quorum].members if self.quorum in self.groups else (self.quorum,)
        signed = sum(self._met_at(member, times) is not None for member in members)
        return Quorum(since is not None, signed, required, since)

    def _met_at(self, name: str, times: Mapping[str, int]) -> int | None:
        if name in self.witnesses:
            return times.get(name)
        group = self.groups[name]  # nested at most as deep as there are definitions
        met = sorted(at for member in group.members if (at := self._met_at(member, times)) is not None)
        return met[group.threshold - 1] if len(met) >= group.threshold else None


def parse_policy(text: str) -> LogPolicy:
    """Reads a policy. Raises PolicyWrong with the line's number."""
    return _Reader(text).read()


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.logs: list[VerifierKey] = []
        self.witnesses: dict[str, VerifierKey] = {}
        self.groups: dict[str, Group] = {}
        self.grouped: set[str] = set()
        self.urls: dict[str, str] = {}
        self.quorum: str | None = None
        self.number = 0

    def read(self) -> LogPolicy:
        for number, line in enumerate(self.text.split("\n"), start=1):
            self.number = number
            if any((c < " " and c != "\t") or c == "\x7f" for c in line):
                raise self._wrong("a control character")
            items = line.replace("\t", " ").split(" ")
            items = [item for item in items if item]
            if items and not items[0].startswith("#"):
                self._take(items[0], items[1:])
        if self.quorum is None:
            raise self._wrong("no quorum line")
        return LogPolicy(self.text, tuple(self.logs), self.witnesses, self.groups, self.quorum, self.urls)

    def _take(self, word: str, items: list[str]) -> None:
        if len(self.logs) + len(self.witnesses) + len(self.groups) >= MAXIMUM_DEFINITIONS:
            raise self._wrong(f"more than {MAXIMUM_DEFINITIONS} definitions")
        match word:
            case "log" if len(items) in (1, 2):
                key = self._key(items[0], LOG_KEY_TYPE, self.logs)
                self.logs.append(key)
                self._url(key.vkey(), items[1:])
            case "witness" if len(items) in (2, 3):
                self._new_name(items[0])
                self.witnesses[items[0]] = self._key(items[1], WITNESS_KEY_TYPE, list(self.witnesses.values()))
                self._url(items[0], items[2:])
            case "group" if len(items) >= 3:
                self._new_name(items[0])
                self.groups[items[0]] = Group(items[0], self._threshold(items[1], len(items) - 2), tuple(items[2:]))
                self._join(items[2:])
            case "quorum" if len(items) == 1:
                if self.quorum is not None:
                    raise self._wrong("a second quorum line")
                if items[0] != NONE and items[0] not in self.witnesses and items[0] not in self.groups:
                    raise self._wrong(f"{items[0]} is not defined above")
                self.quorum = items[0]
            case _:
                raise self._wrong(f"{word!r} is unknown or has the wrong number of items")

    def _key(self, vkey: str, key_type: int, known: list[VerifierKey]) -> VerifierKey:
        try:
            key = VerifierKey.parse(vkey)
        except KeyTextWrong as wrong:
            raise self._wrong(str(wrong)) from wrong
        if key.key_type != key_type:
            raise self._wrong(f"a key of type {key.key_type:02d} where {key_type:02d} belongs")
        if any(other.public_key == key.public_key for other in known):
            raise self._wrong("the same key twice")
        return key

    def _new_name(self, name: str) -> None:
        if name == NONE or name in self.witnesses or name in self.groups:
            raise self._wrong(f"the name {name} is taken")

    def _threshold(self, text: str, members: int) -> int:
        if text in ("any", "all"):
            return 1 if text == "any" else members
        if not (text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= members):
            raise self._wrong(f"{text} is not between 1 and {members}")
        return int(text)

    def _join(self, members: list[str]) -> None:
        for member in members:
            if member == NONE or (member not in self.witnesses and member not in self.groups):
                raise self._wrong(f"{member} is not defined above")
            if member in self.grouped:
                raise self._wrong(f"{member} is a member twice")
            self.grouped.add(member)

    def _url(self, name: str, items: list[str]) -> None:
        if items:
            self.urls[name] = items[0]

    def _wrong(self, why: str) -> PolicyWrong:
        return PolicyWrong(self.number, why)
