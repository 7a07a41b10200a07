"""Following a feed: it is asked, and what is in it is written down."""

from __future__ import annotations

import asyncio
from random import Random

from bot.feeds.entry_diff import diff_entries
from bot.feeds.politeness import PolitenessPolicy, SiteBackoff
from bot.feeds.poll_schedule import after_failure, after_success, interval
from bot.feeds.store.items import DueFeed, FeedItemStore
from bot.feeds.web_reader import WebReader
from index.clock import Clock
from index.errors import BriefingError
from index.ingest.feeds.change_digest import stable_digest
from index.ingest.feeds.models import Feed, FeedKind
from index.ingest.http.failures import HttpStatusRejected
from index.ingest.http.fetcher import CacheValidators, FetchResult
from index.ingest.rejections import RejectReason, SourceRejected
from index.urls import host_of

MAX_PARTS = 3
"""Of a sitemap of sitemaps so many are read, the newest."""
_GONE = 410


class FeedUpdater:
    """Asks feeds."""

    def __init__(
        self,
        items: FeedItemStore,
        pages: WebReader,
        courtesy: PolitenessPolicy,
        clock: Clock,
        chance: Random,
    ) -> None:
        self._items = items
        self._pages = pages
        self._courtesy = courtesy
        self._clock = clock
        self._chance = chance

    async def ask(self, feed: DueFeed) -> None:
        """Ask a feed, and note what it says, or why it says nothing."""
        await self._items.begin(feed.number)
        try:
            page = await self._pages.get(feed.address, self._courtesy.request_slot, feed.known)
            minutes = await self._taken(feed, page)
        except SiteBackoff as held:
            await self._items.ask_again(feed.number, held.until)
        except SourceRejected as refused:
            await self._failed(feed, refused)
        except BriefingError:
            raise  # something is wrong here, and not there
        except Exception as error:
            said = f"reading it broke off ({type(error).__name__})"
            await self._failed(feed, SourceRejected(RejectReason.DAMAGED, said))
            raise
        else:
            added, changes = await self._items.changes(feed.number)
            now = self._clock()
            wait = interval(changes, added, now, minutes)
            await self._items.ask_again(feed.number, after_success(now, wait, self._chance))
            if page.moved:
                await self._items.moved(feed.number, page.url, host_of(page.url))

    async def _taken(self, feed: DueFeed, page: FetchResult) -> int | None:
        """Note what came; return how long the feed says that it stays so. Raises `SourceRejected`."""
        if page.unchanged:
            known = CacheValidators(
                *(new or old for new, old in zip(page.known, feed.known, strict=True))
            )
            await self._items.unchanged(feed.number, known)
            return feed.minutes
        digest = stable_digest(page.content)
        if digest == feed.digest:
            await self._items.unchanged(feed.number, page.known)
            return feed.minutes
        read = await self._read(page)
        if read.kind is FeedKind.LIST and feed.kind != FeedKind.LIST:
            raise SourceRejected(
                RejectReason.NO_FEED,
                "a page has come in the place of the feed",
                "See whether the feed has another address now",
            )
        before = await self._items.before(feed.number)
        told = await asyncio.to_thread(diff_entries, read.entries, before)
        await self._items.read(feed.number, read, told, digest, page.known)
        return read.minutes

    async def _read(self, page: FetchResult) -> Feed:
        read = await self._pages.feed(page)
        entries = list(read.entries)
        for part in read.parts[:MAX_PARTS]:
            inner = await self._pages.get(part, self._courtesy.request_slot)
            entries += (await self._pages.feed(inner)).entries
        return read.model_copy(update={"entries": tuple(entries)})

    async def _failed(self, feed: DueFeed, refused: SourceRejected) -> None:
        gone = isinstance(refused, HttpStatusRejected) and refused.status == _GONE
        wait = await self._courtesy.apply_retry_after(refused)
        again = after_failure(self._clock(), feed.failures + 1, self._chance, wait)
        await self._items.failed(feed.number, refused, again, gone=gone)
