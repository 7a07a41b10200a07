"""What nobody thought of: it is told, counted, and tried again, and nothing goes on for ever."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bot.feeds.manager import FeedManager
from bot.feeds.poll_schedule import PAGE_RETRY_DELAYS, is_dead
from bot.feeds.services import FeedServices
from bot.feeds.store.feeds import FeedOptions, FollowedFeed
from bot.feeds.web_reader import SandboxReaders
from index import urls
from index.ingest.feeds.opml_outline import FeedOutline
from index.ingest.rejections import RejectReason
from tests.fakes.web.site import Site
from tests.fixtures.newspaper_pages import Item
from tests.fixtures.virtual_time import HERE, START
from tests.integration.bot.feeds.conftest import FeedHarness
from tests.integration.bot.feeds.test_poller import asked, serve, whole

SHORT = Item(1, START - timedelta(hours=1), summary="What happened at quarter 1 of Noran.")
NO_NAME = "http://xn--a.noran.test/x"
"""Its host says that it is a name of IDNA, and is none."""


def broken(*_: object) -> Any:
    raise KeyError("a library's own error")


def waits(harness: FeedHarness, days: float, readers: SandboxReaders) -> None:
    """Let feeds be followed with these readers, whatever happens."""
    until = harness.time() + timedelta(days=days)
    harness.run(lambda services: services.poller.run(until=until), readers=readers)
    harness.time.move(seconds=max(0.0, (until - harness.time()).total_seconds()))


def test_a_page_that_breaks_its_reader_is_tried_some_times_and_given_up(
    harness: FeedHarness, site: Site
) -> None:
    site.page("/news/1", "<p>something</p>")
    harness.run(
        lambda services: services.feed_manager.add(serve(site, [SHORT]), "nadia", FeedOptions())
    )
    waits(harness, 3, HERE._replace(document=broken))
    assert [type(each) for each in harness.failures] == [KeyError] * (1 + len(PAGE_RETRY_DELAYS))
    assert asked(site, "/news/1") == 1 + len(PAGE_RETRY_DELAYS)
    assert harness.feed().health.waiting == 0


def test_a_feed_that_breaks_its_reader_fails_and_is_asked_more_and_more_rarely(
    harness: FeedHarness, site: Site
) -> None:
    harness.run(
        lambda services: services.feed_manager.add(serve(site, [whole(1)]), "nadia", FeedOptions())
    )
    before = asked(site, "/rss")
    waits(harness, 4, HERE._replace(feed=broken))
    health = harness.feed().health
    assert (health.error, health.failures) == (RejectReason.DAMAGED, len(harness.failures))
    assert health.failures == asked(site, "/rss") - before < 15


def test_an_item_on_a_host_that_is_no_name_comes_as_its_summary(
    harness: FeedHarness, site: Site
) -> None:
    harness.follow(serve(site, [SHORT._replace(link=NO_NAME)]))
    harness.later(days=1)
    (article,) = harness.articles
    assert article.only_summary


def test_a_feed_that_sends_on_to_a_host_that_is_no_name_fails(
    harness: FeedHarness, site: Site
) -> None:
    harness.follow(serve(site, [whole(1)]))
    site.redirect("/rss", NO_NAME, 302)
    harness.later(days=1)
    assert harness.feed().health.failures > 1


@pytest.mark.parametrize("paused", [True, False])
def test_a_feed_that_nobody_asked_for_days_is_not_dead_at_its_first_failures(
    harness: FeedHarness, site: Site, paused: bool
) -> None:
    harness.follow(serve(site, [whole(1)]))
    if paused:
        harness.run(lambda services: services.feed_manager.pause(1, "nadia"))
    harness.time.move(days=7)
    site.page("/rss", "", status=500)
    if paused:
        harness.run(lambda services: services.feed_manager.resume(1, "nadia"))
    harness.later(hours=2)
    assert harness.feed().health.failures >= 3
    assert not dead(harness)
    harness.later(days=2)
    assert dead(harness)


def dead(harness: FeedHarness) -> bool:
    health = harness.feed().health
    return is_dead(health.failing_since, health.failures, harness.time())


def test_what_two_editors_decide_of_a_feed_at_once_holds_both(
    harness: FeedHarness, site: Site
) -> None:
    harness.follow(serve(site, [whole(1)]))

    async def both(services: FeedServices) -> tuple[FollowedFeed, FollowedFeed]:
        choose = services.feed_manager.update_options
        return await asyncio.gather(
            choose(1, "nadia", source="The Noran Gazette"), choose(1, "layla", hold=True)
        )

    harness.run(both)
    chosen = harness.feed().options
    assert (chosen.source, chosen.hold) == ("The Noran Gazette", True)


def test_a_list_of_feeds_costs_as_much_for_each_of_them_however_long_it_is(
    harness: FeedHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = 0

    def counted(url: str) -> str:
        nonlocal compared
        compared += 1
        return urls.canonicalise_url(url)

    monkeypatch.setattr("bot.feeds.store.feeds.canonicalise_url", counted)
    monkeypatch.setattr("bot.feeds.manager._MAX_OUTLINES_PER_WRITE", 50)
    outlines = [
        FeedOutline(address=f"https://n{n}.noran.test/rss", paused=True) for n in range(100)
    ]

    async def take_in(services: FeedServices) -> Any:
        control: FeedManager = services.feed_manager
        return await control.import_opml([*outlines, outlines[7]], "nadia")

    imported = harness.run(take_in)
    assert (len(imported.added), imported.already_followed) == (100, (outlines[7].address,))
    assert compared <= 101 + 50 + 100, "each once, and those that are there once in each turn"


def test_a_feed_that_moves_to_where_another_is_followed_stays_where_it_was(
    harness: FeedHarness, site: Site
) -> None:
    harness.follow(serve(site, [whole(1)], "/one"))
    harness.follow(serve(site, [whole(2)], "/two"))
    site.redirect("/two", "/one?utm_source=two", 301)
    harness.later(days=2)
    assert harness.feed(2).discovered.address.endswith("/two")
