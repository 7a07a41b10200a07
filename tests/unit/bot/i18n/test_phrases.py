"""What all messages say alike."""

from __future__ import annotations

from datetime import UTC, date, datetime

from bot.i18n.phrases import event_text
from tests.fixtures.messages import article, quote


def test_an_event_lasts_from_its_first_to_its_last_day_whether_times_are_known_or_not() -> None:
    published = (
        datetime(2026, 1, 12, 9, tzinfo=UTC),
        date(2026, 1, 10),
        "2026-01-11T08:00",
    )
    quotes = [quote(article(published=when)) for when in published]
    assert event_text(quotes, "en") == "10 January 2026 – 12 January 2026"
    assert event_text(quotes[:1], "en") == "12 January 2026"
