"""The stories of what came into the archive between two changes: what an edition tells."""

from __future__ import annotations

from datetime import date, timedelta

from index.archive import Archive
from index.models import ChangeRange
from index.stories.models import Story
from tests.fixtures.story_events import BRIDGE, FISH, SCHOOL, Report
from tests.fixtures.town import SetClock, draft

SINCE = date(2026, 2, 2)
EVER = 10_000


def put(archive: Archive, *reports: Report, quiet: bool = False, **changed: object) -> None:
    for each in reports:
        fields = {k: v for k, v in each._asdict().items() if k not in ("id", "text")}
        archive.add(draft(each.id, each.text, **{**fields, **changed}), suppress_alerts=quiet)


def told(archive: Archive, came: ChangeRange) -> list[set[str]]:
    return [{each.id for each in story.articles} for story in archive.stories_in_change_range(came)]


def only(found: list[Story]) -> Story:
    (one,) = found
    return one


def test_what_came_after_a_change_and_up_to_another_is_told_and_nothing_else(
    archive: Archive,
) -> None:
    put(archive, BRIDGE[0])
    first = archive.last_change()
    put(archive, *SCHOOL)
    second = archive.last_change()
    put(archive, FISH)
    assert told(archive, ChangeRange(first, second, SINCE)) == [{each.id for each in SCHOOL}]
    assert told(archive, ChangeRange(second, EVER, SINCE)) == [{FISH.id}]
    assert told(archive, ChangeRange(EVER, EVER, SINCE)) == []


def test_a_story_of_which_something_came_before_goes_on(archive: Archive) -> None:
    put(archive, BRIDGE[1])
    before = archive.last_change()
    put(archive, BRIDGE[0], SCHOOL[0])
    found = archive.stories_in_change_range(ChangeRange(before, EVER, SINCE))
    goes_on = {each.articles[0].id: each.continues for each in found}
    assert goes_on == {BRIDGE[0].id: True, SCHOOL[0].id: False}


def test_what_came_later_is_not_what_a_story_goes_on_from(archive: Archive) -> None:
    put(archive, BRIDGE[1])
    then = archive.last_change()
    put(archive, BRIDGE[0])
    assert not only(archive.stories_in_change_range(ChangeRange(0, then, SINCE))).continues


def test_what_came_quietly_or_was_published_long_ago_is_no_news(archive: Archive) -> None:
    put(archive, SCHOOL[0], quiet=True)
    put(archive, FISH, published="2026-02-01")
    put(archive, BRIDGE[0])
    assert told(archive, ChangeRange(0, EVER, SINCE)) == [{BRIDGE[0].id}]


def test_an_unknown_date_is_news_and_stays_unknown(archive: Archive) -> None:
    put(archive, FISH, published=None)
    story = only(archive.stories_in_change_range(ChangeRange(0, EVER, SINCE)))
    assert story.articles[0].id == FISH.id
    assert story.days is None
    assert story.articles[0].published is None


def test_an_article_that_was_removed_since_is_no_news(archive: Archive) -> None:
    put(archive, FISH)
    archive.remove(FISH.id)
    assert told(archive, ChangeRange(0, EVER, SINCE)) == []


def test_the_last_change_before_a_moment_is_found(archive: Archive, clock: SetClock) -> None:
    put(archive, FISH)
    first = archive.last_change()
    clock.move(hours=1)
    put(archive, *SCHOOL)
    assert archive.last_change_before(clock() - timedelta(hours=2)) == 0
    assert archive.last_change_before(clock()) == first
    assert archive.last_change_before(clock() + timedelta(seconds=1)) == archive.last_change()
