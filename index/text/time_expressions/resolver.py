"""The time that a question names («الأسبوع الماضي», "since 2018") as days of publication.

A wrong window hides the answer, so what can be read in two ways is none: a year or a day inside a
name or between quotation marks, a count, a day still to come. A bare year, month or day needs a
word before it that makes it a time («في 2017», but not «انتخابات 2014»), and what follows it must
not turn it into a count or a name. Years before 2000 are history, not days of publication.

Weeks begin on Sunday, as they do in Libya: "last week" is the seven days before the Sunday of this
week. "The past week" and "the last seven days" are the seven days up to today.

`dateparser.search` is not used: it finds neither «في شباط» nor «قبل ثلاثة أيام» nor "les 10
derniers jours", and makes dates of "may", "the march on", «كأس العالم 2022» and «1970».

The question becomes a line of folded words; each time in it becomes one mark of its kind
(`window_points`), and the words around the marks say what becomes of them.
"""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from index.text.spans import words
from index.text.time_expressions import lexicon as said
from index.text.time_expressions.tagger import (
    DATE,
    DAY,
    FIRST_ARABIC,
    FREE,
    FULL,
    MONTH,
    NAME,
    NOW,
    OF_YEAR,
    OPEN,
    OWN_YEAR,
    WEEKDAY,
    YEAR,
    MappedChar,
    Period,
    TimeTag,
    around,
    latest_such,
    line_of,
    may_follow,
    tag_times,
    text_of,
)

__all__ = ["Period", "TimedQuestion", "extract_time_window"]

_TIED = words("( / - – — % $ € £ of نفسه ذاته ونصف ونص وربع")
"""What makes a time before it a part of something else."""


class TimedQuestion(NamedTuple):
    """What a question says of time, and the question without it."""

    period: Period | None
    """None where the question names no time, or none that could be meant in one way only."""
    latest: bool
    """Among equals the newest is wanted: "latest", «آخر الأخبار», "dernières nouvelles"."""
    rest: str
    """The question itself where there is no period; nothing or a mark where all of it was time."""


def extract_time_window(question: str, today: date) -> TimedQuestion:
    """Return the days that `question` names, seen from `today` in Libya, and what else it asks.

    Words such as "latest" stay in the rest. Several times must agree; where they do not, there is
    no window.
    """
    line = line_of(question)
    plain = text_of(line)
    latest = bool(_LATEST.search(plain))
    found = _windows(tag_times(line, today), today)
    since = max((period.since for period, _ in found if period.since), default=None)
    until = min((period.until for period, _ in found if period.until), default=None)
    if (
        (since is None and (until is None or until >= today))
        or (since and until and since > until)
        or _FUTURE.search(plain)
    ):
        return TimedQuestion(None, latest, question)
    return TimedQuestion(
        Period(since, until), latest, _without(question, [span for _, span in found])
    )


_LEAN = "(?:[وف])?"
_ANY = f"[{YEAR}{OWN_YEAR}{MONTH}{OF_YEAR}{DATE}{FULL}{FREE}{WEEKDAY}]"
_THE = f"(?:(?:le|the|la) (?=[{DATE}{FULL}{FREE}])|{said.BOTH} )?"
_EDGE = f"(?P<edge>{said.EDGE} )"
_FRAME = re.compile(
    rf"(?<= )(?:"
    rf"(?:{said.IN} (?:ال?فتره )?)?{_LEAN}(?P<range>{said.BETWEEN}) (?:{said.EDGE} )?{_THE}"
    rf"(?P<from>[0-9]{{1,2}}(?= {said.TO} {_THE}[{DATE}{FULL}])|(?!{FREE}){_ANY}) {said.TO} "
    rf"(?:{said.EDGE} )?{_THE}(?:{_ANY}|{NOW})"
    rf"|{_LEAN}(?:"
    + "|".join(f"(?P<{name}>{table})" for name, table in said.BOUNDS.items())
    + rf") {_EDGE}?{_THE}(?:{_ANY}|{NOW})"
    rf"|(?P<open>{OPEN})"
    rf"|(?P<given>{_LEAN}(?P<in>{said.IN}) (?:{said.EDGE} )?{_THE}[{YEAR}{OWN_YEAR}{MONTH}"
    rf"{OF_YEAR}{DATE}{FULL}{FREE}]|{_LEAN}{said.ON} [{DATE}{FULL}{FREE}]"
    rf"|{_LEAN}{said.ON_WEEKDAY} {WEEKDAY}"
    rf"|(?P<bare>(?:(?P<of>{said.LED_BY}) )?(?:{said.IN_FREE} )?(?:{said.EDGE} )?"
    rf"[{FREE}{OWN_YEAR}{FULL}]))"
    rf"(?: (?:{said.AND}|[-–/]) (?:{said.IN} )?{_ANY})*"
    rf")(?P<own> 's)?(?= )"
)
_LATEST = re.compile(rf" (?:{said.LATEST})(?= )")
_FUTURE = re.compile(rf" (?:{said.FUTURE})(?= )")


def _windows(line: list[MappedChar], today: date) -> list[tuple[Period, tuple[int, int]]]:
    """Return each window in the marked `line` with the slice of the question that names it."""
    text, found = text_of(line), []
    for frame in _FRAME.finditer(text):
        cells = line[frame.start() : frame.end()]
        points = [cell.point for cell in cells if cell.point]
        if _is_time(frame, points, *around(text, frame.span())):
            period = _framed(frame, points, today)
            if period and not (period.since and period.since > today):
                found.append((period, (cells[0].start, cells[-1].end)))
    return found


def _is_time(
    frame: re.Match[str], points: list[TimeTag], before: list[str], after: list[str]
) -> bool:
    """Say whether the words around a frame leave it a time of its own."""
    if frame["own"] and after[0] not in said.NEWS:
        return False
    if _goes_on(points[-1].kind, bool(frame["given"]), after):
        return False
    if not frame["given"]:
        return True
    if (before[-1] in said.AND_WORDS and before[-2] == NAME) or said.LIMITS.intersection(before):
        return False
    if frame["in"] == "ب" and before[-1] in said.NAMED:
        return False
    if frame["of"]:
        return not said.NEWS.isdisjoint(before) and said.NAMED.isdisjoint(before)
    return not frame["bare"] or _stands_alone(points[0].kind, before)


def _goes_on(kind: str, given: bool, after: list[str]) -> bool:
    """Say whether the words after a time of `kind` make it another time, a count or a name."""
    if after[0] in said.NEXT or after[0] in _TIED or after[1] in {"demi", "demie"}:
        return True
    if after[0] in said.AND_WORDS and (after[1] == NAME or after[1].isdigit()):
        return True
    if kind == MONTH and after[0] in said.OF:
        return True
    if after[0] in {",", ".", "،"} and after[1].isdigit():
        return True
    strict = kind == YEAR or (kind == MONTH and not given)
    latin = after[0][:1].isalpha() and after[0] < FIRST_ARABIC
    return (strict or (latin and kind not in {FREE, OPEN, NOW})) and not may_follow(after[0])


def _stands_alone(kind: str, before: list[str]) -> bool:
    """Say whether a time without a word that governs it dates the question, and not a noun."""
    if before[-1] in said.APART:
        return False
    if before[-1] in said.AND_WORDS and before[-2]:
        return False
    if kind == FULL:
        adverb = before[-1][:1] < FIRST_ARABIC or before[-1][:2] == "ال"
        return adverb and before[-1] not in {"the", "-", "–"}
    return said.NAMED.isdisjoint(before[-3:] if kind == OWN_YEAR else before[-1:])


def _framed(frame: re.Match[str], points: list[TimeTag], today: date) -> Period | None:
    """Return the days of the times in a frame; None where they are in the wrong order."""
    periods: list[Period] = []
    for point in reversed(points):
        by = periods[-1].since if periods else None
        period = point.period or latest_such(point.month, point.day, by or today)
        periods.append(period)
    first, last = periods[-1], periods[0]
    if frame["range"]:
        return _between(frame["from"], first, last)
    if frame["since"]:
        return Period(first.since, None)
    if frame["until"]:
        return Period(None, first.until)
    if frame["before"] and first.since:
        return Period(None, first.until if frame["edge"] else first.since - DAY)
    if frame["after"] and first.until:
        return Period(first.since if frame["edge"] else first.until + DAY, None)
    if frame["open"]:
        return first
    return Period(
        min(period.since for period in periods if period.since),
        max(period.until for period in periods if period.until),
    )


def _between(day: str, first: Period, last: Period) -> Period | None:
    """Return the days from `first` to `last`; a number alone is a day of the month of `last`."""
    since = first.since
    if day.isdigit() and last.since:
        since = last.since.replace(day=int(day)) if 0 < int(day) <= last.since.day else None
    return Period(since, last.until) if since and last.until and since <= last.until else None


def _without(question: str, spans: list[tuple[int, int]]) -> str:
    """Return `question` without `spans` and without the spaces and commas that they leave."""
    for start, end in reversed(spans):
        left, right = question[:start].rstrip(), question[end:]
        if not left:
            question = right.lstrip(" ,،:;-–")
        elif not right.strip()[:1].isalnum():
            question = left.rstrip(" ,،") + right
        else:
            question = f"{left} {right.lstrip()}"
    return question
