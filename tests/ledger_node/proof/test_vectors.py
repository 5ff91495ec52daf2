"""Every vector gives its code in Python and in JavaScript, and the stored files are those that the generator writes."""

import subprocess
from collections import Counter
from pathlib import Path

import pytest

from ledger_node.domain.checkpoint_note import parse_note
from ledger_node.proof.findings import STEP_CODES
from ledger_node.proof.verify import verify
from scripts.build_verifier import outputs
from tests.support.proof_vectors import FOLDER, Base, read_cases, vector_files

ROOT = Path(__file__).resolve().parents[3]
CASES = read_cases()


@pytest.mark.parametrize(("bundle", "base", "code"), [pytest.param(*case[1:], id=case[0]) for case in CASES])
def test_a_vector_gives_its_code(bundle: bytes, base: Base, code: str | None) -> None:
    kept = None if base.kept is None else parse_note(base.kept)
    found = verify(bundle, base.network, now=base.now, kept=kept)
    assert (found.findings[0].code if found.findings else None) == code
    assert found.is_verified() == (code is None)


def test_there_are_enough_vectors_and_every_code_is_among_them() -> None:
    codes = Counter(case[3] for case in CASES)
    assert len(CASES) >= 120
    assert codes.total() - codes[None] >= 2 * codes.total() / 3
    assert {code for codes_of_step in STEP_CODES.values() for code in codes_of_step} <= codes.keys()


def test_the_stored_vectors_are_what_the_generator_writes() -> None:
    files = vector_files()
    assert {path.name for path in FOLDER.glob("*.json")} == files.keys()
    for name, text in files.items():
        assert (FOLDER / name).read_text("utf-8") == text, f"{name}: python -m tests.support.proof_vectors"


def test_the_built_verifier_is_that_of_its_sources() -> None:
    for path, content in outputs().items():
        assert path.read_bytes() == content, f"{path.name}: python -m scripts.build_verifier"


def test_javascript_gives_every_vector_its_code() -> None:
    done = subprocess.run(
        ["node", "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON", "--test", "tests/verifier/vectors.test.mjs"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    assert f"# pass {len(CASES) + len(list(FOLDER.glob('*.json'))) - 1}" in done.stdout
