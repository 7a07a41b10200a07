"""A message may want the news of a day in brief."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.dialogue.summary_requests import find_summary_period

TODAY = date(2026, 2, 10)
MAY = (date(2018, 5, 29), date(2018, 5, 29))
YESTERDAY = (date(2026, 2, 9), date(2026, 2, 9))


@pytest.mark.parametrize(
    ("message", "days"),
    [
        ("Summarise 29 May 2018", MAY),
        ("summary of the news of 29 May 2018", MAY),
        ("summarize yesterday", YESTERDAY),
        ("لخص أخبار أمس", YESTERDAY),
        ("ملخص ما حدث يوم 29 مايو 2018", MAY),
        ("Résumé du 29 mai 2018", MAY),
        ("Résume les nouvelles d'hier", YESTERDAY),
        ("Summarise the agreement of Noran of 29 May 2018", None),
        ("Summarise", None),
        ("29 May 2018", None),
        ("What happened on 29 May 2018?", None),
        ("digestive health in May 2018", None),
        ("", None),
    ],
)
def test_a_summary_of_days_is_asked_for_by_a_word_and_a_time(
    message: str, days: tuple[date, date] | None
) -> None:
    assert find_summary_period(message, TODAY) == days


@given(st.text())
def test_any_text_is_a_request_or_none(message: str) -> None:
    find_summary_period(f"summarise {message}", TODAY)
