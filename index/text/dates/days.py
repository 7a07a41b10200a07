"""Compare the days of dates, and find the source's own day and clock of a date given in UTC."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from urllib.parse import unquote, urlsplit

_MIN_UTC_OFFSET, _MAX_UTC_OFFSET = timedelta(hours=-12), timedelta(hours=14)
_UTC_OFFSET_UNIT = timedelta(minutes=15)
"""Every time zone differs from UTC by a multiple of this."""
_URL_DATE = re.compile(
    r"(?<!\d)(?P<year>19\d\d|20\d\d)(?P<between>[/_.-]|/[a-z_]{2,20}/)"
    r"(?P<month>0?[1-9]|1[0-2])[/_.-](?P<day>0?[1-9]|[12]\d|3[01])(?!\d)"
)


def to_date(value: date | datetime) -> date:
    """Return the day of a date or a datetime, in its own time zone."""
    return value.date() if isinstance(value, datetime) else value


def to_utc_offset(value: date | datetime) -> timedelta | None:
    """Return the offset of a datetime from UTC; None if it is not stated."""
    return value.utcoffset() if isinstance(value, datetime) else None


def may_be_same_day(first: date | datetime, second: date | datetime) -> bool:
    """Return whether two dates may be the same day: with different time zones, a day apart."""
    days_apart = abs((to_date(first) - to_date(second)).days)
    return days_apart == 0 or (days_apart == 1 and to_utc_offset(first) != to_utc_offset(second))


def day_in_url(url: str | None) -> date | None:
    """Return the day in the path of a URL, such as /2018/05/04/; None if it has none."""
    try:
        path = unquote(urlsplit(url or "").path)
        match = _URL_DATE.search(path)
        return match and date(int(match["year"]), int(match["month"]), int(match["day"]))
    except ValueError:
        return None


def to_source_local_time(instant: datetime, shown: date | datetime) -> date | datetime:
    """Return an aware datetime in the clock of its source, which shows `shown` for it.

    A time in `shown` tells the time zone. A day alone does not: if it is another day than that of
    an `instant` in UTC, but is the day of `instant` in some time zone, that day is returned. If
    `shown` cannot be `instant` in any time zone, `instant` is returned.
    """
    if to_utc_offset(shown):
        return instant.astimezone(shown.tzinfo if isinstance(shown, datetime) else None)
    if isinstance(shown, datetime) and shown.tzinfo is None:
        utc_offset = _to_whole_minutes(shown.replace(tzinfo=UTC)) - _to_whole_minutes(instant)
        if not utc_offset % _UTC_OFFSET_UNIT and _MIN_UTC_OFFSET <= utc_offset <= _MAX_UTC_OFFSET:
            return instant.astimezone(timezone(utc_offset))
    day = to_date(shown)
    if instant.date() == day or instant.utcoffset():
        return instant
    midnight = datetime.combine(day, time(), UTC)
    start, end = midnight - _MAX_UTC_OFFSET, midnight + timedelta(days=1) - _MIN_UTC_OFFSET
    return day if start <= instant < end else instant


def _to_whole_minutes(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(second=0, microsecond=0)
