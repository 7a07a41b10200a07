"""Derive the health status of a feed and the remedy for it; pure, with `now` passed in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from bot.feeds.poll_schedule import is_dead
from bot.feeds.store.feeds import FeedState, FollowedFeed
from index.ingest.rejections import RejectReason, SourceRejected


class FeedHealthStatus(StrEnum):
    """The health status of a feed."""

    NEW = "new"
    """Not polled yet."""
    WELL = "well"
    FAILING = "failing"
    """The last poll failed; the next one is scheduled."""
    DEAD = "dead"
    """All polls of the last day failed; see `is_dead`."""
    PAUSED = "paused"
    GONE = "gone"
    """The site answered that the feed is permanently gone."""


_WAIT = "Nothing, for now: it is asked again by itself. If it lasts, see whether its site opens"
_LOOK = "See in a browser what is at its address; where the feed has moved, add the new address"
_SECTION = "Look for a smaller feed, of one section of the site, and add that in its place"
REMEDIES: Mapping[RejectReason, str] = {
    RejectReason.NOT_FOUND: "Look for its new address on the site, add that, and remove this feed",
    RejectReason.FORBIDDEN: "The site shows it to nobody without rights: ask the site for them, "
    "or remove the feed",
    RejectReason.DISALLOWED_BY_ROBOTS: "Its site asks programs to leave it alone (robots.txt): ask "
    "the site, or remove the feed and add its articles by hand",
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
"""What to do about a feed that cannot be read, by the reason of the last failure."""

_LATER = "Try again later, or see whether its site opens in a browser"
_REMEDIES_WHEN_ADDING: Mapping[RejectReason, str] = {
    RejectReason.FORBIDDEN: "The site shows it to nobody without rights: ask the site for them",
    RejectReason.SITE_ERROR: _LATER,
    RejectReason.UNREACHABLE: _LATER,
    RejectReason.TIMED_OUT: _LATER,
}


def health_status(feed: FollowedFeed, now: datetime) -> FeedHealthStatus:
    """Return the health status of a feed."""
    if feed.state is not FeedState.ACTIVE:
        return FeedHealthStatus.GONE if feed.state is FeedState.GONE else FeedHealthStatus.PAUSED
    health = feed.health
    if is_dead(health.failing_since, health.failures, now):
        return FeedHealthStatus.DEAD
    if health.failures:
        return FeedHealthStatus.FAILING
    return FeedHealthStatus.WELL if health.succeeded_at else FeedHealthStatus.NEW


def find_remedy(feed: FollowedFeed, now: datetime) -> str | None:
    """Return what to do about an unhealthy feed; None if nothing is wrong."""
    status = health_status(feed, now)
    if status in (FeedHealthStatus.NEW, FeedHealthStatus.WELL):
        return None
    if status is FeedHealthStatus.PAUSED:
        return f"`briefing feeds resume {feed.number}` asks it again"
    if status is FeedHealthStatus.GONE:
        return REMEDIES[RejectReason.NOT_FOUND]
    return REMEDIES.get(feed.health.error, _LOOK) if feed.health.error else _LOOK


def explain_rejection(rejection: SourceRejected) -> SourceRejected:
    """Return the rejection with the remedy for someone who is adding the feed."""
    remedy = _REMEDIES_WHEN_ADDING.get(rejection.reason, rejection.remedy)
    return SourceRejected(rejection.reason, rejection.message, remedy)
