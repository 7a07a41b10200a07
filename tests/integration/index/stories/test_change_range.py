"""The stories of the articles added in a range of changes, of which an edition consists."""

from __future__ import annotations

from datetime import date, timedelta

from index.archive import Archive
from index.models import ChangeRange
from index.stories.models import Story
from tests.fixtures.sample_articles import SetClock, draft
from tests.fixtures.story_events import BRIDGE, FISH, SCHOOL, Report

SINCE = date(2026, 2, 2)
MAX_SEQ = 10_000


def put(archive: Archive, *reports: Report, quiet: bool = False, **overrides: object) -> None:
    for report in reports:
        fields = {k: v for k, v in report._asdict().items() if k not in ("id", "text")}
        archive.add(draft(report.id, report.text, **{**fields, **overrides}), suppress_alerts=quiet)


def story_ids(archive: Archive, change_range: ChangeRange) -> list[set[str]]:
    stories = archive.stories_in_change_range(change_range)
    return [{article.id for article in story.articles} for story in stories]


def only(stories: list[Story]) -> Story:
    (story,) = stories
    return story


def test_exactly_the_articles_added_in_the_range_are_in_stories(
    archive: Archive,
) -> None:
    put(archive, BRIDGE[0])
    first = archive.last_change()
    put(archive, *SCHOOL)
    second = archive.last_change()
    put(archive, FISH)
    assert story_ids(archive, ChangeRange(first, second, SINCE)) == [
        {report.id for report in SCHOOL}
    ]
    assert story_ids(archive, ChangeRange(second, MAX_SEQ, SINCE)) == [{FISH.id}]
    assert story_ids(archive, ChangeRange(MAX_SEQ, MAX_SEQ, SINCE)) == []


def test_a_story_with_an_article_added_before_the_range_continues(archive: Archive) -> None:
    put(archive, BRIDGE[1])
    before = archive.last_change()
    put(archive, BRIDGE[0], SCHOOL[0])
    stories = archive.stories_in_change_range(ChangeRange(before, MAX_SEQ, SINCE))
    continues = {story.articles[0].id: story.continues for story in stories}
    assert continues == {BRIDGE[0].id: True, SCHOOL[0].id: False}


def test_an_article_added_after_the_range_does_not_make_a_story_continue(archive: Archive) -> None:
    put(archive, BRIDGE[1])
    last = archive.last_change()
    put(archive, BRIDGE[0])
    assert not only(archive.stories_in_change_range(ChangeRange(0, last, SINCE))).continues


def test_articles_added_quietly_or_published_long_ago_are_no_news(archive: Archive) -> None:
    put(archive, SCHOOL[0], quiet=True)
    put(archive, FISH, published="2026-02-01")
    put(archive, BRIDGE[0])
    assert story_ids(archive, ChangeRange(0, MAX_SEQ, SINCE)) == [{BRIDGE[0].id}]


def test_an_unknown_date_is_news_and_stays_unknown(archive: Archive) -> None:
    put(archive, FISH, published=None)
    story = only(archive.stories_in_change_range(ChangeRange(0, MAX_SEQ, SINCE)))
    assert story.articles[0].id == FISH.id
    assert story.days is None
    assert story.articles[0].published is None


def test_an_article_that_was_removed_since_is_no_news(archive: Archive) -> None:
    put(archive, FISH)
    archive.remove(FISH.id)
    assert story_ids(archive, ChangeRange(0, MAX_SEQ, SINCE)) == []


def test_the_last_change_before_an_instant_is_found(archive: Archive, clock: SetClock) -> None:
    put(archive, FISH)
    first = archive.last_change()
    clock.move(hours=1)
    put(archive, *SCHOOL)
    assert archive.last_change_before(clock() - timedelta(hours=2)) == 0
    assert archive.last_change_before(clock()) == first
    assert archive.last_change_before(clock() + timedelta(seconds=1)) == archive.last_change()
