"""A message with several questions is divided where each can be asked alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.questions import MAX_QUESTIONS, split_questions


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "Who met in Noran? When does the port open?",
            ["Who met in Noran?", "When does the port open?"],
        ),
        ("من التقى في نوران؟ متى يفتح الميناء؟", ["من التقى في نوران؟", "متى يفتح الميناء؟"]),
        (
            "Who met in Noran?\nWhen does the port open",
            ["Who met in Noran?", "When does the port open"],
        ),
        ("Who met in Noran? And where?", None),
        ("Who met in Noran? and when does the port open?", None),
        ("من هو سالم؟ وأين؟", None),
        ("port of Noran\nopening hours", None),
        ("Who met in Noran??", None),
        ("?", None),
        ("", None),
    ],
)
def test_a_message_is_divided_into_questions_that_stand_alone(
    text: str, parts: list[str] | None
) -> None:
    assert split_questions(text) == (parts or [text])


def test_more_questions_than_are_answered_at_once_are_asked_as_one() -> None:
    text = " ".join(["Who met in Noran?"] * (MAX_QUESTIONS + 1))
    assert split_questions(text) == [text]


@given(st.text())
def test_no_word_is_lost(text: str) -> None:
    assert "".join(split_questions(text)).split() == text.split() or "".join(
        "".join(split_questions(text)).split()
    ) == "".join(text.split())
