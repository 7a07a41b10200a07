"""Limit the requests to each site: one at a time, with an interval, as its robots.txt allows."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from bot.feeds.poll_schedule import MAX_POLL_DURATION, parse_retry_after
from bot.feeds.store.sites import SiteStore
from index.clock import Clock
from index.ingest.http.failures import HttpStatusRejected
from index.ingest.http.fetcher import FetchResult, RequestSlot
from index.ingest.http.robots import ALLOW_ALL, RobotsPolicy, parse_robots
from index.ingest.rejections import RejectReason, SourceRejected
from index.urls import parse_host

ROBOTS_MAX_AGE = timedelta(days=1)
"""Maximum age of a cached robots.txt, as in RFC 9309, 2.4."""
_STALE_ROBOTS_MAX_AGE = timedelta(days=30)
"""If a robots.txt is unreachable, the last one stays valid for this time (RFC 9309, 2.3.1.4)."""
_ROBOTS_CACHE_SIZE = 500

SleepUntil = Callable[[datetime], Awaitable[None]]
"""Waits until an instant."""
FetchPage = Callable[[str, RequestSlot], Awaitable[FetchResult]]
"""Fetches a page within a request slot. Raises `SourceRejected`."""


class SiteBackoff(SourceRejected):
    """A site must not be asked before `until`, which is too long to wait."""

    def __init__(self, until: datetime) -> None:
        super().__init__(
            RejectReason.SITE_ERROR,
            f"the site is to be left alone until {until:%Y-%m-%d %H:%M} UTC",
        )
        self.until = until


class PolitenessPolicy:
    """Decides when a site may be asked."""

    def __init__(
        self,
        sites: SiteStore,
        fetch_page: FetchPage,
        clock: Clock,
        sleep_until: SleepUntil,
        min_interval: timedelta,
    ) -> None:
        """Create the policy with the minimum interval between two requests to a site."""
        self._sites = sites
        self._fetch_page = fetch_page
        self._clock = clock
        self._sleep_until = sleep_until
        self._min_interval = min_interval
        self._started_at = clock()
        self._free_at: dict[str, datetime] = {}
        self._slot_locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._robots_locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._robots_cache: dict[str, tuple[datetime, RobotsPolicy]] = {}

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

    @asynccontextmanager
    async def request_slot(self, url: str) -> AsyncIterator[None]:
        """Wait for the site's next request slot, if its robots.txt allows the address.

        Raises `SourceRejected` if robots.txt disallows it or is unavailable, and `SiteBackoff`.
        """
        robots = await self.robots(url)
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

    async def robots(self, url: str) -> RobotsPolicy:
        """Return the rules in a site's robots.txt.

        Raises `SourceRejected` if the file is unavailable and no recent copy exists.
        """
        host = parse_host(url)
        async with self._robots_locks[host]:
            cached = self._robots_cache.get(host)
            if cached and self._clock() - cached[0] < ROBOTS_MAX_AGE:
                return cached[1]
            loaded = await self._load_robots(url, host)
            if len(self._robots_cache) >= _ROBOTS_CACHE_SIZE:
                self._robots_cache.pop(next(iter(self._robots_cache)))
            self._robots_cache[host] = loaded
            return loaded[1]

    async def _load_robots(self, url: str, host: str) -> tuple[datetime, RobotsPolicy]:
        site, now = await self._sites.get(host), self._clock()
        policy = parse_robots((site.robots or "").encode()) if site.robots else ALLOW_ALL
        if site.robots_at and now - site.robots_at < ROBOTS_MAX_AGE:
            return site.robots_at, policy
        try:
            page = await self._fetch_page(
                f"{urlsplit(url).scheme}://{host}/robots.txt", self._site_slot
            )
        except HttpStatusRejected as error:
            if not 400 <= error.status < 500 or error.status == 429:
                if site.robots_at and now - site.robots_at < _STALE_ROBOTS_MAX_AGE:
                    return now, policy
                raise
            content = None
        except SourceRejected:
            if site.robots_at and now - site.robots_at < _STALE_ROBOTS_MAX_AGE:
                return now, policy
            raise
        else:
            content = page.content.decode(errors="replace")
        await self._sites.save_robots(host, content, now)
        return now, parse_robots(content.encode()) if content else ALLOW_ALL
