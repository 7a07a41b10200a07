"""When a feed is asked again: pure, `now` passed in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from random import Random

SOONEST, LATEST = timedelta(minutes=5), timedelta(days=1)
"""A feed is asked again no sooner and no later than this."""
REMEMBERED = timedelta(days=14)
"""How a feed changed in this time tells how it will."""
_MAX_CHANGES = 12
_JITTER = 0.2
_MAX_INTERVAL_MINUTES = 60
"""What a feed says of how long it stays as it is counts up to an hour: many say a day and mean
nothing by it."""
_MAX_INTERVAL = timedelta(days=7)
"""A site that says to come back in a year is asked once in a week."""
MAX_POLL_DURATION = timedelta(seconds=90)
"""Who is sent on to a site that is to be left alone for longer does not wait for it."""
DEAD = timedelta(days=1)
_FAILURES_OF_THE_DEAD = 3
PAGE_AGAIN = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
"""A page that cannot be read now is tried again after these; then its summary has to do."""


def interval(
    changes: Sequence[datetime], since: datetime, now: datetime, minutes: int | None = None
) -> timedelta:
    """Return how long a feed is left alone: half the time in which it usually changes.

    `changes` are the times at which it was seen to have something new, `since` is when it was first
    read, `minutes` is how long it says that it stays as it is. The time since its last change
    counts as one that is not over: a feed that falls silent is asked more and more rarely, and one
    that wakes up is asked often again within a few changes.
    """
    recent = sorted(at for at in changes if now - at <= REMEMBERED)[-_MAX_CHANGES:]
    first = recent[0] if len(recent) == _MAX_CHANGES else max(since, now - REMEMBERED)
    usual = (now - first) / (len(recent) + 1)
    silent = now - (recent[-1] if recent else since)
    least = timedelta(minutes=min(minutes or 0, _MAX_INTERVAL_MINUTES))
    return min(max(usual / 2, silent / 8, SOONEST, least), LATEST)


def after_success(at: datetime, wait: timedelta, chance: Random) -> datetime:
    """Return when a feed is asked again: a little later than after `wait`, never sooner.

    Feeds that were added together so drift apart.
    """
    return at + min(wait * (1 + _JITTER * chance.random()), LATEST)


def after_failure(
    at: datetime, failures: int, chance: Random, told: timedelta | None = None
) -> datetime:
    """Return when a feed is asked again that has failed so many times, one after another.

    The wait doubles with each failure, from five minutes to a day; `told` is how long the site
    said to wait.
    """
    doubled: int = 2 ** min(failures - 1, 16)
    wait = min(SOONEST * doubled, LATEST)
    wait = min(wait * (1 + _JITTER * chance.random()), LATEST)
    return at + max(wait, min(told or timedelta(), _MAX_INTERVAL))


def told_to_wait(said: str | None, now: datetime) -> timedelta | None:
    """Read a Retry-After: seconds, or a date (RFC 9110, 10.2.3). None where it says nothing."""
    said = (said or "").strip()
    if said.isascii() and said.isdecimal() and len(said) < 10:
        return min(timedelta(seconds=int(said)), _MAX_INTERVAL)
    try:
        at = parsedate_to_datetime(said)
        wait = (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return min(max(wait, timedelta()), _MAX_INTERVAL)


def is_dead(since: datetime | None, failures: int, now: datetime) -> bool:
    """Say whether a feed could not be read for a day; it has failed `since`, so many times."""
    return failures >= _FAILURES_OF_THE_DEAD and since is not None and now - since >= DEAD
