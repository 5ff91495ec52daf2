"""The OpenAPI document is whole, and the API does what it says: no undocumented status, no 500."""

from collections.abc import Generator
from contextlib import suppress
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.generation import GenerationMode

from tests.api.conftest import an_app
from tests.support.a_seafood_market import SeafoodMarket
from tests.support.serving import serving


def no_fault_of_ours(_context: Any, response: Any, _case: Any) -> None:
    """503 is an answer in words, documented; 500 never is."""
    assert response.status_code != 500


CHECKS = [
    no_fault_of_ours,
    schemathesis.checks.status_code_conformance,
    schemathesis.checks.content_type_conformance,
    schemathesis.checks.response_schema_conformance,
]
_SETTINGS = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), database=None)
DOCUMENT = "/api/v1/openapi.json"


@pytest.fixture(scope="module")
def served(market: SeafoodMarket) -> Generator[str]:
    with serving(an_app(market)) as url:
        yield url


@pytest.fixture(scope="module")
def document(served: str) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(served + DOCUMENT).json()
    return found


@pytest.mark.parametrize(
    "tag", ["records", "sales", "lots", "devices", "chain", "markets", "files", "health", "ingest"]
)
def test_the_api_does_what_its_document_says(served: str, tag: str) -> None:
    schema = schemathesis.openapi.from_url(served + DOCUMENT).include(tag=tag).exclude(path_regex="/live$")
    operations = [found.ok() for found in schema.get_all_operations()]
    assert operations
    for operation in operations:
        _hold_to_its_word(operation)


def _hold_to_its_word(operation: Any) -> None:
    """Sends requests of every shape, right and wrong, and compares each answer with the document."""

    @given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
    @_SETTINGS
    def positive(case: Any) -> None:
        case.call_and_validate(checks=CHECKS)

    @given(case=operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
    @_SETTINGS
    def negative(case: Any) -> None:
        case.call_and_validate(checks=CHECKS)

    positive()
    with suppress(Unsatisfiable):
        negative()


def test_every_operation_says_what_it_does_and_how_it_fails(
    document: dict[str, dict[str, dict[str, dict[str, object]]]],
) -> None:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation["description"], f"{method} {path}"
            assert operation["tags"], f"{method} {path}"
            responses = operation["responses"]
            assert "200" in responses
            if path not in ("/healthz",):
                assert {"400", "422", "503"} <= responses.keys(), path
            assert "HTTPValidationError" not in str(operation)


def test_the_problem_is_a_schema_with_examples(document: dict[str, Any]) -> None:
    assert "Problem" in document["components"]["schemas"]
    proof = document["paths"]["/api/v1/records/{record_hash}/proof"]["get"]
    example = proof["responses"]["202"]["content"]["application/problem+json"]["example"]
    assert example["type"] == "urn:tidemark:problem:RecordNotYetProven"
    hash_parameter = proof["parameters"][0]
    assert hash_parameter["schema"]["examples"]
