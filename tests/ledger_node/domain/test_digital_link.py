"""GS1's own vectors, the canonical form, and URNs."""

import json
from pathlib import Path
from typing import Any

import pytest

from ledger_node.domain.digital_link import (
    canonical_link,
    generate_digital_link,
    parse_bracketed,
    parse_digital_link,
)
from ledger_node.domain.epc_urn import canonical_identifier, link_to_urn, urn_to_link
from ledger_node.domain.identifier import is_canonical
from ledger_node.errors import IdentifierMalformed

VECTORS = Path(__file__).parents[4] / "shared/data/traceability/identifiers"
PARSE: list[dict[str, Any]] = json.loads((VECTORS / "digital-link-parse.json").read_text())["parse"]
GENERATE: list[dict[str, Any]] = json.loads((VECTORS / "digital-link-generate.json").read_text())["generate"]


def _options(vector: dict[str, Any]) -> dict[str, bool]:
    given = vector.get("options", {})
    return {
        "legacy": bool(given.get("permitConvenienceAlphas") or given.get("permitZeroSuppressedGTIN")),
        "unknown_ais": bool(given.get("permitUnknownAIs")),
    }


@pytest.mark.parametrize("vector", PARSE, ids=lambda one: one["uri"])
def test_a_uri_is_read_as_the_vector_says(vector: dict[str, Any]) -> None:
    if vector["ok"]:
        assert parse_digital_link(vector["uri"], **_options(vector)).element_string() == vector["element_string"]
    else:
        with pytest.raises(IdentifierMalformed):
            parse_digital_link(vector["uri"], **_options(vector))


@pytest.mark.parametrize("vector", GENERATE, ids=lambda one: one["element_string_bracketed"])
def test_a_uri_is_written_as_the_vector_says(vector: dict[str, Any]) -> None:
    def generate() -> str:
        elements = parse_bracketed(vector["element_string_bracketed"])
        return generate_digital_link(elements, vector["stem"], unknown_ais=_options(vector)["unknown_ais"])

    if vector["ok"]:
        assert generate() == vector["uri"]
    else:
        with pytest.raises(IdentifierMalformed):
            generate()


@pytest.mark.parametrize(
    ("uri", "canonical"),
    [
        ("https://example.com/01/04012345123456/10/L007?17=260401", "/01/04012345123456/10/L007"),
        ("http://a.example/x/y/01/04012345123456/22/2A/10/L/21/S?98=1ABC#f", "/01/04012345123456/21/S"),
        ("https://a/gtin/4012345123456/lot/L%2f1", "/01/04012345123456/10/L%2F1"),
        ("https://a/01/04012345123456/10/a!b%27c%3Bd", "/01/04012345123456/10/a%21b'c;d"),
        ("https://a/414/4012345000054/254/0", "/414/4012345000054/254/0"),
        ("https://a/8006/040123451234560102/10/L", "/8006/040123451234560102/10/L"),
        ("https://a/8010/ABC%2F1/8011/12", "/8010/ABC%2F1/8011/12"),
        ("https://a/8017/795260646688514634/8019/1", "/8017/795260646688514634"),
        ("https://a/01/04012345123457", "/01/04012345123457"),
    ],
)
def test_the_canonical_form_keeps_the_most_granular_level_alone(uri: str, canonical: str) -> None:
    assert canonical_link(uri) == "https://id.gs1.org" + canonical
    assert canonical_link(canonical_link(uri)) == canonical_link(uri)


@pytest.mark.parametrize(
    "uri",
    [
        "https://a/01/04012345123456?%00=1",
        "https://a/01/04012345123456/10/L%00",
        "https://a/01/04012345123456/10/L%2",
        "https://a/01/04012345123457",
        "https://a/01/04012345123456/21/S/10/L",
        "https://a/01/04012345123456/10/L/10/L",
        "https://a/01/04012345123456/10/123456789012345678901",
        "https://a/01/04012345123456/10/L?10=L",
        "https://a/01/04012345123456?21=S",
        "https://a/01/04012345123456?999=1",
        "https://a/01/04012345123456?17=999",
        "https://a/415/4012345000054",
        "https://a/8006/040123451234560201",
        "https://a//01/04012345123456",
        "https:///01/04012345123456",
    ],
)
def test_what_breaks_the_standard_is_refused(uri: str) -> None:
    with pytest.raises(IdentifierMalformed):
        parse_digital_link(uri)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("https://id.gs1.org/01/09506000134352/10/L2026-0301", True),
        ("https://id.gs1.org/01/09506000134353/10/L2026-0301", False),
        ("https://id.gs1.org/01/9506000134352/10/L2026-0301", False),
        ("https://id.gs1.org/01/09506000134352/22/A", False),
        ("https://id.gs1.org/01/09506000134352/10/A/21/B", False),
        ("https://id.gs1.org/01/09506000134352/10/a%2fb", False),
        ("https://id.gs1.org/01/09506000134352/10/a%2Fb", True),
        ("https://id.gs1.org/01/09506000134352/10/a%41", False),
        ("https://ID.gs1.org/01/09506000134352", False),
        ("https://id.gs1.org/01/09506000134352/", False),
        ("https://id.gs1.org/01/09506000134352?17=260401", False),
        ("https://id.gs1.org/415/4012345000054/8020/1", False),
    ],
)
def test_only_the_canonical_text_is_canonical(text: str, is_one: bool) -> None:
    assert is_canonical(text) == is_one


URNS = [
    ("urn:epc:id:sgtin:4012345.012345.S1", "/01/04012345123456/21/S1"),
    ("urn:epc:class:lgtin:4012345.012345.L007", "/01/04012345123456/10/L007"),
    ("urn:epc:idpat:sgtin:4012345.012345.*", "/01/04012345123456"),
    ("urn:epc:id:upui:4012345.012345.X%2F1", "/01/04012345123456/235/X%2F1"),
    ("urn:epc:id:sscc:4012345.0123456789", "/00/040123451234567894"),
    ("urn:epc:id:sgln:4012345.00005.0", "/414/4012345000054"),
    ("urn:epc:id:sgln:4012345.00005.400", "/414/4012345000054/254/400"),
    ("urn:epc:id:pgln:4012345.00005", "/417/4012345000054"),
    ("urn:epc:id:grai:4012345.55555.9876", "/8003/040123455555549876"),
    ("urn:epc:id:giai:4012345.A1", "/8004/4012345A1"),
    ("urn:epc:id:gsrn:4012345.0000000001", "/8018/401234500000000012"),
    ("urn:epc:id:gsrnp:4012345.0000000001", "/8017/401234500000000012"),
    ("urn:epc:id:gdti:4012345.55555.1", "/253/40123455555541"),
    ("urn:epc:id:sgcn:4012345.55555.1", "/255/40123455555541"),
    ("urn:epc:id:cpi:4012345.AB%2F1.12", "/8010/4012345AB%2F1/8011/12"),
    ("urn:epc:id:ginc:4012345.x", "/401/4012345x"),
]


@pytest.mark.parametrize(("urn", "link"), URNS)
def test_a_urn_becomes_its_link_and_comes_back(urn: str, link: str) -> None:
    whole = "https://id.gs1.org" + link
    assert urn_to_link(urn) == whole
    assert canonical_identifier(urn) == whole
    back = link_to_urn(whole)
    assert back is None or urn_to_link(back) == whole


def test_most_urns_come_back_as_they_were() -> None:
    same = [urn for urn, link in URNS if link_to_urn("https://id.gs1.org" + link) == urn]
    assert len(same) == len(URNS)


@pytest.mark.parametrize(
    "urn",
    [
        "urn:epc:id:sgtin:4012345.012345",
        "urn:epc:id:sgtin:4012345.01234.S1",
        "urn:epc:id:sgtin:40123x5.012345.S1",
        "urn:epc:id:bic:ABCU1234560",
        "urn:epc:class:sgtin:4012345.012345.S1",
        "urn:epc:idpat:sgtin:4012345.012345.S1",
        "urn:gdst:1",
    ],
)
def test_a_urn_that_breaks_its_scheme_is_refused(urn: str) -> None:
    with pytest.raises(IdentifierMalformed):
        urn_to_link(urn)
