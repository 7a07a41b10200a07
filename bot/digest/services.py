"""The daily briefing, wired together: what plans, what watches, what delivers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from bot.digest import alert_worker, delivery_worker, edition_planner
from bot.digest.alert_worker import Watcher
from bot.digest.delivery_worker import Courier
from bot.digest.edition_planner import Newsroom
from bot.digest.edition_stories import Editions
from bot.digest.renderer import Faces
from bot.digest.store.deliveries import Ledger
from bot.digest.store.subscribers import Subscribers
from bot.digest.store.watches import Alerts
from bot.runtime.background import lasting
from bot.runtime.db_writer import Writing
from bot.settings import Settings
from bot.telegram.chats import People
from bot.telegram.sender import Sender
from index.archive import Archive
from index.clock import Clock

_BEGIN_AGAIN_SECONDS = 10.0


class Press:
    """All that has to do with the briefing, over one archive."""

    def __init__(
        self,
        settings: Settings,
        archive: Archive,
        writing: Writing,
        people: People,
        sender: Sender,
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
        self.subscribers = Subscribers(writing, bot_id, clock)
        self.ledger = Ledger(writing, bot_id, clock)
        self.alerts = Alerts(writing, bot_id, clock)
        self.editions = Editions(archive)
        self.faces = Faces(archive, self.editions, self.ledger)
        self._courier = Courier(
            self.ledger,
            self.faces,
            sender,
            lambda chat: people.reachable(chat, yes=False),
            clock,
            failed,
            look_again=look_again or delivery_worker.LOOK_AGAIN_SECONDS,
        )
        self._newsroom = Newsroom(
            self.subscribers,
            people,
            archive,
            zone,
            clock,
            self._courier.poke,
            late_hour=late_hour,
            look_again=look_again or edition_planner.LOOK_AGAIN_SECONDS,
        )
        self._watcher = Watcher(
            self.alerts,
            people,
            archive,
            zone,
            clock,
            self._courier.poke,
            summary_hour=late_hour,
            look_again=look_again or alert_worker.LOOK_AGAIN_SECONDS,
        )

    async def catch_up(self, chat: int) -> None:
        """Plan what is due for a chat by now, before it chooses otherwise."""
        if self._enabled:
            await self._newsroom.plan(chat)

    async def recover(self) -> int:
        """Park what the last run left sending; return how many."""
        return await self.ledger.recover()

    async def run(self) -> None:
        """Plan, watch and deliver for ever."""
        works = (self._newsroom.run, self._watcher.run, self._courier.run)
        await asyncio.gather(*(lasting(each, self._failed, _BEGIN_AGAIN_SECONDS) for each in works))

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
