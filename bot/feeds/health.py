"""How a feed is, in a word, and what to do where it is not well: pure, `now` passed in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from bot.feeds.poll_schedule import is_dead
from bot.feeds.store.feeds import FeedState, FollowedFeed
from index.ingest.rejections import RejectReason, SourceRejected


class FeedHealthStatus(StrEnum):
    """How a feed is."""

    NEW = "new"
    """It has not been read yet."""
    WELL = "well"
    FAILING = "failing"
    """It could not be read the last time, and is asked again."""
    DEAD = "dead"
    """It has not been read for a day, though it was tried."""
    PAUSED = "paused"
    GONE = "gone"
    """Its site says that it is gone for good."""


_WAIT = "Nothing, for now: it is asked again by itself. If it lasts, see whether its site opens"
_LOOK = "See in a browser what is at its address; where the feed has moved, add the new address"
_SECTION = "Look for a smaller feed, of one section of the site, and add that in its place"
REMEDIES: Mapping[RejectReason, str] = {
    RejectReason.NOT_FOUND: "Look for its new address on the site, add that, and remove this feed",
    RejectReason.FORBIDDEN: "The site shows it to nobody without rights: ask the site for them, "
    "or remove the feed",
    RejectReason.DISALLOWED_BY_ROBOTS: "Its site asks programs to leave it alone (robots.txt): ask the "
    "site, or remove the feed and add its articles by hand",
    RejectReason.SITE_ERROR: _WAIT,
    RejectReason.UNREACHABLE: _WAIT,
    RejectReason.TIMED_OUT: _WAIT,
    RejectReason.TOO_LARGE: _SECTION,
    RejectReason.TOO_COMPLEX: _SECTION,
    RejectReason.TOO_MANY_REDIRECTS: _LOOK,
    RejectReason.NO_FEED: _LOOK,
    RejectReason.DAMAGED: _LOOK,
    RejectReason.UNSUPPORTED_TYPE: _LOOK,
    RejectReason.INVALID_URL: _LOOK,
    RejectReason.PRIVATE_ADDRESS: "Its address leads into a private network now: look for its new "
    "address on the site, add that, and remove this feed",
}
"""What to do about a feed that cannot be read, by what was wrong the last time."""

_LATER = "Try again later, or see whether its site opens in a browser"
_REMEDIES_WHEN_ADDING: Mapping[RejectReason, str] = {
    RejectReason.FORBIDDEN: "The site shows it to nobody without rights: ask the site for them",
    RejectReason.SITE_ERROR: _LATER,
    RejectReason.UNREACHABLE: _LATER,
    RejectReason.TIMED_OUT: _LATER,
}


def health_status(feed: FollowedFeed, now: datetime) -> FeedHealthStatus:
    """Say how a feed is."""
    if feed.state is not FeedState.ACTIVE:
        return FeedHealthStatus.GONE if feed.state is FeedState.GONE else FeedHealthStatus.PAUSED
    health = feed.health
    if is_dead(health.failing_since, health.failures, now):
        return FeedHealthStatus.DEAD
    if health.failures:
        return FeedHealthStatus.FAILING
    return FeedHealthStatus.WELL if health.succeeded_at else FeedHealthStatus.NEW


def find_remedy(feed: FollowedFeed, now: datetime) -> str | None:
    """Say what to do where a feed is not well; None where nothing is wrong."""
    status = health_status(feed, now)
    if status in (FeedHealthStatus.NEW, FeedHealthStatus.WELL):
        return None
    if status is FeedHealthStatus.PAUSED:
        return f"`briefing feeds resume {feed.number}` asks it again"
    if status is FeedHealthStatus.GONE:
        return REMEDIES[RejectReason.NOT_FOUND]
    return REMEDIES.get(feed.health.error, _LOOK) if feed.health.error else _LOOK


def explain_rejection(rejection: SourceRejected) -> SourceRejected:
    """Return why an address cannot be followed, with what to do for whoever adds it."""
    remedy_text = _REMEDIES_WHEN_ADDING.get(rejection.reason, rejection.remedy)
    return SourceRejected(rejection.reason, rejection.message, remedy_text)
