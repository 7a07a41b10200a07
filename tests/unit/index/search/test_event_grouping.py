"""Quotes are grouped by the event that they tell, the newest first."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from index.models import Quote
from index.search.event_grouping import assign_events, event_starts, order_by_event
from tests.fixtures.messages import article, quote


def dated_quote(published: str | None, score: float = 0.8) -> Quote:
    return quote(article(published=published), score=score)


def days(quotes: tuple[Quote, ...]) -> list[str]:
    return [str(each.article.published)[:10] for each in quotes]


def test_quotes_of_the_same_week_share_an_event_and_those_of_other_years_do_not() -> None:
    quotes = assign_events(
        [
            dated_quote("2018-05-30"),
            dated_quote("2026-02-04"),
            dated_quote("2018-05-25"),
            dated_quote(None),
        ]
    )
    assert [each.event for each in quotes] == ["2018-05-25", "2026-02-04", "2018-05-25", None]


def test_the_newest_event_comes_first_and_its_quotes_keep_their_order() -> None:
    quotes = assign_events(
        [
            dated_quote("2018-05-30", 0.805),
            dated_quote("2026-02-04", 0.8),
            dated_quote("2018-05-25"),
            dated_quote("2026-02-01"),
        ]
    )
    assert days(order_by_event(quotes)) == ["2026-02-04", "2026-02-01", "2018-05-30", "2018-05-25"]


def test_a_much_better_quote_of_an_older_event_stays_first() -> None:
    quotes = assign_events([dated_quote("2018-05-30", 0.9), dated_quote("2026-02-04", 0.8)])
    assert days(order_by_event(quotes)) == ["2018-05-30", "2026-02-04"]


def test_quotes_with_one_that_has_no_date_keep_their_order() -> None:
    quotes = assign_events(
        [dated_quote("2018-05-30"), dated_quote(None), dated_quote("2026-02-04")]
    )
    assert order_by_event(quotes) == quotes


def test_an_event_starts_where_its_first_quote_stands() -> None:
    quotes = order_by_event(
        assign_events(
            [dated_quote("2018-05-30"), dated_quote("2026-02-04"), dated_quote("2026-02-04")]
        )
    )
    assert {index: len(group) for index, group in event_starts(quotes).items()} == {0: 2, 2: 1}
    assert event_starts(quotes[:2]) == {}
    assert event_starts((quotes[0], quotes[2], quotes[1])) == {}


@given(st.lists(st.dates(date(1990, 1, 1), date(2090, 1, 1)) | st.none(), max_size=8))
def test_grouping_loses_no_quote(published: list[date | None]) -> None:
    quotes = assign_events([dated_quote(str(day) if day else None) for day in published])
    assert sorted(days(order_by_event(quotes))) == sorted(days(quotes))
