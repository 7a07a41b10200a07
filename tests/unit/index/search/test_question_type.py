"""A question for a number or a time is told apart, and so is a text that holds none."""

from __future__ import annotations

import pytest

from index.search.question_type import QuestionType, detect_question_type, holds_requested


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("متى تجرى الانتخابات البلدية؟", QuestionType.TIME),
        ("متي يفتح الميناء", QuestionType.TIME),
        ("وقتاش ترجع السفينة", QuestionType.TIME),
        ("When does the port reopen?", QuestionType.TIME),
        ("Quand rouvre le port ?", QuestionType.TIME),
        ("كم عدد سكان نوران؟", QuestionType.NUMBER),
        ("قداش تلميذ في المدرسة", QuestionType.NUMBER),
        ("how many pupils enrolled", QuestionType.NUMBER),
        ("Quel âge a le maire ?", QuestionType.NUMBER),
        ("Combien de ponts sont fermés ?", QuestionType.NUMBER),
        ("من التقى في باريس؟", QuestionType.OTHER),
        ("Who heads the school?", QuestionType.OTHER),
        ("Qui a fermé les ponts ?", QuestionType.OTHER),
        ("ماذا قال المحكوم عليه؟", QuestionType.OTHER),
    ],
)
def test_what_a_question_asks_for_is_told_from_its_words(
    question: str, expected: QuestionType
) -> None:
    assert detect_question_type(question) is expected


@pytest.mark.parametrize(
    ("text", "number", "time"),
    [
        ("غادرت ثلاث سفن الميناء", True, False),
        ("Two hundred pupils enrolled", True, False),
        ("يعود الميناء إلى العمل يوم الأحد", False, True),
        ("Le maire a fermé le port en mars", False, True),
        ("The bridge was built in 1911", True, True),
        ("The mayor spoke yesterday", False, True),
        ("The mayor closed the bridge", False, False),
        ("أغلق رئيس البلدية الجسر", False, False),
    ],
)
def test_a_text_holds_a_number_or_a_time_or_neither(text: str, number: bool, time: bool) -> None:
    assert holds_requested(QuestionType.NUMBER, text) is number
    assert holds_requested(QuestionType.TIME, text) is time
    assert holds_requested(QuestionType.OTHER, text)
