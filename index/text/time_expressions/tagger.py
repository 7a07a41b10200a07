"""Times in a line of folded words, each made one mark of its kind, before anyone judges them."""

from __future__ import annotations

import re
from calendar import isleap, monthrange
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import NamedTuple

from index.text.dates.printed import MONTH_NUMBERS
from index.text.normalise import fold
from index.text.time_expressions import lexicon as said

FIRST_YEAR = 2000
"""No window is made of an earlier year: the archive has no news of its own from then."""
DAY = timedelta(days=1)
_DAYS = {"hour": 1, "day": 24, "week": 168}
"""Hours of the units that have the same number of them always."""
_LEAP_YEAR = 2000
_NEAR = 80
FIRST_ARABIC = "\u0600"
_QUOTED = re.compile(
    r"«[^«»]*(?:»|$)|[\"“”„][^\"“”„]*(?:[\"“”„]|$)|(?<!\w)['‘’‚][^'‘’]*['’](?!\w)"
    r"|\b[A-Z]\w* Today\b"
)
_ARABIC = "\u0620-\u065f\u066e-\u06d3\u06d5-\u06ef\ufb50-\ufd3d\ufd50-\ufdff\ufe70-\ufefc"
_TOKEN = re.compile(
    rf"['’]s\b|(?:[{_ARABIC}]|[\u200b-\u200f\u2060\ufeff])+"
    rf"|(?:[^\W{_ARABIC}]|[\u0300-\u036f\u00ad])+|\S"
)
"""A word of one script, a number with what hangs on it ("4th", "MH370"), or a mark."""
NAME, FREE, OPEN, NOW, YEAR, OWN_YEAR, MONTH, OF_YEAR, DATE, FULL, WEEKDAY = (
    chr(0xE000 + number) for number in range(11)
)
"""The marks: a quotation; a time that needs no word before it; «منذ يومين»; «الآن»; 2017;
«عام 2017»; «مارس»; «مارس 2017»; 4 March; 4 March 2017; Tuesday."""
MARK = re.compile("[\ue000-\uf8ff]")


class Period(NamedTuple):
    """Days of publication, both ends included; None leaves that end open."""

    since: date | None
    until: date | None


class TimeTag(NamedTuple):
    """A time in the question. A month or day without its year has no period yet."""

    kind: str
    period: Period | None = None
    month: int = 0
    day: int | None = None


class MappedChar(NamedTuple):
    """A character of the folded line, and the slice of the question that it comes from."""

    char: str
    start: int
    end: int
    point: TimeTag | None = None


class _PhraseMatch(NamedTuple):
    """A phrase in the line: its groups, the two words before it, and what comes after it."""

    groups: dict[str, str | None]
    before: list[str]
    after: str


def line_of(question: str) -> list[MappedChar]:
    """Return the folded words of `question`, each between two single spaces."""
    cells = [MappedChar(" ", 0, 0)]
    hidden = _QUOTED.sub(lambda quoted: NAME * len(quoted[0]), MARK.sub(".", question))
    for token in re.finditer(rf"{NAME}+|{_TOKEN.pattern}", hidden):
        word = NAME if token[0][0] == NAME else fold(token[0]).replace("’", "'")
        cells += [MappedChar(char, *token.span()) for char in word]
        cells += [MappedChar(" ", token.end(), token.end())] if word else []
    return cells


def text_of(line: list[MappedChar]) -> str:
    """Return the characters of `line`."""
    return "".join(cell.char for cell in line)


def tag_times(line: list[MappedChar], today: date) -> list[MappedChar]:
    """Return `line` with one mark instead of each time in it, whatever is around it."""
    text = text_of(line)
    for pattern, read in _RULES:
        if pattern.search(text):
            line = _replaced(line, text, pattern, partial(read, today))
            text = text_of(line)
    return line


def _replaced(
    line: list[MappedChar],
    text: str,
    pattern: re.Pattern[str],
    read: Callable[[_PhraseMatch], TimeTag | None],
) -> list[MappedChar]:
    """Return `line`, which says `text`, with a mark instead of each phrase that `read` understands.

    Phrases are those of `pattern`.
    """
    done_line: list[MappedChar] = []
    done = 0
    for found in pattern.finditer(text):
        before, after = around(text, found.span())
        seen = _PhraseMatch(found.groupdict(), before[-2:], after[0])
        point = read(seen)
        if point is None:
            continue
        first, last = line[found.start()], line[found.end() - 1]
        done_line += line[done : found.start()]
        done_line += [
            MappedChar(char, first.start, first.start) for char in seen.groups.get("pre") or ""
        ]
        done_line += [MappedChar(" ", first.start, first.start)] if seen.groups.get("pre") else []
        done_line.append(MappedChar(point.kind, first.start, last.end, point))
        done = found.end()
    return done_line + line[done:]


def around(text: str, span: tuple[int, int]) -> tuple[list[str], list[str]]:
    """Return five words before `span` and two after it, empty ones where there are none."""
    before = text[max(0, span[0] - _NEAR) : span[0]].split()[-5:]
    after = text[span[1] : span[1] + _NEAR].split()[:2]
    return [""] * (5 - len(before)) + before, after + [""] * (2 - len(after))


def _date(today: date, seen: _PhraseMatch) -> TimeTag | None:
    named = seen.groups["month"] or ""
    month = int(named) if named.isdigit() else MONTH_NUMBERS[named]
    day, year = int(seen.groups["day"] or 0), _year_of(today, seen)
    try:
        on = date(year or _LEAP_YEAR, month, day)
    except ValueError:
        return TimeTag(NAME)
    if year:
        kind = FREE if seen.groups.get("weekday") else FULL
        return TimeTag(kind, Period(on, on)) if year >= FIRST_YEAR else TimeTag(NAME)
    if seen.groups.get("past"):
        return TimeTag(FULL, latest_such(month, day, today - DAY))
    return TimeTag(NAME if (month, day) in said.ANNIVERSARIES else DATE, None, month, day)


def _month(today: date, seen: _PhraseMatch) -> TimeTag | None:
    groups, named, year = seen.groups, seen.groups["month"] or "", _year_of(today, seen)
    dated = year or groups["past"] or groups.get("noun")
    if not dated and (named in said.LOOSE_MONTHS or (groups.get("pre") and named == "اب")):
        return None
    if groups["past"]:
        period = latest_such(MONTH_NUMBERS[named], None, today.replace(day=1) - DAY)
        return None if seen.before[-1] == "the" else TimeTag(FREE, period)
    if not year:
        return (
            None
            if (named, seen.after) == ("march", "on")
            else TimeTag(MONTH, None, MONTH_NUMBERS[named])
        )
    period = _calendar("month", date(year, MONTH_NUMBERS[named], 1))
    return TimeTag(OF_YEAR, period) if year >= FIRST_YEAR else TimeTag(NAME)


def _year_of(today: date, seen: _PhraseMatch) -> int:
    """Return the year that is named with a month or a day, 0 for none."""
    if seen.groups.get("year"):
        return int(seen.groups["year"] or 0)
    if seen.groups.get("year_before"):
        return today.year - 1
    return today.year if seen.groups.get("this_year") else 0


def _year(_today: date, seen: _PhraseMatch) -> TimeTag:
    year = int(seen.groups["year"] or 0)
    kind = OWN_YEAR if seen.groups.get("noun") else YEAR
    return (
        TimeTag(kind, _calendar("year", date(year, 1, 1))) if year >= FIRST_YEAR else TimeTag(NAME)
    )


def _days(first: int, last: int, kind: str, today: date, _seen: _PhraseMatch) -> TimeTag:
    return TimeTag(kind, Period(today - first * DAY, today - last * DAY))


def _today(today: date, seen: _PhraseMatch) -> TimeTag | None:
    named = said.MEDIA.intersection(seen.before) or seen.before[-1] in said.NOT_TODAY
    if named or seen.groups["pre"] in {"ب", "ك"}:
        return None
    return TimeTag(FREE, Period(today, today))


def _many(seen: _PhraseMatch) -> tuple[str, int] | None:
    """Return a unit and how many of it, or None where the phrase is not sure to mean that."""
    groups = seen.groups
    if dual := groups.get("dual"):
        return said.DUALS[dual], 2
    word, number = groups.get("unit") or groups.get("one") or "", groups.get("n")
    unit = said.UNITS[word]
    if number:
        return unit, int(number) if number.isdigit() else said.NUMBERS[number]
    doubtful = word in said.PLURALS or (word == "العام" and seen.before[-1] in said.TITLES)
    led_on = groups.get("alone") is not None and not may_follow(seen.after)
    return None if doubtful or led_on else (unit, 1)


def _rolling(today: date, seen: _PhraseMatch) -> TimeTag | None:
    many = _many(seen)
    if many is None or not many[1] or (many == ("day", 1) and not seen.groups.get("n")):
        return None
    since = _back(*many, today)
    return TimeTag(FREE, Period(since if many[0] == "hour" else since + DAY, today))


def _ago(today: date, seen: _PhraseMatch) -> TimeTag | None:
    many = _many(seen)
    if many is None or seen.before[-1] in said.ROUGHLY:
        return None
    then = _back(*many, today)
    if seen.groups.get("open") is not None:
        return TimeTag(OPEN, Period(then, None))
    return TimeTag(FREE, Period(then, today) if many[0] == "hour" else _calendar(many[0], then))


def _unit(back: int, today: date, seen: _PhraseMatch) -> TimeTag | None:
    many = _many(seen)
    bare = seen.groups.get("bare") and seen.before[-1] == "the"
    if many is None or bare or many[0] in {"day", "hour"}:
        return None
    return TimeTag(FREE, _calendar(many[0], _back(many[0], back, today)))


def _weekday(today: date, seen: _PhraseMatch) -> TimeTag | None:
    past = seen.groups.get("past")
    by = today - DAY if past else today
    on = by - timedelta(days=(by.weekday() - said.WEEKDAYS[seen.groups["weekday"] or ""]) % 7)
    kind = FREE if past else WEEKDAY
    return None if seen.before[-1] == "سوق" else TimeTag(kind, Period(on, on))


_READ: dict[str, Callable[[date, _PhraseMatch], TimeTag | None]] = {
    "date": _date,
    "month": _month,
    "year": _year,
    "rolling": _rolling,
    "ago": _ago,
    "weekday": _weekday,
    "today": _today,
    "day_0": partial(_days, 0, 0, FREE),
    "day_1": partial(_days, 1, 1, FREE),
    "day_2": partial(_days, 2, 2, FREE),
    "night": partial(_days, 1, 0, FREE),
    "now": partial(_days, 0, 0, NOW),
    "unit_0": partial(_unit, 0),
    "unit_1": partial(_unit, 1),
    "unit_2": partial(_unit, 2),
}
_RULES = [
    (re.compile(rf"(?<= )(?:{phrase})(?= (?!- la ))"), _READ[name]) for name, phrase in said.PHRASES
]


def _calendar(unit: str, day: date) -> Period:
    """Return the day, week, month or year that `day` lies in."""
    if unit == "day":
        return Period(day, day)
    if unit == "week":
        since = day - timedelta(days=day.isoweekday() % 7)
        return Period(since, since + timedelta(days=6))
    since = day.replace(day=1, month=day.month if unit == "month" else 1)
    return Period(since, _back(unit, -1, since) - DAY)


def _back(unit: str, number: int, day: date) -> date:
    """Return the day `number` units before `day`; hours count as the days they reach into."""
    if unit in _DAYS:
        return day - timedelta(days=-(-number * _DAYS[unit] // 24))
    months = day.year * 12 + day.month - 1 - number * (1 if unit == "month" else 12)
    year, month = divmod(months, 12)
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def latest_such(month: int, day: int | None, by: date) -> Period:
    """Return the latest such month or day that has begun on the day `by`."""
    year = by.year if (month, day or 1) <= (by.month, by.day) else by.year - 1
    while day == 29 and month == 2 and not isleap(year):
        year -= 1
    since = date(year, month, day or 1)
    return Period(since, since) if day else _calendar("month", since)


def may_follow(word: str) -> bool:
    """Say whether `word` after a number or a noun leaves it a time, and no count or name."""
    if not word[:1].isalnum():
        return not MARK.match(word)
    return not said.AFTER.isdisjoint({word, word[word[0] in "وف" :]}) or word.startswith(
        ("بال", "وال", "فال", "لل")
    )
