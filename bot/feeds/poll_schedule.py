"""Compute when to poll a feed next; pure, with `now` passed in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from random import Random

MIN_POLL_INTERVAL, MAX_POLL_INTERVAL = timedelta(minutes=5), timedelta(days=1)
"""Bounds of the time between two polls of a feed."""
CHANGE_HISTORY = timedelta(days=14)
"""The changes of a feed within this time predict its next change."""
_MAX_CHANGES = 12
_JITTER = 0.2
_MAX_TTL_MINUTES = 60
"""Upper limit of the time to live that a feed declares: many declare a day without reason."""
_MAX_RETRY_AFTER = timedelta(days=7)
"""Upper limit of Retry-After: a site that asks for a year is polled once a week."""
MAX_QUEUE_INTERVAL = timedelta(minutes=15)
"""Upper limit of the time between two polls of a feed with queued items, some of which each poll
releases."""
MAX_POLL_DURATION = timedelta(seconds=90)
"""A request does not wait for a site that must not be asked for longer than this."""
DEAD_AFTER = timedelta(days=1)
_MIN_FAILURES_WHEN_DEAD = 3
PAGE_RETRY_DELAYS = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
"""Delays between attempts to read a page; after the last, the feed's summary is used."""


def compute_poll_interval(
    changes: Sequence[datetime],
    first_read_at: datetime,
    now: datetime,
    ttl_minutes: int | None = None,
) -> timedelta:
    """Return the time until the next poll: half of the feed's mean time between changes.

    `changes` are the times at which polls found new entries, `first_read_at` is the time of the
    first poll, and `ttl_minutes` is the time to live that the feed declares. The time since the
    last change counts as an unfinished interval: a silent feed is polled less and less often, and
    an active one is polled often again after a few changes.
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
    """Return the time of the next poll: `wait` from now, plus a random delay of up to 20 %.

    The delay spreads the polls of feeds that were added together.
    """
    return now + min(wait * (1 + _JITTER * rng.random()), MAX_POLL_INTERVAL)


def next_poll_after_failure(
    now: datetime, failures: int, rng: Random, retry_after: timedelta | None = None
) -> datetime:
    """Return the time of the next poll after `failures` consecutive failures.

    The wait doubles with each failure, from five minutes to a day, plus a random delay;
    `retry_after` is the minimum that the site asked for.
    """
    doubled: int = 2 ** min(failures - 1, 16)
    wait = min(MIN_POLL_INTERVAL * doubled, MAX_POLL_INTERVAL)
    wait = min(wait * (1 + _JITTER * rng.random()), MAX_POLL_INTERVAL)
    return now + max(wait, min(retry_after or timedelta(), _MAX_RETRY_AFTER))


def parse_retry_after(header: str | None, now: datetime) -> timedelta | None:
    """Return the wait in a Retry-After header: seconds or a date (RFC 9110, 10.2.3).

    None if the header is missing or malformed.
    """
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
    """Return whether a feed has failed for a day, with at least three consecutive failures.

    `failing_since` is the time of the first of the `failures`.
    """
    return (
        failures >= _MIN_FAILURES_WHEN_DEAD
        and failing_since is not None
        and now - failing_since >= DEAD_AFTER
    )
