"""Ranked stories with quotes, built from several sources in three languages."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bot.settings import load_gazetteer
from index.archive import Archive
from index.models import Article, DateWindow
from index.stories.models import Story
from index.stories.ranking import libya_relevance
from index.text.gazetteer import Gazetteer, GazetteerConfig
from tests.fixtures.sample_articles import PROJECT, TRIPOLI, OpenArchive, draft
from tests.fixtures.story_events import ALL, BRIDGE, BRIDGE_AGAIN, FISH, SCHOOL, UNDATED, Report

THIRD, FOURTH = date(2026, 2, 3), date(2026, 2, 4)
DAY = DateWindow(since=THIRD, until=THIRD)


def put(archive: Archive, *reports: Report) -> None:
    for report in reports:
        fields = {
            name: value for name, value in report._asdict().items() if name not in ("id", "text")
        }
        archive.add(draft(report.id, report.text, **fields))


@pytest.fixture
def noran(archive: Archive) -> Archive:
    put(archive, *ALL)
    return archive


def ids(story: Story) -> set[str]:
    return {article.id for article in story.articles}


def story_of(archive: Archive, window: DateWindow | None, article_id: str, **options: str) -> Story:
    (match,) = [story for story in archive.stories(window, **options) if article_id in ids(story)]
    return match


def test_reports_of_one_event_in_two_languages_are_one_story_and_others_are_not(
    noran: Archive,
) -> None:
    stories = [ids(story) for story in noran.stories(DAY)]
    assert {report.id for report in BRIDGE} in stories
    assert {report.id for report in SCHOOL} in stories
    assert {FISH.id} in stories
    assert len(stories) == 3


def test_the_story_of_more_independent_sources_comes_first_and_explains_its_rank(
    noran: Archive,
) -> None:
    first, *others = noran.stories(DAY)
    assert ids(first) == {report.id for report in BRIDGE}
    assert first.rank_explanation.independent_sources == 3
    assert all(first.rank_explanation.score > story.rank_explanation.score for story in others)


def test_quotes_are_slices_and_contradicting_figures_are_both_quoted(noran: Archive) -> None:
    bridge = story_of(noran, DAY, "bridge-ar", language="ar")
    highlights = [quote.text[slice(*quote.highlight)] for quote in bridge.quotes]
    assert sum("12" in highlight for highlight in highlights) == 1
    assert sum("15" in highlight for highlight in highlights) == 1
    for quote in bridge.quotes:
        assert quote.article.text[quote.start : quote.end] == quote.text
    assert len({quote.article.source for quote in bridge.quotes}) == 2


@pytest.mark.parametrize(("language", "article_id"), [("en", "school-en"), ("fr", "school-fr")])
def test_among_equals_the_article_in_the_readers_language_represents_the_story(
    noran: Archive, language: str, article_id: str
) -> None:
    school = story_of(noran, DAY, "school-en", language=language)
    assert school.articles[0].id == article_id
    assert school.headline == school.articles[0].headline
    assert school.quotes[0].article.id == article_id


def test_a_story_that_was_reported_before_the_window_continues_without_its_older_articles(
    noran: Archive,
) -> None:
    later = story_of(noran, DateWindow(since=FOURTH, until=FOURTH), BRIDGE_AGAIN.id)
    assert later.continues
    assert ids(later) == {BRIDGE_AGAIN.id}
    assert not story_of(noran, DAY, "bridge-ar").continues


def test_a_story_of_two_days_has_both_dates_and_does_not_continue(noran: Archive) -> None:
    both = story_of(noran, DateWindow(since=THIRD, until=FOURTH), BRIDGE_AGAIN.id)
    assert ids(both) >= {BRIDGE_AGAIN.id, "bridge-ar", "bridge-ar2"}
    assert not both.continues
    since, until = both.since, both.until
    assert since is not None
    assert until is not None
    assert str(since)[:10] == "2026-02-03"
    assert str(until)[:10] == "2026-02-04"


def test_each_article_of_the_window_is_in_exactly_one_story(noran: Archive) -> None:
    article_ids = [article.id for story in noran.stories(None) for article in story.articles]
    assert sorted(article_ids) == sorted(report.id for report in ALL)


def test_an_unknown_date_is_in_no_window_and_stays_unknown(noran: Archive) -> None:
    assert all(UNDATED.id not in ids(story) for story in noran.stories(DAY))
    story = story_of(noran, None, UNDATED.id)
    assert (story.since, story.until) == (None, None)


def test_the_same_words_in_two_sources_are_one_independent_source(archive: Archive) -> None:
    put(archive, FISH, FISH._replace(id="copy", source="بوابة طرشة"))
    (story,) = archive.stories(None)
    assert (len(story.articles), story.rank_explanation.independent_sources) == (2, 1)


def test_news_of_libya_comes_before_news_from_abroad_of_more_sources(
    open_archive: OpenArchive,
) -> None:
    names = GazetteerConfig.model_validate(
        {
            "name": [
                {
                    "kind": "place",
                    "ar": ["نوران"],
                    "en": ["Noran"],
                    "fr": ["Noran"],
                    "abroad": True,
                    "unverified": ["نوران", "Noran"],
                },
                {
                    "kind": "place",
                    "ar": ["سبها"],
                    "en": ["Sabha"],
                    "fr": ["Sebha"],
                    "unverified": ["سبها", "Sabha", "Sebha"],
                },
            ]
        }
    )
    archive = open_archive(names=names)
    home = FISH._replace(
        id="home", title="ارتفاع أسعار السمك في سبها", text=FISH.text + " وهذا أول ارتفاع في ليبيا."
    )
    put(archive, *BRIDGE, home)
    first, second = archive.stories(DAY)
    assert ids(first) == {"home"}
    assert first.rank_explanation.libya_score == 3.0
    assert second.rank_explanation.libya_score == 0.0


@pytest.mark.parametrize(
    ("title", "relevance"),
    [
        ("مجلس النواب اللبناني يجتمع ونواب طرابلس يغيبون", 0.0),
        ("House of Representatives of another country meets in Tripoli", 0.0),
        ("ليبيريا تنتخب رئيسا", 0.0),
        ("بلدية طرابلس تلتقي بلدية سبها", 3.0),
        ("ليبيا: بلدية بعيدة تفتح سوقا", 3.0),
    ],
)
def test_an_ambiguous_name_counts_only_with_proof(title: str, relevance: float) -> None:
    names = Gazetteer(load_gazetteer(PROJECT / "config"))
    article = Article.model_validate(
        {
            **draft("x", "افتتح السوق صباح الأحد.", title=title).model_dump(),
            "number": 1,
            "added_at": datetime(2026, 2, 3, tzinfo=UTC),
            "headline": title,
        }
    )
    assert libya_relevance(article, article.text, names) == relevance


def test_days_are_those_of_the_archives_zone_whatever_the_sources_zone(
    archive: Archive,
) -> None:
    east = FISH._replace(id="east", published="2026-02-04T08:00:00+09:00")
    west = FISH._replace(id="west", source="Herald", published="2026-02-03T23:30:00-05:00")
    put(archive, east, west)
    story = story_of(archive, DateWindow(since=FOURTH, until=FOURTH), "east")
    assert story.days == (FOURTH, FOURTH)
    assert ids(story) == {"east", "west"}


def test_a_story_continues_from_the_same_day_before_a_window_that_begins_at_a_time(
    archive: Archive,
) -> None:
    early = FISH._replace(id="early", published="2026-02-04T08:00:00+02:00")
    put(archive, early, FISH._replace(id="late", published="2026-02-04T14:00:00+02:00"))
    noon = datetime(2026, 2, 4, 12, tzinfo=TRIPOLI)
    story = story_of(archive, DateWindow(since=noon), "late")
    assert (ids(story), story.continues) == ({"late"}, True)


def test_a_removed_article_is_in_no_story(noran: Archive) -> None:
    noran.remove(FISH.id)
    assert all(FISH.id not in ids(story) for story in noran.stories(None))


def test_an_empty_archive_and_a_window_without_news_have_no_stories(
    archive: Archive, noran: Archive
) -> None:
    assert noran.stories(DateWindow(since=date(2031, 1, 1), until=date(2031, 1, 2))) == []
    for report in ALL:
        archive.remove(report.id)
    assert archive.stories(None) == []


def test_the_articles_of_a_story_follow_the_representative_one_newest_first(
    noran: Archive,
) -> None:
    articles: tuple[Article, ...] = story_of(noran, DAY, "bridge-ar", language="ar").articles
    assert [article.id for article in articles] == ["bridge-ar", "bridge-ar2", "bridge-en"]
