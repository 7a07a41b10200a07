"""Editions as messages: within Telegram's limits whatever the articles say, in three languages."""

from __future__ import annotations

from datetime import UTC, date, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.digest.callbacks import EditionCallback
from bot.digest.payloads import EditionPayload
from bot.digest.views import edition as screens
from bot.i18n.languages import UI_LANGUAGES, UiLanguage
from bot.telegram.callback_data import parse_callback_data
from bot.telegram.message import OutgoingMessage
from index.models import Article, Quote
from index.stories.models import RankExplanation, Story
from tests.unit.bot.editorial.test_views import LINES, TITLES, fits

DAY = date(2026, 2, 3)
DATA = "2026-02-03:2026-02-03"
ANY_UI_LANGUAGE = st.sampled_from(sorted(UI_LANGUAGES))


def article(number: int, text: str, title: str | None, source: str | None) -> Article:
    return Article(
        id=str(number),
        text=text,
        title=None,
        source=source and source[:900],
        url="https://noran.example/" + "x" * 1_500,
        published=date(2026, 2, 3),
        number=2**60 + number,
        added_at=datetime(2026, 2, 3, 9, tzinfo=UTC),
        headline=title or "News",
    )


def story(text: str, title: str | None, source: str | None, count: int = 30) -> Story:
    articles = tuple(article(number, text, title, source) for number in range(count))
    quotes = tuple(
        Quote(
            text=text,
            start=0,
            end=len(text),
            highlight=(0, len(text)),
            score=0.5,
            article=each,
            also=articles[2:9],
        )
        for each in articles[:2]
    )
    return Story(
        headline=title or "News",
        articles=articles,
        sources=("x",),
        quotes=quotes,
        since=date(2026, 2, 3),
        until=date(2026, 2, 3),
        days=(date(2026, 2, 3), date(2026, 2, 3)),
        continues=True,
        rank_explanation=RankExplanation(
            independent_sources=1,
            source_score=0,
            newest_day=date(2026, 2, 3),
            recency_score=1,
            libya_score=3,
        ),
    )


def data(screen: OutgoingMessage) -> list[str]:
    return [button.callback_data or "" for row in screen.buttons for button in row]


@settings(max_examples=60)
@given(LINES, TITLES, TITLES, st.integers(0, 9), ANY_UI_LANGUAGE)
def test_an_edition_and_a_whole_story_fit_a_message_whatever_they_say(
    line: str, title: str | None, source: str | None, first: int, lang: UiLanguage
) -> None:
    words = (line + " word") * (1 + len(line) % 7 * 60)
    stories = [story(words, title, source)] * 10
    assert fits(screens.render_edition_page(stories, first, DAY, DAY, lang))
    assert fits(screens.render_story(stories[0], lang))


def test_an_edition_without_room_for_any_story_says_where_the_news_is() -> None:
    edition = EditionPayload(language="en", day=DAY, after=0, upto=1, since=DAY, length=0)
    page = screens.render_sent_edition_page([story("word", "News", None)], 0, edition, "en", 7)
    assert "too long for one message. /digest now" in page.text.html
    assert not any(each.startswith("story:") for each in data(page))


def test_turning_on_shows_every_story_once_and_turning_back_the_same_pages() -> None:
    stories = [story("word " * (1 + number * 40), "News", "Herald", 1) for number in range(9)]
    pages, first = [], 0
    while True:
        found = data(screens.render_edition_page(stories, first, DAY, DAY, "en"))
        shown = sum(each.startswith("story:") for each in found)
        pages.append(range(first, first + shown))
        turns = {
            each.number
            for each in map(parse_callback_data, found)
            if isinstance(each, EditionCallback) and each.action == "edition"
        }
        assert {each for each in turns if each < first} == ({pages[-2].start} if first else set())
        onward = {each for each in turns if each > first}
        if not onward:
            break
        (first,) = onward
    assert [place for page in pages for place in page] == list(range(9))
    assert len({len(page) for page in pages}) > 1, "pages of one length would show nothing"


def test_a_place_inside_a_page_shows_that_page() -> None:
    stories = [story("word", "News", "Herald", 1) for _ in range(9)]
    first = screens.render_edition_page(stories, 0, DAY, DAY, "en")
    assert screens.render_edition_page(stories, 3, DAY, DAY, "en") == first
    assert screens.render_edition_page(
        stories, 10**17, DAY, DAY, "en"
    ) == screens.render_edition_page(stories, 5, DAY, DAY, "en")


def test_a_button_says_its_days_and_where_it_leads_and_nothing_else_is_taken_for_one() -> None:
    day = date(2026, 2, 3)
    expected = EditionCallback(action="edition", since=day, until=day, number=5)
    assert parse_callback_data(f"edition:{DATA}:5") == expected
    assert expected.pack() == f"edition:{DATA}:5"
    for forged in (
        "edition:2026-02-30:2026-02-03:5",
        "edition:0001-01-01:0001-01-01:0",
        "edition:1000-01-01:9999-12-31:0",
        "edition:2026-02-01:2026-02-03:0",
        "edition:2026-02-05:2026-02-03:0",
        "story:::",
        f"edition:{DATA}",
        "more:7",
        "",
    ):
        assert not isinstance(parse_callback_data(forged), EditionCallback)
