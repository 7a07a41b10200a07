"""The daily briefing, wired together: what plans, what watches, what delivers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from bot.digest import alert_worker, delivery_worker, edition_planner
from bot.digest.alert_worker import AlertWorker
from bot.digest.delivery_worker import DeliveryWorker
from bot.digest.edition_planner import EditionPlanner
from bot.digest.edition_stories import EditionStories
from bot.digest.renderer import PayloadRenderer
from bot.digest.store.deliveries import DeliveryOutbox
from bot.digest.store.subscribers import SubscriptionStore
from bot.digest.store.watches import WatchStore
from bot.runtime.background import run_forever
from bot.runtime.db_writer import DatabaseWriter
from bot.settings import Settings
from bot.telegram.chats import ChatPreferences
from bot.telegram.sender import MessageSender
from index.archive import Archive
from index.clock import Clock

_RESTART_DELAY_SECONDS = 10.0


class DigestServices:
    """All that has to do with the briefing, over one archive."""

    def __init__(
        self,
        settings: Settings,
        archive: Archive,
        writer: DatabaseWriter,
        preferences: ChatPreferences,
        sender: MessageSender,
        bot_id: int,
        on_error: Callable[[BaseException], object],
        clock: Clock,
        *,
        poll_interval: float | None = None,
    ) -> None:
        """Wire it.

        `poll_interval` is for tests, whose days are short: seconds between two looks.
        """
        zone, latest_delivery_hour = settings.zone, settings.digest.late_hour
        self._on_error = on_error
        self._enabled = settings.digest.enabled
        self.subscribers = SubscriptionStore(writer, bot_id, clock)
        self.deliveries = DeliveryOutbox(writer, bot_id, clock)
        self.watches = WatchStore(writer, bot_id, clock)
        self.edition_stories = EditionStories(archive)
        self.renderer = PayloadRenderer(archive, self.edition_stories, self.deliveries)
        self._delivery_worker = DeliveryWorker(
            self.deliveries,
            self.renderer,
            sender,
            lambda chat_id: preferences.set_reachable(chat_id, reachable=False),
            clock,
            on_error,
            poll_interval=poll_interval or delivery_worker.POLL_INTERVAL_SECONDS,
        )
        self._edition_planner = EditionPlanner(
            self.subscribers,
            preferences,
            archive,
            zone,
            clock,
            self._delivery_worker.wake,
            latest_delivery_hour=latest_delivery_hour,
            poll_interval=poll_interval or edition_planner.POLL_INTERVAL_SECONDS,
        )
        self._alert_worker = AlertWorker(
            self.watches,
            preferences,
            archive,
            zone,
            clock,
            self._delivery_worker.wake,
            summary_hour=latest_delivery_hour,
            poll_interval=poll_interval or alert_worker.POLL_INTERVAL_SECONDS,
        )

    async def plan_due_now(self, chat_id: int) -> None:
        """Plan what is due for a chat by now, before it chooses otherwise."""
        if self._enabled:
            await self._edition_planner.plan(chat_id)

    async def recover(self) -> int:
        """Park what the last run left sending; return how many."""
        return await self.deliveries.recover()

    async def run(self) -> None:
        """Plan, watch and deliver for ever."""
        jobs = (self._edition_planner.run, self._alert_worker.run, self._delivery_worker.run)
        await asyncio.gather(
            *(run_forever(job, self._on_error, _RESTART_DELAY_SECONDS) for job in jobs)
        )

    async def stop(self, seconds: float) -> None:
        """Begin nothing more, and wait at most so long for what is on its way."""
        await self._delivery_worker.stop(seconds)

    def close(self) -> None:
        """Begin nothing more on any thread."""
        self.edition_stories.close()
        self._alert_worker.close()

    async def delete_expired(self) -> None:
        """Forget what has long been over."""
        await self.deliveries.delete_expired()
