"""Notices: what editors are told of feeds unasked, each thing once.

Once a day, at an hour that the operator sets, each is sent the list of articles that wait. Of a
feed that has been dead for a day, or is gone for good, whoever added it is told. That it is told is
written down before it is: a crash in between costs a notice, and none comes twice.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bot.feeds.poll_schedule import is_dead
from bot.feeds.store.approval_queue import ApprovalQueue
from bot.feeds.store.feeds import FeedState, FeedStore, FollowedFeed
from bot.runtime.background import run_forever
from bot.telegram.message import OutgoingMessage
from index.clock import LocalTime

INTERVAL_SECONDS = 60.0
"""So often it is looked whether something is to be told."""
_TELEGRAM_ACTOR = re.compile(r"telegram (\d{1,19})")

Deliver = Callable[[int, OutgoingMessage], Awaitable[bool]]
"""Sends somebody a message; says whether they can be reached."""
ListEditorIds = Callable[[], Awaitable[Sequence[int]]]
"""Returns the ids of all who may edit."""


class DeadFeedNotice(NamedTuple):
    """A feed of which somebody is to be told."""

    feed: FollowedFeed
    recipients: tuple[int, ...]
    fallback_recipients: tuple[int, ...] = ()
    """Who is told where none of these can be reached."""


class NoticeRenderers(NamedTuple):
    """What notices look like, for somebody by their id: each in their own language."""

    pending_list: Callable[[int], Awaitable[OutgoingMessage]]
    dead_feed: Callable[[int, FollowedFeed], OutgoingMessage]


def list_day(now: datetime, zone: ZoneInfo, hour: int) -> str | None:
    """Return the day whose list is to be sent by now, as ISO 8601; None before its hour."""
    local = now.astimezone(zone)
    return local.date().isoformat() if local.hour >= hour else None


def dead_feed_notices(
    feeds: Iterable[FollowedFeed],
    owners: Collection[int],
    editor_ids: Collection[int],
    now: datetime,
) -> list[DeadFeedNotice]:
    """Return of which feeds somebody is to be told now, and whom: who added each, if still there.

    Otherwise the owners are told, and where there are none all of the staff.
    """
    everyone = tuple(owners) or tuple(editor_ids)
    notices = []
    for feed in feeds:
        if not _needs_notice(feed, now):
            continue
        match = _TELEGRAM_ACTOR.fullmatch(feed.added_by)
        adder_id = int(match[1]) if match else None
        recipients = (adder_id,) if adder_id is not None and adder_id in editor_ids else everyone
        if recipients:
            notices.append(
                DeadFeedNotice(
                    feed,
                    recipients,
                    tuple(user_id for user_id in everyone if user_id not in recipients),
                )
            )
    return notices


def _needs_notice(feed: FollowedFeed, now: datetime) -> bool:
    if feed.notified_at is not None or feed.state is FeedState.PAUSED:
        return False
    health = feed.health
    return feed.state is FeedState.GONE or is_dead(health.failing_since, health.failures, now)


class NoticeRecipients(NamedTuple):
    """Who is told, and how a message reaches them."""

    owners: Collection[int]
    list_editor_ids: ListEditorIds
    deliver: Deliver


class Notifier:
    """Tells editors what is to be told."""

    def __init__(
        self,
        feeds: FeedStore,
        approval_queue: ApprovalQueue,
        recipients: NoticeRecipients,
        renderers: NoticeRenderers,
        local_time: LocalTime,
        hour: int,
        on_error: Callable[[BaseException], object],
    ) -> None:
        """Send the daily list at `hour`; report to `on_error` what should not happen."""
        self._feeds = feeds
        self._approval_queue = approval_queue
        self._owners, self._list_editor_ids, self._deliver = recipients
        self._renderers = renderers
        self._clock, self._zone = local_time
        self._hour = hour
        self._on_error = on_error
        self._sent_lists: set[tuple[int, str]] = set()

    async def run(self) -> None:
        """Look each minute what is to be told, for ever."""
        await run_forever(self.send_due, self._on_error, INTERVAL_SECONDS)

    async def send_due(self) -> None:
        """Tell what is to be told now."""
        now, editor_ids = self._clock(), await self._list_editor_ids()
        for feed, recipients, fallback_recipients in dead_feed_notices(
            await self._feeds.list_all(), self._owners, editor_ids, now
        ):
            if await self._feeds.mark_notified(feed.number):
                reached = [
                    await self._deliver(user_id, self._renderers.dead_feed(user_id, feed))
                    for user_id in recipients
                ]
                for user_id in () if any(reached) else fallback_recipients:
                    await self._deliver(user_id, self._renderers.dead_feed(user_id, feed))
        day = list_day(now, self._zone, self._hour)
        if day:
            await self._send_lists(editor_ids, day)

    async def _send_lists(self, editor_ids: Sequence[int], day: str) -> None:
        """Send the day's list to whom it was not sent; what comes later waits for the next day."""
        self._sent_lists = {sent for sent in self._sent_lists if sent[1] == day}
        for user_id in editor_ids:
            if (user_id, day) in self._sent_lists:
                continue
            self._sent_lists.add((user_id, day))
            if (
                await self._approval_queue.mark_list_sent(user_id, day)
                and await self._approval_queue.count()
            ):
                await self._deliver(user_id, await self._renderers.pending_list(user_id))
