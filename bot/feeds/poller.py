"""The poller: does what is due, for each site one thing at a time, and rests in between."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from bot.feeds.item_processor import ItemProcessor
from bot.feeds.politeness import PolitenessPolicy, Rest
from bot.feeds.store.items import DueItem, DueWork, FeedItemStore
from bot.feeds.updater import FeedUpdater
from index.clock import Clock
from index.errors import StoreError

MAX_CONCURRENCY = 8
"""Sites that are asked at the same time."""
ATTENTIVE = timedelta(seconds=30)
"""A feed that another process added is seen within this time."""


_STORE_AGAIN = timedelta(seconds=10)
"""A database that cannot be read now is read again after this."""
Work = Callable[[], Coroutine[Any, Any, None]]


class Poller:
    """Keeps the archive full."""

    def __init__(
        self,
        items: FeedItemStore,
        following: FeedUpdater,
        bringing: ItemProcessor,
        courtesy: PolitenessPolicy,
        *,
        clock: Clock,
        rest: Rest,
        failed: Callable[[BaseException], object],
        attentive: timedelta = ATTENTIVE,
    ) -> None:
        """`rest` waits until a time, and `failed` is told of what should not happen."""
        self._items = items
        self._following = following
        self._bringing = bringing
        self._courtesy = courtesy
        self._clock = clock
        self._rest = rest
        self._failed = failed
        self._attentive = attentive
        self._busy: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._poked = asyncio.Event()

    def poke(self) -> None:
        """Look at once whether something is due: a feed was added, or is asked again."""
        self._poked.set()

    async def run(self, until: datetime | None = None) -> None:
        """Do what is due, for ever, or for as long as something is due before `until`."""
        try:
            await self._courtesy.load()
            while True:
                self._poked.clear()
                try:
                    due = await self._items.due()
                except StoreError as error:
                    self._failed(error)
                    due = DueWork((), (), self._clock() + _STORE_AGAIN)
                free_at = self._begin(due)
                times = [each for each in (due.next_at, free_at) if each]
                if until and not self._tasks and not any(each <= until for each in times):
                    return
                await self._wait(min([*times, self._clock() + self._attentive]))
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, due: DueWork) -> datetime | None:
        """Begin with what can be done now; return when the next of the sites is free."""
        works: list[tuple[str, Work]] = [
            *((each.host, partial(self._following.ask, each)) for each in due.feeds),
            *((_key(each), partial(self._bringing.bring, each)) for each in due.items),
        ]
        later: list[datetime] = []
        for key, work in works:
            free_at = self._courtesy.free_at(key)
            if key in self._busy or len(self._tasks) >= MAX_CONCURRENCY:
                continue
            if free_at > self._clock():
                later.append(free_at)
                continue
            self._busy.add(key)
            task = asyncio.create_task(self._done(key, work()))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return min(later, default=None)

    async def _done(self, key: str, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as error:  # noqa: BLE001 - the log and the owners are told
            self._failed(error)
        finally:
            self._busy.discard(key)

    async def _wait(self, wake: datetime) -> None:
        """Wait until something is over, somebody pokes, or it is time."""
        resting = [
            asyncio.ensure_future(self._rest(wake)),
            asyncio.ensure_future(self._poked.wait()),
        ]
        try:
            await asyncio.wait([*resting, *self._tasks], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in resting:
                each.cancel()
                with suppress(asyncio.CancelledError):
                    await each


def _key(item: DueItem) -> str:
    """Return what an item takes its turn by: its site, or nothing but itself."""
    return item.host or f"item {item.number}"
