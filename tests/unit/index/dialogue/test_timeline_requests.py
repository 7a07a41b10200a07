"""Messages that ask for a timeline."""

from __future__ import annotations

import pytest

from index.dialogue.timeline_requests import find_timeline_topic


@pytest.mark.parametrize(
    ("message", "topic"),
    [
        ("timeline of the port", "the port"),
        ("Timeline: Noran?", "Noran"),
        ("show me the timeline of events in Noran", "Noran"),
        ("la chronologie des élections", "élections"),
        ("Chronologie de Noran", "Noran"),
        ("التسلسل الزمني لنوران", "نوران"),
        ("التسلسل الزمني للانتخابات", "الانتخابات"),
        ("التسلسل الزمني لـ سالم الدرويش", "سالم الدرويش"),
        ("التسلسل الزمني للأحداث في نوران", "نوران"),
        ("what is the timeline?", None),
        ("timeline of ?", None),
        ("who met in Noran?", None),
    ],
)
def test_a_message_that_asks_for_a_timeline_names_its_topic(
    message: str, topic: str | None
) -> None:
    assert find_timeline_topic(message) == topic
