"""A question that leans on the one before it takes over what it lacks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.dialogue.follow_ups import resolve_follow_up
from index.text.gazetteer import Gazetteer, GazetteerConfig

PLACES = Gazetteer(
    GazetteerConfig.model_validate(
        {
            "name": [
                {"kind": "place", "ar": [ar], "en": [en], "fr": [en], "seen": ["a test"]}
                for ar, en in (("نوران", "Noran"), ("تارسيلا", "Tarsila"))
            ]
        }
    )
)
ENGLISH = "How many pupils enrolled in Noran?"
ARABIC = "متى يفتح ميناء نوران؟"


@pytest.mark.parametrize(
    ("earlier", "question", "understood"),
    [
        (ENGLISH, "and when?", "pupils enrolled in Noran: and when?"),
        (ENGLISH, "And in Tarsila?", "How many pupils enrolled in: And in Tarsila?"),
        (ENGLISH, "who taught them?", "pupils enrolled in Noran: who taught them?"),
        (ENGLISH, "how many teachers?", "pupils enrolled in Noran: how many teachers?"),
        (ARABIC, "ومن رعاه؟", "يفتح ميناء نوران: ومن رعاه؟"),
        (ARABIC, "ولماذا؟", "يفتح ميناء نوران: ولماذا؟"),
        (ARABIC, "وتارسيلا؟", "متى يفتح ميناء: وتارسيلا؟"),
    ],
)
def test_what_is_missing_comes_from_the_question_before(
    earlier: str, question: str, understood: str
) -> None:
    found = resolve_follow_up(question, [earlier], PLACES)
    assert found
    assert found.question == understood
    assert found.question == f"{found.carried}: {question}"


@pytest.mark.parametrize(
    "question",
    [
        "Who opened the new school of Tarsila on Monday?",
        "من افتتح المدرسة الجديدة في تارسيلا؟",
        "Tarsila",
        "harbour fees",
        "Who met in Tarsila?",
        "ميناء تارسيلا",
        "",
    ],
)
def test_a_question_that_stands_alone_is_not_touched(question: str) -> None:
    assert resolve_follow_up(question, [ENGLISH], PLACES) is None


def test_without_an_earlier_question_nothing_is_carried_over() -> None:
    assert resolve_follow_up("and when?", [], PLACES) is None
    assert resolve_follow_up("and when?", ["and where?"], PLACES) is None


@given(st.text(), st.text())
def test_any_two_texts_are_taken(question: str, earlier: str) -> None:
    found = resolve_follow_up(question, [earlier], PLACES)
    assert found is None or found.question.endswith(question)
