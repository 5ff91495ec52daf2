"""One catalogue: both languages hold the same, templates hold no sentence, nothing is said that is not in it."""

import re
from pathlib import Path
from string import Formatter

import pytest

from api.messages import LANGUAGES, catalogue, message, messages_under
from api.settings import STATIC, TEMPLATES

TEMPLATE_FILES = sorted(TEMPLATES.rglob("*.html"))
_NOT_TEXT = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<[^>]*>", re.DOTALL)
_CLASS_BLOCK = re.compile(r"\{% block body_class %\}.*?\{% endblock %\}")
_ALLOWED = {"Tidemark", "JSON", "tidemark", "verify", "FILE", "network", "json"}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_hold_the_same_keys_with_the_same_placeholders() -> None:
    chinese, english = (catalogue(language) for language in LANGUAGES)
    assert chinese.keys() == english.keys()
    for key, text in chinese.items():
        if not key.endswith(".one"):
            assert placeholders(text) == placeholders(english[key]), key
        assert text.strip(), key
        assert english[key].strip(), key


@pytest.mark.parametrize("path", TEMPLATE_FILES, ids=lambda path: path.name)
def test_no_sentence_stands_in_a_template(path: Path) -> None:
    said = _NOT_TEXT.sub(" ", _CLASS_BLOCK.sub(" ", path.read_text()))
    words = set(re.findall(r"[A-Za-z\u4e00-\u9fff]{2,}", said))
    assert words <= _ALLOWED, f"{path.name} says {words - _ALLOWED}"


@pytest.mark.parametrize("path", TEMPLATE_FILES, ids=lambda path: path.name)
def test_every_message_that_a_template_asks_for_exists(path: Path) -> None:
    known = catalogue("en")
    for key in re.findall(r"\bt\(\s*['\"]([\w.-]+)['\"]\s*[,)]", path.read_text()):
        assert key in known or f"{key}.other" in known, key


def test_every_message_is_asked_for_somewhere() -> None:
    sources = [*TEMPLATES.rglob("*.html"), *TEMPLATES.parent.rglob("*.py"), *(STATIC / "js").glob("*.js")]
    text = "\n".join(path.read_text() for path in sources if "messages" not in path.parts)
    used = set(re.findall(r"[\"'`]([\w.-]+)(?:[\"'`$]|\{)", text))
    prefixes = {key.removesuffix(".").rpartition(".")[0] + "." for key in used if "." in key} | {
        "check.", "chart.", "scan.script.", "live.script.",
    }  # fmt: skip
    tables = set(re.findall(r"word\(\s*[\"']([\w.]+)[\"']", text))
    for key in catalogue("en"):
        base = key.removesuffix(".one").removesuffix(".other")
        start = base.rpartition(".")[0]
        known = base in used or start in tables or any(base.startswith(one) for one in prefixes)
        assert known, f"{key} is never said"


def test_the_number_chooses_the_form() -> None:
    assert message("en", "item.sentence.gaps", n=1) == "The way is on record, with one gap."
    assert message("en", "item.sentence.gaps", n=3) == "The way is on record, with 3 gaps."
    with pytest.raises(KeyError):
        message("en", "no.such.key")


def test_a_script_gets_its_own_messages_only() -> None:
    texts = messages_under("zh-CN", "scan.script")
    assert texts["looking"] == "正在寻找码……"
    assert "title" not in texts
