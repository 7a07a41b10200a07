"""When a feed is asked again: pure, `now` passed in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from random import Random

MIN_POLL_INTERVAL, MAX_POLL_INTERVAL = timedelta(minutes=5), timedelta(days=1)
"""A feed is asked again no sooner and no later than this."""
CHANGE_HISTORY = timedelta(days=14)
"""How a feed changed in this time tells how it will."""
_MAX_CHANGES = 12
_JITTER = 0.2
_MAX_TTL_MINUTES = 60
"""What a feed says of how long it stays as it is counts up to an hour: many say a day and mean
nothing by it."""
_MAX_RETRY_AFTER = timedelta(days=7)
"""A site that says to come back in a year is asked once in a week."""
MAX_POLL_DURATION = timedelta(seconds=90)
"""Who is sent on to a site that is to be left alone for longer does not wait for it."""
DEAD_AFTER = timedelta(days=1)
_MIN_FAILURES_WHEN_DEAD = 3
PAGE_RETRY_DELAYS = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
"""A page that cannot be read now is tried again after these; then its summary has to do."""


def compute_poll_interval(
    changes: Sequence[datetime],
    first_read_at: datetime,
    now: datetime,
    ttl_minutes: int | None = None,
) -> timedelta:
    """Return how long a feed is left alone: half the time in which it usually changes.

    `changes` are the times at which it was seen to have something new, `first_read_at` is when it
    was first read, `ttl_minutes` is how long it says that it stays as it is. The time since its
    last change counts as one that is not over: a feed that falls silent is asked more and more
    rarely, and one that wakes up is asked often again within a few changes.
    """
    recent = sorted(changed_at for changed_at in changes if now - changed_at <= CHANGE_HISTORY)[
        -_MAX_CHANGES:
    ]
    first = recent[0] if len(recent) == _MAX_CHANGES else max(first_read_at, now - CHANGE_HISTORY)
    usual = (now - first) / (len(recent) + 1)
    silent = now - (recent[-1] if recent else first_read_at)
    minimum = timedelta(minutes=min(ttl_minutes or 0, _MAX_TTL_MINUTES))
    return min(max(usual / 2, silent / 8, MIN_POLL_INTERVAL, minimum), MAX_POLL_INTERVAL)


def next_poll_after_success(now: datetime, wait: timedelta, rng: Random) -> datetime:
    """Return when a feed is asked again: a little later than after `wait`, never sooner.

    Feeds that were added together so drift apart.
    """
    return now + min(wait * (1 + _JITTER * rng.random()), MAX_POLL_INTERVAL)


def next_poll_after_failure(
    now: datetime, failures: int, rng: Random, retry_after: timedelta | None = None
) -> datetime:
    """Return when a feed is asked again that has failed so many times, one after another.

    The wait doubles with each failure, from five minutes to a day; `retry_after` is how long the
    site said to wait.
    """
    doubled: int = 2 ** min(failures - 1, 16)
    wait = min(MIN_POLL_INTERVAL * doubled, MAX_POLL_INTERVAL)
    wait = min(wait * (1 + _JITTER * rng.random()), MAX_POLL_INTERVAL)
    return now + max(wait, min(retry_after or timedelta(), _MAX_RETRY_AFTER))


def parse_retry_after(header: str | None, now: datetime) -> timedelta | None:
    """Read a Retry-After: seconds, or a date (RFC 9110, 10.2.3). None where it says nothing."""
    header = (header or "").strip()
    if header.isascii() and header.isdecimal() and len(header) < 10:
        return min(timedelta(seconds=int(header)), _MAX_RETRY_AFTER)
    try:
        retry_at = parsedate_to_datetime(header)
        wait = (retry_at if retry_at.tzinfo else retry_at.replace(tzinfo=UTC)) - now
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return min(max(wait, timedelta()), _MAX_RETRY_AFTER)


def is_dead(failing_since: datetime | None, failures: int, now: datetime) -> bool:
    """Say whether a feed could not be read for a day; it has failed since `failing_since`, so many times."""
    return (
        failures >= _MIN_FAILURES_WHEN_DEAD
        and failing_since is not None
        and now - failing_since >= DEAD_AFTER
    )
