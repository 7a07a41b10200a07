"""Validation and cleaning of questions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.questions import MAX_QUESTION_LENGTH, InvalidQuestion, QuestionError, clean_question


@pytest.mark.parametrize(
    ("raw", "question"),
    [
        ("من التقى في مرسى النور؟", "من التقى في مرسى النور؟"),
        ("  who \n met\t there? ", "who met there?"),
        ("who\x00met\x07there", "who met there"),
        ("\u202eمن التقى\u202c؟\u200f", "من التقى؟"),
        ("من\ud800 التقى", "من التقى"),
        ("من؟", "من؟"),
        ("ا" * MAX_QUESTION_LENGTH, "ا" * MAX_QUESTION_LENGTH),
    ],
)
def test_a_question_is_taken_without_what_cannot_be_seen(raw: str, question: str) -> None:
    assert clean_question(raw) == question


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        ("", QuestionError.EMPTY),
        (" \n\t ", QuestionError.EMPTY),
        ("ا", QuestionError.TOO_SHORT),
        ("a?", QuestionError.TOO_SHORT),
        ("ا\u064b\u200f", QuestionError.TOO_SHORT),
        ("؟", QuestionError.NO_WORDS),
        ("😀😀👩\u200d👩", QuestionError.NO_WORDS),
        ("\x00\x01\x02", QuestionError.NO_WORDS),
        ("\u202e\u2066", QuestionError.NO_WORDS),
        ("\ud800", QuestionError.NO_WORDS),
        ("\u0301" * 500, QuestionError.NO_WORDS),
        ("؟!…", QuestionError.NO_WORDS),
        ("ا" * (MAX_QUESTION_LENGTH + 1), QuestionError.TOO_LONG),
        ("سؤال " * 1_000, QuestionError.TOO_LONG),
        ("😀" * 5_000, QuestionError.TOO_LONG),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused_by_its_fault(
    raw: str, fault: QuestionError
) -> None:
    with pytest.raises(InvalidQuestion) as refusal:
        clean_question(raw)
    assert refusal.value.reason is fault


def test_each_fault_is_told_in_its_own_words_with_a_remedy() -> None:
    errors = [InvalidQuestion(fault, 5_000) for fault in QuestionError]
    assert len({error.message for error in errors}) == len(QuestionError)
    assert all(error.remedy for error in errors)


def test_a_question_that_is_too_long_is_told_its_length() -> None:
    with pytest.raises(InvalidQuestion, match="5,000 characters") as refusal:
        clean_question("ا" * 5_000)
    assert refusal.value.length == 5_000


@given(st.one_of(st.text(), st.text(alphabet="ا \u200f\ud800\x00؟😀a", max_size=1_100)))
def test_what_is_asked_is_never_empty_nor_longer_than_the_limit(raw: str) -> None:
    try:
        question = clean_question(raw)
    except InvalidQuestion:
        return
    assert 0 < len(question) <= MAX_QUESTION_LENGTH
    assert clean_question(question) == question
