"""The story in words states what was signed, names what was not, and warns before anything else."""

from dataclasses import dataclass
from typing import Any

import pytest

from api.pages.item_story import disputes_of, gaps_of, tell
from api.pages.render import Reader
from api.queries.story import SaleStory, story_of
from api.register import Language
from api.services import Views
from tests.api.conftest import Api


@dataclass(frozen=True)
class Stories:
    api: Api

    def story(self, number: int) -> SaleStory:
        stores = self.api.market.stores
        with stores.journal.read() as journal, stores.projections.read() as projections, stores.log.read() as log:
            return story_of(Views(journal, projections, log), self.api.market.code(number))

    def reader(self, language: Language = "en") -> Reader:
        return Reader(language, self.api.app.state.services)


@pytest.fixture
def stories(api: Api) -> Stories:
    return Stories(api)


def changed(story: SaleStory, **changes: Any) -> SaleStory:
    return story.model_copy(update=changes)


def with_lot(story: SaleStory, **changes: Any) -> SaleStory:
    return changed(story, lots=[story.lots[0].model_copy(update=changes)])


def custody(**changes: Any) -> dict[str, Any]:
    return {"kind": "CustodyAccepted", "voided": False, "revoked_at": None, **changes}


def test_a_whole_way_is_told_as_whole(stories: Stories) -> None:
    story = stories.story(0)
    said = story.lots[0].attestations[0].model_copy(update=custody())
    assert story.cold is not None
    measured = story.cold.measured.model_copy(update={"completeness_permille": 990})
    whole = changed(with_lot(story, attestations=[said]), cold=story.cold.model_copy(update={"measured": measured}))
    assert gaps_of(whole) == []
    told = tell(whole, stories.reader())
    assert told.outcome == "complete"
    assert told.sentence == "Every step from the water to the stall was signed for."
    assert not any(step.is_gap for step in told.steps)


def test_a_handover_that_was_taken_back_is_none(stories: Stories) -> None:
    story = stories.story(0)
    for taken_back in ({"voided": True}, {"revoked_at": "2026-11-18T00:00:00.000Z"}):
        said = story.lots[0].attestations[0].model_copy(update=custody(**taken_back))
        assert "transport" in gaps_of(with_lot(story, attestations=[said]))


def test_each_gap_is_named_in_the_order_of_the_journey(stories: Stories) -> None:
    assert gaps_of(stories.story(0)) == ["transport", "temperature"]
    assert gaps_of(stories.story(2)) == ["harvest", "transport", "certificate", "cold"]
    assert gaps_of(with_lot(stories.story(0), tests=[])) == ["transport", "test", "temperature"]
    assert gaps_of(changed(stories.story(0), lots=[])) == ["intake", "temperature"]


def test_wild_catch_needs_no_certificate_but_farmed_goods_do(stories: Stories) -> None:
    story = stories.story(0)
    bare = {**story.lots[0].intake, "certificate": {"kind": "none"}}
    assert "certificate" in gaps_of(with_lot(story, intake=bare))
    wild = {**bare, "production": {**bare["production"], "method": "wild"}}
    assert "certificate" not in gaps_of(with_lot(story, intake=wild))
    assert tell(with_lot(story, intake=wild), stories.reader()).is_wild


def test_a_gap_is_a_dashed_step_in_words(stories: Stories) -> None:
    told = tell(stories.story(2), stories.reader("zh-CN"))
    assert told.steps[0].is_gap
    assert told.steps[0].title == "没有捕捞记录"
    assert told.steps[-1].record_hash is not None


@pytest.mark.parametrize(
    ("change", "dispute"),
    [({"verdict": "QUARANTINED"}, "verdict"), ({"marks": ["BALANCE_OVER"]}, "balance")],
)
def test_what_contradicts_the_sale_disputes_it(stories: Stories, change: dict[str, Any], dispute: str) -> None:
    story = changed(stories.story(0), **change)
    assert disputes_of(story) == [dispute]
    assert tell(story, stories.reader()).outcome == "disputed"


def test_a_lot_on_hold_warns_first_and_says_whether_it_was_before(stories: Stories) -> None:
    story = stories.story(2)
    after = tell(story, stories.reader())
    assert (after.banners[0].tone, after.banners[0].title) == ("bad", "This lot has been taken off sale")
    before = tell(changed(story, sold_at_ms=story.sold_at_ms + 10**9), stories.reader())
    assert before.banners[0].title == "This lot was on hold when it was sold"
    assert disputes_of(story)[:2] == ["lot", "hold"]


def test_a_recall_comes_before_a_hold(stories: Stories) -> None:
    story = stories.story(2)
    recalled = with_lot(story, lot=story.lots[0].lot.model_copy(update={"state": "recalled"}))
    titles = [banner.title for banner in tell(recalled, stories.reader()).banners]
    assert titles == ["This lot is being recalled"]


def test_voids_refunds_and_a_scale_in_bad_standing_are_said(stories: Stories) -> None:
    assert tell(stories.story(1), stories.reader("zh-CN")).banners[0].title == "这笔交易已作废"
    assert "90 g" in tell(stories.story(3), stories.reader()).banners[0].text
    story = stories.story(0)
    assert story.scale is not None
    suspended = changed(story, scale=story.scale.model_copy(update={"status_then": "SUSPENDED"}))
    assert tell(suspended, stories.reader()).banners[0].text == "Status: Suspended."
    doubted = changed(story, verdict="QUARANTINED", reason="ARITHMETIC")
    assert "Arithmetic does not fit" in tell(doubted, stories.reader()).banners[0].text
