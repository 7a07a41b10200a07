"""Timelines as messages: the events that fit, in their words, and the buttons below."""

from __future__ import annotations

from datetime import date

from bot.research.views.timelines import render_timeline
from index.models import Quote
from index.research.topic_timeline import TopicTimeline
from tests.fixtures.messages import article, datas, quote, taken


def event(day: int, text: str) -> Quote:
    of = article(text, id=str(day), published=f"2026-01-{day:02}")
    return quote(of, highlight=(0, len(text)))


def timeline(*quotes: Quote, event_count: int) -> TopicTimeline:
    days = tuple(date(2026, 1, day) for day in range(1, event_count + 1))
    return TopicTimeline("port", None, quotes, event_count, days)


def test_each_event_has_its_date_its_sentence_and_its_citation_in_order_of_time() -> None:
    found = timeline(event(1, "The port is shut."), event(9, "It reopens."), event_count=2)
    rendered = render_timeline(found, 0, "en", 7)
    text = taken(rendered.message).text
    places = [
        text.index(part)
        for part in ("1 January 2026", "The port is shut.", "1. ", "It reopens.", "2. ")
    ]
    assert places == sorted(places)
    assert text.count("1 January 2026") == 3, "heading, event and citation"
    assert datas(rendered.message) == ["around:7:0", "around:7:1", "periods:7"]


def test_events_that_do_not_fit_are_left_for_the_button_that_shows_the_later_ones() -> None:
    long = [event(day, "n" * 890) for day in range(1, 9)]
    rendered = render_timeline(timeline(*long, event_count=20), 0, "en", 7)
    assert rendered.message.text.fits()
    assert 0 < rendered.quote_count < len(long)
    assert f"timeline:7:{rendered.quote_count}" in datas(rendered.message)


def test_the_numbers_go_on_where_the_last_message_ended() -> None:
    rendered = render_timeline(timeline(event(9, "It reopens."), event_count=9), 8, "en", 7)
    assert "9. " in taken(rendered.message).text
    assert rendered.message.buttons[0][0].label == "Context 9"
    assert "timeline:7:9" not in datas(rendered.message)
