"""One catalogue of messages in two languages: what pages say. No sentence stands in a template.

`zh-CN.json` and `en.json` hold the same keys with the same `{placeholders}`. A key ending in `.one` is the singular of
the key ending in `.other`; which is taken follows from the argument `n`.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from api.register import Language

LANGUAGES: tuple[Language, ...] = ("zh-CN", "en")


@cache
def catalogue(language: Language) -> Mapping[str, str]:
    """All messages of one language."""
    texts: dict[str, str] = json.loads((Path(__file__).parent / f"{language}.json").read_text(encoding="utf-8"))
    return texts


def message(language: Language, key: str, /, **values: object) -> str:
    """The text of `key` with its placeholders filled; KeyError when there is none."""
    texts = catalogue(language)
    if key not in texts and "n" in values:
        key = f"{key}.one" if values["n"] in (1, "1") else f"{key}.other"
    return texts[key].format(**values)


def messages_under(language: Language, prefix: str) -> dict[str, str]:
    """The texts whose keys begin with `prefix.`, by the rest of the key: what a script on the page needs."""
    start = f"{prefix}."
    return {key[len(start) :]: text for key, text in catalogue(language).items() if key.startswith(start)}
