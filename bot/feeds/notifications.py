"""Send editors notices about feeds, each at most once.

Once a day, at an hour that the operator sets, every editor receives the list of articles that wait
for approval. When a feed has been dead for a day or is permanently gone, or when a poll of it has
brought too many entries, the editor who added it receives a notice. A notice is recorded before it
is sent: a crash between the two loses a notice, and none is sent twice.
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
"""Interval between two checks for due notices."""
_TELEGRAM_ACTOR = re.compile(r"telegram (\d{1,19})")

Deliver = Callable[[int, OutgoingMessage], Awaitable[bool]]
"""Sends a message to a user; returns whether the user can be reached."""
ListEditorIds = Callable[[], Awaitable[Sequence[int]]]
"""Returns the ids of all editors."""


class FeedNotice(NamedTuple):
    """A notice about a feed, with its recipients."""

    feed: FollowedFeed
    recipients: tuple[int, ...]
    fallback_recipients: tuple[int, ...] = ()
    """Receive the notice if no recipient can be reached."""


RenderFeed = Callable[[int, FollowedFeed], OutgoingMessage]


class NoticeRenderers(NamedTuple):
    """Functions that render notices for a user id, in that user's language."""

    pending_list: Callable[[int], Awaitable[OutgoingMessage]]
    dead_feed: RenderFeed
    queue: RenderFeed


def list_day(now: datetime, zone: ZoneInfo, hour: int) -> str | None:
    """Return the day whose list is due, in ISO 8601; None before `hour` in the zone."""
    local = now.astimezone(zone)
    return local.date().isoformat() if local.hour >= hour else None


def dead_feed_notices(
    feeds: Iterable[FollowedFeed],
    owners: Collection[int],
    editor_ids: Collection[int],
    now: datetime,
) -> list[FeedNotice]:
    """Return the due notices about dead feeds."""
    dead = (feed for feed in feeds if _needs_dead_notice(feed, now))
    return _address_notices(dead, owners, editor_ids)


def queue_notices(
    feeds: Iterable[FollowedFeed], owners: Collection[int], editor_ids: Collection[int]
) -> list[FeedNotice]:
    """Return the due notices about feeds with queued items."""
    queued = (
        feed
        for feed in feeds
        if feed.health.queued and feed.queue_notified_at is None and feed.state is FeedState.ACTIVE
    )
    return _address_notices(queued, owners, editor_ids)


def _address_notices(
    feeds: Iterable[FollowedFeed], owners: Collection[int], editor_ids: Collection[int]
) -> list[FeedNotice]:
    """Address a notice about each feed to the editor who added it.

    If that person is no longer an editor, the owners receive it, or all editors if there are no
    owners.
    """
    everyone = tuple(owners) or tuple(editor_ids)
    notices = []
    for feed in feeds:
        match = _TELEGRAM_ACTOR.fullmatch(feed.added_by)
        adder_id = int(match[1]) if match else None
        recipients = (adder_id,) if adder_id is not None and adder_id in editor_ids else everyone
        others = tuple(user_id for user_id in everyone if user_id not in recipients)
        if recipients:
            notices.append(FeedNotice(feed, recipients, others))
    return notices


def _needs_dead_notice(feed: FollowedFeed, now: datetime) -> bool:
    if feed.notified_at is not None or feed.state is FeedState.PAUSED:
        return False
    health = feed.health
    return feed.state is FeedState.GONE or is_dead(health.failing_since, health.failures, now)


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
        feeds, owners = await self._feeds.list_all(), self._owners
        for notice in dead_feed_notices(feeds, owners, editor_ids, now):
            if await self._feeds.mark_notified(notice.feed.number):
                await self._send(notice, self._renderers.dead_feed)
        for notice in queue_notices(feeds, owners, editor_ids):
            if await self._feeds.mark_queue_notified(notice.feed.number):
                await self._send(notice, self._renderers.queue)
        day = list_day(now, self._zone, self._hour)
        if day:
            await self._send_lists(editor_ids, day)

    async def _send(self, notice: FeedNotice, render: RenderFeed) -> None:
        """Send a notice to its recipients or, if none can be reached, to the others."""
        feed, recipients, fallback_recipients = notice
        reached = [await self._deliver(user_id, render(user_id, feed)) for user_id in recipients]
        for user_id in () if any(reached) else fallback_recipients:
            await self._deliver(user_id, render(user_id, feed))

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
