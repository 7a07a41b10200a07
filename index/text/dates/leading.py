"""Read the date at the beginning of a text: «3 شباط/فبراير 2026 - 21:05», "4 May 2026, 12:51"."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import NamedTuple

from index.text.dates.calendar import CalendarKind, find_dates
from index.text.dates.clock_times import TimeOfDay, find_time_after
from index.text.dates.name_patterns import WEEKDAY_BY_NAME, WEEKDAY_PATTERN, strip_spaces
from index.text.normalise import fold

_MAX_WORDS = 16
_MAX_LENGTH = 200
_WORD = re.compile(r"\S+")
_WEEKDAY_BEFORE = re.compile(rf"(?:(?P<weekday>{WEEKDAY_PATTERN})(?!\w)[\s,،.–—-]{{0,4}})?")
_WORD_CHAR = re.compile(r"[^\W_]")


class LeadingDate(NamedTuple):
    """A date at the beginning of a text."""

    published: date | datetime
    """A datetime where a time of day is printed, with a zone where one is printed."""
    has_weekday: bool
    end: int
    """Offset in the text at which the date ends."""


def read_leading_date(text: str, start: int, *, has_label: bool = False) -> LeadingDate | None:
    """Return the date at `text[start:]`, or None if there is none or its day is ambiguous.

    A date in numbers alone needs a time of day, or a label such as «نشر في» before it
    (`has_label`). A weekday, if printed, must be that of the day. A time without a zone stays
    without one. Only the first line, of at most 200 characters and 16 words, is read.
    """
    folded, word_ends = _fold_first_line(text, start)
    match = _WEEKDAY_BEFORE.match(folded)
    date_start = match.end() if match else 0
    # Two-digit years and days without a year are ambiguous: `date.max` yields no such reading.
    mentions = [mention for mention in find_dates(folded, date.max) if mention.start == date_start]
    if not mentions or mentions[0].kind is not CalendarKind.GREGORIAN or len(mentions[0].days) != 1:
        return None
    mention, day = mentions[0], mentions[0].days[0]
    weekday = match["weekday"] if match else None
    if weekday and WEEKDAY_BY_NAME[strip_spaces(weekday)] != day.weekday():
        return None
    clock = find_time_after(folded, mention.clock_start)
    is_numeric = not any(char.isalpha() for char in folded[mention.start : mention.end])
    if (clock and clock.value is None) or (is_numeric and clock is None and not has_label):
        return None
    end = _date_end_in_text(folded, max(mention.end, clock.end if clock else 0), word_ends)
    if end is None:
        return None
    return LeadingDate(_combine(day, clock), weekday is not None, end)


def _fold_first_line(text: str, start: int) -> tuple[str, list[tuple[int, int]]]:
    """Return the folded line at `start`, and each word's end in it and in `text`."""
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
    """Return the end in the text of the word at `date_end`, or None if letters follow in it."""
    folded_end, text_end = next(word_end for word_end in word_ends if word_end[0] >= date_end)
    return None if _WORD_CHAR.search(folded, date_end, folded_end) else text_end


def _combine(day: date, clock: TimeOfDay | None) -> date | datetime:
    return (clock and clock.combine(datetime.combine(day, time()))) or day
