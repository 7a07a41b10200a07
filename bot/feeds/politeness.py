"""Courtesy towards sites: one request at a time, with a pause, and none that they do not want."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from bot.feeds.poll_schedule import MAX_POLL_DURATION, told_to_wait
from bot.feeds.store.sites import SiteStore
from index.clock import Clock
from index.ingest.http.failures import HttpStatusRejected
from index.ingest.http.fetcher import FetchResult, RequestSlot
from index.ingest.http.robots import ALLOW_ALL, RobotsPolicy, read_robots
from index.ingest.rejections import RejectReason, SourceRejected
from index.urls import host_of

ROBOTS_LAST = timedelta(days=1)
"""As RFC 9309, 2.4, asks."""
_ROBOTS_OUTLAST = timedelta(days=30)
"""While a robots.txt cannot be had, the last one counts for so long (RFC 9309, 2.3.1.4)."""
_REMEMBERED = 500

Rest = Callable[[datetime], Awaitable[None]]
"""Waits until a time."""
Ask = Callable[[str, RequestSlot], Awaitable[FetchResult]]
"""Fetches a page on visits of that kind. Raises `SourceRejected`."""


class SiteBackoff(SourceRejected):
    """A site that is to be left alone for longer than anybody waits."""

    def __init__(self, until: datetime) -> None:
        super().__init__(
            RejectReason.SITE_FAILED,
            f"the site is to be left alone until {until:%Y-%m-%d %H:%M} UTC",
        )
        self.until = until


class PolitenessPolicy:
    """Says when a site may be asked."""

    def __init__(
        self, sites: SiteStore, ask: Ask, clock: Clock, rest: Rest, gap: timedelta
    ) -> None:
        """`gap` is the least time between two requests to a site."""
        self._sites = sites
        self._ask = ask
        self._clock = clock
        self._rest = rest
        self._gap = gap
        self._begun = clock()
        self._free: dict[str, datetime] = {}
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._reading: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._robots: dict[str, tuple[datetime, RobotsPolicy]] = {}

    async def load(self) -> None:
        """Read which sites are to be left alone."""
        self._free |= await self._sites.held(self._clock())

    def free_at(self, host: str) -> datetime:
        """Return when a site may be asked. After a start all of them may just have been asked."""
        return self._free.get(host, self._begun + self._gap)

    async def apply_retry_after(self, refused: SourceRejected) -> timedelta | None:
        """Leave a site alone for as long as its refusal says; return how long, where it does."""
        if not isinstance(refused, HttpStatusRejected):
            return None
        told = told_to_wait(refused.wait, self._clock())
        if told:
            await self.hold(host_of(refused.url), told)
        return told

    async def hold(self, host: str, wait: timedelta) -> None:
        """Leave a site alone for as long as it said."""
        until = self._clock() + wait
        if until > self.free_at(host):
            self._free[host] = until
            await self._sites.hold(host, until)

    @asynccontextmanager
    async def request_slot(self, url: str) -> AsyncIterator[None]:
        """Wait for a site's turn, unless its robots.txt has nothing against it.

        Raises `SourceRejected` where it has, and where it cannot be asked.
        """
        robots = await self.robots(url)
        if not robots.may(url):
            raise SourceRejected(
                RejectReason.NOT_FOR_PROGRAMS,
                "the site asks programs not to read this (robots.txt)",
                "Add its articles by hand, or ask the site",
            )
        async with self._turn(url, timedelta(seconds=robots.delay)):
            yield

    @asynccontextmanager
    async def _turn(self, url: str, gap: timedelta = timedelta()) -> AsyncIterator[None]:
        host = host_of(url)
        async with self._turns[host]:
            free_at = self._free.get(host, self._begun + max(self._gap, gap))
            if free_at - self._clock() > MAX_POLL_DURATION:
                raise SiteBackoff(free_at)
            await self._rest(free_at)
            try:
                yield
            finally:
                later = self._clock() + max(self._gap, gap)
                self._free[host] = max(later, self._free.get(host, later))

    async def robots(self, url: str) -> RobotsPolicy:
        """Return what the robots.txt of a site says. Raises `SourceRejected` where it cannot be had."""
        host = host_of(url)
        async with self._reading[host]:
            known = self._robots.get(host)
            if known and self._clock() - known[0] < ROBOTS_LAST:
                return known[1]
            read = await self._read_robots(url, host)
            if len(self._robots) >= _REMEMBERED:
                self._robots.pop(next(iter(self._robots)))
            self._robots[host] = read
            return read[1]

    async def _read_robots(self, url: str, host: str) -> tuple[datetime, RobotsPolicy]:
        kept, now = await self._sites.one(host), self._clock()
        said = read_robots((kept.robots or "").encode()) if kept.robots else ALLOW_ALL
        if kept.robots_at and now - kept.robots_at < ROBOTS_LAST:
            return kept.robots_at, said
        try:
            page = await self._ask(f"{urlsplit(url).scheme}://{host}/robots.txt", self._turn)
        except HttpStatusRejected as refused:
            if not 400 <= refused.status < 500 or refused.status == 429:
                if kept.robots_at and now - kept.robots_at < _ROBOTS_OUTLAST:
                    return now, said
                raise
            content = None
        except SourceRejected:
            if kept.robots_at and now - kept.robots_at < _ROBOTS_OUTLAST:
                return now, said
            raise
        else:
            content = page.content.decode(errors="replace")
        await self._sites.keep_robots(host, content, now)
        return now, read_robots(content.encode()) if content else ALLOW_ALL
