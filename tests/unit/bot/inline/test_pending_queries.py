"""The queue of inline queries."""

from __future__ import annotations

from bot.inline.pending_queries import MAX_AGE_SECONDS, MAX_WAITING, PendingQueries
from bot.telegram.updates import Actor, InlineQueryEvent


def query(person: int, text: str) -> InlineQueryEvent:
    return InlineQueryEvent(Actor(person, "en"), f"{person} {text}", text)


def test_of_each_person_only_the_newest_query_waits_and_in_the_place_of_the_first() -> None:
    queue = PendingQueries(lambda: 0.0)
    for person, text in ((1, "p"), (2, "r"), (1, "po"), (1, "port"), (2, "rain")):
        queue.put(query(person, text))
    assert [queue.take() for _ in range(3)] == [query(1, "port"), query(2, "rain"), None]


def test_a_query_that_waited_too_long_is_dropped() -> None:
    now = 100.0
    queue = PendingQueries(lambda: now)
    queue.put(query(1, "port"))
    now += MAX_AGE_SECONDS / 2
    queue.put(query(2, "rain"))
    now += MAX_AGE_SECONDS / 2 + 1
    assert queue.take() == query(2, "rain")
    assert queue.take() is None


def test_where_too_many_people_wait_the_first_of_them_makes_room() -> None:
    queue = PendingQueries(lambda: 0.0)
    for person in range(MAX_WAITING + 1):
        queue.put(query(person, "port"))
    assert queue.take() == query(1, "port")
