"""Group the quotes of an answer by the event that they tell (pure functions).

Quotes that answer the same question tell the same event if they were published within a few days of
one another; their texts need not be compared, because the question has already chosen them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import accumulate, groupby

from index.models import Quote
from index.text.dates.days import to_date

EVENT_GAP = timedelta(days=7)
"""Quotes published further apart than this, with none between them, tell different events."""
MAX_SCORE_LEAD = 0.01
"""The newest event comes first only if its best quote scores at most this much less than the best:
otherwise the best quote is a better answer than the newest one."""


def assign_events(quotes: Sequence[Quote]) -> tuple[Quote, ...]:
    """Return the quotes, in the same order, with the ids of the events that they tell.

    The id of an event is the first day on which one of its quotes was published.
    """
    days = sorted({day for quote in quotes if (day := publication_day(quote))})
    event_by_day: dict[date, str] = {}
    for index, day in enumerate(days):
        follows = index > 0 and day - days[index - 1] <= EVENT_GAP
        event_by_day[day] = event_by_day[days[index - 1]] if follows else day.isoformat()
    return tuple(
        quote.model_copy(update={"event": event_by_day[day]})
        if (day := publication_day(quote))
        else quote
        for quote in quotes
    )


def order_by_event(quotes: Sequence[Quote]) -> tuple[Quote, ...]:
    """Return the quotes by event, the newest event first, if they tell different events.

    Quotes keep their order within an event. If the best quote is far ahead of those of a newer
    event, or a quote has no date, all keep their order.
    """
    events = {quote.event for quote in quotes}
    if len(events) < 2 or None in events:
        return tuple(quotes)
    best_score = max(quote.score for quote in quotes)
    newest = max(event for event in events if event)
    lead = best_score - max(quote.score for quote in quotes if quote.event == newest)
    if lead > MAX_SCORE_LEAD:
        return tuple(quotes)
    return tuple(sorted(quotes, key=lambda quote: quote.event or "", reverse=True))


def event_starts(quotes: Sequence[Quote]) -> dict[int, list[Quote]]:
    """Return the quotes of each event by the index of its first one.

    Empty if the quotes tell one event only, or if they do not stand together by event.
    """
    groups = [list(group) for _, group in groupby(quotes, key=lambda quote: quote.event)]
    events = {quote.event for quote in quotes}
    if len(groups) < 2 or len(events) < len(groups) or None in events:
        return {}
    starts = accumulate((len(group) for group in groups[:-1]), initial=0)
    return dict(zip(starts, groups, strict=True))


def publication_day(quote: Quote) -> date | None:
    """Return the day on which the article of a quote was published; None if it is unknown."""
    published = quote.article.published
    return published and to_date(published)
