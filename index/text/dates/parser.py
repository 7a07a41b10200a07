"""Parse a source's date, and tell whether its meaning is certain.

The parser prefers None to a wrong date, and an uncertain result to a certain one that may be
wrong: an editor is asked about uncertain dates.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from index.text.dates.calendar import CalendarKind, DateMention, find_dates
from index.text.dates.clock_times import TimeOfDay, find_time_after, find_time_before
from index.text.dates.days import to_date
from index.text.dates.name_patterns import WEEKDAY_BY_NAME, WEEKDAY_PATTERN, strip_spaces
from index.text.dates.relative import find_relative_date
from index.text.normalise import fold
from index.text.temporal_lexicon import ORDINALS, build_alternation, number_by_name

_MAX_DATE_START = 600
"""A date must begin within this many code points of `raw`: sources print it in a line."""
_MAX_DATE_LENGTH = 80
_MIN_LIKELY_DATE = date(1990, 1, 1)
"""Earlier dates are unlikely for online news: usually a Unix time of zero or a misprint."""
_DAY = timedelta(days=1)
_MAX_CANDIDATES = 6
_KIND_PRIORITY = {CalendarKind.YEARLESS: 0, CalendarKind.HIJRI: 1, CalendarKind.GREGORIAN: 2}
"""A date with a year wins: «قناة 17 فبراير - 4 مايو 2018» names a TV channel, then the date."""
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
    rf"(?<!\w)(?P<name>{WEEKDAY_PATTERN})(?!\w)[\s,،.؛:()\[\]–—|/-]*"
    r"(?:الموافق |الموافق ل|le |the )?[\s,،.:(–—-]*\Z"
)
_WEEKDAY_AFTER = re.compile(rf"[\s,،.؛()\[\]–—|/-]*(?P<name>{WEEKDAY_PATTERN})(?!\w)")
_BEFORE_WORDS = re.compile(
    r"(?:[\s:،,.|•·()\[\]–—-]|(?:تم |تاريخ |اخر |وقت )?(?:ال)?(?:نشر|نشرت|تحديث)(?!\w)|في |بتاريخ |"
    r"published |posted |updated |last updated |on |publie |mis a jour |le )*"
)
_AFTER_WORDS = re.compile(r"[\s:،,.|•·()\[\]–—-]*\Z")

_ARABIC_ORDINALS = [f"ال{ORDINALS[number].split('|')[0]}" for number in range(1, 11)]
_COMPOUND_UNITS = ["الحادي", *_ARABIC_ORDINALS[1:9]]
_DAY_NUMBER_BY_NAME = number_by_name(
    (
        *_ARABIC_ORDINALS,
        *(f"{unit} عشر" for unit in _COMPOUND_UNITS),
        "العشرين|العشرون",
        *(f"{unit} والعشرين|{unit} والعشرون" for unit in _COMPOUND_UNITS),
        "الثلاثين|الثلاثون",
        "الحادي والثلاثين|الحادي والثلاثون",
    )
)
_ORDINAL_DAY = re.compile(
    rf"(?<!\w)(?P<day>{build_alternation(_DAY_NUMBER_BY_NAME, space=' ?')})(?= من )"
    r"|\bpremier(?= )"
)
_DAY_NUMBERS = {strip_spaces(name): number for name, number in _DAY_NUMBER_BY_NAME.items()}


class ParsedDate(NamedTuple):
    """The parsed date; `certain` if it has one meaning and is plausible."""

    published: date | datetime
    """A date if no time is printed, else a datetime, with a zone if one is printed."""
    certain: bool
    alternatives: tuple[date | datetime, ...] = ()
    """Other possible meanings, the likeliest first; empty if `certain`."""


def read_date(raw: str, *, now: datetime, hint: date | None = None) -> ParsedDate | None:
    """Return the date in `raw`, or None if no day can be determined.

    `raw` is a page's metadata, a feed's or an editor's date, or the line under a headline, with
    or without other words. `now` must have a time zone. `hint` is the day that another source
    gives, such as the page's URL: a reading that alone agrees with it is certain. «02/05/2016» is
    read day first and uncertain. No `raw` raises an exception.
    """
    line = raw.strip()[: _MAX_DATE_START + _MAX_DATE_LENGTH]
    if match := _UNIX.fullmatch(line):
        return _build_parsed_date([_parse_unix_time(match)], certain=True, now=now, hint=hint)
    text = _ordinals_to_digits(fold(line))
    mentions = [
        mention for mention in find_dates(text, now.date()) if mention.start < _MAX_DATE_START
    ]
    if mentions:
        return _resolve_mentions(text, mentions, now, hint)
    start = _match_end(_BEFORE_WORDS, text, 0)
    relative = find_relative_date(text, start, now)
    if relative is None:
        return None
    readings: list[date | datetime] = list(relative.readings)
    clock = find_time_after(text, relative.end)
    if clock and not isinstance(readings[0], datetime):
        readings = _combine_all(readings, clock)
    end = clock.end if clock else relative.end
    is_alone = relative.start <= start and _AFTER_WORDS.match(text, end) is not None
    if not relative.has_count and not is_alone:
        return None  # «اليوم السابع» is the name of a newspaper
    certain = relative.certain and is_alone and not _UPDATED.search(text)
    return _build_parsed_date(readings, certain=certain, now=now, hint=hint)


def _ordinals_to_digits(text: str) -> str:
    """Return the folded `text` with spelled-out days of the month in digits: «الرابع من مايو»."""
    return _ORDINAL_DAY.sub(
        lambda match: str(_DAY_NUMBERS[strip_spaces(match["day"])] if match["day"] else 1), text
    )


def _parse_unix_time(match: re.Match[str]) -> datetime:
    return datetime.fromtimestamp(int(match["seconds"]), UTC)


def _resolve_mentions(
    text: str, mentions: Sequence[DateMention], now: datetime, hint: date | None
) -> ParsedDate | None:
    labels = [_label_score(text, mentions, index) for index in range(len(mentions))]
    chosen_index = max(
        range(len(mentions)),
        key=lambda index: (_KIND_PRIORITY[mentions[index].kind], labels[index], -index),
    )
    mention = mentions[chosen_index]
    days = list(mention.days)
    certain = (
        mention.kind is CalendarKind.GREGORIAN and len(days) == 1 and labels[chosen_index] >= 0
    )
    conflicting: list[date] = []
    for index, other in enumerate(mentions):
        if index == chosen_index:
            continue
        agreeing = _agreeing_days(days, other)
        if agreeing:
            days = agreeing
            certain = certain or (
                len(days) == 1
                and mention.kind is CalendarKind.GREGORIAN
                and labels[chosen_index] >= 0
            )
        else:
            nearest = min(other.days, key=lambda day: abs(day - mention.days[0]))
            conflicting.append(nearest if other.kind is CalendarKind.YEARLESS else other.days[0])
            # A date labelled as publication stays certain beside one with a weaker label.
            certain = certain and labels[chosen_index] > labels[index] and labels[chosen_index] > 0
    weekday = _find_weekday(text, mentions, chosen_index)
    if weekday is not None:
        matching = [day for day in days if day.weekday() == weekday]
        days = matching + [day for day in days if day not in matching]
        is_only_match = len(matching) == 1 and not conflicting and labels[chosen_index] >= 0
        certain = (
            mention.kind is not CalendarKind.YEARLESS
            and bool(matching)
            and (certain or is_only_match)
        )
    readings: list[date | datetime] = list(days)
    if clock := _find_time(text, mentions, chosen_index):
        readings = _combine_all(days, clock)
        certain = certain and clock.value is not None
    readings += [day for day in dict.fromkeys(conflicting) if day not in days]
    return _build_parsed_date(readings, certain=certain, now=now, hint=hint)


def _agreeing_days(days: Sequence[date], other: DateMention) -> list[date]:
    """Return those of `days` that `other` may mean as well."""
    if other.kind is CalendarKind.HIJRI:
        return [day for day in days if abs(day - other.days[0]) <= 2 * _DAY]
    return [day for day in days if day in other.days]


def _label_score(text: str, mentions: Sequence[DateMention], index: int) -> int:
    """Return 1 for a date labelled as publication, -1 for one labelled as update, else 0."""
    before = text[mentions[index - 1].end if index else 0 : mentions[index].start]
    published_ends = [match.end() for match in _PUBLISHED.finditer(before)]
    updated_ends = [match.end() for match in _UPDATED.finditer(before)]
    if not published_ends and not updated_ends:
        return 0
    return 1 if max(published_ends, default=-1) > max(updated_ends, default=-1) else -1


def _find_weekday(text: str, mentions: Sequence[DateMention], index: int) -> int | None:
    mention = mentions[index]
    start = max(mentions[index - 1].end if index else 0, mention.start - _MAX_DATE_LENGTH)
    end = mentions[index + 1].start if index + 1 < len(mentions) else len(text)
    match = _WEEKDAY_BEFORE.search(text, start, mention.start) or _WEEKDAY_AFTER.match(
        text, mention.end, end
    )
    return WEEKDAY_BY_NAME[strip_spaces(match["name"])] if match else None


def _find_time(text: str, mentions: Sequence[DateMention], index: int) -> TimeOfDay | None:
    mention = mentions[index]
    after = find_time_after(text, mention.clock_start)
    if after is None and (weekday_match := _WEEKDAY_AFTER.match(text, mention.end)):
        after = find_time_after(text, weekday_match.end())
    overlaps_next = index + 1 < len(mentions) and after and after.end > mentions[index + 1].start
    if after and not (overlaps_next and mention.clock_start == mention.end):
        return after
    return find_time_before(text, mentions[index - 1].end if index else 0, mention.start)


def _combine_all(days: Iterable[date | datetime], clock: TimeOfDay) -> list[date | datetime]:
    midnights = (datetime.combine(day, time()) for day in days)
    return [clock.combine(midnight) or midnight.date() for midnight in midnights]


def _build_parsed_date(
    readings: Sequence[date | datetime], *, certain: bool, now: datetime, hint: date | None
) -> ParsedDate:
    """Order `readings`, plausible ones first, and decide whether the first is certain."""
    unlikely = [reading for reading in readings if not _is_likely(reading, now)]
    ordered = [reading for reading in readings if reading not in unlikely] + unlikely
    certain = certain and not unlikely
    if hint is not None:
        agreeing = [reading for reading in ordered if to_date(reading) == hint]
        if len(agreeing) == 1:
            ordered = agreeing + [reading for reading in ordered if reading not in agreeing]
            certain = True
        elif not agreeing:
            certain = certain and abs(to_date(ordered[0]) - hint) <= _DAY
    alternatives = () if certain else tuple(ordered[1:_MAX_CANDIDATES])
    return ParsedDate(ordered[0], certain, alternatives)


def _is_likely(reading: date | datetime, now: datetime) -> bool:
    return _MIN_LIKELY_DATE <= to_date(reading) <= now.date() + _DAY


def _match_end(pattern: re.Pattern[str], text: str, start: int) -> int:
    match = pattern.match(text, start)
    return match.end() if match else start
