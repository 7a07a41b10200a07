"""When a page's story was published: what the page says of it, weighed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from index.ingest.html.date_candidates import (
    ClueKind,
    DateCandidate,
    clues_of,
    day_of,
    guessed,
    is_of_today,
    labelled,
    unlabelled,
)
from index.ingest.html.dom import VisibleLine
from index.ingest.html.metadata import ParsedPage
from index.models import DateProvenance
from index.text.normalise import fold

_YEAR = re.compile(r"\d{4}|\d{1,2}[/.-]\d{1,2}[/.-]\d{2}")
_ISO = re.compile(r"\d{4}-\d\d-\d\d|\d{8,}")
FIRST_LIKELY_YEAR = 1990


class PageDate(NamedTuple):
    """When a page's story was published, as `Brought` holds it."""

    published: date | datetime | None
    found: DateProvenance
    printed: str | None = None
    otherwise: tuple[date | datetime, ...] = ()


def date_of_page(
    page: ParsedPage, lead: Sequence[VisibleLine], beside: Sequence[VisibleLine], *, now: datetime
) -> PageDate:
    """Weigh what the page says in its head, what is printed, and its address.

    `lead` are the lines from headline to story. `beside` are some before and after these, which
    are asked where nothing else says the day. What no label calls the day of publication there may
    be that of another story, or today's, which many sites print: it is uncertain, or nothing.

    Published goes before modified, and metadata before print before the address. A reading that
    another clue confirms is certain; where two contradict each other by a day or more, or the day
    is not likely to be true, the date is uncertain and the others are given with it.
    """
    clues = clues_of(page, lead, now)
    firm = [clue for clue in clues if clue.kind <= ClueKind.ADDRESS]
    firm = firm or list(labelled(beside, now))
    if firm:
        return _weighed(firm, now)
    weak = [clue for clue in clues if clue.kind is ClueKind.MODIFIED]
    weak = weak or unlabelled(beside, now) or guessed(page, now)
    if not weak:
        return PageDate(None, DateProvenance.UNKNOWN)
    return PageDate(
        _day_if_midnight(weak[0].read.published), DateProvenance.UNCERTAIN, _printed(weak[:1])
    )


def near(one: date | datetime, other: date | datetime) -> bool:
    """Say whether two dates can be one day's: times of different zones may lie a day apart."""
    zones = [_zone(one), _zone(other)]
    apart = abs((day_of(one) - day_of(other)).days)
    return apart == 0 or (apart == 1 and zones[0] != zones[1])


def _zone(value: date | datetime) -> timedelta | None:
    return value.utcoffset() if isinstance(value, datetime) else None


def _weighed(clues: list[DateCandidate], now: datetime) -> PageDate:
    likely = [clue for clue in clues if _is_likely(clue.read.published, now)]
    best = _best(likely or clues, now)
    same = [clue for clue in clues if near(clue.read.published, best.read.published)]
    others = [clue for clue in clues if clue not in same and not _is_masthead(clue, now)]
    confirmed = (best.read.certain and not _is_relative(best)) or len(
        {clue.kind for clue in same}
    ) > 1
    otherwise = [clue.read.published for clue in others]
    if not confirmed:
        otherwise += best.read.otherwise
    certain = confirmed and not others and bool(likely)
    return PageDate(
        _day_if_midnight(_most_exact(same, best)),
        DateProvenance.PAGE if certain else DateProvenance.UNCERTAIN,
        _printed(same),
        tuple(dict.fromkeys(map(_day_if_midnight, otherwise)))[:5],
    )


def _best(clues: list[DateCandidate], now: datetime) -> DateCandidate:
    """Return the most trusted clue, or the one that more kinds of clues agree with.

    Where something says another day than today, today is when the page was made.
    """

    def supporters(clue: DateCandidate) -> int:
        agreeing = (one for one in clues if near(one.read.published, clue.read.published))
        return len({one.kind for one in agreeing})

    own = [clue for clue in clues if not is_of_today(clue, now)] or clues
    first = min(own, key=lambda clue: clue.kind)
    return max((first, *own), key=supporters)


def _is_likely(value: date | datetime, now: datetime) -> bool:
    return value.year >= FIRST_LIKELY_YEAR and day_of(value) <= now.date() + timedelta(days=1)


def _is_masthead(clue: DateCandidate, now: datetime) -> bool:
    """Say whether a printed date may be that of the day on which the page was fetched."""
    return clue.kind is ClueKind.PRINTED and is_of_today(clue, now)


def _is_relative(clue: DateCandidate) -> bool:
    """Say so of «منذ ساعتين», which is wrong of a page that was kept for a while."""
    return clue.kind is ClueKind.PRINTED and not _YEAR.search(fold(clue.raw))


def _most_exact(same: list[DateCandidate], best: DateCandidate) -> date | datetime:
    """Return the reading that says most: a time with its zone, a time, a day."""

    def exactness(clue: DateCandidate) -> tuple[int, int]:
        value = _day_if_midnight(clue.read.published)
        timed = isinstance(value, datetime)
        return timed + (timed and _zone(value) is not None), -clue.kind

    return max((best, *same), key=exactness).read.published


def _day_if_midnight(value: date | datetime) -> date | datetime:
    """Return the day where the time is midnight to the second: publishing systems print it so."""
    midnight = isinstance(value, datetime) and value.time() == time()
    return value.date() if midnight and isinstance(value, datetime) else value


def _printed(clues: Sequence[DateCandidate]) -> str | None:
    in_words = [clue for clue in clues if not _ISO.match(clue.raw)]
    best = min(in_words, key=lambda clue: clue.kind is not ClueKind.PRINTED, default=None)
    return best and best.raw
