"""Compute when editions are due; pure functions that receive the current time.

An edition belongs to one local day. It is due at the subscriber's time on that day, and may be sent
until a configured hour, but at least for one hour, and never after the end of the day. Missed
editions are skipped; nothing is ever sent for a past day.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bot.digest.models import Schedule

GRACE_PERIOD = timedelta(hours=1)
"""An edition may always be this late, even after the latest delivery hour."""
MAX_MISSED_DAYS = 7
"""Only this many missed days, the newest, are reported."""
_DAY = timedelta(days=1)
_LOOKAHEAD_DAYS = 15
"""Days within which an edition is due: a week, and one more in case the zone skips a date."""


class LastDecision(NamedTuple):
    """The last planning decision for a chat, whatever became of the delivery."""

    day: date
    """The newest local day whose edition was planned or skipped."""
    planned_at: datetime | None
    """When the last edition that was not skipped was planned; None if there is none."""


class DueEdition(NamedTuple):
    """An edition that is due: its day, when it is due, and its deadline."""

    day: date
    due_at: datetime
    deadline: datetime
    """The edition may be sent before this instant; exclusive."""


class Plan(NamedTuple):
    """What to do for a subscriber now."""

    due: DueEdition | None
    """The edition to send now, if any."""
    missed: tuple[date, ...]
    """Days whose editions can no longer be sent, oldest first."""
    next_check_at: datetime
    """When to compute the plan again."""


def plan(
    schedule: Schedule, last: LastDecision | None, now: datetime, latest_delivery_hour: int
) -> Plan:
    """Return the edition to send now, the missed days, and when to plan again.

    `latest_delivery_hour` is the local hour until which a late edition may be sent.
    """
    zone = schedule.tz
    today = now.astimezone(zone).date()
    due_edition: DueEdition | None = None
    missed: list[date] = []
    for day in _date_range(_first_open_day(schedule, last), today):
        edition = due_on(schedule, day, latest_delivery_hour)
        if edition is None or not schedule.since < edition.due_at <= now:
            continue
        if now < edition.deadline:
            due_edition = edition
        else:
            missed.append(day)
    last_after = _decision_after(last, due_edition, missed, now)
    return Plan(
        due_edition,
        tuple(missed[-MAX_MISSED_DAYS:]),
        next_due(schedule, last_after, now, latest_delivery_hour),
    )


def next_due(
    schedule: Schedule, last: LastDecision | None, now: datetime, latest_delivery_hour: int
) -> datetime:
    """Return when the next edition is due; in a pause of several weeks, when to plan again."""
    today = now.astimezone(schedule.tz).date()
    first_day = max(_first_open_day(schedule, last), today)
    for offset in range(_LOOKAHEAD_DAYS):
        due = due_on(schedule, first_day + offset * _DAY, latest_delivery_hour)
        if due and due.due_at > max(now, schedule.since):
            return due.due_at
    return datetime.combine(first_day + _LOOKAHEAD_DAYS * _DAY, time(), UTC)


def due_on(schedule: Schedule, day: date, latest_delivery_hour: int) -> DueEdition | None:
    """Return the due edition of a local day; None if the schedule has none on that day.

    A local time that a clock change skips is read with the UTC offset before the gap, and of a time
    that occurs twice the first one counts (RFC 5545, section 3.3.5).
    """
    if day.weekday() not in schedule.days or (schedule.resumes and day < schedule.resumes):
        return None
    due_at = _local_to_utc(day, schedule.time, schedule.tz)
    if due_at.astimezone(schedule.tz).date() != day:  # the zone skipped this date
        return None
    day_end = _local_to_utc(day + _DAY, time(), schedule.tz)
    late_limit = _local_to_utc(day, time(latest_delivery_hour), schedule.tz)
    return DueEdition(day, due_at, min(day_end, max(late_limit, due_at + GRACE_PERIOD)))


def _local_to_utc(day: date, local_time: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, local_time, zone).astimezone(UTC)


def _first_open_day(schedule: Schedule, last: LastDecision | None) -> date:
    """Return the first day for which an edition can still be due.

    This excludes the day of the last edition, and also the local day on which that edition was
    planned, which differs if the subscriber has changed the zone since.
    """
    candidates = [_local_date(schedule.since, schedule)]
    if last is not None:
        candidates.append(last.day + _DAY)
        if last.planned_at is not None:
            candidates.append(_local_date(last.planned_at, schedule) + _DAY)
    return max(candidates)


def _local_date(instant: datetime, schedule: Schedule) -> date:
    return instant.astimezone(schedule.tz).date()


def _date_range(first_day: date, last_day: date) -> list[date]:
    """Return the days of an inclusive range, at most the last `4 * MAX_MISSED_DAYS + 1`."""
    first_day = max(first_day, last_day - 4 * MAX_MISSED_DAYS * _DAY)
    return [first_day + offset * _DAY for offset in range((last_day - first_day).days + 1)]


def _decision_after(
    last: LastDecision | None, due_edition: DueEdition | None, missed: list[date], now: datetime
) -> LastDecision | None:
    """Return the last decision as it will be after these editions are planned or skipped."""
    days = [*missed, *([due_edition.day] if due_edition else [])]
    if not days:
        return last
    return LastDecision(max(days), now if due_edition else (last.planned_at if last else None))
