"""Everything on a page that says when its story was published or changed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit

from index.ingest.html.dom import VisibleLine
from index.ingest.html.metadata import ParsedPage
from index.text.dates.parser import ParsedDate, read_date
from index.text.dates.printed import MONTH_NUMBERS
from index.text.normalise import fold
from index.text.spans import words

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_PUBLISHED = (
    *("article:published_time", "og:published_time", "article:published", "datepublished"),
    *("og:article:published_time", "parsely-pub-date", "sailthru.date", "bt:pubdate"),
    *("rnews:datepublished", "pubdate", "publishdate", "publish-date", "publish_date"),
    *("publication_date", "publicationdate", "publication-date", "published-date"),
    *("published_date", "date-published", "cxenseparse:recs:publishtime"),
    *("originalpublicationdate", "article_date_original", "citation_publication_date"),
    *("dc.date.issued", "dcterms.issued", "dc.issued", "dc.date", "dcterms.date", "date"),
    *("dcterms.created", "dc.date.created", "created"),
)
"""Names of metadata with the day of publication, the plainest first."""
_MODIFIED = (
    *("article:modified_time", "og:updated_time", "article:updated", "datemodified", "lastmod"),
    *("last-modified", "dcterms.modified", "dc.date.modified", "revised"),
)
_UPDATED = re.compile(
    r"(?<!\w)(?:(?:ال)?تحديث|(?:ال)?تعديل|حدث|updated?|modified|revised|mis(?:e)? a jour|"
    r"actualisee?|modifiee?)(?!\w)"
)
_POSTED = re.compile(
    r"(?<!\w)(?:(?:ال)?نشر|نشرت|(?:ب|ال)تاريخ|اضيفت?|published|posted|"
    r"publiee?|pubdate|date|created|creee? le)(?!\w)"
)
"""Labels of a date, folded."""
_UPDATED_NAME = re.compile(r"updat|modif|revis")
_POSTED_NAME = re.compile(r"publi(?!c)|posted|pubdate|createdate|created")
_OF_A_DATE = re.compile(
    r"(?<!candi)date|(?<![a-z])time(?!line|s)|stamp|publi(?!c)|posted|byline|(?:entry|post)-meta|"
    r"submit|infos?\b"
)
"""Words in the classes and ids of elements that hold a date."""
_LONGEST = 160
"""A line of more characters is no line of a date."""
_MAX_WORDS = 4
"""Beside a date's own, on a line that nothing says is a date's: a source, an author."""
_MAX_LABEL_WORDS = 8
_MAX_MARK_WORDS = 12
_APART = re.compile(r"[-–—|/•·:،,;()\[\]]")
"""Signs that set a date apart from what stands beside it."""
_YEAR = re.compile(r"(?<!\d)(?:1[34]\d\d|19\d\d|20\d\d)(?!\d)|منذ|قبل|\bago\b|il y a|اليوم|امس")
_DAY_IN_ADDRESS = re.compile(
    r"(?<!\d)(?P<year>19\d\d|20\d\d)(?P<between>[/_.-]|/[a-z_]{2,20}/)"
    r"(?P<month>0?[1-9]|1[0-2])[/_.-](?P<day>0?[1-9]|[12]\d|3[01])(?!\d)"
)
_CLOCK = re.compile(r"[\s,،|–-]{0,9}\d{1,2}:\d\d")
_WORD = re.compile(r"[^\W\d_]{2,}")
DATE_WORDS = frozenset(word for name in MONTH_NUMBERS for word in name.split()) | frozenset(
    map(
        fold,
        words(
            "الاثنين الإثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد مساء صباحا الساعة بتوقيت",
            "م ص هـ غرينتش جرينتش monday tuesday wednesday thursday friday saturday sunday mon tue",
            "wed thu fri sat sun am pm lundi mardi mercredi jeudi vendredi samedi dimanche gmt utc",
            "cet eet h st nd rd th er at le منذ قبل ساعة ساعات دقيقة دقائق يوم أيام أسبوع أسابيع",
            "اليوم أمس ago hour hours minute minutes day days today yesterday il y a heures",
            "jours hier",
        ),
    )
)
"""What dates are printed with beside their numbers, folded."""


class ClueKind(IntEnum):
    """Where a date was found, the most trusted first."""

    METADATA = 0
    PRINTED = 1
    ADDRESS = 2
    MODIFIED = 3
    GUESSED = 4


class DateCandidate(NamedTuple):
    """One thing on the page that says a date."""

    kind: ClueKind
    raw: str
    read: ParsedDate


def clues_of(page: ParsedPage, lead: Sequence[VisibleLine], now: datetime) -> list[DateCandidate]:
    """Return what metadata, the lines `lead` and the address say, the most trusted first.

    What can be read as several days is read as the one that another of them says for certain.
    """
    found: list[DateCandidate] = []

    def take(kind: ClueKind, raws: Iterable[str | None]) -> None:
        for raw in dict.fromkeys(raws):
            if raw and (read := read_date(raw, now=now)):
                found.append(DateCandidate(kind, raw, read))

    article = page.article
    stamps = [(stamp, _is_updated_element(element)) for stamp, element in _stamps(lead)]
    take(ClueKind.METADATA, [article and article.published])
    take(ClueKind.METADATA, [page.meta[name][0] for name in _PUBLISHED if name in page.meta])
    take(ClueKind.METADATA, [raw for raw, modified in stamps if not modified])
    if not found:
        take(ClueKind.METADATA, [article and article.created])
    found += _printed_clues(lead, now)
    if day := _address_day(page.url):
        take(ClueKind.ADDRESS, [day.isoformat()])
    take(ClueKind.MODIFIED, [raw for raw, modified in stamps if modified])
    take(ClueKind.MODIFIED, [page.meta[name][0] for name in _MODIFIED if name in page.meta])
    take(ClueKind.MODIFIED, [article and article.modified])
    sure = (clue for clue in found if clue.read.certain and clue.kind is not ClueKind.MODIFIED)
    hint = next((day_of(clue.read.published) for clue in sure), None)
    return [clue if clue.read.certain else _read_again(clue, now, hint) for clue in found]


def _read_again(clue: DateCandidate, now: datetime, hint: date | None) -> DateCandidate:
    return clue._replace(read=read_date(clue.raw, now=now, hint=hint) or clue.read)


def labelled(beside: Sequence[VisibleLine], now: datetime) -> Iterator[DateCandidate]:
    """Give the dates before a headline or after a story that are said to be of publication."""
    for stamp, element in _stamps(beside):
        if _POSTED_NAME.search(_names(element)) and (read := read_date(stamp, now=now)):
            yield DateCandidate(ClueKind.METADATA, stamp, read)
    for clue in _printed_clues(beside, now):
        if _POSTED.search(fold(clue.raw)) and clue.kind is ClueKind.PRINTED:
            yield clue


def unlabelled(beside: Sequence[VisibleLine], now: datetime) -> list[DateCandidate]:
    """Return the other dates before a headline or after a story, but for today's."""
    stamps = [
        DateCandidate(ClueKind.GUESSED, stamp, read)
        for stamp, _ in _stamps(beside)
        if (read := read_date(stamp, now=now))
    ]
    printed = [clue._replace(kind=ClueKind.GUESSED) for clue in _printed_clues(beside, now)]
    return [clue for clue in (*stamps, *printed) if not is_of_today(clue, now)]


def guessed(page: ParsedPage, now: datetime) -> list[DateCandidate]:
    """Ask htmldate, which looks everywhere; what it finds is never today's."""
    from htmldate import find_date

    found = find_date(
        page.tree,
        extensive_search=False,
        original_date=True,
        url=page.url or "",
        max_date=now.date().isoformat(),
    )
    read = read_date(found, now=now) if found else None
    if not found or not read or day_of(read.published) >= now.date():
        return []
    return [DateCandidate(ClueKind.GUESSED, found, read)]


def day_of(value: date | datetime) -> date:
    """Return the day of a date or a time, in its own zone."""
    return value.date() if isinstance(value, datetime) else value


def is_of_today(clue: DateCandidate, now: datetime) -> bool:
    """Say whether a clue says the day on which the page was fetched, in one zone or another."""
    return abs((day_of(clue.read.published) - now.date()).days) <= 1


def _printed_clues(lines: Sequence[VisibleLine], now: datetime) -> list[DateCandidate]:
    raws = (raw for line in lines if _may_be_dated(line) for raw in _dated(line, now))
    return [
        DateCandidate(ClueKind.MODIFIED if _is_update(raw) else ClueKind.PRINTED, raw, read)
        for raw in dict.fromkeys(raws)
        if (read := read_date(raw, now=now))
    ]


def _stamps(lines: Sequence[VisibleLine]) -> Iterator[tuple[str, HtmlElement]]:
    """Give the machine-readable dates of the lines' elements."""
    seen = set()
    for line in lines:
        for place in line.places:
            element: HtmlElement | None = place.holder
            for _ in range(3):
                if element is None or element in seen:
                    break
                seen.add(element)
                stamp = element.get("datetime")
                if not stamp and "date" in (element.get("itemprop") or "").lower():
                    stamp = element.get("content")
                if not stamp and element.tag == "abbr":
                    stamp = element.get("title")
                if stamp and any(char.isdigit() for char in stamp):
                    yield stamp, element
                element = element.getparent()


def _names(element: HtmlElement) -> str:
    return " ".join(element.get(key) or "" for key in ("class", "itemprop", "id")).lower()


def _is_updated_element(element: HtmlElement) -> bool:
    named = _names(element)
    said = fold(element.text_content()[:_LONGEST])
    posted = _POSTED_NAME.search(named) or _POSTED.search(said)
    return not posted and bool(_UPDATED_NAME.search(named) or _UPDATED.search(said))


def _dated(line: VisibleLine, now: datetime) -> Iterator[str]:
    """Give the parts of a line that hold a date, each with the label before it.

    Sites set «نُشر: 4 مايو 2018» and its neighbours apart by style alone, without a space between.
    """
    label = ""
    for number, place in enumerate(line.places):
        text = " ".join(place.text.split())
        if not _YEAR.search(fold(text)):
            label = f"{label} {text}"[-_LONGEST:]
            continue
        whole = f"{label} {text}".strip()
        after = line.places[number + 1 :][:1]
        if after and _CLOCK.match(after[0].text):
            text, whole = (f"{one} {after[0].text.strip()}" for one in (text, whole))
        named = _UPDATED.search(fold(label)) or _POSTED.search(fold(label))
        yield whole if named or not read_date(text, now=now) else text
        label = ""


def _is_update(text: str) -> bool:
    said = fold(text)
    return bool(_UPDATED.search(said)) and not _POSTED.search(said)


def _may_be_dated(line: VisibleLine) -> bool:
    """Say whether a line is there for its date: by its element, its label, or for want of more."""
    said = fold(line.spaced)
    if len(said) > _LONGEST or not _YEAR.search(said):
        return False
    others = sum(word not in DATE_WORDS for word in _WORD.findall(said))
    if _is_marked(line):
        return others <= _MAX_MARK_WORDS
    if _UPDATED.search(said) or _POSTED.search(said):
        return others <= _MAX_LABEL_WORDS
    return others <= _MAX_WORDS and all(_stands_apart(fold(place.text)) for place in line.places)


def _stands_apart(text: str) -> bool:
    """Say whether words beside a date are set apart from it: «نوران - 4 مايو», not «في 4 مايو»."""
    digits = [number for number, char in enumerate(text) if char.isdigit()]
    others = [word for word in _WORD.finditer(text) if word.group() not in DATE_WORDS]
    if not digits or not others:
        return True
    before = [word.end() for word in others if word.end() <= digits[0]]
    after = [word.start() for word in others if word.start() > digits[-1]]
    return len(before) + len(after) == len(others) and all(
        _APART.search(between)
        for between in (
            *(text[end : digits[0]] for end in before[-1:]),
            *(text[digits[-1] : start] for start in after[:1]),
        )
    )


def _is_marked(line: VisibleLine) -> bool:
    for element in {place.holder for place in line.places}:
        above = element
        for _ in range(3):
            if above is None or above.tag in ("body", "article", "main"):
                break
            if above.tag == "time" or _OF_A_DATE.search(_names(above)):
                return True
            above = above.getparent()
    return False


def _address_day(url: str | None) -> date | None:
    try:
        path = unquote(urlsplit(url or "").path)
        found = _DAY_IN_ADDRESS.search(path)
        return found and date(int(found["year"]), int(found["month"]), int(found["day"]))
    except ValueError:
        return None
