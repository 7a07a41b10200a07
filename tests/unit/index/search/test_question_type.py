"""What a question asks for is told apart, and so is a text that holds nothing of the kind."""

from __future__ import annotations

import pytest

from index.search.question_type import QuestionType, detect_question_types, holds_requested
from index.text.gazetteer import Gazetteer, GazetteerConfig, GazetteerEntry

NUMBER, TIME, PERSON, PLACE = QuestionType
GAZETTEER = Gazetteer(
    GazetteerConfig(
        name=(
            GazetteerEntry(
                kind="person", ar=("ألمازا",), en=("Almaza",), fr=("Almaza",), seen=("example",)
            ),
            GazetteerEntry(
                kind="place", ar=("نوران",), en=("Noran",), fr=("Noran",), seen=("example",)
            ),
        )
    )
)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("متى تجرى الانتخابات البلدية؟", {TIME}),
        ("متي يفتح الميناء", {TIME}),
        ("وقتاش ترجع السفينة", {TIME}),
        ("When does the port reopen?", {TIME}),
        ("Quand rouvre le port ?", {TIME}),
        ("le port rouvre quand", {TIME}),
        ("كم عدد سكان نوران؟", {NUMBER}),
        ("قداش تلميذ في المدرسة", {NUMBER}),
        ("how many pupils enrolled", {NUMBER}),
        ("Quel âge a le maire ?", {NUMBER}),
        ("Combien de ponts sont fermés ?", {NUMBER}),
        ("من التقى في باريس؟", {PERSON}),
        ("شكون رئيس البلدية", {PERSON}),
        ("Who heads the school?", {PERSON}),
        ("Who met the captain when he came back?", {PERSON}),
        ("Avec qui le maire a-t-il signé ?", {PERSON}),
        ("Qui a fermé les ponts ?", {PERSON}),
        ("أين يقع الميناء؟", {PLACE}),
        ("من أين أتت السفينة؟", {PLACE}),
        ("وين طاح الجسر", {PLACE}),
        ("Where did the tower stand?", {PLACE}),
        ("Où se trouve l'école ?", {PLACE}),
        ("في أي مدينة سقط البرج؟", {PLACE}),
        ("من أغلق الجسر وأين؟", {PERSON, PLACE}),
        ("ماذا قال المحكوم عليه؟", set()),
        ("Le maire qui a fermé les ponts ou les écoles", set()),
        ("Why did the mayor close the bridge?", set()),
    ],
)
def test_what_a_question_asks_for_is_told_from_its_words(
    question: str, expected: set[QuestionType]
) -> None:
    assert detect_question_types(question) == expected


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("غادرت ثلاث سفن الميناء", {NUMBER, PLACE}),
        ("two hundred pupils enrolled", {NUMBER}),
        ("يعودون إلى العمل يوم الأحد", {TIME}),
        ("Le maire a tout fermé en mars", {TIME, PERSON}),
        ("the bridge was built in 1911", {NUMBER, TIME}),
        ("they spoke yesterday", {TIME}),
        ("وقالت ألمازا إنهم عادوا", {PERSON}),
        ("وللوزير رأي آخر", {PERSON}),
        ("the decision of Omar al-Farsi", {PERSON}),
        ("the bridge of noran", {PLACE}),
        ("they went to Sandport", {PLACE}),
        ("سقط البرج", set()),
        ("the tower fell", set()),
    ],
)
def test_a_text_holds_a_number_a_time_a_person_or_a_place(
    text: str, held: set[QuestionType]
) -> None:
    assert {
        kind for kind in QuestionType if holds_requested(frozenset({kind}), text, GAZETTEER)
    } == held


def test_a_text_must_hold_all_that_is_asked_for() -> None:
    both = frozenset({PERSON, PLACE})
    assert holds_requested(both, "Almaza came to Noran", GAZETTEER)
    assert not holds_requested(both, "almaza came back", GAZETTEER)
    assert holds_requested(frozenset(), "the tower fell", GAZETTEER)
