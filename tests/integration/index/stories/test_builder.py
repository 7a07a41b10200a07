"""The stories of an archive: from several papers in three languages to one order with quotes."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bot.settings import load_gazetteer
from index.archive import Archive
from index.models import Article, DateWindow
from index.stories.models import Story
from index.stories.ranking import libya_relevance
from index.text.gazetteer import Gazetteer, GazetteerConfig
from tests.fixtures.story_events import ALL, BRIDGE, BRIDGE_AGAIN, FISH, SCHOOL, UNDATED, Report
from tests.fixtures.town import PROJECT, TRIPOLI, OpenArchive, draft

THIRD, FOURTH = date(2026, 2, 3), date(2026, 2, 4)
DAY = DateWindow(since=THIRD, until=THIRD)


def put(archive: Archive, *reports: Report) -> None:
    for each in reports:
        fields = {
            name: value for name, value in each._asdict().items() if name not in ("id", "text")
        }
        archive.add(draft(each.id, each.text, **fields))


@pytest.fixture
def noran(archive: Archive) -> Archive:
    put(archive, *ALL)
    return archive


def ids(story: Story) -> set[str]:
    return {each.id for each in story.articles}


def story_of(archive: Archive, window: DateWindow | None, article_id: str, **how: str) -> Story:
    (found,) = [each for each in archive.stories(window, **how) if article_id in ids(each)]
    return found


def test_reports_of_one_event_in_two_languages_are_one_story_and_others_are_not(
    noran: Archive,
) -> None:
    found = [ids(each) for each in noran.stories(DAY)]
    assert {each.id for each in BRIDGE} in found
    assert {each.id for each in SCHOOL} in found
    assert {FISH.id} in found
    assert len(found) == 3


def test_the_story_of_more_independent_sources_comes_first_and_says_why(noran: Archive) -> None:
    first, *others = noran.stories(DAY)
    assert ids(first) == {each.id for each in BRIDGE}
    assert first.rank_explanation.independent_sources == 3
    assert all(first.rank_explanation.score > each.rank_explanation.score for each in others)


def test_quotes_are_slices_and_contradicting_figures_are_both_quoted(noran: Archive) -> None:
    bridge = story_of(noran, DAY, "bridge-ar", language="ar")
    marked = [quote.text[slice(*quote.highlight)] for quote in bridge.quotes]
    assert sum("12" in each for each in marked) == 1
    assert sum("15" in each for each in marked) == 1
    for quote in bridge.quotes:
        assert quote.article.text[quote.start : quote.end] == quote.text
    assert len({quote.article.source for quote in bridge.quotes}) == 2


@pytest.mark.parametrize(("language", "stands"), [("en", "school-en"), ("fr", "school-fr")])
def test_among_equals_the_article_in_the_readers_language_stands_for_the_story(
    noran: Archive, language: str, stands: str
) -> None:
    school = story_of(noran, DAY, "school-en", language=language)
    assert school.articles[0].id == stands
    assert school.headline == school.articles[0].headline
    assert school.quotes[0].article.id == stands


def test_a_story_that_was_reported_before_the_window_goes_on_without_its_older_articles(
    noran: Archive,
) -> None:
    later = story_of(noran, DateWindow(since=FOURTH, until=FOURTH), BRIDGE_AGAIN.id)
    assert later.continues
    assert ids(later) == {BRIDGE_AGAIN.id}
    assert not story_of(noran, DAY, "bridge-ar").continues


def test_a_story_over_two_days_names_both_and_does_not_go_on_from_itself(noran: Archive) -> None:
    both = story_of(noran, DateWindow(since=THIRD, until=FOURTH), BRIDGE_AGAIN.id)
    assert ids(both) >= {BRIDGE_AGAIN.id, "bridge-ar", "bridge-ar2"}
    assert not both.continues
    since, until = both.since, both.until
    assert since is not None
    assert until is not None
    assert str(since)[:10] == "2026-02-03"
    assert str(until)[:10] == "2026-02-04"


def test_no_article_is_in_two_stories_and_all_of_the_window_are_told(noran: Archive) -> None:
    told = [each.id for story in noran.stories(None) for each in story.articles]
    assert sorted(told) == sorted(each.id for each in ALL)


def test_an_unknown_date_is_in_no_window_and_stays_unknown(noran: Archive) -> None:
    assert all(UNDATED.id not in ids(each) for each in noran.stories(DAY))
    story = story_of(noran, None, UNDATED.id)
    assert (story.since, story.until) == (None, None)


def test_the_same_words_in_two_papers_are_one_independent_source(archive: Archive) -> None:
    put(archive, FISH, FISH._replace(id="copy", source="بوابة طرشة"))
    (story,) = archive.stories(None)
    assert (len(story.articles), story.rank_explanation.independent_sources) == (2, 1)


def test_news_of_libya_comes_before_news_from_abroad_that_more_papers_have(
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
    ("title", "counts"),
    [
        ("مجلس النواب اللبناني يجتمع ونواب طرابلس يغيبون", 0.0),
        ("House of Representatives of another country meets in Tripoli", 0.0),
        ("ليبيريا تنتخب رئيسا", 0.0),
        ("بلدية طرابلس تلتقي بلدية سبها", 3.0),
        ("ليبيا: بلدية بعيدة تفتح سوقا", 3.0),
    ],
)
def test_a_name_that_other_countries_have_counts_only_with_proof(title: str, counts: float) -> None:
    names = Gazetteer(load_gazetteer(PROJECT / "config"))
    article = Article.model_validate(
        {
            **draft("x", "افتتح السوق صباح الأحد.", title=title).model_dump(),
            "number": 1,
            "added_at": datetime(2026, 2, 3, tzinfo=UTC),
            "headline": title,
        }
    )
    assert libya_relevance(article, article.text, names) == counts


def test_days_are_those_of_the_archives_zone_whatever_the_sources_clocks_say(
    archive: Archive,
) -> None:
    east = FISH._replace(id="east", published="2026-02-04T08:00:00+09:00")
    west = FISH._replace(id="west", source="Herald", published="2026-02-03T23:30:00-05:00")
    put(archive, east, west)
    story = story_of(archive, DateWindow(since=FOURTH, until=FOURTH), "east")
    assert story.days == (FOURTH, FOURTH)
    assert ids(story) == {"east", "west"}


def test_a_story_goes_on_from_the_same_day_before_a_window_that_begins_with_a_time(
    archive: Archive,
) -> None:
    early = FISH._replace(id="early", published="2026-02-04T08:00:00+02:00")
    put(archive, early, FISH._replace(id="late", published="2026-02-04T14:00:00+02:00"))
    noon = datetime(2026, 2, 4, 12, tzinfo=TRIPOLI)
    story = story_of(archive, DateWindow(since=noon), "late")
    assert (ids(story), story.continues) == ({"late"}, True)


def test_a_removed_article_is_in_no_story(noran: Archive) -> None:
    noran.remove(FISH.id)
    assert all(FISH.id not in ids(each) for each in noran.stories(None))


def test_an_empty_archive_and_a_window_without_news_have_no_stories(
    archive: Archive, noran: Archive
) -> None:
    assert noran.stories(DateWindow(since=date(2031, 1, 1), until=date(2031, 1, 2))) == []
    for each in ALL:
        archive.remove(each.id)
    assert archive.stories(None) == []


def test_the_articles_of_a_story_are_given_newest_first_after_the_one_that_stands_for_it(
    noran: Archive,
) -> None:
    articles: tuple[Article, ...] = story_of(noran, DAY, "bridge-ar", language="ar").articles
    assert [each.id for each in articles] == ["bridge-ar", "bridge-ar2", "bridge-en"]
