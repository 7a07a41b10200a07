"""A question that leans on the one before it takes over what it lacks."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.dialogue.follow_ups import find_own_spans, resolve_follow_up
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
DATED = "How many pupils enrolled in Noran in September 2016?"
TODAY = date(2026, 2, 4)


@pytest.mark.parametrize(
    ("earlier", "question", "understood"),
    [
        (ENGLISH, "and when?", "pupils enrolled in Noran: and when?"),
        (ENGLISH, "who taught them?", "pupils enrolled in Noran: who taught them?"),
        (ENGLISH, "how many teachers?", "pupils enrolled in Noran: how many teachers?"),
        (ARABIC, "ومن رعاه؟", "يفتح ميناء نوران: ومن رعاه؟"),
        (ARABIC, "ولماذا؟", "يفتح ميناء نوران: ولماذا؟"),
        (ARABIC, "وماذا قال المدير؟", "يفتح ميناء نوران: وماذا قال المدير؟"),
        (ENGLISH, "and the teachers?", f"{ENGLISH[:-1]}: and the teachers?"),
        (
            ENGLISH,
            "how far is it from Tarsila?",
            "pupils enrolled in Noran: how far is it from Tarsila?",
        ),
        (DATED, "how many left?", "pupils enrolled in Noran in September 2016: how many left?"),
    ],
)
def test_what_is_missing_comes_from_the_question_before(
    earlier: str, question: str, understood: str
) -> None:
    found = resolve_follow_up(question, [earlier], PLACES, TODAY)
    assert found
    assert found.question == understood
    assert found.question == f"{found.carried}: {question}"


@pytest.mark.parametrize(
    ("earlier", "question", "understood"),
    [
        (ENGLISH, "And in Tarsila?", "How many pupils enrolled in Tarsila"),
        (ENGLISH, "What about Tarsila?", "How many pupils enrolled in Tarsila"),
        (ARABIC, "وتارسيلا؟", "متى يفتح ميناء تارسيلا"),
        (ARABIC, "وماذا عن تارسيلا؟", "متى يفتح ميناء تارسيلا"),
        (DATED, "and in Tarsila?", "How many pupils enrolled in Tarsila"),
        (DATED, "and in Tarsila in May 2017?", "How many pupils enrolled in Tarsila in May 2017"),
        ("ميناء نوران يوم 25 اكتوبر 2016", "ويوم 23 نوفمبر", "ميناء نوران: ويوم 23 نوفمبر 2016"),
    ],
)
def test_a_name_or_a_time_takes_the_place_of_one_of_its_kind(
    earlier: str, question: str, understood: str
) -> None:
    found = resolve_follow_up(question, [earlier], PLACES, TODAY)
    assert found
    assert (found.question, found.is_contrast) == (understood, True)


def test_the_own_words_of_a_follow_up_are_found_in_what_is_searched() -> None:
    found = resolve_follow_up("and the teachers in May 2017?", [ENGLISH], PLACES, TODAY)
    assert found
    assert found.names_time
    (span,) = find_own_spans(found, found.question)
    assert found.question[slice(*span)] == "teachers"


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
    assert resolve_follow_up(question, [ENGLISH], PLACES, TODAY) is None


def test_without_an_earlier_question_nothing_is_carried_over() -> None:
    assert resolve_follow_up("and when?", [], PLACES, TODAY) is None
    assert resolve_follow_up("and when?", ["and where?"], PLACES, TODAY) is None


@given(st.text(), st.text())
def test_any_two_texts_are_taken(question: str, earlier: str) -> None:
    found = resolve_follow_up(question, [earlier], PLACES, TODAY)
    assert found is None or found.carried
