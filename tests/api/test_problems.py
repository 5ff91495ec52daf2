"""Every expected failure has a status and a sentence, and is answered as a problem or as a page."""

import importlib
import pkgutil
from collections.abc import Iterator

import pytest

import ledger_node
import oracles
from api import problems
from ledger_node import errors
from ledger_node.errors import LedgerError
from tests.api.conftest import Api


def every_failure() -> list[type[LedgerError]]:
    """All LedgerErrors of all packages, generated ones included."""
    for package in (ledger_node, oracles):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" not in module.name:
                importlib.import_module(module.name)
    return list(_below(LedgerError))


def _below(one: type[LedgerError]) -> Iterator[type[LedgerError]]:
    for child in one.__subclasses__():
        yield child
        yield from _below(child)


def test_every_ledger_error_has_a_status_below_the_root() -> None:
    failures = every_failure()
    assert len(failures) > 60
    for failure in failures:
        named = [one for one in failure.__mro__ if one in problems.STATUS and one is not LedgerError]
        assert named, f"{failure.__name__} has no status in api.problems.STATUS"
        assert 200 <= problems.status_of(failure) < 600


def test_every_ledger_error_has_a_title_of_one_sentence() -> None:
    for failure in every_failure():
        title = problems.title_of(failure)
        assert title.endswith("."), failure
        assert title[0].isupper(), failure
        assert "\n" not in title


def test_a_failure_is_a_problem_for_programs(api: Api) -> None:
    answer = api.client.get("/api/v1/records/" + "ab" * 32)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "name": "0x" + "ab" * 32,
        "type": "urn:tidemark:problem:RecordNotFound",
        "title": "No record has this hash.",
        "status": 404,
        "detail": f"no record '0x{'ab' * 32}' is known here",
        "instance": "/api/v1/records/" + "ab" * 32,
    }


@pytest.mark.parametrize(("language", "word"), [("en", "No such weighing"), ("zh-CN", "没有找到这次称重")])
def test_the_same_failure_is_a_page_for_people(api: Api, language: str, word: str) -> None:
    answer = api.client.get("/t/7ZQ4M8RC2KX9TB5WE", headers={"Accept": "text/html", "Accept-Language": language})
    assert answer.status_code == 404
    assert word in answer.text
    assert answer.headers["content-type"].startswith("text/html")


def test_a_value_of_the_wrong_form_is_named(api: Api) -> None:
    answer = api.client.get("/api/v1/records/xyz")
    assert answer.status_code == 422
    assert answer.json()["faults"][0]["pointer"] == "path/record_hash"


def test_a_page_that_does_not_exist_and_a_method_that_does_not_are_problems_too(api: Api) -> None:
    assert api.client.get("/api/v1/nothing").json()["type"].endswith(":PageNotFound")
    refused = api.client.delete("/api/v1/records")
    assert refused.status_code == 405
    assert refused.json()["type"] == "urn:tidemark:problem:HttpMethodNotAllowed"


def test_large_numbers_and_bytes_survive_as_text() -> None:
    failure = errors.RecordNotYetProven(b"\x01" * 32, "sealed")
    answer = problems.answer_to(failure)
    assert answer.members["record_hash"] == "0x" + "01" * 32
    assert answer.headers["Retry-After"] == "2"
    assert problems.answer_to(errors.BodyTooLarge(1 << 60)).members["limit_bytes"] == str(1 << 60)


def test_what_is_wrong_with_our_own_set_up_is_not_told() -> None:
    answer = problems.answer_to(errors.ConfigurationWrong("/etc/secret", "bad", "fix"))
    assert answer.status == 500
    assert answer.detail == ""
    assert answer.members == {}
