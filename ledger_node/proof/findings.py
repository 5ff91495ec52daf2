"""What a verification found: steps with codes, and the answers to the ten questions (`proofs.md` sections 1 and 4).

A step that fails answers its question; the rest still run where they can. Codes never change; sentences come from
`sentences.json`, which the page shares.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from ledger_node.proof.bundle import BundleKind
from ledger_node.proof.sentences import question_sentence, sentence

STEP_CODES: Final[Mapping[int, tuple[str, ...]]] = {
    1: ("malformed", "not_canonical"),
    2: ("bad_member",),
    3: ("checkpoint_malformed", "log_unknown"),
    4: ("log_signature_bad",),
    5: ("cosignature_bad", "quorum_missing"),
    6: ("checkpoint_stale",),
    7: ("history_split",),
    8: ("entry_not_in_log",),
    9: ("pin_foreign", "stream_differs"),
    10: ("payload_altered", "signature_bad"),
    11: ("history_incomplete",),
    12: ("key_not_valid", "metrology_expired"),
    13: ("sum_not_of_record", "record_not_in_batch", "sums_differ"),
    14: ("verdict_not_accepted",),
    15: ("times_do_not_fit",),
    16: ("voided", "recalled", "superseded", "revoked", "disputed"),
    17: ("left_out",),
    18: ("opening_wrong", "content_altered", "timestamp_bad"),
}
STEPS: Final = tuple(STEP_CODES)
QUESTIONS: Final = tuple(range(1, 11))
_BASE_STEPS: Final = frozenset({3, 4, 8})
_RESTING_ON_THE_LOG: Final = frozenset({2, 3, 4, 6, 7, 8, 10})


class Say(StrEnum):
    """An answer."""

    YES = "yes"
    NO = "no"
    CANNOT_TELL = "cannot tell"


class Role(StrEnum):
    """Who asks; a consumer does not ask question 10."""

    CONSUMER = "consumer"
    BANK = "bank"
    AUDITOR = "auditor"


VERIFIED: Final = 0
REFUSED: Final = 1
MALFORMED: Final = 2
UNDECIDED: Final = 3
TWO_PASTS: Final = 4
UNREADABLE: Final = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a step found wrong (`say` no) or could not decide, and the questions it touches."""

    step: int
    code: str
    say: Say
    questions: frozenset[int]
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Step:
    """One of the eighteen: passed (True), failed (False), or not decided by what was given (None)."""

    step: int
    ok: bool | None
    code: str | None
    sentences: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one question, in English (`en`) and Chinese (`zh`)."""

    question: int
    answer: Say
    code: str | None
    sentences: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Verification:
    """The outcome. `facts` are what was proven, for pages to show; `asked` the questions this file can raise."""

    kind: BundleKind | None
    answers: tuple[Answer, ...]
    steps: tuple[Step, ...]
    findings: tuple[Finding, ...]
    asked: frozenset[int]
    facts: Mapping[str, Any]

    def is_verified(self, role: Role = Role.CONSUMER) -> bool:
        """Every question required of the role is yes, and none is no."""
        return self.exit_code(role) == VERIFIED

    def exit_code(self, role: Role = Role.CONSUMER) -> int:
        """0 verified, 1 some answer is no, 2 malformed, 3 only "cannot tell", 4 two pasts."""
        codes = {finding.code for finding in self.findings}
        if codes & {"malformed", "not_canonical", "bad_member"}:
            return MALFORMED
        if "history_split" in codes:
            return TWO_PASTS
        if any(answer.answer is Say.NO for answer in self.answers):
            return REFUSED
        required = self.asked - (frozenset({10}) if role is Role.CONSUMER else frozenset())
        if any(answer.answer is not Say.YES for answer in self.answers if answer.question in required):
            return UNDECIDED
        if role is not Role.CONSUMER and self.facts.get("run_is_shown") is False:
            return UNDECIDED
        return VERIFIED


def conclude(
    kind: BundleKind | None, findings: Sequence[Finding], asked: frozenset[int], facts: Mapping[str, Any]
) -> Verification:
    """The verification that the findings amount to."""
    return Verification(
        kind,
        tuple(_answer(question, findings, asked, facts) for question in QUESTIONS),
        tuple(_step(number, findings) for number in STEPS),
        tuple(findings),
        asked,
        facts,
    )


def _step(number: int, findings: Sequence[Finding]) -> Step:
    mine = [finding for finding in findings if finding.step == number]
    worst = next((one for one in mine if one.say is Say.NO), mine[0] if mine else None)
    if any(one.step <= 2 and one.step < number for one in findings):
        return Step(number, None, None, {})
    if worst is None:
        return Step(number, True, None, {})
    return Step(number, False if worst.say is Say.NO else None, worst.code, sentence(worst.code, worst.values))


def _answer(question: int, findings: Sequence[Finding], asked: frozenset[int], facts: Mapping[str, Any]) -> Answer:
    unread = next((one for one in findings if one.step <= 2), None)
    if unread is not None:
        return Answer(question, Say.CANNOT_TELL, unread.code, sentence("unread", {}))
    mine = [finding for finding in findings if question in finding.questions]
    worst = next((one for one in mine if one.say is Say.NO), mine[0] if mine else None)
    if worst is not None and (question in asked or worst.say is Say.NO):
        return Answer(question, worst.say, worst.code, sentence(worst.code, worst.values))
    if question not in asked:
        return Answer(question, Say.CANNOT_TELL, None, sentence("unasked", {}))
    base = next((one for one in findings if one.step in _BASE_STEPS and one.say is Say.NO), None)
    if base is not None and question in _RESTING_ON_THE_LOG:
        return Answer(question, Say.CANNOT_TELL, base.code, sentence("unproven", {}))
    return Answer(question, Say.YES, None, question_sentence(question, facts))
