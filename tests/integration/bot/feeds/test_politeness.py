"""Sites are asked one request at a time, no sooner than they want, and not where they do not."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise

import pytest
from aiohttp import web

from bot.feeds.services import FeedServices
from bot.feeds.store.feeds import FeedState
from bot.feeds.store.sites import MAX_NEW_SITES
from index.ingest.http.robots import MAX_ROBOTS_BYTES
from index.ingest.rejections import RejectReason
from tests.fakes.web.site import Site
from tests.fixtures.newspaper_pages import Item, page, rss, story
from tests.fixtures.virtual_time import REQUEST_SECONDS, START
from tests.integration.bot.feeds.conftest import FeedHarness
from tests.integration.bot.feeds.test_poller import asked, only, serve, whole


@contextmanager
def times(harness: FeedHarness, site: Site) -> Iterator[list[tuple[datetime, str]]]:
    """When which path is asked for."""
    noted: list[tuple[datetime, str]] = []
    serve_it = site._serve

    async def note(request: web.BaseRequest) -> web.StreamResponse:
        noted.append((harness.time(), request.path))
        return await serve_it(request)

    site._serve = note  # type: ignore[method-assign]
    site._runner.server.request_handler = note  # type: ignore[union-attr]
    yield noted


def test_two_requests_to_a_site_lie_as_far_apart_as_the_settings_say(
    harness: FeedHarness, site: Site
) -> None:
    for n in (1, 2, 3):
        site.page(f"/news/{n}", page(f"Number {n}", story(n)))
    address = serve(site, [Item(n, START) for n in (1, 2, 3)])
    with times(harness, site) as noted:
        harness.follow(address)
    gaps = [later - earlier for (earlier, _), (later, _) in pairwise(noted)]
    assert len(noted) == 6
    assert min(gaps) >= timedelta(seconds=2)


def test_a_site_that_asks_for_more_time_between_requests_gets_it(
    harness: FeedHarness, site: Site
) -> None:
    site.page("/robots.txt", "User-agent: *\nCrawl-delay: 30\n", "text/plain")
    site.page("/news/1", page("Number 1", story(1)))
    address = serve(site, [Item(1, START), whole(2)])
    with times(harness, site) as noted:
        harness.follow(address)
    gaps = [later - earlier for (earlier, _), (later, _) in pairwise(noted[1:])]
    assert min(gaps) >= timedelta(seconds=30)


def test_a_page_that_a_site_does_not_show_to_programs_is_not_asked_for(
    harness: FeedHarness, site: Site
) -> None:
    site.page("/robots.txt", "User-agent: *\nDisallow: /news/\n", "text/plain")
    site.page("/news/1", page("Number 1", story(1)))
    harness.follow(
        serve(site, [Item(1, START, summary="The harbour was opened again on Thursday.")])
    )
    assert only(harness).only_summary
    assert asked(site, "/news/1") == 0


def test_a_feed_that_a_site_does_not_show_to_programs_is_not_followed(
    harness: FeedHarness, site: Site
) -> None:
    address = serve(site, [whole(1)])
    harness.follow(address)
    site.page("/robots.txt", "User-agent: libya-briefing\nDisallow: /rss\n", "text/plain")
    harness.later(days=2)
    before = asked(site, "/rss")
    harness.later(days=2)
    assert asked(site, "/rss") == before
    assert harness.feed().health.error is RejectReason.DISALLOWED_BY_ROBOTS


def test_robots_txt_is_asked_for_once_a_day_through_every_restart(
    harness: FeedHarness, site: Site
) -> None:
    harness.follow(serve(site, [whole(1)]))
    for _ in range(8):
        harness.later(hours=5)
    assert asked(site, "/robots.txt") == 2


def test_of_a_robots_txt_the_first_500_kib_are_stored_and_kept_to(
    harness: FeedHarness, site: Site
) -> None:
    rules = "User-agent: *\nDisallow: /news/1\n"
    site.page("/robots.txt", rules + "Disallow: /x\n" * 700_000 + "Disallow: /news/2", "text/plain")
    for n in (1, 2):
        site.page(f"/news/{n}", page(f"Number {n}", story(n)))
    harness.follow(serve(site, [Item(n, START) for n in (1, 2)]))
    assert (asked(site, "/news/1"), asked(site, "/news/2")) == (0, 1)
    state = harness.run(lambda services: services._sites.get(f"127.0.0.1:{site.port}"))
    assert state is not None
    assert state.robots is not None
    assert state.robots.startswith(rules)
    assert len(state.robots.encode()) <= MAX_ROBOTS_BYTES


def test_of_a_feed_that_leads_to_ever_new_sites_twenty_are_asked_in_a_day(
    harness: FeedHarness, site: Site
) -> None:
    site.page("/robots.txt", "", status=404)
    site.page("/story", page("Elsewhere", story(1)))
    address = serve(site, [whole(0)])
    harness.follow(address)
    links = [site.url("/story", f"paper{n}.noran.test") for n in range(1, MAX_NEW_SITES + 6)]
    site.asked.clear()
    serve(site, [*(Item(n, START, link=link) for n, link in enumerate(links, 1)), whole(0)])
    harness.later(hours=6)
    assert len(hosts_asked(site)) == MAX_NEW_SITES
    assert harness.feed().health.waiting == 5
    assert harness.feed().health.site_limit_at is not None
    harness.later(hours=24)
    assert len(hosts_asked(site)) == len(links)
    assert harness.feed().health.waiting == 0


def test_a_page_that_redirects_to_ever_new_sites_is_not_followed_beyond_twenty_a_day(
    harness: FeedHarness, site: Site
) -> None:
    site.page("/robots.txt", "", status=404)
    harness.follow(serve(site, [whole(0)]))
    for n in range(1, 31):
        site.redirect(f"/news/{n}", site.url(f"/on/{n}", f"paper{n}.noran.test"))
    site.asked.clear()
    serve(site, [*(Item(n, START, summary=f"Item {n}.") for n in range(1, 31)), whole(0)])
    harness.later(hours=6)
    assert len(hosts_asked(site)) == MAX_NEW_SITES


def hosts_asked(site: Site) -> set[str]:
    """The hosts that were asked for a page or its robots.txt, other than the feed's."""
    return {each.headers["Host"] for each in site.asked if "noran.test" in each.headers["Host"]}


@pytest.mark.parametrize("as_date", [False, True])
def test_a_site_is_left_alone_for_as_long_as_it_says(
    harness: FeedHarness, site: Site, as_date: bool
) -> None:
    harness.follow(serve(site, [whole(1)]))
    polls: list[datetime] = []

    async def busy(request: web.BaseRequest) -> web.StreamResponse:
        until = harness.time() + timedelta(hours=30)
        polls.append(until)
        wait = format_datetime(until, usegmt=True) if as_date else "108000"
        return web.Response(status=429, headers={"Retry-After": wait})

    site.put("/rss", busy)
    harness.later(days=1)
    serve(site, [whole(1)])
    with times(harness, site) as noted:
        harness.later(days=3)
    assert len(polls) == 1
    assert min(at for at, _ in noted) >= polls[0] - timedelta(seconds=1)


def test_a_pause_that_a_site_asked_for_holds_for_its_other_feeds_and_after_a_restart(
    harness: FeedHarness, site: Site
) -> None:
    harness.follow(serve(site, [whole(1)]))
    harness.follow(serve(site, [whole(2)], "/second"))
    site.page("/rss", "", status=503, headers={"Retry-After": "864000"})
    harness.later(days=1)
    last = len(site.asked)
    harness.later(days=3)
    assert len(site.asked) == last


def test_a_feed_that_fails_is_asked_more_and_more_rarely(harness: FeedHarness, site: Site) -> None:
    harness.follow(serve(site, [whole(1)]))
    site.page("/rss", "", status=500)
    with times(harness, site) as noted:
        harness.later(days=4)
    asks = [at for at, path in noted if path == "/rss"]
    gaps = [later - earlier for earlier, later in pairwise(asks)]
    assert len(asks) < 15
    assert gaps[-1] > 4 * gaps[0]
    assert harness.feed().health.failures == len(asks)


def test_a_feed_that_is_gone_for_good_is_asked_no_more(harness: FeedHarness, site: Site) -> None:
    harness.follow(serve(site, [whole(1)]))
    site.page("/rss", "", status=410)
    harness.later(days=10)
    feed = harness.feed()
    assert (feed.state, feed.health.error) == (FeedState.GONE, RejectReason.NOT_FOUND)
    assert asked(site, "/rss") == 3


def test_a_feed_that_has_moved_for_good_is_asked_for_at_its_new_address(
    harness: FeedHarness, site: Site
) -> None:
    serve(site, [whole(1)], "/new")
    harness.follow(serve(site, [whole(1)]))
    site.redirect("/rss", "/new", 301)
    harness.later(days=1)
    old = asked(site, "/rss")
    harness.later(days=2)
    assert asked(site, "/rss") == old
    assert harness.feed().discovered.address.endswith("/new")


def test_a_page_in_the_place_of_a_feed_is_an_error_and_no_change(
    harness: FeedHarness, site: Site
) -> None:
    harness.follow(serve(site, [whole(1)]))
    links = "".join(
        f'<a href="/a/{n}">A long headline about number {n} in Noran</a>' for n in range(9)
    )
    site.page("/rss", f"<html><body>{links}</body></html>")
    harness.later(days=1)
    assert harness.feed().health.error is RejectReason.NO_FEED
    assert len(harness.articles) == 1


@pytest.mark.parametrize("fault", ["silent", "broken", "cut", "nothing"])
def test_a_feed_that_breaks_off_is_read_when_it_is_whole_again(
    harness: FeedHarness, site: Site, fault: str
) -> None:
    harness.follow(serve(site, [whole(1)]))
    body = rss([whole(2), whole(1)], site.url("").rstrip("/"))
    if fault == "cut":
        site.page("/rss", body[:40])
    elif fault == "nothing":
        site.page("/rss", "")
    else:
        getattr(site, fault)("/rss")
    if fault == "silent":
        harness.request_seconds = 0.2
    harness.later(hours=6)
    assert harness.feed().health.failures > 0
    harness.request_seconds = REQUEST_SECONDS
    site.page("/rss", body)
    harness.later(days=1)
    assert harness.feed().health.failures == 0
    assert len(harness.articles) == 2


def test_a_feed_that_changes_often_is_asked_often_and_a_silent_one_once_a_day(
    harness: FeedHarness, site: Site
) -> None:
    harness.follow(serve(site, [whole(1)]))
    harness.follow(serve(site, [whole(2)], "/silent"))
    for hour in range(1, 13):
        serve(
            site,
            [Item(100 + hour, harness.time(), summary=f"Hour {hour} of the harbour."), whole(1)],
        )
        harness.later(hours=1)
    quick, silent = asked(site, "/rss"), asked(site, "/silent")
    harness.later(hours=1)
    assert asked(site, "/rss") - quick >= 1
    assert asked(site, "/rss") > 1.5 * asked(site, "/silent")
    harness.later(days=14)
    silent = asked(site, "/silent")
    harness.later(days=7)
    assert 6 <= asked(site, "/silent") - silent <= 8


def test_sites_are_asked_beside_each_other_and_each_alone(harness: FeedHarness, site: Site) -> None:
    """In real time: each host answers slowly, and says how many are there at once."""
    there: dict[str, int] = {}
    most: dict[str, int] = {}
    together: list[int] = []

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        host = request.headers["Host"].partition(":")[0]
        there[host] = there.get(host, 0) + 1
        most[host] = max(most.get(host, 0), there[host])
        together.append(sum(there.values()))
        await asyncio.sleep(0.05)
        there[host] -= 1
        return web.Response(text=rss([], "http://x"), content_type="application/rss+xml")

    for n in range(4):
        site.put(f"/feed{n}", answer)

    async def follow(services: FeedServices) -> None:
        from bot.feeds.store.feeds import DiscoveredFeed, FeedOptions
        from index.ingest.feeds.models import FeedKind
        from index.urls import parse_host

        for host in ("a.example", "b.example"):
            for n in range(4):
                address = site.url(f"/feed{n}", host)
                found = DiscoveredFeed(address, parse_host(address), FeedKind.RSS)
                await services.feed_manager.feeds.add(found, FeedOptions(), "nadia")
        await services.poller.run(until=harness.time() + timedelta(minutes=2))

    harness.run(follow)
    harness.well()
    assert max(most.values()) == 1
    assert max(together) == 2
