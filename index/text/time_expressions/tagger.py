"""Replace each time expression in a line of folded words with one tag character of its kind."""

from __future__ import annotations

import re
from calendar import isleap, monthrange
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import NamedTuple

from index.text.normalise import fold
from index.text.temporal_lexicon import COUNTS, MONTH_NUMBERS
from index.text.time_expressions import phrases

MIN_YEAR = 2000
"""Earlier years make no window: the archive has no news published then."""
DAY = timedelta(days=1)
_HOURS_PER_UNIT = {"hour": 1, "day": 24, "week": 168}
"""Hours of the units of fixed length."""
_LEAP_YEAR = 2000
_CONTEXT_LENGTH = 80
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
"""A word of one script, a number with attached letters ("4th", "MH370"), or a punctuation mark."""
(
    NAME,
    STANDALONE,
    OPEN_ENDED,
    NOW,
    YEAR,
    YEAR_WITH_NOUN,
    MONTH,
    MONTH_OF_YEAR,
    DATE_WITHOUT_YEAR,
    FULL_DATE,
    WEEKDAY,
) = (chr(0xE000 + number) for number in range(11))
"""Tag characters, of Unicode's private use area: a quotation; a time that needs no preposition;
«منذ يومين»; «الآن»; 2017; «عام 2017»; «مارس»; «مارس 2017»; 4 March; 4 March 2017; Tuesday."""
TAG_CHAR = re.compile("[\ue000-\uf8ff]")


class Period(NamedTuple):
    """Days of publication, both ends included; None leaves that end open."""

    since: date | None
    until: date | None


class TimeTag(NamedTuple):
    """A time expression in a question. A month or day without a year has no period yet."""

    kind: str
    period: Period | None = None
    month: int = 0
    day: int | None = None


class MappedChar(NamedTuple):
    """A character of the folded line, and the span of the question that it comes from."""

    char: str
    start: int
    end: int
    tag: TimeTag | None = None


class _PhraseMatch(NamedTuple):
    """A phrase in the line: its groups, the two words before it, and the word after it."""

    groups: dict[str, str | None]
    before: list[str]
    after: str


def fold_question(question: str) -> list[MappedChar]:
    """Return the folded words of `question`, with one space before and after each."""
    chars = [MappedChar(" ", 0, 0)]
    masked = _QUOTED.sub(lambda match: NAME * len(match[0]), TAG_CHAR.sub(".", question))
    for token in re.finditer(rf"{NAME}+|{_TOKEN.pattern}", masked):
        word = NAME if token[0][0] == NAME else fold(token[0]).replace("’", "'")
        chars += [MappedChar(char, *token.span()) for char in word]
        chars += [MappedChar(" ", token.end(), token.end())] if word else []
    return chars


def line_text(line: list[MappedChar]) -> str:
    """Return the characters of `line`."""
    return "".join(char.char for char in line)


def tag_times(line: list[MappedChar], today: date) -> list[MappedChar]:
    """Return `line` with each time expression replaced by one tag, whatever its context."""
    text = line_text(line)
    for pattern, build_tag in _RULES:
        if pattern.search(text):
            line = _replace_with_tags(line, text, pattern, partial(build_tag, today))
            text = line_text(line)
    return line


def _replace_with_tags(
    line: list[MappedChar],
    text: str,
    pattern: re.Pattern[str],
    build_tag: Callable[[_PhraseMatch], TimeTag | None],
) -> list[MappedChar]:
    """Return `line` with each match of `pattern` replaced by the tag that `build_tag` returns.

    `text` is the text of `line`. A match for which `build_tag` returns None stays as it is.
    """
    tagged: list[MappedChar] = []
    position = 0
    for match in pattern.finditer(text):
        before, after = surrounding_words(text, match.span())
        phrase = _PhraseMatch(match.groupdict(), before[-2:], after[0])
        tag = build_tag(phrase)
        if tag is None:
            continue
        first, last = line[match.start()], line[match.end() - 1]
        tagged += line[position : match.start()]
        tagged += [
            MappedChar(char, first.start, first.start) for char in phrase.groups.get("prefix") or ""
        ]
        tagged += [MappedChar(" ", first.start, first.start)] if phrase.groups.get("prefix") else []
        tagged.append(MappedChar(tag.kind, first.start, last.end, tag))
        position = match.end()
    return tagged + line[position:]


def surrounding_words(text: str, span: tuple[int, int]) -> tuple[list[str], list[str]]:
    """Return the five words before `span` and the two after it, padded with empty strings."""
    before = text[max(0, span[0] - _CONTEXT_LENGTH) : span[0]].split()[-5:]
    after = text[span[1] : span[1] + _CONTEXT_LENGTH].split()[:2]
    return [""] * (5 - len(before)) + before, after + [""] * (2 - len(after))


def _tag_date(today: date, phrase: _PhraseMatch) -> TimeTag | None:
    month_name = phrase.groups["month"] or ""
    month = int(month_name) if month_name.isdigit() else MONTH_NUMBERS[month_name]
    day, year = int(phrase.groups["day"] or 0), _find_year(today, phrase)
    try:
        tagged_date = date(year or _LEAP_YEAR, month, day)
    except ValueError:
        return TimeTag(NAME)
    if year:
        kind = STANDALONE if phrase.groups.get("weekday") else FULL_DATE
        return (
            TimeTag(kind, Period(tagged_date, tagged_date)) if year >= MIN_YEAR else TimeTag(NAME)
        )
    if phrase.groups.get("past"):
        return TimeTag(FULL_DATE, latest_occurrence(month, day, today - DAY))
    return TimeTag(
        NAME if (month, day) in phrases.ANNIVERSARIES else DATE_WITHOUT_YEAR, None, month, day
    )


def _tag_month(today: date, phrase: _PhraseMatch) -> TimeTag | None:
    groups, month_name, year = (
        phrase.groups,
        phrase.groups["month"] or "",
        _find_year(today, phrase),
    )
    is_qualified = year or groups["past"] or groups.get("noun")
    if not is_qualified and (
        month_name in phrases.AMBIGUOUS_MONTHS or (groups.get("prefix") and month_name == "اب")
    ):
        return None
    if groups["past"]:
        period = latest_occurrence(MONTH_NUMBERS[month_name], None, today.replace(day=1) - DAY)
        return None if phrase.before[-1] == "the" else TimeTag(STANDALONE, period)
    if not year:
        return (
            None
            if (month_name, phrase.after) == ("march", "on")
            else TimeTag(MONTH, None, MONTH_NUMBERS[month_name])
        )
    period = _calendar_period("month", date(year, MONTH_NUMBERS[month_name], 1))
    return TimeTag(MONTH_OF_YEAR, period) if year >= MIN_YEAR else TimeTag(NAME)


def _find_year(today: date, phrase: _PhraseMatch) -> int:
    """Return the year named with a month or a day, or 0 if there is none."""
    if phrase.groups.get("year"):
        return int(phrase.groups["year"] or 0)
    if phrase.groups.get("year_before"):
        return today.year - 1
    return today.year if phrase.groups.get("this_year") else 0


def _tag_year(_today: date, phrase: _PhraseMatch) -> TimeTag:
    year = int(phrase.groups["year"] or 0)
    kind = YEAR_WITH_NOUN if phrase.groups.get("noun") else YEAR
    return (
        TimeTag(kind, _calendar_period("year", date(year, 1, 1)))
        if year >= MIN_YEAR
        else TimeTag(NAME)
    )


def _tag_days(
    max_days_ago: int, min_days_ago: int, kind: str, today: date, _phrase: _PhraseMatch
) -> TimeTag:
    return TimeTag(kind, Period(today - max_days_ago * DAY, today - min_days_ago * DAY))


def _tag_today(today: date, phrase: _PhraseMatch) -> TimeTag | None:
    is_name = (
        phrases.MEDIA_WORDS.intersection(phrase.before)
        or phrase.before[-1] in phrases.WORDS_BEFORE_OTHER_DAY
    )
    if is_name or phrase.groups["prefix"] in {"ب", "ك"}:
        return None
    return TimeTag(STANDALONE, Period(today, today))


def _parse_amount(phrase: _PhraseMatch) -> tuple[str, int] | None:
    """Return a unit and its count, or None if the phrase is ambiguous."""
    groups = phrase.groups
    if dual := groups.get("dual"):
        return phrases.UNIT_BY_DUAL[dual], 2
    word, number = groups.get("unit") or groups.get("bare_unit") or "", groups.get("number")
    unit = phrases.UNIT_BY_NAME[word]
    if number:
        return unit, int(number) if number.isdigit() else COUNTS[number]
    is_ambiguous = word in phrases.PLURALS or (
        word == "العام" and phrase.before[-1] in phrases.GENERAL_TITLES
    )
    is_continued = groups.get("needs_boundary") is not None and not can_follow_time(phrase.after)
    return None if is_ambiguous or is_continued else (unit, 1)


def _tag_rolling(today: date, phrase: _PhraseMatch) -> TimeTag | None:
    amount = _parse_amount(phrase)
    if (
        amount is None
        or not amount[1]
        or (amount == ("day", 1) and not phrase.groups.get("number"))
    ):
        return None
    since = _subtract_units(*amount, today)
    return TimeTag(STANDALONE, Period(since if amount[0] == "hour" else since + DAY, today))


def _tag_ago(today: date, phrase: _PhraseMatch) -> TimeTag | None:
    amount = _parse_amount(phrase)
    if amount is None or phrase.before[-1] in phrases.APPROXIMATIONS:
        return None
    start = _subtract_units(*amount, today)
    if phrase.groups.get("open") is not None:
        return TimeTag(OPEN_ENDED, Period(start, None))
    return TimeTag(
        STANDALONE,
        Period(start, today) if amount[0] == "hour" else _calendar_period(amount[0], start),
    )


def _tag_unit(units_back: int, today: date, phrase: _PhraseMatch) -> TimeTag | None:
    amount = _parse_amount(phrase)
    is_ambiguous = phrase.groups.get("bare") and phrase.before[-1] == "the"
    if amount is None or is_ambiguous or amount[0] in {"day", "hour"}:
        return None
    return TimeTag(
        STANDALONE, _calendar_period(amount[0], _subtract_units(amount[0], units_back, today))
    )


def _tag_weekday(today: date, phrase: _PhraseMatch) -> TimeTag | None:
    past = phrase.groups.get("past")
    latest_day = today - DAY if past else today
    tagged_date = latest_day - timedelta(
        days=(latest_day.weekday() - phrases.WEEKDAY_BY_NAME[phrase.groups["weekday"] or ""]) % 7
    )
    kind = STANDALONE if past else WEEKDAY
    return None if phrase.before[-1] == "سوق" else TimeTag(kind, Period(tagged_date, tagged_date))


_TAG_BUILDERS: dict[str, Callable[[date, _PhraseMatch], TimeTag | None]] = {
    "date": _tag_date,
    "month": _tag_month,
    "year": _tag_year,
    "rolling": _tag_rolling,
    "ago": _tag_ago,
    "weekday": _tag_weekday,
    "today": _tag_today,
    "day_0": partial(_tag_days, 0, 0, STANDALONE),
    "day_1": partial(_tag_days, 1, 1, STANDALONE),
    "day_2": partial(_tag_days, 2, 2, STANDALONE),
    "night": partial(_tag_days, 1, 0, STANDALONE),
    "now": partial(_tag_days, 0, 0, NOW),
    "unit_0": partial(_tag_unit, 0),
    "unit_1": partial(_tag_unit, 1),
    "unit_2": partial(_tag_unit, 2),
}
_RULES = [
    (re.compile(rf"(?<= )(?:{phrase})(?= (?!- la ))"), _TAG_BUILDERS[name])
    for name, phrase in phrases.PHRASES
]


def _calendar_period(unit: str, day: date) -> Period:
    """Return the calendar day, week, month or year (`unit`) that contains `day`."""
    if unit == "day":
        return Period(day, day)
    if unit == "week":
        since = day - timedelta(days=day.isoweekday() % 7)
        return Period(since, since + timedelta(days=6))
    since = day.replace(day=1, month=day.month if unit == "month" else 1)
    return Period(since, _subtract_units(unit, -1, since) - DAY)


def _subtract_units(unit: str, count: int, day: date) -> date:
    """Return the day `count` units before `day`; hours are rounded up to whole days."""
    if unit in _HOURS_PER_UNIT:
        return day - timedelta(days=-(-count * _HOURS_PER_UNIT[unit] // 24))
    months = day.year * 12 + day.month - 1 - count * (1 if unit == "month" else 12)
    year, month = divmod(months, 12)
    last_day = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last_day))


def latest_occurrence(month: int, day: int | None, latest_day: date) -> Period:
    """Return the latest such month (`day` is None) or day that has begun by `latest_day`."""
    year = (
        latest_day.year
        if (month, day or 1) <= (latest_day.month, latest_day.day)
        else latest_day.year - 1
    )
    while day == 29 and month == 2 and not isleap(year):
        year -= 1
    since = date(year, month, day or 1)
    return Period(since, since) if day else _calendar_period("month", since)


def can_follow_time(word: str) -> bool:
    """Say whether `word` may follow a time, so that a number before it is no count or name."""
    if not word[:1].isalnum():
        return not TAG_CHAR.match(word)
    without_conjunction = word[word[0] in "وف" :]
    return word.startswith(("بال", "وال", "فال", "لل")) or not (
        phrases.WORDS_AFTER_YEAR.isdisjoint({word, without_conjunction})
    )
