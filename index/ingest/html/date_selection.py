"""Choose the date of publication among the date candidates of a page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from index.ingest.html.date_candidates import (
    DateCandidate,
    DateSource,
    find_date_candidates,
    guess_candidates,
    is_around_today,
    labelled_candidates,
    unlabelled_candidates,
)
from index.ingest.html.dom import VisibleLine
from index.ingest.html.metadata import ParsedPage
from index.models import DateProvenance
from index.text.dates.days import may_be_same_day, to_date, to_source_local_time, to_utc_offset
from index.text.normalise import fold

_YEAR_OR_NUMERIC_DATE = re.compile(r"\d{4}|\d{1,2}[/.-]\d{1,2}[/.-]\d{2}")
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d|\d{8,}")
MIN_PLAUSIBLE_YEAR = 1990


class PageDate(NamedTuple):
    """The date of publication of a page, with the fields of `ExtractedArticle` about it."""

    published: date | datetime | None
    provenance: DateProvenance
    printed: str | None = None
    otherwise: tuple[date | datetime, ...] = ()


def select_page_date(
    page: ParsedPage,
    lead_lines: Sequence[VisibleLine],
    nearby_lines: Sequence[VisibleLine],
    *,
    now: datetime,
) -> PageDate:
    """Return the date chosen from metadata, printed lines and the URL.

    `lead_lines` are the lines from headline to story. `nearby_lines` are some before and after
    these; they are used only if nothing else states a date. An unlabelled date there may be
    another story's, or today's, which many sites print: it is uncertain, or ignored.

    Published precedes modified; metadata precede printed dates, which precede the URL. A date
    that another kind of candidate confirms is certain. If candidates contradict each other by a
    day or more, or the date is implausible, it is uncertain and the others are returned with it.
    """
    candidates = find_date_candidates(page, lead_lines, now)
    firm = [candidate for candidate in candidates if candidate.kind <= DateSource.URL]
    firm = firm or list(labelled_candidates(nearby_lines, now))
    if firm:
        return _weigh_firm_candidates(firm, now)
    weak = [candidate for candidate in candidates if candidate.kind is DateSource.MODIFIED]
    weak = weak or unlabelled_candidates(nearby_lines, now) or guess_candidates(page, now)
    if not weak:
        return PageDate(None, DateProvenance.UNKNOWN)
    return PageDate(
        _drop_midnight(weak[0].parsed.published), DateProvenance.UNCERTAIN, _printed_text(weak[:1])
    )


def _weigh_firm_candidates(candidates: list[DateCandidate], now: datetime) -> PageDate:
    plausible = [
        candidate for candidate in candidates if _is_plausible(candidate.parsed.published, now)
    ]
    best = _best_candidate(plausible or candidates, now)
    agreeing = [
        candidate
        for candidate in candidates
        if may_be_same_day(candidate.parsed.published, best.parsed.published)
    ]
    conflicting = [
        candidate
        for candidate in candidates
        if candidate not in agreeing and not _may_be_masthead(candidate, now)
    ]
    confirmed = (best.parsed.certain and not _is_relative(best)) or len(
        {candidate.kind for candidate in agreeing}
    ) > 1
    otherwise = [candidate.parsed.published for candidate in conflicting]
    if not confirmed:
        otherwise += best.parsed.alternatives
    certain = confirmed and not conflicting and bool(plausible)
    return PageDate(
        _in_source_local_time(_drop_midnight(_most_precise(agreeing, best)), agreeing),
        DateProvenance.PAGE if certain else DateProvenance.UNCERTAIN,
        _printed_text(agreeing),
        tuple(dict.fromkeys(map(_drop_midnight, otherwise)))[:5],
    )


def _best_candidate(candidates: list[DateCandidate], now: datetime) -> DateCandidate:
    """Return the candidate that most kinds support; of equals, the most trusted.

    Candidates around today are ignored if there are others: many pages print the day on which
    they were generated.
    """

    def count_supporting_kinds(candidate: DateCandidate) -> int:
        agreeing = (
            other
            for other in candidates
            if may_be_same_day(other.parsed.published, candidate.parsed.published)
        )
        return len({other.kind for other in agreeing})

    not_today = [
        candidate for candidate in candidates if not is_around_today(candidate, now)
    ] or candidates
    most_trusted = min(not_today, key=lambda candidate: candidate.kind)
    return max((most_trusted, *not_today), key=count_supporting_kinds)


def _is_plausible(value: date | datetime, now: datetime) -> bool:
    return value.year >= MIN_PLAUSIBLE_YEAR and to_date(value) <= now.date() + timedelta(days=1)


def _may_be_masthead(candidate: DateCandidate, now: datetime) -> bool:
    """Return whether a printed date may be the site's current date rather than the story's."""
    return candidate.kind is DateSource.PRINTED and is_around_today(candidate, now)


def _is_relative(candidate: DateCandidate) -> bool:
    """Return whether a date is relative («منذ ساعتين») and thus wrong if the page was cached."""
    return candidate.kind is DateSource.PRINTED and not _YEAR_OR_NUMERIC_DATE.search(
        fold(candidate.raw)
    )


def _most_precise(agreeing: list[DateCandidate], best: DateCandidate) -> date | datetime:
    """Return the most precise date: a time with its zone, else a time, else a day."""

    def precision(candidate: DateCandidate) -> tuple[int, int]:
        value = _drop_midnight(candidate.parsed.published)
        has_time = isinstance(value, datetime)
        return has_time + (has_time and to_utc_offset(value) is not None), -candidate.kind

    return max((best, *agreeing), key=precision).parsed.published


def _in_source_local_time(
    published: date | datetime, agreeing: Iterable[DateCandidate]
) -> date | datetime:
    """Return the date in the clock of the page, by the day and time that it prints or else its URL.

    Metadata are often in UTC, in which a story of the evening may be of the next day.
    """
    if not isinstance(published, datetime) or published.tzinfo is None:
        return published
    readings = [
        to_source_local_time(published, _drop_midnight(candidate.parsed.published))
        for candidate in sorted(agreeing, key=lambda candidate: candidate.kind)
        if candidate.kind in (DateSource.PRINTED, DateSource.URL) and not _is_relative(candidate)
    ]
    in_other_zone = (
        reading
        for reading in readings
        if to_utc_offset(reading) not in (None, to_utc_offset(published))
    )
    return next(in_other_zone, readings[0] if readings else published)


def _drop_midnight(value: date | datetime) -> date | datetime:
    """Return the day if the time is midnight, which publishing systems write for no time."""
    is_midnight = isinstance(value, datetime) and value.time() == time()
    return value.date() if is_midnight and isinstance(value, datetime) else value


def _printed_text(candidates: Sequence[DateCandidate]) -> str | None:
    worded = [candidate for candidate in candidates if not _ISO_DATE.match(candidate.raw)]
    best = min(worded, key=lambda candidate: candidate.kind is not DateSource.PRINTED, default=None)
    return best and best.raw
