"""Poll a feed and record its entries."""

from __future__ import annotations

from functools import partial
from random import Random

from bot.feeds.entry_diff import diff_entries
from bot.feeds.politeness import PolitenessPolicy, SiteBackoff
from bot.feeds.poll_schedule import (
    MAX_QUEUE_INTERVAL,
    compute_poll_interval,
    next_poll_after_failure,
    next_poll_after_success,
)
from bot.feeds.store.items import DueFeed, FeedItemStore
from bot.feeds.web_reader import WebReader
from bot.runtime.executors import Worker
from index.clock import Clock
from index.errors import BriefingError
from index.ingest.feeds.change_digest import stable_digest
from index.ingest.feeds.models import Feed, FeedKind
from index.ingest.http.failures import HttpStatusRejected
from index.ingest.http.fetcher import CacheValidators, FetchResult
from index.ingest.rejections import RejectReason, SourceRejected
from index.urls import parse_host

MAX_PARTS = 3
"""Number of sitemaps that are read from a sitemap index, the newest first."""
_GONE = 410


class FeedUpdater:
    """Polls feeds."""

    def __init__(
        self,
        items: FeedItemStore,
        web_reader: WebReader,
        politeness: PolitenessPolicy,
        clock: Clock,
        rng: Random,
        worker: Worker,
    ) -> None:
        self._items = items
        self._web_reader = web_reader
        self._politeness = politeness
        self._clock = clock
        self._rng = rng
        self._worker = worker

    async def poll(self, feed: DueFeed) -> None:
        """Poll a feed; record its entries or its failure, and schedule the next poll."""
        await self._items.mark_poll_started(feed.number)
        try:
            page = await self._web_reader.get(
                feed.address, self._politeness.slot_for_feed(feed.number), feed.validators
            )
            ttl_minutes = await self._store_page(feed, page)
        except SiteBackoff as backoff:
            await self._items.schedule_next_poll(feed.number, backoff.until)
        except SourceRejected as rejection:
            await self._record_failure(feed, rejection)
        except BriefingError:
            raise  # a local fault, not one of the site
        except Exception as error:
            message = f"reading it broke off ({type(error).__name__})"
            await self._record_failure(feed, SourceRejected(RejectReason.DAMAGED, message))
            raise
        else:
            added_at, change_times = await self._items.list_change_times(feed.number)
            now = self._clock()
            wait = compute_poll_interval(change_times, added_at, now, ttl_minutes)
            if await self._items.has_queued(feed.number):
                wait = min(wait, MAX_QUEUE_INTERVAL)
            await self._items.schedule_next_poll(
                feed.number, next_poll_after_success(now, wait, self._rng)
            )
            if page.moved:
                await self._items.update_address(feed.number, page.url, parse_host(page.url))

    async def _store_page(self, feed: DueFeed, page: FetchResult) -> int | None:
        """Record the feed's entries; return the time to live in minutes that it declares.

        Raises `SourceRejected`.
        """
        if page.unchanged:
            validators = CacheValidators(
                *(new or old for new, old in zip(page.validators, feed.validators, strict=True))
            )
            await self._items.mark_unchanged(feed.number, validators)
            return feed.ttl_minutes
        digest = stable_digest(page.content)
        if digest == feed.digest:
            await self._items.mark_unchanged(feed.number, page.validators)
            return feed.ttl_minutes
        parsed = await self._read_feed(page, feed.number)
        if parsed.kind is FeedKind.LIST and feed.kind != FeedKind.LIST:
            raise SourceRejected(
                RejectReason.NO_FEED,
                "a page has come in the place of the feed",
                "See whether the feed has another address now",
            )
        known_items = await self._items.list_known(feed.number)
        diff = await self._worker.run(partial(diff_entries, parsed.entries, known_items))
        await self._items.record_entries(feed.number, parsed, diff, digest, page.validators)
        return parsed.minutes

    async def _read_feed(self, page: FetchResult, feed_number: int) -> Feed:
        feed = await self._web_reader.read_feed(page)
        entries = list(feed.entries)
        for part in feed.parts[:MAX_PARTS]:
            part_page = await self._web_reader.get(
                part, self._politeness.slot_for_feed(feed_number)
            )
            entries += (await self._web_reader.read_feed(part_page)).entries
        return feed.model_copy(update={"entries": tuple(entries)})

    async def _record_failure(self, feed: DueFeed, rejection: SourceRejected) -> None:
        gone = isinstance(rejection, HttpStatusRejected) and rejection.status == _GONE
        wait = await self._politeness.apply_retry_after(rejection)
        next_at = next_poll_after_failure(self._clock(), feed.failures + 1, self._rng, wait)
        await self._items.mark_failed(feed.number, rejection, next_at, gone=gone)
