"""What editors are shown of feeds: within Telegram's limits whatever a feed says, in three languages."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.editorial import approval_view
from bot.editorial import feed_view as screens
from bot.editorial.texts import feed_reject_reason_text
from bot.feeds.approvals import ApprovalCounts
from bot.feeds.keyword_filter import InvalidKeywords
from bot.feeds.manager import OpmlImportResult
from bot.feeds.store.approval_queue import PendingArticle
from bot.feeds.store.feeds import (
    DEFAULT_OPTIONS,
    DiscoveredFeed,
    FeedHealth,
    FeedOptions,
    FeedState,
    FollowedFeed,
)
from bot.i18n.languages import UI_LANGUAGES, UiLanguage
from bot.telegram.message import OutgoingMessage
from index.draft_preparation import PreparedDraft, prepare_draft
from index.ingest.extracted_article import ExtractedArticle
from index.ingest.feeds.models import FeedKind
from index.ingest.rejections import RejectReason
from index.models import DateProvenance
from index.text.boilerplate import BoilerplateRules
from tests.fixtures.editors import UNSEEN
from tests.fixtures.sample_articles import PORT, TRIPOLI
from tests.unit.bot.editorial.test_views import LINES, TITLES, fits

NOW = datetime(2026, 2, 5, 9, 0, tzinfo=UTC)
WELL = FeedHealth(NOW, None, 0, None, None, 3.25, 0, 0)
ANY_UI_LANGUAGE = st.sampled_from(sorted(UI_LANGUAGES))


def followed(
    number: int = 3,
    title: str | None = "Noran Ledger",
    chosen: FeedOptions = DEFAULT_OPTIONS,
    state: FeedState = FeedState.ACTIVE,
    health: FeedHealth = WELL,
    address: str = "https://noran.example/feed",
) -> FollowedFeed:
    found = DiscoveredFeed(address, "noran.example", FeedKind.RSS, title, None, "en")
    added = NOW - timedelta(days=9)
    return FollowedFeed(number, found, chosen, state, added, "telegram 7", NOW, None, health)


def failing(error: RejectReason) -> FeedHealth:
    return WELL._replace(failed_at=NOW, failures=4, error=error, error_message="x")


def waits(
    title: str | None, source: str | None, state: str = "open"
) -> tuple[PendingArticle, PreparedDraft]:
    story = ExtractedArticle(
        text=PORT,
        title=title,
        source=source,
        published=date(2026, 2, 5),
        date_found=DateProvenance.UNCERTAIN,
        only_summary=True,
    )
    item = PendingArticle(2**40, 5, 3, "Noran Ledger", story, state, False, NOW, None)
    return item, prepare_draft(story.to_draft(), BoilerplateRules())


def said(screen: OutgoingMessage) -> str:
    return screen.text.html.translate(UNSEEN)


@settings(max_examples=40)
@given(
    TITLES,
    LINES,
    ANY_UI_LANGUAGE,
    st.sampled_from(sorted(RejectReason)),
    st.sampled_from(FeedState),
)
def test_a_feed_fits_a_message_whatever_it_says(
    title: str | None, words: str, lang: UiLanguage, error: RejectReason, state: FeedState
) -> None:
    chosen = FeedOptions(title, words, True, (words,) * 50, (words,) * 50)
    health = failing(error)._replace(waiting=10**6, pending=10**6, site_limit_at=NOW)
    of = followed(2**40, title, chosen, state, health, "https://noran.example/" + "x" * 3_900)
    for shown in (
        screens.render_feed(of, lang, TRIPOLI, "x"),
        screens.render_remove_confirmation(of, lang),
        screens.render_dead_feed(of, lang, TRIPOLI),
        screens.render_site_limit(of, lang),
        screens.render_queue(of, lang),
        screens.render_list([of] * 20, 1, 10**6, lang, notice="x", enabled=False),
        screens.render_import_result(
            OpmlImportResult((1,) * 99, ("x",), ((words, InvalidKeywords(words[:100])),) * 9),
            [(words, words)] * 9,
            lang,
        ),
    ):
        assert fits(shown)


@settings(max_examples=40)
@given(TITLES, TITLES, ANY_UI_LANGUAGE)
def test_articles_that_wait_fit_a_message_whatever_they_say(
    title: str | None, source: str | None, lang: UiLanguage
) -> None:
    one = waits(title, source)
    assert fits(approval_view.render_list(["x"], [one] * 8, 1, 99, lang))
    for state in ("open", "approving", "approved", "refused", "renewed", "settled"):
        assert fits(approval_view.render_article(*waits(title, source, state), 0, lang))


@pytest.mark.parametrize("lang", UI_LANGUAGES.values())
def test_what_is_said_of_feeds_has_its_words_in_every_language(lang: UiLanguage) -> None:
    assert screens.KINDS.keys() == {*FeedKind}
    assert screens.STATES.keys() == {*FeedState}
    assert screens.FIELD_LABELS.keys() == screens.FIELD_PROMPTS.keys() == {*screens.EDITABLE_FIELDS}
    assert all(feed_reject_reason_text(each, lang) for each in RejectReason)
    assert len(screens.render_export(9_999, lang).text.html) < 1_024


def test_a_list_marks_how_each_feed_is_and_says_how_much_it_brings() -> None:
    feeds = [
        followed(1),
        followed(2, state=FeedState.PAUSED),
        followed(3, state=FeedState.GONE),
        followed(
            4, health=failing(RejectReason.UNREACHABLE)._replace(pending=12, articles_per_day=None)
        ),
    ]
    shown = said(screens.render_list(feeds, 0, 12, "en"))
    assert "Feeds: 4\nOf these, needing attention: 2" in shown
    assert "● 1. <b>Noran Ledger</b> · 3.2 a day" in shown
    assert "⏸ 2." in shown
    assert "✖ 3." in shown
    assert "⚠ 4. <b>Noran Ledger</b> · waiting for approval: 12" in shown


def test_an_empty_list_says_how_to_begin() -> None:
    shown = screens.render_list([], 0, 0, "en")
    assert "No feed is followed yet." in said(shown)
    assert "/feeds https://example.org/news" in said(shown)
    assert shown.buttons == ()


def test_a_list_of_many_is_paged_and_a_page_too_far_is_the_last() -> None:
    feeds = [followed(number) for number in range(1, 20)]
    shown = screens.render_list(feeds, 99, 0, "fr")
    labels = [button.label for row in shown.buttons for button in row]
    assert labels == ["17", "18", "19", "◀", "Comment en ajouter\u202f?"]


def test_a_feed_that_fails_says_since_when_why_and_what_to_do() -> None:
    shown = said(
        screens.render_feed(followed(health=failing(RejectReason.NOT_FOUND)), "en", TRIPOLI)
    )
    assert "Last read: 5 February 2026, 11:00" in shown
    assert "Last failure: 5 February 2026, 11:00" in shown
    assert "Failures in a row: 4" in shown
    assert (
        "⚠ The site says that there is nothing at this address. Look on the site for the feed's new address"
        in shown
    )


def test_a_failure_that_is_over_is_told_without_a_remedy() -> None:
    over = failing(RejectReason.NOT_FOUND)._replace(failures=0)
    shown = said(screens.render_feed(followed(health=over), "en", TRIPOLI))
    assert "Last failure: 5 February 2026, 11:00" in shown
    assert "⚠" not in shown


def test_what_waits_is_marked_where_its_date_is_uncertain_or_only_a_summary_was_read() -> None:
    line = said(approval_view.render_list([], [waits("The bridge", "The Courier")], 0, 1, "en"))
    assert "1. The bridge · The Courier · 5 February 2026 (date uncertain)" in line
    assert "<b>Noran Ledger</b> · <b>summary only</b>" in line
    one = said(approval_view.render_article(*waits("The bridge", "The Courier"), 2, "en"))
    assert "Date: 5 February 2026 (uncertain)" in one
    assert "From the feed: Noran Ledger" in one
    assert "only the feed's summary" in one


def test_a_decision_on_all_names_the_first_and_the_last_that_are_shown() -> None:
    many = [waits("The bridge", None)[0]._replace(number=number) for number in (17, 19, 40)]
    shown = approval_view.render_list(
        [], [(each, waits("x", None)[1]) for each in many], 0, 3, "en"
    )
    data = {button.label: button.callback_data for row in shown.buttons for button in row}
    assert data["Approve all shown"] == "held:17:yes:40"
    assert data["Refuse all shown"] == "held:17:no:40"


@pytest.mark.parametrize(
    ("done", "expected"),
    [
        (ApprovalCounts(7, 1), "7 added, 1 already there."),
        (ApprovalCounts(refused=3), "3 refused."),
        (ApprovalCounts(), "Nothing was changed: these had already been decided."),
    ],
)
def test_what_came_of_a_decision_is_counted(done: ApprovalCounts, expected: str) -> None:
    assert approval_view.counts_text(done, "en") == expected
