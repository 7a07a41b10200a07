"""A date at the head of a text, in any month name: «3 شباط/فبراير 2026 - 21:05»."""

from __future__ import annotations

import re
from datetime import date, datetime, time

from index.text.dates.calendar import CalendarKind, find_dates
from index.text.dates.clock_times import TimeOfDay, clock_after
from index.text.dates.lexicon import WEEKDAY, WEEKDAYS, spelled
from index.text.dates.printed import PrintedDate
from index.text.normalise import fold

_MAX_WORDS = 16
_LONGEST = 200
_WORD = re.compile(r"\S+")
_BEFORE = re.compile(rf"(?:(?P<weekday>{WEEKDAY})(?!\w)[\s,،.–—-]{{0,4}})?")
_NOT_ALONE = re.compile(r"[^\W_]")


def leading_date(text: str, start: int, *, labelled: bool = False) -> PrintedDate | None:
    """Return the date at `text[start:]`, if its day is beyond doubt, and where it ends in `text`.

    A date in numbers alone must have a time of day as well, or a label such as «نشر في» before
    it. A weekday, where there is one, must be the day's.
    """
    folded, ends = _line(text, start)
    named = _BEFORE.match(folded)
    at = named.end() if named else 0
    # A two-digit year is in no century, and a day without a year in no year: neither is read.
    found = [mention for mention in find_dates(folded, date.max) if mention.start == at]
    if not found or found[0].kind is not CalendarKind.GREGORIAN or len(found[0].days) != 1:
        return None
    mention, day = found[0], found[0].days[0]
    weekday = named["weekday"] if named else None
    if weekday and WEEKDAYS[spelled(weekday)] != day.weekday():
        return None
    clock = clock_after(folded, mention.clock_at)
    numbers = not any(char.isalpha() for char in folded[mention.start : mention.end])
    if (clock and clock.at is None) or (numbers and clock is None and not labelled):
        return None
    end = _end(folded, max(mention.end, clock.end if clock else 0), ends)
    if end is None:
        return None
    return PrintedDate(_moment(day, clock), weekday is not None, end)


def _line(text: str, start: int) -> tuple[str, list[tuple[int, int]]]:
    """Return the line at `start` folded, and for each word where it ends in it and in `text`."""
    folded, ends = "", []
    line = text[start : start + _LONGEST].split("\n", 1)[0]
    for count, word in enumerate(_WORD.finditer(line)):
        if count == _MAX_WORDS:
            break
        if seen := fold(word[0]):
            folded = f"{folded} {seen}" if folded else seen
            ends.append((len(folded), start + word.end()))
    return folded, ends


def _end(folded: str, end: int, ends: list[tuple[int, int]]) -> int | None:
    """Return where the word that holds `end` ends in the text, if only marks follow in it."""
    inside, outside = next(pair for pair in ends if pair[0] >= end)
    return None if _NOT_ALONE.search(folded, end, inside) else outside


def _moment(day: date, clock: TimeOfDay | None) -> date | datetime:
    return (clock and clock.on(datetime.combine(day, time()))) or day
