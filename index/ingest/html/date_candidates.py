"""Collect the dates by which a page may state when its story was published or modified."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from index.ingest.html.dom import VisibleLine
from index.ingest.html.metadata import ParsedPage
from index.text.dates.days import day_in_url, to_date
from index.text.dates.parser import ParsedDate, read_date
from index.text.normalise import fold
from index.text.spans import word_set
from index.text.temporal_lexicon import MONTH_NUMBERS

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_PUBLISHED_META_NAMES = (
    *("article:published_time", "og:published_time", "article:published", "datepublished"),
    *("og:article:published_time", "parsely-pub-date", "sailthru.date", "bt:pubdate"),
    *("rnews:datepublished", "pubdate", "publishdate", "publish-date", "publish_date"),
    *("publication_date", "publicationdate", "publication-date", "published-date"),
    *("published_date", "date-published", "cxenseparse:recs:publishtime"),
    *("originalpublicationdate", "article_date_original", "citation_publication_date"),
    *("dc.date.issued", "dcterms.issued", "dc.issued", "dc.date", "dcterms.date", "date"),
    *("dcterms.created", "dc.date.created", "created"),
)
"""Names of `<meta>` with the date of publication, the most explicit first."""
_MODIFIED_META_NAMES = (
    *("article:modified_time", "og:updated_time", "article:updated", "datemodified", "lastmod"),
    *("last-modified", "dcterms.modified", "dc.date.modified", "revised"),
)
_UPDATED_LABEL = re.compile(
    r"(?<!\w)(?:(?:ال)?تحديث|(?:ال)?تعديل|حدث|updated?|modified|revised|mis(?:e)? a jour|"
    r"actualisee?|modifiee?)(?!\w)"
)
_PUBLISHED_LABEL = re.compile(
    r"(?<!\w)(?:(?:ال)?نشر|نشرت|(?:ب|ال)تاريخ|اضيفت?|published|posted|"
    r"publiee?|pubdate|date|created|creee? le)(?!\w)"
)
"""Labels of a date of publication, folded."""
_UPDATED_ATTRIBUTE = re.compile(r"updat|modif|revis")
_PUBLISHED_ATTRIBUTE = re.compile(r"publi(?!c)|posted|pubdate|createdate|created")
_DATE_ATTRIBUTE = re.compile(
    r"(?<!candi)date|(?<![a-z])time(?!line|s)|stamp|publi(?!c)|posted|byline|(?:entry|post)-meta|"
    r"submit|infos?\b"
)
"""Words in the classes and ids of elements that contain a date."""
_MAX_DATE_LINE_LENGTH = 160
"""Longer lines are not searched for a date."""
_MAX_OTHER_WORDS = 4
"""Words beside the date on a line without label or markup of a date: a source, an author."""
_MAX_LABELLED_OTHER_WORDS = 8
_MAX_MARKED_UP_OTHER_WORDS = 12
_SEPARATOR = re.compile(r"[-–—|/•·:،,;()\[\]]")
"""Characters that separate a date from the words beside it."""
_YEAR = re.compile(r"(?<!\d)(?:1[34]\d\d|19\d\d|20\d\d)(?!\d)|منذ|قبل|\bago\b|il y a|اليوم|امس")
_CLOCK_TIME = re.compile(r"[\s,،|–-]{0,9}\d{1,2}:\d\d")
_WORD = re.compile(r"[^\W\d_]{2,}")
DATE_WORDS = frozenset(word for name in MONTH_NUMBERS for word in name.split()) | frozenset(
    map(
        fold,
        word_set(
            "الاثنين الإثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد مساء صباحا الساعة بتوقيت",
            "م ص هـ غرينتش جرينتش monday tuesday wednesday thursday friday saturday sunday mon tue",
            "wed thu fri sat sun am pm lundi mardi mercredi jeudi vendredi samedi dimanche gmt utc",
            "cet eet h st nd rd th er at le منذ قبل ساعة ساعات دقيقة دقائق يوم أيام أسبوع أسابيع",
            "اليوم أمس ago hour hours minute minutes day days today yesterday il y a heures",
            "jours hier",
        ),
    )
)
"""Words printed as parts of dates, folded: months, weekdays, units, time zones."""


class DateSource(IntEnum):
    """The source of a date, the most trusted first."""

    METADATA = 0
    PRINTED = 1
    URL = 2
    MODIFIED = 3
    GUESSED = 4


class DateCandidate(NamedTuple):
    """A date on the page, with its source and its original text."""

    kind: DateSource
    raw: str
    parsed: ParsedDate


def find_date_candidates(
    page: ParsedPage, lead_lines: Sequence[VisibleLine], now: datetime
) -> list[DateCandidate]:
    """Return the dates of metadata, `lead_lines` and the URL, the most trusted first.

    An ambiguous date is parsed again with the first certain date of publication as a hint.
    """
    candidates: list[DateCandidate] = []

    def add_candidates(kind: DateSource, raw_dates: Iterable[str | None]) -> None:
        for raw_date in dict.fromkeys(raw_dates):
            if raw_date and (parsed := read_date(raw_date, now=now)):
                candidates.append(DateCandidate(kind, raw_date, parsed))

    article = page.article
    stamps = [
        (stamp, _is_updated_element(element))
        for stamp, element in _machine_readable_dates(lead_lines)
    ]
    add_candidates(DateSource.METADATA, [article and article.published])
    add_candidates(
        DateSource.METADATA,
        [page.meta[name][0] for name in _PUBLISHED_META_NAMES if name in page.meta],
    )
    add_candidates(DateSource.METADATA, [raw for raw, modified in stamps if not modified])
    if not candidates:
        add_candidates(DateSource.METADATA, [article and article.created])
    candidates += _printed_candidates(lead_lines, now)
    if url_day := day_in_url(page.url):
        add_candidates(DateSource.URL, [url_day.isoformat()])
    add_candidates(DateSource.MODIFIED, [raw for raw, modified in stamps if modified])
    add_candidates(
        DateSource.MODIFIED,
        [page.meta[name][0] for name in _MODIFIED_META_NAMES if name in page.meta],
    )
    add_candidates(DateSource.MODIFIED, [article and article.modified])
    certain = (
        candidate
        for candidate in candidates
        if candidate.parsed.certain and candidate.kind is not DateSource.MODIFIED
    )
    hint = next((to_date(candidate.parsed.published) for candidate in certain), None)
    return [
        candidate if candidate.parsed.certain else _reparse(candidate, now, hint)
        for candidate in candidates
    ]


def _reparse(candidate: DateCandidate, now: datetime, hint: date | None) -> DateCandidate:
    return candidate._replace(
        parsed=read_date(candidate.raw, now=now, hint=hint) or candidate.parsed
    )


def labelled_candidates(
    nearby_lines: Sequence[VisibleLine], now: datetime
) -> Iterator[DateCandidate]:
    """Yield the dates in `nearby_lines` that are labelled as dates of publication."""
    for stamp, element in _machine_readable_dates(nearby_lines):
        if _PUBLISHED_ATTRIBUTE.search(_attribute_text(element)) and (
            parsed := read_date(stamp, now=now)
        ):
            yield DateCandidate(DateSource.METADATA, stamp, parsed)
    for candidate in _printed_candidates(nearby_lines, now):
        if _PUBLISHED_LABEL.search(fold(candidate.raw)) and candidate.kind is DateSource.PRINTED:
            yield candidate


def unlabelled_candidates(
    nearby_lines: Sequence[VisibleLine], now: datetime
) -> list[DateCandidate]:
    """Return all dates in `nearby_lines`, except those of today and the days next to it."""
    stamps = [
        DateCandidate(DateSource.GUESSED, stamp, parsed)
        for stamp, _ in _machine_readable_dates(nearby_lines)
        if (parsed := read_date(stamp, now=now))
    ]
    printed = [
        candidate._replace(kind=DateSource.GUESSED)
        for candidate in _printed_candidates(nearby_lines, now)
    ]
    return [candidate for candidate in (*stamps, *printed) if not is_around_today(candidate, now)]


def guess_candidates(page: ParsedPage, now: datetime) -> list[DateCandidate]:
    """Return the date that htmldate finds anywhere on the page, if it is before today."""
    from htmldate import find_date

    raw_date = find_date(
        page.tree,
        extensive_search=False,
        original_date=True,
        url=page.url or "",
        max_date=now.date().isoformat(),
    )
    parsed = read_date(raw_date, now=now) if raw_date else None
    if not raw_date or not parsed or to_date(parsed.published) >= now.date():
        return []
    return [DateCandidate(DateSource.GUESSED, raw_date, parsed)]


def is_around_today(candidate: DateCandidate, now: datetime) -> bool:
    """Return whether a candidate is at most one day from today, in any time zone."""
    return abs((to_date(candidate.parsed.published) - now.date()).days) <= 1


def _printed_candidates(lines: Sequence[VisibleLine], now: datetime) -> list[DateCandidate]:
    raw_dates = (raw for line in lines if _may_hold_date(line) for raw in _date_texts(line, now))
    return [
        DateCandidate(
            DateSource.MODIFIED if _is_update_label(raw) else DateSource.PRINTED, raw, parsed
        )
        for raw in dict.fromkeys(raw_dates)
        if (parsed := read_date(raw, now=now))
    ]


def _machine_readable_dates(lines: Sequence[VisibleLine]) -> Iterator[tuple[str, HtmlElement]]:
    """Yield the machine-readable dates of the lines' elements and their two nearest ancestors."""
    seen = set()
    for line in lines:
        for node in line.nodes:
            element: HtmlElement | None = node.container
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


def _attribute_text(element: HtmlElement) -> str:
    return " ".join(element.get(key) or "" for key in ("class", "itemprop", "id")).lower()


def _is_updated_element(element: HtmlElement) -> bool:
    attributes = _attribute_text(element)
    folded_text = fold(element.text_content()[:_MAX_DATE_LINE_LENGTH])
    is_publication = _PUBLISHED_ATTRIBUTE.search(attributes) or _PUBLISHED_LABEL.search(folded_text)
    return not is_publication and bool(
        _UPDATED_ATTRIBUTE.search(attributes) or _UPDATED_LABEL.search(folded_text)
    )


def _date_texts(line: VisibleLine, now: datetime) -> Iterator[str]:
    """Yield the parts of a line that contain a date, each with the label before it.

    Sites separate «نُشر: 4 مايو 2018» from its neighbours by style alone, without a space.
    """
    label = ""
    for index, node in enumerate(line.nodes):
        text = " ".join(node.text.split())
        if not _YEAR.search(fold(text)):
            label = f"{label} {text}"[-_MAX_DATE_LINE_LENGTH:]
            continue
        labelled_text = f"{label} {text}".strip()
        next_nodes = line.nodes[index + 1 :][:1]
        if next_nodes and _CLOCK_TIME.match(next_nodes[0].text):
            text, labelled_text = (
                f"{part} {next_nodes[0].text.strip()}" for part in (text, labelled_text)
            )
        has_date_label = _UPDATED_LABEL.search(fold(label)) or _PUBLISHED_LABEL.search(fold(label))
        yield labelled_text if has_date_label or not read_date(text, now=now) else text
        label = ""


def _is_update_label(text: str) -> bool:
    folded_text = fold(text)
    return bool(_UPDATED_LABEL.search(folded_text)) and not _PUBLISHED_LABEL.search(folded_text)


def _may_hold_date(line: VisibleLine) -> bool:
    """Return whether a line is about a date: by its markup, its label or its few other words."""
    folded_text = fold(line.spaced_text)
    if len(folded_text) > _MAX_DATE_LINE_LENGTH or not _YEAR.search(folded_text):
        return False
    other_word_count = sum(word not in DATE_WORDS for word in _WORD.findall(folded_text))
    if _has_date_markup(line):
        return other_word_count <= _MAX_MARKED_UP_OTHER_WORDS
    if _UPDATED_LABEL.search(folded_text) or _PUBLISHED_LABEL.search(folded_text):
        return other_word_count <= _MAX_LABELLED_OTHER_WORDS
    return other_word_count <= _MAX_OTHER_WORDS and all(
        _is_set_apart(fold(node.text)) for node in line.nodes
    )


def _is_set_apart(text: str) -> bool:
    """Return whether other words are separated from the date: «نوران - 4 مايو», not «في 4 مايو»."""
    digit_indexes = [index for index, char in enumerate(text) if char.isdigit()]
    other_words = [word for word in _WORD.finditer(text) if word.group() not in DATE_WORDS]
    if not digit_indexes or not other_words:
        return True
    ends_before = [word.end() for word in other_words if word.end() <= digit_indexes[0]]
    starts_after = [word.start() for word in other_words if word.start() > digit_indexes[-1]]
    return len(ends_before) + len(starts_after) == len(other_words) and all(
        _SEPARATOR.search(gap)
        for gap in (
            *(text[end : digit_indexes[0]] for end in ends_before[-1:]),
            *(text[digit_indexes[-1] : start] for start in starts_after[:1]),
        )
    )


def _has_date_markup(line: VisibleLine) -> bool:
    for element in {node.container for node in line.nodes}:
        ancestor = element
        for _ in range(3):
            if ancestor is None or ancestor.tag in ("body", "article", "main"):
                break
            if ancestor.tag == "time" or _DATE_ATTRIBUTE.search(_attribute_text(ancestor)):
                return True
            ancestor = ancestor.getparent()
    return False
