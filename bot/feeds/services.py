"""The feeds, wired together: what polls, what finds, what editors decide with."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from aiohttp.abc import AbstractResolver

from bot.feeds.approvals import ApprovalService
from bot.feeds.item_processor import ItemProcessor
from bot.feeds.keyword_filter import KeywordFilter
from bot.feeds.manager import FeedManager
from bot.feeds.politeness import PolitenessPolicy, Rest
from bot.feeds.poller import ATTENTIVE, Poller
from bot.feeds.store.approval_queue import ApprovalQueue
from bot.feeds.store.feeds import FeedStore
from bot.feeds.store.items import FeedItemStore
from bot.feeds.store.sites import SiteStore
from bot.feeds.updater import FeedUpdater
from bot.feeds.web_reader import APART, SandboxReaders, WebReader
from bot.runtime.db_writer import DatabaseWriter
from bot.settings import Settings, load_boilerplate, load_names
from index.archive import Archive
from index.clock import Clock, system_clock
from index.ingest.http.fetcher import MAX_WAIT_SECONDS
from index.text.gazetteer import Gazetteer

SITES_FORGOTTEN = timedelta(days=60)


class FeedServices:
    """All that has to do with feeds, over one archive."""

    def __init__(
        self,
        settings: Settings,
        archive: Archive,
        writing: DatabaseWriter,
        *,
        failed: Callable[[BaseException], object],
        clock: Clock = system_clock,
        rest: Rest | None = None,
        resolver: AbstractResolver | None = None,
        patience: float = MAX_WAIT_SECONDS,
        readers: SandboxReaders = APART,
        chance: Random | None = None,
        attentive: timedelta = ATTENTIVE,
    ) -> None:
        """Wire them; tests set the time (`clock`, `rest`), names of hosts, patience, and chance."""
        chosen, zone = settings.feeds, settings.zone
        rest = rest or _resting(clock)
        self._pages = WebReader(
            load_boilerplate(settings.config_dir),
            zone,
            clock,
            allow_loopback=settings.fetching.allow_loopback,
            contact=chosen.contact,
            resolver=resolver,
            patience=patience,
            readers=readers,
        )
        self._sites = SiteStore(writing)
        self._clock = clock
        gap = timedelta(seconds=chosen.seconds_between)
        courtesy = PolitenessPolicy(self._sites, self._pages.get, clock, rest, gap)
        feeds = FeedStore(writing, clock)
        self._items = FeedItemStore(writing, clock)
        topics = KeywordFilter(Gazetteer(load_names(settings.config_dir)))
        self._bringing = ItemProcessor(
            archive, feeds, self._items, self._pages, courtesy, topics, zone=zone, clock=clock
        )
        following = FeedUpdater(self._items, self._pages, courtesy, clock, chance or Random())  # noqa: S311 - no secret
        self.poller = Poller(
            self._items,
            following,
            self._bringing,
            courtesy,
            clock=clock,
            rest=rest,
            failed=failed,
            attentive=attentive,
        )
        self.control = FeedManager(feeds, self._pages, courtesy, clock, self.poller.poke)
        self.approving = ApprovalService(archive, ApprovalQueue(writing, clock))

    def close(self) -> None:
        """Begin nothing more."""
        for each in (self._pages, self._bringing, self.approving):
            each.close()

    async def forget(self) -> None:
        """Forget what has long been in no feed, and sites that were long not asked."""
        await self._items.forget()
        await self._sites.forget(self._clock() - SITES_FORGOTTEN)


def _resting(clock: Clock) -> Rest:
    async def rest(until: datetime) -> None:
        await asyncio.sleep(max(0.0, (until - clock()).total_seconds()))

    return rest
