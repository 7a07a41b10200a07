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

_BEGIN_AGAIN_SECONDS = 10.0


class DigestServices:
    """All that has to do with the briefing, over one archive."""

    def __init__(
        self,
        settings: Settings,
        archive: Archive,
        writing: DatabaseWriter,
        people: ChatPreferences,
        sender: MessageSender,
        bot_id: int,
        failed: Callable[[BaseException], object],
        clock: Clock,
        *,
        look_again: float | None = None,
    ) -> None:
        """Wire it; `look_again` is for tests, whose days are short: seconds between two looks."""
        zone, late_hour = settings.zone, settings.digest.late_hour
        self._failed = failed
        self._enabled = settings.digest.enabled
        self.subscribers = SubscriptionStore(writing, bot_id, clock)
        self.ledger = DeliveryOutbox(writing, bot_id, clock)
        self.alerts = WatchStore(writing, bot_id, clock)
        self.editions = EditionStories(archive)
        self.faces = PayloadRenderer(archive, self.editions, self.ledger)
        self._courier = DeliveryWorker(
            self.ledger,
            self.faces,
            sender,
            lambda chat: people.reachable(chat, yes=False),
            clock,
            failed,
            look_again=look_again or delivery_worker.LOOK_AGAIN_SECONDS,
        )
        self._newsroom = EditionPlanner(
            self.subscribers,
            people,
            archive,
            zone,
            clock,
            self._courier.poke,
            late_hour=late_hour,
            look_again=look_again or edition_planner.LOOK_AGAIN_SECONDS,
        )
        self._watcher = AlertWorker(
            self.alerts,
            people,
            archive,
            zone,
            clock,
            self._courier.poke,
            summary_hour=late_hour,
            look_again=look_again or alert_worker.LOOK_AGAIN_SECONDS,
        )

    async def plan_due_now(self, chat: int) -> None:
        """Plan what is due for a chat by now, before it chooses otherwise."""
        if self._enabled:
            await self._newsroom.plan(chat)

    async def recover(self) -> int:
        """Park what the last run left sending; return how many."""
        return await self.ledger.recover()

    async def run(self) -> None:
        """Plan, watch and deliver for ever."""
        works = (self._newsroom.run, self._watcher.run, self._courier.run)
        await asyncio.gather(
            *(run_forever(each, self._failed, _BEGIN_AGAIN_SECONDS) for each in works)
        )

    async def stop(self, seconds: float) -> None:
        """Begin nothing more, and wait at most so long for what is on its way."""
        await self._courier.stop(seconds)

    def close(self) -> None:
        """Begin nothing more on any thread."""
        self.editions.close()
        self._watcher.close()

    async def forget(self) -> None:
        """Forget what has long been over."""
        await self.ledger.forget()
