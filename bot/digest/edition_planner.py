"""Planning: for whom something is due is asked of the planner, and entered into the ledger."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import lru_cache, partial
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bot.digest.payloads import EditionPayload
from bot.digest.schedule import plan
from bot.digest.store.subscribers import DueSubscriber, PlanningDecision, SubscriptionStore
from bot.telegram.chats import ChatPreferences
from index.archive import Archive
from index.clock import Clock

FIRST = timedelta(hours=24)
"""What came in this time is in a subscriber's first edition."""
PUBLISHED = timedelta(days=3)
"""What was published longer ago is no news."""
OLDEST = timedelta(days=4)
"""What came longer ago is not looked at: nothing of it was published since."""
SAID_FOR = timedelta(days=7)
"""Days that were missed longer ago are not spoken of any more."""
BATCH_SIZE = 50
"""Subscribers of one transaction: questions are recorded between two of them."""
PAUSE_SECONDS = 0.4
"""Between two: more than a hundred in a second are planned, four times as many as are sent."""
LOOK_AGAIN_SECONDS = 20.0
_REMEMBERED = 500


class EditionScope(NamedTuple):
    """What the editions due at a moment may hold, the same for all of them."""

    upto: int
    """The last change when the first of them was planned."""
    first: int
    """The change after which a first edition begins."""
    oldest: int
    """The change after which any begins."""
    since: date
    """The first day of publication."""


class EditionPlanner:
    """Plans editions."""

    def __init__(
        self,
        subscribers: SubscriptionStore,
        people: ChatPreferences,
        archive: Archive,
        zone: ZoneInfo,
        clock: Clock,
        planned: Callable[[], None],
        *,
        late_hour: int,
        look_again: float = LOOK_AGAIN_SECONDS,
    ) -> None:
        """`planned` is called when there is something to deliver; `zone` is the archive's."""
        self._subscribers = subscribers
        self._people = people
        self._archive = archive
        self._zone = zone
        self._clock = clock
        self._planned = planned
        self._late_hour = late_hour
        self._look_again = look_again
        self._reach = lru_cache(_REMEMBERED)(self._reached)

    async def run(self) -> None:
        """Plan for ever."""
        while True:
            more = await self.plan() == BATCH_SIZE
            await asyncio.sleep(min(PAUSE_SECONDS, self._look_again) if more else self._look_again)

    async def plan(self, chat: int | None = None) -> int:
        """Plan what is due for some subscribers, or for one; return how many were looked at."""
        now = self._clock()
        decide = partial(self._decided, now)
        looked_at = await self._subscribers.decide(decide, now, BATCH_SIZE, chat)
        if looked_at:
            self._planned()
        return looked_at

    def _decided(self, now: datetime, of: DueSubscriber) -> PlanningDecision:
        chosen = of.subscription
        found = plan(chosen.schedule, of.last, now, self._late_hour)
        if found.due is None:
            return PlanningDecision(None, None, found.missed, found.again)
        reach = self._reach(found.due.at)
        after = reach.first if of.told_upto is None else of.told_upto
        taste, missed = chosen.taste, (*of.unsaid, *found.missed)
        edition = EditionPayload(
            language=self._people.language(chosen.chat) or chosen.language,
            day=found.due.day,
            after=max(after, reach.oldest),
            upto=max(after, reach.upto),
            since=reach.since,
            length=taste.length,
            include=taste.include,
            exclude=taste.exclude,
            silent=taste.silent,
            bare=taste.bare,
            missed=tuple(day for day in missed if day >= found.due.day - SAID_FOR),
        )
        return PlanningDecision(edition, found.due, found.missed, found.again)

    def _reached(self, due: datetime) -> EditionScope:
        return EditionScope(
            self._archive.last_change(),
            self._archive.change_before(due - FIRST),
            self._archive.change_before(due - OLDEST),
            (due - PUBLISHED).astimezone(self._zone).date(),
        )
