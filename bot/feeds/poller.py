"""Run the due polls and items, one task per site at a time, and wait between them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from bot.feeds.item_processor import ItemProcessor
from bot.feeds.politeness import PolitenessPolicy, SleepUntil
from bot.feeds.store.items import DueItem, DueWork, FeedItemStore
from bot.feeds.updater import FeedUpdater
from index.clock import Clock
from index.errors import StoreError

MAX_CONCURRENCY = 8
"""Number of sites that are asked concurrently."""
MAX_IDLE = timedelta(seconds=30)
"""Maximum wait between two looks; a feed added by another process is found within it."""

_STORE_RETRY_DELAY = timedelta(seconds=10)
"""Delay before the database is read again after an error."""
Work = Callable[[], Coroutine[Any, Any, None]]


class PollTiming(NamedTuple):
    """The clock, a function that waits until an instant, and the maximum wait between two looks."""

    clock: Clock
    sleep_until: SleepUntil
    max_idle: timedelta = MAX_IDLE


class Poller:
    """Runs due polls and due items as concurrent tasks."""

    def __init__(
        self,
        items: FeedItemStore,
        updater: FeedUpdater,
        item_processor: ItemProcessor,
        politeness: PolitenessPolicy,
        timing: PollTiming,
        on_error: Callable[[BaseException], object],
    ) -> None:
        """Create the poller; report unexpected errors to `on_error`."""
        self._items = items
        self._updater = updater
        self._item_processor = item_processor
        self._politeness = politeness
        self._clock, self._sleep_until, self._max_idle = timing
        self._on_error = on_error
        self._busy_sites: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._wake_event = asyncio.Event()

    def wake(self) -> None:
        """Look for due work at once, because a feed was added or resumed."""
        self._wake_event.set()

    async def run(self, until: datetime | None = None) -> None:
        """Run due work forever, or until nothing is due at or before `until`.

        After `until`, no work is started, except that the first look starts what is due then.
        """
        try:
            await self._politeness.load()
            is_over = False
            while True:
                self._wake_event.clear()
                try:
                    due = await self._items.find_due()
                except StoreError as error:
                    self._on_error(error)
                    due = DueWork((), (), self._clock() + _STORE_RETRY_DELAY)
                free_at = None if is_over else self._start_due_work(due)
                times = [instant for instant in (due.next_at, free_at) if instant]
                has_more = until is None or any(instant <= until for instant in times)
                if not self._tasks and (is_over or not has_more):
                    return
                await self._wait(min([*times, self._clock() + self._max_idle]))
                is_over = until is not None and self._clock() > until
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start_due_work(self, due: DueWork) -> datetime | None:
        """Start the tasks that can run now; return when the next site becomes free."""
        works: list[tuple[str, Work]] = [
            *((feed.host, partial(self._updater.poll, feed)) for feed in due.feeds),
            *((_site_key(item), partial(self._item_processor.process, item)) for item in due.items),
        ]
        free_times: list[datetime] = []
        for key, work in works:
            free_at = self._politeness.free_at(key)
            if key in self._busy_sites or len(self._tasks) >= MAX_CONCURRENCY:
                continue
            if free_at > self._clock():
                free_times.append(free_at)
                continue
            self._busy_sites.add(key)
            task = asyncio.create_task(self._run_and_release(key, work()))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return min(free_times, default=None)

    async def _run_and_release(self, key: str, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as error:  # noqa: BLE001 - reported to the log and the owners
            self._on_error(error)
        finally:
            self._busy_sites.discard(key)

    async def _wait(self, until: datetime) -> None:
        """Wait until a task ends, `wake` is called, or `until` is reached."""
        waiters = [
            asyncio.ensure_future(self._sleep_until(until)),
            asyncio.ensure_future(self._wake_event.wait()),
        ]
        try:
            await asyncio.wait([*waiters, *self._tasks], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for waiter in waiters:
                waiter.cancel()
                with suppress(asyncio.CancelledError):
                    await waiter


def _site_key(item: DueItem) -> str:
    """Return the key that serialises an item: its site, or the item itself if it has none."""
    return item.host or f"item {item.number}"
