"""Convert a Hijri date to the Gregorian days that it may mean."""

from __future__ import annotations

from datetime import date, timedelta

MIN_HIJRI_YEAR, MAX_HIJRI_YEAR = 1343, 1500
"""The years that the Umm al-Qura tables of `hijridate` cover."""


def hijri_days(year: int, month: int, day: int) -> tuple[date, ...]:
    """Return the day by the Umm al-Qura calendar, then the day after it and the day before.

    A month begins when the new moon is sighted, which differs by a day between countries. The
    result is empty if there is no such date.
    """
    from hijridate import Hijri

    if not MIN_HIJRI_YEAR <= year <= MAX_HIJRI_YEAR:
        return ()
    try:
        converted = Hijri(year, month, day).to_gregorian()
    except (ValueError, OverflowError):
        return ()
    exact = date(converted.year, converted.month, converted.day)
    return exact, exact + timedelta(days=1), exact - timedelta(days=1)
