"""Wire the services of the digest: planning, alerts and delivery."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from bot.digest import alert_worker, delivery_worker, edition_planner
from bot.digest.alert_worker import AlertWorker
from bot.digest.delivery_worker import DeliveryWorker
from bot.digest.edition_planner import EditionPlanner
from bot.digest.edition_stories import EditionStories
from bot.digest.options import PlanningOptions
from bot.digest.renderer import PayloadRenderer
from bot.digest.store.deliveries import DeliveryOutbox
from bot.digest.store.subscribers import SubscriptionStore
from bot.digest.store.watches import WatchStore
from bot.runtime.background import run_forever
from bot.runtime.db_writer import DatabaseWriter
from bot.runtime.executors import Executors
from bot.settings import Settings
from bot.telegram.chats import ChatPreferences
from bot.telegram.sender import MessageSender
from index.archive import Archive
from index.clock import Clock, LocalTime

_RESTART_DELAY_SECONDS = 10.0


class DigestEnvironment(NamedTuple):
    """What the digest depends on outside its own services."""

    bot_id: int
    on_error: Callable[[BaseException], object]
    clock: Clock
    poll_interval: float | None = None
    """Seconds between two polls of all workers, for tests; None uses each worker's default."""


class DigestServices:
    """The stores, workers and renderer of the digest."""

    def __init__(
        self,
        settings: Settings,
        archive: Archive,
        writer: DatabaseWriter,
        executors: Executors,
        preferences: ChatPreferences,
        sender: MessageSender,
        environment: DigestEnvironment,
    ) -> None:
        bot_id, self._on_error, clock, poll_interval = environment
        self._enabled = settings.digest.enabled
        hour, local_time = settings.digest.late_hour, LocalTime(clock, settings.zone)
        self.subscribers = SubscriptionStore(writer, bot_id, clock)
        self.deliveries = DeliveryOutbox(writer, bot_id, clock)
        self.watches = WatchStore(writer, bot_id, clock, archive.is_same_standing_query)
        self.edition_stories = EditionStories(archive, executors)
        self.renderer = PayloadRenderer(archive, self.edition_stories, self.deliveries)
        self._delivery_worker = DeliveryWorker(
            self.deliveries,
            self.renderer,
            sender,
            partial(preferences.set_reachable, reachable=False),
            clock,
            self._on_error,
            poll_interval=poll_interval or delivery_worker.POLL_INTERVAL_SECONDS,
        )
        self._edition_planner = EditionPlanner(
            self.subscribers,
            preferences,
            archive,
            local_time,
            self._delivery_worker.wake,
            PlanningOptions(hour, poll_interval or edition_planner.POLL_INTERVAL_SECONDS),
        )
        self._alert_worker = AlertWorker(
            self.watches,
            preferences,
            archive,
            local_time,
            executors.alerts,
            self._delivery_worker.wake,
            PlanningOptions(hour, poll_interval or alert_worker.POLL_INTERVAL_SECONDS),
        )

    async def plan_due_now(self, chat_id: int) -> None:
        """Plan the editions of a chat that are due by now, before its settings change."""
        if self._enabled:
            await self._edition_planner.plan(chat_id)

    async def recover(self) -> int:
        """Mark deliveries that the last run left unfinished as in doubt; return how many."""
        return await self.deliveries.recover()

    async def run(self) -> None:
        """Run all workers until cancelled; restart those that fail."""
        jobs = (self._edition_planner.run, self._alert_worker.run, self._delivery_worker.run)
        await asyncio.gather(
            *(run_forever(job, self._on_error, _RESTART_DELAY_SECONDS) for job in jobs)
        )

    async def stop(self, seconds: float) -> None:
        """Stop starting deliveries, and wait at most `seconds` for those being sent."""
        await self._delivery_worker.stop(seconds)

    def forget(self, chat_id: int) -> None:
        """Drop what is in memory of a chat whose rows were deleted."""
        self.deliveries.forget(chat_id)
        self._alert_worker.forget(chat_id)

    async def delete_expired(self) -> None:
        """Delete deliveries after their retention period."""
        await self.deliveries.delete_expired()
