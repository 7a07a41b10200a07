"""A date at the head of a text, in any month name: «3 شباط/فبراير 2026 - 21:05»."""

from __future__ import annotations

import re
from datetime import date, datetime, time

from index.text.dates.calendar import CalendarKind, find_dates
from index.text.dates.clock_times import TimeOfDay, find_time_after
from index.text.dates.lexicon import WEEKDAY_PATTERN, WEEKDAYS, strip_spaces
from index.text.dates.printed import PrintedDate
from index.text.normalise import fold

_MAX_WORDS = 16
_MAX_LENGTH = 200
_WORD = re.compile(r"\S+")
_WEEKDAY_BEFORE = re.compile(rf"(?:(?P<weekday>{WEEKDAY_PATTERN})(?!\w)[\s,،.–—-]{{0,4}})?")
_WORD_CHAR = re.compile(r"[^\W_]")


def read_leading_date(text: str, start: int, *, has_label: bool = False) -> PrintedDate | None:
    """Return the date at `text[start:]`, if its day is beyond doubt, and where it ends in `text`.

    A date in numbers alone must have a time of day as well, or a label such as «نشر في» before
    it. A weekday, where there is one, must be the day's.
    """
    folded, word_ends = _fold_first_line(text, start)
    match = _WEEKDAY_BEFORE.match(folded)
    date_start = match.end() if match else 0
    # A two-digit year is in no century, and a day without a year in no year: neither is read.
    mentions = [mention for mention in find_dates(folded, date.max) if mention.start == date_start]
    if not mentions or mentions[0].kind is not CalendarKind.GREGORIAN or len(mentions[0].days) != 1:
        return None
    mention, day = mentions[0], mentions[0].days[0]
    weekday = match["weekday"] if match else None
    if weekday and WEEKDAYS[strip_spaces(weekday)] != day.weekday():
        return None
    clock = find_time_after(folded, mention.clock_start)
    is_numeric = not any(char.isalpha() for char in folded[mention.start : mention.end])
    if (clock and clock.value is None) or (is_numeric and clock is None and not has_label):
        return None
    end = _date_end_in_text(folded, max(mention.end, clock.end if clock else 0), word_ends)
    if end is None:
        return None
    return PrintedDate(_combine(day, clock), weekday is not None, end)


def _fold_first_line(text: str, start: int) -> tuple[str, list[tuple[int, int]]]:
    """Return the line at `start` folded, and for each word where it ends in it and in `text`."""
    folded, word_ends = "", []
    line = text[start : start + _MAX_LENGTH].split("\n", 1)[0]
    for count, word in enumerate(_WORD.finditer(line)):
        if count == _MAX_WORDS:
            break
        if folded_word := fold(word[0]):
            folded = f"{folded} {folded_word}" if folded else folded_word
            word_ends.append((len(folded), start + word.end()))
    return folded, word_ends


def _date_end_in_text(folded: str, date_end: int, word_ends: list[tuple[int, int]]) -> int | None:
    """Return where the word that holds `date_end` ends in the text, if only marks follow in it."""
    folded_end, text_end = next(word_end for word_end in word_ends if word_end[0] >= date_end)
    return None if _WORD_CHAR.search(folded, date_end, folded_end) else text_end


def _combine(day: date, clock: TimeOfDay | None) -> date | datetime:
    return (clock and clock.combine(datetime.combine(day, time()))) or day
