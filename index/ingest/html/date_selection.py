"""When a page's story was published: what the page says of it, weighed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from index.ingest.html.date_candidates import (
    ClueKind,
    DateCandidate,
    find_date_candidates,
    guess_candidates,
    is_around_today,
    labelled_candidates,
    to_date,
    unlabelled_candidates,
)
from index.ingest.html.dom import VisibleLine
from index.ingest.html.metadata import ParsedPage
from index.models import DateProvenance
from index.text.normalise import fold

_YEAR_OR_NUMERIC_DATE = re.compile(r"\d{4}|\d{1,2}[/.-]\d{1,2}[/.-]\d{2}")
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d|\d{8,}")
MIN_PLAUSIBLE_YEAR = 1990


class PageDate(NamedTuple):
    """When a page's story was published, as `Brought` holds it."""

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
    """Weigh what the page says in its head, what is printed, and its address.

    `lead_lines` are the lines from headline to story. `nearby_lines` are some before and after
    these, which are asked where nothing else says the day. What no label calls the day of
    publication there may be that of another story, or today's, which many sites print: it is
    uncertain, or nothing.

    Published goes before modified, and metadata before print before the address. A reading that
    another clue confirms is certain; where two contradict each other by a day or more, or the day
    is not likely to be true, the date is uncertain and the others are given with it.

    """
    clues = find_date_candidates(page, lead_lines, now)
    firm = [clue for clue in clues if clue.kind <= ClueKind.URL]
    firm = firm or list(labelled_candidates(nearby_lines, now))
    if firm:
        return _weigh_firm_clues(firm, now)
    weak = [clue for clue in clues if clue.kind is ClueKind.MODIFIED]
    weak = weak or unlabelled_candidates(nearby_lines, now) or guess_candidates(page, now)
    if not weak:
        return PageDate(None, DateProvenance.UNKNOWN)
    return PageDate(
        _drop_midnight(weak[0].parsed.published), DateProvenance.UNCERTAIN, _printed_text(weak[:1])
    )


def may_be_same_day(first: date | datetime, second: date | datetime) -> bool:
    """Say whether two dates can be one day's: times of different zones may lie a day apart."""
    utc_offsets = [_utc_offset(first), _utc_offset(second)]
    days_apart = abs((to_date(first) - to_date(second)).days)
    return days_apart == 0 or (days_apart == 1 and utc_offsets[0] != utc_offsets[1])


def _utc_offset(value: date | datetime) -> timedelta | None:
    return value.utcoffset() if isinstance(value, datetime) else None


def _weigh_firm_clues(clues: list[DateCandidate], now: datetime) -> PageDate:
    plausible = [clue for clue in clues if _is_plausible(clue.parsed.published, now)]
    best = _best_clue(plausible or clues, now)
    agreeing = [
        clue for clue in clues if may_be_same_day(clue.parsed.published, best.parsed.published)
    ]
    conflicting = [
        clue for clue in clues if clue not in agreeing and not _may_be_masthead(clue, now)
    ]
    confirmed = (best.parsed.certain and not _is_relative(best)) or len(
        {clue.kind for clue in agreeing}
    ) > 1
    otherwise = [clue.parsed.published for clue in conflicting]
    if not confirmed:
        otherwise += best.parsed.alternatives
    certain = confirmed and not conflicting and bool(plausible)
    return PageDate(
        _drop_midnight(_most_precise(agreeing, best)),
        DateProvenance.PAGE if certain else DateProvenance.UNCERTAIN,
        _printed_text(agreeing),
        tuple(dict.fromkeys(map(_drop_midnight, otherwise)))[:5],
    )


def _best_clue(clues: list[DateCandidate], now: datetime) -> DateCandidate:
    """Return the most trusted clue, or the one that more kinds of clues agree with.

    Where something says another day than today, today is when the page was made.
    """

    def count_supporting_kinds(clue: DateCandidate) -> int:
        agreeing = (
            other
            for other in clues
            if may_be_same_day(other.parsed.published, clue.parsed.published)
        )
        return len({other.kind for other in agreeing})

    not_today = [clue for clue in clues if not is_around_today(clue, now)] or clues
    most_trusted = min(not_today, key=lambda clue: clue.kind)
    return max((most_trusted, *not_today), key=count_supporting_kinds)


def _is_plausible(value: date | datetime, now: datetime) -> bool:
    return value.year >= MIN_PLAUSIBLE_YEAR and to_date(value) <= now.date() + timedelta(days=1)


def _may_be_masthead(clue: DateCandidate, now: datetime) -> bool:
    """Say whether a printed date may be that of the day on which the page was fetched."""
    return clue.kind is ClueKind.PRINTED and is_around_today(clue, now)


def _is_relative(clue: DateCandidate) -> bool:
    """Say so of «منذ ساعتين», which is wrong of a page that was kept for a while."""
    return clue.kind is ClueKind.PRINTED and not _YEAR_OR_NUMERIC_DATE.search(fold(clue.raw))


def _most_precise(agreeing: list[DateCandidate], best: DateCandidate) -> date | datetime:
    """Return the reading that says most: a time with its zone, a time, a day."""

    def precision(clue: DateCandidate) -> tuple[int, int]:
        value = _drop_midnight(clue.parsed.published)
        has_time = isinstance(value, datetime)
        return has_time + (has_time and _utc_offset(value) is not None), -clue.kind

    return max((best, *agreeing), key=precision).parsed.published


def _drop_midnight(value: date | datetime) -> date | datetime:
    """Return the day where the time is midnight to the second: publishing systems print it so."""
    is_midnight = isinstance(value, datetime) and value.time() == time()
    return value.date() if is_midnight and isinstance(value, datetime) else value


def _printed_text(clues: Sequence[DateCandidate]) -> str | None:
    worded = [clue for clue in clues if not _ISO_DATE.match(clue.raw)]
    best = min(worded, key=lambda clue: clue.kind is not ClueKind.PRINTED, default=None)
    return best and best.raw
