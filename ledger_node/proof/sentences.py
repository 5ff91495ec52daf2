"""The catalogue of sentences that verifications speak, in English and Chinese: `sentences.json`.

The page's verifier reads the same file. Values are words of the catalogue where it has them, else shown as they are.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

LANGUAGES: Final = ("en", "zh")


@cache
def catalogue() -> Mapping[str, Any]:
    """The whole catalogue."""
    found: dict[str, Any] = json.loads(files("ledger_node.proof").joinpath("sentences.json").read_text("utf-8"))
    return found


def sentence(code: str, values: Mapping[str, Any]) -> dict[str, str]:
    """The sentence of a code (or of `unasked`, `unproven`, `unread`) by language."""
    forms = catalogue()["codes"].get(code) or catalogue()[code]
    return {language: _fill(forms[language], values, language) for language in LANGUAGES}


def question_text(question: int) -> dict[str, str]:
    """One of the ten questions by language."""
    found: dict[str, str] = catalogue()["questions"][str(question)]
    return found


def step_text(step: int) -> dict[str, str]:
    """What one of the eighteen steps does, by language."""
    found: dict[str, str] = catalogue()["steps"][str(step)]
    return found


def question_sentence(question: int, facts: Mapping[str, Any]) -> dict[str, str]:
    """What a "yes" to a question says, by language."""
    name = "5.none" if question == 5 and not facts.get("required") else str(question)
    forms = catalogue()["yes"][name]
    return {language: _fill(forms[language], facts, language) for language in LANGUAGES}


def _fill(form: str, values: Mapping[str, Any], language: str) -> str:
    words = catalogue()["words"]
    shown = {
        name: words[value][language] if isinstance(value, str) and value in words else value
        for name, value in values.items()
    }
    return form.format_map(_Shown(shown))


class _Shown(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"
