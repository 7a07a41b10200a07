"""The line before a story: who carries it, and when it was published.

It prefers to find nothing: an article without a date is shown as undated, one with a wrong date
misleads. «موعد الاقتراع: السبت 7 مارس 2026» is news, not a byline.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import NamedTuple

from index.text.dates.printed import PrintedDate, printed_date
from index.text.normalise import fold
from index.text.spans import trimmed, words

_MAX_SOURCE_LENGTH = 60
_MAX_WORDS = 8
_SOURCE = re.compile(rf"(?P<source>[^:|\n]{{2,{_MAX_SOURCE_LENGTH}}}?)[ \t\u00a0]?[:|]\s{{0,3}}")
_LOOSE_DASH = re.compile(r"\s+[-–]\s*|\s*[-–]\s+")
_FILLER = re.compile(r"[ \t\u00a0:|·.*–—-]*")
_PART_OF_A_SENTENCE = re.compile(r"[؟?!؛;،,«»“”\"]|\.\s")
_LABELS = (
    "نشر|نشر في|نشر بتاريخ|تاريخ النشر|تم النشر|تم النشر في|تحديث|آخر تحديث|تم التحديث|"
    "published|published on|published at|posted|posted on|updated|updated on|last updated|"
    "publié|publié le|mis à jour|mis à jour le|modifié le"
)
_PUBLISHED = frozenset(map(fold, _LABELS.split("|")))
"""Labels that stand where a source would: the date after them is the story's."""
_NOT_OF_A_NAME = frozenset(
    fold(word)
    for word in words(
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
"""Words that say the date is in the story: what somebody said, or when something takes place."""


class Byline(NamedTuple):
    """What the line before a story says, and where it ends."""

    source: str | None
    published: date | datetime
    end: int


def read_byline(text: str) -> Byline | None:
    """Return the source and date that stand before the story, or None.

    Either «source: date», where the date has a time of day or, with its weekday, the line to
    itself; or a date alone on the first line. A source is a few words that could be a name.
    """
    first = trimmed(text, 0, len(text))
    if first is None:
        return None
    if found := _date_at(text, first.start):
        return _byline(text, None, found) if _ends_line(text, found) else None
    named = _SOURCE.match(text, first.start)
    if named is None:
        return None
    labelled = fold(named["source"]) in _PUBLISHED
    found = _date_at(text, named.end(), labelled=labelled)
    return _named_byline(text, named["source"], found) if found else None


def _date_at(text: str, start: int, *, labelled: bool = False) -> PrintedDate | None:
    """Return the date at `text[start:]` by the reading that tells more of it."""
    from index.text.dates.leading import leading_date

    found = [printed_date(text, start), leading_date(text, start, labelled=labelled)]
    return max(filter(None, found), key=lambda printed: printed.end, default=None)


def _named_byline(text: str, source: str, found: PrintedDate) -> Byline | None:
    timed = isinstance(found.published, datetime)
    alone = _ends_line(text, found)
    if fold(source) in _PUBLISHED:
        return _byline(text, None, found) if timed or alone else None
    dated = timed or (found.named_weekday and alone)
    return _byline(text, source, found) if dated and _could_be_a_name(source) else None


def _could_be_a_name(source: str) -> bool:
    name = fold(source).split()
    return (
        len(name) <= _MAX_WORDS
        and any(char.isalpha() for char in source)
        and not _PART_OF_A_SENTENCE.search(source)
        and _NOT_OF_A_NAME.isdisjoint(name)
    )


def _ends_line(text: str, found: PrintedDate) -> bool:
    after = _after(text, found)
    return after == len(text) or text[after] in "\n\r\u2028\u2029"


def _after(text: str, found: PrintedDate) -> int:
    filler = _FILLER.match(text, found.end)
    return filler.end() if filler else found.end


def _byline(text: str, source: str | None, found: PrintedDate) -> Byline:
    return Byline(source and _tidy(source), found.published, _after(text, found))


def _tidy(source: str) -> str:
    """Give a dash that leans on one word a space on both sides."""
    return " ".join(_LOOSE_DASH.sub(" - ", source).split())
