"""The events of a topic, and the sentences that tell them."""

from __future__ import annotations

from datetime import date, timedelta

from index.research.topic_timeline import group_events, highlight_topic
from index.search.event_grouping import EVENT_GAP
from index.text.gazetteer import Gazetteer, GazetteerConfig
from tests.fixtures.messages import article, quote


def test_an_event_lasts_a_week_from_its_first_article_even_if_articles_follow_daily() -> None:
    first = date(2026, 1, 1)
    days = [first, first + EVENT_GAP, first + EVENT_GAP + timedelta(days=1)]
    assert group_events(days) == [[0, 1], [2]]
    assert group_events([]) == []


def test_a_sentence_that_names_the_topic_is_the_best_one() -> None:
    text = "Rain fell. The ports of Noran reopen. The port waits."
    gazetteer = Gazetteer(GazetteerConfig())
    found = quote(article(text), highlight=(0, 10))

    def best(topic: str) -> str:
        return text[slice(*highlight_topic(found, topic, gazetteer).highlight)]

    assert best("port") == "The ports of Noran reopen."
    assert best("rain") == "Rain fell."
    assert best("schools") == "Rain fell."
