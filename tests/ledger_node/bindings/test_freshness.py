"""What is committed of artifacts and bindings is what the sources give now, byte by byte."""

from typing import Any

import pytest

from ledger_node.bindings.artifact import load_artifact
from scripts.compile_contracts import ARTIFACTS, CONTRACTS, FOREIGN, artifact_text, compile_contracts, is_current
from scripts.make_bindings import BINDINGS, bindings_texts, read_artifacts


@pytest.fixture(scope="module")
def compiled() -> dict[str, dict[str, Any]]:
    return compile_contracts()


def test_the_sources_are_those_that_were_compiled() -> None:
    assert is_current(), "run python -m scripts.compile_contracts and commit what it writes"


@pytest.mark.parametrize("name", [*CONTRACTS, *FOREIGN])
def test_the_committed_artifact_is_what_the_compiler_makes(compiled: dict[str, dict[str, Any]], name: str) -> None:
    assert artifact_text(compiled[name]) == (ARTIFACTS / f"{name}.json").read_text()


def test_the_committed_bindings_are_what_the_generator_writes() -> None:
    for name, text in bindings_texts(read_artifacts()).items():
        assert (BINDINGS / name).read_text() == text, name


@pytest.mark.parametrize("name", [*CONTRACTS, *FOREIGN])
def test_every_contract_fits_the_limit_of_code_size(name: str) -> None:
    assert 0 < len(load_artifact(name).deployed_bytecode) <= 24_576


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_error_of_ours_has_a_sentence(name: str) -> None:
    artifact = read_artifacts()[name]
    for entry in artifact["abi"]:
        if entry["type"] == "error" and entry["name"].startswith(OUR_PREFIXES):
            assert any(key.startswith(f"errors {entry['name']}(") for key in artifact["notices"]), entry["name"]
        elif entry["type"] == "error":
            assert entry["name"].startswith(LIBRARY_PREFIXES) or entry["name"] in FOREIGN_ERRORS, entry["name"]


OUR_PREFIXES = (
    "Party", "Device", "Pin", "Lot", "Attestation", "Certificate", "LabReport", "Custody", "Signature", "Proof",
)  # fmt: skip
LIBRARY_PREFIXES = ("AccessManage", "SafeCast", "InvalidShortString", "StringTooLong", "AccessDenied", "Insufficient")
FOREIGN_ERRORS = {
    "AccessCodeHashWrong", "AccessContractListed", "AddressEmptyCode", "FailedCall", "InsufficientBalance",
    "ECDSAInvalidSignature", "InvalidEAS", "InvalidLength", "NotPayable", "InsufficientValue",
}  # fmt: skip
