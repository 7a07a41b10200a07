"""Compose the services for feeds: polling, discovery, management and approval."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from aiohttp.abc import AbstractResolver

from bot.feeds.approvals import ApprovalService
from bot.feeds.item_processor import FeedStores, ItemProcessor
from bot.feeds.keyword_filter import KeywordFilter
from bot.feeds.manager import FeedManager
from bot.feeds.politeness import PolitenessPolicy, SleepUntil
from bot.feeds.poller import MAX_IDLE, Poller, PollTiming
from bot.feeds.store.approval_queue import ApprovalQueue
from bot.feeds.store.feeds import FeedStore
from bot.feeds.store.items import FeedItemStore
from bot.feeds.store.sites import SiteStore
from bot.feeds.updater import FeedUpdater
from bot.feeds.web_reader import SANDBOXED, HttpOptions, SandboxReaders, WebReader
from bot.runtime.db_writer import DatabaseWriter
from bot.runtime.executors import Executors
from bot.settings import Settings, load_boilerplate, load_gazetteer
from index.archive import Archive
from index.clock import Clock, LocalTime, system_clock
from index.ingest.http.fetcher import MAX_WAIT_SECONDS
from index.text.gazetteer import Gazetteer

SITE_RETENTION = timedelta(days=60)


class FeedEnvironment(NamedTuple):
    """External dependencies of the feed services, which tests replace."""

    clock: Clock = system_clock
    sleep_until: SleepUntil | None = None
    resolver: AbstractResolver | None = None
    timeout: float = MAX_WAIT_SECONDS
    readers: SandboxReaders = SANDBOXED
    rng: Random | None = None
    max_idle: timedelta = MAX_IDLE


SYSTEM_ENVIRONMENT = FeedEnvironment()


class FeedServices:
    """The feed services of one archive."""

    def __init__(
        self,
        settings: Settings,
        archive: Archive,
        writer: DatabaseWriter,
        executors: Executors,
        on_error: Callable[[BaseException], object],
        environment: FeedEnvironment = SYSTEM_ENVIRONMENT,
    ) -> None:
        """Compose the services; report unexpected errors to `on_error`."""
        feed_settings, clock = settings.feeds, environment.clock
        self._clock = clock
        sleep_until = environment.sleep_until or _build_sleep_until(clock)
        web_reader = WebReader(
            load_boilerplate(settings.config_dir),
            settings.zone,
            clock,
            executors.feed_pages,
            HttpOptions(
                settings.fetching.allow_loopback,
                feed_settings.contact,
                environment.resolver,
                environment.timeout,
            ),
            readers=environment.readers,
        )
        self._sites = SiteStore(writer)
        min_interval = timedelta(seconds=feed_settings.seconds_between)
        politeness = PolitenessPolicy(
            self._sites,
            web_reader.get_robots,
            clock,
            sleep_until,
            min_interval,
            executors.feed_pages,
        )
        stores = FeedStores(FeedStore(writer, clock), FeedItemStore(writer, clock))
        self._items = stores.items
        item_processor = ItemProcessor(
            archive,
            stores,
            web_reader,
            politeness,
            KeywordFilter(Gazetteer(load_gazetteer(settings.config_dir))),
            LocalTime(clock, settings.zone),
            executors.feed_items,
        )
        rng = environment.rng or Random()  # noqa: S311 - not used for secrets
        updater = FeedUpdater(
            stores.items, web_reader, politeness, clock, rng, executors.feed_pages
        )
        self.poller = Poller(
            stores.items,
            updater,
            item_processor,
            politeness,
            PollTiming(clock, sleep_until, environment.max_idle),
            on_error,
        )
        self.feed_manager = FeedManager(
            stores.feeds, web_reader, politeness, clock, self.poller.wake
        )
        self.approvals = ApprovalService(archive, ApprovalQueue(writer, clock), executors.approvals)

    async def delete_expired(self) -> None:
        """Delete items that left their feeds long ago and sites that were not asked for long."""
        await self._items.forget()
        await self._sites.forget(self._clock() - SITE_RETENTION)


def _build_sleep_until(clock: Clock) -> SleepUntil:
    async def sleep_until(until: datetime) -> None:
        await asyncio.sleep(max(0.0, (until - clock()).total_seconds()))

    return sleep_until
