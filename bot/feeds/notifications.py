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
from index.clock import Clock

INTERVAL_SECONDS = 60.0
"""So often it is looked whether something is to be told."""
_BY = re.compile(r"telegram (\d{1,19})")

Deliver = Callable[[int, OutgoingMessage], Awaitable[bool]]
"""Sends somebody a message; says whether they can be reached."""
Staff = Callable[[], Awaitable[Sequence[int]]]
"""Returns the ids of all who may edit."""


class DeadFeedNotice(NamedTuple):
    """A feed of which somebody is to be told."""

    feed: FollowedFeed
    whom: tuple[int, ...]
    instead: tuple[int, ...] = ()
    """Who is told where none of these can be reached."""


class NoticeRenderers(NamedTuple):
    """What notices look like, for somebody by their id: each in their own language."""

    held: Callable[[int], Awaitable[OutgoingMessage]]
    dead: Callable[[int, FollowedFeed], OutgoingMessage]


def list_day(now: datetime, zone: ZoneInfo, hour: int) -> str | None:
    """Return the day whose list is to be sent by now, as ISO 8601; None before its hour."""
    local = now.astimezone(zone)
    return local.date().isoformat() if local.hour >= hour else None


def tellings(
    feeds: Iterable[FollowedFeed], owners: Collection[int], staff: Collection[int], now: datetime
) -> list[DeadFeedNotice]:
    """Return of which feeds somebody is to be told now, and whom: who added each, if still there.

    Otherwise the owners are told, and where there are none all of the staff.
    """
    everyone = tuple(owners) or tuple(staff)
    found = []
    for feed in feeds:
        if not _is_to_be_told(feed, now):
            continue
        by = _BY.fullmatch(feed.added_by)
        adder = int(by[1]) if by else None
        whom = (adder,) if adder is not None and adder in staff else everyone
        if whom:
            found.append(
                DeadFeedNotice(feed, whom, tuple(each for each in everyone if each not in whom))
            )
    return found


def _is_to_be_told(feed: FollowedFeed, now: datetime) -> bool:
    if feed.told_at is not None or feed.state is FeedState.PAUSED:
        return False
    health = feed.health
    return feed.state is FeedState.GONE or is_dead(health.failing_since, health.failures, now)


class Notifier:
    """Tells editors what is to be told."""

    def __init__(
        self,
        feeds: FeedStore,
        held: ApprovalQueue,
        staff: Staff,
        deliver: Deliver,
        faces: NoticeRenderers,
        *,
        owners: Collection[int],
        zone: ZoneInfo,
        hour: int,
        clock: Clock,
        failed: Callable[[BaseException], object],
    ) -> None:
        """`hour` is that of the daily list; `failed` is told of what should not happen."""
        self._feeds = feeds
        self._held = held
        self._staff = staff
        self._deliver = deliver
        self._faces = faces
        self._owners = owners
        self._zone = zone
        self._hour = hour
        self._clock = clock
        self._failed = failed
        self._listed: set[tuple[int, str]] = set()

    async def run(self) -> None:
        """Look each minute what is to be told, for ever."""
        await run_forever(self.tell, self._failed, INTERVAL_SECONDS)

    async def tell(self) -> None:
        """Tell what is to be told now."""
        now, staff = self._clock(), await self._staff()
        for feed, whom, instead in tellings(await self._feeds.all(), self._owners, staff, now):
            if await self._feeds.told(feed.number):
                reached = [await self._deliver(each, self._faces.dead(each, feed)) for each in whom]
                for each in () if any(reached) else instead:
                    await self._deliver(each, self._faces.dead(each, feed))
        day = list_day(now, self._zone, self._hour)
        if day:
            await self._send_lists(staff, day)

    async def _send_lists(self, staff: Sequence[int], day: str) -> None:
        """Send the day's list to whom it was not sent; what comes later waits for the next day."""
        self._listed = {each for each in self._listed if each[1] == day}
        for each in staff:
            if (each, day) in self._listed:
                continue
            self._listed.add((each, day))
            if await self._held.list_is_due(each, day) and await self._held.count():
                await self._deliver(each, await self._faces.held(each))
