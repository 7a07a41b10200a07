"""When an edition is due: pure; the time is passed in.

An edition is of one local day. It is due at the subscriber's time of that day, and may be sent from
then until a set hour, or for an hour where the time is later than that, and always on that day.
What was missed is skipped; nothing is ever sent for a day that is over.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bot.digest.models import Schedule

GRACE_PERIOD = timedelta(hours=1)
"""How late an edition may be whatever its hour."""
MAX_MISSED_DAYS = 7
"""Of how many missed days it is told, the newest."""
_DAY = timedelta(days=1)
_LOOKAHEAD_DAYS = 15
"""Days after which at least one is due: a week, and one more where a zone leaves a day out."""


class LastDecision(NamedTuple):
    """What was decided last, whatever became of it."""

    day: date
    """The newest local day whose edition was planned or skipped."""
    planned_at: datetime | None
    """When the last one that was not skipped was planned; None before that."""


class DueEdition(NamedTuple):
    """An edition: of which day, due when, and until when it may be sent."""

    day: date
    due_at: datetime
    deadline: datetime
    """It may be sent before this instant."""


class Plan(NamedTuple):
    """What is to be done for a subscriber now."""

    due: DueEdition | None
    """The edition that is to be sent, if any."""
    missed: tuple[date, ...]
    """Days whose editions nobody can send any more, oldest first."""
    next_check_at: datetime
    """When to ask again."""


def plan(
    schedule: Schedule, last: LastDecision | None, now: datetime, latest_delivery_hour: int
) -> Plan:
    """Say what is to be sent or was missed by now, and when to ask again.

    `latest_delivery_hour` is the hour of the day up to which an edition may be late.
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
    """Return when the next edition is due; in a pause of weeks, when to ask again."""
    today = now.astimezone(schedule.tz).date()
    first_day = max(_first_open_day(schedule, last), today)
    for offset in range(_LOOKAHEAD_DAYS):
        due = due_on(schedule, first_day + offset * _DAY, latest_delivery_hour)
        if due and due.due_at > max(now, schedule.since):
            return due.due_at
    return datetime.combine(first_day + _LOOKAHEAD_DAYS * _DAY, time(), UTC)


def due_on(schedule: Schedule, day: date, latest_delivery_hour: int) -> DueEdition | None:
    """Return when the edition of a local day is due; None on a day on which none is.

    A time that the clocks leave out is read with the offset before the gap, and of one that comes
    twice the first is meant: RFC 5545, 3.3.5.
    """
    if day.weekday() not in schedule.days or (schedule.resumes and day < schedule.resumes):
        return None
    due_at = _local_to_utc(day, schedule.time, schedule.tz)
    if due_at.astimezone(schedule.tz).date() != day:  # a day that the zone has left out
        return None
    day_end = _local_to_utc(day + _DAY, time(), schedule.tz)
    late_limit = _local_to_utc(day, time(latest_delivery_hour), schedule.tz)
    return DueEdition(day, due_at, min(day_end, max(late_limit, due_at + GRACE_PERIOD)))


def _local_to_utc(day: date, local_time: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, local_time, zone).astimezone(UTC)


def _first_open_day(schedule: Schedule, last: LastDecision | None) -> date:
    """Return the first day of which an edition can still be due.

    Not that of the last edition, nor, where the zone has changed since, that on which it came.
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
    """Return the days from one to another, at most a few more than are told of."""
    first_day = max(first_day, last_day - 4 * MAX_MISSED_DAYS * _DAY)
    return [first_day + offset * _DAY for offset in range((last_day - first_day).days + 1)]


def _decision_after(
    last: LastDecision | None, due_edition: DueEdition | None, missed: list[date], now: datetime
) -> LastDecision | None:
    """Return what was decided last, once this is done."""
    days = [*missed, *([due_edition.day] if due_edition else [])]
    if not days:
        return last
    return LastDecision(max(days), now if due_edition else (last.planned_at if last else None))
