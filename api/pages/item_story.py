"""What a consumer's page says about one sale, as values: banners, one sentence, the journey, tests, tank, scale.

Pure: from a story and a reader's words to what `item.html` shows. It states only what somebody signed; where nobody
did, it says so as a gap.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from api.formatting import parse_rfc3339, weight
from api.pages.render import Reader
from api.queries.lots import TestView
from api.queries.story import LotStory, SaleStory

COMPLETENESS_PERMILLE: Final = 950
Tone = Literal["bad", "warn", "note"]
Outcome = Literal["complete", "gaps", "disputed"]


@dataclass(frozen=True, slots=True)
class Banner:
    """Something a shopper must see first."""

    tone: Tone
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Step:
    """One stop of the journey, or a stretch that nobody recorded (`is_gap`)."""

    icon: str
    title: str
    when: str
    lines: Sequence[str]
    record_hash: str | None = None
    record_label: str = ""
    is_gap: bool = False


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate that came with a lot."""

    name: str
    issued: str
    grams: str
    cid: str | None
    record_hash: str | None


@dataclass(frozen=True, slots=True)
class TestCard:
    """One test in words."""

    __test__ = False

    project: str
    result: str
    result_word: str
    when: str
    method: str
    standard: str
    record_hash: str


@dataclass(frozen=True, slots=True)
class Told:
    """The story in words."""

    outcome: Outcome
    sentence: str
    gaps: Sequence[str]
    banners: Sequence[Banner]
    steps: Sequence[Step]
    certificates: Sequence[Certificate]
    is_wild: bool
    tests: Sequence[TestCard]


def tell(story: SaleStory, reader: Reader) -> Told:
    """The whole story in the reader's language."""
    gaps = [reader.t(f"item.gap.{one}") for one in gaps_of(story)]
    disputes = disputes_of(story)
    outcome: Outcome = "disputed" if disputes else "gaps" if gaps else "complete"
    return Told(
        outcome=outcome,
        sentence=reader.t(f"item.sentence.{outcome}", n=len(gaps)) if outcome == "gaps" else _sentence(outcome, reader),
        gaps=gaps,
        banners=_banners(story, reader),
        steps=_steps(story, reader),
        certificates=[one for lot in story.lots for one in _certificates(lot, reader)],
        is_wild=bool(story.lots) and all(_is_wild(lot.intake) for lot in story.lots),
        tests=[_test_card(test, reader) for test in _tests(story)],
    )


def gaps_of(story: SaleStory) -> list[str]:
    """What should be on record and is not, in the order of the journey."""
    intakes = [lot.intake for lot in story.lots]
    cold = story.cold
    checks = {
        "intake": bool(intakes),
        "harvest": all(one.get("production", {}).get("harvested_at") for one in intakes),
        "transport": all(_is_handed_over(lot) for lot in story.lots),
        "certificate": all(_is_certified(one) for one in intakes),
        "test": all(lot.tests for lot in story.lots),
        "cold": cold is not None,
        "temperature": cold is None or cold.measured.completeness_permille >= COMPLETENESS_PERMILLE,
    }
    return [name for name, is_there in checks.items() if not is_there]


def disputes_of(story: SaleStory) -> list[str]:
    """What contradicts the sale or the goods."""
    checks = {
        "verdict": not story.verdict.startswith("ACCEPTED"),
        "balance": "BALANCE_OVER" in story.marks,
        "lot": any(lot.lot.state in ("held", "recalled", "disputed") for lot in story.lots),
        "hold": any(hold.released_at is None for lot in story.lots for hold in lot.holds),
        "test": any(lot.tests and lot.tests[0].result == "FAIL" for lot in story.lots),
    }
    return [name for name, holds in checks.items() if holds]


def _sentence(outcome: Outcome, reader: Reader) -> str:
    return reader.t(f"item.sentence.{outcome}")


def _banners(story: SaleStory, reader: Reader) -> list[Banner]:
    def banner(tone: Tone, name: str, **values: object) -> Banner:
        return Banner(tone, reader.t(f"item.banner.{name}.title"), reader.t(f"item.banner.{name}.text", **values))

    found = list[Banner]()
    states = {lot.lot.state for lot in story.lots}
    holds = [hold for lot in story.lots for hold in lot.holds if hold.released_at is None]
    if "recalled" in states:
        found.append(banner("bad", "recalled"))
    elif holds:
        since = parse_rfc3339(holds[0].held_from)
        name = "held" if since > story.sold_at_ms else "held_before"
        found.append(banner("bad", name, when=reader.time(holds[0].held_from)))
    if story.sale.state == "voided":
        found.append(banner("warn", "voided"))
    elif story.sale.state == "refunded":
        found.append(banner("note", "refunded", grams=weight(story.sale.refunded_grams)))
    if not story.verdict.startswith("ACCEPTED"):
        found.append(banner("warn", "not_counted", reason=reader.word("reason", story.reason)))
    if story.scale is not None and story.scale.status_then != "ACTIVE":
        found.append(banner("warn", "scale", status=reader.word("device_status", story.scale.status_then)))
    return found


def _steps(story: SaleStory, reader: Reader) -> list[Step]:
    steps = list[Step]()
    for lot in story.lots:
        steps += _water(lot, reader)
        steps.append(_intake(lot, reader))
        steps += [_test_step(test, reader) for test in reversed(lot.tests[:3])]
    if not story.lots:
        steps.append(_gap("intake", reader))
    steps.append(_stall(story, reader))
    return steps


def _water(lot: LotStory, reader: Reader) -> list[Step]:
    production: dict[str, Any] = lot.intake.get("production") or {}
    if not production.get("harvested_at"):
        return [_gap("harvest", reader)]
    lines = list[str]()
    if area := production.get("catch_area"):
        lines.append(reader.t("item.step.area", area=reader.word("fao", str(area).removeprefix("urn:gdst:fao:"))))
    if source := production.get("source_ref"):
        name = reader.name("sources", source) or reader.t("source.unnamed", ref=source[2:8].upper())
        lines.append(reader.t(f"item.step.source.{production['method']}", name=name))
    origin = lot.intake.get("origin_name")
    if origin:
        lines.append(reader.t("item.step.origin", origin=origin))
    steps = [
        Step(
            icon="wave",
            title=reader.t(f"item.step.water.{production['method']}"),
            when=reader.time(parse_rfc3339(production["harvested_at"])),
            lines=lines,
            record_hash=lot.intake_record_hash,
            record_label=reader.t("item.said_by_intake"),
        )
    ]
    if not _is_handed_over(lot):
        steps.append(_gap("transport", reader))
    return steps


def _intake(lot: LotStory, reader: Reader) -> Step:
    lines = [reader.t("item.step.intake_grams", grams=weight(lot.lot.net_grams))]
    if number := lot.intake.get("quarantine_no"):
        lines.append(reader.t("item.step.quarantine", number=number))
    if (kind := _certificate_kind(lot.intake)) not in (None, "none"):
        lines.append(reader.t("item.step.with_certificate", name=reader.word("certificate", kind)))
    if lot.parents:
        lines.append(reader.t("item.step.parents", n=len(lot.parents)))
    return Step(
        icon="market",
        title=reader.t("item.step.intake", market=reader.market),
        when=reader.time(lot.lot.arrived_at),
        lines=lines,
        record_hash=lot.intake_record_hash,
        record_label=reader.t("item.record.intake"),
    )


def _test_step(test: TestView, reader: Reader) -> Step:
    return Step(
        icon="flask",
        title=reader.t("item.step.test", project=reader.word("project", test.project)),
        when=reader.time(test.tested_at),
        lines=[reader.word("result", test.result)],
        record_hash=test.record_hash,
        record_label=reader.t("item.record.test"),
    )


def _stall(story: SaleStory, reader: Reader) -> Step:
    sale = story.sale
    return Step(
        icon="scale",
        title=reader.t("item.step.sale", stall=reader.stall(sale.place_ref, sale.merchant_ref)),
        when=reader.time(sale.sold_at),
        lines=[reader.t("item.step.weighed", grams=weight(sale.net_grams), scale=sale.device.rpartition(":")[2])],
        record_hash=sale.record_hash,
        record_label=reader.t("item.record.sale"),
    )


def _gap(name: str, reader: Reader) -> Step:
    return Step("gap", reader.t(f"item.gap.{name}"), "", [reader.t(f"item.gap_text.{name}")], is_gap=True)


def _is_handed_over(lot: LotStory) -> bool:
    """Whether somebody accepted the lot from the one before, on chain, and nobody took that back."""
    return any(
        said.kind == "CustodyAccepted" and not said.voided and said.revoked_at is None for said in lot.attestations
    )


def _is_certified(intake: dict[str, Any]) -> bool:
    """Whether a certificate came with the lot; wild catch needs none (ministry order 4 of 2025)."""
    return _is_wild(intake) or _certificate_kind(intake) not in (None, "none")


def _is_wild(intake: dict[str, Any]) -> bool:
    production: dict[str, Any] = intake.get("production") or {}
    return production.get("method") == "wild"


def _certificate_kind(intake: dict[str, Any]) -> str | None:
    certificate: dict[str, Any] | None = intake.get("certificate")
    return None if certificate is None else str(certificate["kind"])


def _certificates(lot: LotStory, reader: Reader) -> list[Certificate]:
    said: dict[str, Any] | None = lot.intake.get("certificate")
    if said is None or said["kind"] == "none":
        return []
    issued, grams = said.get("issued_at"), said.get("net_grams")
    return [
        Certificate(
            name=reader.word("certificate", said["kind"]),
            issued="" if issued is None else reader.date(parse_rfc3339(issued)),
            grams="" if grams is None else weight(grams),
            cid=said.get("cid"),
            record_hash=lot.intake_record_hash,
        )
    ]


def _tests(story: SaleStory) -> list[TestView]:
    seen = {test.test_id: test for lot in story.lots for test in lot.tests}
    return sorted(seen.values(), key=lambda test: test.tested_at, reverse=True)[:6]


def _test_card(test: TestView, reader: Reader) -> TestCard:
    return TestCard(
        project=reader.word("project", test.project),
        result=test.result,
        result_word=reader.word("result", test.result),
        when=reader.time(test.tested_at),
        method=test.method_code,
        standard=test.limit_standard,
        record_hash=test.record_hash,
    )
