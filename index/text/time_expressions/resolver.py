"""Resolve the time expressions of a question («الأسبوع الماضي», "since 2018") to a date window.

A wrong window hides the answer, so an ambiguous expression yields none: a year or a day inside a
name or between quotation marks, a count, a day in the future. A bare year, month or day needs a
preposition before it («في 2017», but not «انتخابات 2014»), and the words after it must not make it
a count or a name. Years before 2000 are history, not days of publication.

Weeks begin on Sunday, as they do in Libya: "last week" is the seven days before the Sunday of this
week. "The past week" and "the last seven days" are the seven days up to today.

`dateparser.search` is not used: it finds neither «في شباط» nor «قبل ثلاثة أيام» nor "les 10
derniers jours", and makes dates of "may", "the march on", «كأس العالم 2022» and «1970».

The tagger turns the question into a line of folded words and replaces each time expression with
one tag character of its kind; this module judges the tags by the words around them.
"""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from index.text.spans import word_set
from index.text.time_expressions import phrases
from index.text.time_expressions.tagger import (
    DATE_WITHOUT_YEAR,
    DAY,
    FIRST_ARABIC,
    FULL_DATE,
    MONTH,
    MONTH_OF_YEAR,
    NAME,
    NOW,
    OPEN_ENDED,
    STANDALONE,
    WEEKDAY,
    YEAR,
    YEAR_WITH_NOUN,
    MappedChar,
    Period,
    TimeTag,
    can_follow_time,
    fold_question,
    latest_occurrence,
    line_text,
    surrounding_words,
    tag_times,
)

__all__ = [
    "Period",
    "TimedQuestion",
    "extract_time_window",
    "find_news_topic",
    "previous_year",
]

_BINDING_WORDS = word_set("( / - – — % $ € £ of نفسه ذاته ونصف ونص وربع")
"""Words after a time expression that make it a part of something else."""


class TimedQuestion(NamedTuple):
    """The date window of a question, and the question without its time expressions."""

    period: Period | None
    """None if the question names no time, or only ambiguous times."""
    prefers_newest: bool
    """Whether ties go to the newest: "latest", «آخر الأخبار», "dernières nouvelles"."""
    remaining_text: str
    """The whole question if there is no period; empty or punctuation if it only names a time."""
    year_is_implied: bool = False
    """Whether the period is the latest such month or day, because the question names no year."""
    topic: str | None = None
    """What "the latest on …" asks about; None if the question asks for no news of a topic."""


def extract_time_window(question: str, today: date) -> TimedQuestion:
    """Return the days of publication that `question` names, and the question without them.

    `today` is the day in Libya. Words such as "latest" stay in the question. Several time
    expressions are intersected; if they contradict one another, there is no window.
    """
    line = fold_question(question)
    text = line_text(line)
    prefers_newest = bool(_LATEST.search(text))
    windows = _find_windows(tag_times(line, today), today)
    since = max((each.period.since for each in windows if each.period.since), default=None)
    until = min((each.period.until for each in windows if each.period.until), default=None)
    if (
        (since is None and (until is None or until >= today))
        or (since and until and since > until)
        or _FUTURE.search(text)
    ):
        return TimedQuestion(None, prefers_newest, question, topic=find_news_topic(question))
    remaining_text = _remove_spans(question, [each.span for each in windows])
    return TimedQuestion(
        Period(since, until),
        prefers_newest,
        remaining_text,
        year_is_implied=len(windows) == 1 and windows[0].year_is_implied,
        topic=find_news_topic(remaining_text),
    )


def find_news_topic(question: str) -> str | None:
    """Return what follows "the latest news on", or None if the question has no such words."""
    line = fold_question(question)
    match = _NEWS_OF_TOPIC.match(line_text(line))
    topic = question[line[match.end() - 1].end :].strip(" ?؟.!") if match else ""
    return topic or None


def previous_year(period: Period) -> Period:
    """Return the same month or day of the year before."""
    if period.since is None or period.until is None:
        return period
    latest_day = date(period.since.year - 1, 12, 31)
    day = period.since.day if period.since == period.until else None
    return latest_occurrence(period.since.month, day, latest_day)


_CONJUNCTION_PREFIX = "(?:[وف])?"
_DAYS = f"{DATE_WITHOUT_YEAR}{FULL_DATE}{STANDALONE}"
_YEARS_AND_MONTHS = f"{YEAR}{YEAR_WITH_NOUN}{MONTH}{MONTH_OF_YEAR}"
_ANY_TIME = f"[{_YEARS_AND_MONTHS}{_DAYS}{WEEKDAY}]"
_ARTICLE = f"(?:(?:le|the|la) (?=[{_DAYS}])|{phrases.DUAL_NOUNS} )?"
_EDGE = f"(?P<edge>{phrases.EDGE} )"
_TIME_PHRASE = re.compile(
    rf"(?<= )(?:"
    rf"(?:{phrases.IN} (?:ال?فتره )?)?{_CONJUNCTION_PREFIX}(?P<range>{phrases.BETWEEN}) "
    rf"(?:{phrases.EDGE} )?{_ARTICLE}"
    rf"(?P<from>[0-9]{{1,2}}(?= {phrases.TO} {_ARTICLE}[{DATE_WITHOUT_YEAR}{FULL_DATE}])"
    rf"|(?!{STANDALONE}){_ANY_TIME}) {phrases.TO} "
    rf"(?:{phrases.EDGE} )?{_ARTICLE}(?:{_ANY_TIME}|{NOW})"
    rf"|{_CONJUNCTION_PREFIX}(?:"
    + "|".join(f"(?P<{name}>{table})" for name, table in phrases.BOUNDS.items())
    + rf") {_EDGE}?{_ARTICLE}(?:{_ANY_TIME}|{NOW})"
    rf"|(?P<open>{OPEN_ENDED})"
    rf"|(?P<unbounded>{_CONJUNCTION_PREFIX}(?P<in>{phrases.IN}) (?:{phrases.EDGE} )?{_ARTICLE}"
    rf"[{_YEARS_AND_MONTHS}{_DAYS}]|{_CONJUNCTION_PREFIX}{phrases.ON} [{_DAYS}]"
    rf"|{_CONJUNCTION_PREFIX}{phrases.ON_WEEKDAY} {WEEKDAY}"
    rf"|(?P<bare>(?:(?P<genitive>{phrases.GENITIVE}) )?(?:{phrases.IN_STANDALONE} )?"
    rf"(?:{phrases.EDGE} )?[{STANDALONE}{YEAR_WITH_NOUN}{FULL_DATE}]))"
    rf"(?: (?:{phrases.AND}|[-–/]) (?:{phrases.IN} )?{_ANY_TIME})*"
    rf")(?P<possessive> 's)?(?= )"
)
_LATEST = re.compile(rf" (?:{phrases.LATEST})(?= )")
_FUTURE = re.compile(rf" (?:{phrases.FUTURE})(?= )")
_NEWS_OF_TOPIC = re.compile(rf" (?:{phrases.LATEST_NEWS}){phrases.NEWS_ABOUT}(?= )")


class _NamedPeriod(NamedTuple):
    """A period, and the span of the question that names it."""

    period: Period
    span: tuple[int, int]
    year_is_implied: bool


def _find_windows(line: list[MappedChar], today: date) -> list[_NamedPeriod]:
    """Return each window in the tagged `line`."""
    text = line_text(line)
    windows: list[_NamedPeriod] = []
    for match in _TIME_PHRASE.finditer(text):
        chars = line[match.start() : match.end()]
        tags = [char.tag for char in chars if char.tag]
        if _is_time(match, tags, *surrounding_words(text, match.span())):
            period = _build_period(match, tags, today)
            if period and not (period.since and period.since > today):
                span = (chars[0].start, chars[-1].end)
                # a range or a bound may be meant of this year even if nothing was published then
                is_implied = (
                    len(tags) == 1
                    and tags[0].period is None
                    and latest_occurrence(tags[0].month, tags[0].day, today) == period
                )
                windows.append(_NamedPeriod(period, span, is_implied))
    return windows


def _is_time(
    match: re.Match[str], tags: list[TimeTag], before: list[str], after: list[str]
) -> bool:
    """Say whether the words around the phrase `match` let it date the question."""
    if match["possessive"] and after[0] not in phrases.NEWS_WORDS:
        return False
    if _is_continued(tags[-1].kind, bool(match["unbounded"]), after):
        return False
    if not match["unbounded"]:
        return True
    if before[-1] in phrases.AND_WORDS and before[-2] == NAME:
        return False
    if not phrases.LIMITING_WORDS.isdisjoint(before):
        return False
    if match["in"] == "ب" and before[-1] in phrases.NAMED_EVENTS:
        return False
    if match["genitive"]:
        return not phrases.NEWS_WORDS.isdisjoint(before) and phrases.NAMED_EVENTS.isdisjoint(before)
    return not match["bare"] or _stands_alone(tags[0].kind, before)


def _is_continued(kind: str, is_unbounded: bool, after: list[str]) -> bool:
    """Say whether the words after a time of `kind` make it another time, a count or a name.

    `is_unbounded`: no bound such as "since" stands before it.
    """
    if after[0] in phrases.NEXT_WORDS | _BINDING_WORDS or after[1] in {"demi", "demie"}:
        return True
    if after[0] in phrases.AND_WORDS and (after[1] == NAME or after[1].isdigit()):
        return True
    if kind == MONTH and after[0] in phrases.OF_WORDS:
        return True
    if after[0] in {",", ".", "،"} and after[1].isdigit():
        return True
    is_strict = kind == YEAR or (kind == MONTH and not is_unbounded)
    is_latin = after[0][:1].isalpha() and after[0] < FIRST_ARABIC
    return (
        is_strict or (is_latin and kind not in {STANDALONE, OPEN_ENDED, NOW})
    ) and not can_follow_time(after[0])


def _stands_alone(kind: str, before: list[str]) -> bool:
    """Say whether a time without a preposition dates the question, and not a noun."""
    if before[-1] in phrases.COMPARISON_WORDS:
        return False
    if before[-1] in phrases.AND_WORDS and before[-2]:
        return False
    if kind == FULL_DATE:
        is_adverb = before[-1][:1] < FIRST_ARABIC or before[-1][:2] == "ال"
        return is_adverb and before[-1] not in {"the", "-", "–"}
    return phrases.NAMED_EVENTS.isdisjoint(before[-3:] if kind == YEAR_WITH_NOUN else before[-1:])


def _build_period(match: re.Match[str], tags: list[TimeTag], today: date) -> Period | None:
    """Return the days that the phrase `match` names; None if they are in the wrong order."""
    periods: list[Period] = []
    for tag in reversed(tags):
        latest_day = periods[-1].since if periods else None
        period = tag.period or latest_occurrence(tag.month, tag.day, latest_day or today)
        periods.append(period)
    first, last = periods[-1], periods[0]
    if match["range"]:
        return _build_range(match["from"], first, last)
    if match["since"]:
        return Period(first.since, None)
    if match["until"]:
        return Period(None, first.until)
    if match["before"] and first.since:
        return Period(None, first.until if match["edge"] else first.since - DAY)
    if match["after"] and first.until:
        return Period(first.since if match["edge"] else first.until + DAY, None)
    if match["open"]:
        return first
    return Period(
        min(period.since for period in periods if period.since),
        max(period.until for period in periods if period.until),
    )


def _build_range(first_day: str, first: Period, last: Period) -> Period | None:
    """Return the days from `first` to `last`; a bare number is a day in the month of `last`."""
    since = first.since
    if first_day.isdigit() and last.since:
        since = (
            last.since.replace(day=int(first_day)) if 0 < int(first_day) <= last.since.day else None
        )
    return Period(since, last.until) if since and last.until and since <= last.until else None


def _remove_spans(question: str, spans: list[tuple[int, int]]) -> str:
    """Return `question` without `spans` and the spaces and commas around them."""
    for start, end in reversed(spans):
        left, right = question[:start].rstrip(), question[end:]
        if not left:
            question = right.lstrip(" ,،:;-–")
        elif not right.strip()[:1].isalnum():
            question = left.rstrip(" ,،") + right
        else:
            question = f"{left} {right.lstrip()}"
    return question
