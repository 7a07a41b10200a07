"""Planning: for whom something is due is asked of the planner, and entered into the ledger."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import lru_cache, partial
from typing import NamedTuple

from bot.digest.options import PlanningOptions
from bot.digest.payloads import EditionPayload
from bot.digest.schedule import plan
from bot.digest.store.subscribers import DueSubscriber, PlanningDecision, SubscriptionStore
from bot.telegram.chats import ChatPreferences
from index.archive import Archive
from index.clock import LocalTime

FIRST_EDITION_PERIOD = timedelta(hours=24)
"""What came in this time is in a subscriber's first edition."""
MAX_PUBLICATION_AGE = timedelta(days=3)
"""What was published longer ago is no news."""
MAX_ARRIVAL_AGE = timedelta(days=4)
"""What came longer ago is not looked at: nothing of it was published since."""
MAX_MISSED_AGE = timedelta(days=7)
"""Days that were missed longer ago are not spoken of any more."""
BATCH_SIZE = 50
"""Subscribers of one transaction: questions are recorded between two of them."""
BATCH_PAUSE_SECONDS = 0.4
"""Between two: more than a hundred in a second are planned, four times as many as are sent."""
POLL_INTERVAL_SECONDS = 20.0
_SCOPE_CACHE_SIZE = 500


class EditionScope(NamedTuple):
    """What the editions due at a moment may hold, the same for all of them."""

    through_seq: int
    """The last change when the first of them was planned."""
    first_edition_after_seq: int
    """The change after which a first edition begins."""
    oldest_after_seq: int
    """The change after which any begins."""
    published_since: date
    """The first day of publication."""


class EditionPlanner:
    """Plans editions."""

    def __init__(
        self,
        subscribers: SubscriptionStore,
        preferences: ChatPreferences,
        archive: Archive,
        local_time: LocalTime,
        on_work_planned: Callable[[], None],
        options: PlanningOptions,
    ) -> None:
        """`on_work_planned` is called when there is something to deliver.

        The zone of `local_time` is the archive's.
        """
        self._subscribers = subscribers
        self._preferences = preferences
        self._archive = archive
        self._clock, self._zone = local_time
        self._on_work_planned = on_work_planned
        self._latest_delivery_hour, self._poll_interval = options.hour, options.poll_interval
        self._scope_at = lru_cache(_SCOPE_CACHE_SIZE)(self._compute_scope)

    async def run(self) -> None:
        """Plan for ever."""
        while True:
            has_more = await self.plan() == BATCH_SIZE
            await asyncio.sleep(
                min(BATCH_PAUSE_SECONDS, self._poll_interval) if has_more else self._poll_interval
            )

    async def plan(self, chat_id: int | None = None) -> int:
        """Plan what is due for some subscribers, or for one; return how many were looked at."""
        now = self._clock()
        decide = partial(self._decide, now)
        planned_count = await self._subscribers.plan_due(decide, now, BATCH_SIZE, chat_id)
        if planned_count:
            self._on_work_planned()
        return planned_count

    def _decide(self, now: datetime, subscriber: DueSubscriber) -> PlanningDecision:
        subscription = subscriber.subscription
        schedule_plan = plan(
            subscription.schedule, subscriber.last_decision, now, self._latest_delivery_hour
        )
        if schedule_plan.due is None:
            return PlanningDecision(None, None, schedule_plan.missed, schedule_plan.next_check_at)
        scope = self._scope_at(schedule_plan.due.due_at)
        after_seq = (
            scope.first_edition_after_seq
            if subscriber.delivered_through_seq is None
            else subscriber.delivered_through_seq
        )
        edition_preferences, missed_days = (
            subscription.taste,
            (*subscriber.unreported_missed, *schedule_plan.missed),
        )
        edition = EditionPayload(
            language=self._preferences.get_lang(subscription.chat) or subscription.language,
            day=schedule_plan.due.day,
            after=max(after_seq, scope.oldest_after_seq),
            upto=max(after_seq, scope.through_seq),
            since=scope.published_since,
            length=edition_preferences.length,
            include=edition_preferences.include,
            exclude=edition_preferences.exclude,
            silent=edition_preferences.silent,
            bare=edition_preferences.bare,
            missed=tuple(
                day for day in missed_days if day >= schedule_plan.due.day - MAX_MISSED_AGE
            ),
        )
        return PlanningDecision(
            edition, schedule_plan.due, schedule_plan.missed, schedule_plan.next_check_at
        )

    def _compute_scope(self, due_at: datetime) -> EditionScope:
        return EditionScope(
            self._archive.last_change(),
            self._archive.last_change_before(due_at - FIRST_EDITION_PERIOD),
            self._archive.last_change_before(due_at - MAX_ARRIVAL_AGE),
            (due_at - MAX_PUBLICATION_AGE).astimezone(self._zone).date(),
        )
