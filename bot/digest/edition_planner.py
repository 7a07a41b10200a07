"""Plan the editions that are due and record them in the delivery outbox."""

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
"""A subscriber's first edition covers the articles added within this time before it is due."""
MAX_PUBLICATION_AGE = timedelta(days=3)
"""Articles published longer ago are no news."""
MAX_ARRIVAL_AGE = timedelta(days=4)
"""Articles added longer ago are not considered: they were published before
`MAX_PUBLICATION_AGE`."""
MAX_MISSED_AGE = timedelta(days=7)
"""An edition does not mention days that were missed longer ago."""
BATCH_SIZE = 50
"""Subscribers per transaction; incoming questions are recorded between two transactions."""
BATCH_PAUSE_SECONDS = 0.4
"""Pause between two batches: plans over 100 editions a second, four times as many as are sent."""
POLL_INTERVAL_SECONDS = 20.0
_SCOPE_CACHE_SIZE = 500


class EditionScope(NamedTuple):
    """The limits of the content of all editions that are due at the same instant."""

    through_seq: int
    """The archive's last change when the first of them was planned; inclusive."""
    first_edition_after_seq: int
    """The change after which a subscriber's first edition begins."""
    oldest_after_seq: int
    """No edition begins before this change."""
    published_since: date
    """The first day of publication."""


class EditionPlanner:
    """Plans the editions of all subscribers."""

    def __init__(
        self,
        subscribers: SubscriptionStore,
        preferences: ChatPreferences,
        archive: Archive,
        local_time: LocalTime,
        on_work_planned: Callable[[], None],
        options: PlanningOptions,
    ) -> None:
        """Initialise the planner.

        `on_work_planned` is called when there is something to deliver. The zone of `local_time` is
        the archive's.
        """
        self._subscribers = subscribers
        self._preferences = preferences
        self._archive = archive
        self._clock, self._zone = local_time
        self._on_work_planned = on_work_planned
        self._latest_delivery_hour, self._poll_interval = options.hour, options.poll_interval
        self._scope_at = lru_cache(_SCOPE_CACHE_SIZE)(self._compute_scope)

    async def run(self) -> None:
        """Plan until cancelled."""
        while True:
            has_more = await self.plan() == BATCH_SIZE
            await asyncio.sleep(
                min(BATCH_PAUSE_SECONDS, self._poll_interval) if has_more else self._poll_interval
            )

    async def plan(self, chat_id: int | None = None) -> int:
        """Plan due editions of a batch of subscribers or of one; return how many were checked."""
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
        edition_preferences = subscription.taste
        missed_days = (*subscriber.unreported_missed, *schedule_plan.missed)
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
