"""What day a source means by its date, and whether it can mean another.

It prefers None over a wrong date, and an uncertain reading over a sure one that may be wrong: an
editor is asked about the uncertain ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from index.text.dates.calendar import CalendarKind, DateMention, find_dates
from index.text.dates.clock_times import TimeOfDay, clock_after, clock_before
from index.text.dates.lexicon import WEEKDAY, WEEKDAYS, in_digits, spelled
from index.text.dates.relative import relative_date
from index.text.normalise import fold

_LOOKED_AT = 600
"""Code points of `raw` that are looked at: a date stands in a line, not in a chapter."""
_MAX_DATE_LENGTH = 80
_FIRST_LIKELY = date(1990, 1, 1)
"""News of the archive's day is not older; such a date is an epoch of zero, or a misprint."""
_DAY = timedelta(days=1)
_MAX_CANDIDATES = 6
_WEIGHT = {CalendarKind.YEARLESS: 0, CalendarKind.HIJRI: 1, CalendarKind.GREGORIAN: 2}
"""«قناة 17 فبراير - 4 مايو 2018» names a station, and then the date."""
_UNIX = re.compile(r"(?P<seconds>[0-9]{10})(?P<rest>[0-9]{3})?(?:\.[0-9]{1,9})?")
_PUBLISHED = re.compile(
    r"(?<!\w)(?:و)?(?:نشر|نشرت|النشر|ينشر|published|pubdate|datepublished|posted|publication|"
    r"publie|publiee|publie le|parution|released)(?!\w)"
)
_UPDATED = re.compile(
    r"(?<!\w)(?:و)?(?:تحديث|التحديث|تحديثه|حدث|تعديل|التعديل|معدل|updated?|modified|datemodified|"
    r"edited|revised|mis(?:e)? a jour|maj|modifie|modifiee|actualise)(?!\w)"
)
_WEEKDAY_BEFORE = re.compile(
    rf"(?<!\w)(?P<name>{WEEKDAY})(?!\w)[\s,،.؛:()\[\]–—|/-]*(?:الموافق |الموافق ل|le |the )?"
    r"[\s,،.:(–—-]*\Z"
)
_WEEKDAY_AFTER = re.compile(rf"[\s,،.؛()\[\]–—|/-]*(?P<name>{WEEKDAY})(?!\w)")
_BEFORE_WORDS = re.compile(
    r"(?:[\s:،,.|•·()\[\]–—-]|(?:تم |تاريخ |اخر |وقت )?(?:ال)?(?:نشر|نشرت|تحديث)(?!\w)|في |بتاريخ |"
    r"published |posted |updated |last updated |on |publie |mis a jour |le )*"
)
_AFTER_WORDS = re.compile(r"[\s:،,.|•·()\[\]–—-]*\Z")


class ParsedDate(NamedTuple):
    """The day a source's date means; `certain` where it means no other and is likely to be true."""

    published: date | datetime
    """A date where no time was written, else a datetime, with a zone where one was written."""
    certain: bool
    otherwise: tuple[date | datetime, ...] = ()
    """The other readings, the likeliest first."""


def read_date(raw: str, *, now: datetime, hint: date | None = None) -> ParsedDate | None:
    """Return the date that stands in `raw`, or None where none does that a day can be told from.

    `raw` is a page's metadata, a feed's or an editor's date, or the line under a headline, with
    words around it or not. `now` has a zone. `hint` is the day that something else tells of, such
    as the page's address: a reading that alone agrees with it is certain. «02/05/2016» is read
    day first, uncertain. Nothing is raised for any `raw`.
    """
    line = raw.strip()[: _LOOKED_AT + _MAX_DATE_LENGTH]
    if unix := _UNIX.fullmatch(line):
        return _judged([_unix(unix)], certain=True, now=now, hint=hint)
    text = in_digits(fold(line))
    found = [mention for mention in find_dates(text, now.date()) if mention.start < _LOOKED_AT]
    if found:
        return _read(text, found, now, hint)
    start = _end(_BEFORE_WORDS, text, 0)
    ago = relative_date(text, start, now)
    if ago is None:
        return None
    readings: list[date | datetime] = list(ago.readings)
    clock = clock_after(text, ago.end)
    if clock and not isinstance(readings[0], datetime):
        readings = _timed(readings, clock)
    end = clock.end if clock else ago.end
    alone = ago.start <= start and _AFTER_WORDS.match(text, end) is not None
    if not ago.counted and not alone:
        return None  # «اليوم السابع» is a newspaper
    certain = ago.certain and alone and not _UPDATED.search(text)
    return _judged(readings, certain=certain, now=now, hint=hint)


def _unix(found: re.Match[str]) -> datetime:
    return datetime.fromtimestamp(int(found["seconds"]), UTC)


def _read(
    text: str, found: Sequence[DateMention], now: datetime, hint: date | None
) -> ParsedDate | None:
    labels = [_label(text, found, place) for place in range(len(found))]
    chosen = max(range(len(found)), key=lambda at: (_WEIGHT[found[at].kind], labels[at], -at))
    mention = found[chosen]
    days = list(mention.days)
    certain = mention.kind is CalendarKind.GREGORIAN and len(days) == 1 and labels[chosen] >= 0
    apart: list[date] = []
    for place, other in enumerate(found):
        if place == chosen:
            continue
        agreed = _agreed(days, other)
        if agreed:
            days = agreed
            certain = certain or (
                len(days) == 1 and mention.kind is CalendarKind.GREGORIAN and labels[chosen] >= 0
            )
        else:
            near = min(other.days, key=lambda day: abs(day - mention.days[0]))
            apart.append(near if other.kind is CalendarKind.YEARLESS else other.days[0])
            # What is labelled as published is not in doubt for a date with another label.
            certain = certain and labels[chosen] > labels[place] and labels[chosen] > 0
    weekday = _weekday(text, found, chosen)
    if weekday is not None:
        fitting = [day for day in days if day.weekday() == weekday]
        days = fitting + [day for day in days if day not in fitting]
        only = len(fitting) == 1 and not apart and labels[chosen] >= 0
        certain = mention.kind is not CalendarKind.YEARLESS and bool(fitting) and (certain or only)
    readings: list[date | datetime] = list(days)
    if clock := _clock(text, found, chosen):
        readings = _timed(days, clock)
        certain = certain and clock.at is not None
    readings += [day for day in dict.fromkeys(apart) if day not in days]
    return _judged(readings, certain=certain, now=now, hint=hint)


def _agreed(days: Sequence[date], other: DateMention) -> list[date]:
    """Return those of `days` that another mention means as well."""
    if other.kind is CalendarKind.HIJRI:
        return [day for day in days if abs(day - other.days[0]) <= 2 * _DAY]
    return [day for day in days if day in other.days]


def _label(text: str, found: Sequence[DateMention], place: int) -> int:
    """Return 1 where a date is said to be of publication, -1 where of an update, else 0."""
    before = text[found[place - 1].end if place else 0 : found[place].start]
    published = [match.end() for match in _PUBLISHED.finditer(before)]
    updated = [match.end() for match in _UPDATED.finditer(before)]
    if not published and not updated:
        return 0
    return 1 if max(published, default=-1) > max(updated, default=-1) else -1


def _weekday(text: str, found: Sequence[DateMention], place: int) -> int | None:
    mention = found[place]
    start = max(found[place - 1].end if place else 0, mention.start - _MAX_DATE_LENGTH)
    end = found[place + 1].start if place + 1 < len(found) else len(text)
    named = _WEEKDAY_BEFORE.search(text, start, mention.start) or _WEEKDAY_AFTER.match(
        text, mention.end, end
    )
    return WEEKDAYS[spelled(named["name"])] if named else None


def _clock(text: str, found: Sequence[DateMention], place: int) -> TimeOfDay | None:
    mention = found[place]
    after = clock_after(text, mention.clock_at)
    if after is None and (named := _WEEKDAY_AFTER.match(text, mention.end)):
        after = clock_after(text, named.end())
    beside = place + 1 < len(found) and after and after.end > found[place + 1].start
    if after and not (beside and mention.clock_at == mention.end):
        return after
    return clock_before(text, found[place - 1].end if place else 0, mention.start)


def _timed(days: Iterable[date | datetime], clock: TimeOfDay) -> list[date | datetime]:
    midnights = (datetime.combine(day, time()) for day in days)
    return [clock.on(midnight) or midnight.date() for midnight in midnights]


def _judged(
    readings: Sequence[date | datetime], *, certain: bool, now: datetime, hint: date | None
) -> ParsedDate:
    """Put the likely readings first, and say whether the first is certain."""
    unlikely = [reading for reading in readings if not _is_likely(reading, now)]
    ordered = [reading for reading in readings if reading not in unlikely] + unlikely
    certain = certain and not unlikely
    if hint is not None:
        agreeing = [reading for reading in ordered if _day(reading) == hint]
        if len(agreeing) == 1:
            ordered = agreeing + [reading for reading in ordered if reading not in agreeing]
            certain = True
        elif not agreeing:
            certain = certain and abs(_day(ordered[0]) - hint) <= _DAY
    others = () if certain else tuple(ordered[1:_MAX_CANDIDATES])
    return ParsedDate(ordered[0], certain, others)


def _is_likely(reading: date | datetime, now: datetime) -> bool:
    return _FIRST_LIKELY <= _day(reading) <= now.date() + _DAY


def _day(reading: date | datetime) -> date:
    return reading.date() if isinstance(reading, datetime) else reading


def _end(pattern: re.Pattern[str], text: str, start: int) -> int:
    found = pattern.match(text, start)
    return found.end() if found else start
