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
from bot.feeds.politeness import PolitenessPolicy, SleepUntil
from bot.feeds.poller import MAX_IDLE, Poller
from bot.feeds.store.approval_queue import ApprovalQueue
from bot.feeds.store.feeds import FeedStore
from bot.feeds.store.items import FeedItemStore
from bot.feeds.store.sites import SiteStore
from bot.feeds.updater import FeedUpdater
from bot.feeds.web_reader import SANDBOXED, SandboxReaders, WebReader
from bot.runtime.db_writer import DatabaseWriter
from bot.settings import Settings, load_boilerplate, load_gazetteer
from index.archive import Archive
from index.clock import Clock, system_clock
from index.ingest.http.fetcher import MAX_WAIT_SECONDS
from index.text.gazetteer import Gazetteer

SITE_RETENTION = timedelta(days=60)


class FeedServices:
    """All that has to do with feeds, over one archive."""

    def __init__(
        self,
        settings: Settings,
        archive: Archive,
        writer: DatabaseWriter,
        *,
        on_error: Callable[[BaseException], object],
        clock: Clock = system_clock,
        sleep_until: SleepUntil | None = None,
        resolver: AbstractResolver | None = None,
        timeout: float = MAX_WAIT_SECONDS,
        readers: SandboxReaders = SANDBOXED,
        rng: Random | None = None,
        max_idle: timedelta = MAX_IDLE,
    ) -> None:
        """Wire them; tests set the time (`clock`, `sleep_until`), names of hosts, patience, and chance."""
        feed_settings, zone = settings.feeds, settings.zone
        sleep_until = sleep_until or _build_sleep_until(clock)
        self._web_reader = WebReader(
            load_boilerplate(settings.config_dir),
            zone,
            clock,
            allow_loopback=settings.fetching.allow_loopback,
            contact=feed_settings.contact,
            resolver=resolver,
            timeout=timeout,
            readers=readers,
        )
        self._sites = SiteStore(writer)
        self._clock = clock
        min_interval = timedelta(seconds=feed_settings.seconds_between)
        politeness = PolitenessPolicy(
            self._sites, self._web_reader.get, clock, sleep_until, min_interval
        )
        feed_store = FeedStore(writer, clock)
        self._items = FeedItemStore(writer, clock)
        keyword_filter = KeywordFilter(Gazetteer(load_gazetteer(settings.config_dir)))
        self._item_processor = ItemProcessor(
            archive,
            feed_store,
            self._items,
            self._web_reader,
            politeness,
            keyword_filter,
            zone=zone,
            clock=clock,
        )
        updater = FeedUpdater(self._items, self._web_reader, politeness, clock, rng or Random())  # noqa: S311 - no secret
        self.poller = Poller(
            self._items,
            updater,
            self._item_processor,
            politeness,
            clock=clock,
            sleep_until=sleep_until,
            on_error=on_error,
            max_idle=max_idle,
        )
        self.feed_manager = FeedManager(
            feed_store, self._web_reader, politeness, clock, self.poller.wake
        )
        self.approvals = ApprovalService(archive, ApprovalQueue(writer, clock))

    def close(self) -> None:
        """Begin nothing more."""
        for service in (self._web_reader, self._item_processor, self.approvals):
            service.close()

    async def delete_expired(self) -> None:
        """Forget what has long been in no feed, and sites that were long not asked."""
        await self._items.forget()
        await self._sites.forget(self._clock() - SITE_RETENTION)


def _build_sleep_until(clock: Clock) -> SleepUntil:
    async def sleep_until(until: datetime) -> None:
        await asyncio.sleep(max(0.0, (until - clock()).total_seconds()))

    return sleep_until
