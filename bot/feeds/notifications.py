"""Send editors notices about feeds, each at most once.

Once a day, at an hour that the operator sets, every editor receives the list of articles that wait
for approval. When a feed has been dead for a day, is permanently gone, leads to too many new sites
or has brought too many entries at once, the editor who added it receives a notice. A notice is
recorded before it is sent: a crash between the two loses a notice, and none is sent twice.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bot.feeds.poll_schedule import is_dead
from bot.feeds.store.approval_queue import ApprovalQueue
from bot.feeds.store.feeds import FeedState, FeedStore, FollowedFeed
from bot.runtime.background import run_forever
from bot.telegram.message import OutgoingMessage
from index.clock import LocalTime

INTERVAL_SECONDS = 60.0
"""Interval between two checks for due notices."""
SITE_LIMIT_NOTICE_INTERVAL = timedelta(days=7)
"""Minimum time between two notices that a feed leads to too many new sites."""
_TELEGRAM_ACTOR = re.compile(r"telegram (\d{1,19})")

Deliver = Callable[[int, OutgoingMessage], Awaitable[bool]]
"""Sends a message to a user; returns whether the user can be reached."""
ListEditorIds = Callable[[], Awaitable[Sequence[int]]]
"""Returns the ids of all editors."""


class FeedNoticeKind(StrEnum):
    """What a notice about a feed says."""

    DEAD = "dead"
    """It has failed for a day, or is permanently gone."""
    SITE_LIMIT = "site limit"
    """It leads to more new sites in a day than are asked."""
    QUEUE = "queue"
    """A poll has brought more entries than are taken at once."""


class FeedNotice(NamedTuple):
    """A notice about a feed, with its recipients."""

    kind: FeedNoticeKind
    feed: FollowedFeed
    recipients: tuple[int, ...]
    fallback_recipients: tuple[int, ...] = ()
    """Receive the notice if no recipient can be reached."""


class NoticeRenderers(NamedTuple):
    """Functions that render notices for a user id, in that user's language."""

    pending_list: Callable[[int], Awaitable[OutgoingMessage]]
    feed_notice: Callable[[int, FeedNotice], OutgoingMessage]


def list_day(now: datetime, zone: ZoneInfo, hour: int) -> str | None:
    """Return the day whose list is due, in ISO 8601; None before `hour` in the zone."""
    local = now.astimezone(zone)
    return local.date().isoformat() if local.hour >= hour else None


def due_feed_notices(
    feeds: Iterable[FollowedFeed],
    owners: Collection[int],
    editor_ids: Collection[int],
    now: datetime,
) -> list[FeedNotice]:
    """Return the due notices about feeds, each to the editor who added the feed.

    If that person is no longer an editor, the owners receive it, or all editors if there are no
    owners.
    """
    everyone = tuple(owners) or tuple(editor_ids)
    notices = []
    for feed in feeds:
        kinds = _due_kinds(feed, now)
        match = _TELEGRAM_ACTOR.fullmatch(feed.added_by)
        adder_id = int(match[1]) if match else None
        recipients = (adder_id,) if adder_id is not None and adder_id in editor_ids else everyone
        fallback_recipients = tuple(user_id for user_id in everyone if user_id not in recipients)
        if recipients:
            notices += [FeedNotice(kind, feed, recipients, fallback_recipients) for kind in kinds]
    return notices


def _due_kinds(feed: FollowedFeed, now: datetime) -> list[FeedNoticeKind]:
    """Return of what the editors are to be told about a feed."""
    if feed.state is FeedState.PAUSED:
        return []
    health, kinds = feed.health, []
    if feed.notified_at is None and (
        feed.state is FeedState.GONE or is_dead(health.failing_since, health.failures, now)
    ):
        kinds.append(FeedNoticeKind.DEAD)
    notified_at = feed.site_limit_notified_at
    if health.site_limit_at and (
        notified_at is None or health.site_limit_at - notified_at >= SITE_LIMIT_NOTICE_INTERVAL
    ):
        kinds.append(FeedNoticeKind.SITE_LIMIT)
    if health.queued and feed.queue_notified_at is None and feed.state is FeedState.ACTIVE:
        kinds.append(FeedNoticeKind.QUEUE)
    return kinds


class NoticeRecipients(NamedTuple):
    """The recipients of notices, and the function that delivers them."""

    owners: Collection[int]
    list_editor_ids: ListEditorIds
    deliver: Deliver


class Notifier:
    """Sends the notices that are due."""

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
        """Send the daily list at `hour`; report unexpected errors to `on_error`."""
        self._feeds = feeds
        self._approval_queue = approval_queue
        self._owners, self._list_editor_ids, self._deliver = recipients
        self._renderers = renderers
        self._clock, self._zone = local_time
        self._hour = hour
        self._on_error = on_error
        self._sent_lists: set[tuple[int, str]] = set()

    async def run(self) -> None:
        """Send due notices every `INTERVAL_SECONDS`, forever."""
        await run_forever(self.send_due, self._on_error, INTERVAL_SECONDS)

    async def send_due(self) -> None:
        """Send the notices that are due now."""
        now, editor_ids = self._clock(), await self._list_editor_ids()
        for notice in due_feed_notices(await self._feeds.list_all(), self._owners, editor_ids, now):
            if await self._mark_notified(notice):
                reached = [
                    await self._deliver(user_id, self._renderers.feed_notice(user_id, notice))
                    for user_id in notice.recipients
                ]
                for user_id in () if any(reached) else notice.fallback_recipients:
                    await self._deliver(user_id, self._renderers.feed_notice(user_id, notice))
        day = list_day(now, self._zone, self._hour)
        if day:
            await self._send_lists(editor_ids, day)

    async def _mark_notified(self, notice: FeedNotice) -> bool:
        """Record a notice; return whether it was not recorded before."""
        match notice.kind:
            case FeedNoticeKind.DEAD:
                return await self._feeds.mark_notified(notice.feed.number)
            case FeedNoticeKind.SITE_LIMIT:
                return await self._feeds.mark_site_limit_notified(notice.feed)
            case FeedNoticeKind.QUEUE:
                return await self._feeds.mark_queue_notified(notice.feed.number)

    async def _send_lists(self, editor_ids: Sequence[int], day: str) -> None:
        """Send the day's list to each editor once; later articles wait for the next day."""
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
