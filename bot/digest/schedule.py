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

GRACE = timedelta(hours=1)
"""How late an edition may be whatever its hour."""
MAX_MISSED_DAYS = 7
"""Of how many missed days it is told, the newest."""
_DAY = timedelta(days=1)
_LOOK_AHEAD = 15
"""Days after which at least one is due: a week, and one more where a zone leaves a day out."""


class LastDecision(NamedTuple):
    """What was decided last, whatever became of it."""

    day: date
    """The newest local day whose edition was planned or skipped."""
    came: datetime | None
    """When the last one that was not skipped was planned; None before that."""


class DueEdition(NamedTuple):
    """An edition: of which day, due when, and until when it may be sent."""

    day: date
    at: datetime
    until: datetime
    """It may be sent before this instant."""


class Plan(NamedTuple):
    """What is to be done for a subscriber now."""

    due: DueEdition | None
    """The edition that is to be sent, if any."""
    missed: tuple[date, ...]
    """Days whose editions nobody can send any more, oldest first."""
    again: datetime
    """When to ask again."""


def plan(schedule: Schedule, last: LastDecision | None, now: datetime, late_hour: int) -> Plan:
    """Say what is to be sent or was missed by now, and when to ask again.

    `late_hour` is the hour of the day up to which an edition may be late.
    """
    zone = schedule.tz
    today = now.astimezone(zone).date()
    sendable: DueEdition | None = None
    missed: list[date] = []
    for day in _days(_first(schedule, last), today):
        due = due_on(schedule, day, late_hour)
        if due is None or not schedule.since < due.at <= now:
            continue
        if now < due.until:
            sendable = due
        else:
            missed.append(day)
    handled = _after(last, sendable, missed, now)
    return Plan(
        sendable, tuple(missed[-MAX_MISSED_DAYS:]), next_due(schedule, handled, now, late_hour)
    )


def next_due(
    schedule: Schedule, last: LastDecision | None, now: datetime, late_hour: int
) -> datetime:
    """Return when the next edition is due; in a pause of weeks, when to ask again."""
    today = now.astimezone(schedule.tz).date()
    first = max(_first(schedule, last), today)
    for ahead in range(_LOOK_AHEAD):
        due = due_on(schedule, first + ahead * _DAY, late_hour)
        if due and due.at > max(now, schedule.since):
            return due.at
    return datetime.combine(first + _LOOK_AHEAD * _DAY, time(), UTC)


def due_on(schedule: Schedule, day: date, late_hour: int) -> DueEdition | None:
    """Return when the edition of a local day is due; None on a day on which none is.

    A time that the clocks leave out is read with the offset before the gap, and of one that comes
    twice the first is meant: RFC 5545, 3.3.5.
    """
    if day.weekday() not in schedule.days or (schedule.resumes and day < schedule.resumes):
        return None
    at = _instant(day, schedule.time, schedule.tz)
    if at.astimezone(schedule.tz).date() != day:  # a day that the zone has left out
        return None
    over = _instant(day + _DAY, time(), schedule.tz)
    late = _instant(day, time(late_hour), schedule.tz)
    return DueEdition(day, at, min(over, max(late, at + GRACE)))


def _instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)


def _first(schedule: Schedule, last: LastDecision | None) -> date:
    """Return the first day of which an edition can still be due.

    Not that of the last edition, nor, where the zone has changed since, that on which it came.
    """
    days = [_day_of(schedule.since, schedule)]
    if last is not None:
        days.append(last.day + _DAY)
        if last.came is not None:
            days.append(_day_of(last.came, schedule) + _DAY)
    return max(days)


def _day_of(moment: datetime, schedule: Schedule) -> date:
    return moment.astimezone(schedule.tz).date()


def _days(first: date, last: date) -> list[date]:
    """Return the days from one to another, at most a few more than are told of."""
    first = max(first, last - 4 * MAX_MISSED_DAYS * _DAY)
    return [first + number * _DAY for number in range((last - first).days + 1)]


def _after(
    last: LastDecision | None, sendable: DueEdition | None, missed: list[date], now: datetime
) -> LastDecision | None:
    """Return what was decided last, once this is done."""
    days = [*missed, *([sendable.day] if sendable else [])]
    if not days:
        return last
    return LastDecision(max(days), now if sendable else (last.came if last else None))
