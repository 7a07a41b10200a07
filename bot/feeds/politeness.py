"""Limit the requests to each site: one at a time, with an interval, as its robots.txt allows."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple
from urllib.parse import urlsplit

from bot.feeds.poll_schedule import MAX_POLL_DURATION, parse_retry_after
from bot.feeds.store.sites import MAX_NEW_SITES, SiteState, SiteStore
from bot.runtime.executors import Worker
from index.clock import Clock
from index.ingest.http.failures import HttpStatusRejected
from index.ingest.http.fetcher import FetchResult, RequestSlot
from index.ingest.http.robots import ALLOW_ALL, RobotsPolicy, decode_robots, parse_robots
from index.ingest.rejections import RejectReason, SourceRejected
from index.urls import parse_host

ROBOTS_MAX_AGE = timedelta(days=1)
"""Maximum age of a cached robots.txt, as in RFC 9309, 2.4."""
_STALE_ROBOTS_MAX_AGE = timedelta(days=30)
"""If a robots.txt is unreachable, the last one stays valid for this time (RFC 9309, 2.3.1.4)."""
_ROBOTS_CACHE_SIZE = 500
_ROBOTS_CACHE_CHARACTERS = 5_000_000
"""Characters of all cached files; parsed, they take up to seventeen times as many bytes."""

SleepUntil = Callable[[datetime], Awaitable[None]]
"""Waits until an instant."""
FetchPage = Callable[[str, RequestSlot], Awaitable[FetchResult]]
"""Fetches a page within a request slot. Raises `SourceRejected`."""


class SiteBackoff(SourceRejected):
    """A site must not be asked before `until`, which is too long to wait."""

    def __init__(
        self,
        until: datetime,
        reason: RejectReason = RejectReason.SITE_ERROR,
        cause: str = "the site is to be left alone",
    ) -> None:
        super().__init__(reason, f"{cause} until {until:%Y-%m-%d %H:%M} UTC")
        self.until = until


class NewSiteLimitReached(SiteBackoff):
    """The feed has led to `MAX_NEW_SITES` new sites within a day, and to no more before `until`."""

    def __init__(self, until: datetime) -> None:
        super().__init__(
            until,
            RejectReason.TOO_MANY_SITES,
            f"the feed led to {MAX_NEW_SITES} new sites in a day, and no other is asked",
        )


class _CachedRobots(NamedTuple):
    """The parsed robots.txt of a site."""

    valid_since: datetime
    policy: RobotsPolicy
    size: int
    """Number of characters."""


class PolitenessPolicy:
    """Decides when a site may be asked."""

    def __init__(
        self,
        sites: SiteStore,
        fetch_robots: FetchPage,
        clock: Clock,
        sleep_until: SleepUntil,
        min_interval: timedelta,
        worker: Worker,
    ) -> None:
        """Create the policy with the minimum interval between two requests to a site."""
        self._sites = sites
        self._fetch_robots = fetch_robots
        self._worker = worker
        self._clock = clock
        self._sleep_until = sleep_until
        self._min_interval = min_interval
        self._started_at = clock()
        self._free_at: dict[str, datetime] = {}
        self._slot_locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._robots_locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._robots_cache: dict[str, _CachedRobots] = {}

    async def load(self) -> None:
        """Load the sites that must not be asked yet."""
        self._free_at |= await self._sites.list_backed_off(self._clock())

    def free_at(self, host: str) -> datetime:
        """Return when a site may be asked.

        After a start every site counts as just asked, because the last process may have done so.
        """
        return self._free_at.get(host, self._started_at + self._min_interval)

    async def apply_retry_after(self, rejection: SourceRejected) -> timedelta | None:
        """Back off from a site for the time in its Retry-After; return that time, if any."""
        if not isinstance(rejection, HttpStatusRejected):
            return None
        wait = parse_retry_after(rejection.retry_after, self._clock())
        if wait:
            await self.back_off(parse_host(rejection.url), wait)
        return wait

    async def back_off(self, host: str, wait: timedelta) -> None:
        """Send no request to the site for `wait`."""
        until = self._clock() + wait
        if until > self.free_at(host):
            self._free_at[host] = until
            await self._sites.back_off(host, until)

    def slot_for_feed(self, feed_number: int) -> RequestSlot:
        """Return `request_slot` for what a feed leads to; it may raise `NewSiteLimitReached`."""
        return partial(self.request_slot, feed_number=feed_number)

    @asynccontextmanager
    async def request_slot(
        self, url: str, *, feed_number: int | None = None
    ) -> AsyncIterator[None]:
        """Wait for the site's next request slot, if its robots.txt allows the address.

        Raises `SourceRejected` if robots.txt disallows it or is unavailable, and `SiteBackoff`.
        """
        robots = await self.robots(url, feed_number)
        if not robots.can_fetch(url):
            raise SourceRejected(
                RejectReason.DISALLOWED_BY_ROBOTS,
                "the site asks programs not to read this (robots.txt)",
                "Add its articles by hand, or ask the site",
            )
        async with self._site_slot(url, timedelta(seconds=robots.crawl_delay)):
            yield

    @asynccontextmanager
    async def _site_slot(
        self, url: str, min_interval: timedelta = timedelta()
    ) -> AsyncIterator[None]:
        host = parse_host(url)
        async with self._slot_locks[host]:
            free_at = self._free_at.get(
                host, self._started_at + max(self._min_interval, min_interval)
            )
            if free_at - self._clock() > MAX_POLL_DURATION:
                raise SiteBackoff(free_at)
            await self._sleep_until(free_at)
            try:
                yield
            finally:
                next_free_at = self._clock() + max(self._min_interval, min_interval)
                self._free_at[host] = max(next_free_at, self._free_at.get(host, next_free_at))

    async def robots(self, url: str, feed_number: int | None = None) -> RobotsPolicy:
        """Return the rules in a site's robots.txt.

        Raises `SourceRejected` if the file is unavailable and no recent copy exists, and
        `NewSiteLimitReached`.
        """
        host = parse_host(url)
        async with self._robots_locks[host]:
            cached = self._robots_cache.get(host)
            if cached and self._clock() - cached.valid_since < ROBOTS_MAX_AGE:
                return cached.policy
            loaded = await self._load_robots(url, host, feed_number)
            self._cache_robots(host, loaded)
            return loaded.policy

    def _cache_robots(self, host: str, loaded: _CachedRobots) -> None:
        """Cache a file, and drop the oldest ones beyond the limits."""
        cache = self._robots_cache
        cache.pop(host, None)
        cache[host] = loaded
        size = sum(each.size for each in cache.values())
        while len(cache) > 1 and (
            len(cache) > _ROBOTS_CACHE_SIZE or size > _ROBOTS_CACHE_CHARACTERS
        ):
            size -= cache.pop(next(iter(cache))).size

    async def _load_robots(self, url: str, host: str, feed_number: int | None) -> _CachedRobots:
        now = self._clock()
        site = await self._sites.get(host)
        if site is None:
            limited_until = await self._sites.add(host, feed_number, now)
            if limited_until:
                raise NewSiteLimitReached(limited_until)
            site = SiteState()
        if site.robots_at and now - site.robots_at < ROBOTS_MAX_AGE:
            return await self._parse_robots(site.robots, site.robots_at)
        try:
            page = await self._fetch_robots(
                f"{urlsplit(url).scheme}://{host}/robots.txt", self._site_slot
            )
        except SourceRejected as error:
            is_missing = (
                isinstance(error, HttpStatusRejected)
                and 400 <= error.status < 500
                and error.status != 429
            )
            if not is_missing:
                if site.robots_at and now - site.robots_at < _STALE_ROBOTS_MAX_AGE:
                    return await self._parse_robots(site.robots, now)
                raise
            text = None
        else:
            text = await self._worker.run(partial(decode_robots, page.content))
        await self._sites.save_robots(host, text, now)
        return await self._parse_robots(text, now)

    async def _parse_robots(self, text: str | None, valid_since: datetime) -> _CachedRobots:
        """Parse a file in the background: one that is made to be hard takes half a second."""
        if not text:
            return _CachedRobots(valid_since, ALLOW_ALL, 0)
        policy = await self._worker.run(partial(parse_robots, text))
        return _CachedRobots(valid_since, policy, len(text))
