"""How feeds, and what comes from them, are told in a terminal."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, update

from bot.cli.render import feeds as feed_text
from bot.cli.render import json_output
from bot.feeds.health import FeedHealthStatus, explain_rejection, find_remedy, health_status
from bot.feeds.store.approval_queue import PendingArticle
from bot.feeds.store.feeds import DiscoveredFeed, FeedHealth, FeedOptions, FeedState, FollowedFeed
from bot.feeds.store.poll_stats import FeedPollStats, poll_stats_since, snapshot_counts
from bot.feeds.store.schema import feed_items, feeds
from index.ingest.extracted_article import ExtractedArticle
from index.ingest.feeds.models import FeedKind
from index.ingest.rejections import RejectReason, SourceRejected
from index.storage import audit_log
from index.storage.database import Database
from tests.fixtures.sample_articles import TRIPOLI, SetClock

NOW = SetClock().now
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WELL = FeedHealth(NOW - HOUR, None, 0, None, None, 3.25, 0, 0)


def followed(**changes: Any) -> FollowedFeed:
    found = DiscoveredFeed("https://noran.example/feed", "noran.example", FeedKind.RSS, "Courier")
    at: dict[str, datetime] = {"added_at": NOW - 9 * DAY, "next_at": NOW + HOUR}
    known: dict[str, Any] = {
        "options": FeedOptions(),
        "state": FeedState.ACTIVE,
        "health": WELL,
        **at,
    }
    known |= {"number": 3, "discovered": found, "added_by": "terminal", "notified_at": None}
    return FollowedFeed(**{**known, **changes})


def failing(error: RejectReason, *, since: timedelta = HOUR) -> FollowedFeed:
    said = "the page does not exist (404)"
    return followed(
        health=FeedHealth(NOW - since, NOW - HOUR / 2, 4, error, said, 0.0, 2, 5, NOW - since)
    )


@pytest.mark.parametrize(
    ("feed", "expected"),
    [
        (followed(), FeedHealthStatus.WELL),
        (followed(added_at=NOW, health=FeedHealth(None, None, 0, None, None, None, 0, 0)), "new"),
        (failing(RejectReason.NOT_FOUND), FeedHealthStatus.FAILING),
        (failing(RejectReason.NOT_FOUND, since=2 * DAY), FeedHealthStatus.DEAD),
        (failing(RejectReason.NOT_FOUND)._replace(state=FeedState.PAUSED), FeedHealthStatus.PAUSED),
        (failing(RejectReason.NOT_FOUND)._replace(state=FeedState.GONE), FeedHealthStatus.GONE),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_feed_that_is_not_well_has_a_remedy_and_no_other(
    feed: FollowedFeed, expected: FeedHealthStatus
) -> None:
    assert health_status(feed, NOW) == expected
    is_well = expected in (FeedHealthStatus.WELL, FeedHealthStatus.NEW)
    assert (find_remedy(feed, NOW) is None) is is_well
    assert ("→" in feed_text.render_feed(feed, NOW, TRIPOLI)) is not is_well


@pytest.mark.parametrize("error", RejectReason)
def test_whatever_was_wrong_there_is_something_to_do_that_has_to_do_with_feeds(
    error: RejectReason,
) -> None:
    rendered = find_remedy(failing(error), NOW)
    assert rendered
    assert "text" not in rendered
    assert explain_rejection(SourceRejected(error, "wrong", "Do this")).remedy


def test_a_feed_is_laid_out_with_its_times_in_the_zone_of_the_settings() -> None:
    chosen = FeedOptions("The Noran Courier", "fr", hold=True, require=("ميناء", "port"))
    feed = failing(RejectReason.NOT_FOUND)._replace(options=chosen)
    shown = feed_text.render_feed(feed, NOW, TRIPOLI)
    waits = "2 to be read · 5 held (`briefing feeds held --feed 3`) · next 2026-02-05 12:00"
    assert shown.splitlines() == [
        "3  \u2068The Noran Courier\u2069 · rss · fr · held for approval",
        "   https://noran.example/feed",
        f"   failing · last read 2026-02-05 10:00 · 0.0 articles a day · {waits}",
        "   only with: \u2068ميناء\u2069, \u2068port\u2069",
        "   failed 4 times, last 2026-02-05 10:30: the page does not exist (404)",
        "   → Look for its new address on the site, add that, and remove this feed",
    ]


def test_what_a_feed_calls_itself_drives_no_terminal() -> None:
    found = DiscoveredFeed(
        "https://noran.example/", "noran.example", FeedKind.LIST, "A\x1b[2J\u202eB\nC"
    )
    shown = feed_text.render_feed(followed(discovered=found), NOW, TRIPOLI)
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_a_figure_without_data_is_null() -> None:
    feed = followed(health=WELL._replace(articles_per_day=None), state=FeedState.PAUSED)
    rendered = json_output.serialize_feed(feed, NOW)
    assert rendered["health"]["articles_a_day"] is None
    assert rendered["next_at"] is None
    assert json_output.serialize_feed(followed(), NOW)["health"]["articles_a_day"] == 3.25
    none = followed(health=WELL._replace(articles_per_day=0.0))
    assert json_output.serialize_feed(none, NOW)["health"]["articles_a_day"] == 0.0


def test_an_article_that_waits_is_shown_on_one_line_with_what_is_doubtful_of_it() -> None:
    story = ExtractedArticle(text="The council met.\nIt rained.", only_summary=True)
    item = PendingArticle(7, 1, 3, "Courier", story, "open", False, NOW, None)
    assert feed_text.render_pending_article(item, "en") == (
        "7  \u2068date unknown\u2069  \u2068Courier\u2069  \u2068The council met. It rained.\u2069"
        "  (feed 3 · only a summary)"
    )
    assert json_output.serialize_pending_article(item)["only_summary"]


def test_what_came_is_what_there_is_more_of_and_what_the_log_has_since(tmp_path: Path) -> None:
    database = Database(tmp_path)
    at = NOW.isoformat()

    def item(state: str, number: int) -> dict[str, Any]:
        seen = {"first_seen": at, "last_seen": at}
        return {"number": number, "feed": 1, "said": number, "state": state, **seen}

    try:
        with database.write_transaction() as connection:
            row = {"address": "https://noran.example/", "host": "noran.example", "kind": "rss"}
            times = {"added_at": at, "added_by": "terminal", "next_at": at}
            connection.execute(insert(feeds).values(number=1, state="active", **row, **times))
            connection.execute(insert(feed_items), [item("failed", 1), item("waiting", 2)])
            audit_log.write(connection, at, "feed 1", "added", "port")
            before = snapshot_counts(connection)
            assert poll_stats_since(connection, before) == {}
            is_2 = feed_items.c.number == 2
            connection.execute(update(feed_items).where(is_2).values(state="held"))
            more = item("failed", 3), item("carried", 4), item("carried", 5), item("done", 6)
            connection.execute(insert(feed_items), more)
            for by, what in (("feed 1", "added"), ("feed 1", "edited"), ("feed 12", "added")):
                audit_log.write(connection, at, by, what, "rain")
            for by, what in (("terminal", "added"), ("terminal", "feed added")):
                audit_log.write(connection, at, by, what, "rain")
            assert poll_stats_since(connection, before) == {
                1: FeedPollStats(added=1, corrected=1, carried=2, held=1, failed=1),
                12: FeedPollStats(added=1),
            }
    finally:
        database.close()


def test_what_came_is_told_in_words_that_leave_out_what_did_not() -> None:
    rendered = feed_text.poll_stats_text(FeedPollStats(added=2, failed=1), waiting=4)
    assert rendered == "2 added, 1 could not be read, 4 still to be read"
    assert feed_text.poll_stats_text(FeedPollStats()) == "nothing new"
