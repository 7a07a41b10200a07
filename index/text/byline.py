"""Read the byline before a story: its source and its date of publication.

The reader prefers no result to a wrong one: an article without a date is shown as undated, one
with a wrong date misleads. «موعد الاقتراع: السبت 7 مارس 2026» is news, not a byline.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import NamedTuple

from index.text.dates.leading import LeadingDate, read_leading_date
from index.text.normalise import fold
from index.text.spans import trim_span, word_set

_MAX_SOURCE_LENGTH = 60
_MAX_WORDS = 8
_SOURCE = re.compile(rf"(?P<source>[^:|\n]{{2,{_MAX_SOURCE_LENGTH}}}?)[ \t\u00a0]?[:|]\s{{0,3}}")
_UNBALANCED_DASH = re.compile(r"\s+[-–]\s*|\s*[-–]\s+")
_FILLER = re.compile(r"[ \t\u00a0:|·.*–—-]*")
_SENTENCE_PUNCTUATION = re.compile(r"[؟?!؛;،,«»“”\"]|\.\s")
_LABELS = (
    "نشر|نشر في|نشر بتاريخ|تاريخ النشر|تم النشر|تم النشر في|تحديث|آخر تحديث|تم التحديث|"
    "published|published on|published at|posted|posted on|updated|updated on|last updated|"
    "publié|publié le|mis à jour|mis à jour le|modifié le"
)
_DATE_LABELS = frozenset(map(fold, _LABELS.split("|")))
"""Labels in the place of a source: the date after them is the story's."""
_NON_NAME_WORDS = frozenset(
    fold(word)
    for word in word_set(
        "قال قالت وقال وقالت أعلن أعلنت وأعلن وأعلنت أكد أكدت وأكد أضاف أضافت وأضاف وأضافت "
        "يوم اليوم موعد الموعد موعدها موعده توقيت التوقيت الزمان المكان تاريخ التاريخ بتاريخ "
        "الساعة متى حتى منذ بداية بدء يبدأ تبدأ ينطلق تنطلق انطلاق افتتاح يعقد تعقد تجرى يجرى "
        "الاجتماع اجتماع اللقاء لقاء المباراة مباراة الاقتراع اقتراع الجلسة جلسة المؤتمر مؤتمر "
        "الانتخابات انتخابات التصويت الحفل العرض المقبل المقبلة القادم القادمة "
        "said says announced added told date time when where deadline due start starts started "
        "begin begins opens opening closes meeting match vote voting election elections session "
        "conference kick-off kickoff venue event schedule scheduled until from on at is are was "
        "will next born died "
        "dit déclaré annoncé ajouté heure quand début commence ouverture réunion match vote "
        "scrutin élection élections séance conférence rendez-vous sera prochain prochaine "
        "né décédé"
    )
)
"""Words that show the date to be part of the story: a statement, or the time of an event."""


class Byline(NamedTuple):
    """Source and date of the line before a story, and the offset at which the line ends."""

    source: str | None
    published: date | datetime
    end: int


def read_byline(text: str) -> Byline | None:
    """Return the byline at the beginning of `text`, or None.

    A byline is a date alone on the first line; or «source: date», where the date has a time of
    day, or has a weekday and ends the line. A source is a few words that could be a name.
    """
    content = trim_span(text, 0, len(text))
    if content is None:
        return None
    if leading_date := read_leading_date(text, content.start):
        return _build_byline(text, None, leading_date) if _ends_line(text, leading_date) else None
    match = _SOURCE.match(text, content.start)
    if match is None:
        return None
    has_label = fold(match["source"]) in _DATE_LABELS
    leading_date = read_leading_date(text, match.end(), has_label=has_label)
    return _build_byline_with_source(text, match["source"], leading_date) if leading_date else None


def _build_byline_with_source(text: str, source: str, leading_date: LeadingDate) -> Byline | None:
    has_time = isinstance(leading_date.published, datetime)
    is_alone = _ends_line(text, leading_date)
    if fold(source) in _DATE_LABELS:
        return _build_byline(text, None, leading_date) if has_time or is_alone else None
    is_dated = has_time or (leading_date.has_weekday and is_alone)
    return (
        _build_byline(text, source, leading_date)
        if is_dated and _is_plausible_name(source)
        else None
    )


def _is_plausible_name(source: str) -> bool:
    words = fold(source).split()
    return (
        len(words) <= _MAX_WORDS
        and any(char.isalpha() for char in source)
        and not _SENTENCE_PUNCTUATION.search(source)
        and _NON_NAME_WORDS.isdisjoint(words)
    )


def _ends_line(text: str, leading_date: LeadingDate) -> bool:
    end = _skip_filler(text, leading_date)
    return end == len(text) or text[end] in "\n\r\u2028\u2029"


def _skip_filler(text: str, leading_date: LeadingDate) -> int:
    filler = _FILLER.match(text, leading_date.end)
    return filler.end() if filler else leading_date.end


def _build_byline(text: str, source: str | None, leading_date: LeadingDate) -> Byline:
    return Byline(
        source and _space_dashes(source), leading_date.published, _skip_filler(text, leading_date)
    )


def _space_dashes(source: str) -> str:
    """Put a space on both sides of each dash that has one on one side only."""
    return " ".join(_UNBALANCED_DASH.sub(" - ", source).split())
