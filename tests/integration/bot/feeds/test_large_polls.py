"""Polls that bring more than is taken at once: the rest comes later, and nothing is lost."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import pytest
from aiohttp import web
from sqlalchemy import select

from bot.feeds.entry_diff import MAX_NEW_ITEMS, diff_entries
from bot.feeds.services import FeedServices
from bot.feeds.store.feeds import DEFAULT_OPTIONS, DiscoveredFeed
from bot.feeds.store.items import FeedItemStore, ItemResult, ItemState
from bot.feeds.store.schema import feed_items, feeds
from index.ingest.feeds.models import Feed, FeedEntry, FeedKind
from index.ingest.http.fetcher import CacheValidators
from tests.fakes.web.site import Site
from tests.fixtures.newspaper_pages import Item
from tests.fixtures.virtual_time import START
from tests.integration.bot.feeds.conftest import FeedHarness
from tests.integration.bot.feeds.test_poller import asked, serve, whole

FOUND = DiscoveredFeed("https://noran.example/feed", "noran.example", FeedKind.RSS, "Noran Ledger")
VALIDATORS = CacheValidators('"1"', None)


def listed(numbers: Sequence[int], summary: str = "What is known of it.") -> list[FeedEntry]:
    return [
        FeedEntry(id=str(number), title=f"News {number}", summary=summary) for number in numbers
    ]


class Ledger:
    """A feed whose entries are recorded without being read."""

    def __init__(self, services: FeedServices) -> None:
        self.items: FeedItemStore = services._items
        self._feeds = services.feed_manager.feeds

    async def follow(self) -> None:
        await self._feeds.add(FOUND, DEFAULT_OPTIONS, "terminal")
        await self.poll([])

    async def poll(self, entries: Sequence[FeedEntry]) -> None:
        diff = diff_entries(entries, await self.items.list_known(1))
        await self.items.record_entries(1, Feed(kind=FeedKind.RSS), diff, "digest", VALIDATORS)

    async def states(self) -> Counter[tuple[str, bool]]:
        """Return how many items there are of each state, and whether they alert nobody."""
        query = select(feed_items.c.state, feed_items.c.quiet)
        rows = await self.items._read(lambda connection: connection.execute(query).all())
        return Counter((row.state, bool(row.quiet)) for row in rows)

    async def finish(self) -> None:
        """Process all items that wait."""
        while due := (await self.items.find_due()).items:
            for item in due:
                await self.items.record_result(item, ItemResult(ItemState.DONE, "any", own=True))

    async def digest(self) -> str | None:
        query = select(feeds.c.digest)
        return await self.items._read(lambda connection: connection.scalar(query))


def test_a_poll_takes_the_newest_and_later_polls_take_the_rest_without_alerts(
    harness: FeedHarness,
) -> None:
    async def work(services: FeedServices) -> list[Counter[tuple[str, bool]]]:
        ledger = Ledger(services)
        await ledger.follow()
        await ledger.poll(listed(range(3_000)))
        states = [await ledger.states()]
        (first, *_) = (await ledger.items.find_due()).items
        assert first.entry.title == f"News {MAX_NEW_ITEMS - 1}"
        await ledger.poll(listed([9_999, *range(3_000)]))
        states.append(await ledger.states())
        await ledger.items.mark_unchanged(1, VALIDATORS)
        return [*states, await ledger.states()]

    assert harness.run(work) == [
        {("waiting", False): 50, ("queued", True): 2_950},
        {("waiting", False): 51, ("waiting", True): 49, ("queued", True): 2_901},
        {("waiting", False): 51, ("waiting", True): 99, ("queued", True): 2_851},
    ]


def test_corrections_are_bounded_as_new_entries_are(harness: FeedHarness) -> None:
    async def work(services: FeedServices) -> Counter[tuple[str, bool]]:
        ledger = Ledger(services)
        await ledger.follow()
        for first in (0, 40):
            await ledger.poll(listed(range(first, first + 40)))
        await ledger.finish()
        await ledger.poll(listed(range(80), "Corrected."))
        return await ledger.states()

    assert harness.run(work) == {("waiting", False): 50, ("queued", False): 30}


def test_entries_without_room_are_read_again_until_there_is_room(
    harness: FeedHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.feeds.store.items.MAX_QUEUED_ITEMS", 100)
    everything = listed(range(200))

    async def work(services: FeedServices) -> None:
        ledger = Ledger(services)
        await ledger.follow()
        await ledger.poll(everything)
        assert sum((await ledger.states()).values()) == 150
        assert await ledger.digest() is None
        await ledger.poll(everything)
        assert sum((await ledger.states()).values()) == 200
        assert await ledger.digest() == "digest"

    harness.run(work)


def test_a_feed_that_brings_too_much_is_asked_soon_until_all_of_it_has_come(
    harness: FeedHarness, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.feeds.store.items.MAX_NEW_ITEMS", 3)
    harness.follow(serve(site, [whole(1)]))
    new = [whole(n, at=START + timedelta(hours=1, minutes=9 - n)) for n in range(2, 9)]
    serve(site, [*new, whole(1)])
    harness.later(hours=8)
    assert len(harness.articles) == 8
    alerting = [each for each in harness.archive.arrivals(limit=9) if not each.suppress_alerts]
    assert {each.article.title for each in alerting} == {
        f"News number {number} of the ledger" for number in (2, 3, 4)
    }


def test_a_poll_starts_nothing_after_the_time_that_it_is_given(
    harness: FeedHarness, site: Site
) -> None:
    links = [site.url(f"/news/{n}", f"site{n}.noran.test") for n in range(1, 21)]
    items = [Item(n, START - timedelta(hours=n), link=link) for n, link in enumerate(links, 1)]

    async def poll(services: FeedServices) -> None:
        loop = asyncio.get_running_loop()

        async def answer_after_seconds(request: web.BaseRequest) -> web.StreamResponse:
            loop.call_soon_threadsafe(lambda: harness.time.move(seconds=5))
            return web.Response(status=404)

        await services.feed_manager.add(serve(site, items), "nadia")
        for number in range(1, 21):
            site.put(f"/news/{number}", answer_after_seconds)
        await services.poller.run(until=harness.time() + timedelta(seconds=9))
        for number in range(1, 21):
            site.page(f"/news/{number}", "", status=404)

    harness.run(poll)
    assert 1 <= sum(asked(site, f"/news/{number}") for number in range(1, 21)) <= 10
    harness.later(hours=1)
    assert all(asked(site, f"/news/{number}") == 1 for number in range(1, 21))
